import type { Accumulator, Callable, PairKernels, QueueKernels, QueueKind } from '@weir/stream-core';
import type { EventLog } from '../event-log.js';
import type { WindowView } from '../window-view.js';
import type { Frame } from './frame.js';

/** What the step kernel works on: logs and views of an engine, and the rows of a batch. */
export interface StepParts {
  readonly frame: Frame;
  /** Names of the arrays whose addresses the frame holds: see `kernelArrays`. */
  readonly arrays: readonly string[];
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
