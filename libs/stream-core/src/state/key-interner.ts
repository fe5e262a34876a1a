import { doubled, heapRoom } from '../wasm/room.js';
import type { Room } from '../wasm/room.js';

/** Ids below this are reserved for rows that belong to no key: see {@link emptyKey} and {@link unknownKey}. */
const firstId = 2;
/** No such key is held: its row is that of an empty window. */
export const emptyKey = 0;
/** The key could not be read (a field is absent): its row is unknown. */
export const unknownKey = 1;

/** Words of a record: byte length, reference count, the first 24 bytes of the key. */
export const recordWords = 8;
export const headWords = 2;
export const inlineBytes = (recordWords - headWords) * 4;
/** Words of an interner's counters, by name. */
export const counterAt = { mask: 0, nextId: 1, freed: 2, live: 3, start: 4, second: 5, multipliers: 6 } as const;
const multiplierCount = 16;

/** The arrays of an interner as they lie now; stale after the next key is added. */
export interface InternerTables { readonly counters: Int32Array; readonly table: Int32Array; readonly records: Int32Array; readonly freed: Int32Array }

/**
 * Byte strings to small dense integers, and back.
 *
 * Layout: `table` is open addressing with linear probing, two words a slot: hash, id (0 = free). `records` holds 32
 * bytes an id: byte length, reference count, the first 24 bytes of the key; only longer keys have bytes elsewhere.
 * A look-up so touches two cache lines. Ids whose count falls to 0 are freed and given out again, so memory follows
 * the keys held at one time, not the keys ever seen.
 *
 * The hash mixes each word with secret multipliers drawn from `seed`; who does not know the seed cannot choose
 * keys that collide. Invariant: every id in the table has been interned and not freed; table load is at most 1/2.
 */
export class KeyInterner {
  private table: Int32Array;
  private records: Int32Array;
  private freed: Int32Array;
  private told: InternerTables | undefined;
  private readonly longKeys = new Map<number, Uint8Array>();
  /** Counters and the secrets of the hash: see {@link counterAt}. Kernels count here too. */
  private readonly counters: Int32Array;
  private readonly multipliers: Int32Array;
  private readonly start: number;
  private readonly second: number;

  constructor(seed: number, private readonly room: Room = heapRoom) {
    this.table = room.i32(2 * 64);
    this.records = room.i32(recordWords * 64);
    this.freed = room.i32(64);
    this.counters = room.i32(counterAt.multipliers + multiplierCount);
    this.multipliers = this.counters.subarray(counterAt.multipliers);
    this.counters[counterAt.mask] = 63;
    this.counters[counterAt.nextId] = firstId;
    let x = (seed ^ 0x9e3779b9) | 0;
    const draw = (): number => {
      x = (x + 0x6d2b79f5) | 0;
      let t = Math.imul(x ^ (x >>> 15), x | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return t ^ (t >>> 14);
    };
    this.start = this.counters[counterAt.start] = draw();
    this.second = this.counters[counterAt.second] = draw() | 1;
    for (let i = 0; i < this.multipliers.length; i++) this.multipliers[i] = draw() | 1;
  }

  /** Keys held. */
  get size(): number { return this.counters[counterAt.live] as number; }
  /** Every id given out so far is below this. */
  get capacity(): number { return this.counters[counterAt.nextId] as number; }
  /** For kernels, which look keys up and add them in the same arrays. */
  get tables(): InternerTables {
    const { counters, table, records, freed, told } = this;
    // Asked for each batch of rows, and mostly the same as before.
    return told?.table === table && told.records === records && told.freed === freed ? told : (this.told = { counters, table, records, freed });
  }
  get byteLength(): number { return this.table.byteLength + this.records.byteLength + this.freed.byteLength; }

  /** Makes room for `count` more keys, so that a kernel can add them without growing anything. */
  reserve(count: number): void {
    while (2 * (this.size + count) > this.mask) this.resize(2 * (this.mask + 1));
    while (recordWords * (this.capacity + count) > this.records.length) this.records = doubled(this.records, this.room);
  }

  /** Is a key longer than a record, held under `id`, made of these bytes? Its length and beginning are. */
  isLongKey(id: number, bytes: Uint8Array): boolean {
    const long = this.longKeys.get(id);
    if (long === undefined) return false;
    for (let i = inlineBytes; i < long.length; i++) if (long[i] !== bytes[i]) return false;
    return true;
  }

  /** A kernel has added a key longer than a record: these are its bytes. */
  keepLongKey(id: number, bytes: Uint8Array): void { this.longKeys.set(id, Uint8Array.from(bytes)); }

  private get mask(): number { return this.counters[counterAt.mask] as number; }

  /** The id of a key held, or {@link emptyKey}. Takes no reference. O(length). */
  find(bytes: Uint8Array, from: number, length: number): number {
    return this.table[2 * this.probe(this.hash(bytes, from, length), bytes, from, length) + 1] as number;
  }

  /** The id of a key, new if it was not held, with one reference taken. O(length) amortised. */
  intern(bytes: Uint8Array, from: number, length: number): number {
    const hash = this.hash(bytes, from, length);
    const slot = this.probe(hash, bytes, from, length);
    const found = this.table[2 * slot + 1] as number;
    if (found === 0) return this.add(hash, slot, bytes, from, length);
    const at = recordWords * found + 1;
    this.records[at] = (this.records[at] as number) + 1;
    return found;
  }

  /** Takes one more reference to a held id, or several. */
  retain(id: number, references = 1): void {
    const at = recordWords * id + 1;
    this.records[at] = (this.records[at] ?? 0) + references;
  }

  /** Gives one reference back. @returns true when it was the last: the id is free and may be given out again. */
  release(id: number): boolean {
    const at = recordWords * id + 1;
    const left = (this.records[at] ?? 0) - 1;
    this.records[at] = left;
    if (left > 0) return false;
    this.remove(id);
    return true;
  }

  /** Frees an id whose last reference a kernel has given back. */
  removeReleased(id: number): void { this.remove(id); }

  /** A copy of the bytes of a held id. */
  bytesOf(id: number): Uint8Array {
    const long = this.longKeys.get(id);
    if (long !== undefined) return long.slice();
    const at = recordWords * id;
    const out = new Uint8Array(this.records[at] ?? 0);
    for (let i = 0; i < out.length; i++) out[i] = (this.records[at + headWords + (i >> 2)] ?? 0) >>> (8 * (i & 3));
    return out;
  }

  /** Calls back with every id held, in order of id. */
  forEach(visit: (id: number) => void): void {
    for (let id = firstId; id < this.capacity; id++) if ((this.records[recordWords * id + 1] ?? 0) > 0) visit(id);
  }

  private hash(bytes: Uint8Array, from: number, length: number): number {
    const { multipliers } = this;
    let h = this.start ^ length;
    const whole = from + (length & ~3);
    let k = 0;
    let at = from;
    for (; at < whole; at += 4) {
      // Bounds hold by the caller's contract; the casts say so to the compiler.
      const w = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
      h = this.mixed(h ^ w, multipliers[k++ & 15] as number);
    }
    if (at < from + length) h = this.mixed(h ^ tailWord(bytes, at, from + length), multipliers[k & 15] as number);
    return this.finished(h);
  }

  /** The hash of a held key, from its record where it lies there whole. */
  private hashOf(id: number): number {
    const { records, multipliers } = this;
    const long = this.longKeys.get(id);
    if (long !== undefined) return this.hash(long, 0, long.length);
    const at = recordWords * id;
    const length = records[at] as number;
    let h = this.start ^ length;
    for (let k = 0; 4 * k < length; k++) {
      h = this.mixed(h ^ (records[at + headWords + k] as number), multipliers[k & 15] as number);
    }
    return this.finished(h);
  }

  /** A high bit alone would pass one product as it is, whatever the multiplier: turned by half, it meets a second one too. */
  private mixed(x: number, multiplier: number): number {
    const h = Math.imul(x, multiplier) ^ Math.imul((x << 16) | (x >>> 16), this.second);
    return h ^ (h >>> 15);
  }

  private finished(hash: number): number {
    const h = Math.imul(hash ^ (hash >>> 16), this.multipliers[15] as number);
    return h ^ (h >>> 13);
  }

  /** Slot of the key, or the free slot where it belongs. */
  private probe(hash: number, bytes: Uint8Array, from: number, length: number): number {
    const { table, mask } = this;
    let slot = hash & mask;
    for (;;) {
      const id = table[2 * slot + 1] as number;
      if (id === 0) return slot;
      if (table[2 * slot] === hash && this.same(id, bytes, from, length)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  private same(id: number, bytes: Uint8Array, from: number, length: number): boolean {
    const { records } = this;
    let record = recordWords * id;
    if (records[record] !== length) return false;
    record += headWords;
    const inline = length > inlineBytes ? inlineBytes : length;
    const whole = from + (inline & ~3);
    let at = from;
    for (; at < whole; at += 4) {
      const w = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
      if (records[record++] !== w) return false;
    }
    if (at < from + inline && records[record] !== tailWord(bytes, at, from + inline)) return false;
    if (length <= inlineBytes) return true;
    const long = this.longKeys.get(id);
    if (long === undefined) return false;
    for (let i = inlineBytes; i < length; i++) if (long[i] !== bytes[from + i]) return false;
    return true;
  }

  private add(hash: number, slot: number, bytes: Uint8Array, from: number, length: number): number {
    const { counters } = this;
    const freed = counters[counterAt.freed] as number;
    const id = freed > 0 ? (this.freed[freed - 1] as number) : this.capacity;
    if (freed > 0) counters[counterAt.freed] = freed - 1; else counters[counterAt.nextId] = id + 1;
    if (recordWords * (id + 1) > this.records.length) this.records = doubled(this.records, this.room);
    const at = recordWords * id;
    this.records[at] = length;
    this.records[at + 1] = 1;
    const inline = Math.min(length, inlineBytes);
    for (let i = 0; i < inline; i += 4) this.records[at + headWords + (i >> 2)] = tailWord(bytes, from + i, from + inline);
    if (length > inlineBytes) this.longKeys.set(id, bytes.slice(from, from + length));
    this.table[2 * slot] = hash;
    this.table[2 * slot + 1] = id;
    counters[counterAt.live] = this.size + 1;
    if (2 * this.size > this.mask) this.resize(2 * (this.mask + 1));
    return id;
  }

  private remove(id: number): void {
    const { table } = this;
    const slot = this.slotOf(id);
    this.longKeys.delete(id);
    const { counters } = this;
    const freed = counters[counterAt.freed] as number;
    if (freed === this.freed.length) this.freed = doubled(this.freed, this.room);
    this.freed[freed] = id;
    counters[counterAt.freed] = freed + 1;
    counters[counterAt.live] = this.size - 1;
    // Backward shift (Knuth 6.4, algorithm R): no tombstones, so one-off keys leave nothing behind.
    let hole = slot;
    let next = (hole + 1) & this.mask;
    while (table[2 * next + 1] !== 0) {
      const home = (table[2 * next] as number) & this.mask;
      if (((next - home) & this.mask) >= ((next - hole) & this.mask)) {
        table[2 * hole] = table[2 * next] as number;
        table[2 * hole + 1] = table[2 * next + 1] as number;
        hole = next;
      }
      next = (next + 1) & this.mask;
    }
    table[2 * hole] = 0;
    table[2 * hole + 1] = 0;
    if (this.mask > 63 && 16 * this.size < this.mask) this.resize((this.mask + 1) >> 1);
    if (this.size === 0) { counters[counterAt.nextId] = firstId; counters[counterAt.freed] = 0; }
  }

  private slotOf(id: number): number {
    let slot = this.hashOf(id) & this.mask;
    while (this.table[2 * slot + 1] !== id) slot = (slot + 1) & this.mask;
    return slot;
  }

  private resize(slots: number): void {
    const old = this.table;
    this.table = this.room.i32(2 * slots);
    this.counters[counterAt.mask] = slots - 1;
    for (let i = 0; i < old.length; i += 2) {
      const id = old[i + 1] as number;
      if (id === 0) continue;
      let slot = (old[i] as number) & this.mask;
      while (this.table[2 * slot + 1] !== 0) slot = (slot + 1) & this.mask;
      this.table[2 * slot] = old[i] as number;
      this.table[2 * slot + 1] = id;
    }
    this.room.release(old);
  }
}

/** Up to four bytes as a little-endian word, the rest zero. */
function tailWord(bytes: Uint8Array, from: number, to: number): number {
  let w = 0;
  const end = from + 4 < to ? from + 4 : to;
  for (let at = from, shift = 0; at < end; at++, shift += 8) w |= (bytes[at] as number) << shift;
  return w;
}
