import { canonicalText } from './canonical-text.js';
import { compareConstants, type ConstantValue, constantOf, holds } from './constant-value.js';
import type { RuleContext } from './rule-context.js';
import { offsetsOf } from './span-offsets.js';
import type { CompareOperator, TypedBody, TypedExpr, TypedLet } from './typed-rule.js';

type Lets = (name: string) => TypedExpr | undefined;
interface Telling { readonly context: RuleContext; readonly lets: Lets }

/**
 * Tells conditions that are always true or never true whatever comes: constants (`1 > 2`), values out of their range
 * (`count() < 0`, `share(x) > 1`), and contradictions between the parts of an `&&` (`amount > 10 && amount < 5`).
 */
export function tellUnreachable(lets: readonly TypedLet[], body: TypedBody, context: RuleContext): void {
  const telling: Telling = { context, lets: (name) => context.lets.get(name) };
  for (const { expr } of lets) if (expr.type === 'bool' && expr.kind !== 'literal') tellCondition(expr, telling);
  const roots = body.kind === 'when' ? [body.condition] : body.kind === 'window' ? [body.having] : body.steps.flatMap(({ where, until }) => [where ?? [], until ?? []].flat());
  for (const root of roots) tellCondition(root, telling);
  for (const expr of [...lets.map((one) => one.expr), ...roots]) tellWindows(expr, telling);
}

function tell({ context }: Telling, expr: TypedExpr, what: string, hint: string): void {
  context.found.error('unreachable', offsetsOf(context.source, expr.span), `\`${expr.text}\` ${what}`, { hint });
}

/** Goes down to the smallest condition that is decided by itself. */
function tellCondition(expr: TypedExpr, telling: Telling): void {
  switch (expr.kind) {
    case 'and': case 'or':
      tellCondition(expr.left, telling);
      tellCondition(expr.right, telling);
      if (expr.kind === 'and') tellContradiction(expr, telling);
      return;
    case 'not': return tellCondition(expr.operand, telling);
    case 'conditional':
      tellCondition(expr.condition, telling);
      for (const branch of [expr.then, expr.otherwise]) if (branch.type === 'bool' && branch.kind !== 'literal') tellCondition(branch, telling);
      return;
    default: {
      const target = expr.kind === 'let' ? telling.lets(expr.name) : undefined;
      if (target !== undefined && target.kind !== 'literal') return; // told where the `let` stands
      const value = constantOf(expr, telling.lets) ?? (expr.kind === 'compare' ? rangeDecides(expr, telling.lets) : undefined);
      if (value?.kind === 'bool') tell(telling, expr, `is always ${String(value.value)}`, 'no event can change it: remove it or put right what it compares');
      if (value?.kind === 'unknown') tell(telling, expr, 'is never known, so it is never true', 'a division by zero is unknown');
    }
  }
}

/** Conditions inside windows and aggregates over steps. */
function tellWindows(expr: TypedExpr, telling: Telling): void {
  if (expr.kind === 'window') {
    if (expr.where !== undefined) tellCondition(expr.where, telling);
    if ((expr.fn === 'share' || expr.fn === 'exists') && expr.argument !== undefined) tellCondition(expr.argument, telling);
    return;
  }
  switch (expr.kind) {
    case 'not': case 'negate': return tellWindows(expr.operand, telling);
    case 'and': case 'or': case 'compare': case 'arithmetic':
      tellWindows(expr.left, telling);
      return tellWindows(expr.right, telling);
    case 'in': case 'inList': return tellWindows(expr.operand, telling);
    case 'orValue':
      tellWindows(expr.operand, telling);
      return tellWindows(expr.fallback, telling);
    case 'conditional': return [expr.condition, expr.then, expr.otherwise].forEach((part) => tellWindows(part, telling));
    case 'call': return expr.args.forEach((part) => tellWindows(part, telling));
    default: return;
  }
}

const MIRRORED: Readonly<Record<CompareOperator, CompareOperator>> = { '==': '==', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

interface Bound { readonly operator: CompareOperator; readonly value: ConstantValue; readonly subject: TypedExpr }

/** A comparison with a constant, written with the constant on the right. */
function boundOf(expr: Extract<TypedExpr, { kind: 'compare' }>, lets: Lets): Bound | undefined {
  const [left, right] = [constantOf(expr.left, lets), constantOf(expr.right, lets)];
  if (left === undefined && right !== undefined) return { operator: expr.operator, value: right, subject: expr.left };
  if (right === undefined && left !== undefined) return { operator: MIRRORED[expr.operator], value: left, subject: expr.right };
  return undefined;
}

/** Least and greatest value that the kind of expression alone allows. */
function naturalRange(expr: TypedExpr, lets: Lets): readonly [bigint, bigint | undefined] | undefined {
  switch (expr.kind) {
    case 'let': {
      const target = lets(expr.name);
      return target === undefined ? undefined : naturalRange(target, lets);
    }
    case 'window':
      if (expr.fn === 'share') return [0n, 1n];
      if (expr.fn === 'count' || expr.fn === 'distinct') return [0n, expr.source.span.kind === 'lastEvents' ? BigInt(expr.source.span.count) : undefined];
      return undefined;
    case 'stepAggregate': return expr.fn === 'count' ? [0n, undefined] : undefined;
    case 'call': return expr.args[0]?.type === 'duration' && expr.fn !== 'abs' ? undefined : callRange(expr.fn);
    default: return undefined;
  }
}

function callRange(fn: string): readonly [bigint, bigint | undefined] | undefined {
  switch (fn) {
    case 'size': case 'abs': case 'distance_km': return [0n, undefined];
    case 'getHours': return [0n, 23n];
    case 'getMinutes': case 'getSeconds': return [0n, 59n];
    case 'getMilliseconds': return [0n, 999n];
    case 'getMonth': return [0n, 11n];
    case 'getDate': return [1n, 31n];
    case 'getDayOfMonth': return [0n, 30n];
    case 'getDayOfWeek': return [0n, 6n];
    case 'getDayOfYear': return [0n, 365n];
    default: return undefined;
  }
}

function rangeDecides(expr: Extract<TypedExpr, { kind: 'compare' }>, lets: Lets): ConstantValue | undefined {
  const bound = boundOf(expr, lets);
  const range = bound === undefined ? undefined : naturalRange(bound.subject, lets);
  if (bound === undefined || range === undefined) return undefined;
  const [least, most] = range;
  const atLeast = compareConstants({ kind: 'exact', num: least, den: 1n }, bound.value);
  const atMost = most === undefined ? 1 : compareConstants({ kind: 'exact', num: most, den: 1n }, bound.value);
  if (atLeast === undefined || atMost === undefined) return undefined;
  const isBelow = atMost < 0; // the whole range lies below the constant
  const isAbove = atLeast > 0;
  switch (bound.operator) {
    case '==': case '!=': return isBelow || isAbove ? { kind: 'bool', value: bound.operator === '!=' } : undefined;
    case '<': return isBelow ? yes : atLeast >= 0 ? no : undefined;
    case '<=': return atMost <= 0 && most !== undefined ? yes : isAbove ? no : undefined;
    case '>': return isAbove ? yes : atMost <= 0 && most !== undefined ? no : undefined;
    case '>=': return atLeast >= 0 ? yes : isBelow ? no : undefined;
  }
}

const yes: ConstantValue = { kind: 'bool', value: true };
const no: ConstantValue = { kind: 'bool', value: false };

function conjuncts(expr: TypedExpr): readonly TypedExpr[] {
  return expr.kind === 'and' ? [...conjuncts(expr.left), ...conjuncts(expr.right)] : [expr];
}

/** Tells the right side of an `&&` if one of its comparisons excludes one of the left side's. */
function tellContradiction(expr: { readonly left: TypedExpr; readonly right: TypedExpr }, telling: Telling): void {
  const boundsOf = (side: TypedExpr): (Bound & { readonly expr: TypedExpr })[] => conjuncts(side).flatMap((part) => {
    const bound = part.kind === 'compare' ? boundOf(part, telling.lets) : undefined;
    return bound === undefined ? [] : [{ ...bound, expr: part }];
  });
  const left = boundsOf(expr.left);
  for (const right of boundsOf(expr.right)) {
    const subject = canonicalText(right.subject);
    const other = left.find((one) => canonicalText(one.subject) === subject && excludes(one, right));
    if (other !== undefined) return tell(telling, right.expr, `can never be true together with \`${other.expr.text}\``, 'one of the two is wrong, or `||` is meant');
  }
}

function excludes(a: Bound, b: Bound): boolean {
  if (a.value.kind === 'text' && b.value.kind === 'text') {
    const same = a.value.value === b.value.value;
    return (a.operator === '==' && b.operator === '==' && !same) || (same && ((a.operator === '==' && b.operator === '!=') || (a.operator === '!=' && b.operator === '==')));
  }
  const sign = compareConstants(a.value, b.value);
  if (sign === undefined) return false;
  if (a.operator === '==') return !holds(b.operator, sign);
  if (b.operator === '==') return !holds(a.operator, -sign);
  const isLower = (operator: CompareOperator): boolean => operator === '>' || operator === '>=';
  const isUpper = (operator: CompareOperator): boolean => operator === '<' || operator === '<=';
  const strict = a.operator === '<' || a.operator === '>' || b.operator === '<' || b.operator === '>';
  if (isLower(a.operator) && isUpper(b.operator)) return sign > 0 || (sign === 0 && strict);
  if (isUpper(a.operator) && isLower(b.operator)) return sign < 0 || (sign === 0 && strict);
  return false;
}
