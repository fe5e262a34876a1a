import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ReorderBuffer } from './reorder-buffer.js';

describe('the reorder buffer', () => {
  it('gives out what the watermark has passed, in order of time and then of arrival', () => {
    const buffer = new ReorderBuffer<string>();
    for (const [event, ts] of [['c', 3], ['a', 1], ['b', 3], ['d', 4]] as const) expect(buffer.add(event, ts)).toBe(true);
    expect(buffer.advance(3).map(({ event }) => event)).toEqual(['a', 'c', 'b']);
    expect(buffer.size).toBe(1);
  });

  it('refuses an event at or before the watermark', () => {
    const buffer = new ReorderBuffer<string>();
    buffer.advance(10);
    expect([buffer.add('late', 10), buffer.add('in time', 11)]).toEqual([false, true]);
  });

  it('gives the same order for every order of arrival, when no two events share their time', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 100 }), { maxLength: 20 }), fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 5 }), (times, watermarks) => {
      const buffer = new ReorderBuffer<number>();
      for (const ts of times) buffer.add(ts, ts);
      const out = [...watermarks].sort((a, b) => a - b).flatMap((watermark) => buffer.advance(watermark)).concat(buffer.advance(Number.POSITIVE_INFINITY));
      expect(out.map(({ ts }) => ts)).toEqual([...times].sort((a, b) => a - b));
    }));
  });

  it('never moves its watermark back', () => {
    const buffer = new ReorderBuffer<string>();
    buffer.advance(5);
    expect(buffer.advance(3)).toEqual([]);
    expect(buffer.watermark).toBe(5);
  });
});
