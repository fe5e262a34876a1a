import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { IngestAnswer, LogEntry } from '@weir/contracts';
import { queryCaseStore } from './support/case-store.js';
import { paymentLines } from './support/payments.js';
import { runWeir } from './support/run-weir.js';
import { seededRandom } from './support/seeded-random.js';
import { until, WeirApi } from './support/weir-api.js';
import { cleanUp, newDataFolder, processesOf, startWeir, type WeirProcess } from './support/weir-process.js';

const events = 50_000;
const linesPerRequest = 1_000;
const kills = 5;
const seed = Number(process.env['WEIR_CRASH_SEED'] ?? '20260202');

/** Short intervals, so that checkpoints and their recovery are part of the story. */
const environment = { WEIR_CHECKPOINT_EVERY: '2s', WEIR_CHECKPOINT_EVENTS: '4000' };

interface Played { readonly acknowledged: ReadonlyMap<string, number>; readonly alerts: ReadonlyMap<string, string>; readonly logEntries: readonly LogEntry[]; readonly kills: number }

afterAll(cleanUp);

/**
 * Sends all events and, each time so many have been acknowledged as `killPoints` says, kills Weir with SIGKILL some ms later, in the
 * middle of whatever it does; then starts it again and goes on from the first event without an answer.
 */
async function play(lines: ReturnType<typeof paymentLines>, killPoints: readonly { readonly after: number; readonly delayMs: number }[]): Promise<Played> {
  const dataDir = await newDataFolder();
  const acknowledged = new Map<string, number>();
  let weir = await startWeir({ dataDir, environment });
  const key = await (await WeirApi.byLink(weir.loginUrl)).api.newKey('crash test');
  const pending = [...killPoints];
  let killed = 0;
  for (let next = 0; next < lines.length;) {
    const [point] = pending;
    const timer = point !== undefined && next >= point.after ? setTimeout(() => { void weir.end('SIGKILL'); }, point.delayMs) : undefined;
    if (timer) pending.shift();
    const batch = lines.slice(next, next + linesPerRequest);
    next += await send(WeirApi.withKey(weir.url, key), batch, acknowledged);
    if (!timer) continue;
    // Dead in the middle of the request, or between two: either way it is started again.
    await weir.ended;
    killed += 1;
    weir = await startWeir({ dataDir, environment });
  }
  const alerts = await storedAlerts(weir, dataDir, key);
  expect(await weir.end('SIGINT')).toBe(0);
  expect(await processesOf(dataDir)).toEqual([]);
  const { code, stdout } = await runWeir(['log', 'print', join(dataDir, 'log')]);
  expect(code).toBe(0);
  return { acknowledged, alerts, kills: killed, logEntries: stdout.trim().split('\n').map((line) => LogEntry.parse(JSON.parse(line))) };
}

/** Sends one batch; returns how many of its events were answered before the connection broke. */
async function send(api: WeirApi, batch: ReturnType<typeof paymentLines>, acknowledged: Map<string, number>): Promise<number> {
  let answered = 0;
  try {
    const response = await api.send('POST', '/v1/events', batch.map(({ line }) => `${line}\n`).join(''), { 'content-type': 'application/x-ndjson' });
    expect(response.status).toBe(200);
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      const texts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = texts.pop() ?? '';
      for (const text of texts) {
        const answer = IngestAnswer.parse(JSON.parse(text));
        if (answer.status === 'rejected') throw new AnswerError(`rejected: ${text}`);
        const before = acknowledged.get(answer.id);
        // What was acknowledged once keeps its place.
        if (before !== undefined && before !== answer.seq) throw new AnswerError(`${answer.id} was at ${before}, now ${text}`);
        acknowledged.set(answer.id, answer.seq);
        answered += 1;
      }
    }
  } catch (cause) {
    if (cause instanceof AnswerError || (cause instanceof Error && 'matcherResult' in cause)) throw cause;
    // The connection broke: Weir is dead. What was answered counts.
  }
  return answered;
}

class AnswerError extends Error {}

async function storedAlerts(weir: WeirProcess, dataDir: string, key: string): Promise<ReadonlyMap<string, string>> {
  const api = WeirApi.withKey(weir.url, key);
  await until('every alert in the case store', () => api.ops(), (ops) => ops.store.progressSeq === ops.log.lastSeq && ops.store.pendingAlerts === 0);
  const rows = await queryCaseStore(dataDir, 'select id, rule, seq, trigger_event from alerts order by seq, rule');
  const alerts = new Map(rows.map(({ id, rule, seq, trigger_event: event }) => [String(id), `${String(rule)} on ${String(event)} at ${String(seq)}`]));
  expect(alerts.size).toBe(rows.length);
  return alerts;
}

describe('a crash at any moment', () => {
  it(`loses and doubles nothing: ${events} events, ${kills} kills`, async () => {
    const random = seededRandom(seed);
    const points = Array.from({ length: kills }, () => ({ after: Math.floor(random() * events * 0.95), delayMs: Math.floor(random() * 120) })).sort((a, b) => a.after - b.after);
    process.stderr.write(`crash test: seed ${seed} (WEIR_CRASH_SEED), kills after ${points.map(({ after, delayMs }) => `${after} events + ${delayMs} ms`).join(', ')}\n`);
    const lines = paymentLines(events, seed);
    const calm = await play(lines, []);
    const stormy = await play(lines, points);

    expect(stormy.kills).toBe(kills);
    // Every event was acknowledged in the end, and lies in the log once, where its answer said.
    expect(stormy.acknowledged.size).toBe(events);
    const logged = stormy.logEntries.flatMap((entry) => (entry.kind === 'event' ? [entry] : []));
    expect(logged.length).toBe(events);
    expect(new Set(logged.map(({ id }) => id)).size).toBe(events);
    expect(logged.filter(({ id, seq }) => stormy.acknowledged.get(id) !== seq)).toEqual([]);
    // The undisturbed run has something to say, and the disturbed one says the same.
    expect(calm.alerts.size).toBeGreaterThan(1_000);
    const lost = [...calm.alerts].filter(([id]) => !stormy.alerts.has(id)).map(([, what]) => what);
    const invented = [...stormy.alerts].filter(([id]) => !calm.alerts.has(id)).map(([, what]) => what);
    expect({ lost, invented }).toEqual({ lost: [], invented: [] });
  }, 300_000);
});
