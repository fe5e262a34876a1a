import { Distinct, emptyKey, Extreme, ModuleCode, writeInternKernels, writePairKernels, writeQueueKernels, writeReleaseKernel } from '@weir/stream-core';
import type { Accumulator, EventNumber, InternKernelName, Kernels, LinearMemory } from '@weir/stream-core';
import type { StatePlan, ViewPlan } from '../../plan/state-plan.js';
import type { EventLog } from '../event-log.js';
import type { EventRows } from '../event-rows.js';
import type { KeyDimension } from '../key-dimension.js';
import type { WindowView } from '../window-view.js';
import { BatchColumns, freedAtOnce } from './batch-columns.js';
import { Frame } from './frame.js';
import { writeStepKernel } from './step-kernel.js';
import { addressNames } from './step-parts.js';
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

type KernelName = InternKernelName | 'step' | 'release';
/** How the first column's ids of a view's key are found in one look-up a row. */
interface FoundView { readonly index: number; readonly view: WindowView; /** Slot of a single string key; -1: the host looks it up. */ readonly slot: number }

/**
 * Takes rows of a micro-batch through the windows by kernels: arrival mode, events in time and in order. What the kernels
 * do is what `EventLog` does, on the same arrays; whatever is out of the ordinary is left to it.
 *
 * A row's references to its keys are taken by {@link prepare}; one that is prepared and not stepped must be {@link forget}ten.
 */
export class BatchStep {
  readonly columns: BatchColumns;
  private readonly frame: Frame;
  private readonly kernels: Kernels<KernelName>;
  private readonly steppedByHost: readonly { readonly log: EventLog; readonly accumulator: Accumulator }[];
  private readonly views: readonly KernelView[];
  private readonly found: readonly FoundView[];
  private readonly writers: readonly (readonly ((() => void) | undefined)[])[];
  private readonly chainsOfType: readonly (readonly number[])[];
  /** Words of the frame that hold the addresses of {@link arrays}. */
  private readonly places: readonly number[];
  private readonly arrays: readonly (() => number)[];
  /** By log, id column and type: 1 when events of the type have a key there. */
  private readonly wantsOfType: readonly (readonly (readonly number[])[])[];
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
    this.wantsOfType = logs.map((log) => log.plan.ids.map(({ types }) => plan.types.map((_, type) => (types.includes(type) ? 1 : 0))));
    const otherIndex = (accumulator: Accumulator): number => indexOf.get(accumulator) ?? 0;
    const names = addressNames({ logs, views: this.views, otherIndex });
    const works = logs.reduce((sum, log) => sum + log.work.length, 0);
    this.frame = new Frame(memory, 16 + names.length + 2 * logs.length + works);
    this.kernels = this.compile(otherIndex);
    this.places = names.map((name) => this.frame.placeOf(name));
    this.arrays = names.map((name) => this.arrayOf(name));
    for (const log of logs) log.releaseMany = (column, from, count) => this.release(log, column, from, count);
  }

  private compile(otherIndex: (accumulator: Accumulator) => number): Kernels<KernelName> {
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
    writeStepKernel(module, { frame: this.frame, logs, views: this.views, pairs, queues, enterOther, leaveOther, otherIndex });
    return module.instantiate(memory);
  }

  private stepByHost(index: number, step: (accumulator: Accumulator) => void): void {
    const accumulator = this.steppedByHost[index]?.accumulator;
    if (accumulator === undefined) return;
    step(accumulator);
    if (accumulator.place.rows.wide.size > 0) this.frame.set('stop', 1);
  }

  /** Keys, predicates and number columns of the rows `from` to `to`, whose logs stand in `columns.log`. @returns the first row that has a number beside the columns, else `to`. */
  prepare(from: number, to: number, hasTexts: boolean): number {
    const { state: { rows, logs, dimensions }, columns } = this;
    this.fillConstants(from, to);
    logs.forEach((log, l) => {
      const batch = columns.logs[l] as BatchColumns['logs'][number];
      log.plan.ids.forEach(({ dimension }, column) => this.intern(dimensions[dimension] as KeyDimension, dimension, batch.wanted[column] as Int32Array, batch.ids[column] as Int32Array, from, to, hasTexts));
    });
    for (let row = from; row < to; row++) {
      const l = columns.log[row] as number;
      if (l < 0) continue;
      this.sawWide = false;
      rows.row = row;
      this.writers[l]?.[rows.type[row] as number]?.();
      if (this.sawWide) {
        for (let rest = row; rest < to; rest++) this.forget(rest);
        return row;
      }
    }
    return to;
  }

  /** Which id columns and chains rows have, by their types. */
  private fillConstants(from: number, to: number): void {
    const { state: { rows, logs }, columns } = this;
    for (let l = 0; l < logs.length; l++) {
      const { wanted, chains } = columns.logs[l] as BatchColumns['logs'][number];
      const chainsOf = this.chainsOfType[l] as readonly number[];
      for (let row = from; row < to; row++) chains[row] = columns.log[row] === l ? (chainsOf[rows.type[row] as number] as number) : 0;
      for (let column = 0; column < wanted.length; column++) {
        const flags = wanted[column] as Int32Array;
        const wants = this.wantsOfType[l]?.[column] as readonly number[];
        for (let row = from; row < to; row++) flags[row] = columns.log[row] === l ? (wants[rows.type[row] as number] as number) : 0;
      }
    }
  }

  private intern(dimension: KeyDimension, which: number, wanted: Int32Array, ids: Int32Array, from: number, to: number, hasTexts: boolean): void {
    const { state: { rows }, kernels, columns } = this;
    const text = dimension.single < 0 ? undefined : rows.texts[dimension.single];
    if (text !== undefined) {
      dimension.reserve(to - from);
      const { counters, table, records, freed } = dimension.interner.tables;
      kernels.intern(which, counters.byteOffset, table.byteOffset, records.byteOffset, freed.byteOffset, text.start.byteOffset + 4 * from, text.size.byteOffset + 4 * from, wanted.byteOffset + 4 * from, to - from, columns.hashes.byteOffset, ids.byteOffset + 4 * from);
    }
    if (text !== undefined && !hasTexts) return;
    for (let row = from; row < to; row++) {
      if (text !== undefined && text.start[row] !== textOnly) continue;
      rows.row = row;
      ids[row] = wanted[row] === 1 ? dimension.intern() : emptyKey;
    }
  }

  /** Gives back the references of a row that is not stepped after all. */
  forget(row: number): void {
    const l = this.columns.log[row] as number;
    if (l < 0) return;
    this.state.logs[l]?.plan.ids.forEach(({ dimension }, column) => {
      const id = this.columns.logs[l]?.ids[column]?.[row] ?? emptyKey;
      if (id !== emptyKey) this.state.dimensions[dimension]?.release(id);
    });
  }

  /**
   * Steps prepared rows from `from` on.
   * @param untils the time of a calendar window is looked up for rows up to `to`.
   * @returns the row after the last one stepped; `from` when a displaced event is due first.
   */
  step(from: number, to: number): number {
    const { state: { logs, dimensions }, frame, arrays } = this;
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
    for (let i = 0; i < arrays.length; i++) frame.setAt(this.places[i] as number, (arrays[i] as () => number)());
    logs.forEach((log, l) => this.load(log, l, from, end));
    frame.set('stop', 0);
    frame.set('unsettled', 0);
    const done = this.kernels.step(from, end, isSingle ? 1 : 0);
    this.unsettled = frame.get('unsettled') === 1;
    if (done > from) logs.forEach((log, l) => this.save(log, l, this.state.rows.ts[done - 1] as number));
    for (let row = from; row < done; row++) if (this.columns.entered[row] === 0) this.forget(row);
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

  private load({ columns, work }: EventLog, l: number, from: number, to: number): void {
    const { frame, state: { rows } } = this;
    frame.set(`log${l}.next`, columns.next);
    frame.setDouble(`log${l}.appended`, columns.appendedCount);
    work.forEach(({ cursor, bound, untils }, w) => {
      frame.set(`log${l}.work${w}.main`, cursor.nextInOrder);
      frame.setDouble(`log${l}.work${w}.due`, cursor.nextDisplacedTs);
      if (bound.lagMs === undefined) for (let row = from; row < to; row++) untils[row] = bound.at(rows.ts[row] as number);
    });
  }

  private save(log: EventLog, l: number, now: number): void {
    const { frame } = this;
    log.columns.appendedBy((frame.get(`log${l}.next`) - log.columns.next) | 0);
    log.work.forEach(({ cursor, bound }, w) => cursor.moveTo(frame.get(`log${l}.work${w}.main`), bound.at(now)));
    log.advancedTo(now);
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

  /** Where the array of a name lies at present, or what the word holds. */
  private arrayOf(name: string): () => number {
    const { state: { rows, logs, dimensions }, columns, steppedByHost } = this;
    const [, kind = '', place = '', part = ''] = /^([a-z]+)(\d*)\.(.*)$/.exec(name) ?? [];
    const index = Number(place);
    const numbered = /^([a-z]+?)(\d+)$/.exec(part);
    const log = logs[index] as EventLog;
    switch (kind) {
      case 'rows': { const column = rows[part as 'ts' | 'seq' | 'type']; return () => column.byteOffset; }
      case 'dimension': { const dimension = dimensions[index] as KeyDimension; return () => dimension.rows.cells.byteOffset; }
      case 'pairs': { const { pairs } = steppedByHost[index]?.accumulator as Distinct; return part === 'table' ? () => pairs.table.byteOffset : () => pairs.counters.byteOffset; }
      case 'queue': { const { queues } = steppedByHost[index]?.accumulator as Extreme; return () => queues[part as 'counters' | 'nodes' | 'ends'].byteOffset; }
      case 'view': { const column = (part === 'features' ? columns.features : columns.viewIds)[index] as Float64Array | Int32Array; return () => column.byteOffset; }
      case 'batch': {
        const batch = columns.logs[index];
        const column = place === '' ? columns[part as 'log' | 'n' | 'entered'] : numbered === null ? batch?.chains : batch?.[numbered[1] as 'ids' | 'bits' | 'numbers'][Number(numbered[2])];
        return () => column?.byteOffset ?? 0;
      }
      default: {
        const untils = /^work(\d+)\.until$/.exec(part);
        if (untils !== null) { const column = log.work[Number(untils[1])]?.untils; return () => column?.byteOffset ?? 0; }
        if (part === 'mask' || part === 'first') return () => log.columns[part];
        if (numbered === null) return () => log.columns[part as 'ts' | 'seq' | 'type' | 'displaced'].byteOffset;
        const [, many, at] = numbered;
        return () => log.columns[many as 'bits' | 'ids' | 'numbers' | 'previous'][Number(at)]?.byteOffset ?? 0;
      }
    }
  }
}

const textOnly = -2;

function singleSlot({ triggering }: ViewPlan, { rows }: KernelState): number {
  const [slot = -1] = triggering;
  return triggering.length === 1 && rows.slots[slot]?.type === 'string' ? slot : -1;
}
