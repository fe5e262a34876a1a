import type { TypedExpr } from '@weir/rule-lang';
import { asDouble } from './evaluator.js';
import type { Evaluator, RatioEvaluator, WholeEvaluator } from './evaluator.js';
import { orderOf } from './order.js';
import { fromBigInt, isZero, multiplyWhole, powerOfTen, remainderWhole, rescale } from './whole.js';
import type { Whole } from './whole.js';

/** An item of `x in [a, b]`. */
interface ListItem { readonly expr: TypedExpr; readonly evaluator: Evaluator }

/** Up to so many literals are compared one by one: as fast as a look-up, and generated code writes them out itself. */
const fewLiterals = 8;

/**
 * `x in [a, b]` as `x == a || x == b`, Kleene; false for no items. Literals are looked up in a set of values, so that a list
 * of thousands costs what one of ten costs; other items are compared one by one.
 */
export function compileMembership(operand: Evaluator, items: readonly ListItem[]): Evaluator {
  const literals = items.filter(({ expr }) => isLiteral(expr)).map(({ evaluator }) => evaluator);
  const lookup = literals.length > fewLiterals ? lookupOf(operand, literals) : undefined;
  const compared = lookup === undefined ? items : items.filter(({ expr }) => !isLiteral(expr));
  const orders = compared.map(({ evaluator }) => orderOf(operand, evaluator));
  return {
    form: 'bool',
    get: () => {
      let result = lookup === undefined ? false : lookup();
      if (result === true) return true;
      for (const order of orders) {
        const x = order();
        if (x === 0) return true;
        if (x === undefined) result = undefined;
      }
      return result;
    },
  };
}

/** A literal, perhaps behind a minus: the same value at every event. */
function isLiteral(expr: TypedExpr): boolean { return expr.kind === 'literal' || (expr.kind === 'negate' && isLiteral(expr.operand)); }

type Lookup = () => boolean | undefined;

/** Is the operand one of the literals; undefined when no set of them decides that. */
function lookupOf(operand: Evaluator, literals: readonly Evaluator[]): Lookup | undefined {
  switch (operand.form) {
    case 'string': {
      const { get } = operand;
      const values = new Set(literals.flatMap((one) => (one.form === 'string' ? [one.get()] : [])));
      return () => { const x = get(); return x === undefined ? undefined : values.has(x); };
    }
    case 'whole': return wholeLookup(operand, literals.flatMap((one) => (one.form === 'whole' ? [one] : [])));
    case 'ratio': return ratioLookup(operand, literals.flatMap((one) => (one.form === 'whole' ? [one] : [])));
    case 'double': {
      const { get } = operand;
      const doubles = literals.map((one) => asDouble(one).get());
      const values = new Set(doubles); // 0 and -0 are one value in a set, as in `==`
      // A literal beyond the largest double is unknown beside one.
      const otherwise = doubles.includes(undefined) ? undefined : false;
      return () => { const x = get(); return x === undefined ? undefined : values.has(x) || otherwise; };
    }
    default: return undefined;
  }
}

/** Equal exact integers have one representation ({@link Whole}), so a set tells them apart. A literal finer than the operand's scale may be no multiple of it: then nothing equals it. */
function wholeLookup({ get, scale }: WholeEvaluator, literals: readonly WholeEvaluator[]): Lookup {
  const values = new Set(literals.flatMap((one) => atScale(one.get() ?? 0, one.scale, scale) ?? []));
  return () => { const x = get(); return x === undefined ? undefined : values.has(x); };
}

function ratioLookup({ get, scale }: RatioEvaluator, literals: readonly WholeEvaluator[]): Lookup {
  const finest = Math.max(0, ...literals.map((one) => one.scale));
  const values = new Set(literals.map((one) => rescale(one.get() ?? 0, one.scale, finest)));
  return () => {
    const x = get();
    if (x === undefined) return undefined;
    const [n, d] = [multiplyWhole(x.n, powerOfTen(finest)), multiplyWhole(x.d, powerOfTen(scale))];
    return isZero(remainderWhole(n, d)) && values.has(quotient(n, d));
  };
}

/** `value / 10^from` as a multiple of 10^-to; undefined when it is none. */
function atScale(value: Whole, from: number, to: number): Whole | undefined {
  if (to >= from) return rescale(value, from, to);
  const power = powerOfTen(from - to);
  return isZero(remainderWhole(value, power)) ? quotient(value, power) : undefined;
}

/** @param b divides `a`. */
function quotient(a: Whole, b: Whole): Whole { return fromBigInt(BigInt(a) / BigInt(b)); }
