import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Alert, LogEntry } from '@weir/contracts';
import { compileRule, parseSchema } from '@weir/rule-lang';
import type { CheckpointStore } from '@weir/stream-core';
import type { EngineOptions } from '@weir/rule-engine';
import { EngineHost, type FollowedLog } from '../engine-host/engine-host.js';
import type { EngineMaker } from '../engine-host/engine-maker.js';
import type { FromEngine, ToEngine } from '../engine-host/messages.js';
import type { AlertSink } from '../live/alert-sink.js';
import type { EngineThread, SpawnEngine } from '../live/engine-thread.js';

/** The case store's contract in memory: one transaction of alerts and progress, alerts known already dropped. */
export class MemorySink implements AlertSink {
  readonly alerts = new Map<string, Alert>();
  progressSeq = 0;
  /** Alerts that came again after they were stored, and would be doubled by a store without ids. */
  repeated = 0;

  progress(): Promise<number> { return Promise.resolve(this.progressSeq); }

  async write(alerts: readonly Alert[], throughSeq: number): Promise<void> {
    await new Promise((resolve) => { setImmediate(resolve); });
    for (const alert of alerts) {
      if (alert.seq <= this.progressSeq || this.alerts.has(alert.alertId)) this.repeated += 1;
      else this.alerts.set(alert.alertId, alert);
    }
    this.progressSeq = Math.max(this.progressSeq, throughSeq);
  }
}

/** An engine that runs in this thread, with what the host would give it in its own. */
interface InProcessEngine {
  readonly openLog: () => Promise<FollowedLog>;
  readonly checkpoints: CheckpointStore;
  readonly maker: EngineMaker;
  readonly engineOptions: Partial<EngineOptions>;
  readonly checkpointEveryEntries: number;
  readonly sliceBytes?: number | undefined;
  /** Told each message that the engine sends, before the other side gets it; returns true to kill the engine instead. */
  readonly killAt?: ((message: FromEngine) => boolean) | undefined;
}

/**
 * Runs the engine host in this thread, behind the interface of a worker thread: messages are copied and arrive in a later turn.
 * A kill drops what is on its way in both directions and the host never runs again, as a dead thread would not. When the host ends by
 * itself, what it has said before still arrives, and then its exit.
 */
export function spawnInProcess(engine: InProcessEngine): SpawnEngine {
  return ({ storedSeq, durableSeq }) => {
    let isDead = false;
    let onMessage: (message: FromEngine) => void = () => undefined;
    let onExit: (error: Error | undefined) => void = () => undefined;
    const later = (step: () => void): void => { setImmediate(() => { if (!isDead) step(); }); };
    const kill = (error: Error): void => {
      isDead = true;
      setImmediate(() => onExit(error));
    };
    const end = (error: Error | undefined): void => later(() => {
      isDead = true;
      onExit(error);
    });
    const host = engine.openLog().then((log) => new EngineHost({
      log,
      checkpoints: engine.checkpoints,
      maker: engine.maker,
      compiler: { parseSchema, compileRule },
      engineOptions: engine.engineOptions,
      checkpointRate: { everyMs: Infinity, everyEntries: engine.checkpointEveryEntries, sliceBytes: engine.sliceBytes },
      storedSeq,
      durableSeq,
      post: (message) => {
        if (isDead) return;
        if (engine.killAt?.(message)) kill(new Error('killed by the test'));
        else later(() => onMessage(structuredClone(message)));
      },
      clock: () => performance.now(),
      // A dead host waits for ever.
      nextTurn: () => new Promise((resolve) => { later(resolve); }),
    }));
    host.then((running) => running.run()).then(() => end(undefined), (error: unknown) => end(error instanceof Error ? error : new Error(String(error))));
    const thread: EngineThread = {
      post: (message: ToEngine) => later(() => { void host.then((running) => running.receive(structuredClone(message))); }),
      onMessage: (listener) => { onMessage = listener; },
      onExit: (listener) => { onExit = listener; },
      terminate: () => { isDead = true; return Promise.resolve(); },
    };
    return thread;
  };
}

/** A log entry as it is appended. */
export function withoutSeq(entry: LogEntry): Omit<LogEntry, 'seq'> {
  const { seq: _seq, ...rest } = entry;
  return rest;
}

/** Runs `use` with a fresh folder and removes it afterwards, also when `use` fails. */
export async function withFolder<R>(use: (dir: string) => Promise<R>): Promise<R> {
  const dir = await mkdtemp(join(tmpdir(), 'weir-pipeline-'));
  return use(dir).finally(() => rm(dir, { recursive: true, force: true }));
}
