import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openCheckpoints, openEventLog, openLogReader } from '@weir/connectors';
import type { Alert, LogEntry, ReleasedRule, Unsequenced } from '@weir/contracts';
import { createInterpreter, defaultEngineOptions } from '@weir/rule-engine';
import type { CheckpointStore } from '@weir/stream-core';
import { alertDifference, arbEntries, arbWorkload, schemaText, workloadOf, type Workload } from '@weir/rule-engine/testing';
import fc from 'fast-check';
import { embeddedEngine } from '../engine-host/embedded-engine.js';
import type { FromEngine } from '../engine-host/messages.js';
import { MemorySink, spawnInProcess, withFolder, withoutSeq } from '../testing/in-process-engine.js';
import { startEngineWorker } from './engine-worker.js';


/** Rules that fire often, and whose answers hang on every kind of state: windows, lists, the event before, other types. */
const busyRules = [
  ['busy-count', 'when: last("5s").count() >= 2'],
  ['busy-list', 'when: acct in list("watched") && amount >= 0.00'],
  ['busy-shadow', 'when: by(merchant).before("10s").distinct(acct) >= 1'],
  ['busy-previous', 'when: amount > previous.amount || previous.ts == ts'],
  ['busy-since', 'when: since("day").sum(amount) > 5.00 && of(label).by(merchant).last("1m").count() == 0'],
].map(([id, when]) => `rule: ${id}\ntitle: Busy\ndescription: Fires often.\nowner: tests\non: payment\nby: acct\nseverity: low\nscore: 1\naction: none\n${when}\n`);

/** Without those that look back a year, an engine is warmed from the middle of the log: list changes before that have to be told. */
const shortRules = busyRules.slice(0, 3);

function arbBusyWorkload(rules: readonly string[]): fc.Arbitrary<Workload> {
  const scales = { amount: 2, fee: 2 };
  const options = { ...defaultEngineOptions, maxOutOfOrdernessMs: 5_000, retentionMs: 366 * 86_400_000 };
  return arbEntries(scales, options.maxOutOfOrdernessMs, 60).map((entries) => workloadOf(schemaText(scales), rules, options, entries));
}

const arbAnyWorkload = fc.oneof({ weight: 1, arbitrary: arbBusyWorkload(busyRules) }, { weight: 2, arbitrary: arbBusyWorkload(shortRules) }, { weight: 1, arbitrary: arbWorkload({ maxRules: 3, maxEntries: 36, evaluation: 'arrival' }) });

/** The workload as a log holds it: a release first, another in the middle that drops a rule and brings it back later. */
function asLog(workload: Workload): Unsequenced[] {
  const rules: ReleasedRule[] = workload.definition.rules.map(({ rule, mode }) => ({ id: rule.id, mode, release: 1, text: rule.source }));
  const entries = workload.entries.map((entry) => withoutSeq(entry) as Unsequenced); // as: the rest type loses the union's discriminant
  const release = (some: readonly ReleasedRule[], ts: number): Unsequenced => ({ kind: 'rules', ts, schemaText: workload.schemaText, rules: [...some] });
  const at = (i: number): number => entries[i]?.ts ?? 1;
  const third = Math.floor(entries.length / 3);
  return [
    release(rules, at(0)), ...entries.slice(0, third),
    release(rules.slice(1), at(third)), ...entries.slice(third, third * 2),
    release(rules, at(third * 2)), ...entries.slice(third * 2),
  ];
}

/** A store whose process dies at its n-th write: half of the bytes are on the disk, nothing after them ever is. */
function dyingStore(store: CheckpointStore, writes: number, die: () => void): CheckpointStore {
  let left = writes;
  const never = new Promise<never>(() => undefined);
  return {
    ...store,
    begin: async (seq) => {
      const writer = await store.begin(seq);
      return {
        write: async (bytes) => {
          left -= 1;
          if (left > 0) return writer.write(bytes);
          if (left === 0) await writer.write(bytes.subarray(0, bytes.length >> 1));
          die();
          return never;
        },
        commit: () => (left > 0 ? writer.commit() : never),
        abandon: () => (left > 0 ? writer.abandon() : never),
      };
    },
  };
}

interface Outcome { readonly alerts: readonly Alert[]; readonly sessions: number; readonly restored: number }

/**
 * Plays the log in the folder to its end. `kills` says after how many messages of the engine each session dies with everything
 * in it, alerts on their way included; after the last kill a session runs undisturbed.
 */
async function play(dir: string, log: readonly Unsequenced[], workload: Workload, kills: readonly number[], writesToDeath: readonly number[] = []): Promise<Outcome> {
  const sink = new MemorySink();
  const logDir = join(dir, 'log');
  const writer = await openEventLog(logDir);
  let written = 0;
  let sessions = 0;
  let restored = 0;
  for (const kill of [...kills, Infinity]) {
    sessions += 1;
    // Some of the log is there when the session starts, the rest comes while it runs.
    const upTo = kill === Infinity ? log.length : Math.min(log.length, written + 1 + Math.floor((log.length - written) / 2));
    await writer.append(log.slice(written, upTo));
    written = upTo;
    let messages = 0;
    let markKilled: () => void = () => undefined;
    const killed = new Promise<void>((resolve) => { markKilled = resolve; });
    const dead = { is: false };
    const die = (): void => {
      dead.is = true;
      markKilled();
    };
    // Opened as a new process opens it: what the one before left half-written goes.
    const checkpoints = dyingStore(await openCheckpoints(join(dir, 'checkpoints')), kill === Infinity ? Infinity : writesToDeath[sessions - 1] ?? Infinity, die);
    const worker = await startEngineWorker({
      spawn: spawnInProcess({
        openLog: () => openLogReader(logDir),
        checkpoints, maker: embeddedEngine, engineOptions: workload.definition.options, checkpointEveryEntries: 3, sliceBytes: writesToDeath.length > 0 ? 1024 : undefined,
        killAt: (message: FromEngine) => {
          messages += 1;
          if (message.kind === 'ready' && message.checkpointSeq !== undefined) restored += 1;
          if (!dead.is && (messages < kill || message.kind === 'stopped')) return false;
          die();
          return true;
        },
      }),
      // The whole process dies: what was on its way to the store is lost as well.
      sink: { progress: () => sink.progress(), write: (alerts, throughSeq) => (dead.is ? new Promise(() => undefined) : sink.write(alerts, throughSeq)) },
      durableSeq: writer.lastSeq(),
      now: () => 0,
      random: () => 0,
      maxRestarts: 0,
    });
    if (kill === Infinity) {
      await worker.ready;
      await worker.stop(60_000);
    } else {
      // Either the kill, or a session that had less to say and was stopped in order.
      await Promise.race([killed, worker.ready.then(() => worker.stop(writesToDeath.length > 0 ? 3_000 : 60_000), () => undefined)]);
    }
  }
  await writer.close();
  return { alerts: [...sink.alerts.values()].sort((a, b) => a.seq - b.seq || (a.rule < b.rule ? -1 : 1)), sessions, restored };
}

function uninterrupted(log: readonly Unsequenced[], workload: Workload): readonly Alert[] {
  const firstEvent = log.find((entry) => entry.kind === 'event');
  const options = { ...workload.definition.options, historySince: firstEvent?.ts ?? 0 };
  const engine = createInterpreter({ ...workload.definition, options });
  return log.flatMap((entry, i) => [...engine.apply({ ...entry, seq: i + 1 } as LogEntry)]); // as: seq completes the entry again
}

describe('the live pipeline', () => {
  it('stores the same alerts, field by field, wherever it is killed and however often', async () => {
    const seen = { sessions: 0, alerts: 0, restored: 0 };
    await fc.assert(fc.asyncProperty(arbAnyWorkload, fc.array(fc.integer({ min: 1, max: 24 }), { minLength: 1, maxLength: 5 }), async (workload, kills) => {
      const log = asLog(workload);
      const calm = await withFolder((dir) => play(dir, log, workload, []));
      const stormy = await withFolder((dir) => play(dir, log, workload, kills));
      expect(alertDifference(calm.alerts, stormy.alerts)).toBeUndefined();
      seen.sessions += stormy.sessions;
      seen.alerts += calm.alerts.length;
      seen.restored += stormy.restored;
    }), { numRuns: 60 });
    // The property says something only if alerts fired and checkpoints were used.
    expect(seen.alerts).toBeGreaterThan(200);
    expect(seen.restored).toBeGreaterThan(20);
    expect(seen.sessions).toBeGreaterThan(80);
  });

  it('stores the same alerts when it dies while a slice of a checkpoint is being written, at any of them', async () => {
    const seen = { alerts: 0, restored: 0 };
    await fc.assert(fc.asyncProperty(arbAnyWorkload, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 }), async (workload, writes) => {
      const log = asLog(workload);
      const calm = await withFolder((dir) => play(dir, log, workload, []));
      const stormy = await withFolder((dir) => play(dir, log, workload, writes.map(() => 1_000), writes));
      expect(alertDifference(calm.alerts, stormy.alerts)).toBeUndefined();
      seen.alerts += calm.alerts.length;
      seen.restored += stormy.restored;
    }), { numRuns: 20 });
    expect(seen.alerts).toBeGreaterThan(60);
    expect(seen.restored).toBeGreaterThan(10);
  });

  it('fires what one engine fires that was never switched, for rules that stayed in force', async () => {
    await fc.assert(fc.asyncProperty(arbAnyWorkload, async (workload) => {
      const log = asLog(workload);
      const stayed = new Set(workload.definition.rules.slice(1).map(({ rule }) => rule.id));
      const host = await withFolder((dir) => play(dir, log, workload, []));
      const expected = uninterrupted(log, workload).filter(({ rule }) => stayed.has(rule));
      const only = (alerts: readonly Alert[]): Alert[] => alerts.filter(({ rule }) => stayed.has(rule)).sort((a, b) => a.seq - b.seq || (a.rule < b.rule ? -1 : 1));
      expect(alertDifference(only(host.alerts), only(expected))).toBeUndefined();
    }), { numRuns: 60 });
  });
});
