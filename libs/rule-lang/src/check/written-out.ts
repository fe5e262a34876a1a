import type { TypedExpr } from './typed-rule.js';
import { partsOf } from './walk-typed.js';

/** How large an expression is with its `let`s written out: what evaluation, explanation and generated code can have to go through. */
export interface WrittenOut {
  /** All nodes but the literals of lists. */
  readonly nodes: number;
  /** Nodes from root to leaf. */
  readonly depth: number;
}

/** Most nodes of an expression with its `let`s written out; texts and exact numbers grow with it, and doubling grows fast. */
export const LARGEST_WRITTEN_OUT = 4096;

/** @param lets sizes of the `let`s that it may name; those that have errors count as one node. */
export function writtenOut(expr: TypedExpr, lets: ReadonlyMap<string, WrittenOut>): WrittenOut {
  const target = expr.kind === 'let' ? lets.get(expr.name) : undefined;
  if (target !== undefined) return target;
  const isList = expr.kind === 'in' || expr.kind === 'listLiteral';
  let [nodes, depth] = [1, 0];
  for (const part of partsOf(expr)) {
    if (isList && part.kind === 'literal') continue;
    const size = writtenOut(part, lets);
    nodes += size.nodes;
    depth = Math.max(depth, size.depth);
  }
  return { nodes, depth: depth + 1 };
}
