import type { StepAggregate, StepRef, TypedExpr } from '@weir/rule-lang';
import type { Rational } from '../interpret/exact.js';
import type { Value } from '../interpret/value.js';
import type { Evaluator } from './evaluator.js';
import { fromBigInt } from './whole.js';
import type { Ratio } from './whole.js';

/**
 * What an earlier step took, as a closure: `value` asks the taken events themselves, which are few and not in columns.
 * @param scale digits after the point that the field may have, in any event type.
 */
export function stepReading(expr: StepRef | StepAggregate, value: () => Value, scale: number): Evaluator {
  switch (expr.type) {
    case 'bool': return { form: 'bool', get: () => { const x = value(); return x.kind === 'bool' ? x.value : undefined; } };
    case 'string': return { form: 'string', get: () => { const x = value(); return x.kind === 'string' ? x.value : undefined; } };
    case 'geo': return { form: 'geo', get: () => { const x = value(); return x.kind === 'geo' ? x.value : undefined; } };
    case 'double': return { form: 'double', get: () => { const x = value(); return x.kind === 'double' ? x.value : undefined; } };
    case 'list': throw new TypeError(`${expr.text}: no event holds a list`);
    default: break;
  }
  const exact = (): Rational | undefined => {
    const x = value();
    return x.kind === 'exact' ? x.value : x.kind === 'timestamp' || x.kind === 'duration' ? x.ms : undefined;
  };
  if (!isWhole(expr)) return { form: 'ratio', scale: 0, get: () => { const x = exact(); return x === undefined ? undefined : ratioOf(x); } };
  const unit = 10n ** BigInt(scale);
  return { form: 'whole', scale, get: () => { const x = exact(); return x === undefined ? undefined : fromBigInt((x.n * unit) / x.d); } };
}

/** Fields and counts, and sums, smallest and largest of a field: multiples of the field's unit. */
function isWhole(expr: StepRef | StepAggregate): boolean {
  return expr.kind === 'step' || expr.fn === 'count' || (expr.fn !== 'avg' && expr.argument?.kind === 'field' && expr.argument.type !== 'duration');
}

function ratioOf({ n, d }: Rational): Ratio { return { n: fromBigInt(n), d: fromBigInt(d) }; }

/** The field that a reading is a multiple of. */
export function fieldOfReading(expr: StepRef | StepAggregate): string | undefined {
  if (expr.kind === 'step') return expr.name;
  const argument: TypedExpr | undefined = expr.argument;
  return argument?.kind === 'field' ? argument.name : undefined;
}
