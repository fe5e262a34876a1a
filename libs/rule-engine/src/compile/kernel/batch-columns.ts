import type { Room } from '@weir/stream-core';
import type { EntryColumns } from '../entry-writer.js';
import type { EventLog } from '../event-log.js';
import type { WindowView } from '../window-view.js';
import { scratchWords } from './touch-ahead.js';

/** What a micro-batch brings to one log. */
export interface LogBatch extends EntryColumns {
  /** By id column: which rows have a key there, by their type; 0: none. */
  readonly wanted: readonly Int32Array[];
  /** Chains that the row's type joins, a bit each. */
  readonly chains: Int32Array;
}

/** Columns of a micro-batch between the rows that were read and the state, by row, in the memory of the kernels. */
export class BatchColumns {
  /** Which log the row goes to; -1: none. */
  readonly log: Int32Array;
  /** Number of the event in its log, where `entered` is 1. */
  readonly n: Int32Array;
  readonly entered: Int32Array;
  readonly hashes: Int32Array;
  /** What passes from one loop of touches to the next. */
  readonly scratch: Int32Array;
  readonly logs: readonly LogBatch[];
  /** By view: id of the key that the row looks at, if it is not the one it enters under. */
  readonly viewIds: readonly Int32Array[];
  /** By view: the key's whole row as the event sees it, a stride each. */
  readonly features: readonly Float64Array[];
  /** Ids that a kernel found free. */
  readonly freed: Int32Array;

  constructor(room: Room, capacity: number, logs: readonly EventLog[], views: readonly WindowView[]) {
    this.log = room.i32(capacity);
    this.n = room.i32(capacity);
    this.entered = room.i32(capacity);
    this.hashes = room.i32(capacity);
    this.scratch = room.i32(scratchWords(logs.reduce((sum, { keptAccumulators }) => sum + keptAccumulators.length, 0)));
    this.logs = logs.map(({ plan, columns }) => ({
      ids: plan.ids.map(() => room.i32(capacity)),
      bits: columns.bits.map(() => room.i32(capacity)),
      numbers: plan.numbers.map(() => room.f64(capacity)),
      wanted: plan.ids.map(() => room.i32(capacity)),
      chains: room.i32(capacity),
    }));
    this.viewIds = views.map(() => room.i32(capacity));
    this.features = views.map((view) => room.f64(view.plan.kind === 'kept' ? capacity * view.dimension.rows.stride : 0));
    this.freed = room.i32(freedAtOnce);
  }
}

/** Most events of a log dropped by one call of the release kernel. */
export const freedAtOnce = 1024;
