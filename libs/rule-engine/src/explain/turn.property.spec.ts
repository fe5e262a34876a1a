import { describe, expect, it } from '@jest/globals';
import type { CompareOperator } from '@weir/rule-lang';
import fc from 'fast-check';
import { isTrue } from '../interpret/aggregate.js';
import { add, fromDecimalText, fromDouble, fromInteger, negate, rational, toDouble } from '../interpret/exact.js';
import type { Rational } from '../interpret/exact.js';
import { compare } from '../interpret/operate.js';
import { asRational } from '../interpret/value.js';
import type { Value } from '../interpret/value.js';
import { turnOf } from './turn.js';
import type { Side } from './turn.js';

const operators: readonly CompareOperator[] = ['==', '!=', '<', '<=', '>', '>='];

const exactSide = (value: Rational, type: 'int' | 'decimal' | 'fraction', scale: number): Omit<Side, 'isLiteral'> => ({ value: { kind: 'exact', value }, as: { type, scale } });
const arbNumber: fc.Arbitrary<Omit<Side, 'isLiteral'>> = fc.oneof(
  fc.integer({ min: -5, max: 5 }).map((n) => exactSide(fromInteger(n), 'int', 0)),
  fc.integer({ min: -300, max: 300 }).map((n) => exactSide(rational(BigInt(n), 100n), 'decimal', 2)),
  fc.tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 1, max: 7 })).map(([n, d]) => exactSide(rational(BigInt(n), BigInt(d)), 'fraction', 0)),
  fc.constantFrom(0, 0.1, 0.3, -2.5, 1e16, 1 / 3).map((value) => ({ value: { kind: 'double' as const, value }, as: { type: 'double' as const, scale: 0 } })),
);
const arbTime: fc.Arbitrary<Omit<Side, 'isLiteral'>> = fc.tuple(fc.integer({ min: 1, max: 10 }), fc.constantFrom(1, 2, 3))
  .map(([n, d]) => ({ value: { kind: 'duration' as const, ms: rational(BigInt(n), BigInt(d)) }, as: { type: 'duration' as const, scale: 0 } }));
const arbSides = fc.oneof(fc.tuple(arbNumber, arbNumber), fc.tuple(arbTime, arbTime));

function readExact(text: string): Rational {
  const [n = '', d] = text.split('/');
  return d === undefined ? fromDecimalText(n) : rational(BigInt(n), BigInt(d));
}

function shifted(value: Value, by: Rational): Value {
  switch (value.kind) {
    case 'exact': return { kind: 'exact', value: add(value.value, by) };
    case 'double': return { kind: 'double', value: toDouble(add(fromDouble(value.value), by)) };
    case 'duration': case 'timestamp': return { kind: value.kind, ms: add(value.ms, by) };
    default: throw new TypeError(value.kind);
  }
}

/** Small against the numbers here, large against the steps of their doubles. */
function littleMore(value: Value): Rational { return value.kind === 'double' || value.kind === 'exact' ? (Math.abs(toDouble(asRational(value))) > 1e9 ? fromInteger(1_000) : rational(1n, 1_000_000_000n)) : rational(1n, 1_000n); }

describe('how far a comparison was from turning', () => {
  it('is a shift of one side that gives the comparison its other value', () => {
    fc.assert(fc.property(fc.constantFrom(...operators), arbSides, fc.boolean(), fc.boolean(), fc.boolean(), (operator, [a, b], isLeftLiteral, isRightLiteral, isUp) => {
      const [left, right] = [{ ...a, isLiteral: isLeftLiteral }, { ...b, isLiteral: isRightLiteral }];
      const holds = isTrue(compare(operator, left.value, right.value));
      const turn = turnOf(operator, left, right, holds);
      if (turn === undefined) throw new Error('numbers and times have a distance');
      const moved = turn.side === 'left' ? left : right;
      const other = turn.side === 'left' ? right : left;
      let size = readExact(turn.by);
      if (turn.beyond) size = add(size, add(littleMore(moved.value), littleMore(other.value)));
      const by = turn.direction === 'fall' || (turn.direction === 'change' && !isUp) ? negate(size) : size;
      const value = shifted(moved.value, by);
      const after = turn.side === 'left' ? compare(operator, value, right.value) : compare(operator, left.value, value);
      expect(isTrue(after)).toBe(!holds);
    }), { numRuns: 2_000 });
  });

  it('is no larger than it must be: a step less of the side\'s own digits does not turn', () => {
    fc.assert(fc.property(fc.constantFrom<CompareOperator>('<', '<=', '>', '>='), fc.integer({ min: -300, max: 300 }), arbNumber, (operator, cents, right) => {
      if (right.value.kind === 'double') return;
      const left = { ...exactSide(rational(BigInt(cents), 100n), 'decimal', 2), isLiteral: false };
      const holds = isTrue(compare(operator, left.value, right.value));
      const turn = turnOf(operator, left, { ...right, isLiteral: true }, holds);
      const less = add(readExact(turn?.by ?? '0'), rational(-1n, 100n));
      expect(turn?.beyond).toBe(false);
      expect(isTrue(compare(operator, shifted(left.value, turn?.direction === 'fall' ? negate(less) : less), right.value))).toBe(holds);
    }), { numRuns: 1_000 });
  });

  const money = (text: string, isLiteral = false): Side => ({ ...exactSide(fromDecimalText(text), 'decimal', 2), isLiteral });
  const count = (n: number, isLiteral = false): Side => ({ ...exactSide(fromInteger(n), 'int', 0), isLiteral });
  it.each([
    ['>', money('162.50'), money('200.00', true), false, 'left rise 37.51: 37.51 short (19 %)'],
    ['>=', money('162.50'), money('200.00', true), false, 'left rise 37.5: 37.50 short (19 %)'],
    ['<', money('200.00', true), money('162.50'), false, 'right rise 37.51: 37.51 short (19 %)'],
    ['>=', count(2), count(3, true), false, 'left rise 1: 1 short (33 %)'],
    ['>=', count(5), count(3, true), true, 'left fall 3: 3 to spare (40 %)'],
    ['<', count(13), count(5, true), false, 'left fall 9: 9 over (62 %)'],
    ['==', count(3), count(3, true), true, 'left change 1: 1 to spare'],
  ] as const)('of %s reads well', (operator, left, right, holds, text) => {
    const turn = turnOf(operator, left, right, holds);
    expect(`${turn?.side} ${turn?.direction} ${turn?.by}: ${turn?.text}`).toBe(text);
  });

  it('says nothing of texts, bools and what is not known', () => {
    const text: Side = { value: { kind: 'string', value: 'a' }, as: { type: 'string', scale: 0 }, isLiteral: false };
    expect(turnOf('==', text, text, true)).toBeUndefined();
    expect(turnOf('>', { value: { kind: 'unknown', reasons: [] }, as: { type: 'int', scale: 0 }, isLiteral: false }, count(1), false)).toBeUndefined();
  });
});
