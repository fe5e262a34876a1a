import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readIsoTime } from './instant-text.js';

describe('readIsoTime', () => {
  it('reads what Date writes, with and without milliseconds', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 253_402_300_799_999 }), (ms) => {
      expect(readIsoTime(new Date(ms).toISOString())).toEqual({ ms, offsetMs: 0 });
      const whole = ms - (ms % 1000);
      expect(readIsoTime(new Date(whole).toISOString().replace('.000', ''))).toEqual({ ms: whole, offsetMs: 0 });
    }));
  });

  it('agrees with Date on which days exist', () => {
    fc.assert(fc.property(fc.integer({ min: 1970, max: 2400 }), fc.integer({ min: 0, max: 13 }), fc.integer({ min: 0, max: 32 }), (year, month, day) => {
      const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}T00:00:00Z`;
      const date = new Date(Date.UTC(year, month - 1, day));
      const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
      expect(readIsoTime(text)).toEqual(exists ? { ms: date.getTime(), offsetMs: 0 } : undefined);
    }));
  });

  it.each([
    ['2026-01-05T10:00Z', Date.UTC(2026, 0, 5, 10), 0],
    ['2026-01-05t10:00:00z', Date.UTC(2026, 0, 5, 10), 0],
    ['2026-01-05 10:00:00.123456+01:00', Date.UTC(2026, 0, 5, 10, 0, 0, 123), 3_600_000],
    ['2026-01-05T10:00:00-0330', Date.UTC(2026, 0, 5, 10), -12_600_000],
    ['2026-01-05T10:00:00,5', Date.UTC(2026, 0, 5, 10, 0, 0, 500), undefined],
  ])('reads %s', (text, ms, offsetMs) => { expect(readIsoTime(text)).toEqual({ ms, offsetMs }); });

  it.each(['2026-01-05', '2026-01-05T24:00:00Z', '2026-01-05T10:60:00Z', '2026-12-31T23:59:60Z', '26-01-05T10:00:00Z', '2026-01-05T10:00:00+25:00', 'Monday', ''])('refuses %s', (text) => { expect(readIsoTime(text)).toBeUndefined(); });
});
