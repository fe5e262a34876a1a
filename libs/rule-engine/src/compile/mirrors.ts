import { shapeOf } from '../plan/shape.js';
import type { AccumulatorPlan, LogPlan, StreamPlan } from '../plan/state-plan.js';

/**
 * The `distinct` windows of a log that tell apart the same pairs the other way round: the devices of each card, the cards of each
 * device. By the first of two in the plan, the second. Each has at most one.
 */
export function mirrorsOf({ accumulators, predicates }: Pick<LogPlan, 'accumulators' | 'predicates'>, streams: readonly StreamPlan[]): ReadonlyMap<AccumulatorPlan, AccumulatorPlan> {
  const mirrors = new Map<AccumulatorPlan, AccumulatorPlan>();
  const alone = new Map<string, AccumulatorPlan>();
  for (const one of accumulators) {
    const stream = streams[one.stream];
    const { known, ...predicate } = predicates[one.bit] ?? {};
    // Both count what has both ids, so only what else is asked of an event must be the same.
    if (one.kind !== 'distinct' || stream === undefined || known?.kind !== 'id' || known.column !== one.column || stream.idColumn === one.column) continue;
    const pairs = (from: number, to: number): string => shapeOf({ from, to, window: one.span, streamTypes: stream.types, predicate });
    const other = alone.get(pairs(one.column, stream.idColumn));
    if (other === undefined) alone.set(pairs(stream.idColumn, one.column), one);
    else {
      mirrors.set(other, one);
      alone.delete(pairs(one.column, stream.idColumn));
    }
  }
  return mirrors;
}
