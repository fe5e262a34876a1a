import { describe, expect, it } from '@jest/globals';
import type { ComparisonDistance, ConditionVerdict, ExplainedNode } from '@weir/contracts';
import { distanceLines, distanceText, fitText, summaryRest, withinText } from './why-not';

const span = { line: 9, column: 1, endLine: 9, endColumn: 2 };
const bool = (text: 'true' | 'false') => ({ type: 'bool' as const, text });
const node = (text: string, value: ExplainedNode['value'], more: Partial<ExplainedNode> = {}): ExplainedNode => ({ text, span, value, ...more });
const comparison = (condition: number, text: string, left: string, right: string, holds: boolean, distance: string): ComparisonDistance => ({
  condition, text, span, operator: '>', left: { type: 'decimal', text: left }, right: { type: 'decimal', text: right }, holds,
  turn: { side: 'left', direction: 'rise', by: '1', beyond: false, relative: 0.5, text: distance },
});

describe('a reader who may not see a field', () => {
  it('reads that a comparison is hidden, not that it is not known', () => {
    const { holds: _holds, turn: _turn, ...rest } = comparison(0, 'age > 30', '41', '30', true, '11 to spare');
    const condition = node('a > 1.00 || age > 30', { type: 'string', text: 'hidden', hidden: true });
    const explanation = { version: 1 as const, lets: [], windows: [], unknown: [], conditions: [condition] };
    const hidden = { ...rest, left: { type: 'string' as const, text: 'hidden', hidden: true as const } };
    const unknown = { ...rest, left: { type: 'unknown' as const, text: '?', missing: ['age'] } };
    expect(distanceLines({ explanation, comparisons: [hidden] }).map(({ outcome }) => outcome)).toEqual(['hidden', 'hidden']);
    expect(distanceLines({ explanation, comparisons: [unknown] }).map(({ outcome }) => outcome)).toEqual(['hidden', 'not known']);
  });
});

describe('the table of distances', () => {
  const verdict: ConditionVerdict = {
    explanation: { version: 1, lets: [], windows: [], unknown: [], conditions: [node('a > 1.00', bool('true')), node('b > 2000.00 || big', bool('false')), node('country == "GB"', { type: 'unknown', text: '?', missing: ['country'] })] },
    comparisons: [comparison(0, 'a > 1.00', '3.00', '1.00', true, '2.00 to spare (67 %)'), comparison(1, 'b > 2000.00', '700.00', '2000.00', false, '1300.01 short (65 %)'), comparison(1, 'c > 5', '4', '5', false, '2 short (20 %)')],
    failed: { index: 1, text: 'b > 2000.00 || big', span, value: bool('false'), node: node('b', bool('false')), sentence: 's' },
  };
  it('has a line for each condition, and below it what it hangs on, and marks the first that failed', () => {
    expect(distanceLines(verdict).map(({ text, depth, outcome, seen, needs, distance, failsFirst }) => [text, depth, outcome, seen, needs, distance, failsFirst])).toEqual([
      ['a > 1.00', 0, 'yes', '3.00', '> 1.00', '2.00 to spare (67 %)', false],
      ['b > 2000.00 || big', 0, 'no', '', '', '', true],
      ['b > 2000.00', 1, 'no', '700.00', '> 2,000.00', '1,300.01 short (65 %)', false],
      ['c > 5', 1, 'no', '4', '> 5', '2 short (20 %)', false],
      ['country == "GB"', 0, 'not known', 'not known: country', '', '', false],
    ]);
  });
});

describe('words', () => {
  it('keep durations as they are and write thousands', () => {
    expect([distanceText('10m to spare'), distanceText('more than 1234.5 short (3 %)'), distanceText('1 over')]).toEqual(['10m to spare', 'more than 1,234.5 short (3 %)', '1 over']);
  });
  it('say the outcome once', () => {
    expect(summaryRest({ outcome: 'notFired', summary: 'Did not fire. No match was under way.' })).toBe('No match was under way.');
    expect(summaryRest({ outcome: 'notEvaluated', summary: 'Not evaluated: the event was late.' })).toBe('The event was late.');
  });
  it('tell time used and left, and what a step made of the event', () => {
    expect(withinText({ limitMs: 600_000, usedMs: 120_000, leftMs: 480_000 })).toBe('within 10 min: 2 min used, 8 min left');
    expect(fitText({ name: 's', contiguity: 'next', on: ['login', 'transfer'], span, optional: false, event: 'otherType' })).toBe('needs an event of type login or transfer');
  });
});
