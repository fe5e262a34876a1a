import { describe, expect, it } from '@jest/globals';
import type { LogEvent } from '@weir/contracts';
import { startEvaluation } from '../interpret/evaluate.js';
import { EventHistory } from '../interpret/event-history.js';
import { definitionOf, ruleOf, testStart } from '../testing/play-rule.js';
import { explain } from './explanation.js';

/** How often an explanation reads `amount` of the triggering event: once for each time the field is evaluated. */
function readsFor(lines: string): number {
  let reads = 0;
  const fields = { acct: 'a', get amount(): string { reads += 1; return '2.5'; } };
  const event: LogEvent = { kind: 'event', seq: 1, ts: testStart, id: 'e', type: 'payment', fields };
  const rule = ruleOf(lines);
  explain(startEvaluation(rule, new EventHistory().evidenceFor(event, definitionOf([rule]).options)), 100);
  return reads;
}
const sumOf = (terms: number): string => Array.from({ length: terms }, () => 'amount').join(' + ');

describe('the work of an explanation', () => {
  it.each([2, 20, 200, 238])('evaluates each of %i terms of a sum once', (terms) => {
    expect(readsFor(`when: ${sumOf(terms)} > 1.00`)).toBe(terms);
  });

  it('evaluates a condition and the `let` that it names once', () => {
    expect(readsFor(`let:\n  all: ${sumOf(50)}\n  twice: all + all\nwhen: twice > 1.00 && all > 1.00 && (${sumOf(30)} > 1.00 || twice < all)`)).toBe(80);
  });

  it('takes `let`s that each name the one before twice', () => {
    const lets = Array.from({ length: 9 }, (_, i) => `  n${i}: ${i === 0 ? 'amount * 1.00' : `n${i - 1} - n${i - 1} + amount`}`);
    expect(readsFor(`let:\n${lets.join('\n')}\nwhen: n8 > 1.00`)).toBe(9);
  });
});
