/** Entry of the engine's worker thread: here the host's ports meet the files. */
import { parentPort, workerData } from 'node:worker_threads';
import { openCheckpoints, openLogReader } from '@weir/connectors';
import { embeddedEngine, serveEngine, type CheckpointRate } from '@weir/pipeline';
import type { EngineOptions } from '@weir/rule-engine';
import type { LogEntry, LogEvent } from '@weir/contracts';
import { compileRule, parseSchema } from '@weir/rule-lang';

/** What the thread of the engine is started with; `storedSeq`: alerts up to it are stored already. */
export interface EngineThreadData {
  readonly logDir: string;
  readonly checkpointDir: string;
  readonly engineOptions: Partial<EngineOptions>;
  readonly checkpointRate: CheckpointRate;
  readonly storedSeq: number;
  readonly durableSeq: number;
}

if (!parentPort) throw new Error('This module is the entry of a worker thread.');
// Sent by `main` of the same build.
const { logDir, checkpointDir, engineOptions, ...start } = workerData as EngineThreadData;
const log = await openLogReader(logDir);
await serveEngine(parentPort, {
  ...start,
  log,
  // Explanations read the events of windows from the log, so that nothing is kept in memory for them.
  engineOptions: { ...engineOptions, readEvent: (seq) => eventOf(log.getNow(seq)) },
  checkpoints: await openCheckpoints(checkpointDir),
  maker: embeddedEngine,
  compiler: { parseSchema, compileRule },
});

function eventOf(entry: LogEntry | undefined): LogEvent | undefined { return entry?.kind === 'event' ? entry : undefined; }
