import { sha256Hex } from '@weir/rule-lang';
import type { LogEvent } from '@weir/contracts';
import type { EngineDefinition, RestoreResult, SnapshotRefusal } from './engine.js';
import type { EngineState } from './engine-state.js';
import { shapeOf } from './plan/shape.js';
import type { StatePlan } from './plan/state-plan.js';
import type { SequenceRules } from './sequence/sequence-rules.js';
import type { WindowRules } from './window-rules/window-rules.js';

/** What changes while entries are applied, besides the columns. */
export interface EngineProgress {
  seq: number;
  /** Largest ts of the events and heartbeats applied. */
  maxTs: number;
  /** Time of the kept windows: everything dated at or before a window's lower end there has left it. */
  now: number;
}

/** All that an embedded engine is made of: what a snapshot is taken of, and what a restore fills. Valid between two entries. */
export interface EngineParts {
  readonly definition: EngineDefinition;
  readonly state: EngineState;
  readonly progress: EngineProgress;
  /** Watermark mode: events the watermark has not passed, in (ts, seq) order. Replaced by whoever changes it. */
  waiting: readonly LogEvent[];
  readonly sequences: SequenceRules;
  readonly windows: WindowRules;
}

/** The part of a snapshot that says what the rest is. */
export interface SnapshotMeta {
  readonly maxTs: number;
  readonly now: number;
  readonly plan: string;
  readonly hasPayload: boolean;
  /** Keys held by each dimension and events by each log, about: how much room to make. */
  readonly keys: readonly number[];
  readonly events: readonly number[];
  /** Pairs of each `distinct` of each log, for the same reason; not in files of before. */
  readonly pairs?: readonly (readonly number[])[];
}

export type Refused = Extract<RestoreResult, { ok: false }>;

/** Two programs that plan the same columns for the same rules read each other's snapshots. */
export function planHash(plan: StatePlan): string {
  const known = hashes.get(plan);
  if (known !== undefined) return known;
  const { types, slots, dimensions, streams, logs } = plan;
  const made = sha256Hex(shapeOf({ types, slots, dimensions: dimensions.map((one) => (one.kind === 'fields' ? one.slots : one.expr)), streams, logs: logs.map(({ ids, numbers, predicates, chains }) => ({ ids, numbers, predicates, chains })) }));
  hashes.set(plan, made);
  return made;
}

/** A plan does not change, and the hash of thousands of rules would be part of the stall of each checkpoint. */
const hashes = new WeakMap<StatePlan, string>();

export function refused(reason: SnapshotRefusal, message: string): Refused { return { ok: false, reason, message }; }
