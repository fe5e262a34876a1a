import { describe, expect, it } from '@jest/globals';
import type { RuleExplanation } from '@weir/contracts';
import { definitionOf, logOf, ruleOf } from '../testing/play-rule.js';
import type { PlayedEvent } from '../testing/play-rule.js';
import { explainRule } from './explain-rule.js';

const rule = ruleOf(`on: [payment, transfer]
sequence:
  within: 10m
  steps:
    - begin: probes
      on: payment
      where: amount < 5.00
      times: 2..
    - notFollowedBy: verified
      on: payment
      where: declined
    - followedBy: payout
      on: transfer
      where: amount > 500.00 && amount > probes.sum(amount)`);
const { options } = definitionOf([rule]);
const probe = (id: string, at: number): PlayedEvent => ({ id, at: at * 60_000, fields: { amount: '1' } });
const transfer = (at: number, amount = '501'): PlayedEvent => ({ id: 'out', at: at * 60_000, type: 'transfer', fields: { amount } });
const verified: PlayedEvent = { id: 'v', at: 150_000, fields: { amount: '50', declined: true } };

function explained(id: string, events: readonly PlayedEvent[], isEnded = true): RuleExplanation {
  const log = logOf(events);
  const event = log.find((entry) => entry.kind === 'event' && entry.id === id);
  if (event?.kind !== 'event') throw new Error(id);
  return explainRule(rule, event, log, options, isEnded);
}
const states = ({ sequence }: RuleExplanation): readonly (readonly [string, string, number])[] => (sequence?.steps ?? []).map(({ name, state, count }) => [name, state, count]);

describe('a sequence that did not fire', () => {
  it('says what the event lacked for the next step of the match that came the furthest', () => {
    const seen = explained('out', [probe('a', 0), probe('b', 1), transfer(3, '300')]);
    expect(seen.summary).toBe('Did not fire. The furthest match has 1 of 2 steps. It waited for payout or more probes; for payout, amount > 500.00 is false: 300.00, 200.01 short (40 %).');
    expect(states(seen)).toEqual([['probes', 'done', 2], ['verified', 'clear', 0], ['payout', 'missing', 0]]);
    expect(seen.sequence).toMatchObject({ within: { limitMs: 600_000, usedMs: 180_000, leftMs: 420_000 }, next: [{ name: 'probes', event: 'otherType', more: true }, { name: 'payout', event: 'condition' }] });
    expect(seen.verdict?.comparisons.map(({ text, holds }) => [text, holds])).toEqual([['amount > 500.00', false], ['amount > probes.sum(amount)', true]]);
  });

  it('names the negative step and the event that ended the match', () => {
    const seen = explained('out', [probe('a', 0), probe('b', 1), verified, transfer(3)]);
    expect(seen).toMatchObject({ outcome: 'notFired', sequence: { ended: { by: 'negativeStep', step: 'verified', event: { id: 'v' } }, next: [{ name: 'probes' }, { name: 'payout', event: 'fits' }] } });
    expect(states(seen)).toEqual([['probes', 'done', 2], ['verified', 'killed', 0], ['payout', 'missing', 0]]);
    expect(seen.summary).toContain('It was ended by verified: event v at 2026-01-05T00:02:30.000Z.');
  });

  it('says by how much the event came too late for `within`', () => {
    const seen = explained('out', [probe('a', 0), probe('b', 1), transfer(12)]);
    expect(seen.sequence).toMatchObject({ ended: { by: 'within' }, within: { leftMs: -120_000 } });
    expect(seen.summary).toContain('`within` was over at 2026-01-05T00:10:00.000Z');
  });

  it('tells what an event was taken for, and that nothing was under way', () => {
    expect(explained('a', [probe('a', 0)])).toMatchObject({ outcome: 'notFired', sequence: { tookEventAs: ['probes'], steps: [{ state: 'open', count: 1 }, { state: 'clear' }, { state: 'missing' }] } }); // right after a loop the negative step is in force from its first event
    expect(explained('out', [transfer(0)]).summary).toBe('Did not fire. No match was under way. It waited for probes, of type payment.');
  });

  it('is as of its place in the log: what comes later does not show', () => {
    const events = [probe('a', 0), probe('b', 1), transfer(3, '300'), probe('c', 4), { ...transfer(5), id: 'later' }];
    expect(explained('out', events)).toEqual(explained('out', events.slice(0, 3)));
    expect(explained('later', events).outcome).toBe('fired');
  });
});

describe('the near miss after a loop', () => {
  const steps = (first: string, second: string): string => `on: payment
sequence:
  within: 10m
  steps:
    - begin: probes
      where: amount < 5.00
${first}
    - followedBy: payout
      where: amount > 500.00
${second}`;
  const times = (text: string): string => `      times: ${text}`;
  const payment = (id: string, at: number, amount: string): PlayedEvent => ({ id, at: at * 60_000, fields: { amount } });
  const of = (rule: string, ...events: readonly (readonly [id: string, amount: string])[]): RuleExplanation => {
    const log = logOf(events.map(([id, amount], at) => payment(id, at, amount)));
    const event = log.at(-1);
    if (event?.kind !== 'event') throw new Error('the last is an event');
    const looping = ruleOf(rule);
    return explainRule(looping, event, log, definitionOf([looping]).options, true);
  };
  const probesDone = [['a', '1'], ['b', '1']] as const;

  it.each(['2..', '2..3', '2'])('is that of the step which the match waits for, not of the loop that has all it needs (times: %s)', (text) => {
    const seen = of(steps(times(text), ''), ...probesDone, ['x', '300']);
    expect(seen.summary).toBe(`Did not fire. The furthest match has 1 of 2 steps. It waited for payout${text === '2' ? '' : ' or more probes'}; for payout, amount > 500.00 is false: 300.00, 200.01 short (40 %).`);
    expect(seen.verdict?.failed?.text).toBe('amount > 500.00');
    expect(seen.sequence?.next.find(({ name }) => name === 'probes')).toEqual(text === '2' ? undefined : expect.objectContaining({ more: true, event: 'condition' }));
  });

  it('is that of the loop while it has too few', () => {
    expect(of(steps(times('2..'), ''), ['a', '1'], ['x', '300']).summary).toBe('Did not fire. The furthest match is in its first step of 2. It waited for probes; for probes, amount < 5.00 is false: 300.00, 295.01 over (98 %).');
  });

  it('is that of the step which must come where one before it may be left out', () => {
    const seen = of(steps('', '').replace('    - followedBy: payout', '    - followedBy: middle\n      optional: true\n      where: amount > 50.00 && amount < 100.00\n    - followedBy: payout'), ['a', '1'], ['x', '400']);
    expect(seen.summary).toContain('It waited for payout or middle; for payout, amount > 500.00 is false: 400.00, 100.01 short (20 %).');
  });

  it('says that the match had been completed before: what is left of it waits for the loop again', () => {
    const seen = of(steps(times('2..'), ''), ...probesDone, ['p', '501'], ['x', '300']);
    expect(seen.summary).toBe('Did not fire. The furthest match has 1 of 2 steps, and was completed by event p at 2026-01-05T00:02:00.000Z. It waited for more probes; for probes, amount < 5.00 is false: 300.00, 295.01 over (98 %).');
    expect(seen.sequence?.completedBy).toMatchObject({ id: 'p', fields: { amount: '501' } });
    const last = of(steps('', times('2..')), ['a', '1'], ['p', '501'], ['q', '502'], ['x', '300']);
    expect(last.summary).toContain('The furthest match has 2 of 2 steps, and was completed by event q at 2026-01-05T00:02:00.000Z. It waited for more payout; for payout, amount > 500.00 is false');
    expect(of(steps('', '      optional: true'), ['a', '1'], ['x', '300']).summary).toContain('has 1 of 2 steps, and was completed by event a at');
  });

  it.each(['eachEnd', 'noSkip', 'skipPastLastEvent'])('says that nothing is left of a match that was completed (%s)', (afterMatch) => {
    const rule = steps('', '').replace('  steps:', `  afterMatch: ${afterMatch}\n  steps:`);
    const seen = of(rule, ['a', '1'], ['p', '501'], ['x', '600']);
    expect(seen).toMatchObject({ outcome: 'notFired', sequence: { stepsDone: 0, completedBy: { id: 'p' } } });
    expect(seen.summary).toBe('Did not fire. No match was under way: the last one was completed by event p at 2026-01-05T00:01:00.000Z. It waited for probes; for probes, amount < 5.00 is false: 600.00, 595.01 over (99 %).');
    const later = of(rule, ['a', '1'], ['p', '501'], ['b', '2'], ['x', '300']);
    expect(later.sequence).not.toHaveProperty('completedBy'); // another is under way
    expect(later.summary).toContain('It waited for payout; for payout, amount > 500.00 is false');
  });
});

it('an absence at the end is undecided until its instant, then fired or ended', () => {
  const absence = ruleOf('on: payment\nsequence:\n  steps:\n    - begin: big\n      where: amount > 100.00\n    - notFollowedBy: back\n      where: amount < 0.00\n      within: 5m');
  const big: PlayedEvent = { id: 'big', at: 0, fields: { amount: '200' } };
  const of = (more: readonly PlayedEvent[], isEnded: boolean): RuleExplanation => {
    const log = logOf([big, ...more]);
    const [event] = log;
    if (event?.kind !== 'event') throw new Error('the first is an event');
    return explainRule(absence, event, log, options, isEnded);
  };
  expect(of([], false)).toMatchObject({ outcome: 'undecided', because: 'absence', sequence: { waitsUntil: Date.parse('2026-01-05T00:05:00Z') } });
  expect(of([], true)).toMatchObject({ outcome: 'fired' });
  expect(of([{ id: 'back', at: 299_999, fields: { amount: '-1' } }], true)).toMatchObject({ outcome: 'notFired', sequence: { ended: { by: 'negativeStep', step: 'back', event: { id: 'back' } } } });
  expect(of([{ id: 'back', at: 300_000, fields: { amount: '-1' } }], true)).toMatchObject({ outcome: 'fired' });
});
