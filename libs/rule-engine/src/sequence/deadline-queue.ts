import { PartialMatchQueue } from '@weir/stream-core';

/** Something with a key that is to be looked at in time; the queue notes its place there. */
export interface Due {
  readonly key: string;
  /** The earliest instant asked for; Infinity when none is. Only the queue writes it. */
  dueAt: number;
}
interface Entry<T extends Due> { readonly at: number; readonly due: T }

/** In order of instant, then key: what a stored or restored queue gives out does not depend on how it was filled. */
function compare(a: Entry<Due>, b: Entry<Due>): number { return compareDue(a.at, a.due, b.at, b.due); }
function compareDue(at: number, { key }: Due, otherAt: number, other: Due): number { return at - otherAt || (key < other.key ? -1 : key > other.key ? 1 : 0); }

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
  private readonly heap = new PartialMatchQueue<Entry<T>>(compare);
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
    if (last < 0 || compareDue(rowAt[last] as number, rowDue[last] as T, at, due) < 0) {
      rowAt.push(at);
      rowDue.push(due);
    } else heap.add({ at, due });
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
  takeUntil(until: number): Entry<T> | undefined {
    while (this.earliest <= until) {
      const entry = this.takeFirst();
      if (entry === undefined) return undefined;
      if (entry.due.dueAt !== entry.at) continue;
      this.forget(entry.due);
      return entry;
    }
    return undefined;
  }

  /** The first place, stale or not. */
  private takeFirst(): Entry<T> | undefined {
    const { rowAt, rowDue, first, heap } = this;
    const inHeap = heap.peek();
    const isInRow = first < rowAt.length && (inHeap === undefined || compareDue(inHeap.at, inHeap.due, rowAt[first] as number, rowDue[first] as T) >= 0);
    const entry = isInRow ? { at: rowAt[first] as number, due: rowDue[first] as T } : heap.poll();
    if (isInRow) this.first++;
    this.findEarliest();
    return entry;
  }

  private findEarliest(): void { this.earliest = Math.min(this.rowAt[this.first] ?? Infinity, this.heap.peek()?.at ?? Infinity); }

  private dropStale(): void {
    const { rowAt, rowDue } = this;
    const kept = rowDue.flatMap((due, i) => (i >= this.first && due.dueAt === rowAt[i] ? [i] : []));
    this.rowAt = kept.map((i) => rowAt[i] as number);
    this.rowDue = kept.map((i) => rowDue[i] as T);
    this.first = 0;
    this.heap.retain(({ at, due }) => due.dueAt === at);
    this.findEarliest();
  }
}
