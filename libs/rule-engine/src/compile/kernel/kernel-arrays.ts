import { Distinct, Extreme } from '@weir/stream-core';
import type { Accumulator, LinearMemory } from '@weir/stream-core';
import type { EventLog } from '../event-log.js';
import type { EventRows } from '../event-rows.js';
import type { KeyDimension } from '../key-dimension.js';
import type { BatchColumns } from './batch-columns.js';
import type { Frame } from './frame.js';
import type { KernelView } from './step-parts.js';

/** Where something lies in the memory of the kernels. */
interface Placed { readonly byteOffset: number }
/** An array by the name by which kernels know it, as it lies when asked: arrays move when they grow. */
type NamedArray = readonly [name: string, array: () => Placed];

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
  const putAll = (named: readonly NamedArray[]): void => { for (const [name, array] of named) put(name, array); };
  for (const name of ['ts', 'seq', 'type'] as const) put(`rows.${name}`, () => rows[name]);
  for (const name of ['log', 'n', 'entered', 'scratch'] as const) put(`batch.${name}`, () => columns[name]);
  dimensions.forEach((dimension, d) => { putAll([cellsOf(dimension, d)]); });
  logs.forEach((log, l) => {
    putAll(columnsOf(log, l));
    log.work.forEach(({ bound, untils }, w) => { if (bound.lagMs === undefined) put(`log${l}.work${w}.until`, () => untils); });
    const batch = columns.logs[l];
    if (batch === undefined) return;
    put(`batch${l}.chains`, () => batch.chains);
    for (const name of ['bits', 'ids', 'numbers'] as const) batch[name].forEach((column, i) => { put(`batch${l}.${name}${i}`, () => column); });
  });
  stepped.forEach((one, index) => {
    if (one instanceof Distinct) for (const name of ['counters', 'table'] as const) put(`pairs${index}.${name}`, () => one.pairs[name]);
    if (one instanceof Extreme) putAll(queuesOf(one, index));
  });
  for (const { index, own } of views) {
    put(`view${index}.features`, () => columns.features[index] ?? nowhere);
    if (own === undefined) put(`view${index}.ids`, () => columns.viewIds[index] ?? nowhere);
  }
  return arrays;
}

/** The rows of a dimension's keys. */
export function cellsOf({ rows }: KeyDimension, d: number): NamedArray { return [`dimension${d}.cells`, () => rows.cells]; }

/** The columns of a log. */
export function columnsOf({ columns }: EventLog, l: number): readonly NamedArray[] {
  return [
    ...(['ts', 'seq', 'type', 'displaced'] as const).map((name): NamedArray => [`log${l}.${name}`, () => columns[name]]),
    ...(['bits', 'ids', 'numbers', 'previous'] as const).flatMap((name) => columns[name].map((_, i): NamedArray => [`log${l}.${name}${i}`, () => columns[name][i] ?? nowhere])),
  ];
}

/** The queues of an extreme, by its place among the accumulators with arrays of their own. */
export function queuesOf({ queues }: Extreme, index: number): readonly NamedArray[] {
  return (['counters', 'nodes', 'ends'] as const).map((name) => [`queue${index}.${name}`, () => queues[name]]);
}

/** Tells kernels where arrays lie: in words of a frame named like them. */
export class FrameArrays {
  private readonly words: readonly { readonly place: number; readonly array: () => Placed }[];
  /** State of the memory's rooms that the frame was told of. */
  private toldAt = -1;

  constructor(private readonly frame: Frame, private readonly memory: LinearMemory, arrays: ReadonlyMap<string, () => Placed>) {
    this.words = [...arrays].map(([name, array]) => ({ place: frame.placeOf(name), array }));
  }

  /** Before a kernel is called: if some array has moved since, all are told anew. */
  tell(): void {
    if (this.toldAt === this.memory.changes) return;
    for (const { place, array } of this.words) this.frame.set(place, array().byteOffset);
    this.toldAt = this.memory.changes;
  }
}

/** Address 0, where no array lies. */
const nowhere: Placed = { byteOffset: 0 };
