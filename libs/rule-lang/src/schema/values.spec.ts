import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalDecimal, readDecimal, writeDecimal } from './decimal-text.js';
import { geoUnitVector } from './geo-unit-vector.js';
import { formatSpanMs, parseDurationMs, parseSpanMs } from './time-span.js';
import { parseTimestampMs } from './timestamp-text.js';

describe('canonicalDecimal', () => {
  it.each([
    ['1.50', 2, '1.5'], ['1.5', 2, '1.5'], ['001', 0, '1'], ['-0.00', 2, '0'], ['1e3', 0, '1000'], ['125e-2', 2, '1.25'], ['.5', 1, '0.5'], ['-12.340', 2, '-12.34'],
    ['90071992547409.91', 2, '90071992547409.91'],
  ] as const)('writes %s at scale %i as %s', (text, scale, canonical) => { expect(canonicalDecimal(text, scale)).toBe(canonical); });

  it.each([['1.005', 2], ['90071992547409.92', 2], ['', 2], ['1.', 2], ['abc', 2], ['NaN', 2], ['1e400', 2], ['1e99999', 2], ['0x10', 0], ['1_000', 0], [' 1', 0]] as const)('refuses %s at scale %i', (text, scale) => {
    expect(canonicalDecimal(text, scale)).toBeUndefined();
  });

  it('keeps the value and is its own canonical text', () => {
    fc.assert(fc.property(fc.bigInt({ min: -(2n ** 53n) + 1n, max: 2n ** 53n - 1n }), fc.integer({ min: 0, max: 6 }), (unscaled, scale) => {
      const sign = unscaled < 0n ? '-' : '';
      const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
      const text = canonicalDecimal(`${sign}${digits.slice(0, digits.length - scale)}.${digits.slice(digits.length - scale)}0`, scale) ?? 'refused';
      expect(canonicalDecimal(text, scale)).toBe(text);
      const [whole = '', fraction = ''] = text.split('.');
      expect(BigInt(whole + fraction.padEnd(scale, '0'))).toBe(unscaled);
    }));
  });
});

describe('canonicalDecimal of any text', () => {
  const arbText = fc.tuple(fc.constantFrom('', '-', '+'), fc.array(fc.constantFrom('0', '1', '9', '.', '5'), { maxLength: 18 }), fc.constantFrom('', '', 'e1', ' ')).map(([sign, digits, end]) => `${sign}${digits.join('')}${end}`);

  it('is what its value is written as, if the field can hold it', () => {
    fc.assert(fc.property(arbText, fc.integer({ min: 0, max: 6 }), (text, scale) => {
      const exact = readDecimal(text);
      const isHeld = exact !== undefined && exact.scale <= scale && (exact.unscaled < 0n ? -exact.unscaled : exact.unscaled) * 10n ** BigInt(scale - exact.scale) < 2n ** 53n;
      expect(canonicalDecimal(text, scale)).toBe(isHeld ? writeDecimal(exact) : undefined);
    }), { numRuns: 2_000 });
  });
});

describe('spans', () => {
  it.each([['10m', 600_000], ['1h30m', 5_400_000], ['59m59s999ms', 3_599_999], ['1d1s', 86_401_000], ['2w', 1_209_600_000], ['0s', 0], ['5ms', 5], ['1m5ms', 60_005]] as const)('reads %s as %i ms', (text, ms) => { expect(parseSpanMs(text)).toBe(ms); });
  it.each(['', '10', 'm', '1m1h', '1h1h', '1.5h', '-1h', '10 m', '1M', '999999999999w'])('refuses %j', (text) => { expect(parseSpanMs(text)).toBeUndefined(); });
  it('reads back what it writes', () => {
    fc.assert(fc.property(fc.nat({ max: 4_000_000_000 }), (ms) => { expect(parseSpanMs(formatSpanMs(ms))).toBe(ms); }));
  });
});

describe('durations', () => {
  it.each([
    ['-1h', -3_600_000], ['+1h', 3_600_000], ['1.5h', 5_400_000], ['1h0.25m', 3_615_000], ['1m1h', 3_660_000], ['1h1h', 7_200_000], ['.5s', 500], ['1.s', 1000], ['-0.001s', -1], ['0.5d', 43_200_000], ['0', 0], ['-0', 0], ['-0s', 0],
    ['5200w', 3_144_960_000_000], ['0.000000000001w', undefined], ['3155760000s', 3_155_760_000_000],
  ] as const)('reads %s as %s ms', (text, ms) => { expect(parseDurationMs(text)).toBe(ms); });
  it.each(['', '+', '-', 'h', '1', '00', '1.5', '.h', '1h 2m', '--1h', '0.5ms', '1us', '1ns', '1M', '3155760001s', '1e3s', '1'.repeat(101)])('refuses %j', (text) => { expect(parseDurationMs(text)).toBeUndefined(); });
  it('reads every span as itself', () => {
    fc.assert(fc.property(fc.nat({ max: 4_000_000_000 }), (ms) => { expect(parseDurationMs(formatSpanMs(ms))).toBe(ms); }));
  });
});

describe('timestamps', () => {
  it.each([['2026-01-05T00:00:00Z', 1_767_571_200_000], ['2026-01-05T01:30:00.250+01:30', 1_767_571_200_250], ['1970-01-01T00:00:00.001Z', 1]] as const)('reads %s', (text, ms) => { expect(parseTimestampMs(text)).toBe(ms); });
  it.each(['1970-01-01T00:00:00Z', '2026-02-29T00:00:00Z', '2026-01-05', '2026-01-05T00:00:00', '2026-01-05T24:00:00Z', '2026-01-05T00:00:60Z', '2026-01-05T00:00:00.0001Z'])('refuses %s', (text) => { expect(parseTimestampMs(text)).toBeUndefined(); });
});

it('gives a vector of length one for every place', () => {
  fc.assert(fc.property(fc.double({ min: -90, max: 90, noNaN: true }), fc.double({ min: -180, max: 180, noNaN: true }), (lat, lon) => {
    const { x, y, z } = geoUnitVector(lat, lon);
    expect(Math.abs(x * x + y * y + z * z - 1)).toBeLessThan(1e-12);
  }));
});
