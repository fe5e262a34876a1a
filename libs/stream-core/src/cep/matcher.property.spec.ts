import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compilePattern } from './automaton.js';
import { Matcher, type Match, type MatcherSnapshot } from './matcher.js';
import type { AfterMatchStrategy, InnerContiguity, Pattern, SingleStage, StageContiguity } from './pattern.js';

/** One letter an event; a stage takes one letter. */
interface Letter { readonly letter: string; readonly ts: number; readonly n: number }

interface StageSpec { readonly letter: string; readonly contiguity: 'next' | 'followedBy' | 'followedByAny'; readonly from: number; readonly to: number | null; readonly inner: InnerContiguity; readonly repeated: boolean; readonly optional: boolean }

const toPattern = (specs: readonly StageSpec[], withinMs: number, afterMatch: AfterMatchStrategy): Pattern<Letter> => ({
  withinMs,
  afterMatch,
  stages: specs.map((spec, index): SingleStage<Letter> => ({
    kind: 'stage', name: `s${index}`, contiguity: (index === 0 ? 'begin' : spec.contiguity) satisfies StageContiguity,
    where: ({ letter }) => letter === spec.letter,
    optional: spec.optional && index > 0,
    repetition: spec.repeated ? { from: spec.from, to: spec.to, inner: spec.inner, greedy: false } : undefined,
  })),
});

const arbSpec: fc.Arbitrary<StageSpec> = fc.record({
  letter: fc.constantFrom('a', 'b', 'c'), contiguity: fc.constantFrom('next' as const, 'followedBy' as const, 'followedByAny' as const),
  from: fc.integer({ min: 1, max: 2 }), to: fc.constantFrom(null, 2, 3), inner: fc.constantFrom('relaxed' as const, 'strict' as const, 'combinations' as const), repeated: fc.boolean(), optional: fc.boolean(),
});
const arbEvents = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 0, max: 3 })), { maxLength: 9 }).map((pairs) => {
  let ts = 1;
  return pairs.map(([letter, step], n): Letter => ({ letter, ts: (ts += step), n }));
});

const textOf = ({ stages }: Match<Letter>): string => [...stages].map(([stage, events]) => `${stage}:${events.map(({ n }) => n).join(',')}`).sort().join(' ');

function run(pattern: Pattern<Letter>, events: readonly Letter[], cut = -1): readonly string[] {
  const compiled = compilePattern(pattern);
  if (!compiled.ok) throw new Error(compiled.problems.map(({ message }) => message).join());
  let matcher = new Matcher(compiled.automaton, pattern.afterMatch);
  const found: string[] = [];
  for (const [index, event] of events.entries()) {
    if (index === cut) matcher = Matcher.restore(compiled.automaton, pattern.afterMatch, JSON.parse(JSON.stringify(matcher.snapshot())) as MatcherSnapshot<Letter>);
    found.push(...matcher.advance(event.ts).matches.map(textOf), ...matcher.process(event, event.ts).map(textOf));
  }
  return found;
}

/** By definition: every way to pick events for the stages, checked gap by gap. Written without the automaton. */
function enumerate(specs: readonly StageSpec[], withinMs: number, events: readonly Letter[]): readonly string[] {
  const found = new Set<string>();
  const fits = (spec: StageSpec, i: number) => events[i]?.letter === spec.letter;
  const gapIsFree = (spec: StageSpec, contiguity: string, from: number, to: number): boolean => {
    if (contiguity === 'next') return to === from + 1;
    if (contiguity === 'followedByAny') return true;
    for (let i = from + 1; i < to; i += 1) if (fits(spec, i)) return false;
    return true;
  };
  const innerName = { relaxed: 'followedBy', strict: 'next', combinations: 'followedByAny' } as const;
  const visit = (stage: number, last: number, taken: readonly (readonly [string, number])[]): void => {
    const spec = specs[stage];
    if (spec === undefined) {
      const [first] = taken;
      const end = taken.at(-1);
      if (first === undefined || end === undefined) return;
      if ((events[end[1]]?.ts ?? 0) - (events[first[1]]?.ts ?? 0) >= withinMs) return;
      const stages = new Map<string, number[]>();
      for (const [name, i] of taken) stages.set(name, [...(stages.get(name) ?? []), i]);
      found.add([...stages].map(([name, indices]) => `${name}:${indices.join(',')}`).sort().join(' '));
      return;
    }
    if (spec.optional && stage > 0) visit(stage + 1, last, taken);
    const repeat = (count: number, at: number, path: readonly (readonly [string, number])[]): void => {
      const least = spec.repeated ? spec.from : 1;
      const most = spec.repeated ? spec.to ?? events.length : 1;
      if (count >= least) visit(stage + 1, at, path);
      if (count >= most) return;
      for (let i = at + 1; i < events.length; i += 1) {
        if (!fits(spec, i)) continue;
        const free = count === 0 ? stage === 0 || gapIsFree(spec, spec.contiguity, at, i) : gapIsFree(spec, innerName[spec.inner], at, i);
        if (free) repeat(count + 1, i, [...path, [`s${stage}`, i]]);
      }
    };
    repeat(0, last, taken);
  };
  visit(0, -1, []);
  return [...found].sort();
}

const isValid = (spec: StageSpec) => !spec.repeated || spec.to === null || spec.to >= spec.from;

describe('the matcher', () => {
  it('finds exactly the matches that trying everything finds', () => {
    fc.assert(fc.property(fc.array(arbSpec.filter(isValid), { minLength: 1, maxLength: 3 }), arbEvents, fc.integer({ min: 1, max: 12 }), (specs, events, withinMs) => {
      // Without a skip strategy each match is reported once, but two ways to the same events and stages count once.
      expect([...new Set(run(toPattern(specs, withinMs, { kind: 'noSkip' }), events))].sort()).toEqual(enumerate(specs, withinMs, events));
    }), { numRuns: 1_500 });
  });

  it('finds the same matches in the same order when cut and restored at any point', () => {
    fc.assert(fc.property(fc.array(arbSpec.filter(isValid), { minLength: 1, maxLength: 3 }), arbEvents, fc.constantFrom('noSkip' as const, 'skipToNext' as const, 'skipPastLastEvent' as const), fc.nat(8), (specs, events, kind, cut) => {
      const pattern = toPattern(specs, 8, { kind });
      expect(run(pattern, events, cut)).toEqual(run(pattern, events));
    }), { numRuns: 500 });
  });

  it('holds nothing once every limit has passed', () => {
    fc.assert(fc.property(fc.array(arbSpec.filter(isValid), { minLength: 1, maxLength: 3 }), arbEvents, (specs, events) => {
      const pattern = toPattern(specs, 8, { kind: 'noSkip' });
      const compiled = compilePattern(pattern);
      if (!compiled.ok) throw new Error('the pattern is valid');
      const matcher = new Matcher(compiled.automaton, pattern.afterMatch);
      for (const event of events) {
        matcher.advance(event.ts);
        matcher.process(event, event.ts);
      }
      matcher.advance(1_000);
      expect(matcher.openMatches()).toBe(0);
    }), { numRuns: 200 });
  });
});
