import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createRandom } from './random.js';
import { Schedule } from './schedule.js';

describe('seeded randomness', () => {
  it('repeats itself for one seed and not for another', () => {
    const draw = (seed: string) => Array.from({ length: 50 }, createRandom(seed).unit);
    expect(draw('a')).toEqual(draw('a'));
    expect(draw('a')).not.toEqual(draw('b'));
  });

  it('keeps every draw inside its bounds', () => {
    fc.assert(fc.property(fc.string(), fc.integer({ min: -1_000, max: 1_000 }), fc.nat(1_000), (seed, from, width) => {
      const random = createRandom(seed);
      const whole = random.int(from, from + width);
      expect(whole).toBeGreaterThanOrEqual(from);
      expect(whole).toBeLessThanOrEqual(from + width);
      expect(random.unit()).toBeLessThan(1);
      expect(random.exponential(10)).toBeGreaterThanOrEqual(0);
      expect(random.logNormal(10, 0.5)).toBeGreaterThan(0);
    }));
  });

  it('has the mean and the median it was asked for', () => {
    const random = createRandom('moments');
    const gaps = Array.from({ length: 20_000 }, () => random.exponential(100));
    expect(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length).toBeCloseTo(100, -1);
    const amounts = Array.from({ length: 20_001 }, () => random.logNormal(30, 0.6)).sort((a, b) => a - b);
    expect(Math.abs((amounts[10_000] ?? 0) - 30)).toBeLessThan(1);
  });
});

describe('the schedule', () => {
  it('gives back what was planned in order of time, equal times in order of planning', () => {
    fc.assert(fc.property(fc.array(fc.nat(20), { maxLength: 60 }), (times) => {
      const schedule = new Schedule();
      times.forEach((ts, n) => schedule.add({ ts, type: 'login', fields: { n } }));
      const taken = [];
      for (let planned = schedule.take(); planned !== undefined; planned = schedule.take()) taken.push([planned.ts, planned.fields['n']]);
      expect(taken).toEqual(times.map((ts, n) => [ts, n]).sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0)));
    }));
  });
});
