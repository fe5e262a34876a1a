import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { runRuleTests } from '@weir/rule-engine';
import { compileRule, parseSchema, type EventSchema } from '@weir/rule-lang';

const rulesDir = fileURLToPath(new URL('../rules/', import.meta.url));
const files = readdirSync(rulesDir, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml') && path.includes('/') && !path.endsWith('.map.yaml')).sort();
const packs = [...new Set(files.map((file) => dirname(file)))];
const readRule = (file: string): string => readFileSync(`${rulesDir}${file}`, 'utf8');

const parsed = parseSchema(readRule('schema.yaml'), 'rules/schema.yaml');

function schemaOf(): EventSchema {
  if (parsed.schema === undefined) throw new Error(`rules/schema.yaml: ${JSON.stringify(parsed.diagnostics)}`);
  return parsed.schema;
}

describe('the shipped rules', () => {
  it('stand on a schema without findings', () => {
    expect(parsed.diagnostics).toEqual([]);
  });

  it('are six packs of at least fifty rules, with the handbook beside them', () => {
    expect(packs).toEqual(['account-takeover', 'aml-structuring', 'card-testing', 'handbook', 'merchant-abuse', 'mule-accounts', 'velocity-controls']);
    expect(files.filter((file) => !file.startsWith('handbook/')).length).toBeGreaterThanOrEqual(50);
    expect(files.filter((file) => file.startsWith('handbook/'))).toHaveLength(16);
  });

  it('use each kind of rule where it is the natural one: when, sequence and window in all packs together, the last two in each', () => {
    for (const pack of packs.filter((each) => each !== 'handbook')) {
      const kinds = files.filter((file) => dirname(file) === pack).map((file) => compileRule(readRule(file), file, { schema: schemaOf() }).rule?.body.kind);
      expect({ pack, kinds: [...new Set(kinds)].sort() }).toEqual({ pack, kinds: pack === 'merchant-abuse' ? ['when', 'window'] : ['sequence', 'when', 'window'] });
    }
  });

  it('have three tests each, one of them silent', () => {
    for (const file of files.filter((each) => !each.startsWith('handbook/'))) {
      const tests = compileRule(readRule(file), file, { schema: schemaOf() }).rule?.tests ?? [];
      expect({ file, tests: tests.length >= 3, silent: tests.some(({ alerts }) => alerts.length === 0) }).toEqual({ file, tests: true, silent: true });
    }
  });

  it('have ids of their own over all packs', () => {
    const ids = files.map((file) => basename(file, '.yaml'));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(files)('%s compiles without findings and passes its tests in both modes', (file) => {
    const { rule, diagnostics } = compileRule(readRule(file), file, { schema: schemaOf() });
    // The handbook's data names no currency, so its rules sum amounts whose currency nobody pins; the warning is right.
    const known = file.startsWith('handbook/') ? ['several-currencies'] : [];
    expect(diagnostics.filter((finding) => !known.includes(finding.code))).toEqual([]);
    if (rule === undefined) return;
    expect(rule.id).toBe(basename(file, '.yaml'));
    expect(runRuleTests(rule, schemaOf()).filter((result) => !result.passed)).toEqual([]);
  });

  it.each(files.filter((file) => !file.startsWith('handbook/')))('%s explains itself: a description, a reason with values, an alert and a silence among its tests', (file) => {
    const { rule } = compileRule(readRule(file), file, { schema: schemaOf() });
    expect(rule?.description.length).toBeGreaterThan(60);
    expect(rule?.reason.filter((part) => part.kind === 'value').length).toBeGreaterThanOrEqual(1);
    expect(rule?.tests.some((test) => test.alerts.length > 0)).toBe(true);
    expect(rule?.tests.some((test) => test.events.length > test.alerts.length)).toBe(true);
  });

  it.each(packs)('%s has a README that names each of its rules', (pack) => {
    const readme = readRule(`${pack}/README.md`);
    for (const file of files.filter((each) => dirname(each) === pack)) expect(readme).toContain(`${basename(file, '.yaml')}`);
  });
});
