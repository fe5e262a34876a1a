// `as` behind an index: chunks and words lie where the addresses given out say.
import { grown } from './columns.js';

/** Lines lie at multiples of it: an address counts them. */
const unitBytes = 64;
const chunkUnits = 1 << 14;

/**
 * Bytes of lines that come and go one by one, side by side in chunks, outside of what a collector walks over.
 *
 * A line takes its length rounded up to 64 bytes; the room of one that goes is given to the next of the same size. Chunks are
 * kept until no line is held.
 */
export class LineStore {
  private chunks: Uint8Array[] = [];
  private words: Int32Array[] = [];
  /** By units: the first free place of that size, 0: none; each free place begins with the address of the next. */
  private freed = new Int32Array(16);
  /** Units of the last chunk that were ever taken. */
  private used = chunkUnits;
  private held = 0;

  get byteLength(): number { return this.chunks.reduce((sum, { length }) => sum + length, 0); }

  /** Copies a line. @returns its address, above 0. */
  keep(line: Uint8Array): number {
    const units = unitsOf(line.length);
    this.held++;
    if (units >= this.freed.length) this.freed = grown(this.freed, 2 * units);
    const free = this.freed[units] as number;
    const at = free === 0 ? this.append(units) : free;
    const word = unitBytes / 4 * (at % chunkUnits);
    if (free !== 0) this.freed[units] = (this.words[chunkOf(at)] as Int32Array)[word] as number;
    (this.chunks[chunkOf(at)] as Uint8Array).set(line, unitBytes * (at % chunkUnits));
    return at;
  }

  /** A copy of a line. @param at what {@link keep} gave for it. @param size its bytes. */
  copyOf(at: number, size: number): Uint8Array {
    const from = unitBytes * (at % chunkUnits);
    return (this.chunks[chunkOf(at)] as Uint8Array).slice(from, from + size);
  }

  /** The line at an address is not needed any more. */
  release(at: number, size: number): void {
    const units = unitsOf(size);
    (this.words[chunkOf(at)] as Int32Array)[unitBytes / 4 * (at % chunkUnits)] = this.freed[units] as number;
    this.freed[units] = at;
    if (--this.held === 0) this.clear();
  }

  /** Room behind all other; a line longer than a chunk has one of its own. */
  private append(units: number): number {
    if (this.used + units > chunkUnits) {
      const chunk = new Uint8Array(unitBytes * Math.max(chunkUnits, units));
      this.chunks.push(chunk);
      this.words.push(new Int32Array(chunk.buffer));
      this.used = 0;
    }
    const at = chunkUnits * this.chunks.length + this.used;
    this.used += units;
    return at;
  }

  private clear(): void {
    this.chunks = [];
    this.words = [];
    this.freed.fill(0);
    this.used = chunkUnits;
  }
}

function unitsOf(size: number): number { return Math.max(1, Math.ceil(size / unitBytes)); }
/** The first chunk's addresses begin with `chunkUnits`, so that no line has address 0. */
function chunkOf(at: number): number { return Math.floor(at / chunkUnits) - 1; }
