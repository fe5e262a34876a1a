import type { Advice } from '../source/diagnostic-list.js';
import type { DiagnosticCode } from '../source/diagnostic-codes.js';
import type { TextRange } from '../source/source-text.js';
import type { Syntax } from '../syntax/syntax-tree.js';
import type { ExpressionText, RuleContext, Scope } from './rule-context.js';
import type { LiteralValue, TypedExpr } from './typed-rule.js';

/** One expression under check. The parts of the checker see each other only through this. */
export interface Checking {
  readonly context: RuleContext;
  readonly scope: Scope;
  readonly text: ExpressionText;
  /** Types a tree; undefined: it has errors, which were told. */
  check(tree: Syntax): TypedExpr | undefined;
  /** The same text, with other meanings of bare names. */
  within(scope: Scope): Checking;
}

/** Tells a finding at a part of the expression; returns undefined, the result of whatever failed. */
export function refuse(at: Checking, code: DiagnosticCode, part: TextRange, message: string, advice: Advice = {}): undefined {
  at.context.found.error(code, at.text.range(part), message, advice);
  return undefined;
}

export function literal(at: Checking, tree: TextRange, value: LiteralValue): TypedExpr {
  return { kind: 'literal', type: value.type, value, ...at.text.base(tree) };
}

/** `1 argument`, `2 arguments` */
export function countWord(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** Tells when a call has another number of arguments than it takes. */
export function hasArguments(at: Checking, call: Syntax & { kind: 'call' }, count: number, usage: string): boolean {
  if (call.args.length === count) return true;
  refuse(at, 'wrong-arguments', call, `\`${call.name}\` takes ${countWord(count, 'argument')}, not ${call.args.length}`, { hint: `write ${usage}` });
  return false;
}

/** The value of an argument that must be a text literal. */
export function textArgument(at: Checking, arg: Syntax | undefined, call: Syntax & { kind: 'call' }, usage: string): string | undefined {
  if (arg?.kind === 'string') return arg.value;
  refuse(at, 'wrong-arguments', arg ?? call, `\`${call.name}\` takes a text in quotes`, { hint: `write ${usage}` });
  return undefined;
}
