import { Distinct, Extreme } from '@weir/stream-core';
import type { Accumulator, Callable, PairKernels, QueueKernels, QueueKind } from '@weir/stream-core';
import type { EventLog } from '../event-log.js';
import type { WindowView } from '../window-view.js';
import type { Frame } from './frame.js';

/** What the step kernel works on: logs and views of an engine, and the rows of a batch. */
export interface StepParts {
  readonly frame: Frame;
  readonly logs: readonly EventLog[];
  /** Views of kept windows that some rule reads; their place names them in the frame. */
  readonly views: readonly KernelView[];
  readonly pairs: PairKernels;
  readonly queues: Readonly<Record<QueueKind, QueueKernels>>;
  /** What the host does: `enter(other, n)`, `leave(other, n, bound)`, `add(other, n)` for a sum beyond safe integers. */
  readonly enterOther: Callable;
  readonly leaveOther: Callable;
  /** Place of an accumulator among those that the host steps. */
  readonly otherIndex: (accumulator: Accumulator) => number;
}

export interface KernelView {
  readonly index: number;
  readonly view: WindowView;
  /** Column of ids of the log where the key is the one the event enters under; undefined: `viewIds`. */
  readonly own: { readonly log: number; readonly column: number } | undefined;
}

/** Names of all arrays that the kernel reaches, and of words that hold for a whole call; the host sets each in the frame before. */
export function addressNames({ logs, views, otherIndex }: Pick<StepParts, 'logs' | 'views' | 'otherIndex'>): string[] {
  const names = ['rows.ts', 'rows.seq', 'rows.type', 'batch.log', 'batch.n', 'batch.entered'];
  logs.forEach((log, l) => {
    names.push(`log${l}.mask`, `log${l}.first`, `log${l}.ts`, `log${l}.seq`, `log${l}.type`, `log${l}.displaced`, `batch${l}.chains`);
    log.columns.bits.forEach((_, word) => names.push(`log${l}.bits${word}`, `batch${l}.bits${word}`));
    log.plan.ids.forEach((_, column) => names.push(`log${l}.ids${column}`, `batch${l}.ids${column}`));
    log.plan.numbers.forEach((_, column) => names.push(`log${l}.numbers${column}`, `batch${l}.numbers${column}`));
    log.plan.chains.forEach((_, chain) => names.push(`log${l}.previous${chain}`));
    log.work.forEach(({ bound }, w) => { if (bound.lagMs === undefined) names.push(`log${l}.work${w}.until`); });
    for (const { accumulator } of log.keptAccumulators) {
      if (accumulator instanceof Distinct) names.push(`pairs${otherIndex(accumulator)}.counters`, `pairs${otherIndex(accumulator)}.table`);
      if (accumulator instanceof Extreme) names.push(`queue${otherIndex(accumulator)}.counters`, `queue${otherIndex(accumulator)}.nodes`, `queue${otherIndex(accumulator)}.ends`);
    }
    for (const { dimension } of log.plan.ids) names.push(`dimension${dimension}.cells`);
  });
  for (const { index, view, own } of views) names.push(`view${index}.features`, `dimension${view.plan.dimension}.cells`, ...(own === undefined ? [`view${index}.ids`] : []));
  return [...new Set(names)];
}
