import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { compileRule, parseSchema } from '@weir/rule-lang';
import type { EventSchema, TypedRule } from '@weir/rule-lang';
import { createEngine } from '../engine-embedded.js';
import { runRuleTests } from './run-rule-tests.js';

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../../../..');
const examples = resolve(repository, process.env['WEIR_REFERENCE_DIR'] ?? '../shared', 'rule-examples');
const isThere = existsSync(join(examples, 'schema.yaml'));
if (!isThere) console.info(`skipped: no rule examples at ${examples} (WEIR_REFERENCE_DIR)`);

function exampleSchema(): EventSchema {
  const { schema, diagnostics } = parseSchema(readFileSync(join(examples, 'schema.yaml'), 'utf8'), 'schema.yaml');
  if (schema === undefined) throw new Error(JSON.stringify(diagnostics));
  return schema;
}

function exampleRule(file: string, schema: EventSchema): TypedRule {
  const { rule, diagnostics } = compileRule(readFileSync(join(examples, file), 'utf8'), file, { schema });
  if (rule === undefined) throw new Error(`${file}: ${JSON.stringify(diagnostics)}`);
  return rule;
}

/** All rule files of the folder but the schema. */
function ruleFiles(): readonly string[] {
  return readdirSync(examples, { recursive: true, encoding: 'utf8' }).filter((file) => file.includes('/') && file.endsWith('.yaml')).sort();
}

(isThere ? describe : describe.skip)('the example rules', () => {
  it.each(isThere ? ruleFiles() : ['none'])('%s does what its tests say, in both modes', (file) => {
    const schema = exampleSchema();
    const results = runRuleTests(exampleRule(file, schema), schema);
    expect(results.length).toBeGreaterThan(1);
    expect(results.filter((result) => !result.passed)).toEqual([]);
  });

  it.each(isThere ? ruleFiles() : ['none'])('%s does the same in the embedded engine', (file) => {
    const schema = exampleSchema();
    expect(runRuleTests(exampleRule(file, schema), schema, createEngine).filter((result) => !result.passed)).toEqual([]);
  });
});
