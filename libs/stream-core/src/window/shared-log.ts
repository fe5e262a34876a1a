import { heapRoom } from '../wasm/room.js';
import type { Column, Room } from '../wasm/room.js';

/** Shape of a log: how many columns of each kind it has. */
export interface SharedLogShape {
  /** 32-bit words of predicate bits an event. */
  readonly bitWords: number;
  /** Columns of interner ids: keys and distinct values. */
  readonly ids: number;
  /** Chains: for each, the event before it with the same key. */
  readonly chains: number;
  /** Columns of numbers. */
  readonly numbers: number;
  /** False: no event's bytes are kept, and `place` and `size` are empty. Default true. */
  readonly hasPayload?: boolean;
}

/** Columns that events are appended from. */
export interface TimedColumns { readonly ts: Float64Array; readonly seq: Float64Array; readonly type: Int32Array | Uint16Array }
const one: TimedColumns = { ts: new Float64Array(1), seq: new Float64Array(1), type: new Uint16Array(1) };

/** An event number: counts up in order of arrival and wraps as int32; compared by difference, never by value. */
export type EventNumber = number;

/**
 * Where a chain begins for each key: a cell of the key's row that holds the place of its newest event in the count of all
 * events ever appended, from 1; 0: none. Whoever frees a key sets the cell to 0.
 */
export interface ChainHeads { readonly rows: { readonly cells: Float64Array; readonly stride: number }; readonly offset: number }

/**
 * The events that some window may still hold, in columns: one log shared by all windows over the same event types.
 *
 * Layout: a ring of power-of-two capacity in order of arrival; event `n` lies at `n & mask`. An event whose ts is
 * below one before it is *displaced*: it keeps its place in the ring and is listed in `side`, sorted by (ts, n), so
 * that main and side together can be walked in time order. `previous[c]` is the distance back to the next older event, by
 * (ts, n), with the same key of chain `c`; 0 ends the chain, as does an event no longer held.
 *
 * Numbers that are no safe integers show as an infinity and lie in `wide` by event number.
 * Invariants: ts of events not displaced never falls; a chain falls strictly in (ts, n).
 */
export class SharedLog {
  ts: Float64Array;
  seq: Float64Array;
  type: Uint16Array;
  displaced: Uint8Array;
  bits: Int32Array[];
  ids: Int32Array[];
  previous: Int32Array[];
  numbers: Float64Array[];
  readonly wide: Map<EventNumber, bigint>[];
  /** Place and length of the event's bytes, for evidence. */
  place: Float64Array;
  size: Int32Array;

  mask: number;
  first: EventNumber = 0;
  next: EventNumber = 0;
  side = new Int32Array(64);
  sideFrom = 0;
  sideTo = 0;
  /** Events ever appended. */
  private appended = 0;
  private readonly heads: ChainHeads[] = [];

  constructor(readonly shape: SharedLogShape, private readonly room: Room = heapRoom, capacity = 1024) {
    this.mask = capacity - 1;
    this.ts = room.f64(capacity);
    this.seq = room.f64(capacity);
    this.type = room.u16(capacity);
    this.displaced = room.u8(capacity);
    this.bits = many(shape.bitWords, () => room.i32(capacity));
    this.ids = many(shape.ids, () => room.i32(capacity));
    this.previous = many(shape.chains, () => room.i32(capacity));
    this.numbers = many(shape.numbers, () => room.f64(capacity));
    this.wide = many(shape.numbers, () => new Map<EventNumber, bigint>());
    const payloads = shape.hasPayload === false ? 0 : capacity;
    this.place = room.f64(payloads);
    this.size = room.i32(payloads);
  }

  /** Events held. */
  get length(): number { return (this.next - this.first) | 0; }

  get byteLength(): number {
    const { shape } = this;
    const bytesPerEvent = 8 + 8 + 2 + 1 + (shape.hasPayload === false ? 0 : 8 + 4) + 4 * (shape.bitWords + shape.ids + shape.chains) + 8 * shape.numbers;
    return (this.mask + 1) * bytesPerEvent + this.side.byteLength;
  }

  holds(n: EventNumber): boolean { return ((n - this.first) | 0) >= 0 && ((this.next - n) | 0) > 0; }

  /** Chains are registered once, in order of their column. */
  addChain(heads: ChainHeads): void { this.heads.push(heads); }

  /**
   * A new event at the end. Its other columns at the returned number hold what an older event left: the caller
   * writes all of them, then links the chains. @returns its number.
   */
  append(ts: number, seq: number, type: number, isDisplaced: boolean): EventNumber {
    one.ts[0] = ts;
    one.seq[0] = seq;
    one.type[0] = type;
    return this.appendFrom(one, 0, isDisplaced);
  }

  /** The same from columns: doubles stay in typed arrays, where passing them as arguments would put each on the heap. */
  appendFrom(source: TimedColumns, row: number, isDisplaced: boolean): EventNumber {
    if (this.length > this.mask) this.grow(2 * (this.mask + 1));
    const n = this.next;
    const at = n & this.mask;
    const ts = source.ts[row] as number;
    this.ts[at] = ts;
    this.seq[at] = source.seq[row] as number;
    this.type[at] = source.type[row] as number;
    this.displaced[at] = isDisplaced ? 1 : 0;
    this.next = (n + 1) | 0;
    this.appended++;
    if (isDisplaced) this.insertInSide(n, ts);
    return n;
  }

  /** An event displaced, of which all columns but the chains are written at its place: the same as {@link append}. */
  appendWritten(): EventNumber {
    const n = this.next;
    this.next = (n + 1) | 0;
    this.appended++;
    this.insertInSide(n, this.ts[n & this.mask] as number);
    return n;
  }

  /** How many of the events that are written behind the newest, `most` of them, come in order before one is displaced. */
  inOrderAhead(most: number): number {
    const { displaced, mask, next } = this;
    let count = 0;
    while (count < most && displaced[(next + count) & mask] === 0) count++;
    return count;
  }

  /** Links the event just appended into chain `c` under its key. O(1) in time order, else O(events of the key dated after it). */
  link(c: number, id: number): void {
    const heads = this.heads[c] as ChainHeads;
    const previous = this.previous[c] as Int32Array;
    const { cells, stride } = heads.rows;
    const cell = id * stride + heads.offset;
    const { mask, ts } = this;
    const n = (this.next - 1) | 0;
    const at = n & mask;
    const head = cells[cell] as number;
    const distance = this.appended - head;
    if (head === 0 || distance >= this.length) {
      previous[at] = 0;
      cells[cell] = this.appended;
      return;
    }
    // In time order nothing is newer: the older event's ts, far back in the ring, need not be read.
    if (this.displaced[at] === 0) {
      previous[at] = distance;
      cells[cell] = this.appended;
      return;
    }
    const time = ts[at] as number;
    let after = (n - distance) | 0;
    if ((ts[after & mask] as number) <= time) {
      previous[at] = distance;
      cells[cell] = this.appended;
      return;
    }
    for (;;) {
      const older = this.older(c, after);
      if (older === undefined || (ts[older & mask] as number) <= time) {
        previous[at] = older === undefined ? 0 : (n - older) | 0;
        previous[after & mask] = (after - n) | 0;
        return;
      }
      after = older;
    }
  }

  /** The newest event of the key by (ts, n), if any is held. */
  newest(c: number, id: number): EventNumber | undefined {
    const { rows, offset } = this.heads[c] as ChainHeads;
    const head = rows.cells[id * rows.stride + offset] as number;
    const distance = this.appended - head;
    return head > 0 && distance < this.length ? ((this.next - 1 - distance) | 0) : undefined;
  }

  /** The next older event of the same key, if it is still held. */
  older(c: number, n: EventNumber): EventNumber | undefined {
    const distance = (this.previous[c] as Int32Array)[n & this.mask] as number;
    if (distance === 0) return undefined;
    const older = (n - distance) | 0;
    return this.holds(older) ? older : undefined;
  }

  /** Forgets the oldest event by arrival. The caller has given its ids back; chains end before it by themselves. */
  dropFirst(): void {
    const n = this.first;
    for (const wide of this.wide) if (wide.size > 0) wide.delete(n);
    if (this.displaced[n & this.mask] === 1) this.removeFromSide(n);
    this.first = (n + 1) | 0;
  }

  /** How many events from the front are dated at or before `bound`, none of them displaced or with numbers beside the columns. */
  plainUpTo(bound: number): number {
    if (this.wide.some((held) => held.size > 0)) return 0;
    const { ts, displaced, mask, first, length } = this;
    let count = 0;
    while (count < length && (ts[(first + count) & mask] as number) <= bound && displaced[(first + count) & mask] === 0) count++;
    return count;
  }

  /** Forgets the oldest `count` events, which are as {@link plainUpTo} says. The caller has given their ids back. */
  dropPlain(count: number): void { this.first = (this.first + count) | 0; }

  /** -1, 0, 1 by (ts, n). */
  order(a: EventNumber, b: EventNumber): number {
    return Math.sign((this.ts[a & this.mask] as number) - (this.ts[b & this.mask] as number)) || Math.sign((a - b) | 0);
  }

  private insertInSide(n: EventNumber, ts: number): void {
    if (this.sideTo === this.side.length) {
      const held = this.side.subarray(this.sideFrom, this.sideTo);
      const room = 2 * held.length > this.side.length ? new Int32Array(2 * this.side.length) : this.side;
      room.set(held);
      this.sideShift += this.sideFrom;
      this.side = room;
      this.sideTo -= this.sideFrom;
      this.sideFrom = 0;
    }
    let at = this.sideTo;
    while (at > this.sideFrom && (this.ts[(this.side[at - 1] as number) & this.mask] as number) > ts) at--;
    this.side.copyWithin(at + 1, at, this.sideTo);
    this.side[at] = n;
    this.sideTo++;
  }

  /** How far entries of `side` have moved to the front since the beginning: cursors count in absolute places. */
  sideShift = 0;

  /** Displaced events dated at or before `bound`, in absolute places: where a cursor with that bound stands. O(log). */
  sidePlaceAfter(bound: number): number {
    let low = this.sideFrom;
    let high = this.sideTo;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.ts[(this.side[middle] as number) & this.mask] as number) <= bound) low = middle + 1; else high = middle;
    }
    return low + this.sideShift;
  }

  private removeFromSide(n: EventNumber): void {
    // Events leave by arrival, nearly in order of time: it is at or near the front.
    let at = this.sideFrom;
    while (this.side[at] !== n) at++;
    this.side.copyWithin(this.sideFrom + 1, this.sideFrom, at);
    this.sideFrom++;
  }

  private grow(capacity: number): void {
    const old = this.mask + 1;
    const split = this.first & this.mask;
    const from = this.first & (capacity - 1);
    const { room } = this;
    const widen = <T extends Column>(column: T, grown: T): T => {
      // Oldest part first, then the part that had wrapped; each lies in one piece in the larger ring, for that wraps where the smaller did.
      grown.set(column.subarray(split), from);
      grown.set(column.subarray(0, split), (from - split + old) & (capacity - 1));
      room.release(column);
      return grown;
    };
    this.ts = widen(this.ts, room.f64(capacity));
    this.seq = widen(this.seq, room.f64(capacity));
    this.type = widen(this.type, room.u16(capacity));
    this.displaced = widen(this.displaced, room.u8(capacity));
    this.bits = this.bits.map((column) => widen(column, room.i32(capacity)));
    this.ids = this.ids.map((column) => widen(column, room.i32(capacity)));
    this.previous = this.previous.map((column) => widen(column, room.i32(capacity)));
    this.numbers = this.numbers.map((column) => widen(column, room.f64(capacity)));
    if (this.shape.hasPayload !== false) {
      this.place = widen(this.place, room.f64(capacity));
      this.size = widen(this.size, room.i32(capacity));
    }
    this.mask = capacity - 1;
  }

  /** Makes room for `count` more events. Columns held from before are stale afterwards. */
  reserve(count: number): void {
    let capacity = this.mask + 1;
    while (this.length + count > capacity) capacity *= 2;
    if (capacity > this.mask + 1) this.grow(capacity);
  }

  /** Events ever appended: what heads of chains count in. */
  get appendedCount(): number { return this.appended; }

  /** `count` events have been written in order behind the newest, and their chains linked. */
  appendedBy(count: number): void {
    this.next = (this.next + count) | 0;
    this.appended += count;
  }
}

function many<T>(count: number, make: () => T): T[] { return Array.from({ length: count }, make); }
