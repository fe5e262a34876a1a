/** Entry of the engine's worker thread: here the host's ports meet the files. */
import { parentPort, workerData } from 'node:worker_threads';
import { openCheckpoints, openLogReader } from '@weir/connectors';
import { embeddedEngine, serveEngine, type CheckpointRate } from '@weir/pipeline';
import type { EngineOptions } from '@weir/rule-engine';
import { compileRule, parseSchema } from '@weir/rule-lang';

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
const { logDir, checkpointDir, ...start } = workerData as EngineThreadData;
await serveEngine(parentPort, {
  ...start,
  log: await openLogReader(logDir),
  checkpoints: await openCheckpoints(checkpointDir),
  maker: embeddedEngine,
  compiler: { parseSchema, compileRule },
});
