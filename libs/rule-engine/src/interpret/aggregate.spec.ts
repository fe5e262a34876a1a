import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aggregate } from './aggregate.js';
import { fromDecimalText, rational } from './exact.js';
import { bool, exact, unknownBecause } from './value.js';
import type { Value } from './value.js';

const number = (text: string): Value => exact(fromDecimalText(text));
const double = (value: number): Value => ({ kind: 'double', value });
const absent = unknownBecause('absent');

describe('aggregates', () => {
  it.each([
    ['count', exact(rational(0n))], ['sum', exact(rational(0n))], ['distinct', exact(rational(0n))], ['exists', bool(false)],
  ] as const)('%s of nothing has a value', (fn, value) => { expect(aggregate(fn, [])).toEqual(value); });

  it.each(['avg', 'min', 'max', 'stddev', 'first', 'latest', 'share'] as const)('%s of nothing is unknown, of unknowns too', (fn) => {
    expect(aggregate(fn, []).kind).toBe('unknown');
    expect(aggregate(fn, [absent, absent]).kind).toBe('unknown');
  });

  it('leaves out unknown values but counts their events', () => {
    expect(aggregate('count', [absent, number('1')])).toEqual(number('2'));
    expect(aggregate('sum', [absent, number('0.1'), number('0.2')])).toEqual(number('0.3'));
    expect(aggregate('avg', [absent, number('1'), number('2')])).toEqual(number('1.5'));
    expect(aggregate('first', [absent, number('1'), number('2')])).toEqual(number('1'));
    expect(aggregate('latest', [number('1'), number('2'), absent])).toEqual(number('2'));
    expect(aggregate('share', [bool(true), absent, bool(false), bool(true)])).toEqual(exact(rational(2n, 3n)));
    expect(aggregate('exists', [bool(false), absent])).toEqual(bool(false));
  });

  it('counts 1.5 and 1.50 as one value', () => {
    expect(aggregate('distinct', [number('1.5'), number('1.50'), number('2')])).toEqual(number('2'));
  });

  it('takes the sample deviation, unknown below two values', () => {
    expect(aggregate('stddev', [number('5')]).kind).toBe('unknown');
    expect(aggregate('stddev', ['10.00', '20.00', '30.00', '40.00', '50.00'].map(number))).toEqual(double(Math.sqrt(250)));
    expect(aggregate('stddev', [number('0.1'), number('0.1')])).toEqual(double(0));
  });

  it('sums doubles exactly and rounds once: no order shows', () => {
    expect(aggregate('sum', [1e16, 1, -1e16].map(double))).toEqual(double(1));
    fc.assert(fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e100, max: 1e100 }), { minLength: 1 }), (values) => {
      const reversed = [...values].reverse();
      for (const fn of ['sum', 'avg', 'stddev'] as const) expect(aggregate(fn, values.map(double))).toEqual(aggregate(fn, reversed.map(double)));
    }));
  });

  it('is unknown where a sum of doubles is too large', () => {
    expect(aggregate('sum', [1.7e308, 1.7e308].map(double)).kind).toBe('unknown');
  });
});
