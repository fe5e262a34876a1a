import type { EventNumber, SharedLog } from './shared-log.js';

/** Which event of a window is asked for. */
export type QueueKind = 'min' | 'max' | 'first' | 'latest';

const nodeWords = 4;
const eventAt = 0;
const beforeAt = 1;
const afterAt = 2;

/**
 * For each key the events of a window that can still be its answer, oldest first: what makes min, max, first and
 * latest exact while the window slides.
 *
 * A later event that dominates an earlier one makes it useless for good, because it also leaves later (monotonic
 * queue: ascending minima, Lemire 2006). min: later value <= earlier; max: >=; latest: always, so one event a key;
 * first: never, so all.
 *
 * Layout: doubly linked nodes of four words (event, before, after, unused) with the values beside them and a free list;
 * head and tail side by side by key id; node 0 is none. Invariant: events of one key ascend in (ts, n), none dominates one
 * before it.
 */
export class EventQueues {
  private nodes = new Int32Array(nodeWords * 64);
  private values = new Float64Array(64);
  private free = 0;
  private used = 1;
  private ends = new Int32Array(2 * 64);

  /** @param column numbers that min and max compare; exact ones that are no safe integers show as infinities and lie in `log.wide`. */
  constructor(private readonly log: SharedLog, private readonly kind: QueueKind, private readonly column: number) {}

  get byteLength(): number { return this.nodes.byteLength + this.values.byteLength + this.ends.byteLength; }

  /** The oldest event kept for the key: its minimum, maximum, first or latest. */
  front(id: number): EventNumber | undefined {
    const node = this.ends[2 * id] ?? 0;
    return node === 0 ? undefined : (this.nodes[nodeWords * node + eventAt] as number);
  }

  /** Takes an event into the window of its key, at its place in (ts, n). Amortised O(1) in order. */
  enter(id: number, n: EventNumber): void {
    this.ensure(id);
    const { nodes, log } = this;
    const value = this.valueOf(n);
    let place = this.ends[2 * id + 1] as number;
    if (log.displaced[n & log.mask] === 1) {
      while (place !== 0 && log.order(nodes[nodeWords * place + eventAt] as number, n) > 0) {
        if (this.dominates(this.values[place] as number, nodes[nodeWords * place + eventAt] as number, value, n)) return;
        place = nodes[nodeWords * place + beforeAt] as number;
      }
    }
    while (place !== 0 && this.dominates(value, n, this.values[place] as number, nodes[nodeWords * place + eventAt] as number)) {
      const older = nodes[nodeWords * place + beforeAt] as number;
      this.unlink(id, place);
      place = older;
    }
    this.insertAfter(id, place, n, value);
  }

  /** Events of the key dated at or before `bound` leave. */
  leave(id: number, bound: number): void {
    const { ts, mask } = this.log;
    for (;;) {
      const node = this.ends[2 * id] ?? 0;
      if (node === 0 || (ts[(this.nodes[nodeWords * node + eventAt] as number) & mask] as number) > bound) return;
      this.unlink(id, node);
    }
  }

  private valueOf(n: EventNumber): number {
    return this.kind === 'min' || this.kind === 'max' ? ((this.log.numbers[this.column] as Float64Array)[n & this.log.mask] as number) : 0;
  }

  private dominates(laterValue: number, later: EventNumber, earlierValue: number, earlier: EventNumber): boolean {
    switch (this.kind) {
      case 'first': return false;
      case 'latest': return true;
      case 'min': return laterValue < earlierValue || (laterValue === earlierValue && (Number.isFinite(laterValue) || compareExact(this.log, this.column, later, earlier) <= 0));
      case 'max': return laterValue > earlierValue || (laterValue === earlierValue && (Number.isFinite(laterValue) || compareExact(this.log, this.column, later, earlier) >= 0));
    }
  }

  private insertAfter(id: number, place: number, n: EventNumber, value: number): void {
    const node = this.take();
    const { nodes, ends } = this;
    const next = place === 0 ? (ends[2 * id] as number) : (nodes[nodeWords * place + afterAt] as number);
    const at = nodeWords * node;
    nodes[at + eventAt] = n;
    nodes[at + beforeAt] = place;
    nodes[at + afterAt] = next;
    this.values[node] = value;
    if (place === 0) ends[2 * id] = node; else nodes[nodeWords * place + afterAt] = node;
    if (next === 0) ends[2 * id + 1] = node; else nodes[nodeWords * next + beforeAt] = node;
  }

  private unlink(id: number, node: number): void {
    const { nodes, ends } = this;
    const before = nodes[nodeWords * node + beforeAt] as number;
    const after = nodes[nodeWords * node + afterAt] as number;
    if (before === 0) ends[2 * id] = after; else nodes[nodeWords * before + afterAt] = after;
    if (after === 0) ends[2 * id + 1] = before; else nodes[nodeWords * after + beforeAt] = before;
    nodes[nodeWords * node + afterAt] = this.free;
    this.free = node;
  }

  private take(): number {
    if (this.free !== 0) {
      const node = this.free;
      this.free = this.nodes[nodeWords * node + afterAt] as number;
      return node;
    }
    if (this.used === this.values.length) {
      this.nodes = doubled(this.nodes);
      const values = new Float64Array(2 * this.values.length);
      values.set(this.values);
      this.values = values;
    }
    return this.used++;
  }

  private ensure(id: number): void {
    while (2 * id + 1 >= this.ends.length) this.ends = doubled(this.ends);
  }
}

/** Order of two events by a column of exact numbers. */
export function compareExact(log: SharedLog, column: number, a: EventNumber, b: EventNumber): number {
  const values = log.numbers[column] as Float64Array;
  const x = values[a & log.mask] as number;
  const y = values[b & log.mask] as number;
  if (x < y) return -1;
  if (x > y) return 1;
  if (Number.isFinite(x)) return 0;
  const p = log.wide[column]?.get(a) ?? 0n;
  const q = log.wide[column]?.get(b) ?? 0n;
  return p < q ? -1 : p > q ? 1 : 0;
}

function doubled(column: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(2 * column.length);
  grown.set(column);
  return grown;
}
