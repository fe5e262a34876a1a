import { describe, expect, it } from '@jest/globals';
import { formatDecimal, formatExposure, formatMoney } from './money';
import { formatBytes, formatNanos, formatTotal, shareOf } from './number';
import { formatAge, formatClock, formatCountdown, formatInstant, formatSpan, urgencyOf } from './time';

describe('money', () => {
  it.each([
    { name: 'fills EUR up to two digits', money: { amount: '1204.5', currency: 'EUR' }, text: 'EUR 1,204.50' },
    { name: 'shows JPY without digits', money: { amount: '310000', currency: 'JPY' }, text: 'JPY 310,000' },
    { name: 'shows KWD with three digits', money: { amount: '12.5', currency: 'KWD' }, text: 'KWD 12.500' },
    { name: 'keeps digits beyond the scale of the currency', money: { amount: '0.125', currency: 'EUR' }, text: 'EUR 0.125' },
    { name: 'keeps every digit of a number no float can hold', money: { amount: '9007199254740993.01', currency: 'EUR' }, text: 'EUR 9,007,199,254,740,993.01' },
    { name: 'writes a true minus', money: { amount: '-3', currency: 'EUR' }, text: 'EUR \u22123.00' },
    { name: 'writes an unknown currency as it came', money: { amount: '5', currency: 'points' }, text: 'points 5.00' },
  ])('$name', ({ money, text }) => { expect(formatMoney(money)).toBe(text); });

  it('returns text that is no decimal unchanged', () => { expect(formatDecimal('?')).toBe('?'); });
  it('never sums across currencies', () => {
    expect(formatExposure([])).toBe('-');
    expect(formatExposure([{ amount: '5', currency: 'EUR' }])).toBe('EUR 5.00');
    expect(formatExposure([{ amount: '5', currency: 'EUR' }, { amount: '5', currency: 'USD' }])).toBe('2 currencies');
  });
});

describe('time', () => {
  const noon = Date.UTC(2026, 10, 20, 12, 0, 0);
  it.each([[0, '0 s'], [59_999, '59 s'], [60_000, '1 m'], [3_599_999, '59 m'], [3_600_000, '1 h'], [172_799_999, '47 h'], [172_800_000, '2 d'], [-5_000, '0 s']])('writes an age of %d ms as %s', (past, text) => {
    expect(formatAge(noon - past, noon)).toBe(text);
  });
  it.each([[492_000, '08:12'], [3_599_000, '59:59'], [3_600_000, '1 h 00'], [6_480_000, '1 h 48'], [0, '0 s over'], [-720_000, '12 m over'], [200_000_000, '2 d']])('counts %d ms down as %s', (left, text) => {
    expect(formatCountdown(noon + left, noon)).toBe(text);
  });
  it('turns amber under fifteen minutes and red at the deadline', () => {
    expect(urgencyOf(noon + 900_000, noon)).toBe('calm');
    expect(urgencyOf(noon + 899_999, noon)).toBe('soon');
    expect(urgencyOf(noon, noon)).toBe('past');
  });
  it.each([[38, '38 ms'], [552_000, '9 min 12 s'], [7_200_000, '2 h'], [97_200_000, '1 d 3 h']])('writes a span of %d ms as %s', (ms, text) => { expect(formatSpan(ms)).toBe(text); });
  it('leaves the date away only on the same day', () => {
    const at = Date.UTC(2026, 10, 20, 14, 2, 7, 331);
    expect(formatInstant(at, noon, 'utc', 'ms')).toBe('14:02:07.331');
    expect(formatInstant(at, noon + 86_400_000, 'utc')).toBe('2026-11-20 14:02:07');
    expect(formatClock(at, 'utc', 'minute')).toBe('14:02');
  });
});

describe('numbers', () => {
  it('gives no percentage below twenty labels', () => {
    expect(shareOf(3, 7)).toEqual({ text: 'few labels (7)' });
    expect(shareOf(0, 0)).toEqual({ text: '-' });
  });
  it('gives a whole percentage with its n and the Wilson range', () => {
    expect(shareOf(131, 214)).toEqual({ text: '61 % (214)', range: '131 of 214; 95 % range 55 to 67 %' });
  });
  it('rounds totals only above ten thousand', () => {
    expect(formatTotal(10_000)).toBe('10,000');
    expect(formatTotal(99_700)).toBe('100 k');
  });
  it('writes sizes and evaluation times', () => {
    expect(formatBytes(412_300_000)).toBe('412 MB');
    expect(formatBytes(900)).toBe('900 B');
    expect(formatNanos(640)).toBe('640 ns');
    expect(formatNanos(12_400)).toBe('12.4 µs');
  });
});
