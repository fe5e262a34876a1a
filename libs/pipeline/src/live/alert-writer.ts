import type { Alert } from '@weir/contracts';
import type { AlertSink } from './alert-sink.js';

interface Batch { readonly batch: number; readonly throughSeq: number; readonly alerts: readonly Alert[] }

export interface AlertWriterOptions {
  readonly sink: AlertSink;
  /** After the commit of each batch, in order. */
  readonly onStored: (batch: number, throughSeq: number) => void;
  /** With a message while the store refuses, undefined once it takes again. */
  readonly onTrouble: (message: string | undefined) => void;
  /** Random number in [0, 1), for the jitter of retries. */
  readonly random: () => number;
}

const firstRetryMs = 100;
const longestRetryMs = 5_000;
const maxAlertsPerWrite = 1_000;

/**
 * Writes alert batches to the case store, one transaction at a time and in order; what has come in meanwhile shares the next.
 *
 * The queue is bounded by the engine, which stops at four batches not yet stored. A refused write is repeated with growing
 * pauses until it succeeds or the writer is closed: the engine waits, and intake is slowed down by its lag.
 */
export class AlertWriter {
  readonly #options: AlertWriterOptions;
  #queue: Batch[] = [];
  #running: Promise<void> | undefined;
  #isClosed = false;
  #endPause: (() => void) | undefined;

  constructor(options: AlertWriterOptions) { this.#options = options; }

  get pendingAlerts(): number { return this.#queue.reduce((sum, { alerts }) => sum + alerts.length, 0); }

  add(batch: Batch): void {
    if (this.#isClosed) return;
    this.#queue.push(batch);
    this.#running ??= this.#run().finally(() => { this.#running = undefined; });
  }

  /** Ends after the write at hand; what waits is dropped (the engine fires it again from its checkpoint). */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#endPause?.();
    await this.#running;
    this.#queue = [];
  }

  async #run(): Promise<void> {
    let pauseMs = firstRetryMs;
    while (this.#queue.length > 0 && !this.#isClosed) {
      const batches = this.#takeSome();
      const last = batches.at(-1);
      if (!last) return;
      try {
        await this.#options.sink.write(batches.flatMap(({ alerts }) => alerts), last.throughSeq);
      } catch (cause) {
        this.#queue.unshift(...batches);
        this.#options.onTrouble(cause instanceof Error ? cause.message : String(cause));
        await this.#pause(pauseMs * (0.5 + this.#options.random() / 2));
        pauseMs = Math.min(pauseMs * 2, longestRetryMs);
        continue;
      }
      if (pauseMs !== firstRetryMs) this.#options.onTrouble(undefined);
      pauseMs = firstRetryMs;
      for (const { batch, throughSeq } of batches) this.#options.onStored(batch, throughSeq);
    }
  }

  #takeSome(): Batch[] {
    let alerts = 0;
    let count = 0;
    for (const batch of this.#queue) {
      if (count > 0 && alerts + batch.alerts.length > maxAlertsPerWrite) break;
      alerts += batch.alerts.length;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#endPause?.(), ms);
      this.#endPause = () => {
        clearTimeout(timer);
        this.#endPause = undefined;
        resolve();
      };
    });
  }
}
