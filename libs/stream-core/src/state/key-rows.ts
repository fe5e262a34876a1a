import { heapRoom } from '../wasm/room.js';
import type { Room } from '../wasm/room.js';
import { unknownKey } from './key-interner.js';

const widest = Number.MAX_SAFE_INTEGER;

/**
 * The state of every key of one dimension: a row of `stride` numbers a key, in one typed array.
 *
 * Cells hold exact integers while they are safe (below 2^53); a wider value shows as plus or minus Infinity and
 * lies in `wide` by cell index. NaN is unknown. The row of `emptyKey` is that of an empty window, the row of
 * `unknownKey` is all NaN. Invariant: the row of a key without events equals the template.
 */
export class KeyRows {
  cells: Float64Array;
  readonly wide = new Map<number, bigint>();
  private rows = 16;

  private readonly template: Float64Array;

  /** @param empty what an empty row holds. Rows are padded so that none lies across more cache lines than it must. */
  constructor(empty: Float64Array, private readonly room: Room = heapRoom) {
    this.template = new Float64Array(paddedStride(empty.length));
    this.template.set(empty);
    const { template } = this;
    this.cells = room.f64(this.rows * template.length);
    this.fill(0);
    this.cells.fill(NaN, unknownKey * template.length, (unknownKey + 1) * template.length);
  }

  get stride(): number { return this.template.length; }

  /** Makes room for the row of `id`. Typed arrays held from before are stale afterwards. */
  ensure(id: number): void {
    if (id < this.rows) return;
    const from = this.rows;
    while (this.rows <= id) this.rows *= 2;
    const grown = this.room.f64(this.rows * this.stride);
    grown.set(this.cells);
    this.room.release(this.cells);
    this.cells = grown;
    this.fill(from);
  }

  /** True when the row holds what an empty one holds: the law that freed keys leave nothing. O(stride). */
  isEmpty(id: number): boolean {
    const at = id * this.stride;
    return this.template.every((value, i) => Object.is(value, this.cells[at + i]) || (value === 0 && this.cells[at + i] === 0));
  }

  private fill(from: number): void {
    if (this.stride === 0 || this.template.every((value) => value === 0)) return;
    for (let row = from; row < this.rows; row++) this.cells.set(this.template, row * this.stride);
  }
}

/** In numbers of 8 bytes: a power of two within a cache line of 64, whole lines above. */
function paddedStride(length: number): number {
  if (length > 8) return 8 * Math.ceil(length / 8);
  return length <= 2 ? length : length <= 4 ? 4 : 8;
}

/**
 * Adds an exact integer to a cell; the slow half of an addition whose sum is not a safe integer, or whose cell or
 * summand is wide. Cells return to plain numbers as soon as they fit.
 */
export function addWide(cells: Float64Array, wide: Map<number, bigint>, at: number, summand: bigint): void {
  const held = wide.get(at) ?? BigInt(cells[at] ?? 0);
  setExact(cells, wide, at, held + summand);
}

/** Sets a cell to an exact integer, wide or not. */
export function setExact(cells: Float64Array, wide: Map<number, bigint>, at: number, value: bigint): void {
  if (value <= widest && value >= -widest) {
    cells[at] = Number(value);
    wide.delete(at);
  } else {
    cells[at] = value > 0n ? Infinity : -Infinity;
    wide.set(at, value);
  }
}

