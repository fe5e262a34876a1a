import { partsOf as partsOfTree } from '@weir/rule-lang';
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

/** Direct sub-expressions that speak of the event evaluated: of a window or a step's aggregate none, they speak of other events. */
export function partsOf(expr: TypedExpr): readonly TypedExpr[] {
  return expr.kind === 'window' || expr.kind === 'stepAggregate' ? [] : partsOfTree(expr);
}
