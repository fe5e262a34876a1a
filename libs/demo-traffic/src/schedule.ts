import type { Planned } from './traffic-event.js';

interface Entry { readonly planned: Planned; readonly order: number }

/**
 * What is still to happen, earliest first; equal times in order of insertion.
 * Layout: a binary heap in an array, parent of i at (i - 1) >> 1. Invariant: no entry is before its parent. O(log n) each.
 */
export class Schedule {
  readonly #heap: Entry[] = [];
  #inserted = 0;

  get size(): number {
    return this.#heap.length;
  }

  nextTs(): number {
    return this.#heap[0]?.planned.ts ?? Infinity;
  }

  add(planned: Planned): void {
    const heap = this.#heap;
    let at = heap.length;
    const entry: Entry = { planned, order: this.#inserted++ };
    heap.push(entry);
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt];
      if (parent === undefined || !isBefore(entry, parent)) break;
      heap[at] = parent;
      at = parentAt;
    }
    heap[at] = entry;
  }

  /** The earliest, removed; undefined when nothing is left. */
  take(): Planned | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return undefined;
    if (heap.length > 0) this.#sink(last);
    return first.planned;
  }

  #sink(entry: Entry): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let childAt = 2 * at + 1;
      const left = heap[childAt], right = heap[childAt + 1];
      if (left === undefined) break;
      let child = left;
      if (right !== undefined && isBefore(right, left)) { child = right; childAt += 1; }
      if (!isBefore(child, entry)) break;
      heap[at] = child;
      at = childAt;
    }
    heap[at] = entry;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.planned.ts < b.planned.ts || (a.planned.ts === b.planned.ts && a.order < b.order);
}
