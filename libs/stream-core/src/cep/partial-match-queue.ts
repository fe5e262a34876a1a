/**
 * Partial matches in order of their first event, those without one last: a binary heap. Iteration gives the heap's own
 * order, which decides the order in which matches of one event are reported; it is that of java.util.PriorityQueue
 * (sift up on insert, sift down on removal), because Flink's results are defined by it.
 */
export class PartialMatchQueue<T> {
  private readonly heap: T[] = [];

  /** `compare` < 0: the first comes before the second. */
  constructor(private readonly compare: (a: T, b: T) => number, items: Iterable<T> = []) {
    for (const item of items) this.add(item);
  }

  get size(): number { return this.heap.length; }
  /** Heap order; do not change the queue meanwhile. */
  values(): readonly T[] { return this.heap; }
  peek(): T | undefined { return this.heap[0]; }

  add(item: T): void {
    let at = this.heap.length;
    this.heap.push(item);
    while (at > 0) {
      const parentAt = (at - 1) >>> 1;
      const parent = this.heap[parentAt];
      if (parent === undefined || this.compare(item, parent) >= 0) break;
      this.heap[at] = parent;
      at = parentAt;
    }
    this.heap[at] = item;
  }

  poll(): T | undefined {
    const first = this.heap[0];
    const last = this.heap.pop();
    if (last !== undefined && this.heap.length > 0) this.siftDown(0, last);
    return first;
  }

  /** Removes what does not hold; the rest keeps its places as far as the heap allows. */
  retain(keep: (item: T) => boolean): void {
    const kept = this.heap.filter(keep);
    this.heap.length = 0;
    this.heap.push(...kept);
    for (let at = (kept.length >>> 1) - 1; at >= 0; at -= 1) {
      const item = this.heap[at];
      if (item !== undefined) this.siftDown(at, item);
    }
  }

  private siftDown(from: number, item: T): void {
    const { heap } = this;
    let at = from;
    while (2 * at + 1 < heap.length) {
      let childAt = 2 * at + 1;
      let child = heap[childAt];
      const right = heap[childAt + 1];
      if (child === undefined) break;
      if (right !== undefined && this.compare(child, right) > 0) {
        childAt += 1;
        child = right;
      }
      if (this.compare(item, child) <= 0) break;
      heap[at] = child;
      at = childAt;
    }
    heap[at] = item;
  }
}
