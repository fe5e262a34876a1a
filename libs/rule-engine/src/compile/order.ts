import type { CompareOperator, TypedExpr } from '@weir/rule-lang';
import { asDouble, asRatio, atScale, isExact, UncompilableError, unified } from './evaluator.js';
import type { Evaluator, RatioEvaluator, WholeEvaluator } from './evaluator.js';
import { compareWhole, multiplyWhole } from './whole.js';

/** Negative, zero, positive; unknown when a side is. */
type Order = () => number | undefined;

/** The order of two values of comparable forms; bools order false below true, places only by equality. */
export function orderOf(a: Evaluator, b: Evaluator): Order {
  if (a.form === 'bool' && b.form === 'bool') return both(a.get, b.get, (x, y) => Number(x) - Number(y));
  if (a.form === 'string' && b.form === 'string') return both(a.get, b.get, compareCodePoints);
  if (a.form === 'geo' && b.form === 'geo') return both(a.get, b.get, (x, y) => (x.lat === y.lat && x.lon === y.lon ? 0 : 1));
  if (isExact(a) && isExact(b)) return exactOrder(a, b);
  return both(asDouble(a).get, asDouble(b).get, (x, y) => (x < y ? -1 : x > y ? 1 : 0));
}

/** The order of two values, unknown when one is; the second is not asked when the first is unknown. */
export function both<T>(a: () => T | undefined, b: () => T | undefined, order: (x: T, y: T) => number): Order {
  return () => {
    const x = a();
    if (x === undefined) return undefined;
    const y = b();
    return y === undefined ? undefined : order(x, y);
  };
}

function exactOrder(a: WholeEvaluator | RatioEvaluator, b: WholeEvaluator | RatioEvaluator): Order {
  if (a.form === 'whole' && b.form === 'whole') {
    const scale = Math.max(a.scale, b.scale);
    return both(atScale(a, scale).get, atScale(b, scale).get, compareWhole);
  }
  const [p, q] = unified(asRatio(a), asRatio(b), false);
  if (p.form !== 'ratio' || q.form !== 'ratio') throw new UncompilableError('comparison', 'not a fraction');
  return both(p.get, q.get, (x, y) => compareWhole(multiplyWhole(x.n, y.d), multiplyWhole(y.n, x.d)));
}

/** Unicode code point order: surrogates of UTF-16 sort above U+FFFF's other half. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    let x = a.charCodeAt(i);
    let y = b.charCodeAt(i);
    if (x === y) continue;
    // A unit of a surrogate pair stands for a point above every unit that is none (Unicode TN 12, fix-up order).
    if (x >= 0xd800 && y >= 0xd800) {
      if (x >= 0xe000) x -= 0x800; else x += 0x2000;
      if (y >= 0xe000) y -= 0x800; else y += 0x2000;
    }
    return x - y;
  }
  return a.length - b.length;
}

/** Does the comparison hold for values in this order (negative, zero, positive)? */
export function holds(operator: CompareOperator, order: number): boolean {
  switch (operator) {
    case '==': return order === 0;
    case '!=': return order !== 0;
    case '<': return order < 0;
    case '<=': return order <= 0;
    case '>': return order > 0;
    case '>=': return order >= 0;
  }
}

/** One evaluator out of two of the same form. */
export function choose(a: Evaluator, b: Evaluator, expr: TypedExpr, pick: <T>(x: () => T | undefined, y: () => T | undefined) => () => T | undefined): Evaluator {
  if (a.form === 'bool' && b.form === 'bool') return { form: 'bool', get: pick(a.get, b.get) };
  if (a.form === 'string' && b.form === 'string') return { form: 'string', get: pick(a.get, b.get) };
  if (a.form === 'geo' && b.form === 'geo') return { form: 'geo', get: pick(a.get, b.get) };
  if (a.form === 'double' && b.form === 'double') return { form: 'double', get: pick(a.get, b.get) };
  if (a.form === 'whole' && b.form === 'whole') return { form: 'whole', scale: a.scale, get: pick(a.get, b.get) };
  if (a.form === 'ratio' && b.form === 'ratio') return { form: 'ratio', scale: a.scale, get: pick(a.get, b.get) };
  throw new UncompilableError(expr.text, `${a.form} and ${b.form} are of different types`);
}

