import type { AggregateFn } from '@weir/rule-lang';
import { add, divide, fromInteger, multiply, rational, subtract, toDouble, zero } from './exact.js';
import type { Rational } from './exact.js';
import { isNumber, order } from './operate.js';
import { asRational, bool, canonicalText, exact, finiteDouble, integer, unknownBecause } from './value.js';
import type { Value } from './value.js';

const nothing = 'no events in the window';

/**
 * The aggregate of the argument's values over the counted events, in (ts, seq) order, after `where`.
 *
 * @param values for `count` anything, one per event; unknown ones are left out by every other aggregate.
 * @returns exact for exact values. Doubles: the exact sum of the doubles (each is a fraction), rounded once at the end, so
 *   neither order nor history shows (rule-language §2).
 */
export function aggregate(fn: AggregateFn, values: readonly Value[]): Value {
  if (fn === 'count') return integer(values.length);
  const known = values.filter((value) => value.kind !== 'unknown');
  switch (fn) {
    case 'sum': return known.length === 0 ? integer(0) : sum(known);
    case 'avg': return known.length === 0 ? unknownBecause(nothing) : average(known);
    case 'stddev': return standardDeviation(known);
    case 'min': return extreme(known, -1);
    case 'max': return extreme(known, 1);
    case 'distinct': return integer(new Set(known.map(canonicalText)).size);
    case 'first': return known.at(0) ?? unknownBecause(nothing);
    case 'latest': return known.at(-1) ?? unknownBecause(nothing);
    case 'exists': return bool(known.some(isTrue));
    case 'share': return known.length === 0 ? unknownBecause(nothing) : exact(rational(BigInt(known.filter(isTrue).length), BigInt(known.length)));
  }
}

export function isTrue(value: Value): boolean { return value.kind === 'bool' && value.value; }

function fractionOf(value: Value): Rational {
  if (isNumber(value)) return asRational(value);
  if (value.kind === 'duration') return value.ms;
  throw new TypeError(`sum of ${value.kind}: the checker lets no such rule through`);
}

/** The same kind of value as the arguments, from their exact total. */
function likeArguments(total: Rational, known: readonly Value[]): Value {
  if (known.some((value) => value.kind === 'double')) return finiteDouble(toDouble(total));
  return known[0]?.kind === 'duration' ? { kind: 'duration', ms: total } : exact(total);
}

function exactSum(known: readonly Value[]): Rational { return known.map(fractionOf).reduce(add, zero); }

function sum(known: readonly Value[]): Value { return likeArguments(exactSum(known), known); }

function average(known: readonly Value[]): Value {
  return likeArguments(divide(exactSum(known), fromInteger(known.length)) ?? zero, known);
}

/** Sample standard deviation: sqrt of the double nearest to the exact variance. */
function standardDeviation(known: readonly Value[]): Value {
  if (known.length < 2) return unknownBecause('fewer than two values in the window');
  const numbers = known.map(fractionOf);
  const total = numbers.reduce(add, zero);
  const squares = numbers.map((x) => multiply(x, x)).reduce(add, zero);
  const n = fromInteger(numbers.length);
  // (sum of squares - total^2 / n) / (n - 1), over one denominator
  const variance = divide(subtract(multiply(squares, n), multiply(total, total)), multiply(n, fromInteger(numbers.length - 1)));
  return finiteDouble(Math.sqrt(toDouble(variance ?? zero)));
}

function extreme(known: readonly Value[], sign: 1 | -1): Value {
  return known.reduce<Value | undefined>((best, value) => (best === undefined || isBeyond(value, best, sign) ? value : best), undefined) ?? unknownBecause(nothing);
}
function isBeyond(value: Value, best: Value, sign: 1 | -1): boolean {
  const comparison = order(value, best);
  return typeof comparison === 'number' && comparison * sign > 0;
}

