import { PartialMatchQueue } from '@weir/stream-core';

/** Something with a key that is to be looked at in time; the queue notes its place there. */
export interface Due {
  readonly key: string;
  /** The earliest instant asked for; Infinity when none is. Only the queue writes it. */
  dueAt: number;
}
interface Entry<T extends Due> { readonly at: number; readonly due: T }

/** In order of instant, then key: what a stored or restored queue gives out does not depend on how it was filled. */
function compare(a: Entry<Due>, b: Entry<Due>): number { return a.at - b.at || (a.due.key < b.due.key ? -1 : a.due.key > b.due.key ? 1 : 0); }

/**
 * When each key is to be looked at next. A key has one place; an earlier instant replaces a later one.
 *
 * Deadlines mostly come in order, so those that come after all before them stand in a row, and only the others in a heap.
 */
export class DeadlineQueue<T extends Due> {
  private row: Entry<T>[] = [];
  /** Where the row begins: entries before it are gone. */
  private first = 0;
  private readonly heap = new PartialMatchQueue<Entry<T>>(compare);
  /** Keys that have a place; other entries are stale. */
  private count = 0;

  /** Look at it at `at`, or earlier if that was asked for before. */
  schedule(due: T, at: number): void {
    if (due.dueAt <= at) return;
    if (due.dueAt === Infinity) this.count++;
    due.dueAt = at;
    const entry = { at, due };
    const last = this.row[this.row.length - 1];
    if (last === undefined || compare(last, entry) < 0) this.row.push(entry);
    else this.heap.add(entry);
    if (this.row.length + this.heap.size > 64 && this.row.length + this.heap.size > 2 * this.count) this.dropStale();
  }

  /** Nothing is due before this instant; Infinity when nothing is at all. */
  get next(): number { return Math.min(this.row[this.first]?.at ?? Infinity, this.heap.peek()?.at ?? Infinity); }

  forget(due: T): void {
    if (due.dueAt === Infinity) return;
    due.dueAt = Infinity;
    this.count--;
  }

  /** The earliest that is due at or before an instant, and when it was; it is then no longer scheduled. */
  takeUntil(until: number): Entry<T> | undefined {
    for (let entry = this.earliest(); entry !== undefined && entry.at <= until; entry = this.earliest()) {
      if (entry === this.row[this.first]) this.first++;
      else this.heap.poll();
      if (entry.due.dueAt !== entry.at) continue;
      this.forget(entry.due);
      return entry;
    }
    return undefined;
  }

  private earliest(): Entry<T> | undefined {
    const inRow = this.row[this.first];
    const inHeap = this.heap.peek();
    return inRow === undefined || (inHeap !== undefined && compare(inHeap, inRow) < 0) ? inHeap : inRow;
  }

  private dropStale(): void {
    const isCurrent = (entry: Entry<T>): boolean => entry.due.dueAt === entry.at;
    this.row = this.row.slice(this.first).filter(isCurrent);
    this.first = 0;
    this.heap.retain(isCurrent);
  }
}
