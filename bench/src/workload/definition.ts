import { compileRule, parseSchema } from '@weir/rule-lang';
import type { EventSchema } from '@weir/rule-lang';
import { defaultEngineOptions } from '@weir/rule-engine';
import type { EngineDefinition, EngineOptions } from '@weir/rule-engine';
import { ruleTexts, schemaText } from './rule-pack.js';

/** The pack compiled from its text. Throws when the front end refuses it. */
export function benchDefinition(options: Partial<EngineOptions> = {}): EngineDefinition {
  const schema = benchSchema();
  const rules = ruleTexts().map(({ id, text }) => {
    const { rule, diagnostics } = compileRule(text, `${id}.yaml`, { schema });
    if (rule === undefined) throw new Error(`the benchmark's rule ${id} is refused: ${JSON.stringify(diagnostics)}`);
    return { rule, mode: 'live' as const };
  });
  return { schema, rules, options: { ...defaultEngineOptions, evidence: 'none', ...options } };
}

function benchSchema(): EventSchema {
  const { schema, diagnostics } = parseSchema(schemaText, 'schema.yaml');
  if (schema === undefined) throw new Error(`the benchmark's schema is refused: ${JSON.stringify(diagnostics)}`);
  return schema;
}
