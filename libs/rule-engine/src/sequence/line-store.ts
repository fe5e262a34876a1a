// `as` behind an index: chunks and words lie where the addresses given out say.
import { grown } from './columns.js';
import { LineShelf } from './line-shelf.js';

/** Lines lie at multiples of it: an address counts them. */
const unitBytes = 64;
/** Addresses of a chunk: 1 MiB. The first chunks are shorter: 64 KiB, 128 KiB and so on. */
const chunkUnits = 1 << 14;
const fewestUnits = 1 << 10;

/**
 * Bytes of lines that come and go one by one, side by side in chunks, outside of what a collector walks over.
 *
 * A line takes its length rounded up to 64 bytes; the room of one that goes is given to the next of the same size. Chunks are
 * kept until no line is held, then all but the first go.
 */
export class LineStore {
  private readonly chunks: Uint8Array[] = [];
  private readonly words: Int32Array[] = [];
  /** By units: the first free place of that size, 0: none; each free place begins with the address of the next. */
  private freed = new Int32Array(16);
  /** Units of the last chunk that were ever taken. */
  private used = 0;
  private held = 0;
  private readonly shelf = new LineShelf();

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
    return this.shelf.copyOf((this.chunks[chunkOf(at)] as Uint8Array).subarray(from, from + size));
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
    const { chunks } = this;
    if (unitBytes * (this.used + units) > (chunks.at(-1)?.length ?? 0)) {
      const chunk = new Uint8Array(unitBytes * Math.max(units, Math.min(chunkUnits, fewestUnits << Math.min(10, chunks.length))));
      chunks.push(chunk);
      this.words.push(new Int32Array(chunk.buffer));
      this.used = 0;
    }
    const at = chunkUnits * this.chunks.length + this.used;
    this.used += units;
    return at;
  }

  private clear(): void {
    this.chunks.length = this.words.length = Math.min(1, this.chunks.length);
    this.freed.fill(0);
    this.used = 0;
  }
}

function unitsOf(size: number): number { return Math.max(1, Math.ceil(size / unitBytes)); }
/** The first chunk's addresses begin with `chunkUnits`, so that no line has address 0. */
function chunkOf(at: number): number { return Math.floor(at / chunkUnits) - 1; }
