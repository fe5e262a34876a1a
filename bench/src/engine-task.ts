import type { EngineDefinition } from '@weir/rule-engine';
import { benchDefinition } from './workload/definition.js';
import { manyRules, slowdown, slowedRules } from './workload/rule-variants.js';
import { longestWindowMs } from './workload/traffic-shape.js';
import type { TrafficShape } from './workload/traffic-shape.js';

/** What an engine or oracle process is to run; travels as JSON. */
export interface EngineTask {
  readonly shape: TrafficShape;
  /** The pack, the pack among `rules` rules, or the pack on a slowed clock. */
  readonly pack: 'usual' | 'slowed' | number;
  /** How events reach the engine. */
  readonly from: 'bytes' | 'columns';
}

export function definitionOf({ pack }: Pick<EngineTask, 'pack'>): EngineDefinition {
  if (pack === 'usual') return benchDefinition();
  if (pack === 'slowed') return benchDefinition({ retentionMs: slowdown * longestWindowMs }, slowedRules());
  return benchDefinition({}, manyRules(pack));
}
