import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { civilTime, dayOfWeek, dayOfYear, isZone, offsetMs, startOf } from './calendar.js';

const at = (text: string): number => Date.parse(text);

describe('calendar', () => {
  it.each([
    ['UTC', '2026-06-30T22:30:00.123Z', 22], ['Europe/London', '2026-06-30T22:30:00.123Z', 23], ['Europe/Berlin', '2026-01-05T04:59:59Z', 5],
    ['+02:00', '2026-01-05T04:59:59Z', 6], ['-05:30', '2026-01-05T04:59:59Z', 23], ['02:00', '2026-01-05T04:59:59Z', 6], ['Asia/Kathmandu', '2026-01-05T00:00:00Z', 5],
  ])('reads the hour in %s', (zone, instant, hour) => { expect(civilTime(at(instant), zone).hour).toBe(hour); });

  it.each([
    ['day', 'Europe/London', '2026-06-30T22:59:59Z', '2026-06-29T23:00:00Z'],
    ['day', 'Europe/London', '2026-06-30T23:00:00Z', '2026-06-30T23:00:00Z'],
    ['day', 'UTC', '2026-01-05T23:59:59.999Z', '2026-01-05T00:00:00Z'],
    ['week', 'UTC', '2026-01-04T23:59:59Z', '2025-12-29T00:00:00Z'],
    ['week', 'UTC', '2026-01-05T00:00:00Z', '2026-01-05T00:00:00Z'],
    ['month', 'America/New_York', '2026-03-31T12:00:00Z', '2026-03-01T05:00:00Z'],
    ['year', 'Asia/Tokyo', '2026-03-31T12:00:00Z', '2025-12-31T15:00:00Z'],
    // the clock goes from 24:00 to 01:00: the day begins at one
    ['day', 'America/Sao_Paulo', '2018-11-04T12:00:00Z', '2018-11-04T03:00:00Z'],
    ['day', 'Africa/Cairo', '2024-04-26T12:00:00Z', '2024-04-25T22:00:00Z'],
    // the clock goes back from 01:00 to 00:00: midnight comes twice, the day begins with the first
    ['day', 'America/Havana', '2024-11-03T12:00:00Z', '2024-11-03T04:00:00Z'],
    // a long and a short day
    ['day', 'Europe/Berlin', '2026-10-25T22:59:59Z', '2026-10-24T22:00:00Z'],
    ['day', 'Europe/Berlin', '2026-03-29T21:59:59Z', '2026-03-28T23:00:00Z'],
  ] as const)('finds the start of the %s in %s at %s', (unit, zone, instant, start) => {
    expect(new Date(startOf(unit, at(instant), zone)).toISOString()).toBe(new Date(at(start)).toISOString());
  });

  it('starts a day at its first instant: the one before it belongs to another day', () => {
    const zones = ['Europe/London', 'America/Havana', 'America/Sao_Paulo', 'Asia/Beirut', 'Pacific/Apia', 'Australia/Lord_Howe', 'America/St_Johns', 'Asia/Kathmandu', '+05:45'];
    fc.assert(fc.property(fc.constantFrom(...zones), fc.integer({ min: 315_532_800_000, max: 2_000_000_000_000 }), (zone, ts) => {
      const start = startOf('day', ts, zone);
      const day = (instant: number): string => { const c = civilTime(instant, zone); return `${c.year}-${c.month}-${c.day}`; };
      expect(start).toBeLessThanOrEqual(ts);
      expect(day(start)).toBe(day(ts));
      expect(day(start - 1)).not.toBe(day(ts));
    }), { numRuns: 500 });
  });

  it('counts days of week from Sunday and days of year from 0', () => {
    expect(dayOfWeek(civilTime(at('2026-01-05T00:00:00Z'), 'UTC'))).toBe(1);
    expect(dayOfYear(civilTime(at('2024-12-31T00:00:00Z'), 'UTC'))).toBe(365);
  });

  it('knows which zones exist', () => {
    expect(isZone('Europe/Paris')).toBe(true);
    expect(isZone('Europe/Atlantis')).toBe(false);
    expect(offsetMs(at('1905-01-01T00:00:00Z'), 'Europe/Paris')).toBe(561_000);
  });
});
