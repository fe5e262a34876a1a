import { setImmediate as nextTurn } from 'node:timers/promises';
import { EngineHost, type EngineHostDefinition } from './engine-host.js';
import type { FromEngine, ToEngine } from './messages.js';

/** The thread's end of the channel: `parentPort` of a worker, or a port of a MessageChannel. */
export interface EnginePort {
  postMessage(message: FromEngine): void;
  on(event: 'message', listener: (message: ToEngine) => void): unknown;
  off(event: 'message', listener: (message: ToEngine) => void): unknown;
}

const tickMs = 250;

/** Runs a host on a port until it is told to stop. Rejects when the host fails; the thread then ends with that error. */
export async function serveEngine(port: EnginePort, definition: Omit<EngineHostDefinition, 'post' | 'clock' | 'nextTurn'>): Promise<void> {
  const host = new EngineHost({
    ...definition,
    post: (message) => port.postMessage(message),
    clock: () => performance.now(),
    nextTurn: () => nextTurn(),
  });
  const receive = (message: ToEngine): void => host.receive(message);
  port.on('message', receive);
  const ticking = setInterval(() => host.tick(), tickMs);
  try {
    await host.run();
  } finally {
    clearInterval(ticking);
    port.off('message', receive);
  }
}
