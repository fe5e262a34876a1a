// `as` behind an index: places lie between the ends of the row.
import { capacityFor, grown } from './columns.js';
import { DeadlineHeap } from './deadline-heap.js';

/** Row and heap are looked through for stale places once there are so many. */
const fewestStale = 64;

/**
 * When each slot is to be looked at next. A slot has one place; an earlier instant replaces a later one. Slots of one
 * instant come in no order that means anything.
 *
 * Deadlines mostly come in order, so those that come after all before them stand in a row, and only the others in a heap.
 */
export class DeadlineQueue {
  /** Instants and slots of the row, side by side, from `first` to `end`. */
  private rowAt = new Float64Array(64);
  private rowSlot = new Int32Array(64);
  private first = 0;
  private end = 0;
  private readonly heap = new DeadlineHeap();
  /** By slot: the earliest instant asked for; Infinity when none is. */
  private dueAt = new Float64Array(64).fill(Infinity);
  /** Slots that have a place; other places are stale. */
  private count = 0;
  private earliest = Infinity;

  /** Look at it at `at`, which is finite, or earlier if that was asked for before. */
  schedule(slot: number, at: number): void {
    const known = this.dueAt.length;
    if (slot >= known) this.dueAt = grown(this.dueAt, capacityFor(slot, known)).fill(Infinity, known);
    const before = this.dueAt[slot] as number;
    if (before <= at) return;
    if (before === Infinity) this.count++;
    this.dueAt[slot] = at;
    if (at < this.earliest) this.earliest = at;
    if (this.first === this.end || (this.rowAt[this.end - 1] as number) <= at) this.append(slot, at);
    else this.heap.add(at, slot);
    if (this.places > fewestStale && this.places > 2 * this.count) this.dropStale();
  }

  /** Places of the row and the heap, stale ones among them: at most twice the slots that are scheduled, or a few. */
  get places(): number { return this.end - this.first + this.heap.size; }

  /** Nothing is due before this instant; Infinity when nothing is at all. */
  get next(): number { return this.earliest; }

  forget(slot: number): void {
    if (slot >= this.dueAt.length || this.dueAt[slot] === Infinity) return;
    this.dueAt[slot] = Infinity;
    this.count--;
  }

  /** The earliest instant at or before `until` at which a slot is due; undefined when there is none. {@link take} gives that slot. */
  dueUntil(until: number): number | undefined {
    while (this.earliest <= until && this.earliest < Infinity) {
      if (this.dueAt[this.firstSlot()] === this.earliest) return this.earliest;
      this.removeFirst();
    }
    return undefined;
  }

  /** The slot that is due at the instant that {@link dueUntil} has told: it is then no longer scheduled. */
  take(): number {
    const slot = this.firstSlot();
    this.removeFirst();
    this.forget(slot);
    return slot;
  }

  private append(slot: number, at: number): void {
    if (this.end === this.rowAt.length) {
      // Places before the first are gone: they make room before the row grows.
      const left = this.end - this.first;
      const [ats, slots] = 2 * left > this.end ? [new Float64Array(2 * this.end), new Int32Array(2 * this.end)] : [this.rowAt, this.rowSlot];
      ats.set(this.rowAt.subarray(this.first, this.end));
      slots.set(this.rowSlot.subarray(this.first, this.end));
      [this.rowAt, this.rowSlot, this.first, this.end] = [ats, slots, 0, left];
    }
    this.rowAt[this.end] = at;
    this.rowSlot[this.end++] = slot;
  }

  private get isFirstInRow(): boolean { return this.first < this.end && (this.rowAt[this.first] as number) <= this.heap.firstAt; }

  /** Of the first place, stale or not. */
  private firstSlot(): number { return this.isFirstInRow ? this.rowSlot[this.first] as number : this.heap.first; }

  private removeFirst(): void {
    if (this.isFirstInRow) this.first++; else this.heap.removeFirst();
    this.findEarliest();
  }

  private findEarliest(): void { this.earliest = Math.min(this.first < this.end ? this.rowAt[this.first] as number : Infinity, this.heap.firstAt); }

  /** Keeps one place a slot: an instant that was asked for twice has two that are not stale. */
  private dropStale(): void {
    const { rowAt, rowSlot, dueAt, end, heap } = this;
    const isFirst = (at: number, slot: number): boolean => {
      const isDue = dueAt[slot] === at;
      if (isDue) dueAt[slot] = NaN; // no other place of the slot is
      return isDue;
    };
    let kept = 0;
    for (let i = this.first; i < end; i++) {
      const at = rowAt[i] as number;
      const slot = rowSlot[i] as number;
      if (!isFirst(at, slot)) continue;
      rowAt[kept] = at;
      rowSlot[kept++] = slot;
    }
    this.first = 0;
    this.end = kept;
    heap.retain(isFirst);
    for (let i = 0; i < kept; i++) dueAt[rowSlot[i] as number] = rowAt[i] as number;
    heap.forEach((at, slot) => { dueAt[slot] = at; });
    this.findEarliest();
  }
}
