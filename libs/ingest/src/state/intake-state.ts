import type { LogEntry } from '@weir/contracts';
import type { EventContent } from '../validate/validate-event.js';
import { SeenIds } from './seen-ids.js';
import { decodeSnapshot, encodeSnapshot, type SnapshotRefusal } from './snapshot.js';

/** How long ids are remembered, and how much disorder is in time. */
export interface IntakeStateOptions {
  /** Event time within which an id is known again, ms; default 7 days. An id accepted exactly this long ago is new. */
  readonly horizonMs: number;
  /** ms; the watermark trails the largest ts by this plus 1 ms. Default 60,000. */
  readonly maxOutOfOrdernessMs: number;
  /** How far ahead of the clock an event may be dated, ms; always below `maxOutOfOrdernessMs`. Default 10,000. */
  readonly maxFutureMs: number;
  /** Ids kept at most, about 32 bytes each; past that the oldest go and are counted. Default 20,000,000. */
  readonly maxIds: number;
  /** Any two 32-bit numbers, chosen at random by the host once; kept in the snapshot. */
  readonly seed: readonly [number, number];
}
/** Used where nothing else is asked for. */
export const defaultIntakeStateOptions: IntakeStateOptions = { horizonMs: 7 * 86_400_000, maxOutOfOrdernessMs: 60_000, maxFutureMs: 10_000, maxIds: 20_000_000, seed: [0x9e3779b9, 0x7f4a7c15] };

/** Where an event stands in time when it is its turn. `event` is as it goes into the log. */
export type PlaceInTime =
  | { readonly status: 'accepted'; readonly event: EventContent }
  | { readonly status: 'late'; readonly event: EventContent; readonly delayMs: number }
  | { readonly status: 'future'; readonly aheadMs: number };

/** The state of a snapshot, or why the bytes are none. */
export type RestoredIntakeState = { readonly ok: true; readonly state: IntakeState } | { readonly ok: false; readonly reason: SnapshotRefusal; readonly message: string };

/**
 * What the ingester must remember to decide duplicates and lateness: a function of the log up to {@link lastSeq}.
 * Pure: no clock (`now` is an argument), no I/O (a possible duplicate is looked up in the log by the caller).
 *
 * Use, for each event in order: {@link candidates} -> look up -> {@link place} -> append -> {@link record}. For entries
 * read back from the log: {@link replay}.
 */
export class IntakeState {
  private readonly options: IntakeStateOptions;
  private readonly seen: SeenIds;
  private largestTs = 0;
  private seq = 0;
  private forgottenEarly = 0;

  constructor(options: Partial<IntakeStateOptions> = {}) {
    this.options = { ...defaultIntakeStateOptions, ...options };
    if (this.options.maxFutureMs >= this.options.maxOutOfOrdernessMs) throw new RangeError(`maxFuture (${this.options.maxFutureMs} ms) must be below maxOutOfOrderness (${this.options.maxOutOfOrdernessMs} ms): one wrong date would make the rest late`);
    this.seen = new SeenIds(this.options.seed[0], this.options.seed[1]);
  }

  /** Largest ts accepted so far; 0 when there is none. */
  get maxTs(): number { return this.largestTs; }
  /** seq of the last entry recorded; 0 when there is none. */
  get lastSeq(): number { return this.seq; }
  /** Ids known at present, and how many were forgotten before the horizon because of `maxIds`. */
  get ids(): { readonly known: number; readonly forgottenEarly: number } { return { known: this.seen.size, forgottenEarly: this.forgottenEarly }; }
  /** Event time up to which an event is late; -1 when there was no event yet. */
  get watermark(): number { return this.largestTs === 0 ? -1 : this.largestTs - this.options.maxOutOfOrdernessMs - 1; }

  /** Seqs that may hold this id. Two ids may share a fingerprint, so the caller compares the id found there. */
  candidates(id: string): readonly number[] { return this.seen.candidates(id, this.horizonStart); }

  get horizonMs(): number { return this.options.horizonMs; }
  get maxFutureMs(): number { return this.options.maxFutureMs; }
  /** Ids accepted when the largest ts was at or below this are new again. */
  get horizonStart(): number { return this.largestTs - this.options.horizonMs; }

  /**
   * Decides time for the next event and moves the largest ts. Late: ts <= watermark; a type to be restamped gets the
   * largest ts so far and keeps what it stated. `future`: more than `maxFutureMs` after `now`; nothing is moved.
   * @param now the ingester's clock, epoch ms. @param restamp the schema says `late: restamp` for the type.
   */
  place(event: EventContent, restamp: boolean, now: number): PlaceInTime {
    const aheadMs = event.ts - now;
    if (aheadMs > this.options.maxFutureMs) return { status: 'future', aheadMs };
    if (event.ts > this.watermark) {
      this.largestTs = Math.max(this.largestTs, event.ts);
      return { status: 'accepted', event };
    }
    if (restamp) return { status: 'accepted', event: { ...event, ts: this.largestTs, statedTs: event.ts } };
    return { status: 'late', event: { ...event, late: true }, delayMs: this.largestTs - event.ts };
  }

  /**
   * Remembers an event that {@link place} accepted or found late, with the seq it was given. Seqs rise.
   * @param at {@link maxTs} right after its `place`: later events may have been placed before this one is durable.
   */
  record(id: string, seq: number, at: number = this.largestTs): void {
    this.seen.add(id, seq, at);
    this.seq = seq;
    this.forgottenEarly += this.seen.forget(this.horizonStart, this.options.maxIds);
  }

  /** Takes note of an entry that is no event, appended by the host: moves time and seq. */
  pass(ts: number, seq: number): void {
    this.largestTs = Math.max(this.largestTs, ts);
    this.seq = seq;
  }

  /** Takes an entry of any kind as it lies in the log, after a restart. */
  replay(entry: LogEntry): void {
    this.pass(entry.ts, entry.seq);
    if (entry.kind === 'event') this.record(entry.id, entry.seq);
  }

  /** The whole state as bytes: versioned, with CRC. Seed and memory of ids are in it, the other options are not. */
  snapshot(): Uint8Array {
    return encodeSnapshot({ seed: this.options.seed, maxTs: this.largestTs, seq: this.seq, forgottenEarly: this.forgottenEarly, seen: this.seen });
  }

  /** Refuses by name what is damaged, foreign or of another version. The caller then replays the log of the last horizon. */
  static restore(bytes: Uint8Array, options: Partial<IntakeStateOptions> = {}): RestoredIntakeState {
    const decoded = decodeSnapshot(bytes);
    if (!decoded.ok) return decoded;
    const state = new IntakeState({ ...options, seed: decoded.seed });
    state.largestTs = decoded.maxTs;
    state.seq = decoded.seq;
    state.forgottenEarly = decoded.forgottenEarly;
    decoded.copyTo(state.seen);
    return { ok: true, state };
  }
}
