import type { TypedExpr, TypedLet, WindowAggregate } from '@weir/rule-lang';
import { isBuiltInField, partsOf } from '@weir/rule-lang';

const none: readonly string[] = [];

/** By the expression's node: a tree never changes, and one walk from the bottom serves every node above. */
const known = new WeakMap<TypedExpr, readonly string[]>();

/**
 * Fields that an expression's value is made from, sorted: whoever may not see one of them must not see the value.
 *
 * A value is made from the field that it is, of whatever event (the triggering one, the previous one, one a step took, one a
 * window counts), and from all that its operands, arguments, conditions and `let`s are made from; an aggregate from its argument
 * and its `where`. It is not made from what only says which events are looked at (`by`), from what is only counted (`count`, the
 * argument of `distinct`), nor from what `has` asks for: presence is no secret. A list's and a model's answer are made from what is
 * asked of the list, and from nothing.
 */
export function madeFrom(expr: TypedExpr, lets: readonly TypedLet[]): readonly string[] {
  const found = known.get(expr);
  if (found !== undefined) return found;
  const from = sourcesOf(expr, lets);
  known.set(expr, from);
  return from;
}

/**
 * Fields that it hangs on which events of a window count: those of its `where`, and of an argument that is more than a field, for it
 * may be unknown for some values or be asked itself (`exists`).
 */
export function countedFrom({ where, argument }: WindowAggregate, lets: readonly TypedLet[]): readonly string[] {
  return union([where, argument?.kind === 'field' ? undefined : argument].filter((part) => part !== undefined), lets);
}

function sourcesOf(expr: TypedExpr, lets: readonly TypedLet[]): readonly string[] {
  switch (expr.kind) {
    case 'field': case 'previous': case 'step': return isBuiltInField(expr.name) ? none : [expr.name];
    case 'has': return none;
    case 'let': return union(lets.filter(({ name }) => name === expr.name).map((one) => one.expr), lets);
    case 'window': return union(partsOf(expr.fn === 'distinct' ? { ...expr, argument: undefined } : expr), lets);
    default: return union(partsOf(expr), lets);
  }
}

function union(parts: readonly TypedExpr[], lets: readonly TypedLet[]): readonly string[] {
  const all = parts.map((part) => madeFrom(part, lets)).filter(({ length }) => length > 0);
  return all.length < 2 ? all[0] ?? none : [...new Set(all.flat())].sort();
}
