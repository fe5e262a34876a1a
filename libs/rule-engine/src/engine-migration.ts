import { concatenated, emptyKey } from '@weir/stream-core';
import type { LogEvent } from '@weir/contracts';
import type { EventLog, Hold } from './compile/event-log.js';
import type { KeyDimension } from './compile/key-dimension.js';
import type { EngineDefinition, RuleEngine } from './engine.js';
import { createEngine, partsOf } from './engine-embedded.js';
import { planMigration, shapeOfDimension, shapeOfId, shapeOfNumber, shapeOfPredicate, unseenUpTo } from './engine-migration-plan.js';
import type { MigrationPlan } from './engine-migration-plan.js';
import { LogFiller, nothingKnown } from './engine-snapshot-fill.js';
import type { IdsOfOld, Rows } from './engine-snapshot-fill.js';
import type { EngineParts, EngineProgress } from './engine-snapshot.js';
import type { StatePlan } from './plan/state-plan.js';
import type { PartedState } from './sequence/capture.js';
import type { SequencesState } from './sequence/sequence-rules.js';
import type { OpenWindowsState } from './window-rules/open-windows.js';

/** Rows that are copied in well under a millisecond. */
const rowsAtATime = 1024;

/**
 * Another rule set takes over the state of a running engine, bit by bit while that one goes on. In order:
 *
 * 1. `copyBefore(firstSeq)`, then `copy()` until it says false: events of entries before `firstSeq` are in the new engine.
 *    `firstSeq` is the first entry that events dated after `replayAfterTs` can have, or `seq + 1` when that is Infinity.
 * 2. Every entry from `firstSeq` to `seq` is applied to `engine`; what fires is dropped.
 * 3. `takeOver()` until it says false: matches under way and open windows of rules that did not change.
 *
 * `engine` then stands at `seq`, and its alerts are those of one that was fed the whole log. Nothing of it may be used before.
 */
export interface Migration extends MigrationPlan {
  readonly engine: RuleEngine;
  /** The entry that the old engine stood at when the migration was begun. */
  readonly seq: number;
  copyBefore(firstSeq: number): void;
  /** Copies some events. @returns false when all are there. */
  copy(): boolean;
  /** Takes some of the matches and windows over. @returns false when all are there: then the migration is over. */
  takeOver(): boolean;
  /** Gives it up at any point: the old engine holds nothing back any more. */
  abandon(): void;
}

/** @returns undefined when `from` is no engine of `createEngine`: it keeps nothing that could be taken over. */
export function beginMigration(from: RuleEngine, definition: EngineDefinition): Migration | undefined {
  const old = partsOf(from);
  const engine = createEngine(definition);
  const fresh = partsOf(engine);
  return old === undefined || fresh === undefined ? undefined : new RunningMigration(old, fresh, engine);
}

/** Events of one log as they were when the migration was begun. */
interface Source { readonly log: EventLog; readonly hold: Hold; at: number; readonly end: number }
interface BesidePart { readonly ruleId: string; readonly take: () => boolean; readonly end: () => void }

class RunningMigration implements Migration {
  readonly kept: readonly string[];
  readonly warmed: readonly string[];
  readonly freed: readonly string[];
  readonly keptRules: ReadonlySet<string>;
  readonly replayAfterTs: number;
  readonly seq: number;
  private readonly progress: EngineProgress;
  private readonly waiting: readonly LogEvent[];
  private readonly listCount: number;
  private readonly sources: readonly Source[];
  private readonly beside: readonly BesidePart[];
  private readonly taken: Map<KeyDimension, TakenIds>;
  private copying: Iterator<void> | undefined;
  private isReplayed = false;
  private isOver = false;

  constructor(private readonly old: EngineParts, private readonly fresh: EngineParts, readonly engine: RuleEngine) {
    const plan = planMigration(old, fresh.state);
    this.kept = plan.kept;
    this.warmed = plan.warmed;
    this.freed = plan.freed;
    this.keptRules = plan.keptRules;
    this.replayAfterTs = plan.replayAfterTs;
    this.seq = old.progress.seq;
    this.progress = { ...old.progress };
    this.waiting = old.waiting.slice();
    this.listCount = old.state.lists.changes.length;
    this.sources = old.state.logs.map((log) => ({ log, hold: log.hold(), at: log.columns.first, end: log.columns.next }));
    this.beside = [
      ...old.sequences.capture().map(({ ruleId, parts }) => this.part(ruleId, parts, (part: SequencesState[string]) => fresh.sequences.restorePart(ruleId, part))),
      ...old.windows.capture().map(({ ruleId, parts }) => this.part(ruleId, parts, (part: OpenWindowsState) => fresh.windows.restorePart(ruleId, part))),
    ].filter(({ ruleId, end }) => {
      if (!plan.keptRules.has(ruleId)) end();
      return plan.keptRules.has(ruleId);
    });
    this.taken = new Map(fresh.state.dimensions.flatMap((to, i) => {
      const shape = shapeOfDimension(fresh.state.plan, i);
      const at = old.state.plan.dimensions.findIndex((_, j) => shapeOfDimension(old.state.plan, j) === shape);
      const one = old.state.dimensions[at];
      return one === undefined ? [] : [[to, new TakenIds(one, to)] as const];
    }));
  }

  private part<T>(ruleId: string, parts: PartedState<T>, restore: (part: T) => void): BesidePart {
    return {
      ruleId,
      take: () => {
        const part = parts.next(rowsAtATime >> 2);
        if (part !== undefined) restore(part);
        return part !== undefined;
      },
      end: () => parts.end(),
    };
  }

  copyBefore(firstSeq: number): void {
    const { fresh, old, progress } = this;
    if (this.replayAfterTs === -Infinity) {
      this.letGo();
      return;
    }
    // With nothing to replay the new engine stands where the old one stood; else at the time before the first replayed entry.
    const isWhole = firstSeq > this.seq;
    if (isWhole) {
      Object.assign(fresh.progress, progress);
      fresh.waiting = this.waiting.slice();
    } else {
      const time = Math.max(0, Math.min(this.replayAfterTs, progress.now));
      Object.assign(fresh.progress, { seq: firstSeq - 1, maxTs: time, now: time });
    }
    for (const change of old.state.lists.changes.slice(0, this.listCount)) if (change.seq < firstSeq) fresh.state.lists.change(change);
    this.copying = this.copyEvents(firstSeq, fresh.progress.now);
  }

  copy(): boolean {
    const isDone = this.copying?.next().done ?? true;
    return isDone !== true;
  }

  takeOver(): boolean {
    if (!this.isReplayed) {
      this.isReplayed = true;
      // What the replay made of them was made of a part of the log.
      for (const ruleId of this.keptRules) {
        this.fresh.sequences.clear(ruleId);
        this.fresh.windows.clear(ruleId);
      }
    }
    for (const one of this.beside) if (one.take()) return true;
    this.letGo();
    return false;
  }

  abandon(): void { this.letGo(); }

  private letGo(): void {
    if (this.isOver) return;
    this.isOver = true;
    for (const { log, hold } of this.sources) log.letGo(hold);
    for (const { end } of this.beside) end();
  }

  private *copyEvents(firstSeq: number, now: number): Generator<undefined, void> {
    const { fresh, old, sources } = this;
    const unseen = unseenUpTo(fresh.state, Math.min(this.progress.now, this.progress.maxTs - old.definition.options.maxOutOfOrdernessMs));
    for (const [i, log] of fresh.state.logs.entries()) {
      const from = sources.filter((source) => source.log.plan.types.some((type) => log.plan.types.includes(type)));
      const ids = fresh.state.dimensions.map((dimension) => this.taken.get(dimension) ?? noIds);
      const filler = new LogFiller(fresh.state, i, ids, now, nothingKnown, 0);
      const copiers = from.map((source) => new RowCopier(old.state.plan, source.log, fresh.state.plan, log, { firstSeq, unseen: unseen[i] ?? -Infinity }));
      const isByTime = old.definition.options.evaluation === 'watermark';
      const cursors = from.map(({ log: { columns: { first } } }) => first);
      for (;;) {
        // Runs of one log as long as no event of another comes before.
        let best = -1;
        for (let i = 0; i < from.length; i++) if (cursors[i] !== from[i]?.end && (best < 0 || comesBefore(from[i] as Source, cursors[i] as number, from[best] as Source, cursors[best] as number, isByTime))) best = i;
        if (best < 0) break;
        const source = from[best] as Source;
        const start = cursors[best] as number;
        let n = (start + 1) | 0;
        const isNext = (): boolean => from.every((other, i) => i === best || cursors[i] === other.end || !comesBefore(other, cursors[i] as number, source, n, isByTime));
        for (let count = 1; n !== source.end && count < rowsAtATime && (from.length === 1 || isNext()); count++) n = (n + 1) | 0;
        cursors[best] = n;
        const rows = (copiers[best] as RowCopier).rows(start, (n - start) | 0);
        if (rows.ts.length > 0) filler.add(rows);
        yield undefined;
      }
      filler.end();
    }
    for (const ids of this.taken.values()) yield* ids.settle();
    // All rows are over: the old engine may drop and free again.
    for (const { log, hold } of sources) log.letGo(hold);
  }
}

/** Events of two logs in the order in which they entered. */
function comesBefore(a: Source, n: number, b: Source, m: number, isByTime: boolean): boolean {
  const [x, y] = [a.log.columns, b.log.columns];
  const [at, bt] = [n & x.mask, m & y.mask];
  const byTime = isByTime ? (x.ts[at] as number) - (y.ts[bt] as number) : 0;
  return (byTime || (x.seq[at] as number) - (y.seq[bt] as number)) < 0;
}

/** Ids of the old engine to ids of the new one: a key is interned when its first event comes. */
class TakenIds implements IdsOfOld {
  private readonly known = new Map<number, number>();
  constructor(private readonly from: KeyDimension, private readonly to: KeyDimension) {}

  /** The old ids are held: by the events that have them. */
  take(old: Int32Array, now: Int32Array): void {
    for (let i = 0; i < old.length; i++) {
      const id = this.idOf(old[i] as number);
      if (id !== emptyKey) this.to.interner.retain(id);
      now[i] = id;
    }
  }

  private idOf(old: number): number {
    if (old === emptyKey) return emptyKey;
    const known = this.known.get(old);
    if (known !== undefined) return known;
    const bytes = this.from.interner.bytesOf(old);
    const id = this.to.interner.intern(bytes, 0, bytes.length);
    this.to.rows.ensure(id);
    this.known.set(old, id);
    return id;
  }

  /** All events are over: each id has their references alone. */
  *settle(): Generator<undefined, void> {
    let count = 0;
    for (const id of this.known.values()) {
      this.to.release(id);
      if (++count % (4 * rowsAtATime) === 0) yield undefined;
    }
    this.known.clear();
  }
}
const noIds: IdsOfOld = { take: (_, now) => { now.fill(emptyKey); } };

/** Makes rows of a new log of those of an old one. Columns that the old one lacks are blank: no window looks that far back in them. */
class RowCopier {
  private readonly idColumns: readonly number[];
  private readonly numberColumns: readonly number[];
  /** By predicate: shape-equal ones of the old log; 'always' when it asks for the type alone. */
  private readonly predicates: readonly ('always' | readonly number[])[];
  private readonly chainColumns: readonly (readonly number[])[];

  constructor(oldPlan: StatePlan, private readonly from: EventLog, plan: StatePlan, private readonly to: EventLog, private readonly bounds: { readonly firstSeq: number; readonly unseen: number }) {
    const oldIds = from.plan.ids.map((_, column) => shapeOfId(oldPlan, from.plan, column));
    const oldNumbers = from.plan.numbers.map((_, column) => shapeOfNumber(from.plan, column));
    const oldPredicates = from.plan.predicates.map((one) => shapeOfPredicate(oldPlan, from.plan, one));
    this.idColumns = to.plan.ids.map((_, column) => oldIds.indexOf(shapeOfId(plan, to.plan, column)));
    this.numberColumns = to.plan.numbers.map((_, column) => oldNumbers.indexOf(shapeOfNumber(to.plan, column)));
    this.predicates = to.plan.predicates.map((one) => {
      const shape = shapeOfPredicate(plan, to.plan, one);
      return shape === undefined ? 'always' : oldPredicates.flatMap((other, bit) => (other === shape ? [bit] : []));
    });
    this.chainColumns = plan.types.map((_, type) => to.chainsOfType[type]?.map(({ idColumn }) => idColumn) ?? []);
  }

  rows(first: number, count: number): Rows {
    const { from: { columns, payload }, to, bounds: { firstSeq, unseen } } = this;
    const { mask } = columns;
    const taken: number[] = [];
    const numbers: number[] = [];
    for (let i = 0; i < count; i++) {
      const n = (first + i) | 0;
      const at = n & mask;
      if (!((columns.seq[at] as number) < firstSeq && (columns.ts[at] as number) > unseen && this.enters(at))) continue;
      taken.push(at);
      numbers.push(n);
    }
    const typeOf = (at: number): number => columns.type[at] as number;
    const keepsPayload = to.columns.size.length > 0;
    const records = keepsPayload ? taken.map((at) => payload.read(columns.place[at] as number, columns.size[at] as number)) : [];
    return {
      ts: Float64Array.from(taken, (at) => columns.ts[at] as number),
      seq: Float64Array.from(taken, (at) => columns.seq[at] as number),
      type: Uint16Array.from(taken, typeOf),
      displaced: Uint8Array.from(taken, (at) => columns.displaced[at] as number),
      sizes: Int32Array.from(records, (record) => record.length),
      payload: concatenated(records),
      bits: to.columns.bits.map((_, word) => Int32Array.from(taken, (at) => this.bitsOf(word, at))),
      ids: this.idColumns.map((column, i) => Int32Array.from(taken, (at) => (column >= 0 && to.plan.ids[i]?.types.includes(typeOf(at)) === true ? (columns.ids[column] as Int32Array)[at] as number : emptyKey))),
      numbers: this.numberColumns.map((column, i) => Float64Array.from(taken, (at) => (column >= 0 && to.plan.numbers[i]?.types.includes(typeOf(at)) === true ? (columns.numbers[column] as Float64Array)[at] as number : NaN))),
      wide: this.numberColumns.flatMap((column, i) => (column < 0 || columns.wide[column]?.size === 0 ? [] : taken.flatMap((at, row) => {
        const value = to.plan.numbers[i]?.types.includes(typeOf(at)) === true ? columns.wide[column]?.get(numbers[row] as number) : undefined;
        return value === undefined ? [] : [[i, row, value] as const];
      }))),
    };
  }

  /** An event enters the new log when one of its types' windows has its key. */
  private enters(at: number): boolean {
    const { columns } = this.from;
    return (this.chainColumns[columns.type[at] as number] ?? []).some((idColumn) => {
      const column = this.idColumns[idColumn] as number;
      return column >= 0 && (columns.ids[column] as Int32Array)[at] !== emptyKey;
    });
  }

  private bitsOf(word: number, at: number): number {
    const { columns } = this.from;
    const type = columns.type[at] as number;
    let bits = 0;
    for (let bit = 32 * word; bit < 32 * word + 32 && bit < this.predicates.length; bit++) {
      if (this.to.plan.predicates[bit]?.streamTypes.includes(type) !== true) continue;
      const sources = this.predicates[bit] as 'always' | readonly number[];
      if (sources === 'always' || sources.some((one) => ((columns.bits[one >> 5] as Int32Array)[at] as number) & (1 << (one & 31)))) bits |= 1 << (bit & 31);
    }
    return bits;
  }
}
