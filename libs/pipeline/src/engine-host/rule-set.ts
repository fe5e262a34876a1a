import type { Diagnostic, RuleSetChange } from '@weir/contracts';
import type { EngineRule } from '@weir/rule-engine';
import type { EventSchema, TypedRule } from '@weir/rule-lang';
import type { RuleSetDraft } from './messages.js';

/** The front end of the rule language, as the host needs it. */
export interface RuleCompiler {
  parseSchema(text: string, file?: string): { readonly schema?: EventSchema | undefined; readonly diagnostics: readonly Diagnostic[] };
  compileRule(text: string, file: string, context: { readonly schema: EventSchema; readonly retentionMs?: number }):
    { readonly rule?: TypedRule | undefined; readonly diagnostics: readonly Diagnostic[] };
}

/** A rule set of the log, compiled. */
export interface RuleSet {
  readonly schema: EventSchema;
  readonly rules: readonly EngineRule[];
  /** Longest span any rule looks back, ms. */
  readonly longestSpanMs: number;
  /** One sentence for each rule that was left out because it does not compile. */
  readonly problems: readonly string[];
}

const noSchema: EventSchema = { version: 1, types: [], hash: '' };

/**
 * Compiles a rule set as it lies in the log. It was checked before it was released, so a rule that does not compile now
 * (a newer product may be stricter) is left out and told; the others run. Without a schema no rule runs.
 */
export function compileRuleSet(change: RuleSetDraft | RuleSetChange, compiler: RuleCompiler, retentionMs: number): RuleSet {
  const { schema, diagnostics } = compiler.parseSchema(change.schemaText, 'schema.yaml');
  if (!schema) return { schema: noSchema, rules: [], longestSpanMs: 0, problems: [`The schema does not compile: ${firstError(diagnostics)}`] };
  const rules: EngineRule[] = [];
  const problems: string[] = [];
  for (const released of change.rules) {
    const compiled = compiler.compileRule(released.text, `${released.id}.yaml`, { schema, retentionMs });
    if (compiled.rule) rules.push({ rule: compiled.rule, mode: released.mode });
    else problems.push(`Rule ${released.id} does not compile and does not run: ${firstError(compiled.diagnostics)}`);
  }
  return { schema, rules, longestSpanMs: Math.max(0, ...rules.map(({ rule }) => rule.longestSpanMs)), problems };
}

/** True when both say the same: a prepared engine may take over for the released set. */
export function isSameRuleSet(a: RuleSetDraft, b: RuleSetDraft): boolean {
  if (a.schemaText !== b.schemaText || a.rules.length !== b.rules.length) return false;
  return a.rules.every((rule, i) => {
    const other = b.rules[i];
    return other !== undefined && rule.id === other.id && rule.mode === other.mode && rule.text === other.text;
  });
}

function firstError(diagnostics: readonly Diagnostic[]): string {
  const error = diagnostics.find(({ severity }) => severity === 'error');
  return error ? `${error.file}:${error.line}:${error.column} ${error.message}` : 'unknown reason';
}
