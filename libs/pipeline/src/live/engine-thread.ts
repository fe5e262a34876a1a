import type { FromEngine, ToEngine } from '../engine-host/messages.js';

/** A running engine host, wherever it runs. */
export interface EngineThread {
  post(message: ToEngine): void;
  onMessage(listener: (message: FromEngine) => void): void;
  /** Called once, however it ended; `error` when it failed. */
  onExit(listener: (error: Error | undefined) => void): void;
  terminate(): Promise<void>;
}

/** Starts a host that knows that alerts up to `storedSeq` are in the case store, and entries up to `durableSeq` in the log. */
export type SpawnEngine = (start: { readonly storedSeq: number; readonly durableSeq: number }) => EngineThread;
