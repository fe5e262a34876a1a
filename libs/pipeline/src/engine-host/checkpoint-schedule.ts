import { defaultSliceBytes } from '@weir/rule-engine';
import type { RuleEngine, SnapshotSlices } from '@weir/rule-engine';
import type { CheckpointStore, CheckpointWriter } from '@weir/stream-core';
import { encodeHead, type CheckpointHead } from './checkpoint-file.js';
import type { FromEngine } from './messages.js';

export interface CheckpointRate {
  readonly everyMs: number;
  readonly everyEntries: number;
  /** Bytes of a slice, about: what the evaluation waits for at a time. Default that of the engine, 128 KiB. */
  readonly sliceBytes?: number | undefined;
}

/** Slices on their way to the disk, and the room that they take; beyond it the next one waits. */
const mostBytesUnderWay = 8 * 1024 * 1024;

/** A checkpoint under way. */
interface Taking {
  readonly seq: number;
  readonly slices: SnapshotSlices;
  readonly begun: number;
  writer: CheckpointWriter | undefined;
  /** Everything handed over so far, written. */
  written: Promise<void>;
  bytesUnderWay: number;
  bytes: number;
  count: number;
  worstStallMs: number;
  isTaken: boolean;
  isOver: boolean;
}

/**
 * Decides when a checkpoint is due and takes it slice by slice, one between two turns of the host, into a file of its own.
 *
 * The engine goes on meanwhile: only beginning and each slice hold it up, and the longest of them is told. The file becomes
 * a checkpoint when it is whole and every alert up to it is in the case store: ahead of the store, the alerts between would
 * be lost. One at a time; a failed one is told, leaves the one before, and the next is tried when it is due.
 */
export class CheckpointSchedule {
  readonly #rate: CheckpointRate;
  readonly #store: CheckpointStore;
  readonly #post: (message: FromEngine) => void;
  readonly #clock: () => number;
  readonly #wake: () => void;
  #taking: Taking | undefined;
  /** What the last one does after its end: nothing but finishing I/O. */
  #ending: Promise<void> = Promise.resolve();
  /** Where slices were written that are on the disk now: the next ones go there, and nothing is left to the collector. */
  #rooms: Uint8Array[] = [];
  #storedSeq = 0;
  #lastSeq = 0;
  #lastAt: number;

  /** @param wake called when there is something to do again. */
  constructor(rate: CheckpointRate, store: CheckpointStore, post: (message: FromEngine) => void, clock: () => number, wake: () => void) {
    this.#rate = rate;
    this.#store = store;
    this.#post = post;
    this.#clock = clock;
    this.#wake = wake;
    this.#lastAt = clock();
  }

  /** Entry of the newest checkpoint that was begun, whole or not. */
  get lastSeq(): number { return this.#lastSeq; }

  /** Is there a slice to take now? */
  get wantsSlice(): boolean { return this.#taking !== undefined && !this.#taking.isTaken && this.#taking.bytesUnderWay < mostBytesUnderWay; }

  startAt(seq: number): void {
    this.#lastSeq = seq;
    this.#lastAt = this.#clock();
  }

  isDue(appliedSeq: number): boolean {
    if (this.#taking || appliedSeq <= this.#lastSeq) return false;
    return appliedSeq - this.#lastSeq >= this.#rate.everyEntries || this.#clock() - this.#lastAt >= this.#rate.everyMs;
  }

  /** Begins a checkpoint of the engine as it is now. One under way is given up for it. */
  begin(head: CheckpointHead, engine: RuleEngine | undefined, storedSeq: number): void {
    this.#giveUp();
    const begun = this.#clock();
    this.#lastSeq = head.seq;
    this.#lastAt = begun;
    this.#storedSeq = Math.max(this.#storedSeq, storedSeq);
    try {
      const slices = slicesOf(engine, head.seq);
      const taking: Taking = { seq: head.seq, slices, begun, writer: undefined, written: Promise.resolve(), bytesUnderWay: 0, bytes: 0, count: 0, worstStallMs: 0, isTaken: false, isOver: false };
      this.#taking = taking;
      taking.written = this.#ending.then(() => this.#store.begin(head.seq)).then((writer) => { taking.writer = writer; });
      this.#hand(taking, encodeHead(head));
      taking.worstStallMs = this.#clock() - begun;
    } catch (cause) {
      this.#fail(this.#taking, cause);
    }
  }

  /** Takes one slice, if there is one to take. */
  step(): void {
    const taking = this.#taking;
    if (!taking || !this.wantsSlice) return;
    const begun = this.#clock();
    try {
      const sliceBytes = this.#rate.sliceBytes ?? defaultSliceBytes;
      const room = this.#rooms.pop() ?? new Uint8Array(Math.ceil(1.5 * sliceBytes));
      const slice = taking.slices.next(sliceBytes, room);
      if (slice) this.#hand(taking, slice, room);
      else {
        taking.isTaken = true;
        this.#rooms = [];
        this.#commitIfStored();
      }
    } catch (cause) {
      this.#fail(taking, cause);
    }
    taking.worstStallMs = Math.max(taking.worstStallMs, this.#clock() - begun);
  }

  /** The case store holds every alert up to `throughSeq`. */
  stored(throughSeq: number): void {
    this.#storedSeq = Math.max(this.#storedSeq, throughSeq);
    this.#commitIfStored();
  }

  /** Takes what is left of the checkpoint under way; resolves when it is written, or given up because the store is not that far. */
  async finish(nextTurn: () => Promise<void>): Promise<void> {
    for (let taking = this.#taking; taking && !taking.isTaken; taking = this.#taking) {
      this.step();
      await (this.wantsSlice || taking.isTaken ? nextTurn() : taking.written.catch(() => undefined)); // a failure is told where it is handed over
    }
    if (this.#taking && this.#storedSeq < this.#taking.seq) this.#giveUp();
    await this.#ending;
  }

  #hand(taking: Taking, bytes: Uint8Array, room?: Uint8Array): void {
    const taken = Math.max(bytes.length, room?.length ?? 0);
    taking.bytesUnderWay += taken;
    taking.bytes += bytes.length;
    taking.count += 1;
    taking.written = taking.written.then(() => taking.writer?.write(bytes)).then(() => {
      taking.bytesUnderWay -= taken;
      if (room && !taking.isTaken && !taking.isOver) this.#rooms.push(room);
      this.#wake();
    });
    taking.written.catch((cause: unknown) => this.#fail(taking, cause));
  }

  #commitIfStored(): void {
    const taking = this.#taking;
    if (!taking?.isTaken || this.#storedSeq < taking.seq || taking.isOver) return;
    taking.isOver = true;
    this.#ending = taking.written.then(() => taking.writer?.commit()).then(() => {
      if (this.#taking === taking) this.#taking = undefined;
      this.#post({
        kind: 'checkpoint', seq: taking.seq, tookMs: Math.round(this.#clock() - taking.begun), bytes: taking.bytes, slices: taking.count,
        worstStallMs: Math.round(taking.worstStallMs * 1000) / 1000,
      });
      this.#wake();
    }).catch((cause: unknown) => {
      taking.isOver = false;
      this.#fail(taking, cause);
      return this.#ending;
    });
  }

  #giveUp(): void {
    const taking = this.#taking;
    if (!taking || taking.isOver) return;
    this.#end(taking);
  }

  #end(taking: Taking): void {
    taking.isOver = true;
    this.#rooms = [];
    if (this.#taking === taking) this.#taking = undefined;
    taking.slices.abandon();
    const { written } = taking;
    this.#ending = written.catch(() => undefined).then(() => taking.writer?.abandon()).catch(() => undefined); // the file is no checkpoint, whatever becomes of it
  }

  #fail(taking: Taking | undefined, cause: unknown): void {
    if (taking?.isOver === true) return;
    if (taking) this.#end(taking);
    this.#post({ kind: 'checkpoint-failed', message: cause instanceof Error ? cause.message : String(cause) });
    this.#wake();
  }
}

/** An engine that cannot give slices gives its state in one. */
function slicesOf(engine: RuleEngine | undefined, seq: number): SnapshotSlices {
  const slices = engine?.beginSnapshot?.();
  if (slices) return slices;
  let whole = engine?.snapshot();
  return {
    seq,
    next: () => {
      const slice = whole;
      whole = undefined;
      return slice;
    },
    abandon: () => { whole = undefined; },
  };
}
