import { join } from 'node:path';
import { openCheckpoints, openEventLog, openLogReader } from '@weir/connectors';
import type { Alert, Unsequenced } from '@weir/contracts';
import type { Workload } from '@weir/rule-engine/testing';
import type { CheckpointStore } from '@weir/stream-core';
import { embeddedEngine } from '../engine-host/embedded-engine.js';
import type { FromEngine, RuleSetDraft } from '../engine-host/messages.js';
import { startEngineWorker } from '../live/engine-worker.js';
import { MemorySink, spawnInProcess } from './in-process-engine.js';

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

/** What came of it: the alerts stored, how often the engine started, and how often from a checkpoint. */
export interface Outcome { readonly alerts: readonly Alert[]; readonly sessions: number; readonly restored: number }

/** What befalls the sessions of a log. */
export interface Storm {
  /** After how many messages of the engine each session dies. */
  readonly kills?: readonly number[];
  /** After how many writes of a checkpoint each does. */
  readonly writesToDeath?: readonly number[];
  /** A rule set to prepare before the entry `i` (from 0) is appended. Given, half of a session's entries come one by one while it runs. */
  readonly draftAt?: (i: number) => RuleSetDraft | undefined;
}

/**
 * Plays the log in the folder to its end. `kills` says after how many messages of the engine each session dies with everything
 * in it, alerts on their way included; after the last kill a session runs undisturbed.
 */
export async function play(dir: string, log: readonly Unsequenced[], { definition: { options: engineOptions } }: Pick<Workload, 'definition'>, { kills = [], writesToDeath = [], draftAt }: Storm): Promise<Outcome> {
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
    const atStart = draftAt === undefined ? upTo : written + ((upTo - written) >> 1);
    await writer.append(log.slice(written, atStart));
    written = atStart;
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
        checkpoints, maker: embeddedEngine, engineOptions, checkpointEveryEntries: 3, sliceBytes: writesToDeath.length > 0 ? 1024 : undefined,
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
    /** The rest of the session's entries, one by one; releases prepared or not, as the storm says. */
    const feed = async (): Promise<void> => {
      await Promise.race([killed, worker.ready]);
      for (; written < upTo && !dead.is; written++) {
        const draft = draftAt?.(written);
        if (draft !== undefined) await Promise.race([killed, worker.prepare(draft)]);
        if (dead.is) return;
        await writer.append(log.slice(written, written + 1));
        worker.durable(writer.lastSeq());
      }
    };
    if (kill === Infinity) {
      await feed();
      // Stopped, an engine leaves what it has not come to: the next start would.
      if (draftAt !== undefined) await worker.decide(log.length, 60_000);
      await worker.stop(60_000);
    } else {
      // Either the kill, or a session that had less to say and was stopped in order.
      const fed = feed().then(() => !dead.is, () => false);
      await Promise.race([killed, fed.then((isAlive) => (isAlive ? worker.stop(writesToDeath.length > 0 ? 3_000 : 60_000) : undefined))]);
      await fed; // what it is appending is in the log before the next session begins
    }
  }
  await writer.close();
  return { alerts: [...sink.alerts.values()].sort((a, b) => a.seq - b.seq || (a.rule < b.rule ? -1 : 1)), sessions, restored };
}
