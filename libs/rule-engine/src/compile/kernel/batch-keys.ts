import { emptyKey } from '@weir/stream-core';
import type { EventLog } from '../event-log.js';
import { textOnly } from '../event-rows.js';
import type { KeyDimension } from '../key-dimension.js';
import type { BatchColumns } from './batch-columns.js';
import type { KernelState } from './batch-step.js';

/** Ids of rows' keys, by log and id column, with a reference each. */
export type KnownIds = readonly (readonly Int32Array[])[];

/** The keys under which the rows of a micro-batch enter windows: looked up by a kernel a column at a time, each with a reference that is given back once. */
export class BatchKeys {
  /** By log, id column and type: 1 when events of the type have a key there. */
  private readonly wantsOfType: readonly (readonly (readonly number[])[])[];

  /** @param kernel `intern` of the interners' kernels. */
  constructor(private readonly state: Pick<KernelState, 'plan' | 'rows' | 'logs' | 'dimensions'>, private readonly columns: BatchColumns, private readonly kernel: (...args: number[]) => number) {
    this.wantsOfType = state.logs.map((log) => log.plan.ids.map(({ types }) => state.plan.types.map((_, type) => (types.includes(type) ? 1 : 0))));
  }

  /** Can keys be looked up before their events are applied? Not those made of values, which may ask a list. */
  get canReadAhead(): boolean { return this.state.logs.every((log) => log.plan.ids.every(({ dimension }) => this.state.dimensions[dimension]?.plan.kind === 'fields')); }

  /** Ids of the keys of the first rows, read from bytes, with a reference each, for {@link takeOver} or {@link drop}: as if no row were late. */
  read(count: number): KnownIds {
    const { state: { rows, plan }, columns } = this;
    for (let row = 0; row < count; row++) columns.log[row] = plan.logOfType[rows.type[row] as number] ?? -1;
    this.lookUp(0, count, false);
    return columns.logs.map(({ ids }) => ids.map((column) => column.slice(0, count)));
  }

  /** Gives back the references of rows that are not prepared. */
  drop(known: KnownIds, from: number, to: number): void {
    known.forEach((columns, l) => columns.forEach((ids, column) => {
      const dimension = this.dimensionOf(l, column);
      for (let row = from; row < to; row++) if (ids[row] !== emptyKey) dimension.release(ids[row] as number); // rows of the batch
    }));
  }

  private dimensionOf(l: number, column: number): KeyDimension {
    const { state: { logs, dimensions } } = this;
    return dimensions[logs[l]?.plan.ids[column]?.dimension ?? 0] as KeyDimension; // a column of the plan
  }

  /** Ids of the keys of rows whose logs stand in `columns.log`, with a reference each. @param hasTexts some of the rows' texts are not among their bytes. */
  lookUp(from: number, to: number, hasTexts: boolean): void {
    const { state: { logs, dimensions }, columns } = this;
    this.fillWanted(from, to);
    for (let l = 0; l < logs.length; l++) {
      const { plan: { ids } } = logs[l] as EventLog;
      const batch = columns.logs[l] as BatchColumns['logs'][number];
      for (let column = 0; column < ids.length; column++) {
        const { dimension } = ids[column] as EventLog['plan']['ids'][number];
        this.intern(dimensions[dimension] as KeyDimension, dimension, batch.wanted[column] as Int32Array, batch.ids[column] as Int32Array, from, to, hasTexts);
      }
    }
  }

  /** The references of known ids are the rows' from now on. */
  takeOver(known: KnownIds, from: number, to: number): void {
    const { columns } = this;
    for (let l = 0; l < known.length; l++) {
      const { ids } = columns.logs[l] as BatchColumns['logs'][number];
      for (let column = 0; column < ids.length; column++) ids[column]?.set((known[l]?.[column] as Int32Array).subarray(from, to), from);
    }
    for (let row = from; row < to; row++) if (columns.log[row] === -1) this.leaveOut(known, row);
  }

  /** A row that enters no log: it came too late, or its type has none. */
  private leaveOut(known: KnownIds, row: number): void {
    this.drop(known, row, row + 1);
    for (const { ids } of this.columns.logs) for (const column of ids) column[row] = emptyKey;
  }

  /** Which id columns rows have, by their types. */
  private fillWanted(from: number, to: number): void {
    const { state: { rows, logs }, columns } = this;
    for (let l = 0; l < logs.length; l++) {
      const { wanted } = columns.logs[l] as BatchColumns['logs'][number];
      for (let column = 0; column < wanted.length; column++) {
        const flags = wanted[column] as Int32Array;
        const wants = this.wantsOfType[l]?.[column] as readonly number[];
        for (let row = from; row < to; row++) flags[row] = columns.log[row] === l ? (wants[rows.type[row] as number] as number) : 0;
      }
    }
  }

  private intern(dimension: KeyDimension, which: number, wanted: Int32Array, ids: Int32Array, from: number, to: number, hasTexts: boolean): void {
    const { state: { rows }, columns } = this;
    const text = dimension.single < 0 ? undefined : rows.texts[dimension.single];
    if (text !== undefined) {
      dimension.reserve(to - from);
      const { counters, table, records, freed } = dimension.interner.tables;
      this.kernel(which, counters.byteOffset, table.byteOffset, records.byteOffset, freed.byteOffset, text.start.byteOffset + 4 * from, text.size.byteOffset + 4 * from, wanted.byteOffset + 4 * from, to - from, columns.hashes.byteOffset, ids.byteOffset + 4 * from);
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
    this.columns.logs[l]?.ids.forEach((ids, column) => { if (ids[row] !== emptyKey) this.dimensionOf(l, column).release(ids[row] as number); }); // a row of the batch
  }
}
