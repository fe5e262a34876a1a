import { describe, expect, it } from '@jest/globals';
import type { LogEvent } from '@weir/contracts';
import fc from 'fast-check';
import { judgedProgram } from '../testing/judged-program.js';
import type { EventAtHand } from '../testing/judged-program.js';
import { testStart } from '../testing/play-rule.js';
import { KeyMatcher } from './key-matcher.js';
import type { CompleteMatch, MatcherContext } from './key-matcher.js';
import { freshSlot } from './keyed-matches.js';
import { LatestMatches } from './latest-matches.js';
import { chainOf } from './open-match.js';
import type { OpenMatch } from './open-match.js';
import type { SequenceProgram } from './sequence-program.js';

const runs = Number(process.env['WEIR_PROPERTY_RUNS'] ?? 300);
const outOfOrderness = 3_000;

const arbStep = fc.record({
  kind: fc.constantFrom('next', 'followedBy', 'followedBy', 'followedByAny', 'notNext', 'notFollowedBy'),
  letters: fc.constantFrom('a', 'b', 'c', 'ab', 'bc', 'abc'),
  times: fc.constantFrom('1', '1', '2', '1..2', '2..3', '1..', '2..'),
  optional: fc.constantFrom(false, false, true),
  greedy: fc.boolean(),
  inner: fc.constantFrom('', '', 'consecutive', 'allowCombinations'),
  within: fc.constantFrom(undefined, undefined, 1_000, 2_500),
});
type Step = typeof arbStep extends fc.Arbitrary<infer T> ? T : never;

function ruleLines(steps: readonly Step[], withinMs: number): string {
  const lines = steps.flatMap((step, index) => {
    const isNegative = index > 0 && step.kind.startsWith('not');
    const isLoop = step.times !== '1' && !isNegative;
    const isLast = index === steps.length - 1;
    return [
      `    - ${index === 0 ? 'begin' : step.kind}: s${index}`,
      `      where: |-\n        merchant in [${[...step.letters].map((letter) => JSON.stringify(letter)).join(', ')}]`,
      ...(isLoop ? [`      times: ${step.times}`] : []),
      ...(step.optional && !isNegative ? ['      optional: true'] : []),
      ...(isLoop && step.greedy && step.inner !== 'allowCombinations' ? ['      greedy: true'] : []),
      ...(isLoop && step.inner !== '' ? [`      ${step.inner}: true`] : []),
      ...(step.within !== undefined && (!isNegative || isLast) ? [`      within: ${step.within}ms`] : []),
    ];
  });
  return ['sequence:', `  within: ${withinMs}ms`, '  steps:', ...lines].join('\n');
}

const arbEvents = fc.array(fc.record({ merchant: fc.constantFrom('a', 'b', 'c', 'd'), gap: fc.constantFrom(0, 0, 500, 1_000, 2_000), back: fc.constantFrom(0, 0, 0, 500, 2_000) }), { minLength: 1, maxLength: 30, size: 'max' }).map((drafts) => {
  let newest = testStart;
  return drafts.map(({ merchant, gap, back }, index): LogEvent => {
    const ts = back > 0 ? newest - back : newest + gap;
    newest = Math.max(newest, ts);
    return { kind: 'event', seq: index + 1, ts, id: `e${index}`, type: 'payment', fields: { acct: 'k', merchant } };
  });
});

/** Undefined when the checker refuses the rule. */
function programOf(lines: string, at: EventAtHand): SequenceProgram | undefined {
  try {
    return judgedProgram(lines, at);
  } catch {
    return undefined;
  }
}

const print = ({ last, instant }: CompleteMatch<string>): string => `${chainOf(last).map(({ step, event }) => `${step}:${event.id}`).join(' ')} @${instant ?? ''}`;

/** The matches of one key. */
type Matches = Pick<KeyMatcher<string>, 'process' | 'expire' | 'nextDeadline' | 'openMatches' | 'isEmpty'>;

function latest(context: MatcherContext<string>, open: readonly OpenMatch<string>[] = []): Matches {
  const matches = new LatestMatches(context);
  matches.restore(freshSlot, open, []);
  return {
    process: (event, earliest) => matches.process(freshSlot, event, earliest),
    expire: (instant) => matches.expire(freshSlot, instant),
    nextDeadline: () => matches.nextDeadline(freshSlot),
    get openMatches() { return matches.openMatches(freshSlot); },
    get isEmpty() { return matches.sizeOf(freshSlot) === 0; },
  };
}

/** All that a matcher reports, in order: before each event what time ends. @param restart the matcher to go on with instead, now and then. */
function play(matcher: Matches, events: readonly LogEvent[], at: EventAtHand, evaluation: 'arrival' | 'watermark', restart?: (matcher: Matches) => Matches): readonly string[] {
  const found: string[] = [];
  let current = matcher;
  let watermark = -Infinity;
  const advance = (until: number): void => {
    for (let due = current.nextDeadline(); due <= until; due = current.nextDeadline()) found.push(...current.expire(due).map((match) => `${print(match)} told ${match.told}`));
  };
  const ordered = evaluation === 'arrival' ? events : [...events].sort((a, b) => a.ts - b.ts || a.seq - b.seq);
  for (const event of ordered) {
    watermark = evaluation === 'arrival' ? Math.max(watermark, event.ts - outOfOrderness - 1) : event.ts - 1;
    advance(watermark + 1);
    at.event = event;
    found.push(...current.process(event, evaluation === 'arrival' ? watermark + 1 : Infinity).map((match) => `${print(match)} told ${match.told}`), '|');
    if (restart !== undefined && event.seq % 5 === 0) current = restart(current);
  }
  advance(Number.MAX_VALUE);
  expect(current.isEmpty).toBe(true);
  return found;
}

describe('where the latest start decides', () => {
  for (const evaluation of ['arrival', 'watermark'] as const) {
    it(`the smaller form of a key's matches gives what the plain one gives (${evaluation})`, () => {
      let reported = 0;
      fc.assert(fc.property(fc.array(arbStep, { minLength: 1, maxLength: 4 }), fc.constantFrom(1_500, 3_000, 6_000, 60_000), arbEvents, (steps, withinMs, events) => {
        const at: EventAtHand = {};
        const program = programOf(ruleLines(steps, withinMs), at);
        if (program === undefined) return;
        expect(program.latestStartDecides).toBe(true);
        const context = { program, tell: (last: { readonly event: LogEvent }, instant: number | undefined) => `${last.event.id} ${instant ?? ''}`, maxOpen: Infinity };
        const wanted = play(new KeyMatcher(context), events, at, evaluation);
        expect(play(latest(context), events, at, evaluation)).toEqual(wanted);
        expect(play(latest(context), events, at, evaluation, ({ openMatches }) => latest(context, openMatches))).toEqual(wanted);
        reported += wanted.filter((text) => text !== '|').length;
      }), { numRuns: runs });
      expect(reported).toBeGreaterThan(runs / 2);
    });
  }

  it('matches that a later one makes superfluous are not kept', () => {
    const at: EventAtHand = {};
    const program = programOf('sequence:\n  within: 10m\n  steps:\n    - begin: s0\n      where: merchant == "a"\n      times: 3\n    - followedBy: s1\n      where: merchant == "b"', at);
    if (program === undefined) throw new Error('refused');
    const matches = new LatestMatches<string>({ program, tell: () => '', maxOpen: Infinity });
    for (let seq = 1; seq <= 100; seq++) {
      at.event = { kind: 'event', seq, ts: testStart + seq, id: `e${seq}`, type: 'payment', fields: { acct: 'k', merchant: 'a' } };
      matches.process(freshSlot, at.event, at.event.ts);
    }
    expect(matches.sizeOf(freshSlot)).toBe(3);
  });

  it('go on after what is told of one has failed', () => {
    const at: EventAtHand = {};
    const program = programOf('sequence:\n  within: 10m\n  steps:\n    - begin: s0\n      where: merchant == "a"\n    - notFollowedBy: s1\n      where: merchant == "b"', at);
    if (program === undefined) throw new Error('refused');
    let isBroken = false;
    const tell = (): string => {
      if (isBroken) throw new Error('broken');
      return 'told';
    };
    const matches = new LatestMatches<string>({ program, tell, maxOpen: Infinity });
    const offer = (seq: number, merchant: string): unknown => {
      at.event = { kind: 'event', seq, ts: testStart + seq, id: `e${seq}`, type: 'payment', fields: { acct: 'k', merchant } };
      return matches.process(freshSlot, at.event, at.event.ts);
    };
    offer(1, 'a');
    isBroken = true;
    expect(() => offer(2, 'a')).toThrow('broken');
    isBroken = false;
    offer(3, 'c');
    offer(4, 'a');
    expect(matches.expire(freshSlot, testStart + 3_600_000).map(({ last, told }) => [last.event.id, last.length, told])).toEqual([['e1', 1, 'told'], ['e4', 1, 'told']]);
    expect(matches.sizeOf(freshSlot)).toBe(0);
  });
});
