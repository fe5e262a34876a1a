interface Waiting<T> { readonly at: number; readonly order: number; readonly item: T }

/** Items that wait for their time: a binary heap by (time, order of arrival), bounded. */
export class PendingLabels<T> {
  private readonly heap: Waiting<T>[] = [];
  private arrivals = 0;

  constructor(private readonly most: number) {}

  /** Throws RangeError when `most` items wait already. */
  add(at: number, item: T): void {
    if (this.heap.length >= this.most) throw new RangeError(`more than ${this.most} labels wait for their time; shorten the delay or leave out the negatives`);
    this.heap.push({ at, order: this.arrivals, item });
    this.arrivals += 1;
    let child = this.heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.swapIfLess(child, parent)) return;
      child = parent;
    }
  }

  /** Moves every item whose time is at or before `upTo` to `out`, in order of (time, arrival). */
  release(upTo: number, out: T[]): void {
    for (;;) {
      const first = this.heap[0];
      if (first === undefined || first.at > upTo) return;
      out.push(first.item);
      const last = this.heap.pop();
      if (last !== undefined && this.heap.length > 0) {
        this.heap[0] = last;
        this.sink();
      }
    }
  }

  private sink(): void {
    let parent = 0;
    for (;;) {
      const left = 2 * parent + 1;
      const child = left + 1 < this.heap.length && this.isLess(left + 1, left) ? left + 1 : left;
      if (child >= this.heap.length || !this.swapIfLess(child, parent)) return;
      parent = child;
    }
  }

  private swapIfLess(child: number, parent: number): boolean {
    const [a, b] = [this.heap[child], this.heap[parent]];
    if (a === undefined || b === undefined || !this.isLess(child, parent)) return false;
    this.heap[child] = b;
    this.heap[parent] = a;
    return true;
  }

  private isLess(i: number, k: number): boolean {
    const [a, b] = [this.heap[i], this.heap[k]];
    return a !== undefined && b !== undefined && (a.at < b.at || (a.at === b.at && a.order < b.order));
  }
}
