import { longestWindowMs, smallTraffic, trafficOfSize } from './workload/traffic-shape.js';
import type { TrafficShape } from './workload/traffic-shape.js';

/** How far windows must be filled, of the longest. */
export const fullShare = 1.03;

/** How much of everything. */
export interface BenchmarkPlan {
  readonly shape: TrafficShape;
  /** Fifteen minutes and a half: every window is full; at size 1 the engine's log has also come round in the room that it has grown to. */
  readonly warmEvents: number;
  readonly rounds: number;
  readonly roundEvents: number;
  /** For rivals to which a hundred microseconds and more an event go. */
  readonly slowRoundEvents: number;
  /** What a judge looks at where it is not asked about all. */
  readonly judgedEvents: number;
  readonly manyRules: number;
  /** Alerts that each rule must have in the measured range of the first scenario. */
  readonly leastFired: number;
  readonly latencySeconds: number;
  readonly withJvm: boolean;
}

export function benchmarkPlan({ isQuick, withJvm, size }: { readonly isQuick: boolean; readonly withJvm: boolean; readonly size: number }): BenchmarkPlan {
  const shape = isQuick ? smallTraffic : trafficOfSize(size);
  const warmEvents = Math.ceil(shape.eventsPerSecond * longestWindowMs / 1000 * fullShare);
  return isQuick
    ? { shape, warmEvents, rounds: 5, roundEvents: 1_200, slowRoundEvents: 200, judgedEvents: 100, manyRules: 200, leastFired: 1, latencySeconds: 0.2, withJvm }
    : { shape, warmEvents, rounds: 5, roundEvents: 20_000, slowRoundEvents: 2_000, judgedEvents: 4_000, manyRules: 2_000, leastFired: size === 1 ? 20 : 0, latencySeconds: 8, withJvm };
}
