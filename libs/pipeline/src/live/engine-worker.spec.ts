import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openCheckpoints, openEventLog, openLogReader, type EventLog } from '@weir/connectors';
import type { ReleasedRule, Unsequenced } from '@weir/contracts';
import type { EngineDefinition } from '@weir/rule-engine';
import { embeddedEngine } from '../engine-host/embedded-engine.js';
import type { EngineMaker } from '../engine-host/engine-maker.js';
import type { FromEngine } from '../engine-host/messages.js';
import { MemorySink, spawnInProcess, withFolder } from '../testing/in-process-engine.js';
import { startEngineWorker, type EngineWorker, type EngineWorkerOptions } from './engine-worker.js';

const schemaText = 'version: 1\nevents:\n  payment:\n    acct: { type: string, required: true }\n    amount: { type: decimal, scale: 2, required: true }\n';
const ruleText = (id: string, when: string): string => `rule: ${id}\ntitle: T\ndescription: D\nowner: o\non: payment\nby: acct\nseverity: low\nscore: 1\naction: none\nwhen: ${when}\n`;
const third: ReleasedRule = { id: 'third', mode: 'live', release: 1, text: ruleText('third', 'last("10s").count() >= 3') };
const large: ReleasedRule = { id: 'large', mode: 'live', release: 1, text: ruleText('large', 'amount > 50.00') };

const t0 = Date.parse('2026-01-05T00:00:00Z');
const release = (...rules: ReleasedRule[]): Unsequenced => ({ kind: 'rules', ts: t0, schemaText, rules });
/** One payment a second of one account: every one from the third on is the third within ten seconds. */
const payment = (i: number, amount = '1'): Unsequenced => ({ kind: 'event', id: `e${i}`, type: 'payment', ts: t0 + i * 1_000, fields: { acct: 'a', amount } });
const payments = (count: number, from = 0): Unsequenced[] => Array.from({ length: count }, (_, i) => payment(from + i));

interface Bench { readonly log: EventLog; readonly sink: MemorySink; readonly dir: string; readonly made: EngineDefinition[]; start(options?: Partial<EngineWorkerOptions> & { killAt?: (message: FromEngine) => boolean; maker?: EngineMaker }): Promise<EngineWorker>; append(entries: readonly Unsequenced[], worker?: EngineWorker): Promise<readonly number[]> }

/** A log in a folder, a sink, and workers on them that are stopped at the end. */
async function withBench(use: (bench: Bench) => Promise<void>): Promise<void> {
  await withFolder(async (dir) => {
    const log = await openEventLog(join(dir, 'log'));
    const checkpoints = await openCheckpoints(join(dir, 'checkpoints'));
    const sink = new MemorySink();
    const made: EngineDefinition[] = [];
    const workers: EngineWorker[] = [];
    // Without migration: every engine that is warmed is one made here.
    const counting: EngineMaker = { create: (definition) => { made.push(definition); return embeddedEngine.create(definition); }, restore: (definition, bytes) => embeddedEngine.restore(definition, bytes) };
    const bench: Bench = {
      log, sink, dir, made,
      start: async ({ killAt, maker = counting, ...options } = {}) => {
        const worker = await startEngineWorker({
          sink, durableSeq: log.lastSeq(), now: () => 0, random: () => 0, restartDelayMs: 1,
          spawn: spawnInProcess({
            openLog: () => openLogReader(join(dir, 'log')), checkpoints, engineOptions: {}, checkpointEveryEntries: 5, killAt, maker,
          }),
          ...options,
        });
        workers.push(worker);
        return worker;
      },
      append: async (entries, worker) => {
        const seqs = await log.append(entries);
        worker?.durable(seqs.at(-1) ?? 0);
        return seqs;
      },
    };
    try {
      await use(bench);
    } finally {
      for (const worker of workers) await worker.stop(5_000);
      await log.close();
    }
  });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => { setImmediate(resolve); });
}
const firedOn = (sink: MemorySink): string[] => [...sink.alerts.values()].sort((a, b) => a.seq - b.seq).map(({ trigger, rule }) => `${rule} ${trigger?.id ?? ''}`);
const thirds = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => `third e${from + i}`);

describe('the engine worker', () => {
  it('evaluates what is durable, stores its alerts and says how far it is', () => withBench(async ({ start, append, sink }) => {
    await append([release(third), ...payments(4)]);
    const worker = await start();
    await worker.ready;
    await append(payments(2, 4), worker);
    await until(() => sink.progressSeq === 7);
    expect(firedOn(sink)).toEqual(thirds(2, 5));
    expect(worker.stats()).toMatchObject({ state: 'running', durableSeq: 7, evaluatedSeq: 7, lagEvents: 0, lagSeconds: 0, storedSeq: 7, restarts: 0, problems: [] });
  }));

  it('hears the last that its engine says when it is stopped: the checkpoint of the end', () => withBench(async ({ start, append, sink }) => {
    await append([release(third), ...payments(3)]); // fewer than make a checkpoint due
    const worker = await start();
    await worker.ready;
    await worker.stop(5_000);
    expect(sink.progressSeq).toBe(4);
    expect(worker.stats()).toMatchObject({ state: 'stopped', host: { seq: 4 }, checkpoint: { seq: 4, failures: 0 } });
  }));

  it('starts a crashed engine again from its checkpoint, and nothing is lost or doubled', () => withBench(async ({ start, append, sink }) => {
    await append([release(third), ...payments(20)]);
    let batches = 0;
    const worker = await start({ killAt: (message) => message.kind === 'alerts' && (batches += 1) === 2 });
    await worker.ready;
    await append(payments(10, 20), worker);
    await until(() => sink.progressSeq === 31);
    expect(firedOn(sink)).toEqual(thirds(2, 29));
    expect(worker.stats()).toMatchObject({ state: 'running', restarts: 1 });
    expect(worker.stats().problems.map(({ code }) => code)).toContain('crashed');
  }));

  it('stays down after too many crashes and says so', () => withBench(async ({ start, append }) => {
    await append([release(third), ...payments(5)]);
    const worker = await start({ maxRestarts: 2, killAt: (message) => message.kind === 'stats' });
    await expect(worker.ready).rejects.toThrow('stays down after 3 crashes');
    expect(worker.stats().state).toBe('failed');
    expect(await worker.decide(3, 1_000)).toEqual({ kind: 'timeout' });
  }));

  it('says of an engine whose state has outgrown its memory how large it is and what to do, and tries once more only', () => withBench(async ({ start, append }) => {
    await append([release(third), ...payments(5)]);
    const worker = await start({ maker: {
      ...embeddedEngine,
      create: (definition) => {
        const engine = embeddedEngine.create(definition);
        return {
          apply: (entry) => {
            if (entry.kind === 'event' && entry.id === 'e3') throw new RangeError("the engine's state needs more than 4 GiB: 4295032832 bytes");
            return engine.apply(entry);
          },
          end: () => engine.end(), snapshot: () => engine.snapshot(),
          stats: () => ({ ...engine.stats(), memoryBytes: 4_187_593_113, memoryLimitBytes: 2 ** 32 }),
        };
      },
    } });
    const said = /^The state of the engine has outgrown its memory at entry 4: 3\.90 GiB of 4 are taken; 1 keys, 3 events held for windows, 0 unfinished matches of sequences\. Take back the newest rule change, .* \(the engine's state needs more than 4 GiB: 4295032832 bytes\)$/;
    await expect(worker.ready).rejects.toThrow('stays down after 2 crashes: The state of the engine has outgrown its memory');
    const { problems, state } = worker.stats();
    expect(state).toBe('failed');
    expect(problems.map(({ code }) => code)).toEqual(['state-too-large', 'state-too-large', 'gave-up']);
    expect(problems[0]?.message).toMatch(said);
  }));

  it('tells how much of its memory the state takes', () => withBench(async ({ start, append, sink }) => {
    await append([release(third), ...payments(4)]);
    const worker = await start({ maker: embeddedEngine });
    await until(() => sink.progressSeq === 5 && worker.stats().host?.seq === 5);
    const { memoryBytes = 0, memoryLimitBytes } = worker.stats().host ?? {};
    expect(memoryLimitBytes).toBe(2 ** 32);
    expect(memoryBytes).toBeGreaterThan(1_000);
  }));

  it('answers a decision as soon as the event is evaluated, before its alerts are stored', () => withBench(async ({ start, append, sink }) => {
    await append([release(third), ...payments(2)]);
    // The store never commits: decisions do not wait for it.
    const worker = await start({ sink: { progress: () => Promise.resolve(0), write: () => new Promise(() => undefined) } });
    await worker.ready;
    const [seq = 0] = await append(payments(1, 2), worker);
    const answer = await worker.decide(seq, 10_000);
    expect(answer.kind === 'decided' ? answer.alerts.map(({ rule }) => rule) : answer).toEqual(['third']);
    expect(await worker.decide(2, 10_000)).toEqual({ kind: 'decided', alerts: [] });
    expect(await worker.decide(seq + 1, 5)).toEqual({ kind: 'timeout' });
    expect(sink.alerts.size).toBe(0);
    // And the stop does not wait for it longer than it was told to.
    await worker.stop(10);
    expect(worker.stats().state).toBe('stopped');
  }));

  it('stops reading when the store does not take alerts, and goes on when it does', () => withBench(async ({ start, append, sink }) => {
    await append([release(third), ...payments(3_000)]);
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => { open = resolve; });
    const worker = await start({ sink: { progress: () => sink.progress(), write: async (alerts, throughSeq) => { await opened; await sink.write(alerts, throughSeq); } } });
    // It never becomes ready: recovery waits for room like everything else.
    await until(() => (worker.stats().pendingAlerts ?? 0) > 0 && worker.stats().evaluatedSeq > 0);
    for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => { setImmediate(resolve); });
    expect(worker.stats().evaluatedSeq).toBeLessThan(2_000);
    expect(worker.stats().lagEvents).toBeGreaterThan(1_000);
    open();
    await until(() => sink.progressSeq === 3_001);
    expect(sink.alerts.size).toBe(2_998);
  }));

  it('warms a new engine before the release, and the release switches to it between two events', () => withBench(async ({ start, append, sink, made }) => {
    await append([release(third), ...payments(3)]);
    const worker = await start();
    await worker.ready;
    expect(await worker.prepare({ schemaText, rules: [third, large] })).toEqual([]);
    const before = made.length;
    await append([...payments(1, 3), release(third, large), payment(4, '60')], worker);
    await until(() => sink.progressSeq === 7);
    expect(made.length).toBe(before);
    expect(firedOn(sink)).toEqual(['third e2', 'third e3', 'large e4', 'third e4']);
  }));

  it('prepares a release that lacks nothing by taking the state over', () => withBench(async ({ start, append, sink }) => {
    await append([release(third), ...payments(3)]);
    const worker = await start({ maker: embeddedEngine });
    await worker.ready;
    const fourth: ReleasedRule = { id: 'fourth', mode: 'live', release: 1, text: ruleText('fourth', 'last("10s").count() >= 4') };
    await worker.prepare({ schemaText, rules: [third, fourth] });
    await append([release(third, fourth), ...payments(2, 3)], worker);
    await until(() => sink.progressSeq === 7);
    expect(firedOn(sink)).toEqual(['third e2', 'fourth e3', 'third e3', 'fourth e4', 'third e4']);
  }));

  it('warms at the release itself when another rule set was prepared', () => withBench(async ({ start, append, sink, made }) => {
    await append([release(third), ...payments(3)]);
    const worker = await start();
    await worker.ready;
    await worker.prepare({ schemaText, rules: [large] });
    const before = made.length;
    await append([release(third, large), payment(3, '60')], worker);
    await until(() => sink.progressSeq === 6);
    expect(made.length).toBe(before + 1);
    expect(firedOn(sink)).toEqual(['third e2', 'large e3', 'third e3']);
  }));

  it('tells a rule of the log that no longer compiles, and runs the others', () => withBench(async ({ start, append, sink }) => {
    await append([release(third, { id: 'broken', mode: 'live', release: 1, text: ruleText('broken', 'amout > 1') }), ...payments(3)]);
    const worker = await start();
    await until(() => sink.progressSeq === 4);
    expect(firedOn(sink)).toEqual(['third e2']);
    expect(worker.stats().problems).toMatchObject([{ code: 'rule-refused' }]);
    expect(worker.stats().problems[0]?.message).toContain('broken');
  }));

  it('passes over a damaged checkpoint by name and uses the one before', () => withBench(async ({ start, append, sink, dir }) => {
    await append([release(third), ...payments(20)]);
    const first = await start();
    await first.ready;
    await append(payments(10, 20), first);
    await until(() => sink.progressSeq === 31);
    await first.stop(5_000);
    const folder = join(dir, 'checkpoints');
    const names = (await readdir(folder)).sort();
    const newest = names.at(-1) ?? '';
    expect(names.length).toBeGreaterThan(1);
    const bytes = await readFile(join(folder, newest));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(join(folder, newest), bytes);

    const second = await start();
    await second.ready;
    await append(payments(5, 30), second);
    await until(() => sink.progressSeq === 36);
    expect(firedOn(sink)).toEqual(thirds(2, 34));
    expect(second.stats().problems).toMatchObject([{ code: 'checkpoint-refused' }]);
    expect(second.stats().problems[0]?.message).toContain(newest);
  }));

  it('uses no checkpoint that is ahead of the case store: what the store has lost fires again', () => withBench(async ({ start, append, sink }) => {
    await append([release(third), ...payments(20)]);
    const first = await start();
    await first.ready;
    await until(() => sink.progressSeq === 21);
    await first.stop(5_000);
    const emptied = new MemorySink();
    const second = await start({ sink: emptied });
    await second.ready;
    await until(() => emptied.progressSeq === 21);
    expect(firedOn(emptied)).toEqual(thirds(2, 19));
  }));

  it('is evaluated no further than the log is durable', () => withBench(async ({ start, append, log, sink }) => {
    await append([release(third), ...payments(3)]);
    const worker = await start();
    await worker.ready;
    await log.append(payments(5, 3)); // written, but nobody has said so
    for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => { setImmediate(resolve); });
    expect(worker.stats().evaluatedSeq).toBe(4);
    worker.durable(6);
    await until(() => sink.progressSeq === 6);
    expect(firedOn(sink)).toEqual(thirds(2, 4));
  }));
});
