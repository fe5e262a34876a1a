import type { CompareOperator, TypedExpr, TypedRule } from '@weir/rule-lang';
import { fromBigInt, toNearestDouble } from './whole.js';

/**
 * What an index can test for many rules at once: a number of the current row against a constant, or a string field's value.
 * Numbers by their place in the {@link IndexCatalog}.
 */
export type Atom =
  | { readonly kind: 'atLeast' | 'atMost' | 'equal'; readonly measure: number; readonly at: number }
  | { readonly kind: 'text'; readonly slot: number; readonly literal: string };

/** If the condition is true, so is at least one of these. None: it is never true. */
export type Cover = readonly Atom[];

/** What a measure costs, in evaluations of a rule: a reading of columns and cells, or a condition by closures. */
export const measureCosts = { reading: 0.2, condition: 5 } as const;

/** Value of a measure when doubles cannot tell: every rule that is indexed by it must be evaluated. */
export const unsure = Number.MAX_VALUE;

/** Numbers that rules are indexed by, equal ones once: JavaScript over columns and cells, NaN where unknown. */
export class IndexCatalog {
  readonly measures: { readonly code: string; readonly declarations: string; readonly cost: number }[] = [];
  private readonly places = new Map<string, number>();

  placeOf(code: string, declarations: string, cost: number = measureCosts.reading): number {
    const known = this.places.get(code);
    if (known !== undefined) return known;
    this.places.set(code, this.measures.length);
    return this.measures.push({ code, declarations, cost }) - 1;
  }
}

/** An exact constant: `n / 10^scale`. */
interface Constant { readonly n: bigint; readonly scale: number }

/** The number that an expression is whatever the event; undefined when it depends on it, or is none. */
export function constantOf(expr: TypedExpr, rule: TypedRule): Constant | undefined {
  switch (expr.kind) {
    case 'let': {
      const inner = rule.lets.find((one) => one.name === expr.name)?.expr;
      return inner === undefined ? undefined : constantOf(inner, rule);
    }
    case 'negate': {
      const inner = constantOf(expr.operand, rule);
      return inner === undefined ? undefined : { n: -inner.n, scale: inner.scale };
    }
    case 'literal': {
      const { value } = expr;
      if (value.type === 'int' || value.type === 'decimal') return { n: value.unscaled, scale: value.scale };
      return (value.type === 'duration' || value.type === 'timestamp') && Number.isSafeInteger(value.ms) ? { n: BigInt(value.ms), scale: 0 } : undefined;
    }
    default: return undefined;
  }
}

/** `factor * rest`, the factor greater than 0; 1 when there is none. */
export function splitFactor(expr: TypedExpr, rule: TypedRule): { readonly factor: Constant; readonly rest: TypedExpr } {
  if (expr.kind === 'let') {
    const inner = rule.lets.find((one) => one.name === expr.name)?.expr;
    if (inner !== undefined) return splitFactor(inner, rule);
  }
  if (expr.kind === 'arithmetic' && expr.operator === '*') {
    const [left, right] = [constantOf(expr.left, rule), constantOf(expr.right, rule)];
    if (left !== undefined && left.n > 0n) return { factor: left, rest: expr.right };
    if (right !== undefined && right.n > 0n) return { factor: right, rest: expr.left };
  }
  return { factor: { n: 1n, scale: 0 }, rest: expr };
}

/** A comparison of a measure that is an integer, a multiple of 10^-scale, exactly. Undefined: not to be told in doubles. */
export function exactCover(operator: CompareOperator, measure: number, scale: number, { n, scale: own }: Constant): Cover | undefined {
  const dividend = n * 10n ** BigInt(Math.max(0, scale - own));
  const divisor = 10n ** BigInt(Math.max(0, own - scale));
  const isWhole = dividend % divisor === 0n;
  const floor = dividend / divisor - (dividend < 0n && !isWhole ? 1n : 0n);
  const ceil = isWhole ? floor : floor + 1n;
  const at = (value: bigint): number | undefined => { const x = fromBigInt(value); return typeof x === 'number' ? x : undefined; };
  const cover = (kind: 'atLeast' | 'atMost' | 'equal', value: bigint): Cover | undefined => { const x = at(value); return x === undefined ? undefined : [{ kind, measure, at: x }]; };
  switch (operator) {
    case '>': return cover('atLeast', floor + 1n);
    case '>=': return cover('atLeast', ceil);
    case '<': return cover('atMost', ceil - 1n);
    case '<=': return cover('atMost', floor);
    case '==': return isWhole ? cover('equal', floor) : [];
    case '!=': return undefined;
  }
}

/**
 * A comparison of a measure that is the double nearest to the exact value: rounding keeps order, so nothing true is missed.
 * @param slack relative, where the measure may be further from the exact value; then the constant is greater than 0.
 */
export function roundedCover(operator: CompareOperator, measure: number, n: bigint, d: bigint, slack = 0): Cover | undefined {
  const at = toNearestDouble(fromBigInt(n), fromBigInt(d), 0);
  if (!Number.isFinite(at)) return undefined;
  switch (operator) {
    case '>': case '>=': return [{ kind: 'atLeast', measure, at: at * (1 - slack) }];
    case '<': case '<=': return [{ kind: 'atMost', measure, at: at * (1 + slack) }];
    case '==': case '!=': return undefined;
  }
}
