import { heapRoom } from '../wasm/room.js';
import type { Room } from '../wasm/room.js';

/** Words of the counters, by name. */
export const pairCounterAt = { mask: 0, live: 1, multiplier: 2 } as const;
/** Words of a slot: key, value, count. */
export const pairWords = 3;

/** Regions of the table that pairs are counted in one after the other when there are many: a power of two. */
const regionBits = 10;
/** Fewer pairs than this are counted as they come. */
const fewPairs = 1 << 14;

/** Pairs in columns. */
export interface PairColumns { readonly keys: Int32Array; readonly values: Int32Array }
/** Room to lay pairs in another order, reused from call to call. */
export interface PairRoom extends PairColumns { readonly hashes: Int32Array; readonly sortedHashes: Int32Array }

/** Room for `count` pairs. */
export function pairRoom(count: number): PairRoom {
  return { keys: new Int32Array(count), values: new Int32Array(count), hashes: new Int32Array(count), sortedHashes: new Int32Array(count) };
}

/**
 * Reference counts of (key, value) pairs: what makes `distinct` exact over a sliding window.
 *
 * Layout: open addressing, linear probing, three words a slot: key, value, count (0 = free slot). Keys and values
 * are interner ids. Pairs whose count falls to 0 are removed by backward shift, so memory follows the live pairs.
 * Invariant: load at most 1/2.
 */
export class PairCounts {
  private held: Int32Array;
  /** See {@link pairCounterAt}; kernels count here too. */
  readonly counters: Int32Array;
  private readonly multiplier: number;

  constructor(seed: number, private readonly room: Room = heapRoom) {
    this.held = room.i32(3 * 64);
    this.counters = room.i32(pairCounterAt.multiplier + 1);
    this.counters[pairCounterAt.mask] = 63;
    this.multiplier = this.counters[pairCounterAt.multiplier] = Math.imul(seed ^ 0x7feb352d, 0x9e3779b1) | 1;
  }

  get size(): number { return this.counters[pairCounterAt.live] as number; }
  get byteLength(): number { return this.held.byteLength; }
  /** The slots as they lie now; stale after the next pair is added. */
  get table(): Int32Array { return this.held; }
  private get mask(): number { return this.counters[pairCounterAt.mask] as number; }

  /** Makes room for `count` more pairs, so that a kernel can add them without growing; gives back room when far too much is held. */
  reserve(count: number): void {
    let slots = this.mask + 1;
    while (2 * (this.size + count) > slots - 1) slots *= 2;
    if (slots > this.mask + 1) this.resize(slots);
    if (this.mask > 63 && 16 * (this.size + count) < this.mask) this.resize((this.mask + 1) >> 1);
  }

  /** Counts the pair once more. @returns true when it was not held before. */
  add(key: number, value: number): boolean {
    const at = 3 * this.probe(key, value);
    const count = this.table[at + 2] as number;
    this.table[at + 2] = count + 1;
    if (count > 0) return false;
    this.table[at] = key;
    this.table[at + 1] = value;
    this.counters[pairCounterAt.live] = this.size + 1;
    if (2 * this.size > this.mask) this.resize(2 * (this.mask + 1));
    return true;
  }

  /** Counts a held pair once less. @returns true when that was the last. */
  remove(key: number, value: number): boolean {
    const slot = this.probe(key, value);
    const left = (this.table[3 * slot + 2] as number) - 1;
    this.table[3 * slot + 2] = left;
    if (left > 0) return false;
    this.counters[pairCounterAt.live] = this.size - 1;
    this.close(slot);
    if (this.mask > 63 && 16 * this.size < this.mask) this.resize((this.mask + 1) >> 1);
    return true;
  }

  /**
   * Counts the first `count` pairs once more, each as {@link add} does. Many of them are first laid in order of the regions of the table
   * that they belong to (one pass of a radix sort), so that a region is in the cache while its pairs are counted: several times as
   * fast as one by one.
   * @param isNew called with the key of each pair that was not held before. @param room for `count` pairs or more.
   */
  addAll({ keys, values }: PairColumns, count: number, room: PairRoom, isNew: (key: number) => void): void {
    if (count < fewPairs) {
      for (let i = 0; i < count; i++) if (this.add(keys[i] as number, values[i] as number)) isNew(keys[i] as number);
      return;
    }
    this.sort({ keys, values }, count, room);
    let { table, mask } = this;
    for (let i = 0; i < count; i++) {
      const [key, value] = [room.keys[i] as number, room.values[i] as number];
      let at = 3 * ((room.sortedHashes[i] as number) & mask);
      while (table[at + 2] !== 0 && (table[at] !== key || table[at + 1] !== value)) at = at === 3 * mask ? 0 : at + 3;
      const held = table[at + 2] as number;
      table[at + 2] = held + 1;
      if (held > 0) continue;
      table[at] = key;
      table[at + 1] = value;
      isNew(key);
      this.counters[pairCounterAt.live] = this.size + 1;
      if (2 * this.size <= mask) continue;
      this.resize(2 * (mask + 1));
      ({ table, mask } = this);
    }
  }

  private sort({ keys, values }: PairColumns, count: number, { keys: sortedKeys, values: sortedValues, hashes, sortedHashes }: PairRoom): void {
    // The table may grow meanwhile: regions are those of the size that it may come to.
    const mask = Math.max(this.mask, 2 ** Math.ceil(Math.log2(count)) - 1);
    const shift = Math.log2(mask + 1) - regionBits;
    const next = new Int32Array((1 << regionBits) + 1);
    for (let i = 0; i < count; i++) {
      const hash = this.hash(keys[i] as number, values[i] as number);
      hashes[i] = hash;
      const region = ((hash & mask) >>> shift) + 1;
      next[region] = (next[region] as number) + 1;
    }
    for (let region = 1; region < next.length; region++) next[region] = (next[region] as number) + (next[region - 1] as number);
    for (let i = 0; i < count; i++) {
      const hash = hashes[i] as number;
      const region = (hash & mask) >>> shift;
      const at = next[region] as number;
      next[region] = at + 1;
      sortedHashes[at] = hash;
      sortedKeys[at] = keys[i] as number;
      sortedValues[at] = values[i] as number;
    }
  }

  private hash(key: number, value: number): number {
    const { multiplier } = this;
    let h = Math.imul(key ^ 0x85ebca6b, multiplier);
    h = Math.imul(h ^ (h >>> 15) ^ value, 0xc2b2ae35 ^ multiplier << 1);
    h ^= h >>> 13;
    h = Math.imul(h, multiplier);
    return h ^ (h >>> 16);
  }

  private probe(key: number, value: number): number {
    const { table, mask } = this;
    let slot = this.hash(key, value) & mask;
    while (table[3 * slot + 2] !== 0 && (table[3 * slot] !== key || table[3 * slot + 1] !== value)) slot = (slot + 1) & mask;
    return slot;
  }

  private close(slot: number): void {
    const { table, mask } = this;
    let hole = slot;
    let next = (hole + 1) & mask;
    while (table[3 * next + 2] !== 0) {
      const home = this.hash(table[3 * next] as number, table[3 * next + 1] as number) & mask;
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        table.copyWithin(3 * hole, 3 * next, 3 * next + 3);
        hole = next;
      }
      next = (next + 1) & mask;
    }
    table.fill(0, 3 * hole, 3 * hole + 3);
  }

  private resize(slots: number): void {
    const old = this.table;
    this.held = this.room.i32(3 * slots);
    this.counters[pairCounterAt.mask] = slots - 1;
    for (let i = 0; i < old.length; i += 3) {
      if (old[i + 2] === 0) continue;
      const at = 3 * this.probe(old[i] as number, old[i + 1] as number);
      this.table[at] = old[i] as number;
      this.table[at + 1] = old[i + 1] as number;
      this.table[at + 2] = old[i + 2] as number;
    }
    this.room.release(old);
  }
}
