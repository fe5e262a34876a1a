import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fromDecimalText, fromInteger, rational } from './exact.js';
import { and, arithmetic, compare, compareStrings, not, or } from './operate.js';
import { bool, exact, unknownBecause } from './value.js';
import type { Value } from './value.js';

const number = (text: string): Value => exact(fromDecimalText(text));
const double = (value: number): Value => ({ kind: 'double', value });
const duration = (ms: number): Value => ({ kind: 'duration', ms: fromInteger(ms) });
const timestamp = (ms: number): Value => ({ kind: 'timestamp', ms: fromInteger(ms) });
const unknown = unknownBecause('x');

describe('Kleene logic', () => {
  const values: Record<string, Value> = { true: bool(true), false: bool(false), unknown };
  const name = (value: Value): string => (value.kind === 'bool' ? String(value.value) : value.kind);
  it.each([
    ['true', 'true', 'true', 'true'], ['true', 'false', 'false', 'true'], ['true', 'unknown', 'unknown', 'true'],
    ['false', 'true', 'false', 'true'], ['false', 'false', 'false', 'false'], ['false', 'unknown', 'false', 'unknown'],
    ['unknown', 'true', 'unknown', 'true'], ['unknown', 'false', 'false', 'unknown'], ['unknown', 'unknown', 'unknown', 'unknown'],
  ])('%s and %s is %s, or is %s', (a, b, both, either) => {
    expect(name(and(values[a] ?? unknown, values[b] ?? unknown))).toBe(both);
    expect(name(or(values[a] ?? unknown, values[b] ?? unknown))).toBe(either);
  });
  it('keeps the unknown unknown when negated', () => { expect(not(unknown)).toBe(unknown); expect(not(bool(true))).toEqual(bool(false)); });
  it('names every reason of an unknown once', () => {
    const both = and({ kind: 'unknown', reasons: [{ kind: 'field', name: 'a' }] }, { kind: 'unknown', reasons: [{ kind: 'field', name: 'a' }, { kind: 'other', text: 'division by zero' }] });
    expect(both).toEqual({ kind: 'unknown', reasons: [{ kind: 'field', name: 'a' }, { kind: 'other', text: 'division by zero' }] });
  });
});

describe('exact numbers', () => {
  it('divide to a fraction that multiplies back', () => {
    const third = arithmetic('/', number('1'), number('3'));
    expect(compare('==', arithmetic('*', third, number('3')), number('1'))).toEqual(bool(true));
    expect(arithmetic('/', number('7'), number('2'))).toEqual(number('3.5'));
  });
  it('decide 30.03 = 3 x the mean of 10.00, 10.01 and 10.02 without rounding', () => {
    const mean = arithmetic('/', arithmetic('+', arithmetic('+', number('10.00'), number('10.01')), number('10.02')), number('3'));
    expect(compare('>', number('30.03'), arithmetic('*', number('3'), mean))).toEqual(bool(false));
    expect(compare('==', number('30.03'), arithmetic('*', number('3'), mean))).toEqual(bool(true));
  });
  it('are unknown when divided by zero', () => {
    for (const operator of ['/', '%'] as const) expect(arithmetic(operator, number('1'), number('0'))).toEqual(unknownBecause('division by zero'));
  });
  it('compare unknown to nothing, not even itself', () => { expect(compare('==', unknown, unknown).kind).toBe('unknown'); });
});

describe('doubles', () => {
  it('take the exact side as its nearest double', () => {
    expect(compare('==', double(0.1), number('0.1'))).toEqual(bool(true));
    expect(arithmetic('+', double(0.1), number('0.2'))).toEqual(double(0.30000000000000004));
    expect(compare('==', double(9007199254740992), number('9007199254740993'))).toEqual(bool(true));
  });
  it('are unknown when not finite', () => {
    expect(arithmetic('*', double(1e308), double(10)).kind).toBe('unknown');
    expect(arithmetic('/', double(1), double(0))).toEqual(unknownBecause('division by zero'));
    expect(arithmetic('+', double(1), exact(rational(10n ** 400n))).kind).toBe('unknown');
  });
});

describe('times', () => {
  it('differ by durations, and durations divide to exact numbers', () => {
    expect(arithmetic('-', timestamp(5_400_000), timestamp(0))).toEqual(duration(5_400_000));
    expect(arithmetic('/', duration(5_400_000), duration(3_600_000))).toEqual(number('1.5'));
    expect(arithmetic('/', duration(1), duration(0)).kind).toBe('unknown');
  });
  it('keep fractions of a ms', () => {
    expect(arithmetic('*', duration(1), arithmetic('/', number('1'), number('3')))).toEqual({ kind: 'duration', ms: rational(1n, 3n) });
    expect(arithmetic('*', number('2'), duration(3))).toEqual(duration(6));
    expect(arithmetic('+', duration(3), timestamp(6))).toEqual(timestamp(9));
  });
});

describe('strings', () => {
  it('are ordered by code point, not by UTF-16 unit', () => {
    expect('～' < '😀').toBe(false); // what JavaScript says
    expect(compareStrings('～', '😀')).toBeLessThan(0);
    expect(compareStrings('a', 'ab')).toBeLessThan(0);
    expect(compareStrings('', '')).toBe(0);
  });
  it('are ordered as their UTF-32 arrays are', () => {
    const points = (text: string): readonly number[] => [...text].map((one) => one.codePointAt(0) ?? 0);
    fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      const [x, y] = [points(a), points(b)];
      const at = x.findIndex((point, index) => point !== y[index]);
      const expected = at < 0 ? x.length - y.length : (x[at] ?? 0) - (y[at] ?? -1);
      expect(Math.sign(compareStrings(a, b))).toBe(Math.sign(expected));
    }));
  });
});
