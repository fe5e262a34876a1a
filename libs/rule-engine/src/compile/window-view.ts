// `as` behind an index: numbers of events are masked by the capacity of their log's columns, so they are there; no check per event.
import { emptyKey, unknownKey } from '@weir/stream-core';
import type { Accumulator, EventNumber } from '@weir/stream-core';
import type { AccumulatorPlan, StreamPlan, ViewPlan } from '../plan/state-plan.js';
import type { EventLog } from './event-log.js';
import type { EventRows } from './event-rows.js';
import type { KeyDimension } from './key-dimension.js';
import { leaveBound, upperEnd } from './span-bound.js';
import type { Bound } from './span-bound.js';

/** Accumulators that look at the same events. */
interface Fold { readonly stream: StreamPlan; readonly log: EventLog; readonly plan: AccumulatorPlan; readonly leave: Bound | undefined; readonly parts: { readonly accumulator: Accumulator; readonly cell: number }[] }

/** Where, in the time order of the log, an evaluation stands. */
export interface Standpoint { readonly ts: number; readonly seq: number }

const noneWide = new Map<number, bigint>();
let scratchEvents = new Int32Array(256);

/**
 * What the triggering event sees of one key: `cells[base + c]`, with exact values that are no safe integers in
 * `wide` at the same index. Points into the rows that are kept, or at numbers computed for this event alone.
 */
export class WindowView {
  cells: Float64Array;
  wide: Map<number, bigint>;
  base = 0;
  private id = emptyKey;
  private readonly scratch: Float64Array;
  private readonly scratchWide = new Map<number, bigint>();
  private readonly folds: Fold[] = [];

  constructor(readonly plan: ViewPlan, /** Place among all views. */ readonly index: number, readonly dimension: KeyDimension, private readonly rows: EventRows, private readonly retentionMs: number) {
    this.scratch = new Float64Array(plan.kind === 'kept' ? dimension.rows.stride : plan.stride);
    this.cells = this.scratch;
    this.wide = this.scratchWide;
  }

  /** Tells of an accumulator that the view reads. */
  add(log: EventLog, plan: AccumulatorPlan, stream: StreamPlan, accumulator: Accumulator): void {
    const isKept = this.plan.kind === 'kept';
    const leave = isKept ? leaveBound(plan.span) : undefined;
    let fold = this.folds.find((one) => one.stream === stream && one.plan.span.kind === plan.span.kind && one.leave?.name === leave?.name && (one.plan.span.kind !== 'between' || plan.span.kind !== 'between' || one.plan.span.toMs === plan.span.toMs));
    if (fold === undefined) this.folds.push((fold = { stream, log, plan, leave, parts: [] }));
    fold.parts.push({ accumulator, cell: plan.cell });
  }

  /** Points at the key of the current row. @param knownId the key's id if the event has just entered under it. */
  resolve(knownId: number): void {
    this.id = knownId !== emptyKey ? knownId : this.dimension.find(this.plan.triggering);
    const { rows } = this.dimension;
    this.cells = rows.cells;
    this.wide = rows.wide;
    this.base = this.id * rows.stride;
  }

  /** Points at a copy of the key's row as it was when the current row had entered. Holds where no number is wide. */
  pointAt(cells: Float64Array, base: number): void {
    this.cells = cells;
    this.base = base;
    this.wide = noneWide;
  }

  /** After `resolve`: computes all numbers from the events themselves, as seen from a standpoint. O(events of the key in reach). */
  compute(from: Standpoint): void {
    this.cells = this.scratch;
    this.wide = this.scratchWide;
    this.base = 0;
    this.scratchWide.clear();
    if (this.id === unknownKey) {
      this.scratch.fill(NaN);
      return;
    }
    for (const fold of this.folds) {
      const count = this.collect(fold, from);
      for (const { accumulator, cell } of fold.parts) accumulator.fold(scratchEvents, count, this, cell);
    }
  }

  private collect(fold: Fold, from: Standpoint): number {
    const { kind } = this.plan;
    if (kind === 'kept') return eventsBetween(fold.log, fold.stream, this.id, { after: fold.leave?.at(from.ts) ?? 0, until: upperEnd(fold.plan.span, from.ts), exceptSeq: fold.plan.span.kind === 'before' ? from.seq : -1 });
    return eventsUpTo(fold.log, fold.stream, this.id, from, { after: from.ts - this.retentionMs, count: this.plan.count, withItself: kind === 'lastEvents' });
  }

  /** Key fields of the current row, as the explanation and `resolve` see them. */
  get eventRows(): EventRows { return this.rows; }
}

/** Held events of a key with after < ts <= until, ascending by (ts, n), in the shared scratch list. @returns how many. */
export function eventsBetween(log: EventLog, stream: StreamPlan, id: number, range: { readonly after: number; readonly until: number; readonly exceptSeq: number; /** Events of a later seq are left out. Default: none. */ readonly untilSeq?: number }): number {
  const { columns } = log;
  let count = 0;
  const untilSeq = range.untilSeq ?? Infinity;
  if (id === emptyKey || id === unknownKey) return 0;
  for (let n = columns.newest(stream.chain, id); n !== undefined; n = columns.older(stream.chain, n)) {
    const at = n & columns.mask;
    const ts = columns.ts[at] as number;
    if (ts > range.until) continue;
    if (ts <= range.after) break;
    if (columns.seq[at] !== range.exceptSeq && (columns.seq[at] as number) <= untilSeq) count = push(count, n);
  }
  scratchEvents.subarray(0, count).reverse();
  return count;
}

/** The last events of a key up to a standpoint by (ts, seq), newer than `after`, ascending, in the shared scratch list. */
export function eventsUpTo(log: EventLog, stream: StreamPlan, id: number, from: Standpoint, bounds: { readonly after: number; readonly count: number; readonly withItself: boolean }): number {
  const { columns } = log;
  let count = 0;
  if (id === emptyKey || id === unknownKey) return 0;
  for (let n = columns.newest(stream.chain, id); n !== undefined && count < bounds.count; n = columns.older(stream.chain, n)) {
    const at = n & columns.mask;
    const ts = columns.ts[at] as number;
    if (ts <= bounds.after) break;
    const seq = columns.seq[at] as number;
    if (ts > from.ts || (ts === from.ts && (seq > from.seq || (seq === from.seq && !bounds.withItself)))) continue;
    count = push(count, n);
  }
  scratchEvents.subarray(0, count).reverse();
  return count;
}

/** The shared scratch list: valid until the next call that fills it. */
export function collected(): Int32Array { return scratchEvents; }

function push(count: number, n: EventNumber): number {
  if (count === scratchEvents.length) {
    const grown = new Int32Array(2 * count);
    grown.set(scratchEvents);
    scratchEvents = grown;
  }
  scratchEvents[count] = n;
  return count + 1;
}
