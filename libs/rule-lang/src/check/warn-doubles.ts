import { offsetsOf } from './span-offsets.js';
import type { RuleContext } from './rule-context.js';
import { expressionsOf } from './rule-meaning.js';
import type { TypedBody, TypedExpr, TypedLet } from './typed-rule.js';
import { partsOf, walkTyped } from './walk-typed.js';

/** Warns of `double(x)` in comparisons and sums in which nothing else is a double: there the exact value would do. */
export function warnDoubles(lets: readonly TypedLet[], body: TypedBody, context: RuleContext): void {
  for (const expr of expressionsOf(lets, body)) {
    walkTyped(expr, (part) => {
      if (part.kind !== 'compare' || hasOwnDouble(part, context)) return;
      walkTyped(part, (inner) => {
        if (inner.kind !== 'call' || inner.fn !== 'double' || inner.args[0]?.type === 'string') return;
        context.found.warn('double-not-needed', offsetsOf(context.source, inner.span), `\`${inner.text}\` gives up exactness for nothing`, { hint: 'whole numbers, decimals and fractions are compared exactly without it' });
      });
    });
  }
}

/** Whether a value in it is a double by its nature: a field, a model's score, a distance, a deviation, a text read as one. */
function hasOwnDouble(expr: TypedExpr, context: RuleContext): boolean {
  if (expr.type === 'double' && expr.kind !== 'arithmetic' && expr.kind !== 'negate' && !(expr.kind === 'call' && ['double', 'abs', 'min', 'max'].includes(expr.fn) && expr.args[0]?.type !== 'string')) {
    const target = expr.kind === 'let' ? context.lets.get(expr.name) : undefined;
    if (target === undefined || hasOwnDouble(target, context)) return true;
  }
  return partsOf(expr).some((part) => hasOwnDouble(part, context));
}
