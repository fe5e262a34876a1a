import { nearestDouble } from '@weir/stream-core';

/**
 * An exact integer: a plain number while it is safe (below 2^53), else a bigint. Every function returns that normal
 * form, so equal values are of one representation. Never negative zero.
 */
export type Whole = number | bigint;
/** An exact quotient; the denominator is positive. Not in lowest terms. */
export interface Ratio { readonly n: Whole; readonly d: Whole }

const widest = Number.MAX_SAFE_INTEGER;
const powers: Whole[] = [];

/** The normal form of an integer. */
export function fromBigInt(value: bigint): Whole { return value <= widest && value >= -widest ? Number(value) : value; }

/** 10^exponent. */
export function powerOfTen(exponent: number): Whole { return (powers[exponent] ??= fromBigInt(10n ** BigInt(exponent))); }

/** The exact sum. */
export function addWhole(a: Whole, b: Whole): Whole {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (sum <= widest && sum >= -widest) return sum;
  }
  return fromBigInt(BigInt(a) + BigInt(b));
}
/** The exact difference. */
export function subtractWhole(a: Whole, b: Whole): Whole {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (difference <= widest && difference >= -widest) return difference;
  }
  return fromBigInt(BigInt(a) - BigInt(b));
}
/** The exact product. */
export function multiplyWhole(a: Whole, b: Whole): Whole {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    if (product <= widest && product >= -widest) return product + 0; // + 0: no negative zero
  }
  return fromBigInt(BigInt(a) * BigInt(b));
}
/** Sign of the left side, as truncating division leaves it. @param b not 0. */
export function remainderWhole(a: Whole, b: Whole): Whole {
  return typeof a === 'number' && typeof b === 'number' ? (a % b) + 0 : fromBigInt(BigInt(a) % BigInt(b));
}
/** The exact negative; of zero, zero. */
export function negateWhole(a: Whole): Whole { return typeof a === 'number' ? 0 - a : fromBigInt(-a); }
/** Negative, zero or positive. */
export function compareWhole(a: Whole, b: Whole): number { return a < b ? -1 : a > b ? 1 : 0; }
/** Is it zero? The normal form of zero is a number. */
export function isZero(a: Whole): boolean { return a === 0; }
/** Is it below zero? */
function isNegative(a: Whole): boolean { return a < 0; }

/** `value / 10^from` as a multiple of 10^-to, to >= from. */
export function rescale(value: Whole, from: number, to: number): Whole {
  return from === to ? value : multiplyWhole(value, powerOfTen(to - from));
}

/** Undefined when `d` is 0. */
export function ratio(n: Whole, d: Whole): Ratio | undefined {
  if (isZero(d)) return undefined;
  return isNegative(d) ? { n: negateWhole(n), d: negateWhole(d) } : { n, d };
}

/** The double nearest to `n / (d * 10^scale)`, ties to even; an infinity beyond the largest. */
export function toNearestDouble(n: Whole, d: Whole, scale: number): number {
  const denominator = multiplyWhole(d, powerOfTen(scale));
  // Both exact in doubles: the one division rounds correctly.
  return typeof n === 'number' && typeof denominator === 'number' ? n / denominator : nearestDouble(BigInt(n), BigInt(denominator));
}
