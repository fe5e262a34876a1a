import { heapRoom } from '../wasm/room.js';
import type { Room } from '../wasm/room.js';

/** Words of the counters, by name. */
export const pairCounterAt = { mask: 0, live: 1, multiplier: 2 } as const;
/** Pairs of a bucket, and its words, a cache line: how many pairs have passed it by, then the keys (0: a free place), the values and the counts. */
export const bucketPairs = 5;
export const bucketWords = 16;
export const bucketAt = { passed: 0, keys: 1, values: 1 + bucketPairs, counts: 1 + 2 * bucketPairs } as const;
/** From the word of a pair's key to those of its value and of its count. */
const toValue = bucketAt.values - bucketAt.keys;
const toCount = bucketAt.counts - bucketAt.keys;
const fewestBuckets = 16;

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
 * Layout: buckets of one cache line with room for five pairs. A pair lies in the bucket of its hash or, while that is full, in one
 * of the next; each bucket that it passed by counts it, so that a look-up ends at the first that none has passed, mostly the
 * first of all, and a removal moves nothing. Keys and values are interner ids, keys above 0.
 * Invariant: at most 4 pairs a bucket on average.
 */
export class PairCounts {
  private held: Int32Array;
  /** See {@link pairCounterAt}; kernels count here too. */
  readonly counters: Int32Array;
  private readonly multiplier: number;

  constructor(seed: number, private readonly room: Room = heapRoom) {
    this.held = room.i32(bucketWords * fewestBuckets);
    this.counters = room.i32(pairCounterAt.multiplier + 1);
    this.counters[pairCounterAt.mask] = fewestBuckets - 1;
    this.multiplier = this.counters[pairCounterAt.multiplier] = Math.imul(seed ^ 0x7feb352d, 0x9e3779b1) | 1;
  }

  get size(): number { return this.counters[pairCounterAt.live] as number; }
  get byteLength(): number { return this.held.byteLength; }
  /** The buckets as they lie now; stale after the next pair is added. */
  get table(): Int32Array { return this.held; }
  private get mask(): number { return this.counters[pairCounterAt.mask] as number; }

  /** Makes room for `count` more pairs, so that a kernel can add them without growing; gives back room when far too much is held. */
  reserve(count: number): void {
    const pairs = this.size + count;
    let buckets = this.mask + 1;
    while (isCrowded(pairs, buckets)) buckets *= 2;
    if (buckets > this.mask + 1) this.resize(buckets);
    if (isSparse(pairs, buckets)) this.resize(buckets >> 1);
  }

  /** Counts the pair once more. @returns true when it was not held before. */
  add(key: number, value: number): boolean { return this.addHashed(key, value, this.hash(key, value)); }

  private addHashed(key: number, value: number, hash: number): boolean {
    const { held } = this;
    const at = this.find(key, value, hash);
    if (at >= 0) {
      held[at + toCount] = (held[at + toCount] as number) + 1;
      return false;
    }
    this.insert(key, value, 1, hash);
    this.counters[pairCounterAt.live] = this.size + 1;
    if (isCrowded(this.size, this.mask + 1)) this.resize(2 * (this.mask + 1));
    return true;
  }

  /** Counts a held pair once less. @returns true when that was the last. */
  remove(key: number, value: number): boolean {
    const { held, mask } = this;
    const hash = this.hash(key, value);
    const at = this.find(key, value, hash);
    const left = (held[at + toCount] as number) - 1;
    held[at + toCount] = left;
    if (left > 0) return false;
    held[at] = 0;
    const bucket = Math.floor(at / bucketWords);
    for (let passed = hash & mask; passed !== bucket; passed = (passed + 1) & mask) this.pass(passed, -1);
    this.counters[pairCounterAt.live] = this.size - 1;
    if (isSparse(this.size, mask + 1)) this.resize((mask + 1) >> 1);
    return true;
  }

  /**
   * Counts the first `count` pairs once more, each as {@link add} does. Many of them are first laid in order of the regions of the table
   * that they belong to (one pass of a radix sort), so that a region is in the cache while its pairs are counted: several times as
   * fast as one by one.
   * @param isNew called with each pair that was not held before. @param room for `count` pairs or more.
   */
  addAll({ keys, values }: PairColumns, count: number, room: PairRoom, isNew: (key: number, value: number) => void): void {
    if (count < fewPairs) {
      for (let i = 0; i < count; i++) if (this.add(keys[i] as number, values[i] as number)) isNew(keys[i] as number, values[i] as number);
      return;
    }
    this.sort({ keys, values }, count, room);
    for (let i = 0; i < count; i++) if (this.addHashed(room.keys[i] as number, room.values[i] as number, room.sortedHashes[i] as number)) isNew(room.keys[i] as number, room.values[i] as number);
  }

  private sort({ keys, values }: PairColumns, count: number, { keys: sortedKeys, values: sortedValues, hashes, sortedHashes }: PairRoom): void {
    // The table may grow meanwhile: regions are those of the size that it may come to.
    const mask = Math.max(this.mask, 2 ** Math.ceil(Math.log2(count / bucketPairs)) - 1);
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

  /** Where the key of a held pair lies; -1: it is not held. */
  private find(key: number, value: number, hash: number): number {
    const { held, mask } = this;
    const home = hash & mask;
    for (let bucket = home; ;) {
      const at = bucketWords * bucket;
      for (let place = at + bucketAt.keys; place < at + bucketAt.values; place++) if (held[place] === key && held[place + toValue] === value) return place;
      bucket = (bucket + 1) & mask;
      if (held[at] === 0 || bucket === home) return -1;
    }
  }

  /** Puts a pair that is not held into the first bucket with a free place. */
  private insert(key: number, value: number, count: number, hash: number): void {
    const { held, mask } = this;
    for (let bucket = hash & mask; ; bucket = (bucket + 1) & mask) {
      const from = bucketWords * bucket + bucketAt.keys;
      for (let place = from; place < from + bucketPairs; place++) {
        if (held[place] !== 0) continue;
        held[place] = key;
        held[place + toValue] = value;
        held[place + toCount] = count;
        return;
      }
      this.pass(bucket, 1);
    }
  }

  private pass(bucket: number, by: 1 | -1): void { this.held[bucketWords * bucket] = (this.held[bucketWords * bucket] as number) + by; }

  private resize(buckets: number): void {
    const old = this.held;
    this.held = this.room.i32(bucketWords * buckets);
    this.counters[pairCounterAt.mask] = buckets - 1;
    for (let from = bucketAt.keys; from < old.length; from += bucketWords) {
      for (let place = from; place < from + bucketPairs; place++) {
        const key = old[place] as number;
        if (key !== 0) this.insert(key, old[place + toValue] as number, old[place + toCount] as number, this.hash(key, old[place + toValue] as number));
      }
    }
    this.room.release(old);
  }
}

/** Are there too many pairs for so many buckets? */
function isCrowded(pairs: number, buckets: number): boolean { return pairs > 4 * buckets; }
/** Or so few that half of the buckets are more than enough? */
function isSparse(pairs: number, buckets: number): boolean { return buckets > fewestBuckets && 2 * pairs < buckets; }
