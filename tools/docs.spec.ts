import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { runRuleTests } from '@weir/rule-engine';
import { compileRule, parseSchema } from '@weir/rule-lang';
import { parseMapping } from '@weir/ingest';
import { parse } from 'yaml';

const root = new URL('../', import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const pages = readdirSync(new URL('docs/', root)).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
const withRules = [...pages, 'rules/README.md', 'rules/handbook/README.md', 'deploy/README.md', 'libs/demo-traffic/README.md'];

/** Fenced blocks of one language. */
function blocks(page: string, language: string): readonly string[] {
  return [...text(page).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((match) => match[1] ?? '');
}

describe('the guides', () => {
  it.each(withRules)('%s links only to files that exist', (page) => {
    const targets = [...text(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => match[1] ?? '');
    expect(targets.filter((target) => !existsSync(fileURLToPath(new URL(target, new URL(page, root)))))).toEqual([]);
  });

  it('show a rule that compiles without findings and passes its tests', () => {
    const { schema } = parseSchema(text('rules/schema.yaml'), 'rules/schema.yaml');
    const [rule] = blocks('docs/rule-author.md', 'yaml');
    if (schema === undefined || rule === undefined) throw new Error('the schema or the example is missing');
    const compiled = compileRule(rule, 'probes-before-purchase.yaml', { schema });
    expect(compiled.diagnostics).toEqual([]);
    if (compiled.rule === undefined) return;
    expect(runRuleTests(compiled.rule, schema).filter((result) => !result.passed)).toEqual([]);
  });

  it('show expressions that compile: each line of the table of the rule author', () => {
    const { schema } = parseSchema(text('rules/schema.yaml'), 'rules/schema.yaml');
    if (schema === undefined) throw new Error('the schema does not compile');
    const table = /## Frequently needed\n([\s\S]*?)\n## /.exec(text('docs/rule-author.md'))?.[1] ?? '';
    const expressions = [...table.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
    expect(expressions.length).toBeGreaterThan(12);
    for (const expression of expressions) {
      const on = expression.includes('payee') ? 'transfer' : 'payment';
      const rule = `rule: example\ntitle: t\ndescription: d\nowner: o\non: ${on}\nby: account_id\nseverity: low\nscore: 1\naction: none\nlet:\n  x: |-\n    ${expression}\nwhen: has(amount) && amount > 0.00\n`;
      expect({ expression, errors: compileRule(rule, 'example.yaml', { schema }).diagnostics.filter((finding) => finding.severity === 'error') }).toEqual({ expression, errors: [] });
    }
  });

  it('show a mapping file that is read, and events that are JSON', () => {
    const [mapping] = blocks('docs/integrator.md', 'yaml');
    expect(parseMapping(mapping ?? '').diagnostics).toEqual([]);
    for (const block of blocks('docs/integrator.md', 'json')) expect(() => parse(block)).not.toThrow();
  });

  it('name only settings that exist', () => {
    const known = new Set([...text('.env.example').matchAll(/^([A-Z_]+)=/gm)].map((match) => match[1] ?? ''));
    known.add('WEIR_KEY');
    known.add('WEIR_REFERENCE_DIR');
    for (const page of withRules) {
      const named = [...text(page).matchAll(/WEIR_[A-Z_]*[A-Z]/g)].map((match) => match[0]);
      expect({ page, unknown: named.filter((name) => !known.has(name)) }).toEqual({ page, unknown: [] });
    }
  });

  it('name only routes that the server has', () => {
    const documented = new Set([...pages.flatMap((page) => [...text(page).matchAll(/\/v1\/[a-z-]+(?:\/[a-z-]+)*/g)].map((match) => match[0]))]);
    const controllers = readdirSync(new URL('libs/server/src/', root), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.controller.ts')).map((path) => text(`libs/server/src/${path}`));
    expect(controllers.length).toBeGreaterThan(4);
    const routes = new Set(controllers.flatMap((source) => {
      const base = /@Controller\('?([^')]*)'?\)/.exec(source)?.[1] ?? '';
      return [...source.matchAll(/@(?:Get|Post|Put|Patch|Delete)\('?([^')]*)'?\)/g)].map((match) => `/${[base, match[1]].filter((part) => part !== '').join('/')}`);
    }));
    expect([...documented].filter((route) => !routes.has(route) && ![...routes].some((known) => known.startsWith(route)))).toEqual([]);
  });
});
