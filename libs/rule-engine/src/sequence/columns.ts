import { doublesOf } from '@weir/stream-core';
import type { Room } from '@weir/stream-core';

/** Room of a column at first. */
const fewestPlaces = 64;

/** A column that begins alike and has room for so many, the rest zeros. @param capacity not less than its length. */
export function grown<C extends Float64Array | Int32Array>(column: C, capacity: number): C {
  const wider = column instanceof Float64Array ? new Float64Array(capacity) : new Int32Array(capacity);
  wider.set(column);
  return wider as C; // of the same kind as the column given
}

/** Room for `place` in columns that have room for `capacity`: twice as much until it fits. */
export function capacityFor(place: number, capacity: number): number {
  let wider = Math.max(fewestPlaces, capacity);
  while (place >= wider) wider *= 2;
  return wider;
}

/**
 * Records of 32 or 64 bytes side by side, as words and as doubles of the same bytes: all of one lies in one cache line, so that one
 * that was not looked at for long costs one load, where columns cost one for each.
 */
export class Records {
  words: Int32Array;
  doubles: Float64Array;

  /** @param wordsEach 8 or 16 of 4 bytes. */
  constructor(private readonly wordsEach: 8 | 16, private readonly room: Room) {
    this.words = room.i32(0);
    this.doubles = doublesOf(this.words);
  }

  /** Makes room for so many, the new ones zeros. Arrays held from before are stale. */
  reserve(capacity: number): void {
    const { words, room } = this;
    this.words = room.i32(this.wordsEach * capacity);
    this.words.set(words);
    this.doubles = doublesOf(this.words);
    room.release(words);
  }
}

/** Places in columns or records side by side, given out again once they are free. 0 is no place. Memory follows the most held at one time. */
export class Places {
  private freed = new Int32Array(fewestPlaces);
  private freedCount = 0;
  private next = 1;
  private capacity = 0;

  /** @param grow gives all of them room for so many places. */
  constructor(private readonly grow: (capacity: number) => void) {}

  take(): number {
    if (this.freedCount > 0) return this.freed[--this.freedCount] as number; // below the count, so it is there
    if (this.next >= this.capacity) {
      this.capacity = capacityFor(this.next, this.capacity);
      this.grow(this.capacity);
    }
    return this.next++;
  }

  /** Frees a place. It must be taken: one given twice would be taken twice. */
  give(place: number): void {
    if (this.freedCount === this.freed.length) this.freed = grown(this.freed, 2 * this.freed.length);
    this.freed[this.freedCount++] = place;
    if (this.freedCount === this.next - 1) this.next = (this.freedCount = 0) + 1;
  }
}
