import type { Diagnostic } from '@weir/contracts';
import type { EventSchema } from '../schema/event-schema.js';
import { DiagnosticList } from '../source/diagnostic-list.js';
import { sourceText } from '../source/source-text.js';
import type { YamlScalar } from '../source/yaml-tree.js';
import { checkExpression } from './check-expression.js';
import { DEFAULT_RETENTION_MS, type RuleContext } from './rule-context.js';
import type { TypedExpr } from './typed-rule.js';

export interface TypedExpression {
  /** Absent when there is any error. */
  readonly expr?: TypedExpr;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Types one expression over the fields of some event types, outside any rule: for tools and tests that ask what an expression
 * is. Unlike a rule's condition it may be of any type and constant. Positions are those of the text itself. Never throws;
 * the limits of a rule file hold (256 nodes deep, 64 windows).
 *
 * @param on event types whose fields bare names mean; at least one. Windows count their events and have no key but their own.
 */
export function typeExpression(text: string, schema: EventSchema, on: readonly string[]): TypedExpression {
  const source = sourceText(text, 'expression');
  const found = new DiagnosticList(source);
  const scalar: YamlScalar = { kind: 'scalar', text, style: 'plain', start: 0, end: text.length };
  const context: RuleContext = {
    schema, source, found, on, by: [], retentionMs: DEFAULT_RETENTION_MS,
    letNames: [], lets: new Map(), letSizes: new Map(), steps: [], usedTypes: new Set(on), usedFields: new Map(), usedLists: new Set(), windowIds: new Set(),
  };
  const expr = checkExpression(context, scalar, { kind: 'event', types: on }, 'the expression', 'any');
  return expr === undefined || found.hasErrors ? { diagnostics: found.all() } : { expr, diagnostics: found.all() };
}
