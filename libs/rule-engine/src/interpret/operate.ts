import type { ArithmeticOperator, CompareOperator } from '@weir/rule-lang';
import { add, compareRationals, divide, fromDouble, multiply, negate, remainder, subtract, toDouble } from './exact.js';
import type { Rational } from './exact.js';
import { asDouble, asRational, bool, exact, finiteDouble, unknownBecause, unknownFrom } from './value.js';
import type { Unknown, Value, ValueOf } from './value.js';

const divisionByZero = 'division by zero';

/** Orders strings by Unicode code point, not by UTF-16 unit (rule-language §2). */
export function compareStrings(a: string, b: string): number {
  const left = a[Symbol.iterator]();
  const right = b[Symbol.iterator]();
  for (;;) {
    const x = left.next();
    const y = right.next();
    if (x.done === true || y.done === true) return (x.done === true ? 0 : 1) - (y.done === true ? 0 : 1);
    const difference = (x.value.codePointAt(0) ?? 0) - (y.value.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
}

function compareNumbers(a: ValueOf<'exact'> | ValueOf<'double'>, b: ValueOf<'exact'> | ValueOf<'double'>): number | Unknown {
  if (a.kind === 'exact' && b.kind === 'exact') return compareRationals(a.value, b.value);
  const x = asDouble(a);
  const y = asDouble(b);
  if (x.kind !== 'double' || y.kind !== 'double') return unknownFrom([x, y]);
  return x.value < y.value ? -1 : x.value > y.value ? 1 : 0;
}

/** Negative, zero, positive, or unknown. Geo values have no order, only equality: different ones give 1. */
export function order(a: Value, b: Value): number | Unknown {
  if (a.kind === 'unknown' || b.kind === 'unknown') return unknownFrom([a, b]);
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b);
  if (a.kind === 'string' && b.kind === 'string') return compareStrings(a.value, b.value);
  if (a.kind === 'bool' && b.kind === 'bool') return Number(a.value) - Number(b.value);
  if (isTime(a) && isTime(b) && a.kind === b.kind) return compareRationals(a.ms, b.ms);
  if (a.kind === 'geo' && b.kind === 'geo') return a.value.lat === b.value.lat && a.value.lon === b.value.lon ? 0 : 1;
  throw new TypeError(`${a.kind} compared with ${b.kind}: the checker lets no such rule through`);
}

export function compare(operator: CompareOperator, a: Value, b: Value): Value {
  const sign = order(a, b);
  if (typeof sign !== 'number') return sign;
  switch (operator) {
    case '==': return bool(sign === 0);
    case '!=': return bool(sign !== 0);
    case '<': return bool(sign < 0);
    case '<=': return bool(sign <= 0);
    case '>': return bool(sign > 0);
    case '>=': return bool(sign >= 0);
  }
}

/** Kleene: false wins over unknown, on either side. */
export function and(a: Value, b: Value): Value { return kleene(a, b, false); }
/** Kleene: true wins over unknown, on either side. */
export function or(a: Value, b: Value): Value { return kleene(a, b, true); }
function kleene(a: Value, b: Value, deciding: boolean): Value {
  if ((a.kind === 'bool' && a.value === deciding) || (b.kind === 'bool' && b.value === deciding)) return bool(deciding);
  return a.kind === 'unknown' || b.kind === 'unknown' ? unknownFrom([a, b]) : bool(!deciding);
}
export function not(a: Value): Value { return a.kind === 'bool' ? bool(!a.value) : a; }

export function negated(a: Value): Value {
  switch (a.kind) {
    case 'exact': return exact(negate(a.value));
    case 'double': return { kind: 'double', value: -a.value };
    case 'duration': return { kind: 'duration', ms: negate(a.ms) };
    case 'unknown': return a;
    default: throw new TypeError(`minus ${a.kind}: the checker lets no such rule through`);
  }
}

/** `+ - * / %` of rule-language §2: exact where both sides are exact; doubles in one IEEE operation; times and durations exactly. */
export function arithmetic(operator: ArithmeticOperator, a: Value, b: Value): Value {
  if (a.kind === 'unknown' || b.kind === 'unknown') return unknownFrom([a, b]);
  if (isNumber(a) && isNumber(b)) return a.kind === 'exact' && b.kind === 'exact' ? exactArithmetic(operator, a.value, b.value) : doubleArithmetic(operator, a, b);
  if (a.kind === 'string' && b.kind === 'string' && operator === '+') return { kind: 'string', value: a.value + b.value }; // as in CEL
  if (isTime(a) && isTime(b)) return timeArithmetic(operator, a, b);
  if (a.kind === 'duration' && isNumber(b)) return scaleDuration(operator, a.ms, asRational(b));
  if (isNumber(a) && b.kind === 'duration' && operator === '*') return scaleDuration('*', b.ms, asRational(a));
  throw new TypeError(`${a.kind} ${operator} ${b.kind}: the checker lets no such rule through`);
}

function exactArithmetic(operator: ArithmeticOperator, a: Rational, b: Rational): Value {
  switch (operator) {
    case '+': return exact(add(a, b));
    case '-': return exact(subtract(a, b));
    case '*': return exact(multiply(a, b));
    case '/': return fromQuotient(divide(a, b));
    case '%': return fromQuotient(remainder(a, b));
  }
}
function fromQuotient(value: Rational | undefined): Value { return value === undefined ? unknownBecause(divisionByZero) : exact(value); }

function doubleArithmetic(operator: ArithmeticOperator, left: ValueOf<'exact'> | ValueOf<'double'>, right: ValueOf<'exact'> | ValueOf<'double'>): Value {
  const a = asDouble(left);
  const b = asDouble(right);
  if (a.kind !== 'double' || b.kind !== 'double') return unknownFrom([a, b]);
  switch (operator) {
    case '+': return finiteDouble(a.value + b.value);
    case '-': return finiteDouble(a.value - b.value);
    case '*': return finiteDouble(a.value * b.value);
    case '/': return finiteDouble(a.value / b.value, b.value === 0 ? divisionByZero : undefined);
    case '%': throw new TypeError('% on doubles: the checker lets no such rule through');
  }
}

function timeArithmetic(operator: ArithmeticOperator, a: ValueOf<'timestamp' | 'duration'>, b: ValueOf<'timestamp' | 'duration'>): Value {
  if (operator === '/' && a.kind === 'duration' && b.kind === 'duration') return fromQuotient(divide(a.ms, b.ms));
  if (operator === '-' && (a.kind === b.kind || b.kind === 'duration')) return { kind: a.kind === b.kind ? 'duration' : 'timestamp', ms: subtract(a.ms, b.ms) };
  if (operator === '+' && (a.kind === 'duration' || b.kind === 'duration')) return { kind: a.kind === b.kind ? 'duration' : 'timestamp', ms: add(a.ms, b.ms) };
  throw new TypeError(`${a.kind} ${operator} ${b.kind}: the checker lets no such rule through`);
}

function scaleDuration(operator: ArithmeticOperator, ms: Rational, factor: Rational): Value {
  if (operator === '*') return { kind: 'duration', ms: multiply(ms, factor) };
  const quotient = operator === '/' ? divide(ms, factor) : undefined;
  if (operator !== '/') throw new TypeError(`duration ${operator} number: the checker lets no such rule through`);
  return quotient === undefined ? unknownBecause(divisionByZero) : { kind: 'duration', ms: quotient };
}

/** How far `a` lies above `b`, as a fraction (doubles are fractions): a number, or ms for times. Undefined where there is no distance. */
export function distanceBetween(a: Value, b: Value): Rational | undefined {
  if (isNumber(a) && isNumber(b)) {
    if (a.kind === 'exact' && b.kind === 'exact') return subtract(a.value, b.value);
    const x = toDouble(asRational(a));
    const y = toDouble(asRational(b));
    return Number.isFinite(x) && Number.isFinite(y) ? subtract(fromDouble(x), fromDouble(y)) : undefined;
  }
  return isTime(a) && isTime(b) && a.kind === b.kind ? subtract(a.ms, b.ms) : undefined;
}

export function isNumber(value: Value): value is ValueOf<'exact'> | ValueOf<'double'> { return value.kind === 'exact' || value.kind === 'double'; }
export function isTime(value: Value): value is ValueOf<'timestamp' | 'duration'> { return value.kind === 'timestamp' || value.kind === 'duration'; }
