import fc from 'fast-check';
import { arbExpression } from './arbitrary-expression.js';
import type { WorkloadType } from './workload-schema.js';

/** Types of the rules' events: few, so that steps fit often. */
const typeSets: readonly (readonly WorkloadType[])[] = [['payment'], ['payment'], ['payment', 'transfer'], ['payment', 'transfer', 'label']];
const withins = ['1s', '5s', '10s', '10001ms', '1m', '5m'] as const;

interface StepDraft {
  readonly kind: 'begin' | 'next' | 'followedBy' | 'followedByAny' | 'notNext' | 'notFollowedBy';
  readonly types: readonly WorkloadType[];
  readonly hasOn: boolean;
  readonly times: string;
  readonly optional: boolean;
  readonly greedy: boolean;
  readonly inner: '' | 'consecutive' | 'allowCombinations';
  readonly within: string | undefined;
  readonly condition: string | undefined;
  readonly until: string | undefined;
  /** Choice of what is asked of an earlier step. */
  readonly earlier: number;
  readonly asks: boolean;
}

/** True for about every second event, so that sequences come to an end. */
const simple = ['amount > 1', 'amount <= 1', 'amount > 0.2', 'tries >= 1', 'tries < 2', 'declined', '!declined', 'merchant == "m1"', 'device == "d1"', 'has(device)', 'type == "payment"', 'amount == previous.amount'] as const;
const fieldsOfType: Readonly<Record<WorkloadType, readonly string[]>> = { payment: ['amount', 'tries', 'declined', 'merchant', 'device'], transfer: ['amount', 'tries', 'device'], label: ['amount', 'merchant'] };
const windows = (types: string): readonly string[] => [`of(${types}).last("5s").count() >= 2`, `of(${types}).before("10s").sum(amount) > 1`, `of(${types}).last("10s").distinct(id) < 3`, `of(${types}).lastEvents(2).avg(amount) > 0.3`];

/** Conditions whose names are fields of the types. */
function conditions(types: readonly WorkloadType[], rule: readonly WorkloadType[]): fc.Arbitrary<string> {
  const known = new Set(types.flatMap((type) => fieldsOfType[type]));
  const names = ['tries', 'declined', 'merchant', 'device'];
  const fitting = simple.filter((text) => names.every((name) => !text.includes(name) || known.has(name)));
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...fitting) },
    { weight: 2, arbitrary: fc.constantFrom(...windows(rule.join(', '))) },
    { weight: 1, arbitrary: arbExpression('bool', { types, rule: { on: rule, by: [], lets: [], hasLists: true } }, 2) },
    { weight: 1, arbitrary: fc.constantFrom('let_bool', 'let_count > 1') },
  );
}

const arbTimes = fc.constantFrom('1', '1', '1', '1', '2', '1..2', '2..3', '1..', '2..');

function arbStep(index: number, isLast: boolean, on: readonly WorkloadType[]): fc.Arbitrary<StepDraft> {
  const kinds = index === 0 ? (['begin'] as const) : isLast ? (['next', 'followedBy', 'followedBy', 'followedByAny', 'notFollowedBy'] as const) : (['next', 'followedBy', 'followedBy', 'followedByAny', 'notNext', 'notFollowedBy'] as const);
  return fc.subarray([...on], { minLength: 1 }).chain((types) => fc.record<StepDraft>({
    kind: fc.constantFrom(...kinds),
    types: fc.constant(types),
    hasOn: fc.constant(types.length < on.length),
    times: arbTimes,
    optional: fc.constantFrom(false, false, false, true),
    greedy: fc.constantFrom(false, false, true),
    inner: fc.constantFrom('', '', 'consecutive', 'allowCombinations'),
    within: fc.option(fc.constantFrom('1s', '5s', '10s', '4999ms'), { freq: 5, nil: undefined }),
    condition: fc.option(conditions(types, on), { freq: 8, nil: undefined }),
    until: fc.option(conditions(on, on), { freq: 2, nil: undefined }),
    earlier: fc.nat(1_000),
    asks: fc.boolean(),
  }));
}

/** Asks something of an earlier step (or of the step itself, so far); undefined when there is nothing to ask. */
function question(steps: readonly StepDraft[], index: number, choice: number): string | undefined {
  const own = steps[index];
  const asked = steps.flatMap((step, at) => (step.kind.startsWith('not') || (at === index && step.times === '1') || at > index ? [] : [`s${at}`]));
  const name = asked[choice % Math.max(1, asked.length)];
  if (name === undefined || own === undefined) return undefined;
  const texts = [`amount >= ${name}.amount`, `amount != ${name}.first.amount`, `${name}.count() >= 2`, `${name}.count() < 3`, `amount * 2 > ${name}.sum(amount)`, `amount >= ${name}.avg(amount)`, `${name}.max(amount) > ${name}.min(amount)`, `ts - ${name}.first.ts < duration("5s")`, `has(${name}.amount) && ${name}.ts < ts`, `${name}.id != id`, `${name}.amount.orValue(1) > 0.1`, `${name}.sum(amount + 1) > 3`];
  return texts[Math.floor(choice / 7) % texts.length];
}

/**
 * The text of a sequence rule over the generated schema: every contiguity, times, flag and `afterMatch`. What the checker
 * refuses by its shape is made fit, so that only chance (see `chanceRefusals`) refuses a rule.
 */
export function arbSequenceText(id: string): fc.Arbitrary<string> {
  return fc.tuple(fc.constantFrom(...typeSets), fc.integer({ min: 1, max: 4 })).chain(([on, count]) => fc.record({
    steps: fc.tuple(...Array.from({ length: count }, (_, index) => arbStep(index, index === count - 1, on))),
    within: fc.constantFrom(...withins),
    afterMatch: fc.oneof({ weight: 3, arbitrary: fc.constant('eachEnd') }, { weight: 4, arbitrary: fc.constantFrom('noSkip', 'skipToNext', 'skipPastLastEvent', 'skipToFirst', 'skipToLast') }),
    target: fc.nat(10),
    asksOften: fc.boolean(),
    hasReason: fc.boolean(),
  }).map(({ steps, within, afterMatch, target, asksOften, hasReason }) => {
    const fitted = fit(steps);
    const positive = fitted.flatMap(({ kind }, index) => (kind.startsWith('not') ? [] : [`s${index}`]));
    const named = positive[target % positive.length] ?? 's0';
    const after = afterMatch.startsWith('skipTo') && afterMatch !== 'skipToNext' ? `{ ${afterMatch}: ${named} }` : afterMatch;
    const types = on.join(', ');
    return [
      `rule: ${id}`,
      `title: Generated sequence ${id}`,
      'description: Made by a generator to compare two engines.',
      'owner: tests',
      `"on": ${on.length === 1 ? types : `[${types}]`}`,
      'by: acct',
      'severity: medium',
      'score: 10',
      'action: review',
      ...(hasReason ? [`reason: ${JSON.stringify(`{acct} {let_count}: ${positive.map((name) => `{${name}.count} to {${name}.amount}`).join(', ')}`)}`] : []),
      'let:',
      `  let_count: of(${types}).last("5s").count()`,
      '  let_bool: let_count > 1',
      'sequence:',
      `  within: ${within}`,
      ...(after === 'eachEnd' ? [] : [`  afterMatch: ${after}`]),
      '  steps:',
      ...fitted.flatMap((step, index) => stepLines(step, index, fitted, asksOften)),
      '',
    ].join('\n');
  }));
}

/** The same steps without what the checker refuses of their order. */
function fit(steps: readonly StepDraft[]): readonly StepDraft[] {
  const fitted: StepDraft[] = [];
  steps.forEach((draft, index) => {
    const before = fitted[index - 1];
    const isLast = index === steps.length - 1;
    let step = draft;
    if (step.kind.startsWith('not')) {
      if (before?.optional === true) fitted[index - 1] = { ...before, optional: false };
      if (isLast && step.kind === 'notFollowedBy') {
        const taking = fitted.findLastIndex(({ kind }) => !kind.startsWith('not'));
        const last = fitted[taking];
        if (last?.times.endsWith('..') === true) fitted[taking] = { ...last, times: '2' };
      }
      step = { ...step, times: '1', optional: false, within: isLast ? step.within : undefined };
    } else if (step.optional && before?.greedy === true && before.times !== '1' && before.inner !== 'allowCombinations') step = { ...step, optional: false };
    fitted.push(step);
  });
  return fitted;
}

function stepLines(step: StepDraft, index: number, steps: readonly StepDraft[], asksOften: boolean): readonly string[] {
  const isLoop = step.times !== '1';
  const asked = asksOften && step.asks ? question(steps, index, step.earlier) : undefined;
  const where = asked === undefined ? step.condition : step.condition === undefined || step.earlier % 3 === 0 ? asked : `(${step.condition}) && ${asked}`;
  const until = step.times.endsWith('..') && step.until !== undefined ? step.until : undefined;
  return [
    `    - ${step.kind}: s${index}`,
    ...(step.hasOn ? [`      "on": [${step.types.join(', ')}]`] : []),
    ...(where === undefined ? [] : [`      where: |-\n        ${where}`]),
    ...(isLoop ? [`      times: ${step.times}`] : []),
    ...(step.optional && !step.kind.startsWith('not') ? ['      optional: true'] : []),
    ...(isLoop && step.greedy && step.inner !== 'allowCombinations' ? ['      greedy: true'] : []),
    ...(isLoop && step.inner !== '' ? [`      ${step.inner}: true`] : []),
    ...(step.within === undefined ? [] : [`      within: ${step.within}`]),
    ...(until === undefined ? [] : [`      until: |-\n        ${until}`]),
  ];
}
