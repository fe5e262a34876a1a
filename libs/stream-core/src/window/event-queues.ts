import type { EventNumber, SharedLog } from './shared-log.js';

/** -1, 0, 1: which of two values an event is asked for wins; see {@link EventQueues}. */
export type Dominates = (later: EventNumber, earlier: EventNumber) => boolean;

/**
 * For each key the events of a window that can still be its answer, oldest first: what makes min, max, first and
 * latest exact while the window slides.
 *
 * A later event that `dominates` an earlier one makes it useless for good, because it also leaves later (monotonic
 * queue: ascending minima, Lemire 2006). min: later value <= earlier; max: >=; latest: always, so one event a key;
 * first: never, so all.
 *
 * Layout: doubly linked nodes in typed arrays with a free list; head and tail by key id. Invariant: events of one
 * key ascend in (ts, n), none dominates one before it.
 */
export class EventQueues {
  private event = new Int32Array(64);
  private before = new Int32Array(64);
  private after = new Int32Array(64);
  private free = 0;
  private used = 1;
  private head = new Int32Array(64);
  private tail = new Int32Array(64);

  constructor(private readonly log: SharedLog, private readonly dominates: Dominates) {}

  get byteLength(): number { return 12 * this.event.length + 8 * this.head.length; }

  /** The oldest event kept for the key: its minimum, maximum, first or latest. */
  front(id: number): EventNumber | undefined {
    const node = this.head[id] ?? 0;
    return node === 0 ? undefined : (this.event[node] as number);
  }

  /** Takes an event into the window of its key, at its place in (ts, n). Amortised O(1) in order. */
  enter(id: number, n: EventNumber): void {
    this.ensure(id);
    let place = this.tail[id] as number;
    while (place !== 0 && this.log.order(this.event[place] as number, n) > 0) {
      if (this.dominates(this.event[place] as number, n)) return;
      place = this.before[place] as number;
    }
    while (place !== 0 && this.dominates(n, this.event[place] as number)) {
      const older = this.before[place] as number;
      this.unlink(id, place);
      place = older;
    }
    this.insertAfter(id, place, n);
  }

  /** Events of the key dated at or before `bound` leave. */
  leave(id: number, bound: number): void {
    const { ts, mask } = this.log;
    for (;;) {
      const node = this.head[id] ?? 0;
      if (node === 0 || (ts[(this.event[node] as number) & mask] as number) > bound) return;
      this.unlink(id, node);
    }
  }

  private insertAfter(id: number, place: number, n: EventNumber): void {
    const node = this.take();
    const next = place === 0 ? (this.head[id] as number) : (this.after[place] as number);
    this.event[node] = n;
    this.before[node] = place;
    this.after[node] = next;
    if (place === 0) this.head[id] = node; else this.after[place] = node;
    if (next === 0) this.tail[id] = node; else this.before[next] = node;
  }

  private unlink(id: number, node: number): void {
    const before = this.before[node] as number;
    const after = this.after[node] as number;
    if (before === 0) this.head[id] = after; else this.after[before] = after;
    if (after === 0) this.tail[id] = before; else this.before[after] = before;
    this.after[node] = this.free;
    this.free = node;
  }

  private take(): number {
    if (this.free !== 0) {
      const node = this.free;
      this.free = this.after[node] as number;
      return node;
    }
    if (this.used === this.event.length) {
      this.event = doubled(this.event);
      this.before = doubled(this.before);
      this.after = doubled(this.after);
    }
    return this.used++;
  }

  private ensure(id: number): void {
    while (id >= this.head.length) {
      this.head = doubled(this.head);
      this.tail = doubled(this.tail);
    }
  }
}

function doubled(column: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(2 * column.length);
  grown.set(column);
  return grown;
}
