import { f64, i32 } from '@weir/stream-core';
import type { F64, I32, LinearMemory } from '@weir/stream-core';

/** Words and doubles that host and kernel exchange by name, at fixed addresses: where arrays lie now, where cursors stand. */
export class Frame {
  private readonly words: Int32Array;
  private readonly doubles: Float64Array;
  private readonly wordAt = new Map<string, number>();
  private readonly doubleAt = new Map<string, number>();

  /** @param capacity most names of each kind. */
  constructor(memory: LinearMemory, capacity: number) {
    this.words = memory.i32(capacity);
    this.doubles = memory.f64(capacity);
  }

  /** As the kernel reads it. */
  word(name: string): I32 { return i32.load(this.addressOf(name)); }
  double(name: string): F64 { return f64.load(i32.of(this.doubles.byteOffset + 8 * this.placeIn(this.doubleAt, name))); }
  /** Where the kernel writes it. */
  addressOf(name: string): I32 { return i32.of(this.words.byteOffset + 4 * this.placeOf(name)); }
  /** Place of a word, for {@link get} and {@link set}: asked once, not for each batch. */
  placeOf(name: string): number { return this.placeIn(this.wordAt, name); }
  /** Place of a double, for {@link setDouble}. */
  placeOfDouble(name: string): number { return this.placeIn(this.doubleAt, name); }

  get(place: number): number { return this.words[place] as number; }
  set(place: number, value: number): void { this.words[place] = value; }
  setDouble(place: number, value: number): void { this.doubles[place] = value; }

  private placeIn(places: Map<string, number>, name: string): number {
    const known = places.get(name);
    if (known !== undefined) return known;
    if (places.size === this.words.length) throw new RangeError(`a frame of ${this.words.length} names is full`);
    places.set(name, places.size);
    return places.size - 1;
  }
}
