import { Distinct, Extreme } from '@weir/stream-core';
import type { Accumulator } from '@weir/stream-core';
import type { EventLog } from '../event-log.js';
import type { EventRows } from '../event-rows.js';
import type { KeyDimension } from '../key-dimension.js';
import type { BatchColumns } from './batch-columns.js';
import type { KernelView } from './step-parts.js';

/** Where something lies in the memory of the kernels. */
interface Placed { readonly byteOffset: number }

/** What kernels reach: the arrays of an engine's state and of a batch. */
export interface KernelReach {
  readonly rows: EventRows;
  readonly logs: readonly EventLog[];
  readonly dimensions: readonly KeyDimension[];
  readonly columns: BatchColumns;
  readonly views: readonly KernelView[];
  /** Accumulators with arrays of their own, by place. */
  readonly stepped: readonly Accumulator[];
}

/** All arrays that kernels reach, by the names by which kernels know them, each as it lies when asked: arrays move when they grow. */
export function kernelArrays({ rows, logs, dimensions, columns, views, stepped }: KernelReach): ReadonlyMap<string, () => Placed> {
  const arrays = new Map<string, () => Placed>();
  const put = (name: string, array: () => Placed): void => { arrays.set(name, array); };
  for (const name of ['ts', 'seq', 'type'] as const) put(`rows.${name}`, () => rows[name]);
  for (const name of ['log', 'n', 'entered'] as const) put(`batch.${name}`, () => columns[name]);
  dimensions.forEach(({ rows: cells }, d) => { put(`dimension${d}.cells`, () => cells.cells); });
  logs.forEach((log, l) => {
    const { columns: kept } = log;
    for (const name of ['ts', 'seq', 'type', 'displaced'] as const) put(`log${l}.${name}`, () => kept[name]);
    for (const name of ['bits', 'ids', 'numbers', 'previous'] as const) kept[name].forEach((_, i) => { put(`log${l}.${name}${i}`, () => kept[name][i] ?? nowhere); });
    log.work.forEach(({ bound, untils }, w) => { if (bound.lagMs === undefined) put(`log${l}.work${w}.until`, () => untils); });
    const batch = columns.logs[l];
    if (batch === undefined) return;
    put(`batch${l}.chains`, () => batch.chains);
    for (const name of ['bits', 'ids', 'numbers'] as const) batch[name].forEach((column, i) => { put(`batch${l}.${name}${i}`, () => column); });
  });
  stepped.forEach((one, index) => {
    if (one instanceof Distinct) for (const name of ['counters', 'table'] as const) put(`pairs${index}.${name}`, () => one.pairs[name]);
    if (one instanceof Extreme) for (const name of ['counters', 'nodes', 'ends'] as const) put(`queue${index}.${name}`, () => one.queues[name]);
  });
  for (const { index, own } of views) {
    put(`view${index}.features`, () => columns.features[index] ?? nowhere);
    if (own === undefined) put(`view${index}.ids`, () => columns.viewIds[index] ?? nowhere);
  }
  return arrays;
}

/** Address 0, where no array lies. */
const nowhere: Placed = { byteOffset: 0 };
