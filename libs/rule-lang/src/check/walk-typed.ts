import type { TypedExpr } from './typed-rule.js';

/** The parts of an expression, left to right; those of a window are its `where` and its argument. A `let` is not entered. */
export function partsOf(expr: TypedExpr): readonly TypedExpr[] {
  switch (expr.kind) {
    case 'literal': case 'field': case 'previous': case 'step': case 'let': case 'model': return [];
    case 'listLiteral': return expr.items;
    case 'stepAggregate': return expr.argument === undefined ? [] : [expr.argument];
    case 'not': case 'negate': case 'inList': return [expr.operand];
    case 'and': case 'or': case 'compare': case 'arithmetic': return [expr.left, expr.right];
    case 'in': return [expr.operand, ...expr.items];
    case 'conditional': return [expr.condition, expr.then, expr.otherwise];
    case 'has': return [expr.target];
    case 'orValue': return [expr.operand, expr.fallback];
    case 'call': return expr.args;
    case 'window': return [...(expr.where === undefined ? [] : [expr.where]), ...(expr.argument === undefined ? [] : [expr.argument])];
  }
}

/** Calls `visit` for an expression and all its parts, parents first. Trees are at most some hundred nodes deep. */
export function walkTyped(expr: TypedExpr, visit: (expr: TypedExpr) => void): void {
  visit(expr);
  for (const part of partsOf(expr)) walkTyped(part, visit);
}
