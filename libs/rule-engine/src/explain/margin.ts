import { absolute, divide, fromDouble, toFixed } from '../interpret/exact.js';
import type { Rational } from '../interpret/exact.js';
import { distanceBetween, isNumber } from '../interpret/operate.js';
import type { Value } from '../interpret/value.js';
import { printDuration } from './print-value.js';
import type { PrintAs } from './print-value.js';

/** A difference of less than a cent still shows: digits are added until one of them is not 0, up to this many. */
const maxDecimals = 20;

/**
 * How far the left side lies from the right: `+612.00 (4.1x)`, `-1`, `+3h`. Counts show no ratio.
 * @returns undefined when a side is unknown or has no distance (strings, bools, places).
 */
export function margin(left: Value, leftAs: PrintAs, right: Value, rightAs: PrintAs): string | undefined {
  const difference = distanceBetween(left, right);
  if (difference === undefined) return undefined;
  const sign = difference.n < 0n ? '-' : '+';
  if (!isNumber(left) || !isNumber(right)) return `${sign}${printDuration(absolute(difference))}`;
  const isCount = leftAs.type === 'int' && rightAs.type === 'int';
  const text = `${sign}${printSize(absolute(difference), isCount ? 0 : decimalsOf(leftAs, rightAs))}`;
  const ratio = isCount ? undefined : ratioOf(left, right);
  return ratio === undefined ? text : `${text} (${toFixed(ratio, 1)}x)`;
}

function decimalsOf(left: PrintAs, right: PrintAs): number {
  const decimals = ({ type, scale }: PrintAs): number => (type === 'fraction' || type === 'double' ? 2 : scale);
  return Math.max(decimals(left), decimals(right));
}

function printSize(size: Rational, decimals: number): string {
  for (let more = decimals; more < maxDecimals && size.n > 0n; more += 1) {
    const text = toFixed(size, more);
    if (/[1-9]/.test(text)) return text;
  }
  return toFixed(size, decimals);
}

/** Left over right, when both are positive: a ratio says nothing otherwise. */
function ratioOf(left: Value, right: Value): Rational | undefined {
  const [a, b] = [left, right].map((side) => (side.kind === 'exact' ? side.value : side.kind === 'double' ? fromDouble(side.value) : undefined));
  return a === undefined || b === undefined || a.n <= 0n || b.n <= 0n ? undefined : divide(a, b);
}

/**
 * How near a comparison was to turning, relative to the larger side: 0 at the threshold, 1 and more far off. For ranking near misses.
 * Undefined where there is no distance.
 */
export function relativeDistance(left: Value, right: Value): number | undefined {
  const difference = distanceBetween(left, right);
  if (difference === undefined) return undefined;
  const sizes = [left, right].map((side) => Math.abs(approximate(side)));
  const larger = Math.max(...sizes);
  const gap = Math.abs(Number(toFixed(difference, 6)));
  return larger === 0 ? gap : gap / larger;
}
function approximate(value: Value): number {
  if (value.kind === 'double') return value.value;
  if (value.kind === 'exact') return Number(toFixed(value.value, 6));
  return value.kind === 'duration' || value.kind === 'timestamp' ? Number(toFixed(value.ms, 6)) : 0;
}
