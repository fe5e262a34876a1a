import { describe, expect, it } from '@jest/globals';
import type { BacktestJob } from '@weir/contracts';
import { changeText, previewFigures, progressOf } from './preview-figures';

const day = 86_400_000;
const job = (more: Partial<BacktestJob> = {}): BacktestJob => ({
  id: 'b', status: 'done', startedAt: 1, days: 7, fromTs: 0 * day + 1, toTs: 7 * day + 1, eventsDone: 10, eventsTotal: 10,
  result: { report: { events: 10, positives: 140, tookMs: 5, eventsPerSecond: 2, rules: [{ rule: 'r', alerts: 231, truePositives: 129, precision: 0.5, recall: 0.9 }], combinations: [] }, perDay: [], liveAlerts: 287, analystHoursPerDay: 4.1, samples: [] }, ...more,
});

describe('figures', () => {
  it('are a day over the whole period', () => {
    expect(previewFigures(job())).toMatchObject({ alerts: 231, perDay: 33, livePerDay: 41, caught: 129, frauds: 140, hoursPerDay: 4.1 });
  });
  it('count only what the log covers when it is younger than asked', () => {
    expect(previewFigures(job({ fromTs: 5 * day, toTs: 7 * day }))?.perDay).toBe(115.5);
  });
  it('are not there before the job is done', () => {
    expect(previewFigures(undefined)).toBeUndefined();
    expect(previewFigures(job({ status: 'running' }))).toBeUndefined();
  });
});

it('writes old and new', () => {
  expect([changeText(41, 33), changeText(undefined, 4.14), changeText(1200.4, 3)]).toEqual(['41 → 33', '4.1', '1,200 → 3']);
});
it('knows progress without dividing by nothing', () => {
  expect([progressOf(job({ eventsDone: 1, eventsTotal: 3 })), progressOf(job({ eventsTotal: 0 }))]).toEqual([33, 0]);
});
