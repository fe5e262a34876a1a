import { describe, expect, it } from '@jest/globals';
import type { ContributingEvent, ExplainedNode, ExplainedStep, Explanation } from '@weir/contracts';
import { contiguityText, stepCountText, stepPicture, stepSentence, stepsOf, stepsOfName } from './step-lanes';
import type { StepPictureOptions } from './step-lanes';

const minute = 60_000;
const event = (seq: number, ts: number): ContributingEvent => ({ seq, id: `e${seq}`, type: 'login', ts, counted: true, fields: { amount: String(seq) } });
const step = (name: string, contiguity: ExplainedStep['contiguity'], events: readonly ContributingEvent[], more: Partial<ExplainedStep> = {}): ExplainedStep => ({ name, contiguity, count: events.length, events: [...events], ...more });
const node = (text: string, more: Partial<ExplainedNode> = {}): ExplainedNode => ({ text, span: { line: 1, column: 1, endLine: 1, endColumn: 2 }, value: { type: 'bool', text: 'true' }, ...more });
const options: StepPictureOptions = { triggerSeq: 5, withinMs: undefined, labelOf: ({ amount }) => (typeof amount === 'string' ? amount : undefined), labelWidth: 0.1, markWidth: 0.01 };

const takeover = [
  step('failures', 'begin', [event(1, 0), event(2, minute), event(3, 2 * minute)]),
  step('change', 'followedBy', [event(4, 3 * minute)]),
  step('verified', 'notFollowedBy', [], { noneSeen: { afterTs: 3 * minute, untilTs: 6 * minute } }),
  step('payout', 'followedBy', [event(5, 6 * minute)]),
];
const unconfirmed = [step('sent', 'begin', [event(5, minute)]), step('confirmed', 'notFollowedBy', [], { noneSeen: { afterTs: minute, untilTs: 31 * minute } })];
const explanation = (steps: readonly ExplainedStep[], lets: Explanation['lets'] = []): Explanation => ({ version: 1, conditions: [], lets, windows: [], unknown: [], steps: [...steps] });

describe('the picture of a match', () => {
  it('puts every step on one axis from the first event to the last', () => {
    const picture = stepPicture(takeover, options);
    expect([picture?.fromTs, picture?.untilTs]).toEqual([0, 6 * minute]);
    expect(picture?.lanes.map((l) => l.marks.map((m) => m.x))).toEqual([[0, 1 / 6, 1 / 3], [0.5], [], [1]]);
    expect(picture?.lanes[3]?.marks[0]?.isTrigger).toBe(true);
    expect(picture?.within).toBeUndefined();
  });
  it('hatches the span in which a negative step saw nothing, and says when it ended the match', () => {
    expect(stepPicture(takeover, options)?.lanes[2]?.silence).toEqual({ x: 0.5, width: 0.5, afterTs: 3 * minute, untilTs: 6 * minute, toEnd: false });
    expect(stepPicture(unconfirmed, options)?.lanes[1]?.silence).toEqual({ x: 0, width: 1, afterTs: minute, untilTs: 31 * minute, toEnd: true });
  });
  it('runs to the end of within, so that what was left of it shows', () => {
    const picture = stepPicture(takeover, { ...options, withinMs: 12 * minute });
    expect(picture?.untilTs).toBe(12 * minute);
    expect(picture?.within).toEqual({ width: 1, withinMs: 12 * minute, open: false });
    expect(picture?.lanes[3]?.marks[0]?.x).toBe(0.5);
  });
  it('cuts within off where it would squeeze the match', () => {
    const picture = stepPicture(takeover, { ...options, withinMs: 7 * 1_440 * minute });
    expect(picture?.untilTs).toBe(6 * minute);
    expect(picture?.within).toEqual({ width: 1, withinMs: 7 * 1_440 * minute, open: true });
  });
  it('ends the bracket at the instant of an absence', () => { expect(stepPicture(unconfirmed, { ...options, withinMs: 30 * minute })?.within).toEqual({ width: 1, withinMs: 30 * minute, open: false }); });
  it('draws events too close to be told apart as one mark with their number', () => {
    const picture = stepPicture([step('many', 'begin', [event(1, 0), event(2, 1), event(3, 2)]), step('end', 'next', [event(5, minute)])], options);
    expect(picture?.lanes[0]?.marks.map((m) => [m.events.length, m.label])).toEqual([[3, '3×']]);
  });
  it('leaves out labels that would overlap, the newest stays', () => {
    expect(stepPicture(takeover, { ...options, labelWidth: 0.2 })?.lanes[0]?.marks.map((m) => m.label)).toEqual(['1', undefined, '3']);
  });
  it('stands at its start when all happens in one millisecond, and is nothing without an instant', () => {
    expect(stepPicture([step('a', 'begin', [event(1, 7)]), step('b', 'next', [event(5, 7)])], options)?.lanes.map((l) => l.marks[0]?.x)).toEqual([0, 0]);
    expect(stepPicture([step('a', 'begin', [])], options)).toBeUndefined();
  });
});

describe('a step in words', () => {
  it('says what it took', () => {
    expect(takeover.map(stepCountText)).toEqual(['3 events', '1 event', 'none seen', '1 event']);
    expect(stepCountText(step('maybe', 'followedBy', []))).toBe('left out');
    expect(contiguityText('next')).toContain('no other event');
  });
  it('tells the match in one line', () => {
    expect(stepSentence(takeover)).toBe('failures ×3, change, no verified, payout');
    expect(stepSentence(unconfirmed)).toBe('sent, no confirmed in 30 min');
    expect(stepSentence([...takeover.slice(0, 1), step('maybe', 'followedBy', [])])).toBe('failures ×3');
  });
});

describe('names that lead to steps', () => {
  it('finds the step of {step.field} and {step.count}', () => {
    expect(stepsOfName('failures.count', explanation(takeover))).toEqual([0]);
    expect(stepsOfName('payout.amount', explanation(takeover))).toEqual([3]);
    expect(stepsOfName('amount', explanation(takeover))).toEqual([]);
    expect(stepsOfName('amount', { ...explanation([]), steps: undefined })).toEqual([]);
  });
  it('follows a let to the steps that it reads, and ends if one names itself', () => {
    const lets = [{ name: 'share', node: node('payout.amount / change.amount', { children: [node('share', { let: 'share' })] }) }];
    expect(stepsOfName('share', explanation(takeover, lets))).toEqual([1, 3]);
    expect(stepsOf(node('share > 2', { let: 'share' }), explanation(takeover, lets))).toEqual([1, 3]);
  });
});
