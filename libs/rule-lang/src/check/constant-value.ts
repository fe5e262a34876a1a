import type { CompareOperator, TypedExpr } from './typed-rule.js';

/** A value that the text of a rule alone decides. Exact numbers are num / den with den > 0; times and spans are numbers of ms. */
export type ConstantValue =
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'exact'; readonly num: bigint; readonly den: bigint }
  | { readonly kind: 'unknown' };

type Lets = (name: string) => TypedExpr | undefined;

/** The value of an expression if it is the same for every event; undefined if not, or if it is a double. Kleene's logic. */
export function constantOf(expr: TypedExpr, lets: Lets): ConstantValue | undefined {
  switch (expr.kind) {
    case 'literal': return literalOf(expr);
    case 'let': {
      const target = lets(expr.name);
      return target === undefined ? undefined : constantOf(target, lets);
    }
    case 'not': {
      const value = constantOf(expr.operand, lets);
      return value?.kind === 'bool' ? { kind: 'bool', value: !value.value } : value;
    }
    case 'negate': {
      const value = constantOf(expr.operand, lets);
      return value?.kind === 'exact' ? { ...value, num: -value.num } : value;
    }
    case 'and': case 'or': return logicOf(expr.kind === 'or', constantOf(expr.left, lets), constantOf(expr.right, lets));
    case 'compare': return compareOf(expr.operator, constantOf(expr.left, lets), constantOf(expr.right, lets));
    case 'arithmetic': return arithmeticOf(expr, constantOf(expr.left, lets), constantOf(expr.right, lets));
    case 'in': return inOf(expr, lets);
    case 'conditional': return conditionalOf(expr, lets);
    case 'has': return expr.target.kind === 'field' && ['id', 'type', 'ts'].includes(expr.target.name) ? { kind: 'bool', value: true } : undefined;
    case 'orValue': {
      const value = constantOf(expr.operand, lets);
      return value?.kind === 'unknown' ? constantOf(expr.fallback, lets) : value;
    }
    default: return undefined;
  }
}

function literalOf({ value }: Extract<TypedExpr, { kind: 'literal' }>): ConstantValue {
  switch (value.type) {
    case 'bool': return { kind: 'bool', value: value.value };
    case 'string': return { kind: 'text', value: value.value };
    case 'int': case 'decimal': return { kind: 'exact', num: value.unscaled, den: 10n ** BigInt(value.scale) };
    case 'duration': case 'timestamp': return { kind: 'exact', num: BigInt(value.ms), den: 1n };
  }
}

function logicOf(decisive: boolean, left: ConstantValue | undefined, right: ConstantValue | undefined): ConstantValue | undefined {
  if ((left?.kind === 'bool' && left.value === decisive) || (right?.kind === 'bool' && right.value === decisive)) return { kind: 'bool', value: decisive };
  if (left === undefined || right === undefined) return undefined;
  return left.kind === 'bool' && right.kind === 'bool' ? { kind: 'bool', value: !decisive } : { kind: 'unknown' };
}

/** Sign of a - b; undefined when there is no order. */
export function compareConstants(a: ConstantValue, b: ConstantValue): number | undefined {
  if (a.kind === 'exact' && b.kind === 'exact') return signOf(a.num * b.den - b.num * a.den);
  if (a.kind === 'bool' && b.kind === 'bool') return Number(a.value) - Number(b.value);
  if (a.kind === 'text' && b.kind === 'text') return a.value === b.value ? 0 : undefined;
  return undefined;
}

function signOf(value: bigint): number {
  return value > 0n ? 1 : value < 0n ? -1 : 0;
}

export function holds(operator: CompareOperator, sign: number): boolean {
  switch (operator) {
    case '==': return sign === 0;
    case '!=': return sign !== 0;
    case '<': return sign < 0;
    case '<=': return sign <= 0;
    case '>': return sign > 0;
    case '>=': return sign >= 0;
  }
}

function compareOf(operator: CompareOperator, left: ConstantValue | undefined, right: ConstantValue | undefined): ConstantValue | undefined {
  if (left?.kind === 'unknown' || right?.kind === 'unknown') return { kind: 'unknown' };
  if (left === undefined || right === undefined) return undefined;
  if (left.kind === 'text' && right.kind === 'text' && (operator === '==' || operator === '!=')) return { kind: 'bool', value: (left.value === right.value) === (operator === '==') };
  const sign = compareConstants(left, right);
  return sign === undefined ? undefined : { kind: 'bool', value: holds(operator, sign) };
}

/** Digits beyond which constants are left alone: folding is for finding mistakes, not for computing. */
const MOST_BITS = 2048n;

function arithmeticOf(expr: Extract<TypedExpr, { kind: 'arithmetic' }>, left: ConstantValue | undefined, right: ConstantValue | undefined): ConstantValue | undefined {
  if (expr.type === 'double') return undefined;
  if (left?.kind === 'unknown' || right?.kind === 'unknown') return { kind: 'unknown' };
  if (expr.operator === '/' && right?.kind === 'exact' && right.num === 0n) return { kind: 'unknown' };
  if (left?.kind === 'text' && right?.kind === 'text') return { kind: 'text', value: left.value + right.value };
  if (left?.kind !== 'exact' || right?.kind !== 'exact') return undefined;
  if ([left.num, left.den, right.num, right.den].some((part) => (part < 0n ? -part : part) >> MOST_BITS > 0n)) return undefined;
  const [a, b, c, d] = [left.num, left.den, right.num, right.den];
  switch (expr.operator) {
    case '+': return { kind: 'exact', num: a * d + c * b, den: b * d };
    case '-': return { kind: 'exact', num: a * d - c * b, den: b * d };
    case '*': return { kind: 'exact', num: a * c, den: b * d };
    case '/': return { kind: 'exact', num: c < 0n ? -a * d : a * d, den: b * (c < 0n ? -c : c) };
    case '%': return c === 0n ? { kind: 'unknown' } : { kind: 'exact', num: (a * d) % (c * b), den: b * d };
  }
}

function inOf(expr: Extract<TypedExpr, { kind: 'in' }>, lets: Lets): ConstantValue | undefined {
  const operand = constantOf(expr.operand, lets);
  return expr.items.reduce<ConstantValue | undefined>((found, item) => logicOf(true, found, compareOf('==', operand, constantOf(item, lets))), { kind: 'bool', value: false });
}

function conditionalOf(expr: Extract<TypedExpr, { kind: 'conditional' }>, lets: Lets): ConstantValue | undefined {
  const condition = constantOf(expr.condition, lets);
  if (condition?.kind === 'bool') return constantOf(condition.value ? expr.then : expr.otherwise, lets);
  return condition?.kind === 'unknown' ? condition : undefined;
}
