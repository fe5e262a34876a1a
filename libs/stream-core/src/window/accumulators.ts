import { inDoubleUnits } from '../state/exact-double.js';
import { addWide, setExact } from '../state/key-rows.js';
import type { KeyRows } from '../state/key-rows.js';
import { PairCounts } from '../state/pair-counts.js';
import type { PairColumns, PairRoom } from '../state/pair-counts.js';
import { heapRoom } from '../wasm/room.js';
import type { Room } from '../wasm/room.js';
import { compareExact, EventQueues } from './event-queues.js';
import type { QueueKind } from './event-queues.js';
import type { EventNumber, SharedLog } from './shared-log.js';

const widest = Number.MAX_SAFE_INTEGER;
/** Largest integer whose square is safe. */
const widestRoot = 94_906_265;

/** Where an accumulator reads and writes. */
export interface Place {
  readonly log: SharedLog;
  readonly rows: KeyRows;
  /** Column of `log.ids` with the key. */
  readonly idColumn: number;
  /** Cell of the row. */
  readonly offset: number;
  /** Only events with this predicate bit are counted; -1: all. */
  readonly bit: number;
}

/** Cells of one key as they would be, apart from those kept: for events out of order. */
export interface Scratch { readonly cells: Float64Array; readonly wide: Map<number, bigint> }

/**
 * One number about a sliding window of each key, kept exact while events enter and leave; of a `distinct` with a mirror, two.
 *
 * `enter` and `leave` are called once an event whose key id is not 0, in any order of events as long as each enters
 * before it leaves. `fold` computes the same number from a list of events, touching nothing kept.
 */
export interface Accumulator {
  readonly place: Place;
  enter(n: EventNumber): void;
  /** @param bound everything of the window dated at or before it leaves. */
  leave(n: EventNumber, bound: number): void;
  /** @param events ascending by (ts, n); the first `count` are the window's. Writes cell `at`. */
  fold(events: Int32Array, count: number, scratch: Scratch, at: number): void;
  readonly byteLength: number;
}

function passes({ log, bit }: Place, n: EventNumber): boolean {
  return bit < 0 || (((log.bits[bit >> 5] as Int32Array)[n & log.mask] as number) & (1 << (bit & 31))) !== 0;
}
function idOf({ log, idColumn }: Place, n: EventNumber): number { return (log.ids[idColumn] as Int32Array)[n & log.mask] as number; }
function cellOf(place: Place, n: EventNumber): number { return idOf(place, n) * place.rows.stride + place.offset; }

export class Count implements Accumulator {
  readonly byteLength = 0;
  constructor(readonly place: Place) {}
  enter(n: EventNumber): void { if (passes(this.place, n)) this.add(n, 1); }
  leave(n: EventNumber): void { if (passes(this.place, n)) this.add(n, -1); }
  fold(events: Int32Array, count: number, { cells }: Scratch, at: number): void {
    let passed = 0;
    for (let i = 0; i < count; i++) if (passes(this.place, events[i] as number)) passed++;
    cells[at] = passed;
  }
  private add(n: EventNumber, step: number): void {
    const { cells } = this.place.rows;
    const at = cellOf(this.place, n);
    cells[at] = (cells[at] as number) + step;
  }
}

/** Sum of a column of exact integers, or of their squares. Events without the value are to be kept out by the predicate bit. */
export class ExactSum implements Accumulator {
  readonly byteLength = 0;
  constructor(readonly place: Place, readonly column: number, readonly squared: boolean) {}

  enter(n: EventNumber): void { if (passes(this.place, n)) this.add(n, 1); }
  leave(n: EventNumber): void { if (passes(this.place, n)) this.add(n, -1); }

  fold(events: Int32Array, count: number, { cells, wide }: Scratch, at: number): void {
    setExact(cells, wide, at, 0n);
    for (let i = 0; i < count; i++) if (passes(this.place, events[i] as number)) this.addTo(cells, wide, at, events[i] as number, 1);
  }

  private add(n: EventNumber, sign: 1 | -1): void { this.addTo(this.place.rows.cells, this.place.rows.wide, cellOf(this.place, n), n, sign); }

  private addTo(cells: Float64Array, wide: Map<number, bigint>, at: number, n: EventNumber, sign: 1 | -1): void {
    const { log } = this.place;
    const x = (log.numbers[this.column] as Float64Array)[n & log.mask] as number;
    // A square of a root beyond the widest is not exact in a double, so it takes the slow way; so does any infinity.
    const summand = this.squared ? (x > widestRoot || x < -widestRoot ? Infinity : x * x) : x;
    const sum = (cells[at] as number) + sign * summand;
    if (sum <= widest && sum >= -widest) {
      cells[at] = sum;
      return;
    }
    const exact = log.wide[this.column]?.get(n) ?? BigInt(x);
    addWide(cells, wide, at, BigInt(sign) * (this.squared ? exact * exact : exact));
  }
}

/** Sum of a column of doubles, or of their squares, as exact multiples of 2^-1074 or 2^-2148: all of it in `wide`; the cell counts for nothing. */
export class DoubleSum implements Accumulator {
  readonly byteLength = 0;
  constructor(readonly place: Place, readonly column: number, readonly squared: boolean) {}

  enter(n: EventNumber): void { if (passes(this.place, n)) add(this.place.rows.wide, cellOf(this.place, n), this.summand(n)); }
  leave(n: EventNumber): void { if (passes(this.place, n)) add(this.place.rows.wide, cellOf(this.place, n), -this.summand(n)); }

  fold(events: Int32Array, count: number, { cells, wide }: Scratch, at: number): void {
    cells[at] = 0; // known, whatever stood here before
    wide.delete(at);
    for (let i = 0; i < count; i++) if (passes(this.place, events[i] as number)) add(wide, at, this.summand(events[i] as number));
  }

  private summand(n: EventNumber): bigint {
    const { log } = this.place;
    const exact = inDoubleUnits((log.numbers[this.column] as Float64Array)[n & log.mask] as number);
    return this.squared ? exact * exact : exact;
  }
}
function add(wide: Map<number, bigint>, at: number, summand: bigint): void {
  const sum = (wide.get(at) ?? 0n) + summand;
  if (sum === 0n) wide.delete(at); else wide.set(at, sum);
}

/** Where the values of a `distinct` count their keys in turn: the rows are those of the values. */
type MirrorPlace = Pick<Place, 'rows' | 'offset'>;

/**
 * How many different values of an id column the window's events have. With a `mirror` also, for each value, how many different keys:
 * it is the same pairs that both count, so they are kept once.
 */
export class Distinct implements Accumulator {
  readonly pairs: PairCounts;
  constructor(readonly place: Place, readonly valueColumn: number, seed: number, room: Room = heapRoom, readonly mirror?: MirrorPlace) { this.pairs = new PairCounts(seed, room); }

  get byteLength(): number { return this.pairs.byteLength; }

  enter(n: EventNumber): void { if (passes(this.place, n) && this.pairs.add(idOf(this.place, n), this.value(n))) this.add(idOf(this.place, n), this.value(n), 1); }
  /** Events that pass the predicate enter by their keys and values, the first `count`. @param room as `PairCounts.addAll` needs it. */
  enterAll(pairs: PairColumns, count: number, room: PairRoom): void { this.pairs.addAll(pairs, count, room, (key, value) => { this.add(key, value, 1); }); }
  leave(n: EventNumber): void { if (passes(this.place, n) && this.pairs.remove(idOf(this.place, n), this.value(n))) this.add(idOf(this.place, n), this.value(n), -1); }

  fold(events: Int32Array, count: number, { cells }: Scratch, at: number): void {
    const values = new Set<number>();
    for (let i = 0; i < count; i++) if (passes(this.place, events[i] as number)) values.add(this.value(events[i] as number));
    cells[at] = values.size;
  }

  private value(n: EventNumber): number {
    const { log } = this.place;
    return (log.ids[this.valueColumn] as Int32Array)[n & log.mask] as number;
  }
  private add(key: number, value: number, step: number): void {
    addTo(this.place, key, step);
    if (this.mirror !== undefined) addTo(this.mirror, value, step);
  }
}

function addTo({ rows: { cells, stride }, offset }: MirrorPlace, id: number, step: number): void {
  const at = id * stride + offset;
  cells[at] = (cells[at] as number) + step;
}

/** What is read of the event that an extreme picks. */
export type PickedColumn = { readonly kind: 'number'; readonly column: number } | { readonly kind: 'id'; readonly column: number };

/** Value of the smallest, largest, first or latest event of the window; NaN when there is none. min and max need a number column. */
export class Extreme implements Accumulator {
  readonly queues: EventQueues;
  constructor(readonly place: Place, readonly picked: PickedColumn, readonly kind: QueueKind, room: Room = heapRoom) {
    this.queues = new EventQueues(place.log, kind, picked.column, room);
  }

  get byteLength(): number { return this.queues.byteLength; }

  enter(n: EventNumber): void {
    if (!passes(this.place, n)) return;
    const id = idOf(this.place, n);
    this.queues.enter(id, n);
    this.show(id);
  }

  leave(n: EventNumber, bound: number): void {
    if (!passes(this.place, n)) return;
    const id = idOf(this.place, n);
    this.queues.leave(id, bound);
    this.show(id);
  }

  fold(events: Int32Array, count: number, { cells, wide }: Scratch, at: number): void {
    let best: EventNumber | undefined;
    for (let i = 0; i < count; i++) {
      const n = events[i] as number;
      if (passes(this.place, n) && (best === undefined || this.beats(n, best))) best = n;
    }
    this.write(cells, wide, at, best);
  }

  private show(id: number): void {
    const { rows, offset } = this.place;
    this.write(rows.cells, rows.wide, id * rows.stride + offset, this.queues.front(id));
  }

  private write(cells: Float64Array, wide: Map<number, bigint>, at: number, n: EventNumber | undefined): void {
    if (wide.size > 0) wide.delete(at);
    if (n === undefined) {
      cells[at] = NaN;
      return;
    }
    const { log } = this.place;
    const { picked } = this;
    const value = ((picked.kind === 'id' ? log.ids : log.numbers)[picked.column] as Float64Array | Int32Array)[n & log.mask] as number;
    cells[at] = value;
    const exact = picked.kind === 'number' && !Number.isFinite(value) ? log.wide[picked.column]?.get(n) : undefined;
    if (exact !== undefined) wide.set(at, exact);
  }

  /** `later` comes after `best` in (ts, n): does it take its place as the answer? */
  private beats(later: EventNumber, best: EventNumber): boolean {
    switch (this.kind) {
      case 'first': return false;
      case 'latest': return true;
      case 'min': return compareExact(this.place.log, this.picked.column, later, best) < 0;
      case 'max': return compareExact(this.place.log, this.picked.column, later, best) > 0;
    }
  }
}
