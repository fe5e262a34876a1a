import { Worker } from 'node:worker_threads';
import type { FromEngine, ToEngine } from '../engine-host/messages.js';
import type { EngineThread } from './engine-thread.js';

/** Runs an engine host in a worker thread; `entry` is the module that calls `serveEngine` there. */
export function engineWorkerThread(entry: URL, workerData: unknown): EngineThread {
  const worker = new Worker(entry, { workerData, name: 'weir-engine' });
  let failure: Error | undefined;
  worker.on('error', (error: unknown) => { failure = error instanceof Error ? error : new Error(String(error)); });
  return {
    post: (message: ToEngine) => worker.postMessage(message),
    // The other side is our own `serveEngine`, of the same build.
    onMessage: (listener) => { worker.on('message', (message) => listener(message as FromEngine)); },
    onExit: (listener) => { worker.once('exit', (code) => listener(failure ?? (code === 0 ? undefined : new Error(`exit code ${code}`)))); },
    terminate: async () => { await worker.terminate(); },
  };
}
