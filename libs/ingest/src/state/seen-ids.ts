import { type Fingerprint, fingerprintOf } from './fingerprint.js';

/**
 * Which ids were accepted within the horizon, and at which seq.
 *
 * Layout: entries lie in order of acceptance in chunks of 65,536 (seq, time, 64-bit fingerprint: 24 bytes an id); a hash table
 * with linear probing (4 bytes a slot, at most 60 % full) holds entry numbers. The oldest entries are forgotten from the
 * front, chunk by chunk, so memory follows the number of ids within the horizon: about 32 bytes each.
 *
 * Invariant: entry numbers `head <= n < tail`; times never fall from head to tail; each live entry is in the table once.
 * Two ids may have one fingerprint: {@link candidates} gives every seq it may be, the caller looks into the log.
 */
export class SeenIds {
  private chunks: Chunk[] = [];
  private firstChunk = 0;
  private head = 0;
  private tail = 0;
  private slots = new Int32Array(1_024).fill(free);
  private readonly mark: Fingerprint = { low: 0, high: 0 };

  constructor(private readonly seedLow: number, private readonly seedHigh: number) {}

  get size(): number { return this.tail - this.head; }

  /** Seqs under which this id may have been accepted after `after`: none for nearly every new id, one for a known one. */
  candidates(id: string, after: number): number[] {
    const { mark, slots } = this;
    fingerprintOf(id, this.seedLow, this.seedHigh, mark);
    const mask = slots.length - 1;
    let found: number[] | undefined;
    for (let slot = mark.low & mask; ; slot = (slot + 1) & mask) {
      const stored = slots[slot] ?? free;
      if (stored === free) return found ?? [];
      const number = this.entryNumber(stored);
      const chunk = this.chunkOf(number);
      const i = number & chunkMask;
      if (chunk.low[i] === mark.low && chunk.high[i] === mark.high && (chunk.at[i] ?? 0) > after) (found ??= []).push(chunk.seq[i] ?? 0);
    }
  }

  /** @param at event time of the acceptance (largest ts so far), not below the last one. */
  add(id: string, seq: number, at: number): void {
    fingerprintOf(id, this.seedLow, this.seedHigh, this.mark);
    this.addMark(this.mark.low, this.mark.high, seq, at);
  }

  addMark(low: number, high: number, seq: number, at: number): void {
    if ((this.size + 1) * 5 > this.slots.length * 3) this.grow();
    const number = this.tail;
    if ((number & chunkMask) === 0 || this.chunks.length === 0) {
      if (this.chunks.length === 0) this.firstChunk = Math.floor(number / chunkSize);
      this.chunks.push(newChunk());
    }
    const chunk = this.chunkOf(number);
    const i = number & chunkMask;
    chunk.seq[i] = seq;
    chunk.at[i] = at;
    chunk.low[i] = low;
    chunk.high[i] = high;
    this.tail += 1;
    this.link(number, low);
  }

  /** Forgets ids accepted at or before `upTo`, and the oldest ones until at most `maxSize` remain. Returns how many the bound alone cost. */
  forget(upTo: number, maxSize: number): number {
    let byBound = 0;
    while (this.head < this.tail) {
      const chunk = this.chunkOf(this.head);
      const i = this.head & chunkMask;
      const tooOld = (chunk.at[i] ?? 0) <= upTo;
      if (!tooOld && this.size <= maxSize) break;
      if (!tooOld) byBound += 1;
      this.unlink(this.head, chunk.low[i] ?? 0);
      this.head += 1;
      if ((this.head & chunkMask) === 0) { this.chunks.shift(); this.firstChunk += 1; }
    }
    return byBound;
  }

  /** Every entry, oldest first. */
  forEach(visit: (low: number, high: number, seq: number, at: number) => void): void {
    for (let number = this.head; number < this.tail; number += 1) {
      const chunk = this.chunkOf(number);
      const i = number & chunkMask;
      visit(chunk.low[i] ?? 0, chunk.high[i] ?? 0, chunk.seq[i] ?? 0, chunk.at[i] ?? 0);
    }
  }

  private link(number: number, low: number): void {
    const mask = this.slots.length - 1;
    let slot = low & mask;
    while (this.slots[slot] !== free) slot = (slot + 1) & mask;
    this.slots[slot] = number & numberMask;
  }

  /** Deletion by moving followers back (Knuth 6.4 R): no tombstones, so probes stay short for good. */
  private unlink(number: number, low: number): void {
    const { slots } = this;
    const mask = slots.length - 1;
    const stored = number & numberMask;
    let gap = low & mask;
    while (slots[gap] !== stored) gap = (gap + 1) & mask;
    let slot = gap;
    for (;;) {
      slot = (slot + 1) & mask;
      const follower = slots[slot] ?? free;
      if (follower === free) break;
      const followerNumber = this.entryNumber(follower);
      const home = (this.chunkOf(followerNumber).low[followerNumber & chunkMask] ?? 0) & mask;
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue; // its home lies behind the gap: it stays
      slots[gap] = follower;
      gap = slot;
    }
    slots[gap] = free;
  }

  private grow(): void {
    this.slots = new Int32Array(this.slots.length * 2).fill(free);
    for (let number = this.head; number < this.tail; number += 1) this.link(number, this.chunkOf(number).low[number & chunkMask] ?? 0);
  }

  /** The table keeps 31 bits of an entry's number; the rest follows from the head. */
  private entryNumber(stored: number): number { return this.head + ((stored - (this.head & numberMask)) & numberMask); }

  private chunkOf(number: number): Chunk {
    const chunk = this.chunks[Math.floor(number / chunkSize) - this.firstChunk];
    if (chunk === undefined) throw new RangeError(`entry ${number} is outside ${this.head}..${this.tail}`);
    return chunk;
  }
}

interface Chunk { readonly seq: Float64Array; readonly at: Float64Array; readonly low: Uint32Array; readonly high: Uint32Array }
const chunkSize = 65_536;
const chunkMask = chunkSize - 1;
const numberMask = 0x7fff_ffff;
const free = -1;

function newChunk(): Chunk {
  return { seq: new Float64Array(chunkSize), at: new Float64Array(chunkSize), low: new Uint32Array(chunkSize), high: new Uint32Array(chunkSize) };
}
