import { describe, expect, it } from '@jest/globals';
import { axisTicks, fixedMinutes, minutesSentence, niceTop, nextAxisTop } from './alert-minutes';
import type { MinuteBucket } from './alert-minutes';

const at = Date.UTC(2026, 10, 20, 14, 0, 0);
const bucket = (minute: number, more: Partial<MinuteBucket> = {}): MinuteBucket => ({ at: at + minute * 60_000, events: 0, low: 0, medium: 0, high: 0, critical: 0, ...more });

it('shows exactly the span, ends with the present minute and fills what is missing', () => {
  const shown = fixedMinutes([bucket(-100), bucket(-1, { high: 2 }), bucket(0, { low: 1 })], at + 30_000, 3);
  expect(shown.map((m) => [m.at, m.high, m.low])).toEqual([[at - 120_000, 0, 0], [at - 60_000, 2, 0], [at, 0, 1]]);
});

describe('the axis', () => {
  it.each([[0, 4], [4, 4], [5, 5], [7, 8], [9, 10], [11, 20], [41, 50], [81, 100]])('tops %d with %d', (value, top) => { expect(niceTop(value)).toBe(top); });
  it('grows at once', () => { expect(nextAxisTop({ top: 4 }, 9, 0)).toEqual({ top: 10 }); });
  it('shrinks only after a minute below half', () => {
    const low = nextAxisTop({ top: 20 }, 3, 1_000);
    expect(low).toEqual({ top: 20, lowSince: 1_000 });
    expect(nextAxisTop(low, 3, 60_999).top).toBe(20);
    expect(nextAxisTop(low, 3, 61_000)).toEqual({ top: 4 });
  });
  it('starts the minute again when it was above half in between', () => {
    expect(nextAxisTop({ top: 20, lowSince: 1_000 }, 12, 30_000)).toEqual({ top: 20 });
  });
});

it('says average, peak and what it mostly is', () => {
  expect(minutesSentence([bucket(0, { medium: 3 }), bucket(1, { medium: 1, critical: 8 })], 'utc')).toBe('Alerts per minute, last hour: 6.0 on average, peak 9 at 14:01, mostly critical');
  expect(minutesSentence([bucket(0)], 'utc')).toContain('no alerts in this hour');
});

it('puts whole, even ticks under every top', () => {
  for (const value of [1, 5, 7, 9, 15, 33, 45, 77, 90]) {
    const ticks = axisTicks(niceTop(value));
    expect(ticks.every(Number.isInteger)).toBe(true);
    expect([ticks[0], ticks.at(-1)]).toEqual([0, niceTop(value)]);
  }
});
