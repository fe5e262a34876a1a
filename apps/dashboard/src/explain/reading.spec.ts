import { describe, expect, it } from '@jest/globals';
import type { ContributingEvent, ExplainedNode, ExplainedValue, ExplainedWindow, Explanation } from '@weir/contracts';
import { conditionText, countedText, eventFields, evidenceOf, fieldText, marginText, mentions, outcomeOf, sentencePieces, traceSentence, valueText, windowGroups, windowsOf, windowsOfName } from './reading';

const span = { line: 1, column: 1, endLine: 1, endColumn: 2 };
const value = (type: ExplainedValue['type'], text: string, missing?: string[]): ExplainedValue => (missing ? { type, text, missing } : { type, text });
const node = (text: string, v: ExplainedValue, more: Partial<ExplainedNode> = {}): ExplainedNode => ({ text, span, value: v, ...more });
const event = (seq: number, ts: number, counted: boolean): ContributingEvent => ({ seq, id: `e${seq}`, type: 'payment', ts, counted, fields: { amount: '4.99', merchant_id: `m${seq}`, note: 'x' } });
const shown = (events: ContributingEvent[]): ExplainedWindow => ({ text: 'last("10m").count()', afterTs: 0, untilTs: 10, key: [], value: value('int', '6'), size: events.length, counted: events.length, events });

const amount = node('amount > 200.00', value('bool', 'true'), { comparison: { operator: '>', left: value('decimal', '1812.00'), right: value('decimal', '200.00'), margin: '+1612.00' }, children: [node('amount', value('decimal', '1812.00')), node('200.00', value('decimal', '200.00'))] });
const probes = node('probes >= 3', value('bool', 'true'), { comparison: { operator: '>=', left: value('int', '6'), right: value('int', '3') }, children: [node('probes', value('int', '6'), { let: 'probes' }), node('3', value('int', '3'))] });
const explanation: Explanation = { version: 1, conditions: [amount, probes], lets: [{ name: 'probes', node: node('last("10m").count()', value('int', '6'), { window: 0 }) }], windows: [shown([event(1, 1, true), event(2, 2, false)]), shown([event(2, 2, true)])], unknown: [] };

describe('conditions', () => {
  it('reads yes, no, not known and plain values', () => {
    expect(outcomeOf(amount)).toBe('yes');
    expect(outcomeOf(node('x', value('bool', 'false')))).toBe('no');
    expect(outcomeOf(node('x', value('unknown', '?', ['device_id'])))).toBe('not known');
    expect(outcomeOf(node('x', value('int', '1')))).toBe('value');
    expect(outcomeOf(node('x', { ...value('string', 'hidden'), hidden: true }))).toBe('hidden');
    expect(outcomeOf(node('x', { ...value('bool', 'false'), hidden: true }))).toBe('no');
  });
  it('names the absent field', () => { expect(valueText(value('unknown', '?', ['device_id']))).toBe('not known: device_id'); });
  it('says them in words, values with thousands', () => {
    expect(conditionText(amount)).toBe('amount 1,812.00 is over 200.00');
    expect(traceSentence(explanation)).toBe('because amount 1,812.00 is over 200.00 and probes 6 is at least 3');
    const sums = node('refused * 5 > tries * 3', value('bool', 'true'), { comparison: { operator: '>', left: value('int', '40'), right: value('int', '27') }, children: [node('refused * 5', value('int', '40')), node('tries * 3', value('int', '27'))] });
    expect(conditionText(sums)).toBe('refused * 5 (40) is over tries * 3 (27)');
    expect(traceSentence({ ...explanation, conditions: [] })).toBe('');
    const absent = { name: 'confirmed', contiguity: 'notFollowedBy' as const, count: 0, events: [], noneSeen: { afterTs: 0, untilTs: 1_800_000 } };
    expect(traceSentence({ ...explanation, conditions: [probes], steps: [absent] })).toBe('because probes 6 is at least 3 and no confirmed came in 30 min');
  });
  it('writes margins with a true minus', () => { expect([marginText('-2.12 (0.6x)'), marginText('+3 (2x)'), marginText(undefined)]).toEqual(['\u22122.12 (0.6×)', '+3 (2×)', '-']); });
  it('follows a name through a let to its windows', () => {
    expect(mentions(probes, 'probes')).toBe(true);
    expect(mentions(amount, 'probes')).toBe(false);
    expect(windowsOf(probes, explanation)).toEqual([0]);
    expect(windowsOf(amount, explanation)).toEqual([]);
    expect(windowsOfName('probes', explanation)).toEqual([0]);
  });
  it('ends even if a let names itself', () => {
    const loop: Explanation = { ...explanation, lets: [{ name: 'a', node: node('a', value('int', '1'), { let: 'a', window: 1 }) }] };
    expect(windowsOf(node('a', value('int', '1'), { let: 'a' }), loop)).toEqual([1]);
  });
});

it('puts windows over one span and key together', () => {
  const longer = { ...shown([]), afterTs: -90 };
  expect(windowGroups({ ...explanation, windows: [shown([]), longer, shown([])] })).toEqual([[0, 2], [1]]);
});

describe('the sentence', () => {
  it('is cut at its linked values and is whole again when joined', () => {
    const alert = { reason: '812.00 EUR after 6 small payments', reasonParts: [{ start: 17, end: 18, name: 'probes' }, { start: 0, end: 6, name: 'amount' }] };
    const pieces = sentencePieces(alert);
    expect(pieces.map((p) => p.text).join('')).toBe(alert.reason);
    expect(pieces.filter((p) => p.name).map((p) => [p.text, p.name])).toEqual([['812.00', 'amount'], ['6', 'probes']]);
  });
  it('passes over parts that overlap or lie outside', () => {
    expect(sentencePieces({ reason: 'abc', reasonParts: [{ start: 0, end: 2, name: 'x' }, { start: 1, end: 3, name: 'y' }, { start: 2, end: 9, name: 'z' }] })).toEqual([{ text: 'ab', name: 'x' }, { text: 'c' }]);
  });
});

describe('evidence', () => {
  it('lists each event once, newest first, counted if any window counted it', () => {
    expect(evidenceOf(explanation).map((e) => [e.event.seq, e.windows, e.counted])).toEqual([[2, [0, 1], true], [1, [0], true]]);
  });
  it('names the step that took an event, and counts what is not of a step apart', () => {
    const sequence: Explanation = { ...explanation, steps: [{ name: 'small', contiguity: 'begin', count: 2, events: [event(2, 2, true), event(7, 7, true)] }] };
    const evidence = evidenceOf(sequence);
    expect(evidence.map((e) => [e.event.seq, e.steps, e.windows])).toEqual([[7, [0], []], [2, [0], [0, 1]], [1, [], [0]]]);
    expect(countedText(evidence, true, true)).toBe('the trigger and 2 that steps took and 1 counted of 1 in the windows');
    expect(countedText(evidence.slice(0, 1), true, true)).toBe('the trigger and 1 that steps took');
    expect(countedText(evidence.slice(2), false, false)).toBe('1 counted of 1 in the bucket');
  });
  it('leaves out fields that every event shares by the key', () => { expect(eventFields([{ fields: { amount: '1', account_id: 'a' } }], 5, ['account_id'])).toEqual(['amount']); });
  it('prefers well-known fields, then those that differ', () => {
    expect(eventFields([{ fields: { zone: 'a', merchant_id: 'm', amount: '1', kind: 'x' } }, { fields: { zone: 'b', kind: 'x' } }], 3)).toEqual(['amount', 'merchant_id', 'zone']);
  });
  it('writes money-like text with two digits and leaves other text alone', () => {
    expect([fieldText('4.5'), fieldText('m-1'), fieldText(undefined), fieldText(true)]).toEqual(['4.50', 'm-1', '-', 'true']);
  });
});
