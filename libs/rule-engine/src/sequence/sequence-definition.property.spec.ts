import { describe, expect, it } from '@jest/globals';
import type { Alert, LogEvent } from '@weir/contracts';
import fc from 'fast-check';
import { createEngine } from '../engine-embedded.js';
import { createInterpreter } from '../interpret/interpreter.js';
import type { MakeEngine } from '../rule-test/run-rule-tests.js';
import { definitionOf, ruleOf, testStart } from '../testing/play-rule.js';
import { playAll } from '../testing/same-alerts.js';
import { bestOf, matchesByDefinition } from '../testing/sequence-by-definition.js';
import type { PlainMatch, PlainSequence, PlainStep } from '../testing/sequence-by-definition.js';

const runs = Number(process.env['WEIR_PROPERTY_RUNS'] ?? 300);
const outOfOrderness = 4_000;

/** Words of the case that the definition leaves to Flink, or that the checker refuses, are not drawn: see `fit`. */
const arbStep = (index: number, isLast: boolean): fc.Arbitrary<PlainStep> => fc.record({
  kind: index === 0 ? fc.constant('begin' as const) : isLast ? fc.constantFrom('next', 'followedBy', 'followedBy', 'followedByAny', 'notFollowedBy') : fc.constantFrom('next', 'followedBy', 'followedBy', 'followedByAny', 'notNext', 'notFollowedBy'),
  letters: fc.constantFrom('a', 'b', 'c', 'ab', 'bc', 'abc'),
  asks: fc.option(fc.record({ what: fc.constantFrom('more-than-last', 'more-than-first', 'at-least-two', 'at-most-one'), step: fc.nat(3) }), { freq: 1, nil: undefined }),
  times: fc.constantFrom([1, 1], [1, 1], [1, 1], [2, 2], [1, 2], [2, 3], [1, null], [2, null]),
  optional: fc.constantFrom(false, false, false, true),
  greedy: fc.constantFrom(false, false, true),
  inner: fc.constantFrom('relaxed', 'relaxed', 'strict', 'combinations'),
  withinMs: fc.option(fc.constantFrom(1_000, 2_000, 3_000), { freq: 4, nil: undefined }),
  until: fc.option(fc.constantFrom('a', 'b', 'c'), { freq: 3, nil: undefined }),
}).map(({ times: [from, to], ...step }) => ({ ...step, from: from ?? 1, to: to === undefined ? 1 : to }));

function fit(steps: readonly PlainStep[], asks: boolean): readonly PlainStep[] {
  const fitted: PlainStep[] = [];
  steps.forEach((draft, index) => {
    const before = fitted[index - 1];
    let step = draft;
    const isNegative = step.kind.startsWith('not');
    if (isNegative) {
      if (before?.optional === true) fitted[index - 1] = { ...before, optional: false };
    }
    if (step.kind.startsWith('not')) {
      const taking = fitted.findLastIndex(({ kind }) => !kind.startsWith('not'));
      const last = fitted[taking];
      const isAbsence = index === steps.length - 1;
      if (isAbsence && last?.to === null) fitted[taking] = { ...last, from: 2, to: 2, greedy: false, until: undefined };
      step = { ...step, from: 1, to: 1, optional: false, greedy: false, inner: 'relaxed', until: undefined, withinMs: isAbsence ? step.withinMs : undefined };
    } else {
      if (step.from === 1 && step.to === 1) step = { ...step, greedy: false, inner: 'relaxed' };
      if (step.to !== null) step = { ...step, until: undefined };
      if (step.inner === 'combinations' || step.until !== undefined || step.from === step.to) step = { ...step, greedy: false };
      // What notNext asks of an event that never comes, or a greedy step of one that may be left out, is Flink's to define.
      if (fitted.findLast(({ kind }) => !kind.startsWith('not'))?.greedy === true) step = { ...step, optional: false };
      if (fitted.slice(fitted.findLastIndex(({ kind }) => !kind.startsWith('not')) + 1).some(({ kind }) => kind === 'notNext')) step = { ...step, optional: false };
    }
    fitted.push({ ...step, asks: undefined });
  });
  if (!asks) return fitted;
  return fitted.map((step, index) => {
    const asked = steps[index]?.asks;
    const target = fitted[asked?.step ?? -1];
    const isOwn = asked?.step === index;
    if (asked === undefined || target === undefined || asked.step > index || target.kind.startsWith('not') || (isOwn && target.from === 1 && target.to === 1)) return step;
    return { ...step, asks: asked };
  });
}

const arbSequence = (asks: boolean): fc.Arbitrary<PlainSequence> => fc.integer({ min: 1, max: 4 }).chain((count) => fc.record({
  steps: fc.tuple(...Array.from({ length: count }, (_, index) => arbStep(index, index === count - 1))).map((steps) => fit(steps, asks)),
  withinMs: fc.constantFrom(2_000, 4_000, 6_000, 20_000),
}));

const arbEvents: fc.Arbitrary<readonly LogEvent[]> = fc.array(fc.record({ letter: fc.constantFrom('a', 'b', 'c'), gap: fc.constantFrom(0, 0, 500, 1_000, 1_000, 2_000), back: fc.constantFrom(0, 0, 0, 0, 500, 2_000), amount: fc.integer({ min: 1, max: 4 }) }), { minLength: 1, maxLength: 9, size: 'max' })
  .map((drafts) => {
    let newest = testStart;
    return drafts.map(({ letter, gap, back, amount }, index): LogEvent => {
      const ts = back > 0 ? newest - back : newest + gap;
      newest = Math.max(newest, ts);
      return { kind: 'event', seq: index + 1, ts, id: `e${index}`, type: 'payment', fields: { acct: 'k', merchant: letter, amount: String(amount) } };
    });
  });

function ruleLines({ steps, withinMs }: PlainSequence, afterMatch: string): string {
  const lines = steps.flatMap((step, index) => {
    const name = step.asks === undefined ? '' : `s${step.asks.step}`;
    const asked = step.asks === undefined ? [] : [{ 'more-than-last': `amount > ${name}.amount`, 'more-than-first': `amount > ${name}.first.amount`, 'at-least-two': `${name}.count() >= 2`, 'at-most-one': `${name}.count() <= 1` }[step.asks.what]];
    const letters = [...step.letters].map((letter) => JSON.stringify(letter)).join(', ');
    return [
      `    - ${step.kind}: s${index}`,
      `      where: |-\n        ${[`merchant in [${letters}]`, ...asked].join(' && ')}`,
      ...(step.from === 1 && step.to === 1 ? [] : [`      times: ${step.to === null ? `${step.from}..` : step.from === step.to ? step.from : `${step.from}..${step.to}`}`]),
      ...(step.optional ? ['      optional: true'] : []),
      ...(step.greedy ? ['      greedy: true'] : []),
      ...(step.inner === 'relaxed' ? [] : [`      ${step.inner === 'strict' ? 'consecutive' : 'allowCombinations'}: true`]),
      ...(step.withinMs === undefined ? [] : [`      within: ${step.withinMs}ms`]),
      ...(step.until === undefined ? [] : [`      until: |-\n        merchant == ${JSON.stringify(step.until)}`]),
    ];
  });
  return ['sequence:', `  within: ${withinMs}ms`, `  afterMatch: ${afterMatch}`, '  steps:', ...lines].join('\n');
}

const printTaken = (taken: PlainMatch['taken'], instant: number | undefined): string => `${taken.map(({ step, event }) => `${step}:${event.id}`).join(' ')}${instant === undefined ? '' : ` @${instant - testStart}`}`;
function printAlert(alert: Alert): string {
  const steps = alert.explanation?.steps ?? [];
  return `${steps.flatMap((step, index) => step.events.map((event) => `${index}:${event.id}`)).join(' ')}${alert.ts === alert.trigger?.ts && steps.at(-1)?.contiguity !== 'notFollowedBy' ? '' : ` @${alert.ts - testStart}`}`;
}

/** What the definition says the alerts are. */
function expected(sequence: PlainSequence, events: readonly LogEvent[], afterMatch: string): readonly string[] {
  const all = matchesByDefinition(sequence, events);
  const hasAbsence = sequence.steps.at(-1)?.kind === 'notFollowedBy';
  const isMatch = (match: PlainMatch | undefined): match is PlainMatch => match !== undefined && (!hasAbsence || match.instant !== undefined);
  const ends = [...new Set(all.map(({ taken }) => taken.at(-1)?.event))];
  const chosen = afterMatch === 'noSkip' ? all.filter(isMatch) : ends.map((end) => bestOf(all.filter(({ taken }) => taken.at(-1)?.event === end))).filter(isMatch);
  return chosen.map(({ taken, instant }) => printTaken(taken, instant)).sort();
}

/** Alerts whose ids are of the same events are one: which steps took them is then told of one of the matches. */
const byEvents = (texts: readonly string[]): readonly string[] => [...new Set(texts.map((text) => text.replaceAll(/\d+:/g, '')))].sort();

function compare(make: MakeEngine, sequence: PlainSequence, events: readonly LogEvent[], afterMatch: 'eachEnd' | 'noSkip', evaluation: 'arrival' | 'watermark'): { readonly found: readonly string[]; readonly wanted: readonly string[] } {
  const rule = ruleOf(ruleLines(sequence, afterMatch));
  const alerts = playAll(make(definitionOf([rule], { evaluation, maxOutOfOrdernessMs: outOfOrderness })), events);
  const order = evaluation === 'arrival' ? events : [...events].sort((a, b) => a.ts - b.ts || a.seq - b.seq);
  const wanted = expected(sequence, order, afterMatch);
  const found = alerts.map(printAlert).sort();
  return afterMatch === 'eachEnd' ? { found, wanted } : { found: byEvents(found), wanted: byEvents(wanted) };
}

describe('sequences are what their definition says', () => {
  for (const afterMatch of ['eachEnd', 'noSkip'] as const) {
    for (const evaluation of ['arrival', 'watermark'] as const) {
      for (const asks of [false, true]) {
        it(`${afterMatch}, ${evaluation}, ${asks ? 'conditions on earlier steps' : 'conditions on the event alone'}`, () => {
          fc.assert(fc.property(arbSequence(asks), arbEvents, (sequence, events) => {
            const { found, wanted } = compare(createInterpreter, sequence, events, afterMatch, evaluation);
            expect(found).toEqual(wanted);
          }), { numRuns: runs });
        });
      }
    }
  }
  it('in the embedded engine too', () => {
    fc.assert(fc.property(arbSequence(true), arbEvents, fc.constantFrom('eachEnd', 'noSkip'), fc.constantFrom('arrival', 'watermark'), (sequence, events, afterMatch, evaluation) => {
      const { found, wanted } = compare(createEngine, sequence, events, afterMatch, evaluation);
      expect(found).toEqual(wanted);
    }), { numRuns: runs });
  });
});
