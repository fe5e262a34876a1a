import type { Heartbeat } from '@weir/contracts';

/** In the place of entries that were left out: no rule sees it; it moves event time. `ts` of a log that holds nothing yet is 0, which moves nothing. */
export function timeAt(seq: number, ts: number): Heartbeat { return { kind: 'heartbeat', seq, ts }; }
