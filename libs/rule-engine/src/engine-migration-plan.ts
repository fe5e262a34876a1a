import type { EngineParts } from './engine-snapshot.js';
import type { EngineState } from './engine-state.js';
import { leaveBound } from './compile/span-bound.js';
import { keepsCopies } from './engine.js';
import type { EngineRule } from './engine.js';
import type { AccumulatorPlan, DimensionPlan, LogPlan, PredicatePlan, StatePlan, StreamPlan } from './plan/state-plan.js';
import { shapeOf } from './plan/shape.js';
import type { WindowSpan } from '@weir/rule-lang';

/** What of a running engine another rule set can go on with. */
export interface MigrationPlan {
  /** In words: windows, sequences and window rules of the new rule set whose state is taken over. */
  readonly kept: readonly string[];
  /** Those that events of the log have to be replayed for. */
  readonly warmed: readonly string[];
  /** Those of the old rule set that the new one does not have. */
  readonly freed: readonly string[];
  /** Rules whose matches under way, or open windows, are taken over. */
  readonly keptRules: ReadonlySet<string>;
  /** Events up to this ts need no replay. Infinity: none does. -Infinity: nothing can be taken over. */
  readonly replayAfterTs: number;
}

/** A number that some rule reads: what its state consists of, and down to which ts it holds events. */
interface Unit { readonly name: string; readonly parts: readonly string[]; readonly log: number; readonly down: number }

/**
 * Compares by meaning, not by place: a window counts on if for each of its types the old engine holds the events as far back
 * and has its key, its condition and its value for them. So a new window over what is held needs no replay either.
 */
export function planMigration(from: EngineParts, to: EngineState): MigrationPlan {
  const { definition: { options }, progress } = from;
  // The earliest ts that an event still to come may have: from there each window looks back.
  const earliest = progress.maxTs - options.maxOutOfOrdernessMs;
  const old = unitsOf(from.state, earliest);
  const wanted = unitsOf(to, earliest);
  const rules = beside(to.definition.rules);
  const oldRules = new Map(beside(from.definition.rules).map(({ rule }) => [rule.id, rule]));
  const oldNames = [...old.map(({ name }) => name), ...[...oldRules.keys()].map(nameOfRule)];
  const names = [...wanted.map(({ name }) => name), ...rules.map(({ rule }) => nameOfRule(rule.id))];
  const freed = distinct(oldNames.filter((name) => !names.includes(name)));
  if (!isComparable(from, to)) return { kept: [], warmed: distinct(names), freed, keptRules: new Set(), replayAfterTs: -Infinity };

  const depth = new Map<string, number>();
  for (const { parts, down } of old) for (const part of parts) depth.set(part, Math.min(down, depth.get(part) ?? Infinity));
  const isHeld = ({ parts, down }: Unit): boolean => parts.every((part) => (depth.get(part) ?? Infinity) <= down);
  const missing = wanted.filter((unit) => !isHeld(unit));
  const keptRules = new Set(rules.filter(({ rule }) => oldRules.get(rule.id)?.version === rule.version).map(({ rule }) => rule.id));
  const changed = rules.filter(({ rule }) => !keptRules.has(rule.id));
  const downs = [...missing.map(({ down }) => down), ...changed.map((one) => earliest - reachMs(one, options.retentionMs))];
  return {
    kept: distinct([...wanted.filter(isHeld).map(({ name }) => name), ...[...keptRules].map(nameOfRule)]),
    warmed: distinct([...missing.map(({ name }) => name), ...changed.map(({ rule }) => nameOfRule(rule.id))]),
    freed,
    keptRules,
    replayAfterTs: Math.min(Infinity, ...downs) - 1,
  };
}

/** Do columns mean the same in both, and does the old engine hold copies of events, and explanations, if the new one must? */
function isComparable({ definition: { schema, options } }: EngineParts, { definition: wanted }: EngineState): boolean {
  const { evaluation, maxOutOfOrdernessMs, retentionMs, models, maxOpenMatches } = wanted.options;
  return schema.hash === wanted.schema.hash && options.evaluation === evaluation && options.maxOutOfOrdernessMs === maxOutOfOrdernessMs && options.retentionMs === retentionMs
    && options.maxOpenMatches === maxOpenMatches && JSON.stringify(options.models) === JSON.stringify(models)
    && (keepsCopies(options) || !keepsCopies(wanted.options)) // copies of events cannot be made of columns
    && (options.evidence === 'full' || wanted.options.evidence === 'none'); // what a match that is held back will say is frozen
}

/** Rules with state beside the logs. */
function beside(rules: readonly EngineRule[]): readonly EngineRule[] { return rules.filter(({ rule }) => rule.body.kind !== 'when'); }

/** How far back the state of such a rule may hang on events. A chain of matches that discard each other, or of events of one session, has no bound but the retention. */
function reachMs({ rule }: EngineRule, retentionMs: number): number {
  const { body } = rule;
  if (body.kind === 'window') return body.window.kind === 'session' ? retentionMs : rule.longestSpanMs;
  if (body.kind === 'sequence') return body.withinMs === undefined || (body.afterMatch.kind !== 'eachEnd' && body.afterMatch.kind !== 'noSkip') ? retentionMs : rule.longestSpanMs;
  return rule.longestSpanMs;
}

function unitsOf({ plan, definition: { options } }: EngineState, earliest: number): readonly Unit[] {
  const kept = plan.logs.flatMap(({ accumulators }) => accumulators);
  const computed = plan.views.filter(({ kind }) => kind !== 'kept').flatMap(({ accumulators }) => accumulators);
  return [...kept.map((one) => [one, leaveBound(one.span).at(earliest)] as const), ...computed.map((one) => [one, earliest - options.retentionMs] as const)]
    .map(([one, down]) => ({ name: nameOf(plan, one), parts: partsOf(plan, one), log: plan.streams[one.stream]?.log ?? -1, down }));
}

/** For each log of a state: events dated up to here are of no use to any event dated at or after `earliest`. */
export function unseenUpTo(state: EngineState, earliest: number): readonly number[] {
  const units = unitsOf(state, earliest);
  return state.logs.map((_, log) => Math.min(Infinity, ...units.filter((unit) => unit.log === log).map(({ down }) => down)));
}

/** What must be known of the events of each of its types, one text for one meaning. */
function partsOf(plan: StatePlan, { stream: index, bit, column, columnKind }: AccumulatorPlan): readonly string[] {
  const stream = plan.streams[index] as StreamPlan;
  const log = plan.logs[stream.log] as LogPlan;
  const parts = [`entry ${shapeOfDimension(plan, stream.dimension)}`];
  if (bit >= 0) {
    const predicate = shapeOfPredicate(plan, log, log.predicates[bit] as PredicatePlan);
    if (predicate !== undefined) parts.push(predicate);
  }
  if (columnKind === 'number') parts.push(shapeOfNumber(log, column));
  if (columnKind === 'id') parts.push(shapeOfId(plan, log, column));
  return stream.types.flatMap((type) => parts.map((part) => `${plan.types[type] ?? ''} ${part}`));
}

export function shapeOfDimension(plan: StatePlan, dimension: number): string {
  const one = plan.dimensions[dimension] as DimensionPlan;
  return one.kind === 'fields' ? `fields ${one.slots.map((slot) => `${plan.slots[slot]?.name ?? ''} ${plan.slots[slot]?.type ?? ''}`).join()}` : `value ${shapeOf(one.expr)}`;
}

export function shapeOfId(plan: StatePlan, { ids }: LogPlan, column: number): string { return `id ${shapeOfDimension(plan, ids[column]?.dimension ?? -1)}`; }
export function shapeOfNumber({ numbers }: LogPlan, column: number): string { return `number ${shapeOf(numbers[column]?.expr)}`; }

/** Undefined: it asks for nothing but the type. */
export function shapeOfPredicate(plan: StatePlan, log: LogPlan, { where, condition, known }: PredicatePlan): string | undefined {
  if (where === undefined && condition === undefined && known === undefined) return undefined;
  const value = known === undefined ? '' : known.kind === 'id' ? shapeOfId(plan, log, known.column) : shapeOfNumber(log, known.column);
  return `where ${shapeOf([where, condition])} ${value}`;
}

function nameOf(plan: StatePlan, { kind, stream: index, span, bit, column, columnKind }: AccumulatorPlan): string {
  const stream = plan.streams[index] as StreamPlan;
  const log = plan.logs[stream.log] as LogPlan;
  const key = plan.dimensions[stream.dimension];
  const by = key?.kind === 'fields' ? key.slots.map((slot) => plan.slots[slot]?.name).join(', ') : '';
  const value = columnKind === 'none' ? '' : ` of ${columnKind === 'number' ? (log.numbers[column]?.expr.text ?? '') : idText(plan, log.ids[column]?.dimension ?? -1)}`;
  const predicate = bit < 0 ? undefined : log.predicates[bit];
  const where = [predicate?.where?.text, predicate?.condition === undefined ? undefined : `${predicate.condition.wanted ? '' : 'not '}${predicate.condition.expr.text}`].filter((text) => text !== undefined).join(' and ');
  return `${kind}${value} over ${stream.types.map((type) => plan.types[type]).join(', ')} by ${by}, ${spanText(span)}${where === '' ? '' : `, where ${where}`}`;
}

function idText(plan: StatePlan, dimension: number): string {
  const one = plan.dimensions[dimension];
  return one === undefined ? '' : one.kind === 'value' ? one.expr.text : one.slots.map((slot) => plan.slots[slot]?.name).join(', ');
}

function spanText(span: WindowSpan): string {
  switch (span.kind) {
    case 'last': case 'before': return `${span.kind} ${span.ms} ms`;
    case 'between': return `between ${span.fromMs} and ${span.toMs} ms`;
    case 'since': return `since ${span.unit}`;
    case 'lastEvents': return `last ${span.count} events`;
    case 'rule': return 'its own window';
  }
}

function nameOfRule(id: string): string { return `rule ${id}`; }
function distinct(names: readonly string[]): readonly string[] { return [...new Set(names)].sort(); }
