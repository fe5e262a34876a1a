/**
 * Exact rational numbers on BigInt: `n / d` in lowest terms, `d > 0`.
 *
 * Every int, decimal, fraction, duration and timestamp of the rule language is one of these while it is computed with, so
 * nothing is rounded before the value is shown or meets a double (rule-language §2, "exact stays exact").
 */
export interface Rational { readonly n: bigint; readonly d: bigint }

export const zero: Rational = { n: 0n, d: 1n };
export const one: Rational = { n: 1n, d: 1n };

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let x = a < 0n ? -a : a;
  let y = b < 0n ? -b : b;
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

/** `n / d` in lowest terms with a positive denominator. Throws RangeError when `d` is 0: callers decide what that means. */
export function rational(n: bigint, d = 1n): Rational {
  if (d === 0n) throw new RangeError('a rational with denominator 0');
  if (d === 1n) return { n, d };
  const divisor = greatestCommonDivisor(n, d);
  const sign = d < 0n ? -1n : 1n;
  return { n: (sign * n) / divisor, d: (sign * d) / divisor };
}

/** `unscaled / 10^scale`. */
export function fromUnscaled(unscaled: bigint, scale: number): Rational {
  return rational(unscaled, 10n ** BigInt(scale));
}

/** Canonical decimal text (`12.5`, `0`, `-3`) as written by the ingester. Throws SyntaxError on anything else. */
export function fromDecimalText(text: string): Rational {
  const parts = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (parts === null) throw new SyntaxError(`not a decimal: ${text.slice(0, 40)}`);
  const decimals = parts[3] ?? '';
  const unscaled = BigInt(`${parts[2] ?? '0'}${decimals}`);
  return fromUnscaled(parts[1] === '-' ? -unscaled : unscaled, decimals.length);
}

/** An integer number (a field of type int or timestamp, a span in ms). Throws RangeError when it is none. */
export function fromInteger(value: number): Rational {
  return { n: BigInt(value), d: 1n };
}

const bits = new DataView(new ArrayBuffer(8));

/** The fraction that a finite double is. Throws RangeError on infinities and NaN. */
export function fromDouble(value: number): Rational {
  if (!Number.isFinite(value)) throw new RangeError('not a finite double');
  bits.setFloat64(0, value);
  const high = bits.getUint32(0);
  const exponentField = (high >>> 20) & 0x7ff;
  const fraction = (BigInt(high & 0xfffff) << 32n) | BigInt(bits.getUint32(4));
  const mantissa = exponentField === 0 ? fraction : fraction | (1n << 52n);
  const exponent = (exponentField === 0 ? 1 : exponentField) - 1075;
  const signed = high >>> 31 === 1 ? -mantissa : mantissa;
  return exponent >= 0 ? rational(signed << BigInt(exponent)) : rational(signed, 1n << BigInt(-exponent));
}

export function add(a: Rational, b: Rational): Rational {
  return a.d === b.d ? rational(a.n + b.n, a.d) : rational(a.n * b.d + b.n * a.d, a.d * b.d);
}
export function subtract(a: Rational, b: Rational): Rational { return add(a, negate(b)); }
export function multiply(a: Rational, b: Rational): Rational { return rational(a.n * b.n, a.d * b.d); }
export function negate(a: Rational): Rational { return { n: -a.n, d: a.d }; }
export function absolute(a: Rational): Rational { return a.n < 0n ? negate(a) : a; }

/** Undefined when `b` is 0. */
export function divide(a: Rational, b: Rational): Rational | undefined {
  return b.n === 0n ? undefined : rational(a.n * b.d, a.d * b.n);
}

/** Remainder with the sign of the left side (`-7 % 3` is -1, `5.5 % 2` is 1.5). Undefined when `b` is 0. */
export function remainder(a: Rational, b: Rational): Rational | undefined {
  // Both over the common denominator a.d * b.d: BigInt's % truncates, so the sign is the left side's.
  return b.n === 0n ? undefined : rational((a.n * b.d) % (b.n * a.d), a.d * b.d);
}

/** Negative, zero or positive, by cross-multiplication with positive denominators. */
export function compareRationals(a: Rational, b: Rational): number {
  const difference = a.n * b.d - b.n * a.d;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Largest integer not above the value. */
export function floor(a: Rational): bigint {
  const quotient = a.n / a.d;
  return a.n < 0n && quotient * a.d !== a.n ? quotient - 1n : quotient;
}

function bitLength(n: bigint): number { return n.toString(2).length; }

/** `n / d` rounded to an integer, ties to even; both not negative. */
function roundHalfEven(n: bigint, d: bigint): bigint {
  const quotient = n / d;
  const twice = 2n * (n - quotient * d);
  return twice > d || (twice === d && (quotient & 1n) === 1n) ? quotient + 1n : quotient;
}

/**
 * The nearest double, ties to even, subnormals included; an infinity when it lies beyond the largest double.
 * This is the only place where an exact value is rounded to a double.
 */
export function toDouble(value: Rational): number {
  if (value.n === 0n) return 0;
  const sign = value.n < 0n ? -1 : 1;
  const n = value.n < 0n ? -value.n : value.n;
  let magnitude = bitLength(n) - bitLength(value.d);
  const isBelow = magnitude >= 0 ? n < value.d << BigInt(magnitude) : n << BigInt(-magnitude) < value.d;
  if (isBelow) magnitude -= 1; // now 2^magnitude <= n/d < 2^(magnitude + 1)
  if (magnitude > 1023) return sign * Infinity;
  const ulp = Math.max(magnitude - 52, -1074); // 53 bits are kept, fewer below the smallest normal double
  const mantissa = ulp >= 0 ? roundHalfEven(n, value.d << BigInt(ulp)) : roundHalfEven(n << BigInt(-ulp), value.d);
  // Two factors, each product exact: 2^ulp alone may be below the smallest normal double.
  const half = Math.trunc(ulp / 2);
  return sign * (Number(mantissa) * 2 ** half * 2 ** (ulp - half)) + 0; // + 0: exact numbers have no negative zero
}

/** Decimal text with exactly `decimals` digits after the point, rounded half away from zero. */
export function toFixed(value: Rational, decimals: number): string {
  const factor = 10n ** BigInt(decimals);
  const n = (value.n < 0n ? -value.n : value.n) * factor;
  const rounded = (2n * n + value.d) / (2n * value.d);
  const digits = rounded.toString().padStart(decimals + 1, '0');
  const text = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return value.n < 0n && rounded !== 0n ? `-${text}` : text;
}

/** Number of digits after the point that an exact decimal needs; undefined when it has no finite decimal form. */
export function decimalsNeeded(value: Rational): number | undefined {
  let rest = value.d;
  let twos = 0;
  let fives = 0;
  while (rest % 2n === 0n) { rest /= 2n; twos += 1; }
  while (rest % 5n === 0n) { rest /= 5n; fives += 1; }
  return rest === 1n ? Math.max(twos, fives) : undefined;
}
