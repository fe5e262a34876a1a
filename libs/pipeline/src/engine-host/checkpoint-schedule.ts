import type { CheckpointStore } from '@weir/stream-core';
import { encodeCheckpoint, type CheckpointHead } from './checkpoint-file.js';
import type { FromEngine } from './messages.js';

export interface CheckpointRate { readonly everyMs: number; readonly everyEntries: number }

/**
 * Decides when a checkpoint is due and writes it beside the engine.
 *
 * The state is copied at once (the engine goes on and changes it), but written only when every alert up to it is in the case
 * store: a checkpoint ahead of the store would lose the alerts between. One at a time, so memory holds one copy at most.
 * A failed write is told and the next one is tried when it is due.
 */
export class CheckpointSchedule {
  readonly #rate: CheckpointRate;
  readonly #store: CheckpointStore;
  readonly #post: (message: FromEngine) => void;
  readonly #clock: () => number;
  #taken: { readonly seq: number; readonly bytes: Uint8Array; readonly tookMs: number } | undefined;
  #writing: Promise<void> | undefined;
  #lastSeq = 0;
  #lastAt: number;

  constructor(rate: CheckpointRate, store: CheckpointStore, post: (message: FromEngine) => void, clock: () => number) {
    this.#rate = rate;
    this.#store = store;
    this.#post = post;
    this.#clock = clock;
    this.#lastAt = clock();
  }

  /** Entry of the newest checkpoint that was taken, written or not. */
  get lastSeq(): number { return this.#lastSeq; }

  startAt(seq: number): void {
    this.#lastSeq = seq;
    this.#lastAt = this.#clock();
  }

  isDue(appliedSeq: number): boolean {
    if (this.#taken || this.#writing || appliedSeq <= this.#lastSeq) return false;
    return appliedSeq - this.#lastSeq >= this.#rate.everyEntries || this.#clock() - this.#lastAt >= this.#rate.everyMs;
  }

  take(head: CheckpointHead, snapshot: () => Uint8Array, storedSeq: number): void {
    const begun = this.#clock();
    this.#lastSeq = head.seq;
    this.#lastAt = begun;
    try {
      const bytes = encodeCheckpoint(head, snapshot());
      this.#taken = { seq: head.seq, bytes, tookMs: this.#clock() - begun };
    } catch (cause) {
      this.#fail(cause);
      return;
    }
    this.stored(storedSeq);
  }

  /** The case store holds every alert up to `throughSeq`. */
  stored(throughSeq: number): void {
    const taken = this.#taken;
    if (!taken || throughSeq < taken.seq || this.#writing) return;
    this.#taken = undefined;
    const begun = this.#clock();
    this.#writing = this.#store.save(taken.seq, taken.bytes).then(
      () => this.#post({ kind: 'checkpoint', seq: taken.seq, tookMs: Math.round(taken.tookMs + this.#clock() - begun), bytes: taken.bytes.length }),
      (cause: unknown) => this.#fail(cause),
    ).finally(() => { this.#writing = undefined; });
  }

  /** Resolves when no write is under way. */
  async settled(): Promise<void> { await this.#writing; }

  #fail(cause: unknown): void {
    this.#post({ kind: 'checkpoint-failed', message: cause instanceof Error ? cause.message : String(cause) });
  }
}
