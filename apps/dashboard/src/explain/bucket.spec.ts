import { expect, it } from '@jest/globals';
import type { ContributingEvent, ExplainedWindow, Explanation } from '@weir/contracts';
import { bucketOf, isOfWholeWindow, samePictures } from './bucket';

const event = (seq: number, counted: boolean): ContributingEvent => ({ seq, id: `e${seq}`, type: 'payment', ts: seq, counted, fields: {} });
const shown = (events: readonly ContributingEvent[]): ExplainedWindow => ({ text: 'count()', afterTs: 599_999, untilTs: 1_199_999, key: [], value: { type: 'int', text: '2' }, size: events.length, counted: 1, events: [...events] });

it('gives the span of a window rule as start in, end out', () => { expect(bucketOf(shown([]))).toEqual({ startTs: 600_000, endTs: 1_200_000 }); });

it('knows a window rule by the missing trigger', () => {
  expect(isOfWholeWindow({})).toBe(true);
  expect(isOfWholeWindow({ trigger: { seq: 1, id: 'a', type: 'payment', ts: 1, fields: {}, late: false } })).toBe(false);
});

it('puts windows that count the same events together, and only those', () => {
  const both = [event(1, true), event(2, true)];
  const explanation: Explanation = { version: 1, conditions: [], lets: [], unknown: [], windows: [shown(both), shown([event(1, true), event(2, false)]), shown(both)] };
  expect(samePictures([0, 1, 2], explanation)).toEqual([[0, 2], [1]]);
  expect(samePictures([1, 9], explanation)).toEqual([[1]]);
});
