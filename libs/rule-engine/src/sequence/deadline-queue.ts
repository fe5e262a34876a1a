import { PartialMatchQueue } from '@weir/stream-core';

interface Due { readonly at: number; readonly key: string }

/** In order of instant, then key: what a stored or restored queue gives out does not depend on how it was filled. */
function compare(a: Due, b: Due): number { return a.at - b.at || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0); }

/** When each key is to be looked at next. A key has one place; an earlier instant replaces a later one. */
export class DeadlineQueue {
  private heap = new PartialMatchQueue<Due>(compare);
  /** The earliest instant in the heap by key; other entries of the key are stale. */
  private readonly scheduled = new Map<string, number>();

  /** Look at the key at `at`, or earlier if that was asked for before. */
  schedule(key: string, at: number): void {
    const known = this.scheduled.get(key);
    if (known !== undefined && known <= at) return;
    this.scheduled.set(key, at);
    this.heap.add({ at, key });
    if (this.heap.size > 64 && this.heap.size > 2 * this.scheduled.size) this.heap.retain((due) => this.isCurrent(due));
  }

  /** No key is due before this instant; Infinity when none is. */
  get next(): number { return this.heap.peek()?.at ?? Infinity; }

  forget(key: string): void { this.scheduled.delete(key); }

  /** The earliest key due at or before an instant; it is then no longer scheduled. */
  takeUntil(until: number): Due | undefined {
    for (let due = this.heap.peek(); due !== undefined && due.at <= until; due = this.heap.peek()) {
      this.heap.poll();
      if (!this.isCurrent(due)) continue;
      this.scheduled.delete(due.key);
      return due;
    }
    return undefined;
  }

  private isCurrent({ at, key }: Due): boolean { return this.scheduled.get(key) === at; }
}
