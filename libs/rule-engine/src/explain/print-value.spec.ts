import { describe, expect, it } from '@jest/globals';
import { fromDecimalText, fromInteger, rational } from '../interpret/exact.js';
import { exact, unknownBecause } from '../interpret/value.js';
import type { Value } from '../interpret/value.js';
import { margin, relativeDistance } from './margin.js';
import { printDuration, printValue } from './print-value.js';
import type { PrintAs } from './print-value.js';

const number = (text: string): Value => exact(fromDecimalText(text));
const money: PrintAs = { type: 'decimal', scale: 2 };
const count: PrintAs = { type: 'int', scale: 0 };
const fraction: PrintAs = { type: 'fraction', scale: 0 };

describe('printed values', () => {
  it.each([
    [number('812'), money, '812.00'], [number('0.125'), money, '0.125'], [number('7'), count, '7'], [exact(rational(1n, 3n)), fraction, '0.33'],
    [number('2'), fraction, '2.00'], [{ kind: 'double', value: 5570.222 }, { type: 'double', scale: 0 }, '5570.22'], [unknownBecause('x'), money, '?'],
    [{ kind: 'timestamp', ms: fromInteger(1_767_571_200_000) }, { type: 'timestamp', scale: 0 }, '2026-01-05T00:00:00.000Z'],
    [{ kind: 'geo', value: { lat: 51.5, lon: -0.1, x: 0, y: 0, z: 0 } }, { type: 'geo', scale: 0 }, '51.5, -0.1'],
  ] as const)('prints for people', (value, as, text) => { expect(printValue(value, as)).toBe(text); });

  it.each([[0n, 1n, '0s'], [600_000n, 1n, '10m'], [90_061_001n, 1n, '1d1h1m1s1ms'], [-1500n, 1n, '-1s500ms'], [1n, 3n, '0.33ms'], [86_400_000n * 30n, 1n, '30d']])('prints durations in units', (n, d, text) => {
    expect(printDuration(rational(n, d))).toBe(text);
  });
});

describe('margins', () => {
  it.each([
    ['812.00', money, '200.00', money, '+612.00 (4.1x)'],
    ['9', count, '10', count, '-1'],
    ['6', count, '3', count, '+3'],
    ['200.00', money, '200.00', money, '+0.00 (1.0x)'],
    ['5.00', money, '0', money, '+5.00'],
    ['-5.00', money, '5', money, '-10.00'],
  ] as const)('of %s and %s', (left, leftAs, right, rightAs, text) => { expect(margin(number(left), leftAs, number(right), rightAs)).toBe(text); });

  it('shows a difference below a cent', () => {
    expect(margin(number('30.03'), money, exact(rational(3002n, 100n)), fraction)).toBe('+0.01 (1.0x)');
    expect(margin(number('10.00'), money, exact(rational(29_999n, 3_000n)), fraction)).toBe('+0.0003 (1.0x)');
  });

  it('is a duration between times and nothing between strings', () => {
    const at = (ms: number): Value => ({ kind: 'timestamp', ms: fromInteger(ms) });
    const time: PrintAs = { type: 'timestamp', scale: 0 };
    expect(margin(at(600_000), time, at(0), time)).toBe('+10m');
    const text: Value = { kind: 'string', value: 'a' };
    expect(margin(text, { type: 'string', scale: 0 }, text, { type: 'string', scale: 0 })).toBeUndefined();
    expect(margin(unknownBecause('x'), money, number('1'), money)).toBeUndefined();
  });

  it('ranks near misses', () => {
    expect(relativeDistance(number('9'), number('10'))).toBeCloseTo(0.1);
    expect(relativeDistance(number('0'), number('0'))).toBe(0);
  });
});
