import { describe, expect, it } from '@jest/globals';
import type { HistoryItem } from '../../backtest/run-backtest.js';
import { countOutOfOrder, delayedOrder, seededRandom, withoutTies } from './arrival-orders.js';

const items = (...times: readonly number[]): readonly HistoryItem[] => times.map((ts, i) => ({ entry: { kind: 'event', id: `e${i}`, type: 'payment', ts, seq: i + 1, fields: {} } }));

describe('an order of arrival', () => {
  const times = Array.from({ length: 500 }, (_, i) => 1_000 + 10 * (i >> 1));
  const order = delayedOrder(items(...times), 100, seededRandom(1));

  it('holds every entry once, none later than the bound, and is not the order of time', () => {
    expect([...order].sort((a, b) => a - b)).toEqual(times.map((_, i) => i));
    let largest = 0;
    for (const index of order) {
      expect(times[index]).toBeGreaterThanOrEqual(largest - 100);
      largest = Math.max(largest, times[index] ?? 0);
    }
    expect(countOutOfOrder(items(...times), order)).toBeGreaterThan(100);
  });

  it('keeps the order of entries of one ms', () => {
    const place = new Map([...order].map((index, at) => [index, at]));
    for (let i = 0; i < times.length; i += 2) expect(place.get(i)).toBeLessThan(place.get(i + 1) ?? 0);
  });
});

describe('entries without ties', () => {
  it('are dated one ms apart where they shared their ms, and as they were elsewhere', () => {
    expect(withoutTies(items(5, 5, 5, 6, 9, 9)).map(({ entry }) => entry.ts)).toEqual([5, 6, 7, 8, 9, 10]);
  });
});
