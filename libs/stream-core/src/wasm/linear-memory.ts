import type { Column, Room } from './room.js';
import { webAssembly } from './web-assembly.js';
import type { WasmMemory } from './web-assembly.js';

/** Of 64 KiB each: 4 GiB, all that 32-bit addresses reach. */
export const maxPages = 65_536;
const pageBytes = 65_536;
const lineBytes = 64;

interface Gap { from: number; bytes: number }

/**
 * Room in the memory of a WebAssembly module, so that kernels work on the very arrays that JavaScript sees.
 *
 * The memory is a shared one: typed arrays stay valid when it grows. Allocation is first fit over gaps sorted by
 * address, neighbours joined, each array on cache lines of its own. Address 0 belongs to no array, and 64 bytes behind any
 * array may be read.
 * @throws RangeError when 4 GiB do not suffice.
 */
export class LinearMemory implements Room {
  readonly memory: WasmMemory = new webAssembly.Memory({ initial: 1, maximum: maxPages, shared: true });
  private readonly gaps: Gap[] = [];
  private end = lineBytes;
  private changeCount = 0;

  /** How often room was taken or given back: while it stays the same, no array has moved. */
  get changes(): number { return this.changeCount; }
  /** Bytes of all arrays and the gaps between them. */
  get byteLength(): number { return this.end; }

  f64(length: number): Float64Array {
    const from = this.allocate(8 * length); // first: the memory's buffer is another one when it has grown
    return new Float64Array(this.memory.buffer, from, length);
  }
  i32(length: number): Int32Array {
    const from = this.allocate(4 * length);
    return new Int32Array(this.memory.buffer, from, length);
  }
  u16(length: number): Uint16Array {
    const from = this.allocate(2 * length);
    return new Uint16Array(this.memory.buffer, from, length);
  }
  u8(length: number): Uint8Array {
    const from = this.allocate(length);
    return new Uint8Array(this.memory.buffer, from, length);
  }

  release({ byteOffset, byteLength }: Column): void {
    this.changeCount++;
    const bytes = whole(byteLength);
    let at = this.gaps.findIndex((gap) => gap.from > byteOffset);
    if (at < 0) at = this.gaps.length;
    this.gaps.splice(at, 0, { from: byteOffset, bytes });
    this.join(at);
    if (at > 0) this.join(at - 1);
  }

  private allocate(byteLength: number): number {
    this.changeCount++;
    const bytes = whole(byteLength);
    const at = this.gaps.findIndex((gap) => gap.bytes >= bytes);
    const gap = this.gaps[at];
    if (gap !== undefined) {
      const { from } = gap;
      gap.from += bytes;
      gap.bytes -= bytes;
      if (gap.bytes === 0) this.gaps.splice(at, 1);
      new Uint8Array(this.memory.buffer, from, bytes).fill(0);
      return from;
    }
    const from = this.end;
    const pages = Math.ceil((from + bytes + lineBytes) / pageBytes) - this.memory.buffer.byteLength / pageBytes;
    if (pages > 0) this.grow(pages);
    this.end = from + bytes;
    return from;
  }

  private grow(pages: number): void {
    const held = this.memory.buffer.byteLength / pageBytes;
    if (held + pages > maxPages) throw new RangeError(`the engine's state needs more than 4 GiB: ${(held + pages) * pageBytes} bytes`);
    // A quarter more than asked for, so that many small arrays cost few calls.
    this.memory.grow(Math.min(maxPages - held, pages + (held >> 2)));
  }

  private join(at: number): void {
    const [gap, next] = [this.gaps[at], this.gaps[at + 1]];
    if (gap === undefined || next === undefined || gap.from + gap.bytes !== next.from) return;
    gap.bytes += next.bytes;
    this.gaps.splice(at + 1, 1);
  }
}

function whole(bytes: number): number { return Math.max(lineBytes, Math.ceil(bytes / lineBytes) * lineBytes); }
