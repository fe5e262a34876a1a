import { Distinct, Extreme, ModuleCode, writeInternKernels, writePairKernels, writeQueueKernels, writeReleaseKernel } from '@weir/stream-core';
import type { Accumulator, EventNumber, InternKernelName, Kernels, LinearMemory } from '@weir/stream-core';
import type { StatePlan, ViewPlan } from '../../plan/state-plan.js';
import type { EventLog } from '../event-log.js';
import type { EventRows } from '../event-rows.js';
import type { Work } from '../kept-windows.js';
import type { KeyDimension } from '../key-dimension.js';
import type { WindowView } from '../window-view.js';
import { BatchColumns, freedAtOnce } from './batch-columns.js';
import { BatchKeys } from './batch-keys.js';
import type { KnownIds } from './batch-keys.js';
import { Frame } from './frame.js';
import { FrameArrays, kernelArrays } from './kernel-arrays.js';
import { writeStepKernel } from './step-kernel.js';
import type { KernelView } from './step-parts.js';

/** What kernels step: the state of an engine, in one linear memory. */
export interface KernelState {
  readonly plan: StatePlan;
  readonly memory: LinearMemory;
  readonly rows: EventRows;
  readonly dimensions: readonly KeyDimension[];
  readonly logs: readonly EventLog[];
  readonly views: readonly WindowView[];
  /** Kept views that the rules for events of a type read, by type. */
  readonly viewsOfType: readonly (readonly WindowView[])[];
}

/** Places in the frame of what a log's steps begin from and end at. */
interface LogPlaces {
  readonly next: number;
  readonly mask: number;
  readonly first: number;
  readonly appended: number;
  readonly work: readonly { readonly main: number; readonly due: number }[];
}

type KernelName = InternKernelName | 'step' | 'release';
/** How the first column's ids of a view's key are found in one look-up a row. */
interface FoundView { readonly index: number; readonly view: WindowView; /** Slot of a single string key; -1: the host looks it up. */ readonly slot: number }

/**
 * Takes rows of a micro-batch through the windows by kernels: arrival mode, events in time and in order. What the kernels
 * do is what `EventLog` does, on the same arrays; whatever is out of the ordinary is left to it.
 *
 * A row's references to its keys are taken by {@link prepare}; one that is prepared and not stepped must be forgotten by {@link keys}.
 */
export class BatchStep {
  readonly columns: BatchColumns;
  readonly keys: BatchKeys;
  private readonly frame: Frame;
  private readonly kernels: Kernels<KernelName>;
  private readonly steppedByHost: readonly { readonly log: EventLog; readonly accumulator: Accumulator }[];
  private readonly views: readonly KernelView[];
  private readonly found: readonly FoundView[];
  private readonly writers: readonly (readonly ((() => void) | undefined)[])[];
  private readonly chainsOfType: readonly (readonly number[])[];
  private readonly arrays: FrameArrays;
  private readonly logPlaces: readonly LogPlaces[];
  private readonly stop: number;
  private readonly unsettledPlace: number;
  private sawWide = false;

  /** True when the last row stepped has not been settled: its views are read from the rows themselves, then its log settles it. */
  unsettled = false;

  constructor(private readonly state: KernelState) {
    const { memory, rows, logs, views, plan } = state;
    this.columns = new BatchColumns(memory, rows.capacity, logs, views);
    this.steppedByHost = logs.flatMap((log) => log.keptAccumulators.map(({ accumulator }) => ({ log, accumulator })));
    const indexOf = new Map(this.steppedByHost.map(({ accumulator }, i) => [accumulator, i]));
    const read = new Set(state.viewsOfType.flat());
    const kept = views.flatMap((view, index) => (view.plan.kind === 'kept' && read.has(view) ? [{ index, view }] : []));
    this.views = kept.map(({ index, view }) => ({ index, view, own: this.ownColumn(view) }));
    this.found = this.views.flatMap(({ index, view, own }) => (own === undefined ? [{ index, view, slot: singleSlot(view.plan, state) }] : []));
    this.writers = logs.map((log, l) => plan.types.map((_, type) => (log.plan.types.includes(type) ? log.batchWriter(this.columns.logs[l] as BatchColumns['logs'][number], type, () => { this.sawWide = true; }) : undefined)));
    this.chainsOfType = logs.map((log) => log.chainsOfType.map((chains) => chains.reduce((mask, { chain }) => mask | (1 << chain), 0)));
    const otherIndex = (accumulator: Accumulator): number => indexOf.get(accumulator) ?? 0;
    const arrays = kernelArrays({ rows, logs, dimensions: state.dimensions, columns: this.columns, views: this.views, stepped: this.steppedByHost.map(({ accumulator }) => accumulator) });
    const works = logs.reduce((sum, log) => sum + log.work.length, 0);
    this.frame = new Frame(memory, 2 + arrays.size + 4 * logs.length + works);
    this.kernels = this.compile(otherIndex, [...arrays.keys()]);
    this.keys = new BatchKeys(state, this.columns, this.kernels.intern);
    this.arrays = new FrameArrays(this.frame, memory, arrays);
    this.logPlaces = logs.map((log, l) => ({
      next: this.frame.placeOf(`log${l}.next`), mask: this.frame.placeOf(`log${l}.mask`), first: this.frame.placeOf(`log${l}.first`), appended: this.frame.placeOfDouble(`log${l}.appended`),
      work: log.work.map((_, w) => ({ main: this.frame.placeOf(`log${l}.work${w}.main`), due: this.frame.placeOfDouble(`log${l}.work${w}.due`) })),
    }));
    this.stop = this.frame.placeOf('stop');
    this.unsettledPlace = this.frame.placeOf('unsettled');
    for (const log of logs) log.releaseMany = (column, from, count) => this.release(log, column, from, count);
  }

  private compile(otherIndex: (accumulator: Accumulator) => number, arrays: readonly string[]): Kernels<KernelName> {
    const { memory, dimensions, rows, logs } = this.state;
    const module = new ModuleCode<KernelName>();
    const keyAt = (at: number | undefined, length: number | undefined): Uint8Array => rows.bytes.subarray((at ?? 0) >>> 0, ((at ?? 0) >>> 0) + (length ?? 0));
    const same = module.import(['i32', 'i32', 'i32', 'i32'], 'i32', (which, id, at, length) => Number(dimensions[which ?? 0]?.interner.isLongKey(id ?? 0, keyAt(at, length)) === true));
    const add = module.import(['i32', 'i32', 'i32', 'i32'], undefined, (which, id, at, length) => dimensions[which ?? 0]?.interner.keepLongKey(id ?? 0, keyAt(at, length)));
    const enterOther = module.import(['i32', 'i32'], undefined, (index, n) => this.stepByHost(index ?? 0, (accumulator) => accumulator.enter(n ?? 0)));
    const leaveOther = module.import(['i32', 'i32', 'f64'], undefined, (index, n, bound) => this.stepByHost(index ?? 0, (accumulator) => accumulator.leave(n ?? 0, bound ?? 0)));
    writeInternKernels(module, { same, add });
    writeReleaseKernel(module, 'release');
    const pairs = writePairKernels(module);
    const queues = { min: writeQueueKernels(module, 'min'), max: writeQueueKernels(module, 'max'), first: writeQueueKernels(module, 'first'), latest: writeQueueKernels(module, 'latest') };
    writeStepKernel(module, { frame: this.frame, arrays, logs, views: this.views, pairs, queues, enterOther, leaveOther, otherIndex });
    return module.instantiate(memory);
  }

  private stepByHost(index: number, step: (accumulator: Accumulator) => void): void {
    const accumulator = this.steppedByHost[index]?.accumulator;
    if (accumulator === undefined) return;
    step(accumulator);
    if (accumulator.place.rows.wide.size > 0) this.frame.set(this.stop, 1);
  }

  /**
   * Keys, predicates and number columns of the rows `from` to `to`, whose logs stand in `columns.log`.
   * @param known ids of the rows' keys, if they were taken before: their references are the rows' from now on.
   * @returns the first row that has a number beside the columns, else `to`.
   */
  prepare(from: number, to: number, hasTexts: boolean, known?: KnownIds): number {
    const { state: { rows }, columns } = this;
    this.fillChains(from, to);
    if (known === undefined) this.keys.lookUp(from, to, hasTexts); else this.keys.takeOver(known, from, to);
    for (let row = from; row < to; row++) {
      const l = columns.log[row] as number;
      if (l < 0) continue;
      this.sawWide = false;
      rows.row = row;
      this.writers[l]?.[rows.type[row] as number]?.();
      if (this.sawWide) {
        for (let rest = row; rest < to; rest++) this.keys.forget(rest);
        return row;
      }
    }
    return to;
  }

  /** Which chains rows join, by their types. */
  private fillChains(from: number, to: number): void {
    const { state: { rows, logs }, columns } = this;
    for (let l = 0; l < logs.length; l++) {
      const { chains } = columns.logs[l] as BatchColumns['logs'][number];
      const chainsOf = this.chainsOfType[l] as readonly number[];
      for (let row = from; row < to; row++) chains[row] = columns.log[row] === l ? (chainsOf[rows.type[row] as number] as number) : 0;
    }
  }

  /**
   * Steps prepared rows from `from` on.
   * @returns the row after the last one stepped; `from` when a displaced event is due first.
   */
  step(from: number, to: number): number {
    const { state: { logs, dimensions }, frame } = this;
    const isSingle = dimensions.some(({ rows }) => rows.wide.size > 0);
    const end = isSingle ? from + 1 : to;
    for (const log of logs) {
      log.columns.reserve(end - from);
      for (const { accumulator } of log.keptAccumulators) {
        if (accumulator instanceof Distinct) accumulator.pairs.reserve(end - from);
        if (accumulator instanceof Extreme) accumulator.queues.reserve(end - from, (dimensions[log.plan.ids[accumulator.place.idColumn]?.dimension ?? 0] as KeyDimension).interner.capacity);
      }
    }
    this.findKeys(from, end);
    this.arrays.tell();
    for (let l = 0; l < logs.length; l++) this.load(l, from, end);
    frame.set(this.stop, 0);
    frame.set(this.unsettledPlace, 0);
    const done = this.kernels.step(from, end, isSingle ? 1 : 0);
    this.unsettled = frame.get(this.unsettledPlace) === 1;
    if (done > from) this.save(from, done);
    for (let row = from; row < done; row++) if (this.columns.entered[row] === 0) this.keys.forget(row);
    return done;
  }

  /** Ids of the keys that rows look at, where they are not those they enter under. */
  private findKeys(from: number, to: number): void {
    const { state: { rows, dimensions }, columns, kernels } = this;
    for (const { index, view, slot } of this.found) {
      const ids = columns.viewIds[index] as Int32Array;
      const text = slot < 0 ? undefined : rows.texts[slot];
      if (text !== undefined && !text.holdsTexts(from, to)) {
        const { counters, table, records } = view.dimension.interner.tables;
        kernels.find(dimensions.indexOf(view.dimension), counters.byteOffset, table.byteOffset, records.byteOffset, text.start.byteOffset + 4 * from, text.size.byteOffset + 4 * from, to - from, ids.byteOffset + 4 * from);
        continue;
      }
      for (let row = from; row < to; row++) {
        rows.row = row;
        ids[row] = view.dimension.find(view.plan.triggering);
      }
    }
  }

  private load(l: number, from: number, to: number): void {
    const { frame, state: { rows, logs } } = this;
    // As many places as logs, and as many of each as it has work: they were made so.
    const { columns, work } = logs[l] as EventLog;
    const places = this.logPlaces[l] as LogPlaces;
    frame.set(places.next, columns.next);
    frame.set(places.mask, columns.mask);
    frame.set(places.first, columns.first);
    frame.setDouble(places.appended, columns.appendedCount);
    for (let w = 0; w < work.length; w++) {
      const { cursor, bound, untils } = work[w] as Work;
      const { main, due } = places.work[w] as LogPlaces['work'][number];
      frame.set(main, cursor.nextInOrder);
      frame.setDouble(due, cursor.nextDisplacedTs);
      if (bound.lagMs === undefined) for (let row = from; row < to; row++) untils[row] = bound.at(rows.ts[row] as number);
    }
  }

  /** What the kernel has done to the rows `from` to `to` becomes the logs' state. */
  private save(from: number, to: number): void {
    const { frame, state: { rows, logs } } = this;
    let now = -Infinity; // a late row, which enters no log, may be dated before
    for (let row = from; row < to; row++) now = Math.max(now, rows.ts[row] as number);
    for (let l = 0; l < logs.length; l++) {
      const log = logs[l] as EventLog;
      const places = this.logPlaces[l] as LogPlaces;
      log.columns.appendedBy((frame.get(places.next) - log.columns.next) | 0);
      for (let w = 0; w < log.work.length; w++) {
        const { cursor, bound } = log.work[w] as Work;
        cursor.moveTo(frame.get((places.work[w] as LogPlaces['work'][number]).main), bound.at(now));
      }
      log.advancedTo(now);
    }
  }

  private release(log: EventLog, column: number, first: EventNumber, count: number): void {
    const dimension = this.state.dimensions[log.plan.ids[column]?.dimension ?? 0] as KeyDimension;
    const ids = log.columns.ids[column] as Int32Array;
    for (let from = 0; from < count; from += freedAtOnce) {
      const freed = this.kernels.release(dimension.interner.tables.records.byteOffset, ids.byteOffset, log.columns.mask, (first + from) | 0, Math.min(freedAtOnce, count - from), this.columns.freed.byteOffset);
      dimension.removeReleased(this.columns.freed, freed);
    }
  }

  private ownColumn(view: WindowView): KernelView['own'] {
    const { state: { plan, logs, viewsOfType } } = this;
    if (!view.plan.isOwnKey) return undefined;
    const reading = viewsOfType.flatMap((views, type) => (views.includes(view) ? [type] : []));
    for (const [log, { plan: { ids } }] of logs.entries()) {
      const column = ids.findIndex(({ dimension, types }) => dimension === view.plan.dimension && reading.every((type) => types.includes(type) && plan.logOfType[type] === log));
      if (column >= 0) return { log, column };
    }
    return undefined;
  }
}

function singleSlot({ triggering }: ViewPlan, { rows }: KernelState): number {
  const [slot = -1] = triggering;
  return triggering.length === 1 && rows.slots[slot]?.type === 'string' ? slot : -1;
}
