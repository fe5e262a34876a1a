import type { CompareOperator, TypedExpr, TypedExprOf } from '@weir/rule-lang';
import type { RulePlan, StatePlan } from '../plan/state-plan.js';
import { isEveryEvents } from '../plan/field-slots.js';
import { shapeOf } from '../plan/shape.js';
import { ConditionWriter, isRatio, mirrored } from './generate-conditions.js';
import type { CodeConstants, NumberCode } from './generate-conditions.js';
import { constantOf, exactCover, measureCosts, roundedCover, splitFactor, unsure } from './index-atoms.js';
import type { Cover, IndexCatalog } from './index-atoms.js';

/** One rule to be generated, with the closures for the parts that are not spelled out. */
export interface GeneratedRule { readonly plan: RulePlan; readonly index: number; readonly condition: TypedExpr; readonly closureOf: (expr: TypedExpr) => () => unknown }

/** The same comparison with its sides changed. */
const turned: Readonly<Record<CompareOperator, CompareOperator>> = { '==': '==', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };
/** Two quotients of doubles are at most a few roundings away from the exact one. */
const quotientSlack = 1e-12;
const maxDepth = 60;
/** Pairs of alternatives that are tried for a disjunction. */
const maxPairs = 9;

/**
 * Ways to index a rule: from each conjunct of its condition, also through `let`s and negations, the atoms of which one must
 * hold where the condition is true. A disjunction is covered by the covers of all its parts.
 */
export class CoverFinder {
  constructor(private readonly catalog: IndexCatalog, private readonly plan: StatePlan, private readonly constants: CodeConstants, private readonly generated: GeneratedRule) {}

  /** Each of them suffices. Empty: the rule must always be evaluated. */
  alternatives(): readonly Cover[] { return this.covers(this.generated.condition, true, 0); }

  /** Conjuncts that columns and cells alone cannot test, by what they mean; the same one may be in many rules. */
  conjuncts(): readonly { readonly key: string; readonly expr: TypedExpr; readonly wanted: boolean }[] {
    return this.split(this.generated.condition, true, 0).flatMap((part) => {
      if (this.covers(part.expr, part.wanted, 0).length > 0) return [];
      const key = this.meaningOf(part.expr);
      return key === undefined ? [] : [{ ...part, key: `${part.wanted} ${key}` }];
    });
  }

  /** A conjunct as a number that is 1 where it holds, whatever it is made of. */
  conditionCover(expr: TypedExpr, wanted: boolean): Cover {
    const writer = this.writer(this.constants);
    const test = wanted ? writer.isTrue(expr) : writer.isFalse(expr);
    return [{ kind: 'atLeast', measure: this.catalog.placeOf(`(${test} ? 1 : 0)`, writer.declarations, measureCosts.condition), at: 1 }];
  }

  private get rule(): GeneratedRule['plan']['rule'] { return this.generated.plan.rule; }
  private writer(constants: CodeConstants): ConditionWriter { return new ConditionWriter(this.plan, constants, this.rule, this.generated.closureOf); }

  private inner(name: string): TypedExpr | undefined { return this.rule.lets.find((one) => one.name === name)?.expr; }

  private split(expr: TypedExpr, wanted: boolean, depth: number): readonly { readonly expr: TypedExpr; readonly wanted: boolean }[] {
    const below = (part: TypedExpr, want = wanted): readonly { readonly expr: TypedExpr; readonly wanted: boolean }[] => this.split(part, want, depth + 1);
    if (depth > maxDepth) return [];
    switch (expr.kind) {
      case 'not': return below(expr.operand, !wanted);
      case 'let': { const inner = this.inner(expr.name); return inner === undefined ? [] : below(inner); }
      case 'and': case 'or': return (expr.kind === 'and') === wanted ? [...below(expr.left), ...below(expr.right)] : [{ expr, wanted }];
      default: return [{ expr, wanted }];
    }
  }

  /** One text for one meaning across rules; undefined where names mean what the rule says they mean. */
  private meaningOf(expr: TypedExpr): string | undefined {
    const shape = shapeOf(expr);
    return /"kind":"(?:let|previous|step|stepAggregate)"/.test(shape) ? undefined : shape;
  }

  private covers(expr: TypedExpr, wanted: boolean, depth: number): readonly Cover[] {
    if (depth > maxDepth) return [];
    const one = (cover: Cover | undefined): readonly Cover[] => (cover === undefined ? [] : [cover]);
    switch (expr.kind) {
      case 'literal': return expr.value.type === 'bool' && expr.value.value !== wanted ? [[]] : [];
      case 'not': return this.covers(expr.operand, !wanted, depth + 1);
      case 'let': { const inner = this.inner(expr.name); return inner === undefined ? [] : this.covers(inner, wanted, depth + 1); }
      case 'and': case 'or': {
        const [left, right] = [this.covers(expr.left, wanted, depth + 1), this.covers(expr.right, wanted, depth + 1)];
        if ((expr.kind === 'and') === wanted) return [...left, ...right];
        return left.flatMap((a) => right.map((b) => [...a, ...b])).slice(0, maxPairs);
      }
      case 'field': return one(this.booleanField(expr, wanted));
      case 'window': return one(this.exists(expr, wanted));
      case 'in': return one(wanted ? this.membership(expr) : undefined);
      case 'compare': {
        const { left, right, operator } = expr;
        // `declined == true` is `declined`.
        if (right.kind === 'literal' && right.value.type === 'bool' && (operator === '==' || operator === '!=')) return this.covers(left, (operator === '==') === (right.value.value === wanted), depth + 1);
        return one(this.comparison(wanted ? operator : mirrored[operator], left, right));
      }
      default: return [];
    }
  }

  private slot(expr: TypedExprOf<'field'>): number { return this.plan.slots.findIndex((slot) => slot.name === expr.name && slot.type === expr.type); }

  private booleanField(expr: TypedExprOf<'field'>, wanted: boolean): Cover | undefined {
    const slot = this.slot(expr);
    if (slot < 0 || expr.type !== 'bool') return undefined;
    const measure = this.catalog.placeOf(`n[${slot}][row]`, '');
    return [wanted ? { kind: 'atLeast', measure, at: 1 } : { kind: 'atMost', measure, at: 0 }];
  }

  private exists(expr: TypedExprOf<'window'>, wanted: boolean): Cover | undefined {
    if (expr.fn !== 'exists') return undefined;
    // Its cell counts as that of `count` does.
    const number = this.writer(this.constants).numberOf({ ...expr, fn: 'count', type: 'int' });
    if (number === undefined || isRatio(number)) return undefined;
    const measure = this.catalog.placeOf(number.code, '');
    return [wanted ? { kind: 'atLeast', measure, at: 1 } : { kind: 'atMost', measure, at: 0 }];
  }

  private membership({ operand, items }: TypedExprOf<'in'>): Cover | undefined {
    const atoms = items.flatMap((item) => (item.kind === 'listLiteral' ? item.items : [item])).map((item) => this.comparison('==', operand, item));
    return atoms.includes(undefined) ? undefined : atoms.flatMap((cover) => cover ?? []);
  }

  private comparison(operator: CompareOperator, left: TypedExpr, right: TypedExpr): Cover | undefined {
    if (left.type === 'string' || right.type === 'string') return operator === '==' ? this.textCover(left, right) ?? this.textCover(right, left) : undefined;
    const [a, b] = [constantOf(left, this.rule), constantOf(right, this.rule)];
    if (b !== undefined) return this.againstConstant(operator, left, b);
    if (a !== undefined) return this.againstConstant(turned[operator], right, a);
    return this.quotient(operator, left, right);
  }

  private textCover(field: TypedExpr, literal: TypedExpr): Cover | undefined {
    if (field.kind !== 'field' || field.type !== 'string' || isEveryEvents(field.name) || literal.kind !== 'literal' || literal.value.type !== 'string') return undefined;
    const slot = this.slot(field);
    return slot < 0 ? undefined : [{ kind: 'text', slot, literal: literal.value.value }];
  }

  private againstConstant(operator: CompareOperator, expr: TypedExpr, constant: { readonly n: bigint; readonly scale: number }): Cover | undefined {
    if (operator === '!=') return undefined;
    const below = 10n ** BigInt(constant.scale);
    if (expr.kind === 'field' && expr.type === 'double') {
      const slot = this.slot(expr);
      return slot < 0 ? undefined : roundedCover(operator, this.catalog.placeOf(`n[${slot}][row]`, ''), constant.n, below);
    }
    const writer = this.writer(this.constants);
    const value = writer.numberOf(expr);
    if (value === undefined) return undefined;
    if (!isRatio(value)) return exactCover(operator, this.catalog.placeOf(sure(value.code, value.checks), writer.declarations), value.scale, constant);
    const quotient = this.writer(this.constants);
    const parts = quotient.quotientOf(expr);
    if (parts === undefined) return undefined;
    const { n, d } = parts;
    const measure = this.catalog.placeOf(`(p = ${n.code}, r = ${d.code}, ${sure('p / r', [...n.checks, ...d.checks])})`, quotient.declarations);
    return roundedCover(operator, measure, constant.n * 10n ** BigInt(n.scale), below * 10n ** BigInt(d.scale));
  }

  /** `a * left > b * right` with constants above 0 as `left / right > b / a`, where right is above 0. */
  private quotient(operator: CompareOperator, left: TypedExpr, right: TypedExpr): Cover | undefined {
    const [a, b] = [splitFactor(left, this.rule), splitFactor(right, this.rule)];
    const writer = this.writer(this.constants);
    const [x, y] = [writer.quotientOf(a.rest), writer.quotientOf(b.rest)];
    if (x === undefined || y === undefined) return undefined;
    const checks = [x.n, x.d, y.n, y.d].flatMap((part) => part.checks);
    const value = 'q > 0 ? (p * u) / (q * r) : q === 0 ? (p > 0 ? Infinity : p < 0 ? -Infinity : p === 0 ? U : NaN) : q < 0 ? U : NaN';
    const measure = this.catalog.placeOf(`(p = ${x.n.code}, r = ${x.d.code}, q = ${y.n.code}, u = ${y.d.code}, ${sure(`(${value})`, checks)})`, writer.declarations);
    const power = (...scales: readonly number[]): bigint => 10n ** BigInt(scales.reduce((sum, scale) => sum + scale, 0));
    // left = p / (r * 10^(x.n.scale - x.d.scale)), right alike.
    return roundedCover(operator, measure, b.factor.n * power(a.factor.scale, x.n.scale, y.d.scale), a.factor.n * power(b.factor.scale, y.n.scale, x.d.scale), quotientSlack);
  }
}

/** The value where all checked numbers are safe integers; where one is too large nothing is sure, else one is unknown. */
function sure(value: string, checks: NumberCode['checks']): string {
  if (checks.length === 0) return value;
  const names = [...new Set(checks)];
  return `(x = ${value}, ${names.map((name) => `${name} <= W && ${name} >= -W`).join(' && ')} ? x : ${names.map((name) => `${name} > W || ${name} < -W`).join(' || ')} ? U : NaN)`;
}

/** What makes {@link unsure} known to the generated code, with the names that measures are computed in. */
export const measureNames = `const U = ${unsure}; let p = 0, q = 0, r = 0, u = 0, x = 0;`;
