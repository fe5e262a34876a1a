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

/** When each key is to be looked at next. A key has one place; an earlier instant replaces a later one. */
export class DeadlineQueue<T extends Due> {
  private heap = new PartialMatchQueue<Entry<T>>(compare);
  /** Keys that have a place; other entries of the heap are stale. */
  private count = 0;

  /** Look at it at `at`, or earlier if that was asked for before. */
  schedule(due: T, at: number): void {
    if (due.dueAt <= at) return;
    if (due.dueAt === Infinity) this.count++;
    due.dueAt = at;
    this.heap.add({ at, due });
    if (this.heap.size > 64 && this.heap.size > 2 * this.count) this.heap.retain((entry) => entry.due.dueAt === entry.at);
  }

  /** Nothing is due before this instant; Infinity when nothing is at all. */
  get next(): number { return this.heap.peek()?.at ?? Infinity; }

  forget(due: T): void {
    if (due.dueAt === Infinity) return;
    due.dueAt = Infinity;
    this.count--;
  }

  /** The earliest that is due at or before an instant, and when it was; it is then no longer scheduled. */
  takeUntil(until: number): Entry<T> | undefined {
    for (let entry = this.heap.peek(); entry !== undefined && entry.at <= until; entry = this.heap.peek()) {
      this.heap.poll();
      if (entry.due.dueAt !== entry.at) continue;
      this.forget(entry.due);
      return entry;
    }
    return undefined;
  }
}
