import type { TypedExpr, TypedRule } from '@weir/rule-lang';

/** All that a rule's evaluation looks at but its reason: `let`s, then the body's conditions. */
export function expressionsOf({ lets, body }: TypedRule): readonly TypedExpr[] {
  const named = lets.map(({ expr }) => expr);
  switch (body.kind) {
    case 'when': return [...named, body.condition];
    case 'window': return [...named, body.having];
    case 'sequence': return [...named, ...body.steps.flatMap(({ where, until }) => [where, until].filter((expr) => expr !== undefined))];
  }
}

/** Direct sub-expressions, those inside windows left out. */
export function partsOf(expr: TypedExpr): readonly TypedExpr[] {
  switch (expr.kind) {
    case 'not': case 'negate': case 'inList': return [expr.operand];
    case 'and': case 'or': case 'compare': case 'arithmetic': return [expr.left, expr.right];
    case 'in': return [expr.operand, ...expr.items];
    case 'conditional': return [expr.condition, expr.then, expr.otherwise];
    case 'has': return [expr.target];
    case 'orValue': return [expr.operand, expr.fallback];
    case 'call': return expr.args;
    case 'listLiteral': return expr.items;
    case 'literal': case 'field': case 'previous': case 'step': case 'stepAggregate': case 'let': case 'model': case 'window': return [];
  }
}
