import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openEventLog } from '@weir/connectors';
import type { BacktestJob, Unsequenced } from '@weir/contracts';
import { compileRule, parseSchema, type EventSchema, type TypedRule } from '@weir/rule-lang';
import { embeddedEngine } from '../engine-host/embedded-engine.js';
import { BacktestJobs, type BacktestThread } from '../live/backtest-jobs.js';
import { withFolder } from '../testing/in-process-engine.js';
import { backtestLog, type LogBacktestResult } from './backtest-log.js';
import { serveBacktest, type BacktestRequest, type FromBacktest } from './serve-backtest.js';

const schemaText = `version: 1
events:
  payment:
    acct: { type: string, required: true }
    amount: { type: decimal, scale: 2, required: true }
  label:
    late: restamp
    event_id: { type: string, required: true }
    fraud: { type: bool, required: true }
`;
const ruleText = (when: string): string => `rule: tried\ntitle: T\ndescription: D\nowner: o\non: payment\nby: acct\nseverity: low\nscore: 1\naction: none\nreason: "{amount} of {acct}"\nwhen: ${when}\n`;

function compiled(when: string): { schema: EventSchema; rule: TypedRule } {
  const { schema } = parseSchema(schemaText, 'schema.yaml');
  const rule = schema && compileRule(ruleText(when), 'tried.yaml', { schema }).rule;
  if (!schema || !rule) throw new Error('the test rule does not compile');
  return { schema, rule };
}

const day = 86_400_000;
const t0 = Date.parse('2026-01-05T00:00:00Z');
const payment = (id: string, days: number, amount = '10'): Unsequenced => ({ kind: 'event', id, type: 'payment', ts: t0 + days * day, fields: { acct: 'a', amount } });
const label = (of: string, days: number, fraud: boolean): Unsequenced => ({ kind: 'event', id: `l-${of}-${days}`, type: 'label', ts: t0 + days * day, fields: { event_id: of, fraud } });

/** Ten days with one payment a day; the newest event is at day 9. */
const tenDays: Unsequenced[] = [
  ...Array.from({ length: 9 }, (_, i) => payment(`d${i}`, i, String(10 + i))),
  label('d7', 8.5, true), label('d8', 8.6, true), label('d8', 8.7, false), label('d1', 8.8, true),
  payment('d9', 9, '19'),
];

async function run(when: string, days: number, liveWhen?: string): Promise<LogBacktestResult> {
  const { schema, rule } = compiled(when);
  return withFolder(async (dir) => {
    const log = await openEventLog(join(dir, 'log'));
    await log.append(tenDays);
    try {
      return await backtestLog({
        log, schema, rule, days, toTs: t0 + 9 * day, endSeq: log.lastSeq(), engineOptions: {}, clock: () => 0, makeEngine: (definition) => embeddedEngine.create(definition),
        ...(liveWhen === undefined ? {} : { liveRule: compiled(liveWhen).rule }),
      });
    } finally {
      await log.close();
    }
  });
}

describe('a backtest over the last days of the log', () => {
  it('counts only those days, with labels that came later, the newest word on each event', async () => {
    const { report, fromTs } = await run('amount > 0.00', 3);
    expect(fromTs).toBe(t0 + 6 * day + 1);
    // d7, d8, d9; d7 is fraud, d8 was taken back, d1 lies before.
    expect(report).toMatchObject({ events: 3, positives: 1, rules: [{ rule: 'tried', alerts: 3, truePositives: 1, precision: 1 / 3, recall: 1 }] });
  });

  it('has whole windows from the first day on', async () => {
    expect((await run('last("6d").count() >= 6', 3)).report.rules).toMatchObject([{ alerts: 3 }]);
    expect((await run('last("6d").count() >= 7', 3)).report.rules).toMatchObject([{ alerts: 0 }]);
  });

  it('has a number for each day, the newest alerts as samples, and the live version beside it', async () => {
    const result = await run('amount >= 18.00', 4, 'amount >= 16.00');
    expect(result.perDay).toEqual([['2026-01-11', 0], ['2026-01-12', 0], ['2026-01-13', 1], ['2026-01-14', 1]].map(([name, alerts]) => ({ day: name, alerts })));
    expect(result.liveAlerts).toBe(4);
    expect(result.samples.map(({ reason, key, fraud }) => ({ reason, key, fraud }))).toEqual([{ reason: '19.00 of a', key: 'a', fraud: null }, { reason: '18.00 of a', key: 'a', fraud: false }]);
    expect(result.analystHoursPerDay).toBeCloseTo(2 * 0.1 / 4);
  });
});

/** A thread in this thread. */
function inProcess(request: BacktestRequest): BacktestThread {
  const listeners: ((message: FromBacktest) => void)[] = [];
  let isEnded = false;
  let onExit: (error: Error | undefined) => void = () => undefined;
  void withFolder(async (dir) => {
    const log = await openEventLog(join(dir, 'log'));
    await log.append(tenDays);
    await serveBacktest((message) => { if (!isEnded) for (const listener of listeners) listener(message); }, request, {
      log: Object.assign(log, { advance: () => undefined }), compiler: { parseSchema, compileRule }, makeEngine: (definition) => embeddedEngine.create(definition),
    });
    await log.close();
    onExit(undefined);
  });
  return { onMessage: (listener) => { listeners.push(listener); }, onExit: (listener) => { onExit = listener; }, terminate: () => { isEnded = true; return Promise.resolve(); } };
}

const request = (text: string): BacktestRequest => ({ ruleText: text, schemaText, days: 3, toTs: t0 + 9 * day, endSeq: tenDays.length, engineOptions: {} });

function jobs(maxRunning?: number): { jobs: BacktestJobs; ended: (id: string) => Promise<BacktestJob> } {
  let ids = 0;
  const waiting = new Map<string, (job: BacktestJob) => void>();
  const made = new BacktestJobs({ spawn: inProcess, now: () => 1, newId: () => `job-${ids += 1}`, onChange: (job) => { if (job.status !== 'running') waiting.get(job.id)?.(job); }, maxRunning });
  return { jobs: made, ended: (id) => new Promise((resolve) => { waiting.set(id, resolve); }) };
}

describe('backtest jobs', () => {
  it('end with their result', async () => {
    const { jobs: all, ended } = jobs();
    const started = all.start(request(ruleText('amount > 0.00')));
    if (!started.ok) throw new Error(started.reason);
    const job = await ended(started.job.id);
    expect(job).toMatchObject({ status: 'done', days: 3, eventsDone: 3, result: { report: { rules: [{ alerts: 3 }] } } });
    expect(all.get(job.id)).toEqual(job);
  });

  it('fail with a sentence when the rule does not compile', async () => {
    const { jobs: all, ended } = jobs();
    const started = all.start(request(ruleText('amout > 0.00')));
    if (!started.ok) throw new Error(started.reason);
    expect(await ended(started.job.id)).toMatchObject({ status: 'failed', error: expect.stringContaining('does not compile: line 11') });
  });

  it('are refused beyond their bound and cancelled on request', async () => {
    const { jobs: all, ended } = jobs(1);
    const started = all.start(request(ruleText('amount > 0.00')));
    if (!started.ok) throw new Error(started.reason);
    expect(all.start(request(ruleText('amount > 0.00')))).toEqual({ ok: false, reason: 'too-many', running: 1 });
    const end = ended(started.job.id);
    expect(await all.cancel(started.job.id)).toMatchObject({ status: 'cancelled' });
    expect(await end).toMatchObject({ status: 'cancelled' });
    expect(all.start(request(ruleText('amount > 0.00'))).ok).toBe(true);
    await all.close();
  });
});
