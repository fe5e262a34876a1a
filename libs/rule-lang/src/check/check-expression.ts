import type { YamlScalar } from '../source/yaml-tree.js';
import { parseExpression } from '../syntax/parser.js';
import { DEEPEST_TREE, type Syntax } from '../syntax/syntax-tree.js';
import { checkCall } from './check-call.js';
import { checkName, checkSelect } from './check-name.js';
import { checkBinary, checkConditional, checkUnary } from './check-operator.js';
import { type Checking, literal, refuse } from './checking.js';
import { ExpressionText, type RuleContext, type Scope } from './rule-context.js';
import { typeWord } from './typed-types.js';
import type { TypedExpr } from './typed-rule.js';
import { LARGEST_WRITTEN_OUT, writtenOut } from './written-out.js';

/**
 * Parses and types the expression of a scalar. All errors of its names and types are told at once, of its syntax the first.
 * @param what names the place in findings, such as `` `when` ``; with `bool` the expression must be true or false.
 */
export function checkExpression(context: RuleContext, scalar: YamlScalar, scope: Scope, what: string, expected: 'bool' | 'any'): TypedExpr | undefined {
  const text = new ExpressionText(context.source, scalar);
  const parsed = parseExpression(scalar.text);
  if (!parsed.ok) {
    const { code, message, hint, fix } = parsed.fault;
    context.found.error(code, text.range(parsed.fault), message, { hint: commentHint(context, scalar) ?? hint, fix });
    return undefined;
  }
  const at = new ExpressionChecking(context, scope, text);
  const expr = at.check(parsed.tree);
  if (expr !== undefined && isTooLarge(at, parsed.tree, expr)) return undefined;
  if (expr === undefined || expected === 'any' || expr.type === 'bool') return expr;
  return refuse(at, 'type-mismatch', parsed.tree, `${what} is true or false, and this is ${typeWord(expr.type)}`, { hint: 'compare it with something' });
}

function isTooLarge(at: Checking, tree: Syntax, expr: TypedExpr): boolean {
  const { nodes, depth } = writtenOut(expr, at.context.letSizes);
  if (depth > DEEPEST_TREE) refuse(at, 'too-deep', tree, `with its \`let\`s written out the expression is nested deeper than ${DEEPEST_TREE} nodes`, { hint: 'a chain of `let`s is as deep as one expression' });
  else if (nodes > LARGEST_WRITTEN_OUT) refuse(at, 'too-large', tree, 'with its `let`s written out the expression has more than 4,096 nodes', { hint: 'a `let` that is used twice counts twice' });
  return depth > DEEPEST_TREE || nodes > LARGEST_WRITTEN_OUT;
}

/** A plain scalar ends where ` #` begins a comment: the likely reason for an expression that breaks off. */
function commentHint(context: RuleContext, scalar: YamlScalar): string | undefined {
  const isCut = scalar.style === 'plain' && /^[ \t]+#/.test(context.source.text.slice(scalar.end, scalar.end + 80));
  return isCut ? 'in YAML ` #` begins a comment: put the whole expression in quotes or a block scalar (`|-`)' : undefined;
}

class ExpressionChecking implements Checking {
  constructor(readonly context: RuleContext, readonly scope: Scope, readonly text: ExpressionText) {}

  within(scope: Scope): Checking {
    return new ExpressionChecking(this.context, scope, this.text);
  }

  check(tree: Syntax): TypedExpr | undefined {
    switch (tree.kind) {
      case 'number': return literal(this, tree, { type: tree.isInt ? 'int' : 'decimal', unscaled: tree.unscaled, scale: tree.scale });
      case 'string': return literal(this, tree, { type: 'string', value: tree.value });
      case 'bool': return literal(this, tree, { type: 'bool', value: tree.value });
      case 'name': return checkName(this, tree);
      case 'select': return checkSelect(this, tree);
      case 'call': return checkCall(this, tree);
      case 'unary': return checkUnary(this, tree);
      case 'binary': return checkBinary(this, tree);
      case 'conditional': return checkConditional(this, tree);
      case 'list': return refuse(this, 'not-a-value', tree, 'a list stands to the right of `in`', { hint: 'write `x in [ ... ]`' });
    }
  }
}
