import { DeadlineHeap, isBefore } from './deadline-heap.js';
import type { Due } from './deadline-heap.js';

/**
 * When each key is to be looked at next. A key has one place; an earlier instant replaces a later one.
 *
 * Deadlines mostly come in order, so those that come after all before them stand in a row, and only the others in a heap.
 */
export class DeadlineQueue<T extends Due> {
  /** Instants and keys of the row, side by side. */
  private rowAt: number[] = [];
  private rowDue: T[] = [];
  /** Where the row begins: places before it are gone. */
  private first = 0;
  private readonly heap = new DeadlineHeap<T>();
  /** Keys that have a place; other places are stale. */
  private count = 0;
  private earliest = Infinity;

  /** Look at it at `at`, or earlier if that was asked for before. */
  schedule(due: T, at: number): void {
    if (due.dueAt <= at) return;
    if (due.dueAt === Infinity) this.count++;
    due.dueAt = at;
    if (at < this.earliest) this.earliest = at;
    const { rowAt, rowDue, heap } = this;
    const last = rowAt.length - 1;
    if (last < 0 || isBefore(rowAt[last] as number, rowDue[last] as T, at, due)) {
      rowAt.push(at);
      rowDue.push(due);
    } else heap.add(at, due);
    if (rowAt.length + heap.size > 64 && rowAt.length + heap.size > 2 * this.count) this.dropStale();
  }

  /** Nothing is due before this instant; Infinity when nothing is at all. */
  get next(): number { return this.earliest; }

  forget(due: T): void {
    if (due.dueAt === Infinity) return;
    due.dueAt = Infinity;
    this.count--;
  }

  /** The earliest that is due at or before an instant, and when it was; it is then no longer scheduled. */
  takeUntil(until: number): { readonly at: number; readonly due: T } | undefined {
    for (let at = this.earliest; at <= until; at = this.earliest) {
      const due = this.takeFirst();
      if (due === undefined) return undefined;
      if (due.dueAt !== at) continue;
      this.forget(due);
      return { at, due };
    }
    return undefined;
  }

  /** The first place, stale or not. */
  private takeFirst(): T | undefined {
    const { rowAt, rowDue, first, heap } = this;
    const inRow = rowDue[first];
    const inHeap = heap.first;
    if (inRow === undefined || (inHeap !== undefined && isBefore(heap.firstAt, inHeap, rowAt[first] as number, inRow))) {
      heap.removeFirst();
      this.findEarliest();
      return inHeap;
    }
    this.first++;
    this.findEarliest();
    return inRow;
  }

  private findEarliest(): void { this.earliest = Math.min(this.first < this.rowAt.length ? this.rowAt[this.first] as number : Infinity, this.heap.firstAt); }

  private dropStale(): void {
    const { rowAt, rowDue } = this;
    let kept = 0;
    for (let i = this.first; i < rowDue.length; i++) {
      const at = rowAt[i] as number;
      const due = rowDue[i] as T;
      if (due.dueAt !== at) continue;
      rowAt[kept] = at;
      rowDue[kept++] = due;
    }
    rowAt.length = kept;
    rowDue.length = kept;
    this.first = 0;
    this.heap.retain((at, due) => due.dueAt === at);
    this.findEarliest();
  }
}
