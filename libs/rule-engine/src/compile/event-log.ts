// `as` behind an index: the index is one that the plan or the log has given out, so the column is there; no check per event.
import { ByteLog, emptyKey, SharedLog } from '@weir/stream-core';
import type { Accumulator, EventNumber, Room } from '@weir/stream-core';
import type { AccumulatorPlan, LogPlan, StatePlan, StreamPlan, ViewPlan } from '../plan/state-plan.js';
import { EntryWriter } from './entry-writer.js';
import type { EntryColumns, LogCode } from './entry-writer.js';
import type { EventRows } from './event-rows.js';
import type { ColumnWrite, Group } from './generate-entry.js';
import { KeptWindows } from './kept-windows.js';
import type { CountedSpan, Work } from './kept-windows.js';
import type { KeyDimension } from './key-dimension.js';

/** An id column and what interns its values, for events of one type. */
interface IdSource { readonly column: number; readonly dimension: KeyDimension }
/** A chain that events of one type join, and the column of the key by which they do. */
interface ChainLink { readonly chain: number; readonly idColumn: number }

/** Somebody reads the held events meanwhile: none from `from` on is dropped, nor an id of theirs freed, until it is given up. */
export interface Hold { from: EventNumber }

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
  private readonly streams: readonly StreamPlan[];
  private readonly windows: KeptWindows;
  private readonly writer: EntryWriter;
  private readonly idsOfType: readonly (readonly IdSource[])[];
  readonly chainsOfType: readonly (readonly ChainLink[])[];
  private readonly entryIds: Int32Array;
  private readonly columnOfDimension: Int32Array;
  private readonly keepsPayload: boolean;
  private readonly holds = new Set<Hold>();

  constructor(
    readonly plan: LogPlan,
    statePlan: StatePlan,
    private readonly dimensions: readonly KeyDimension[],
    private readonly rows: EventRows,
    code: LogCode,
    seed: number,
    room: Room,
  ) {
    this.columns = new SharedLog({ bitWords: Math.ceil(plan.predicates.length / 32), ids: plan.ids.length, chains: plan.chains.length, numbers: plan.numbers.length, hasPayload: code.keepsPayload }, room);
    this.streams = statePlan.streams;
    for (const chain of plan.chains) {
      const stream = this.streams[chain.stream] as StreamPlan;
      this.columns.addChain({ rows: this.rowsOf(stream.dimension), offset: stream.head });
    }
    this.keepsPayload = code.keepsPayload;
    this.windows = new KeptWindows({ columns: this.columns, streams: this.streams, rowsOf: (dimension) => this.rowsOf(dimension), room, seed, batchCapacity: rows.capacity, generates: code.generates }, plan);
    this.writer = new EntryWriter(statePlan, plan, rows, code, this.columns);
    const types = statePlan.types.map((_, type) => type);
    this.entryIds = new Int32Array(plan.ids.length);
    this.columnOfDimension = Int32Array.from(dimensions, (_, dimension) => plan.ids.findIndex((one) => one.dimension === dimension));
    this.idsOfType = types.map((type) => plan.ids.flatMap((one, column) => (one.types.includes(type) ? [{ column, dimension: dimensions[one.dimension] as KeyDimension }] : [])));
    this.chainsOfType = types.map((type) => plan.chains.flatMap(({ stream }, chain) => { const one = this.streams[stream] as StreamPlan; return one.types.includes(type) ? [{ chain, idColumn: one.idColumn }] : []; }));
  }

  /** Writes number columns and predicate bits of a batch's current row, an event of type `type`, at its place in the batch. @param wideAt told of a number that no column holds. */
  batchWriter(columns: EntryColumns, type: number, wideAt: (row: number) => void): () => void { return this.writer.toBatch(columns, type, wideAt); }

  get accumulators(): ReadonlyMap<AccumulatorPlan, Accumulator> { return this.windows.accumulators; }
  /** In the order in which an event passes them: shorter lags first. */
  get work(): readonly Work[] { return this.windows.work; }
  get arrivingGroups(): readonly Group[] { return this.windows.arrivingGroups; }
  get afterGroups(): readonly Group[] { return this.windows.afterGroups; }

  /** Kernels have moved time on to `now` and passed what leaves up to then. */
  advancedTo(now: number): void { if (now > this.windows.now) this.windows.now = now; }

  streamOf(stream: number): StreamPlan { return this.streams[stream] as StreamPlan; }
  /** Cells of a key's row in a dimension. */
  strideOf(dimension: number): number { return this.rowsOf(dimension).stride; }
  get keptAccumulators(): readonly { readonly accumulator: Accumulator }[] { return this.windows.keptAccumulators; }

  private rowsOf(dimension: number): KeyDimension['rows'] { return (this.dimensions[dimension] as KeyDimension).rows; }

  /** The accumulator of a plan: kept ones write to the rows of their key; for others only `fold` is of use. */
  accumulatorOf(plan: AccumulatorPlan, seed: number): Accumulator { return this.windows.accumulatorOf(plan, seed); }

  /** Time moves on: what leaves its windows is subtracted. Earlier times do nothing. */
  advance(now: number): void { this.windows.advance(now); }

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
    const isDisplaced = ts < this.windows.now;
    const chains = this.chainsOfType[type] as readonly ChainLink[];
    if (!this.internIds(type, chains)) return undefined;
    const n = columns.appendFrom(rows, row, isDisplaced);
    const at = n & columns.mask;
    for (let column = 0; column < entryIds.length; column++) (columns.ids[column] as Int32Array)[at] = entryIds[column] as number;
    (this.writer.ofType[type] as ColumnWrite)(n, at);
    this.linkChains(at, chains);
    if (isDisplaced) this.windows.enterDisplaced(n, ts); else this.windows.arriving(n, at);
    return n;
  }

  /** Ids of the current row into `entryIds`, a reference taken to each. @returns false, and takes none, when no chain has its key. */
  private internIds(type: number, chains: readonly ChainLink[]): boolean {
    const { entryIds } = this;
    const sources = this.idsOfType[type] as readonly IdSource[];
    entryIds.fill(emptyKey);
    for (let i = 0; i < sources.length; i++) {
      const { column, dimension } = sources[i] as IdSource;
      entryIds[column] = dimension.intern();
    }
    for (let i = 0; i < chains.length; i++) if (entryIds[(chains[i] as ChainLink).idColumn] !== emptyKey) return true;
    for (const { column } of sources) if (entryIds[column] !== emptyKey) this.release(column, entryIds[column] as number);
    return false;
  }

  /** The event just entered has been evaluated: `before` windows count it from here on. */
  settle(n: EventNumber): void {
    const at = n & this.columns.mask;
    if (this.columns.displaced[at] === 0) this.windows.after(n, at);
  }

  /** The id under which an event has entered, when a view's key is that very key; else {@link emptyKey}. */
  ownId(view: ViewPlan, n: EventNumber): number {
    if (!view.isOwnKey) return emptyKey;
    const column = this.columnOfDimension[view.dimension] as number;
    return column < 0 ? emptyKey : ((this.columns.ids[column] as Int32Array)[n & this.columns.mask] as number);
  }

  /** What windows count as of now. */
  countedSpans(): readonly CountedSpan[] { return this.windows.countedSpans(); }

  /**
   * Takes `count` events of a checkpoint back that come in order behind the newest one: they join their chains, and with time standing
   * at `now` all windows count those that they hold, but for `distinct`, which the caller counts for many events at once. It has
   * written all other columns and the payload, with a reference to each id.
   */
  takeBack(count: number): void {
    const { columns } = this;
    const first = columns.next;
    for (let i = 0; i < count; i++) {
      columns.appendedBy(1);
      this.linkNewest();
    }
    this.windows.recount(first, count);
  }

  /** The same for one event that is displaced. */
  takeBackDisplaced(): void {
    const n = this.columns.appendWritten();
    this.linkNewest();
    this.windows.recount(n, 1);
  }

  private linkNewest(): void {
    const { columns } = this;
    const at = (columns.next - 1) & columns.mask;
    this.linkChains(at, this.chainsOfType[columns.type[at] as number] ?? []);
  }

  /** Sets the time of an empty log, before events are taken back. */
  startAt(now: number): void { this.windows.now = now; }

  /** All events are back: cursors stand where they stood. */
  placeCursors(): void { this.windows.placeCursors(); }

  private linkChains(at: number, chains: readonly ChainLink[]): void {
    const { columns } = this;
    if (chains.length < columns.previous.length) for (const previous of columns.previous) previous[at] = 0;
    for (let i = 0; i < chains.length; i++) {
      const { chain, idColumn } = chains[i] as ChainLink;
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

  /** Nothing held now is dropped until the holder moves `from` on or lets go; what is due is dropped at the next call then. */
  hold(): Hold {
    const made = { from: this.columns.first };
    this.holds.add(made);
    return made;
  }
  /** Gives a hold up; giving it up twice does nothing. */
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
    if (columns.length === 0 || (columns.ts[columns.first & columns.mask] as number) > earliest - this.windows.longestLagMs) return;
    const reach = Math.min(this.windows.reach(earliest), earliest - retentionMs);
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
    if (!dropped || !this.keepsPayload) return;
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

  get byteLength(): number { return this.columns.byteLength + this.payload.byteLength + this.windows.byteLength; }
}
