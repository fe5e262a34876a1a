import { doubled, doublesOf, heapRoom } from '../wasm/room.js';
import type { Room } from '../wasm/room.js';
import type { EventNumber, SharedLog } from './shared-log.js';

/** Which event of a window is asked for. */
export type QueueKind = 'min' | 'max' | 'first' | 'latest';

/** Words of a node: event, node before, node after, unused, value (a double), ts (a double). */
export const nodeWords = 8;
export const nodeAt = { event: 0, before: 1, after: 2, value: 4, ts: 6 } as const;
/** Words of the ends of a key: its oldest node, its newest, the ts of the oldest (a double, of no meaning where there is none). */
export const endsWords = 4;
export const endsAt = { oldest: 0, newest: 1, oldestTs: 2 } as const;
/** Words of the counters, by name. */
export const queueCounterAt = { free: 0, used: 1 } as const;

/**
 * For each key the events of a window that can still be its answer, oldest first: what makes min, max, first and
 * latest exact while the window slides.
 *
 * A later event that dominates an earlier one makes it useless for good, because it also leaves later (monotonic
 * queue: ascending minima, Lemire 2006). min: later value <= earlier; max: >=; latest: always, so one event a key;
 * first: never, so all.
 *
 * Layout: doubly linked nodes of 32 bytes, value and time in them so that nothing else is read; a free list; oldest and newest node
 * side by side by key id, with the time of the oldest, so that mostly no node is read when an event leaves; node 0 is none. Invariant: events of one key ascend in (ts, n), none dominates one
 * before it.
 */
export class EventQueues {
  private held: Int32Array;
  private heldDoubles: Float64Array;
  private heldEnds: Int32Array;
  private heldEndsDoubles: Float64Array;
  /** See {@link queueCounterAt}; kernels count here too. */
  readonly counters: Int32Array;

  /** @param column numbers that min and max compare; exact ones that are no safe integers show as infinities and lie in `log.wide`. */
  constructor(private readonly log: SharedLog, readonly kind: QueueKind, private readonly column: number, private readonly room: Room = heapRoom) {
    this.held = room.i32(nodeWords * 64);
    this.heldDoubles = doublesOf(this.held);
    this.heldEnds = room.i32(endsWords * 64);
    this.heldEndsDoubles = doublesOf(this.heldEnds);
    this.counters = room.i32(2);
    this.counters[queueCounterAt.used] = 1;
  }

  get byteLength(): number { return this.held.byteLength + this.heldEnds.byteLength; }
  /** The arrays as they lie now; stale after the next event enters. */
  get nodes(): Int32Array { return this.held; }
  get ends(): Int32Array { return this.heldEnds; }

  /** Makes room for `count` more events, of keys with ids below `ids`, so that a kernel can enter them. */
  reserve(count: number, ids: number): void {
    while (nodeWords * ((this.counters[queueCounterAt.used] as number) + count) > this.held.length) this.widen();
    this.ensure(ids);
  }

  /** The oldest event kept for the key: its minimum, maximum, first or latest. */
  front(id: number): EventNumber | undefined {
    const node = this.heldEnds[endsWords * id + endsAt.oldest] ?? 0;
    return node === 0 ? undefined : this.event(node);
  }

  /** Takes an event into the window of its key, at its place in (ts, n). Amortised O(1) in order. */
  enter(id: number, n: EventNumber): void {
    this.ensure(id);
    const { log } = this;
    const value = this.valueOf(n);
    let place = this.heldEnds[endsWords * id + endsAt.newest] as number;
    if (log.displaced[n & log.mask] === 1) {
      while (place !== 0 && log.order(this.event(place), n) > 0) {
        if (this.dominates(this.value(place), this.event(place), value, n)) return;
        place = this.held[nodeWords * place + nodeAt.before] as number;
      }
    }
    while (place !== 0 && this.dominates(value, n, this.value(place), this.event(place))) {
      const older = this.held[nodeWords * place + nodeAt.before] as number;
      this.unlink(id, place);
      place = older;
    }
    this.insertAfter(id, place, n, value);
  }

  /** Events of the key dated at or before `bound` leave. */
  leave(id: number, bound: number): void {
    for (;;) {
      const node = this.heldEnds[endsWords * id + endsAt.oldest] ?? 0;
      if (node === 0 || (this.heldEndsDoubles[(endsWords * id + endsAt.oldestTs) >> 1] as number) > bound) return;
      this.unlink(id, node);
    }
  }

  private event(node: number): EventNumber { return this.held[nodeWords * node + nodeAt.event] as number; }
  private value(node: number): number { return this.heldDoubles[(nodeWords * node + nodeAt.value) >> 1] as number; }

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
    const { held, heldDoubles, heldEnds, log } = this;
    const next = place === 0 ? (heldEnds[endsWords * id + endsAt.oldest] as number) : (held[nodeWords * place + nodeAt.after] as number);
    const at = nodeWords * node;
    held[at + nodeAt.event] = n;
    held[at + nodeAt.before] = place;
    held[at + nodeAt.after] = next;
    heldDoubles[(at + nodeAt.value) >> 1] = value;
    heldDoubles[(at + nodeAt.ts) >> 1] = log.ts[n & log.mask] as number;
    if (place === 0) this.beginWith(id, node); else held[nodeWords * place + nodeAt.after] = node;
    if (next === 0) heldEnds[endsWords * id + endsAt.newest] = node; else held[nodeWords * next + nodeAt.before] = node;
  }

  private unlink(id: number, node: number): void {
    const { held, heldEnds, counters } = this;
    const before = held[nodeWords * node + nodeAt.before] as number;
    const after = held[nodeWords * node + nodeAt.after] as number;
    if (before === 0) this.beginWith(id, after); else held[nodeWords * before + nodeAt.after] = after;
    if (after === 0) heldEnds[endsWords * id + endsAt.newest] = before; else held[nodeWords * after + nodeAt.before] = before;
    held[nodeWords * node + nodeAt.after] = counters[queueCounterAt.free] as number;
    counters[queueCounterAt.free] = node;
  }

  /** A node, or none, is the oldest of its key from now on. */
  private beginWith(id: number, node: number): void {
    this.heldEnds[endsWords * id + endsAt.oldest] = node;
    this.heldEndsDoubles[(endsWords * id + endsAt.oldestTs) >> 1] = this.heldDoubles[(nodeWords * node + nodeAt.ts) >> 1] as number;
  }

  private take(): number {
    const { counters } = this;
    const free = counters[queueCounterAt.free] as number;
    if (free !== 0) {
      counters[queueCounterAt.free] = this.held[nodeWords * free + nodeAt.after] as number;
      return free;
    }
    const node = counters[queueCounterAt.used] as number;
    if (nodeWords * (node + 1) > this.held.length) this.widen();
    counters[queueCounterAt.used] = node + 1;
    return node;
  }

  private widen(): void {
    this.held = doubled(this.held, this.room);
    this.heldDoubles = doublesOf(this.held);
  }

  private ensure(id: number): void {
    while (endsWords * id >= this.heldEnds.length) {
      this.heldEnds = doubled(this.heldEnds, this.room);
      this.heldEndsDoubles = doublesOf(this.heldEnds);
    }
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
