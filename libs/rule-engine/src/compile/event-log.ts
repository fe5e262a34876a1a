import { ByteLog, Count, Distinct, DoubleSum, emptyKey, ExactSum, Extreme, SharedLog, TailCursor } from '@weir/stream-core';
import type { Accumulator, EventNumber, Place, Room } from '@weir/stream-core';
import type { TypedExpr } from '@weir/rule-lang';
import type { AccumulatorPlan, LogPlan, PredicatePlan, StatePlan, StreamPlan, ViewPlan } from '../plan/state-plan.js';
import type { Evaluator } from './evaluator.js';
import type { EventRows } from './event-rows.js';
import { generateColumnWrite, generateStep, steppedByLoop } from './generate-entry.js';
import type { ColumnWrite, Group, Step } from './generate-entry.js';
import type { KeyDimension } from './key-dimension.js';
import { entryOf, lag, leaveBound } from './span-bound.js';
import type { Bound } from './span-bound.js';

/** What a cursor does to the events it passes. */
export interface Work { readonly bound: Bound; readonly entering: Group[]; readonly leaving: Group[]; cursor: TailCursor; enter: Step; leave: Step; /** Of a calendar window, by row of a batch: the bound for its ts. */ readonly untils: Float64Array }
/** An id column and what interns its values, for events of one type. */
export interface IdSource { readonly column: number; readonly dimension: KeyDimension }
const noUntils = new Float64Array(0);
const idle: Step = () => undefined;
/** A kept accumulator with its window's ends. */
interface Kept { readonly accumulator: Accumulator; readonly plan: AccumulatorPlan; readonly leave: Bound; readonly delay: Bound | undefined }

/** Somebody reads the held events meanwhile: none from `from` on is dropped, nor an id of theirs freed, until it is given up. */
export interface Hold { from: EventNumber }

/** Compiled parts of a log: one evaluator for each number column and predicate condition. */
export interface LogCode {
  /** Generates code for what runs per event; false: loops and closures. */
  readonly generates: boolean;
  readonly closureOf: (expr: TypedExpr) => () => unknown;
  readonly numbers: readonly Evaluator[];
  readonly predicates: readonly { readonly where?: () => boolean | undefined; readonly condition?: () => boolean | undefined }[];
  /** Are the bytes of events kept for evidence? */
  readonly keepsPayload: boolean;
}

/** Columns of a micro-batch on its way into a log, by row. */
export interface EntryColumns { readonly ids: Int32Array[]; readonly bits: Int32Array[]; readonly numbers: Float64Array[] }

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
  private readonly streams: readonly StreamPlan[];
  private readonly kept: Kept[];
  /** In the order in which an event passes them: shorter lags first. */
  readonly work: readonly Work[];
  readonly arrivingGroups: readonly Group[];
  readonly afterGroups: readonly Group[];
  private readonly arriving: Step;
  private readonly after: Step;
  readonly idsOfType: readonly (readonly IdSource[])[];
  private readonly writeOfType: readonly ColumnWrite[];
  readonly chainsOfType: readonly (readonly { readonly chain: number; readonly idColumn: number }[])[];
  private readonly entryIds: Int32Array;
  private readonly columnOfDimension: Int32Array;
  /** Of the windows with a fixed length. */
  private readonly longestLagMs: number;
  private now = -Infinity;
  /** Bound of the cursor that is walking. */
  private readonly bound = new Float64Array(1);

  constructor(
    readonly plan: LogPlan,
    statePlan: StatePlan,
    private readonly dimensions: readonly KeyDimension[],
    private readonly rows: EventRows,
    private readonly code: LogCode,
    seed: number,
    private readonly room: Room,
  ) {
    this.columns = new SharedLog({ bitWords: Math.ceil(plan.predicates.length / 32), ids: plan.ids.length, chains: plan.chains.length, numbers: plan.numbers.length, hasPayload: code.keepsPayload }, room);
    this.streams = statePlan.streams;
    for (const chain of plan.chains) {
      const stream = this.streams[chain.stream] as StreamPlan;
      this.columns.addChain({ rows: this.rowsOf(stream.dimension), offset: stream.head });
    }
    this.accumulators = new Map(plan.accumulators.map((one) => [one, this.accumulatorOf(one, seed)]));
    this.kept = plan.accumulators.map((one) => {
      const { delayMs } = entryOf(one.span);
      return { accumulator: this.accumulators.get(one) as Accumulator, plan: one, leave: leaveBound(one.span), delay: delayMs > 0 ? lag(delayMs) : undefined };
    });
    const [arriving, after]: [Group[], Group[]] = [[], []];
    this.work = this.planWork(arriving, after);
    this.arrivingGroups = arriving;
    this.afterGroups = after;
    this.arriving = this.stepOf(arriving, 'enter');
    this.after = this.stepOf(after, 'enter');
    this.longestLagMs = Math.max(0, ...this.work.map(({ bound }) => bound.lagMs ?? 0));
    const types = statePlan.types.map((_, type) => type);
    this.entryIds = new Int32Array(plan.ids.length);
    this.columnOfDimension = Int32Array.from(dimensions, (_, dimension) => plan.ids.findIndex((one) => one.dimension === dimension));
    this.idsOfType = types.map((type) => plan.ids.flatMap((one, column) => (one.types.includes(type) ? [{ column, dimension: dimensions[one.dimension] as KeyDimension }] : [])));
    this.chainsOfType = types.map((type) => plan.chains.flatMap(({ stream }, chain) => { const one = this.streams[stream] as StreamPlan; return one.types.includes(type) ? [{ chain, idColumn: one.idColumn }] : []; }));
    this.writeOfType = types.map((type) => (code.generates && plan.types.includes(type) ? generateColumnWrite(statePlan, plan, type, { log: this.columns, rows, closureOf: code.closureOf, writeNumber: (column, n, at) => this.writeNumber(column, n, at) }) : (n, at) => { this.writeNumbers(n, at, type); this.writeBits(at, type); }));
  }

  /** Writes number columns and predicate bits of a batch's current row, an event of type `type`, at its place in the batch. @param wideAt told of a number that no column holds. */
  batchWriter(columns: EntryColumns, statePlan: StatePlan, type: number, wideAt: (row: number) => void): () => void {
    const { plan, rows, code } = this;
    const write = generateColumnWrite(statePlan, plan, type, { log: columns, rows, closureOf: code.closureOf, writeNumber: (column, _, at) => {
      const value = this.numberOf(column);
      if (typeof value === 'bigint') wideAt(at);
      (columns.numbers[column] as Float64Array)[at] = typeof value === 'bigint' ? 0 : value;
    } });
    return () => write(0, rows.row);
  }

  /** Kernels have moved time on to `now` and passed what leaves up to then. */
  advancedTo(now: number): void { if (now > this.now) this.now = now; }

  private stepOf(groups: readonly Group[], direction: 'enter' | 'leave'): Step {
    if (groups.length === 0) return idle;
    return this.code.generates ? generateStep(this.columns, groups, direction, this.bound) : steppedByLoop(this.columns, groups, direction, this.bound);
  }

  streamOf(stream: number): StreamPlan { return this.streams[stream] as StreamPlan; }
  /** Cells of a key's row in a dimension. */
  strideOf(dimension: number): number { return this.rowsOf(dimension).stride; }
  get keptAccumulators(): readonly { readonly accumulator: Accumulator }[] { return this.kept; }

  private rowsOf(dimension: number): KeyDimension['rows'] { return (this.dimensions[dimension] as KeyDimension).rows; }

  /** The accumulator of a plan: kept ones write to the rows of their key; for others only `fold` is of use. */
  accumulatorOf(plan: AccumulatorPlan, seed: number): Accumulator {
    const stream = this.streams[plan.stream] as StreamPlan;
    const place: Place = { log: this.columns, rows: this.rowsOf(stream.dimension), idColumn: stream.idColumn, offset: plan.cell, bit: plan.bit };
    switch (plan.kind) {
      case 'count': return new Count(place);
      case 'sum': case 'squares': return plan.isDouble ? new DoubleSum(place, plan.column, plan.kind === 'squares') : new ExactSum(place, plan.column, plan.kind === 'squares');
      case 'distinct': return new Distinct(place, plan.column, seed, this.room);
      default: return new Extreme(place, { kind: plan.columnKind === 'id' ? 'id' : 'number', column: plan.column }, plan.kind, this.room);
    }
  }

  private planWork(arriving: Group[], after: Group[]): Work[] {
    const work: Work[] = [];
    const at = (bound: Bound): Work => {
      const known = work.find((one) => one.bound.name === bound.name);
      if (known !== undefined) return known;
      const made: Work = { bound, entering: [], leaving: [], enter: idle, leave: idle, untils: bound.lagMs === undefined ? this.room.f64(this.rows.capacity) : noUntils, cursor: new TailCursor(this.columns, (n) => this.pass(made, n)) };
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
    const at = n & this.columns.mask;
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

  /**
   * The current row enters, at `now` or before it. Its windows count it when this returns, but for `before` ones, which
   * wait for {@link settle}; an event out of order is counted by all at once, where it still belongs.
   * @returns its number; undefined when no stream takes it.
   */
  enter(): EventNumber | undefined {
    const { rows, columns, entryIds } = this;
    const { row } = rows;
    const type = rows.type[row] as number;
    const ts = rows.ts[row] as number;
    const isDisplaced = ts < this.now;
    const chains = this.chainsOfType[type] as EventLog['chainsOfType'][number];
    if (!this.internIds(type, chains)) return undefined;
    const n = columns.appendFrom(rows, row, isDisplaced);
    const at = n & columns.mask;
    for (let column = 0; column < entryIds.length; column++) (columns.ids[column] as Int32Array)[at] = entryIds[column] as number;
    (this.writeOfType[type] as ColumnWrite)(n, at);
    this.linkChains(at, chains);
    if (isDisplaced) this.enterDisplaced(n, ts); else this.arriving(n, at);
    return n;
  }

  /** Ids of the current row into `entryIds`, a reference taken to each. @returns false, and takes none, when no chain has its key. */
  private internIds(type: number, chains: EventLog['chainsOfType'][number]): boolean {
    const { entryIds } = this;
    const sources = this.idsOfType[type] as readonly IdSource[];
    entryIds.fill(emptyKey);
    for (let i = 0; i < sources.length; i++) {
      const { column, dimension } = sources[i] as IdSource;
      entryIds[column] = dimension.intern();
    }
    for (let i = 0; i < chains.length; i++) if (entryIds[(chains[i] as { idColumn: number }).idColumn] !== emptyKey) return true;
    for (const { column } of sources) if (entryIds[column] !== emptyKey) this.release(column, entryIds[column] as number);
    return false;
  }

  /** The event just entered has been evaluated: `before` windows count it from here on. */
  settle(n: EventNumber): void {
    const at = n & this.columns.mask;
    if (this.columns.displaced[at] === 0) this.after(n, at);
  }

  /** The id under which an event has entered, when a view's key is that very key; else {@link emptyKey}. */
  ownId(view: ViewPlan, n: EventNumber): number {
    if (!view.isOwnKey) return emptyKey;
    const column = this.columnOfDimension[view.dimension] as number;
    return column < 0 ? emptyKey : ((this.columns.ids[column] as Int32Array)[n & this.columns.mask] as number);
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
   * Takes the newest event back from a checkpoint, in order of arrival: its chains. The caller has written ids (with a reference
   * each), bits, numbers and payload of `n`, and lets the windows {@link recount} it.
   */
  readmit(n: EventNumber): void {
    const at = n & this.columns.mask;
    this.linkChains(at, this.chainsOfType[this.columns.type[at] as number] ?? []);
  }

  /** With time standing at `now`, all windows count the `count` events from `first` on that they hold; it follows from their columns. */
  recount(first: EventNumber, count: number): void {
    const { columns: { ids, ts, mask } } = this;
    for (const { accumulator, leave, delay } of this.kept) {
      const keys = ids[accumulator.place.idColumn] as Int32Array;
      const after = leave.at(this.now);
      const until = delay === undefined ? Infinity : delay.at(this.now);
      for (let i = 0; i < count; i++) {
        const n = (first + i) | 0;
        const at = n & mask;
        const time = ts[at] as number;
        if (time > after && time <= until && keys[at] !== emptyKey) accumulator.enter(n);
      }
    }
  }

  /** Sets the time of an empty log, before events are readmitted. */
  startAt(now: number): void { this.now = now; }

  /** All events are back: cursors stand where they stood. */
  placeCursors(): void {
    for (const { cursor, bound } of this.work) cursor.jump(bound.at(this.now));
  }

  private writeNumbers(n: EventNumber, at: number, type: number): void {
    this.plan.numbers.forEach(({ types }, column) => {
      if (types.includes(type)) this.writeNumber(column, n, at); else (this.columns.numbers[column] as Float64Array)[at] = NaN;
    });
  }

  /** A number column's value for the current row; one that is no safe integer goes to the side. */
  private writeNumber(column: number, n: EventNumber, at: number): void {
    const value = this.numberOf(column);
    const numbers = this.columns.numbers[column] as Float64Array;
    if (typeof value === 'bigint') {
      this.columns.wide[column]?.set(n, value);
      numbers[at] = value > 0n ? Infinity : -Infinity;
    } else numbers[at] = value;
  }

  private numberOf(column: number): number | bigint {
    const evaluator = this.code.numbers[column];
    const value = evaluator === undefined || evaluator.form === 'list' || evaluator.form === 'ratio' ? undefined : evaluator.get();
    if (typeof value === 'bigint') return value;
    return typeof value === 'number' ? value + 0 : typeof value === 'boolean' ? Number(value) : NaN;
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

  private linkChains(at: number, chains: EventLog['chainsOfType'][number]): void {
    const { columns } = this;
    if (chains.length < columns.previous.length) for (const previous of columns.previous) previous[at] = 0;
    for (let i = 0; i < chains.length; i++) {
      const { chain, idColumn } = chains[i] as { chain: number; idColumn: number };
      const id = (columns.ids[idColumn] as Int32Array)[at] as number;
      if (id !== emptyKey) columns.link(chain, id); else (columns.previous[chain] as Int32Array)[at] = 0;
    }
  }

  /** One more reference to the id of an id column. */
  retain(column: number, id: number): void {
    (this.dimensions[(this.plan.ids[column] as { dimension: number }).dimension] as KeyDimension).interner.retain(id);
  }

  private release(column: number, id: number): void {
    (this.dimensions[(this.plan.ids[column] as { dimension: number }).dimension] as KeyDimension).release(id);
  }

  private readonly holds = new Set<Hold>();

  /** Nothing held now is dropped until the holder moves `from` on or lets go; what is due is dropped at the next call then. */
  hold(): Hold {
    const made = { from: this.columns.first };
    this.holds.add(made);
    return made;
  }
  letGo(hold: Hold): void { this.holds.delete(hold); }

  /** How many events at the front nobody holds. */
  private get unheld(): number {
    const { columns } = this;
    let count = columns.length;
    for (const { from } of this.holds) count = Math.min(count, (from - columns.first) | 0);
    return count;
  }

  /**
   * Drops, from the front, events that no event dated at or after `earliest` can see.
   * @param retentionMs how far back it sees beside the kept windows; 0 when it does not.
   */
  dropUnseen(earliest: number, retentionMs: number): void {
    const { columns } = this;
    if (columns.length === 0 || (columns.ts[columns.first & columns.mask] as number) > earliest - this.longestLagMs) return;
    const reach = Math.min(this.reach(earliest), earliest - retentionMs);
    const { payload } = this;
    const kept = columns.length - this.unheld;
    let dropped = this.releaseMany !== undefined && this.dropMany(this.releaseMany, reach, columns.length - kept);
    while (columns.length > kept && (columns.ts[columns.first & columns.mask] as number) <= reach) {
      const at = columns.first & columns.mask;
      for (let column = 0; column < columns.ids.length; column++) {
        const id = (columns.ids[column] as Int32Array)[at] as number;
        if (id !== emptyKey) this.release(column, id);
      }
      columns.dropFirst();
      dropped = true;
    }
    if (!dropped) return;
    if (!this.code.keepsPayload) return;
    if (columns.length > 0) payload.dropBefore(columns.place[columns.first & columns.mask] as number); else payload.clear();
  }

  /** Gives back the references of `count` events from `from` on, for one id column: set where kernels run. */
  releaseMany: ((column: number, from: EventNumber, count: number) => void) | undefined = undefined;

  /** Drops events from the front as long as nothing about them is out of the ordinary. */
  private dropMany(release: NonNullable<EventLog['releaseMany']>, reach: number, most: number): boolean {
    const { columns } = this;
    const count = Math.min(most, columns.plainUpTo(reach));
    if (count === 0) return false;
    for (let column = 0; column < columns.ids.length; column++) release(column, columns.first, count);
    columns.dropPlain(count);
    return true;
  }

  /** How far back any kept window reaches at time t: everything dated at or before it has left all of them. */
  private reach(t: number): number {
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
