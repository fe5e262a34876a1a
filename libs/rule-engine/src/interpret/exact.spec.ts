import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { add, compareRationals, divide, floor, fromDecimalText, fromDouble, multiply, rational, remainder, subtract, toDouble, toFixed } from './exact.js';

const arbRational = fc.tuple(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.bigInt({ min: 1n, max: 10n ** 40n })).map(([n, d]) => rational(n, d));

describe('exact rationals', () => {
  it('adds tenths without a rest', () => {
    expect(add(fromDecimalText('0.1'), fromDecimalText('0.2'))).toEqual(fromDecimalText('0.3'));
  });

  it.each([
    ['7', '3', '1'], ['-7', '3', '-1'], ['7', '-3', '1'], ['5.5', '2', '1.5'], ['300.00', '100.00', '0'], ['300.01', '100.00', '0.01'],
  ])('%s %% %s is %s: the sign of the left side', (a, b, expected) => {
    expect(remainder(fromDecimalText(a), fromDecimalText(b))).toEqual(fromDecimalText(expected));
  });

  it('has no quotient and no remainder by zero', () => {
    expect(divide(rational(1n), rational(0n))).toBeUndefined();
    expect(remainder(rational(1n), rational(0n))).toBeUndefined();
  });

  it.each([[rational(-7n, 2n), -4n], [rational(7n, 2n), 3n], [rational(-4n, 2n), -2n]])('floors towards minus infinity', (value, expected) => {
    expect(floor(value)).toBe(expected);
  });

  it.each([
    [rational(1n, 3n), 2, '0.33'], [rational(2n, 3n), 2, '0.67'], [rational(1n, 8n), 2, '0.13'], [rational(-1n, 8n), 2, '-0.13'],
    [rational(-1n, 1000n), 2, '0.00'], [rational(5n), 0, '5'], [rational(81200n, 100n), 2, '812.00'],
  ])('prints with fixed decimals, half away from zero', (value, decimals, expected) => {
    expect(toFixed(value, decimals)).toBe(expected);
  });

  it('takes every finite double there and back', () => {
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => { expect(toDouble(fromDouble(x)) === x).toBe(true); }), { numRuns: 2000 });
  });

  it('rounds to the double that the decimal text parses to', () => {
    fc.assert(fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: 0, max: 330 }), (n, scale) => {
      expect(toDouble(rational(n, 10n ** BigInt(scale)))).toBe(Number(`${n}e-${scale}`) + 0);
    }), { numRuns: 3000 });
  });

  it('keeps the finer unit just below a power of two', () => {
    expect(toDouble(rational(10n * (1n << 53n) - 6n, 10n))).toBe(2 ** 53 - 1);
  });

  it('rounds subnormals, the largest double and what lies beyond', () => {
    expect(toDouble(rational(1n, 2n ** 1075n))).toBe(0);
    expect(toDouble(rational(3n, 2n ** 1076n))).toBe(Number.MIN_VALUE);
    expect(toDouble(rational(3n, 2n ** 1075n))).toBe(2 * Number.MIN_VALUE);
    expect(toDouble(rational(2n ** 1024n - 2n ** 970n - 1n))).toBe(Number.MAX_VALUE);
    expect(toDouble(rational(2n ** 1024n - 2n ** 970n))).toBe(Infinity);
    expect(toDouble(rational(-(10n ** 400n)))).toBe(-Infinity);
  });

  it('orders and computes as fractions do', () => {
    fc.assert(fc.property(arbRational, arbRational, arbRational, (a, b, c) => {
      expect(subtract(add(a, b), b)).toEqual(a);
      expect(multiply(a, add(b, c))).toEqual(add(multiply(a, b), multiply(a, c)));
      expect(compareRationals(a, b)).toBe(-compareRationals(b, a) + 0);
    }));
  });
});
