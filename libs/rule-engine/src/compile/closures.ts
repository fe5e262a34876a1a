// `as` behind an index: slots come from the plan and rows from the batch, so the cell is there; these run per event, without a check.
import type { ArithmeticOperator, CompareOperator, TypedExpr, TypedExprOf, WindowAggregate } from '@weir/rule-lang';
import { compileCall } from './call-closures.js';
import { asDouble, asRatio, atScale, finite, isExact, UncompilableError, unified } from './evaluator.js';
import { compileMembership } from './membership.js';
import { both, choose, holds, orderOf } from './order.js';
import type { Evaluator, EvaluatorOf, RatioEvaluator, WholeEvaluator } from './evaluator.js';
import type { EventRows } from './event-rows.js';
import { addWhole, fromBigInt, isZero, multiplyWhole, negateWhole, powerOfTen, ratio, remainderWhole, subtractWhole } from './whole.js';
import type { Whole } from './whole.js';

/** What names mean where an expression stands: the triggering event, or a counted event inside a window. */
export interface Scope {
  readonly rows: EventRows;
  slot(name: string, type: TypedExpr['type']): number;
  /** The type name of the current row. */
  typeName(): string;
  window(expr: WindowAggregate): Evaluator;
  previous(expr: TypedExprOf<'previous'>): Evaluator;
  letValue(name: string): Evaluator;
  /** What an earlier step of a sequence took. */
  step(expr: TypedExprOf<'step' | 'stepAggregate'>): Evaluator;
  isListed(list: string, value: string): boolean;
  /** False: the list never held the value of these bytes. */
  mayBeListed(list: string, bytes: Uint8Array, from: number, length: number): boolean;
  modelScore(name: string): number | undefined;
}

/**
 * Compiles a typed expression to closures: the form for hosts that forbid code generation, and of everything that
 * generated code does not spell out itself. Semantics: rule-language §2, Kleene, exact.
 */
export function compileClosure(expr: TypedExpr, scope: Scope): Evaluator {
  const sub = (part: TypedExpr): Evaluator => compileClosure(part, scope);
  switch (expr.kind) {
    case 'literal': return literal(expr.value);
    case 'listLiteral': return { form: 'list', items: expr.items.map(sub) };
    case 'field': return field(expr, scope);
    case 'previous': return scope.previous(expr);
    case 'let': return scope.letValue(expr.name);
    case 'window': return scope.window(expr);
    case 'not': { const a = bool(sub(expr.operand), expr); return { form: 'bool', get: () => { const x = a(); return x === undefined ? undefined : !x; } }; }
    case 'and': return kleene(bool(sub(expr.left), expr), bool(sub(expr.right), expr), false);
    case 'or': return kleene(bool(sub(expr.left), expr), bool(sub(expr.right), expr), true);
    case 'negate': return negate(sub(expr.operand), expr);
    case 'compare': return compare(expr.operator, sub(expr.left), sub(expr.right));
    case 'arithmetic': return arithmetic(expr.operator, sub(expr.left), sub(expr.right), expr);
    case 'in': return compileMembership(sub(expr.operand), expr.items.flatMap((item) => (item.kind === 'listLiteral' ? item.items : [item])).map((item) => ({ expr: item, evaluator: sub(item) })));
    case 'inList': return inList(expr.operand, sub(expr.operand), expr.list, scope);
    case 'conditional': return conditional(bool(sub(expr.condition), expr), sub(expr.then), sub(expr.otherwise), expr);
    case 'has': return has(sub(expr.target));
    case 'orValue': return orValue(sub(expr.operand), sub(expr.fallback), expr);
    case 'call': return compileCall(expr, expr.args.map(sub));
    case 'model': { const { name } = expr; return { form: 'double', get: () => { const x = scope.modelScore(name); return x === undefined ? undefined : finite(x); } }; }
    case 'step': case 'stepAggregate': return scope.step(expr);
  }
}

/** The closure of a condition. */
function bool(e: Evaluator, expr: TypedExpr): () => boolean | undefined {
  if (e.form !== 'bool') throw new UncompilableError(expr.text, 'not a condition');
  return e.get;
}

function literal(value: TypedExprOf<'literal'>['value']): Evaluator {
  switch (value.type) {
    case 'bool': { const x = value.value; return { form: 'bool', get: () => x }; }
    case 'string': { const x = value.value; return { form: 'string', get: () => x }; }
    case 'int': case 'decimal': { const x = fromBigInt(value.unscaled); return { form: 'whole', scale: value.scale, get: () => x }; }
    case 'duration': case 'timestamp': { const x = value.ms; return { form: 'whole', scale: 0, get: () => x }; }
  }
}

function field(expr: TypedExprOf<'field'>, scope: Scope): Evaluator {
  const { rows } = scope;
  switch (expr.name) {
    case 'id': return { form: 'string', get: () => rows.id.text(rows.row) };
    case 'type': return { form: 'string', get: () => scope.typeName() };
    case 'ts': return { form: 'whole', scale: 0, get: () => rows.ts[rows.row] };
    default: break;
  }
  const slot = scope.slot(expr.name, expr.type);
  switch (expr.type) {
    case 'string': { const column = rows.texts[slot]; return { form: 'string', get: () => column?.text(rows.row) }; }
    case 'geo': { const column = rows.places[slot]; return { form: 'geo', get: () => column?.[rows.row] }; }
    default: break;
  }
  const column = rows.numbers[slot] as Float64Array;
  const wide = rows.wide[slot];
  switch (expr.type) {
    case 'bool': return { form: 'bool', get: () => { const x = column[rows.row] as number; return x !== x ? undefined : x === 1; } };
    case 'double': return { form: 'double', get: () => { const x = column[rows.row] as number; return x !== x ? undefined : x; } };
    default: {
      const scale = rows.slots[slot]?.scale ?? 0;
      return { form: 'whole', scale, get: () => { const x = column[rows.row] as number; return x !== x ? undefined : Number.isFinite(x) ? x : wide?.get(rows.row); } };
    }
  }
}

/** `deciding` wins over unknown on either side. */
function kleene(a: () => boolean | undefined, b: () => boolean | undefined, deciding: boolean): Evaluator {
  return {
    form: 'bool',
    get: () => {
      const x = a();
      if (x === deciding) return deciding;
      const y = b();
      return y === deciding ? deciding : x === undefined ? undefined : y;
    },
  };
}

function negate(a: Evaluator, expr: TypedExpr): Evaluator {
  switch (a.form) {
    case 'double': { const { get } = a; return { form: 'double', get: () => { const x = get(); return x === undefined ? undefined : -x; } }; }
    case 'whole': { const { get, scale } = a; return { form: 'whole', scale, get: () => { const x = get(); return x === undefined ? undefined : negateWhole(x); } }; }
    case 'ratio': { const { get, scale } = a; return { form: 'ratio', scale, get: () => { const x = get(); return x === undefined ? undefined : { n: negateWhole(x.n), d: x.d }; } }; }
    default: throw new UncompilableError(expr.text, 'minus needs a number');
  }
}

function compare(operator: CompareOperator, a: Evaluator, b: Evaluator): Evaluator {
  const order = orderOf(a, b);
  return { form: 'bool', get: () => { const x = order(); return x === undefined ? undefined : holds(operator, x); } };
}

function inList(expr: TypedExpr, operand: Evaluator, list: string, scope: Scope): Evaluator {
  const text = canonicalTextOf(operand);
  const { rows } = scope;
  const column = expr.kind === 'field' && expr.type === 'string' && expr.name !== 'id' && expr.name !== 'type' ? rows.texts[scope.slot(expr.name, expr.type)] : undefined;
  if (column !== undefined) {
    // Most values were never listed: their bytes tell, without a string.
    return { form: 'bool', get: () => {
      const start = column.start[rows.row] as number;
      if (start >= 0 && !scope.mayBeListed(list, rows.bytes, start, column.size[rows.row] as number)) return false;
      const x = text();
      return x === undefined ? undefined : scope.isListed(list, x);
    } };
  }
  return { form: 'bool', get: () => { const x = text(); return x === undefined ? undefined : scope.isListed(list, x); } };
}

/** A value as list entries and keys write it. */
function canonicalTextOf(e: Evaluator): () => string | undefined {
  const text = <T>(get: () => T | undefined, write: (x: T) => string): (() => string | undefined) => () => { const x = get(); return x === undefined ? undefined : write(x); };
  switch (e.form) {
    case 'string': return e.get;
    case 'bool': return text(e.get, String);
    case 'whole': { const { scale } = e; return text(e.get, (x) => decimalText(x, scale)); }
    case 'geo': return text(e.get, (x) => `${x.lat + 0},${x.lon + 0}`);
    case 'double': return text(e.get, (x) => String(x + 0));
    default: throw new UncompilableError(e.form, 'has no list entry');
  }
}

function decimalText(x: Whole, scale: number): string {
  if (scale === 0) return x.toString();
  const isMinus = x < 0;
  const digits = (isMinus ? negateWhole(x) : x).toString().padStart(scale + 1, '0');
  const fraction = digits.slice(-scale).replace(/0+$/, '');
  return `${isMinus ? '-' : ''}${digits.slice(0, -scale)}${fraction === '' ? '' : `.${fraction}`}`;
}

function conditional(condition: () => boolean | undefined, then: Evaluator, otherwise: Evaluator, expr: TypedExpr): Evaluator {
  const [a, b] = unified(then, otherwise, expr.type === 'double');
  return choose(a, b, expr, <T>(x: () => T | undefined, y: () => T | undefined) => () => {
    const chosen = condition();
    return chosen === undefined ? undefined : chosen ? x() : y();
  });
}

function orValue(operand: Evaluator, fallback: Evaluator, expr: TypedExpr): Evaluator {
  const [a, b] = unified(operand, fallback, expr.type === 'double');
  return choose(a, b, expr, <T>(x: () => T | undefined, y: () => T | undefined) => () => x() ?? y());
}

function has(target: Evaluator): Evaluator {
  if (target.form === 'list') throw new UncompilableError('has', 'needs a name');
  const { get } = target;
  return { form: 'bool', get: () => get() !== undefined };
}

function arithmetic(operator: ArithmeticOperator, a: Evaluator, b: Evaluator, expr: TypedExpr): Evaluator {
  if (isExact(a) && isExact(b)) return a.form === 'whole' && b.form === 'whole' ? wholeArithmetic(operator, a, b) : ratioArithmetic(operator, asRatio(a), asRatio(b));
  if (a.form === 'string' && b.form === 'string' && operator === '+') {
    const [p, q] = [a.get, b.get];
    return {
      form: 'string',
      get: () => {
        const x = p();
        const y = q();
        return x === undefined || y === undefined ? undefined : x + y;
      },
    };
  }
  // An exact duration times or over a double stays exact: the double is a fraction (rule-language §2).
  if (expr.type === 'duration') throw new UncompilableError(expr.text, 'a duration with a double is not compiled yet');
  return doubleArithmetic(operator, asDouble(a), asDouble(b), expr);
}

function wholeArithmetic(operator: ArithmeticOperator, a: WholeEvaluator, b: WholeEvaluator): Evaluator {
  const scale = Math.max(a.scale, b.scale);
  const [p, q] = [atScale(a, scale).get, atScale(b, scale).get];
  switch (operator) {
    case '+': return { form: 'whole', scale, get: wholes(p, q, addWhole) };
    case '-': return { form: 'whole', scale, get: wholes(p, q, subtractWhole) };
    case '*': return { form: 'whole', scale: a.scale + b.scale, get: wholes(a.get, b.get, multiplyWhole) };
    case '/': return { form: 'ratio', scale: 0, get: wholes(p, q, ratio) };
    case '%': return { form: 'whole', scale, get: wholes(p, q, (x, y) => (isZero(y) ? undefined : remainderWhole(x, y))) };
  }
}

function wholes<T>(a: () => Whole | undefined, b: () => Whole | undefined, combine: (x: Whole, y: Whole) => T | undefined): () => T | undefined {
  return () => {
    const x = a();
    if (x === undefined) return undefined;
    const y = b();
    return y === undefined ? undefined : combine(x, y);
  };
}

function ratioArithmetic(operator: ArithmeticOperator, a: RatioEvaluator, b: RatioEvaluator): RatioEvaluator {
  const scale = Math.max(a.scale, b.scale);
  const raise = [powerOfTen(scale - a.scale), powerOfTen(scale - b.scale)] as const;
  const get = (combine: (n: Whole, d: Whole, m: Whole, e: Whole) => readonly [Whole, Whole]) => () => {
    const x = a.get();
    if (x === undefined) return undefined;
    const y = b.get();
    if (y === undefined) return undefined;
    const [n, d] = combine(multiplyWhole(x.n, raise[0]), x.d, multiplyWhole(y.n, raise[1]), y.d);
    return ratio(n, d);
  };
  switch (operator) {
    case '+': return { form: 'ratio', scale, get: get((n, d, m, e) => [addWhole(multiplyWhole(n, e), multiplyWhole(m, d)), multiplyWhole(d, e)]) };
    case '-': return { form: 'ratio', scale, get: get((n, d, m, e) => [subtractWhole(multiplyWhole(n, e), multiplyWhole(m, d)), multiplyWhole(d, e)]) };
    case '*': return { form: 'ratio', scale: 2 * scale, get: get((n, d, m, e) => [multiplyWhole(n, m), multiplyWhole(d, e)]) };
    case '/': return { form: 'ratio', scale: 0, get: get((n, d, m, e) => [multiplyWhole(n, e), multiplyWhole(d, m)]) };
    case '%': return {
      form: 'ratio', scale,
      get: get((n, d, m, e) => (isZero(m) ? [0, 0] : [remainderWhole(multiplyWhole(n, e), multiplyWhole(m, d)), multiplyWhole(d, e)])),
    };
  }
}

function doubleArithmetic(operator: ArithmeticOperator, a: EvaluatorOf<'double'>, b: EvaluatorOf<'double'>, expr: TypedExpr): Evaluator {
  const get = (combine: (x: number, y: number) => number): (() => number | undefined) => both(a.get, b.get, combine);
  const finiteOf = (order: () => number | undefined): Evaluator => ({ form: 'double', get: () => { const x = order(); return x === undefined ? undefined : finite(x); } });
  switch (operator) {
    case '+': return finiteOf(get((x, y) => x + y));
    case '-': return finiteOf(get((x, y) => x - y));
    case '*': return finiteOf(get((x, y) => x * y));
    case '/': return finiteOf(get((x, y) => x / y));
    case '%': throw new UncompilableError(expr.text, '% on doubles');
  }
}
