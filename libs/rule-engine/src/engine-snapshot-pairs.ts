import { Distinct, emptyKey, pairRoom } from '@weir/stream-core';
import type { EventNumber } from '@weir/stream-core';
import type { EventLog } from './compile/event-log.js';
import type { CountedSpan } from './compile/kept-windows.js';

/** Pairs that wait to be counted, of one `distinct`. */
interface Waiting { readonly span: CountedSpan; readonly distinct: Distinct; keys: Int32Array; values: Int32Array; count: number }

/** Counts the values that `distinct` windows of one log tell apart, of events that are taken back, many at once. */
export class PairBatches {
  private readonly waiting: readonly Waiting[];
  private room = pairRoom(0);

  /** @param most pairs that wait before they are counted: what is waited for at a time. @param expected about how many pairs each `distinct` will have. */
  constructor(private readonly log: EventLog, private readonly most: number, expected: readonly number[]) {
    this.waiting = log.countedSpans().flatMap((span) => (span.accumulator instanceof Distinct ? [{ span, distinct: span.accumulator, keys: new Int32Array(0), values: new Int32Array(0), count: 0 }] : []));
    this.waiting.forEach(({ distinct }, i) => distinct.pairs.reserve(expected[i] ?? 0));
  }

  /** Takes the `count` events from `first` on. */
  add(first: EventNumber, count: number): void {
    for (const one of this.waiting) {
      if (one.count + count > one.keys.length) this.makeRoom(one, count);
      this.collect(one, first, count);
      if (one.count >= this.most) this.count(one);
    }
  }

  /** Counts all that wait. */
  end(): void {
    for (const one of this.waiting) this.count(one);
    this.room = pairRoom(0);
  }

  private collect(one: Waiting, first: EventNumber, count: number): void {
    const { log: { columns: { ids, bits, ts, mask } } } = this;
    const { span: { after, until }, distinct: { place: { idColumn, bit }, valueColumn }, keys, values } = one;
    const [ownKeys, ownValues] = [ids[idColumn] as Int32Array, ids[valueColumn] as Int32Array];
    const word = bit < 0 ? undefined : (bits[bit >> 5] as Int32Array);
    let next = one.count;
    for (let i = 0; i < count; i++) {
      const at = (first + i) & mask;
      const time = ts[at] as number;
      const key = ownKeys[at] as number;
      if (!(time > after && time <= until) || key === emptyKey || (word !== undefined && ((word[at] as number) & (1 << (bit & 31))) === 0)) continue;
      keys[next] = key;
      values[next++] = ownValues[at] as number;
    }
    one.count = next;
  }

  private count(one: Waiting): void {
    if (this.room.keys.length < one.count) this.room = pairRoom(one.keys.length);
    one.distinct.enterAll(one, one.count, this.room);
    one.count = 0;
  }

  private makeRoom(one: Waiting, count: number): void {
    const length = Math.min(Math.max(4096, 2 * one.keys.length), this.most) + count;
    const grow = (column: Int32Array): Int32Array => {
      const grown = new Int32Array(length);
      grown.set(column.subarray(0, one.count));
      return grown;
    };
    one.keys = grow(one.keys);
    one.values = grow(one.values);
  }
}
