import { ByteLog, Count, Distinct, DoubleSum, emptyKey, ExactSum, Extreme, SharedLog, TailCursor } from '@weir/stream-core';
import type { Accumulator, EventNumber, Place } from '@weir/stream-core';
import type { AccumulatorPlan, LogPlan, PredicatePlan, StreamPlan } from '../plan/state-plan.js';
import type { Evaluator } from './evaluator.js';
import type { EventRows } from './event-rows.js';
import type { KeyDimension } from './key-dimension.js';
import { entryOf, lag, leaveBound } from './span-bound.js';
import type { Bound } from './span-bound.js';

/** Accumulators whose events share a key column. */
interface Group { readonly idColumn: number; readonly accumulators: Accumulator[] }
interface Work { readonly bound: Bound; readonly entering: Group[]; readonly leaving: Group[]; cursor: TailCursor }
/** A kept accumulator with its window's ends. */
interface Kept { readonly accumulator: Accumulator; readonly plan: AccumulatorPlan; readonly leave: Bound; readonly delay: Bound | undefined }

/** Compiled parts of a log: one evaluator for each number column and predicate condition. */
export interface LogCode {
  readonly numbers: readonly Evaluator[];
  readonly predicates: readonly { readonly where?: () => boolean | undefined; readonly condition?: () => boolean | undefined }[];
}

/**
 * One shared log with all that moves over it: cursors, accumulators, chains. The current row of `rows` is the event
 * that enters.
 *
 * Laws: an accumulator has counted exactly the held events in its window as of `now`; an event is dropped when no
 * event still to come can see it.
 */
export class EventLog {
  readonly columns: SharedLog;
  readonly payload = new ByteLog();
  readonly accumulators: ReadonlyMap<AccumulatorPlan, Accumulator>;
  private readonly kept: Kept[];
  private readonly work: Work[];
  private readonly arriving: Group[] = [];
  private readonly after: Group[] = [];
  private now = -Infinity;

  constructor(
    readonly plan: LogPlan,
    private readonly streams: readonly StreamPlan[],
    private readonly dimensions: readonly KeyDimension[],
    private readonly rows: EventRows,
    private readonly code: LogCode,
    seed: number,
  ) {
    this.columns = new SharedLog({ bitWords: Math.ceil(plan.predicates.length / 32), ids: plan.ids.length, chains: plan.chains.length, numbers: plan.numbers.length });
    for (const chain of plan.chains) {
      const stream = streams[chain.stream] as StreamPlan;
      this.columns.addChain({ rows: this.rowsOf(stream.dimension), offset: stream.head, idColumn: stream.idColumn });
    }
    this.accumulators = new Map(plan.accumulators.map((one) => [one, this.accumulatorOf(one, seed)]));
    this.kept = plan.accumulators.map((one) => {
      const { delayMs } = entryOf(one.span);
      return { accumulator: this.accumulators.get(one) as Accumulator, plan: one, leave: leaveBound(one.span), delay: delayMs > 0 ? lag(delayMs) : undefined };
    });
    this.work = this.planWork();
  }

  private rowsOf(dimension: number): KeyDimension['rows'] { return (this.dimensions[dimension] as KeyDimension).rows; }

  /** The accumulator of a plan: kept ones write to the rows of their key; for others only `fold` is of use. */
  accumulatorOf(plan: AccumulatorPlan, seed: number): Accumulator {
    const stream = this.streams[plan.stream] as StreamPlan;
    const place: Place = { log: this.columns, rows: this.rowsOf(stream.dimension), idColumn: stream.idColumn, offset: plan.cell, bit: plan.bit };
    switch (plan.kind) {
      case 'count': return new Count(place);
      case 'sum': case 'squares': return plan.isDouble ? new DoubleSum(place, plan.column, plan.kind === 'squares') : new ExactSum(place, plan.column, plan.kind === 'squares');
      case 'distinct': return new Distinct(place, plan.column, seed);
      default: return new Extreme(place, { kind: plan.columnKind === 'id' ? 'id' : 'number', column: plan.column }, plan.kind);
    }
  }

  private planWork(): Work[] {
    const work: Work[] = [];
    const at = (bound: Bound): Work => {
      const known = work.find((one) => one.bound.name === bound.name);
      if (known !== undefined) return known;
      const made: Work = { bound, entering: [], leaving: [], cursor: new TailCursor(this.columns, (n) => this.pass(made, n)) };
      work.push(made);
      return made;
    };
    for (const { accumulator, plan, leave, delay } of this.kept) {
      const entry = entryOf(plan.span);
      join(entry.when === 'arrival' ? this.arriving : entry.when === 'after' ? this.after : at(delay ?? lag(0)).entering, accumulator);
      join(at(leave).leaving, accumulator);
    }
    // What enters with a delay must enter before it leaves, also when both fall due at once: shorter lags first.
    return work.sort((a, b) => b.bound.at(1e12) - a.bound.at(1e12));
  }

  private pass(work: Work, n: EventNumber): void {
    const { columns } = this;
    const at = n & columns.mask;
    for (const { idColumn, accumulators } of work.entering) {
      if (columns.ids[idColumn]?.[at] === emptyKey) continue;
      for (const accumulator of accumulators) accumulator.enter(n);
    }
    for (const { idColumn, accumulators } of work.leaving) {
      if (columns.ids[idColumn]?.[at] === emptyKey) continue;
      for (const accumulator of accumulators) accumulator.leave(n, work.cursor.bound);
    }
  }

  /** Time moves on: what leaves its windows is subtracted. Earlier times do nothing. */
  advance(now: number): void {
    if (now <= this.now) return;
    this.now = now;
    for (const one of this.work) one.cursor.advance(one.bound.at(now));
  }

  /**
   * The current row enters, at `now` or before it. Its windows count it when this returns, but for `before` ones, which
   * wait for {@link settle}; an event out of order is counted by all at once, where it still belongs.
   * @returns its number; undefined when no stream takes it.
   */
  enter(): EventNumber | undefined {
    const { rows, plan, columns } = this;
    const type = rows.type[rows.row] as number;
    const ts = rows.ts[rows.row] as number;
    const isDisplaced = ts < this.now;
    const ids = plan.ids.map((column) => (column.types.includes(type) ? (this.dimensions[column.dimension] as KeyDimension).intern() : emptyKey));
    if (plan.chains.every((chain) => ids[(this.streams[chain.stream] as StreamPlan).idColumn] === emptyKey)) {
      ids.forEach((id, column) => { if (id !== emptyKey) this.release(column, id); });
      return undefined;
    }
    const n = columns.append(ts, rows.seq[rows.row] as number, type, isDisplaced);
    const at = n & columns.mask;
    ids.forEach((id, column) => { (columns.ids[column] as Int32Array)[at] = id; });
    this.writeNumbers(n, at, type);
    this.writeBits(at, type);
    this.linkChains(n, at, type);
    if (isDisplaced) this.enterDisplaced(n, ts); else this.enterGroups(this.arriving, n);
    return n;
  }

  /** The event just entered has been evaluated: `before` windows count it from here on. */
  settle(n: EventNumber): void {
    if (this.columns.displaced[n & this.columns.mask] === 0) this.enterGroups(this.after, n);
  }

  private enterGroups(groups: readonly Group[], n: EventNumber): void {
    const at = n & this.columns.mask;
    for (const { idColumn, accumulators } of groups) {
      if (this.columns.ids[idColumn]?.[at] === emptyKey) continue;
      for (const accumulator of accumulators) accumulator.enter(n);
    }
  }

  /** Slow and exact: each window counts it if it holds its ts as of now. */
  private enterDisplaced(n: EventNumber, ts: number): void {
    for (const { cursor } of this.work) cursor.displaced(n, ts);
    this.enterWhereDue(n, ts);
  }

  private enterWhereDue(n: EventNumber, ts: number): void {
    const at = n & this.columns.mask;
    for (const { accumulator, leave, delay } of this.kept) {
      if (this.columns.ids[accumulator.place.idColumn]?.[at] === emptyKey) continue;
      if (ts > leave.at(this.now) && (delay === undefined || ts <= delay.at(this.now))) accumulator.enter(n);
    }
  }

  /**
   * Takes an event back from a checkpoint, in order of arrival, with time standing at `now`: all that its windows count
   * follows from its columns. The caller has written ids (with a reference each), bits, numbers and payload of `n`.
   */
  readmit(n: EventNumber): void {
    const at = n & this.columns.mask;
    this.linkChains(n, at, this.columns.type[at] as number);
    this.enterWhereDue(n, this.columns.ts[at] as number);
  }

  /** Sets the time of an empty log, before events are readmitted. */
  startAt(now: number): void { this.now = now; }

  /** All events are back: cursors stand where they stood. */
  placeCursors(): void {
    for (const { cursor, bound } of this.work) cursor.jump(bound.at(this.now));
  }

  private writeNumbers(n: EventNumber, at: number, type: number): void {
    const { columns, plan, code } = this;
    for (let i = 0; i < plan.numbers.length; i++) {
      const column = columns.numbers[i] as Float64Array;
      const evaluator = (plan.numbers[i] as LogPlan['numbers'][number]).types.includes(type) ? code.numbers[i] : undefined;
      const value = evaluator === undefined || evaluator.form === 'list' || evaluator.form === 'ratio' ? undefined : evaluator.get();
      if (typeof value === 'bigint') {
        columns.wide[i]?.set(n, value);
        column[at] = value > 0n ? Infinity : -Infinity;
      } else column[at] = typeof value === 'number' ? value + 0 : typeof value === 'boolean' ? Number(value) : NaN;
    }
  }

  private writeBits(at: number, type: number): void {
    const { columns, plan, code } = this;
    for (const word of columns.bits) word[at] = 0;
    for (let bit = 0; bit < plan.predicates.length; bit++) {
      const predicate = plan.predicates[bit] as PredicatePlan;
      if (!predicate.streamTypes.includes(type)) continue;
      const { known, condition } = predicate;
      if (known !== undefined && !(known.kind === 'id' ? columns.ids[known.column]?.[at] !== emptyKey : !Number.isNaN(columns.numbers[known.column]?.[at]))) continue;
      const compiled = code.predicates[bit];
      if (compiled?.where !== undefined && compiled.where() !== true) continue;
      if (condition !== undefined && compiled?.condition?.() !== condition.wanted) continue;
      const word = columns.bits[bit >> 5] as Int32Array;
      word[at] = (word[at] as number) | (1 << (bit & 31));
    }
  }

  private linkChains(n: EventNumber, at: number, type: number): void {
    const { columns, plan } = this;
    for (let c = 0; c < plan.chains.length; c++) {
      const stream = this.streams[(plan.chains[c] as { stream: number }).stream] as StreamPlan;
      const id = columns.ids[stream.idColumn]?.[at] ?? emptyKey;
      if (id !== emptyKey && stream.types.includes(type)) columns.link(c, n, id); else (columns.previous[c] as Int32Array)[at] = 0;
    }
  }

  /** One more reference to the id of an id column. */
  retain(column: number, id: number): void {
    (this.dimensions[(this.plan.ids[column] as { dimension: number }).dimension] as KeyDimension).interner.retain(id);
  }

  private release(column: number, id: number): void {
    (this.dimensions[(this.plan.ids[column] as { dimension: number }).dimension] as KeyDimension).interner.release(id);
  }

  /** Drops, from the front, events dated at or before `ts`: no event still to come can see them. */
  dropUntil(ts: number): void {
    const { columns } = this;
    if (columns.length === 0) return;
    while (columns.length > 0 && (columns.ts[columns.first & columns.mask] as number) <= ts) {
      const at = columns.first & columns.mask;
      for (let column = 0; column < columns.ids.length; column++) {
        const id = columns.ids[column]?.[at] ?? emptyKey;
        if (id !== emptyKey) this.release(column, id);
      }
      columns.dropFirst();
      if (columns.length > 0) this.payload.dropBefore(columns.place[columns.first & columns.mask] as number);
      else this.payload.clear();
    }
  }

  /** How far back any kept window reaches at time t: everything dated at or before it has left all of them. */
  reach(t: number): number {
    let lowest = t;
    for (const { bound } of this.work) lowest = Math.min(lowest, bound.at(t));
    return lowest;
  }

  get byteLength(): number {
    let sum = this.columns.byteLength + this.payload.byteLength;
    for (const { accumulator } of this.kept) sum += accumulator.byteLength;
    return sum;
  }
}

function join(groups: Group[], accumulator: Accumulator): void {
  const { idColumn } = accumulator.place;
  const known = groups.find((group) => group.idColumn === idColumn);
  if (known === undefined) groups.push({ idColumn, accumulators: [accumulator] }); else known.accumulators.push(accumulator);
}
