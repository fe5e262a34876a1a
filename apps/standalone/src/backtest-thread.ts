/** Entry of a backtest's worker thread: reads the live log beside its writer and changes nothing. */
import { parentPort, workerData } from 'node:worker_threads';
import { openLogReader } from '@weir/connectors';
import { embeddedEngine, serveBacktest, type BacktestRequest } from '@weir/pipeline';
import { compileRule, parseSchema } from '@weir/rule-lang';

/** What the thread of a backtest is started with. */
export interface BacktestThreadData { readonly logDir: string; readonly request: BacktestRequest }

const port = parentPort;
if (!port) throw new Error('This module is the entry of a worker thread.');
// Sent by `main` of the same build.
const { logDir, request } = workerData as BacktestThreadData;
await serveBacktest((message) => port.postMessage(message), request, {
  log: await openLogReader(logDir),
  compiler: { parseSchema, compileRule },
  makeEngine: (definition) => embeddedEngine.create(definition),
});
