import { describe, expect, it } from '@jest/globals';
import type { LogEvent } from '@weir/contracts';
import fc from 'fast-check';
import { judgedProgram } from '../testing/judged-program.js';
import type { EventAtHand } from '../testing/judged-program.js';
import { testStart } from '../testing/play-rule.js';
import { KeyMatcher } from './key-matcher.js';
import type { CompleteMatch, MatcherContext } from './key-matcher.js';
import { LineEvent } from './line-event.js';
import { LineShelf } from './line-shelf.js';
import { chainOf } from './open-match.js';
import { SequenceRunner } from './sequence-runner.js';
import type { SequenceState } from './sequence-runner.js';

const runs = Number(process.env['WEIR_PROPERTY_RUNS'] ?? 200);

/** Bodies of sequences over merchants `a`, `b` and `c`: with one match a state, with all matches, with an absence. */
const bodies = [
  'steps:\n    - begin: s0\n      where: merchant == "a"\n      times: 2\n    - followedBy: s1\n      where: merchant == "b"',
  'steps:\n    - begin: s0\n      where: merchant == "a"\n    - followedByAny: s1\n      where: merchant != "c"\n      times: 1..\n      within: 1500ms\n    - next: s2\n      where: merchant == "c"',
  'steps:\n    - begin: s0\n      where: merchant == "a"\n    - notFollowedBy: s1\n      where: merchant == "b"\n      within: 2s',
  'afterMatch: skipPastLastEvent\n  steps:\n    - begin: s0\n      where: merchant == "a"\n    - followedBy: s1\n      where: merchant == "b"',
  'steps:\n    - begin: s0\n      where: merchant == "a"\n    - followedBy: s1\n      where: merchant == "b" && ts > s0.ts + duration("1s")',
] as const;

function contextOf(body: string, at: EventAtHand): MatcherContext<string> {
  return { program: judgedProgram(`sequence:\n  within: 5s\n  ${body}`, at), tell: (last, instant) => `${last.event.id} ${instant ?? ''}`, maxOpen: 1_000 };
}

const arbEvents = fc.array(fc.record({ key: fc.nat(5), merchant: fc.constantFrom('a', 'a', 'b', 'c', 'd'), gap: fc.constantFrom(0, 100, 100, 500, 3_000) }), { minLength: 1, maxLength: 120, size: 'max' }).map((drafts) => {
  let ts = testStart;
  return drafts.map(({ key, merchant, gap }, index): LogEvent => ({ kind: 'event', seq: index + 1, ts: (ts += gap), id: `e${index}`, type: 'payment', fields: { acct: `key ${key} of some length`, merchant } }));
});

const print = ({ last, instant, told }: CompleteMatch<string>): string => `${chainOf(last).map(({ step, event }) => `${step}:${event.id}`).join(' ')} @${instant ?? ''} ${told}`;

/** What one event and the time up to it bring, in an order that means nothing. */
type Stepped = (event: LogEvent | undefined) => readonly string[];

/** The same event as a line that is read when asked. */
function lineOf(event: LogEvent): LogEvent {
  return new LineEvent(event.seq, event.ts, event.type, { shelf: new LineShelf(), bytes: () => new TextEncoder().encode(JSON.stringify(event)), read: (line) => JSON.parse(new TextDecoder().decode(line)) as LogEvent });
}

/** @param asLines every second event comes as a line. */
function byRunner(runner: SequenceRunner<string>, at: EventAtHand, asLines = false): Stepped {
  return (event) => {
    const found = runner.advance(event?.ts ?? Number.MAX_VALUE).map(({ match }) => print(match));
    if (event === undefined) return found.sort();
    at.event = event;
    const key = runner.bytesOf(String(event.fields['acct']));
    return [...found.sort(), ...runner.process(asLines && event.seq % 2 === 0 ? lineOf(event) : event, key, runner.slotOf(key), event.ts).map(print)];
  };
}

/** A matcher for each key that was ever seen. */
function byMatchers(context: MatcherContext<string>, at: EventAtHand): Stepped {
  const matchers = new Map<string, KeyMatcher<string>>();
  return (event) => {
    const found: string[] = [];
    for (const matcher of matchers.values()) {
      for (let due = matcher.nextDeadline(); due <= (event?.ts ?? Number.MAX_VALUE); due = matcher.nextDeadline()) found.push(...matcher.expire(due).map(print));
    }
    if (event === undefined) return found.sort();
    at.event = event;
    const key = String(event.fields['acct']);
    const matcher = matchers.get(key) ?? new KeyMatcher(context);
    matchers.set(key, matcher);
    return [...found.sort(), ...matcher.process(event, event.ts).map(print)];
  };
}

describe.each(bodies.map((body, index) => [index, body] as const))('the runner of a sequence over all keys (%i)', (_, body) => {
  it('reports what a matcher for each key reports, and the same goes on from parts of its state taken meanwhile', () => {
    let reported = 0;
    fc.assert(fc.property(arbEvents, fc.nat(120), fc.nat(40), fc.integer({ min: 1, max: 5 }), (events, from, meanwhile, most) => {
      const at: EventAtHand = {};
      const context = contextOf(body, at);
      const runner = new SequenceRunner<string>(context, 7);
      const [own, wanted] = [byRunner(runner, at, true), byMatchers(context, at)];
      const parts: SequenceState<string>[] = [];
      let capture: ReturnType<typeof runner.capture> | undefined;
      const expected: (readonly string[])[] = [];
      events.forEach((event, n) => {
        if (n === from) capture = runner.capture();
        if (capture !== undefined && n < from + meanwhile) {
          const part = capture.next(most);
          if (part !== undefined) parts.push(part);
        }
        const found = own(event);
        expect(found).toEqual(wanted(event));
        if (n >= from) expected.push(found);
        reported += found.length;
      });
      const last = own(undefined);
      expect(last).toEqual(wanted(undefined));
      expect([runner.openMatches, runner.keyCount, runner.nextDeadline]).toEqual([0, 0, Infinity]);
      if (capture === undefined) return;
      for (let part = capture.next(most); part !== undefined; part = capture.next(most)) parts.push(part);
      capture.end();
      // As a snapshot holds them, and as a migration hands them over.
      const stored = parts.map((part) => JSON.parse(JSON.stringify(part)) as SequenceState<string>);
      for (const given of [stored, parts]) {
        const restored = new SequenceRunner<string>(context, 8);
        for (const part of given) restored.restore(part);
        const again = byRunner(restored, at, true);
        expect([...events.slice(from).map((event) => again(event)), again(undefined)]).toEqual([...expected, last]);
      }
    }), { numRuns: runs });
    expect(reported).toBeGreaterThan(runs / 4);
  });
});

describe('a runner after what is told of a match has failed', () => {
  it('holds nothing of a key that had nothing, and counts what another one has', () => {
    const at: EventAtHand = {};
    let isBroken = false;
    // An `a` is a match by itself and waits for a `b`.
    const context = { ...contextOf('steps:\n    - begin: s0\n      where: merchant == "a"\n    - followedBy: s1\n      where: merchant == "b"\n      optional: true', at), tell: () => { if (isBroken) throw new Error('broken'); return ''; } };
    const runner = new SequenceRunner<string>(context);
    const step = byRunner(runner, at);
    const event = (seq: number, key: string, merchant: string): LogEvent => ({ kind: 'event', seq, ts: testStart + seq, id: `e${seq}`, type: 'payment', fields: { acct: key, merchant } });
    expect(step(event(1, 'held', 'a'))).toHaveLength(1);
    isBroken = true;
    expect(() => step(event(2, 'fresh', 'a'))).toThrow('broken');
    expect(() => step(event(3, 'held', 'a'))).toThrow('broken');
    isBroken = false;
    expect(runner.keyCount).toBe(1);
    expect(step(event(4, 'other', 'b'))).toEqual([]);
    expect(step(event(5, 'other', 'a'))).toHaveLength(1);
    expect([runner.keyCount, runner.openMatches]).toEqual([2, 3]); // of the first key what it had and what was placed
    expect(step(undefined)).toEqual([]);
    expect([runner.keyCount, runner.openMatches, runner.nextDeadline]).toEqual([0, 0, Infinity]);
  });
});
