import type { CompareOperator, LiteralValue, TypedExpr, TypedExprOf, TypedRule, WindowAggregate } from '@weir/rule-lang';
import type { StatePlan } from '../plan/state-plan.js';
import { isEveryEvents } from '../plan/field-slots.js';
import { utf8 } from './event-rows.js';
import type { EventRows } from './event-rows.js';
import { fromBigInt, powerOfTen } from './whole.js';
import type { WindowView } from './window-view.js';

/** V8 does not optimise giant functions; measured, a hundred rules and more in one are still well below its limit. */
export const rulesPerChunk = 128;
/** A condition that becomes longer than this when its `let`s are written out runs as closures. */
const maxConditionLength = 4_000;

/** Names of the constants that generated code may speak of; nothing else comes in, user text least of all. */
export interface CodeConstants {
  readonly rows: EventRows;
  readonly views: readonly WindowView[];
  /** Literals, and closures for what is not spelled out. */
  readonly table: unknown[];
}

/** A number as JavaScript: NaN is unknown. Every name in `checks` must be finite and safe for `code` to be exact. */
export interface NumberCode { readonly code: string; readonly scale: number; readonly checks: readonly string[]; /** May show as an infinity, which still compares rightly with a safe number. */ readonly mayBeWide: boolean }
/** An exact quotient; the denominator must be positive. */
interface RatioCode { readonly n: NumberCode; readonly d: NumberCode }

const one: NumberCode = { code: '1', scale: 0, checks: [], mayBeWide: false };
/** What is true of known values where the comparison is false. */
export const mirrored: Readonly<Record<CompareOperator, CompareOperator>> = { '==': '!=', '!=': '==', '<': '>=', '<=': '>', '>': '<=', '>=': '<' };

/** Whether a condition is wanted true or false: Kleene logic needs both questions, and unknown answers neither. */
type Wanted = boolean;

/**
 * Writes conditions as JavaScript over columns and cells. A Kleene condition becomes two questions, "is it true?" and
 * "is it false?", in plain booleans: both are false where it is unknown, so no third value is carried about.
 *
 * Exact numbers are compared as doubles where every intermediate is a safe integer, checked at run time; otherwise
 * the same comparison is asked of its closure, which falls back to big integers.
 */
export class ConditionWriter {
  private temporaries = 0;

  /** @param rule absent for conditions over counted events. */
  constructor(private readonly plan: StatePlan, private readonly constants: CodeConstants, private readonly rule: TypedRule | undefined, private readonly closureOf: (expr: TypedExpr) => () => unknown) {}

  /** Names that the function around the condition has to declare. */
  get declarations(): string { return this.temporaries === 0 ? '' : `let ${Array.from({ length: this.temporaries }, (_, i) => `t${i}`).join(', ')};`; }

  /** JavaScript that is true exactly when the condition is true. */
  isTrue(expr: TypedExpr): string { return this.asked(expr, true); }
  /** JavaScript that is true exactly when the condition is false. */
  isFalse(expr: TypedExpr): string { return this.asked(expr, false); }

  /** JavaScript of an exact number that columns and cells give; undefined when a closure has to compute it. */
  numberOf(expr: TypedExpr): NumberCode | RatioCode | undefined { return this.number(expr, 0); }

  /** The same as a quotient, its infinities among the checks. */
  quotientOf(expr: TypedExpr): RatioCode | undefined {
    const value = this.number(expr, 0);
    if (value === undefined) return undefined;
    const { n, d } = asRatio(value);
    return { n: this.checkedWhenWide(n), d: this.checkedWhenWide(d) };
  }

  private asked(expr: TypedExpr, wanted: Wanted): string {
    const code = this.condition(expr, wanted, 0);
    return code.length > maxConditionLength ? this.closure(expr, wanted) : code;
  }

  private closure(expr: TypedExpr, wanted: Wanted): string { return `k[${this.constants.table.push(this.closureOf(expr)) - 1}]() === ${wanted}`; }
  private constant(value: unknown): string { return `k[${this.constants.table.push(value) - 1}]`; }
  private temporary(): string { return `t${this.temporaries++}`; }

  private condition(expr: TypedExpr, wanted: Wanted, depth: number): string {
    if (depth > 40) return this.closure(expr, wanted);
    switch (expr.kind) {
      case 'literal': return expr.value.type === 'bool' ? String(expr.value.value === wanted) : this.closure(expr, wanted);
      case 'not': return this.condition(expr.operand, !wanted, depth + 1);
      case 'and': case 'or': {
        const isBoth = (expr.kind === 'and') === wanted;
        const [left, right] = [this.condition(expr.left, wanted, depth + 1), this.condition(expr.right, wanted, depth + 1)];
        // Neither side does anything but answer: the one without a call goes first.
        const [first, second] = callsClosure(left) && !callsClosure(right) ? [right, left] : [left, right];
        return `(${first} ${isBoth ? '&&' : '||'} ${second})`;
      }
      case 'field': return this.booleanField(expr, wanted);
      case 'let': {
        const inner = this.rule?.lets.find((one) => one.name === expr.name)?.expr;
        return inner === undefined ? this.closure(expr, wanted) : this.condition(inner, wanted, depth + 1);
      }
      case 'compare': return this.comparison(expr, wanted, depth);
      case 'in': return this.membership(expr, wanted);
      case 'has': return this.presence(expr, wanted);
      case 'window': return this.exists(expr, wanted);
      default: return this.closure(expr, wanted);
    }
  }

  private slot(expr: TypedExprOf<'field'>): number { return this.plan.slots.findIndex((slot) => slot.name === expr.name && slot.type === expr.type); }

  private booleanField(expr: TypedExprOf<'field'>, wanted: Wanted): string {
    const slot = this.slot(expr);
    return slot < 0 || expr.type !== 'bool' ? this.closure(expr, wanted) : `(n[${slot}][row] === ${wanted ? 1 : 0})`;
  }

  private presence(expr: TypedExprOf<'has'>, wanted: Wanted): string {
    const { target } = expr;
    if (target.kind !== 'field' || isEveryEvents(target.name)) return this.closure(expr, wanted);
    return `${wanted ? '' : '!'}${this.isPresent(this.slot(target))}`;
  }

  /** JavaScript that is true when the current row has the field of a slot. */
  isPresent(slot: number): string {
    const type = this.plan.slots[slot]?.type;
    return type === 'string' ? `(s[${slot}].start[row] !== -1)` : type === 'geo' ? `(g[${slot}][row] !== undefined)` : `(n[${slot}][row] === n[${slot}][row])`;
  }

  private exists(expr: WindowAggregate, wanted: Wanted): string {
    const reading = this.plan.readings.get(expr.id);
    if (expr.fn !== 'exists' || reading === undefined) return this.closure(expr, wanted);
    return `(${cell(reading.view, reading.count)} ${wanted ? '> 0' : '=== 0'})`;
  }

  private membership(expr: TypedExprOf<'in'>, wanted: Wanted): string {
    const items = expr.items.flatMap((item) => (item.kind === 'listLiteral' ? item.items : [item]));
    if (items.length === 0 || items.length > 8 || expr.operand.kind !== 'field' || items.some((item) => item.kind !== 'literal')) return this.closure(expr, wanted);
    return `(${items.map((item) => this.equality(expr, expr.operand, item, wanted)).join(wanted ? ' || ' : ' && ')})`;
  }

  private equality(whole: TypedExpr, left: TypedExpr, right: TypedExpr, wanted: Wanted): string {
    return this.compared(whole, wanted ? '==' : '!=', left, right) ?? this.closure({ kind: 'compare', operator: '==', left, right, type: 'bool', text: whole.text, span: whole.span }, wanted);
  }

  /** `a < b` wanted false is `a >= b` wanted true: both need both sides known. */
  private comparison(expr: TypedExprOf<'compare'>, wanted: Wanted, depth: number): string {
    const { right, operator } = expr;
    // `declined == true` is `declined`.
    if (right.kind === 'literal' && right.value.type === 'bool' && (operator === '==' || operator === '!=')) return this.condition(expr.left, (operator === '==') === (right.value.value === wanted), depth + 1);
    return this.compared(expr, wanted ? expr.operator : mirrored[expr.operator], expr.left, expr.right) ?? this.closure(expr, wanted);
  }

  private compared(whole: TypedExpr, operator: CompareOperator, left: TypedExpr, right: TypedExpr): string | undefined {
    if (left.type === 'string' || right.type === 'string') return this.strings(operator, left, right);
    const [a, b] = [this.number(left, 0), this.number(right, 0)];
    if (a === undefined || b === undefined) return undefined;
    if (!isRatio(a) && !isRatio(b)) return this.numbers(whole, operator, a, b, left, right);
    const [p, q] = [asRatio(a), asRatio(b)];
    const scale = Math.max(p.n.scale, q.n.scale);
    const [x, y] = [this.raised(p.n, scale), this.raised(q.n, scale)];
    if (x === undefined || y === undefined) return undefined;
    return this.numbers(whole, operator, this.product(x, q.d), this.product(y, p.d), left, right);
  }

  private numbers(whole: TypedExpr, operator: CompareOperator, a: NumberCode, b: NumberCode, left: TypedExpr, right: TypedExpr): string | undefined {
    const scale = Math.max(a.scale, b.scale);
    const [x, y] = [this.raised(a, scale), this.raised(b, scale)];
    if (x === undefined || y === undefined) return undefined;
    const checks = [...new Set([...x.checks, ...y.checks])];
    const js = operator === '==' ? '===' : operator;
    // NaN answers every order with false, but `!==` with true: "not equal" is asked as "smaller or greater".
    const direct = operator === '!=' ? (p: string, q: string): string => `(${p} < ${q} || ${p} > ${q})` : (p: string, q: string): string => `(${p} ${js} ${q})`;
    if (checks.length === 0 && !(x.mayBeWide && y.mayBeWide)) return direct(x.code, y.code);
    const [p, q] = [this.temporary(), this.temporary()];
    const needed = [...checks, ...(x.mayBeWide ? [p] : []), ...(y.mayBeWide ? [q] : [])];
    const slow = this.closure({ kind: 'compare', operator, left, right, type: 'bool', text: whole.text, span: whole.span }, true);
    return `((${p} = ${x.code}), (${q} = ${y.code}), (${needed.map((name) => `${name} <= W && ${name} >= -W`).join(' && ')}) ? ${direct(p, q)} : ${slow})`;
  }

  /** The same value at a finer scale; undefined when the power of ten is no safe number. */
  private raised(a: NumberCode, scale: number): NumberCode | undefined {
    if (a.scale === scale) return a;
    const power = powerOfTen(scale - a.scale);
    if (typeof power !== 'number') return undefined;
    const value = Number(a.code);
    if (a.checks.length === 0 && Number.isSafeInteger(value * power)) return { code: String(value * power), scale, checks: [], mayBeWide: false };
    const raised = this.product(a, { ...one, code: String(power) });
    return { ...raised, scale };
  }

  private product(a: NumberCode, b: NumberCode): NumberCode {
    if (a.code === '1' && a.scale === 0) return b;
    if (b.code === '1' && b.scale === 0) return a;
    return this.combined(a, b, '*', a.scale + b.scale);
  }

  private combined(a: NumberCode, b: NumberCode, operator: '+' | '-' | '*', scale: number): NumberCode {
    const [x, y] = [this.checkedWhenWide(a), this.checkedWhenWide(b)];
    const name = this.temporary();
    return { code: `(${name} = ${x.code} ${operator} ${y.code})`, scale, checks: [...x.checks, ...y.checks, name], mayBeWide: false };
  }

  /** An infinity must not go into arithmetic unseen: infinity times 0 would pass for unknown. */
  private checkedWhenWide(a: NumberCode): NumberCode {
    if (!a.mayBeWide) return a;
    const name = this.temporary();
    return { code: `(${name} = ${a.code})`, scale: a.scale, checks: [...a.checks, name], mayBeWide: false };
  }

  private number(expr: TypedExpr, depth: number): NumberCode | RatioCode | undefined {
    if (depth > 20) return undefined;
    switch (expr.kind) {
      case 'literal': return numberLiteral(expr.value);
      case 'field': return this.numberField(expr);
      case 'let': {
        const inner = this.rule?.lets.find((one) => one.name === expr.name)?.expr;
        return inner === undefined ? undefined : this.number(inner, depth + 1);
      }
      case 'window': return this.windowNumber(expr);
      case 'arithmetic': return this.arithmetic(expr, depth);
      default: return undefined;
    }
  }

  private arithmetic(expr: TypedExprOf<'arithmetic'>, depth: number): NumberCode | RatioCode | undefined {
    const { operator } = expr;
    if (operator === '/' || operator === '%') return undefined;
    const [a, b] = [this.number(expr.left, depth + 1), this.number(expr.right, depth + 1)];
    if (a === undefined || b === undefined) return undefined;
    if (isRatio(a) || isRatio(b)) {
      if (operator !== '*') return undefined;
      const [p, q] = [asRatio(a), asRatio(b)];
      return { n: this.product(p.n, q.n), d: this.product(p.d, q.d) };
    }
    if (operator === '*') return this.product(a, b);
    const scale = Math.max(a.scale, b.scale);
    const [x, y] = [this.raised(a, scale), this.raised(b, scale)];
    return x === undefined || y === undefined ? undefined : this.combined(x, y, operator, scale);
  }

  private numberField(expr: TypedExprOf<'field'>): NumberCode | undefined {
    if (expr.name === 'ts') return { code: 'ts[row]', scale: 0, checks: [], mayBeWide: false };
    const slot = this.slot(expr);
    if (slot < 0 || (expr.type !== 'int' && expr.type !== 'decimal' && expr.type !== 'timestamp')) return undefined;
    return { code: `n[${slot}][row]`, scale: this.plan.slots[slot]?.scale ?? 0, checks: [], mayBeWide: this.plan.slots[slot]?.isMixed === true };
  }

  private windowNumber(expr: WindowAggregate): NumberCode | RatioCode | undefined {
    const reading = this.plan.readings.get(expr.id);
    if (reading === undefined) return undefined;
    const at = (offset: number, mayBeWide: boolean, scale = 0): NumberCode => ({ code: cell(reading.view, offset), scale, checks: [], mayBeWide });
    if (expr.fn === 'count') return at(reading.count, false);
    if (expr.fn === 'distinct') return at(reading.other, false);
    if (expr.fn === 'share') {
      // An empty window gives 0 / 0: a denominator that is not positive is unknown.
      const all = this.combined(at(reading.count, false), at(reading.opposite, false), '+', 0);
      return { n: at(reading.count, false), d: this.positive(all) };
    }
    const scale = this.argumentScale(expr.argument);
    if (scale === undefined) return undefined;
    switch (expr.fn) {
      case 'sum': return at(reading.sum, true, scale);
      case 'min': case 'max': case 'first': case 'latest': return at(reading.other, true, scale);
      case 'avg': return { n: at(reading.sum, true, scale), d: this.positive(at(reading.count, false)) };
      default: return undefined;
    }
  }

  /** NaN instead of 0, which the check then sends to the closure. */
  private positive(d: NumberCode): NumberCode {
    const name = this.temporary();
    return { code: `(${name} = ${d.code} || NaN)`, scale: 0, checks: [...d.checks, name], mayBeWide: false };
  }

  /** Scale of an argument that is a plain exact field; others are read by closures. */
  private argumentScale(argument: TypedExpr | undefined): number | undefined {
    if (argument?.kind !== 'field' || (argument.type !== 'int' && argument.type !== 'decimal' && argument.type !== 'timestamp')) return undefined;
    return argument.name === 'ts' ? 0 : this.plan.slots[this.slot(argument)]?.scale;
  }

  private strings(operator: CompareOperator, left: TypedExpr, right: TypedExpr): string | undefined {
    if (operator !== '==' && operator !== '!=') return undefined;
    if (left.kind !== 'field' || isEveryEvents(left.name) || left.type !== 'string') return undefined;
    const a = `s[${this.slot(left)}]`;
    if (right.kind === 'field' && right.type === 'string' && !isEveryEvents(right.name)) return `(${a}.relation(s[${this.slot(right)}], row) === ${operator === '==' ? 1 : 0})`;
    if (right.kind !== 'literal' || right.value.type !== 'string') return undefined;
    const literal = `${a}.is(row, ${this.constant(right.value.value)}, ${this.constant(utf8(right.value.value))})`;
    return operator === '==' ? literal : `(${a}.start[row] !== -1 && !${literal})`;
  }
}

/** Is it a quotient, and no plain number? */
export function isRatio(value: NumberCode | RatioCode): value is RatioCode { return 'd' in value; }
function asRatio(value: NumberCode | RatioCode): RatioCode { return isRatio(value) ? value : { n: value, d: one }; }

function cell(view: number, offset: number): string { return `v${view}.cells[v${view}.base + ${offset}]`; }

function numberLiteral(value: LiteralValue): NumberCode | undefined {
  switch (value.type) {
    case 'int': case 'decimal': {
      const unscaled = fromBigInt(value.unscaled);
      return typeof unscaled === 'number' ? { code: literalCode(unscaled), scale: value.scale, checks: [], mayBeWide: false } : undefined;
    }
    case 'duration': case 'timestamp': return { code: literalCode(value.ms), scale: 0, checks: [], mayBeWide: false };
    default: return undefined;
  }
}
function literalCode(value: number): string { return value < 0 ? `(${value})` : String(value); }
function callsClosure(code: string): boolean { return code.includes(']()'); }
