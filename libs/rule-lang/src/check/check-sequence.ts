import { formatSpanMs } from '../schema/time-span.js';
import { spanOf } from '../source/source-text.js';
import { entryOf } from '../source/yaml-shape.js';
import { checkExpression } from './check-expression.js';
import type { RuleContext } from './rule-context.js';
import type { SequenceHead, StepNode } from './read-sequence.js';
import type { TypedBody, TypedExpr, TypedStep } from './typed-rule.js';

/** Types the conditions of a sequence whose shape was read by `readSequence`, and checks the steps against each other. */
export function checkSequence(context: RuleContext, head: SequenceHead): TypedBody | undefined {
  const steps = head.steps.map((step, index) => checkStep(context, step, index));
  checkOrder(context, head);
  return context.found.hasErrors ? undefined : { kind: 'sequence', steps, afterMatch: head.afterMatch, ...(head.withinMs === undefined ? {} : { withinMs: head.withinMs }) };
}

function checkStep(context: RuleContext, step: StepNode, index: number): TypedStep {
  const where = condition(context, step, index, 'where');
  const until = condition(context, step, index, 'until');
  return {
    name: step.name, contiguity: step.contiguity, on: step.on, times: step.times,
    optional: step.optional, greedy: step.greedy, inner: step.inner,
    ...(where === undefined ? {} : { where }), ...(until === undefined ? {} : { until }), ...(step.withinMs === undefined ? {} : { withinMs: step.withinMs }),
    span: spanOf(context.source, step.node),
  };
}

/** `where` looks at the step's candidates; `until`, as in Flink, at every event that the sequence sees. */
function condition(context: RuleContext, step: StepNode, index: number, key: 'where' | 'until'): TypedExpr | undefined {
  const entry = entryOf(step.node, key);
  if (entry === undefined || entry.value.kind === 'refused') return undefined;
  if (entry.value.kind !== 'scalar') {
    context.found.error('wrong-shape', entry.value, `\`${key}\` is an expression, and this is a ${entry.value.kind === 'map' ? 'map' : 'list'} of YAML`, { hint: 'put the expression in quotes or a block scalar (`|-`)' });
    return undefined;
  }
  return checkExpression(context, entry.value, { kind: 'event', types: key === 'where' ? step.on : context.on, step: index }, `\`${key}\``, 'bool');
}

/** What Flink CEP refuses of a pattern, and what could never match or end. */
function checkOrder(context: RuleContext, head: SequenceHead): void {
  const { found } = context;
  const { steps } = head;
  const [first] = steps;
  const last = steps.at(-1);
  if (first === undefined || last === undefined) return;
  steps.forEach((step, index) => {
    const before = steps[index - 1];
    if (index === 0 && step.isNegative) found.error('negative-first', step.contiguityPlace, 'a sequence cannot begin with a negative step', { hint: 'the first step is `begin`' });
    else if ((index === 0) !== (step.contiguity === 'begin')) found.error('begin-misplaced', step.contiguityPlace, index === 0 ? `the first step is \`begin\`, not \`${step.contiguity}\`` : 'only the first step is `begin`', { hint: index === 0 ? undefined : 'this one is `next`, `followedBy` or `followedByAny`', fix: index === 0 ? 'begin' : undefined });
    if (step.isNegative && before?.optional === true) found.error('negative-after-optional', step.contiguityPlace, 'a negative step cannot come right after an optional one', { hint: 'make two rules: one with the optional step, one without it' });
    if (step.optional && before?.greedy === true) found.error('optional-after-greedy', step.contiguityPlace, 'an optional step cannot come right after a greedy one');
  });
  if (last.contiguity === 'notNext') found.error('not-next-last', last.contiguityPlace, '`notNext` cannot be the last step', { hint: 'an absence at the end is `notFollowedBy` with `within`' });
  if (last.contiguity === 'notFollowedBy') checkAbsence(context, head, last);
  if (head.withinPlace === undefined && mayTakeSeveral(steps)) found.error('within-missing', head.place, 'the sequence has no `within`, so it could wait for ever', { hint: 'say how far first and last event may be apart: `within: 30m`' });
}

function checkAbsence(context: RuleContext, head: SequenceHead, last: StepNode): void {
  if (entryOf(last.node, 'within') === undefined && head.withinPlace === undefined) {
    context.found.error('absence-without-within', last.contiguityPlace, 'nothing says how long the absence of `' + last.name + '` must last', { hint: 'give the step or the sequence a `within`' });
  }
  const before = head.steps.filter(({ isNegative }) => !isNegative).at(-1);
  if (before?.times.to === null && !before.isTimesRefused) {
    context.found.error('absence-after-open-times', last.contiguityPlace, `\`${before.name}\` has no greatest number of events, so the absence after it could begin at each of them`, { hint: `say how many: \`times: ${before.times.from}\`` });
  }
}

/** Several events, as far as can be told: a step whose `times` was refused may be meant to take one. */
function mayTakeSeveral(steps: readonly StepNode[]): boolean {
  const positive = steps.filter(({ isNegative }) => !isNegative);
  const [only] = positive;
  return positive.length !== 1 || (only?.times.to !== 1 && only?.isTimesRefused !== true);
}

/** A span of a YAML key is not longer than what the log keeps. */
export function tellLongSpan(context: Pick<RuleContext, 'found' | 'retentionMs'>, place: { readonly start: number; readonly end: number }, ms: number, key: string): boolean {
  if (ms <= context.retentionMs) return true;
  context.found.error('window-too-long', place, `\`${key}\` is longer than the ${formatSpanMs(context.retentionMs)} that the log keeps`, { hint: 'shorten it, or lengthen the retention of the pipeline' });
  return false;
}
