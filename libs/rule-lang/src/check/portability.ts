import { expressionsOf } from './rule-meaning.js';
import type { PortabilityClass, TypedBody, TypedExpr, TypedLet, TypedStep, WindowAggregate } from './typed-rule.js';
import { walkTyped } from './walk-typed.js';

/**
 * Whether a rule gives the same alerts on Flink (E) or runs embedded only (R), with a reason for each construct that is R.
 * The classes of constructs are those of rule-language §10; what that page does not name is R until shown equal.
 */
export function portabilityOf(lets: readonly TypedLet[], body: TypedBody): PortabilityClass {
  const reasons = new Set<string>();
  for (const expr of expressionsOf(lets, body)) walkTyped(expr, (part) => { for (const reason of reasonsOf(part)) reasons.add(reason); });
  if (body.kind === 'window' && body.window.kind === 'session') reasons.add('session windows: where Flink parts two sessions depends on its watermarks');
  if (body.kind === 'sequence') for (const reason of sequenceReasons(body, lets)) reasons.add(reason);
  return { class: reasons.size === 0 ? 'E' : 'R', reasons: [...reasons] };
}

function reasonsOf(expr: TypedExpr): readonly string[] {
  if (expr.kind === 'window') return windowReasons(expr);
  if (expr.kind === 'call' && expr.fn === 'matches') return ['`matches`: Flink\'s regular expressions are not RE2'];
  if (expr.kind === 'call' && expr.fn === 'double' && expr.args[0]?.type === 'string') return ['`double()` of a text: Flink reads other texts as numbers'];
  if (expr.kind === 'model') return ['`model()`: the score is looked up by the embedded engine'];
  if (expr.kind === 'stepAggregate' && expr.argument?.type === 'double') return ['sums of doubles: Flink rounds in order of arrival'];
  return [];
}

function windowReasons({ source, fn, argument }: WindowAggregate): readonly string[] {
  const reasons: string[] = [];
  const { span } = source;
  if (fn === 'first' || fn === 'latest') reasons.push(`\`${fn}\`: Flink has no such aggregate over a time range`);
  if (span.kind === 'lastEvents') reasons.push('`lastEvents`: Flink\'s row windows do not order events of one millisecond by arrival');
  if (source.key.some(({ counted, triggering }) => counted !== triggering)) reasons.push('`by(x == y)`: the window joins two roles of a key');
  if ((span.kind === 'before' || span.kind === 'between') && (fn === 'distinct' || fn === 'min' || fn === 'max')) reasons.push(`\`${span.kind}\` with \`${fn}\`: the excluded events cannot be taken off again; \`last\` can be used`);
  if (span.kind === 'since' && span.zone !== 'UTC') reasons.push('`since` in another zone than UTC');
  if ((fn === 'sum' || fn === 'avg' || fn === 'stddev') && argument?.type === 'double') reasons.push('sums of doubles: Flink rounds in order of arrival');
  return reasons;
}

function sequenceReasons(body: Extract<TypedBody, { kind: 'sequence' }>, lets: readonly TypedLet[]): readonly string[] {
  const reasons: string[] = [];
  const { afterMatch, steps } = body;
  if (afterMatch.kind === 'noSkip' || 'step' in afterMatch) reasons.push(`\`afterMatch: ${afterMatch.kind}\``);
  const positive = steps.filter(({ contiguity }) => contiguity !== 'notNext' && contiguity !== 'notFollowedBy');
  for (const step of steps) {
    if (step.contiguity === 'followedByAny' || step.contiguity === 'notNext') reasons.push(`\`${step.contiguity}\` (step \`${step.name}\`)`);
    if (step.inner === 'combinations') reasons.push(`\`allowCombinations\` (step \`${step.name}\`)`);
    if (step.optional) reasons.push(`an optional step (\`${step.name}\`)`);
    if (step.greedy) reasons.push(`a greedy step (\`${step.name}\`)`);
    if (step.until !== undefined) reasons.push(`\`until\` (step \`${step.name}\`)`);
    if (step.withinMs !== undefined && step.contiguity !== 'notFollowedBy') reasons.push(`\`within\` on a step (\`${step.name}\`)`);
  }
  positive.forEach((step, index) => {
    if (isFixed(step)) return;
    if (index > 0) reasons.push(`ranged or open \`times\` in a later step (\`${step.name}\`): one start may end several times`);
    else if (refersTo(step.name, lets, body)) reasons.push(`a condition on the step \`${step.name}\`, which has ranged or open \`times\``);
  });
  const last = positive.at(-1);
  if (last !== undefined && isFixed(last) && last.times.from > 1) reasons.push(`several events in the last step (\`${last.name}\`)`);
  const end = steps.at(-1);
  if (end?.contiguity === 'notFollowedBy' && end.withinMs === undefined && positive.length > 1) reasons.push('an absence at the end after several steps without a `within` of its own');
  return reasons;
}

function isFixed({ times }: TypedStep): boolean {
  return times.from === times.to;
}

function refersTo(step: string, lets: readonly TypedLet[], body: TypedBody): boolean {
  let refers = false;
  for (const expr of expressionsOf(lets, body)) walkTyped(expr, (part) => { if ((part.kind === 'step' || part.kind === 'stepAggregate') && part.step === step) refers = true; });
  return refers;
}
