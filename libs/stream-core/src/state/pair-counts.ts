import { heapRoom } from '../wasm/room.js';
import type { Room } from '../wasm/room.js';

/** Words of the counters, by name. */
export const pairCounterAt = { mask: 0, live: 1, multiplier: 2 } as const;
/** Words of a slot: key, value, count. */
export const pairWords = 3;

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
    while (2 * (this.size + count) > this.mask) this.resize(2 * (this.mask + 1));
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

  private hash(key: number, value: number): number {
    let h = Math.imul(key ^ 0x85ebca6b, this.multiplier);
    h = Math.imul(h ^ (h >>> 15) ^ value, 0xc2b2ae35 ^ this.multiplier << 1);
    h ^= h >>> 13;
    h = Math.imul(h, this.multiplier);
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
