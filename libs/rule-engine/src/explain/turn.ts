import type { ExplainedTurn } from '@weir/contracts';
import type { CompareOperator } from '@weir/rule-lang';
import { absolute, decimalsNeeded, divide, floor, fromDouble, fromUnscaled, multiply, one, subtract, toDouble, toFixed, zero } from '../interpret/exact.js';
import type { Rational } from '../interpret/exact.js';
import { isNumber, isTime } from '../interpret/operate.js';
import { asRational } from '../interpret/value.js';
import type { Value } from '../interpret/value.js';
import { relativeDistance } from './margin.js';
import { printDuration } from './print-value.js';
import type { PrintAs } from './print-value.js';

/** One side of a comparison: its value, how it is printed, and whether it is written out in the rule. */
export interface Side { readonly value: Value; readonly as: PrintAs; readonly isLiteral: boolean }

/**
 * How far a comparison was from turning: by how much one side has to move, all else the same, for the comparison to have
 * its other value.
 *
 * Moved is the left side, unless it is a literal and the right one is not. The size is the least that turns: an int moves in
 * whole numbers, a decimal in its declared digits, a time in ms; fractions and doubles have no smallest step, so where the
 * bound itself does not turn, `beyond` says that ever so little more does. Where a double is met, the other side is its
 * nearest double, as in the comparison.
 *
 * @returns undefined when a side is unknown or has no distance (strings, bools, places).
 */
export function turnOf(operator: CompareOperator, left: Side, right: Side, holds: boolean): ExplainedTurn | undefined {
  const side = left.isLiteral && !right.isLiteral ? 'right' : 'left';
  const [moved, still] = side === 'left' ? [left, right] : [right, left];
  const gap = gapBetween(moved.value, still.value);
  if (gap === undefined) return undefined;
  const least = leastMove(side === 'left' ? operator : mirrored[operator], gap, still.value.kind === 'double' ? undefined : gridOf(moved), holds);
  const relative = relativeDistance(left.value, right.value) ?? 0;
  return { side, direction: least.direction, by: exactText(least.size), beyond: least.beyond, relative, text: textOf(least, moved, relative, holds) };
}

const mirrored: Readonly<Record<CompareOperator, CompareOperator>> = { '==': '==', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

interface Move { readonly direction: ExplainedTurn['direction']; readonly size: Rational; readonly beyond: boolean }

/** How far the side that stays lies above the one that moves; where a double is met, as its nearest double. */
function gapBetween(moved: Value, still: Value): Rational | undefined {
  if (isNumber(moved) && isNumber(still)) {
    if (moved.kind === 'exact' && still.kind === 'exact') return subtract(still.value, moved.value);
    const target = toDouble(asRational(still));
    return Number.isFinite(target) ? subtract(fromDouble(target), asRational(moved)) : undefined;
  }
  return isTime(moved) && isTime(still) && moved.kind === still.kind ? subtract(still.ms, moved.ms) : undefined;
}

/** The smallest step of the side that moves; undefined: it has none. */
function gridOf({ value, as }: Side): Rational | undefined {
  if (isTime(value)) return value.ms.d === 1n ? one : undefined;
  if (value.kind !== 'exact' || (as.type !== 'int' && as.type !== 'decimal')) return undefined;
  const needed = decimalsNeeded(value.value);
  return needed === undefined ? undefined : fromUnscaled(1n, Math.max(as.scale, needed));
}

function leastMove(operator: CompareOperator, gap: Rational, grid: Rational | undefined, holds: boolean): Move {
  const isEqual = gap.n === 0n;
  if (operator === '==' || operator === '!=') {
    if (!isEqual) return { direction: directionTo(gap), size: absolute(gap), beyond: false };
    return { direction: 'change', size: grid ?? zero, beyond: grid === undefined };
  }
  // The bound itself is on one side: `>` is false there and `>=` true.
  const direction = (operator === '>' || operator === '>=') === holds ? 'fall' : 'rise';
  const turnsAtBound = holds ? operator === '>' || operator === '<' : operator === '>=' || operator === '<=';
  const size = absolute(gap);
  if (grid === undefined) return { direction, size, beyond: !turnsAtBound };
  const steps = divide(size, grid) ?? zero;
  const whole = floor(steps);
  const isOnGrid = steps.d === 1n;
  return { direction, size: multiply(grid, { n: turnsAtBound && isOnGrid ? whole : whole + 1n, d: 1n }), beyond: false };
}

function directionTo(gap: Rational): ExplainedTurn['direction'] { return gap.n < 0n ? 'fall' : 'rise'; }

/** A decimal where the number has one of at most 20 digits, else `n/d`. */
function exactText(value: Rational): string {
  const needed = decimalsNeeded(value);
  return needed === undefined || needed > 20 ? `${value.n}/${value.d}` : toFixed(value, needed);
}

function textOf({ direction, size, beyond }: Move, { value, as }: Side, relative: number, holds: boolean): string {
  const amount = isTime(value) ? printDuration(size) : sizeText(size, as);
  const share = relative > 0 && relative <= 1 && as.type !== 'timestamp' ? ` (${percent(relative)} %)` : '';
  return `${beyond ? 'more than ' : ''}${amount} ${holds ? 'to spare' : short[direction]}${share}`;
}

/** What a side that does not satisfy the comparison lacks. */
const short = { rise: 'short', fall: 'over', change: 'off' } as const;

function percent(share: number): string {
  const value = share * 100;
  return value >= 10 ? value.toFixed(0) : value >= 0.1 ? value.toFixed(1) : '< 0.1';
}

/** In the side's digits; more where two decimals would show nothing. */
function sizeText(size: Rational, { type, scale }: PrintAs): string {
  const decimals = type === 'int' ? 0 : type === 'decimal' ? scale : 2;
  const needed = decimalsNeeded(size);
  if (needed !== undefined && needed <= 6) return toFixed(size, Math.max(decimals, needed));
  for (let digits = Math.max(decimals, 2); digits < 20; digits += 1) {
    const text = toFixed(size, digits);
    if (/[1-9]/.test(text)) return text;
  }
  return toFixed(size, decimals);
}
