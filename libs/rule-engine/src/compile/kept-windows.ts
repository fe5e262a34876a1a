// `as` behind an index: the index is one that the plan or the log has given out, so the column is there; no check per event.
import { Count, Distinct, DoubleSum, emptyKey, ExactSum, Extreme, TailCursor } from '@weir/stream-core';
import type { Accumulator, EventNumber, KeyRows, Place, Room, SharedLog } from '@weir/stream-core';
import type { AccumulatorPlan, LogPlan, StreamPlan } from '../plan/state-plan.js';
import { generateStep, steppedByLoop } from './generate-entry.js';
import type { Group, Step } from './generate-entry.js';
import { mirrorsOf } from './mirrors.js';
import { entryOf, lag, leaveBound } from './span-bound.js';
import type { Bound } from './span-bound.js';

/** What a cursor does to the events it passes. */
export interface Work { readonly bound: Bound; readonly entering: Group[]; readonly leaving: Group[]; cursor: TailCursor; enter: Step; leave: Step; /** Of a calendar window, by row of a batch: the bound for its ts. */ readonly untils: Float64Array }

/** A kept accumulator and the times that it counts as of now: after `after`, up to `until`. Equal names, equal bounds. */
export interface CountedSpan { readonly accumulator: Accumulator; readonly name: string; readonly after: number; readonly until: number }

/** What windows are kept over: the log, the rows of its keys, and memory for what they hold. */
interface WindowGround {
  readonly columns: SharedLog;
  readonly streams: readonly StreamPlan[];
  readonly rowsOf: (dimension: number) => KeyRows;
  readonly room: Room;
  /** Seed of the hashes of `distinct`. */
  readonly seed: number;
  /** Rows of a micro-batch at most. */
  readonly batchCapacity: number;
  /** Generates code for what runs per event; false: loops. */
  readonly generates: boolean;
}

const noUntils = new Float64Array(0);
const idle: Step = () => undefined;

/** A kept accumulator with its window's ends. */
interface Kept { readonly accumulator: Accumulator; readonly plan: AccumulatorPlan; readonly leave: Bound; readonly delay: Bound | undefined }

/**
 * The windows of one shared log that are kept while they slide: accumulators, and the cursors that feed them.
 *
 * Law: an accumulator has counted exactly the held events in its window as of `now`.
 */
export class KeptWindows {
  /** Of all plans. A `distinct` that another one counts beside its own (see {@link mirrorsOf}) is only here to fold: its pairs are with that one. */
  readonly accumulators: ReadonlyMap<AccumulatorPlan, Accumulator>;
  /** In the order in which an event passes them: shorter lags first. */
  readonly work: readonly Work[];
  readonly arrivingGroups: readonly Group[];
  readonly afterGroups: readonly Group[];
  /** Counts an event as it arrives, where it was in order. */
  readonly arriving: Step;
  /** Counts it after its own evaluation: `before` windows. */
  readonly after: Step;
  /** Of the windows with a fixed length. */
  readonly longestLagMs: number;
  /** Event time up to which events have left. */
  now = -Infinity;
  private readonly kept: readonly Kept[];
  /** Bound of the cursor that is walking. */
  private readonly bound = new Float64Array(1);

  constructor(private readonly ground: WindowGround, plan: LogPlan) {
    const mirrors = mirrorsOf(plan, ground.streams);
    const mirrored = new Set(mirrors.values());
    this.accumulators = new Map(plan.accumulators.map((one) => [one, this.accumulatorOf(one, ground.seed, mirrors.get(one))]));
    // What another one counts beside its own only folds.
    this.kept = [...this.accumulators].filter(([one]) => !mirrored.has(one)).map(([one, accumulator]) => {
      const { delayMs } = entryOf(one.span);
      return { accumulator, plan: one, leave: leaveBound(one.span), delay: delayMs > 0 ? lag(delayMs) : undefined };
    });
    const [arriving, after]: [Group[], Group[]] = [[], []];
    this.work = this.planWork(arriving, after);
    this.arrivingGroups = arriving;
    this.afterGroups = after;
    this.arriving = this.stepOf(arriving, 'enter');
    this.after = this.stepOf(after, 'enter');
    this.longestLagMs = Math.max(0, ...this.work.map(({ bound }) => bound.lagMs ?? 0));
  }

  /** The accumulator of a plan: kept ones write to the rows of their key; for others only `fold` is of use. @param mirror of a `distinct` one: what it counts as well. */
  accumulatorOf(plan: AccumulatorPlan, seed: number, mirror?: AccumulatorPlan): Accumulator {
    const { room } = this.ground;
    const place = this.placeOf(plan);
    switch (plan.kind) {
      case 'count': return new Count(place);
      case 'sum': case 'squares': return plan.isDouble ? new DoubleSum(place, plan.column, plan.kind === 'squares') : new ExactSum(place, plan.column, plan.kind === 'squares');
      case 'distinct': return new Distinct(place, plan.column, seed, room, mirror === undefined ? undefined : this.placeOf(mirror));
      default: return new Extreme(place, { kind: plan.columnKind === 'id' ? 'id' : 'number', column: plan.column }, plan.kind, room);
    }
  }

  private placeOf({ stream, cell, bit }: AccumulatorPlan): Place {
    const { columns, streams, rowsOf } = this.ground;
    const { dimension, idColumn } = streams[stream] as StreamPlan;
    return { log: columns, rows: rowsOf(dimension), idColumn, offset: cell, bit };
  }

  private stepOf(groups: readonly Group[], direction: 'enter' | 'leave'): Step {
    if (groups.length === 0) return idle;
    const { columns, generates } = this.ground;
    return generates ? generateStep(columns, groups, direction, this.bound) : steppedByLoop(columns, groups, direction, this.bound);
  }

  private planWork(arriving: Group[], after: Group[]): Work[] {
    const { columns, room, batchCapacity } = this.ground;
    const work: Work[] = [];
    const at = (bound: Bound): Work => {
      const known = work.find((one) => one.bound.name === bound.name);
      if (known !== undefined) return known;
      const made: Work = { bound, entering: [], leaving: [], enter: idle, leave: idle, untils: bound.lagMs === undefined ? room.f64(batchCapacity) : noUntils, cursor: new TailCursor(columns, (n) => this.pass(made, n)) };
      work.push(made);
      return made;
    };
    for (const { accumulator, plan, leave, delay } of this.kept) {
      const entry = entryOf(plan.span);
      join(entry.when === 'arrival' ? arriving : entry.when === 'after' ? after : at(delay ?? lag(0)).entering, accumulator);
      join(at(leave).leaving, accumulator);
    }
    for (const one of work) {
      one.enter = this.stepOf(one.entering, 'enter');
      one.leave = this.stepOf(one.leaving, 'leave');
    }
    // What enters with a delay must enter before it leaves, also when both fall due at once: shorter lags first.
    return work.sort((a, b) => b.bound.at(1e12) - a.bound.at(1e12));
  }

  private pass(work: Work, n: EventNumber): void {
    const at = n & this.ground.columns.mask;
    work.enter(n, at);
    work.leave(n, at);
  }

  /** Time moves on: what leaves its windows is subtracted. Earlier times do nothing. */
  advance(now: number): void {
    if (now <= this.now) return;
    this.now = now;
    const { work } = this;
    for (let i = 0; i < work.length; i++) {
      const { bound: { lagMs }, bound, cursor } = work[i] as Work;
      const until = lagMs === undefined ? bound.at(now) : now - lagMs;
      this.bound[0] = until;
      cursor.advance(until);
    }
  }

  /** An event dated before `now` is counted by each window that holds its ts as of now. Slow and exact. */
  enterDisplaced(n: EventNumber, ts: number): void {
    for (const { cursor } of this.work) cursor.displaced(n, ts);
    const { columns } = this.ground;
    const at = n & columns.mask;
    for (const { accumulator, leave, delay } of this.kept) {
      if (columns.ids[accumulator.place.idColumn]?.[at] === emptyKey) continue;
      if (ts > leave.at(this.now) && (delay === undefined || ts <= delay.at(this.now))) accumulator.enter(n);
    }
  }

  /** What windows count as of now. */
  countedSpans(): readonly CountedSpan[] {
    return this.kept.map(({ accumulator, leave, delay }) => ({ accumulator, name: `${leave.name} ${delay?.name ?? ''}`, after: leave.at(this.now), until: delay?.at(this.now) ?? Infinity }));
  }

  /** With time standing at `now`, all windows but `distinct` count the `count` events from `first` on that they hold; it follows from their columns. */
  recount(first: EventNumber, count: number): void {
    const { ids, ts, mask } = this.ground.columns;
    for (const { accumulator, after, until } of this.countedSpans()) {
      if (accumulator instanceof Distinct) continue;
      const keys = ids[accumulator.place.idColumn] as Int32Array;
      for (let i = 0; i < count; i++) {
        const n = (first + i) | 0;
        const at = n & mask;
        const time = ts[at] as number;
        if (time > after && time <= until && keys[at] !== emptyKey) accumulator.enter(n);
      }
    }
  }

  /** All events are back from a checkpoint: cursors stand where they stood. */
  placeCursors(): void {
    for (const { cursor, bound } of this.work) cursor.jump(bound.at(this.now));
  }

  /** How far back any kept window reaches at time t: everything dated at or before it has left all of them. */
  reach(t: number): number {
    let lowest = t;
    for (const { bound } of this.work) lowest = Math.min(lowest, bound.at(t));
    return lowest;
  }

  get keptAccumulators(): readonly { readonly accumulator: Accumulator }[] { return this.kept; }

  get byteLength(): number {
    let sum = 0;
    for (const { accumulator } of this.kept) sum += accumulator.byteLength;
    return sum;
  }
}

function join(groups: Group[], accumulator: Accumulator): void {
  const { idColumn } = accumulator.place;
  const known = groups.find((group) => group.idColumn === idColumn);
  if (known === undefined) groups.push({ idColumn, accumulators: [accumulator] }); else known.accumulators.push(accumulator);
}
