import type { ExplainedValue } from '@weir/contracts';
import type { TypedExpr, TypedLet, ValueType } from '@weir/rule-lang';
import { decimalsNeeded, floor, fromDouble, toFixed } from '../interpret/exact.js';
import type { Rational } from '../interpret/exact.js';
import { madeFrom } from './made-from.js';
import type { UnknownReason, Value } from '../interpret/value.js';

/** How a value is printed: its static type and, for decimals, the digits after the point that its fields declare. */
export interface PrintAs { readonly type: ValueType; readonly scale: number }

/** Printed form of an expression's values: `812.00` for an amount of scale 2, two decimals for fractions and doubles. */
export function printAs(expr: TypedExpr, lets: readonly TypedLet[]): PrintAs {
  return { type: expr.type, scale: scaleOf(expr, lets) };
}

/** Digits by the expression's node: a tree never changes, and asking anew at every node of a deep one, or through `let`s that name a `let` twice, costs its square or worse. */
const scales = new WeakMap<TypedExpr, number>();

/** Digits after the point that a decimal expression has by declaration: the most of its parts. */
function scaleOf(expr: TypedExpr, lets: readonly TypedLet[]): number {
  const known = scales.get(expr);
  if (known !== undefined) return known;
  const scale = scaleByKind(expr, lets);
  scales.set(expr, scale);
  return scale;
}

function scaleByKind(expr: TypedExpr, lets: readonly TypedLet[]): number {
  switch (expr.kind) {
    case 'literal': return decimalsWritten(expr.text); // `200.00` stays what it is, though its value is 200
    case 'field': case 'previous': case 'step': return expr.scale ?? 0;
    case 'let': return scaleOfAll(lets.filter((one) => one.name === expr.name).map((one) => one.expr), lets);
    case 'negate': return scaleOf(expr.operand, lets);
    case 'arithmetic': return expr.operator === '*' ? widerFactor(expr.left, expr.right, lets) : scaleOfAll([expr.left, expr.right], lets);
    case 'conditional': return scaleOfAll([expr.then, expr.otherwise], lets);
    case 'orValue': return scaleOfAll([expr.operand, expr.fallback], lets);
    case 'call': return scaleOfAll(expr.args, lets);
    case 'stepAggregate': case 'window': return expr.argument === undefined ? 0 : scaleOf(expr.argument, lets);
    default: return 0;
  }
}
function decimalsWritten(text: string): number { return /^[0-9]+\.([0-9]+)$/.exec(text)?.[1]?.length ?? 0; }
function scaleOfAll(parts: readonly TypedExpr[], lets: readonly TypedLet[]): number { return Math.max(0, ...parts.map((part) => scaleOf(part, lets))); }
/** `0.9 * amount` reads as money: the digits of the field, more only where the value needs them. */
function widerFactor(left: TypedExpr, right: TypedExpr, lets: readonly TypedLet[]): number {
  const fields = [left, right].filter((part) => part.kind !== 'literal');
  return scaleOfAll(fields.length > 0 ? fields : [left, right], lets);
}

/** Text for people; `?` when unknown (rule-language §1). */
export function printValue(value: Value, { type, scale }: PrintAs): string {
  switch (value.kind) {
    case 'unknown': return '?';
    case 'bool': return String(value.value);
    case 'string': return value.value;
    case 'exact': return printExact(value.value, type, scale);
    case 'double': return toFixed(fromDouble(value.value), 2);
    case 'timestamp': return printInstant(value.ms);
    case 'duration': return printDuration(value.ms);
    case 'geo': return `${value.value.lat}, ${value.value.lon}`;
    case 'list': return `[${value.items.map((item) => printValue(item, { type: 'string', scale })).join(', ')}]`;
  }
}

function printExact(value: Rational, type: ValueType, scale: number): string {
  if (type === 'fraction') return toFixed(value, 2);
  const needed = decimalsNeeded(value);
  return needed === undefined ? toFixed(value, 2) : toFixed(value, Math.max(scale, needed)); // exact: never fewer digits than the value has
}

/** ISO 8601 in UTC; a fraction of a ms counts down. */
function printInstant(ms: Rational): string {
  const date = new Date(Number(floor(ms)));
  return Number.isNaN(date.getTime()) ? `${toFixed(ms, 0)} ms` : date.toISOString();
}

const units = [['d', 86_400_000n], ['h', 3_600_000n], ['m', 60_000n], ['s', 1_000n]] as const;

/** `1d2h`, `10m`, `90s` as `1m30s`, `1.5ms`; `0s` for nothing. */
export function printDuration(ms: Rational): string {
  const isNegative = ms.n < 0n;
  const size = isNegative ? { n: -ms.n, d: ms.d } : ms;
  let rest = floor(size);
  let text = '';
  for (const [unit, length] of units) {
    if (rest >= length) text += `${rest / length}${unit}`;
    rest %= length;
  }
  const restMs = { n: size.n - (floor(size) - rest) * size.d, d: size.d };
  if (restMs.n > 0n) text += `${size.d === 1n ? restMs.n.toString() : toFixed(restMs, 2)}ms`;
  return text === '' ? '0s' : `${isNegative ? '-' : ''}${text}`;
}

/** Reason of an unknown for people: the field's name, or the few words. */
export function printReason(reason: UnknownReason): string { return reason.kind === 'field' ? reason.name : reason.text; }

function isReference({ kind }: TypedExpr): boolean { return kind === 'field' || kind === 'previous' || kind === 'step'; }

/** The value of an expression as an explanation carries it, with the fields that it is made from. */
export function explainedValue(value: Value, expr: TypedExpr, lets: readonly TypedLet[]): ExplainedValue {
  const isUnknown = value.kind === 'unknown';
  // That a field is absent is no secret; that something else is unknown may hang on the values of its parts.
  const from = isUnknown && isReference(expr) ? [] : madeFrom(expr, lets);
  return {
    ...(isUnknown ? { type: 'unknown', text: '?', missing: value.reasons.map(printReason) } : { type: expr.type, text: printValue(value, printAs(expr, lets)) }),
    ...(from.length === 0 ? {} : { from: [...from] }),
  };
}
