// `as` behind an index: places are those of the literals and bytes those of a text in its column, so they are there; this runs per row, without a check.
import type { EventRows, TextColumn } from './event-rows.js';
import { utf8 } from './event-rows.js';

/** Which of some literals a string column holds, in one look-up: bytes are hashed and compared, not decoded. */
export class TextLookup {
  private readonly column: TextColumn;
  private readonly bytes: readonly Uint8Array[];
  private readonly places: ReadonlyMap<string, number>;
  /** First place by hash, then the next of the same hash; -1 ends. */
  private readonly heads: Int32Array;
  private readonly next: Int32Array;
  private readonly longest: number;

  constructor(private readonly rows: EventRows, slot: number, readonly literals: readonly string[]) {
    const column = rows.texts[slot];
    if (column === undefined) throw new RangeError(`slot ${slot} holds no strings`);
    this.column = column;
    this.bytes = literals.map((literal) => utf8(literal));
    this.places = new Map(literals.map((literal, place) => [literal, place]));
    this.longest = Math.max(0, ...this.bytes.map(({ length }) => length));
    let size = 4;
    while (size < 4 * literals.length) size *= 2;
    this.heads = new Int32Array(size).fill(-1);
    this.next = new Int32Array(literals.length);
    this.bytes.forEach((bytes, place) => {
      const hash = this.hashOf(bytes, 0, bytes.length);
      this.next[place] = this.heads[hash] as number;
      this.heads[hash] = place;
    });
  }

  /** Place of the row's value among the literals; -1 when it is none of them, or absent. */
  find(row: number): number {
    const { column } = this;
    const start = column.start[row] as number;
    if (start < 0) {
      const text = column.text(row);
      return text === undefined ? -1 : this.places.get(text) ?? -1;
    }
    const size = column.size[row] as number;
    if (size > this.longest) return -1;
    for (let place = this.heads[this.hashOf(this.rows.bytes, start, size)] as number; place >= 0; place = this.next[place] as number) {
      if (column.is(row, this.literals[place] as string, this.bytes[place] as Uint8Array)) return place;
    }
    return -1;
  }

  /** Of the last bytes, where keys differ. Literals come from rules, so nobody outside can choose them to collide. */
  private hashOf(bytes: Uint8Array, start: number, size: number): number {
    let hash = size;
    for (let i = size > 12 ? start + size - 12 : start; i < start + size; i++) hash = Math.imul(hash ^ (bytes[i] as number), 16_777_619);
    return (hash ^ (hash >>> 15)) & (this.heads.length - 1);
  }
}
