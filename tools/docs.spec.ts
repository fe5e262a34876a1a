import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { runRuleTests } from '@weir/rule-engine';
import { compileRule, parseSchema } from '@weir/rule-lang';
import { parseMapping } from '@weir/ingest';
import { parse } from 'yaml';
import { main } from '../apps/cli/src/main.js';

const root = new URL('../', import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const pages = readdirSync(new URL('docs/', root)).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
const withRules = [...pages, 'rules/README.md', 'rules/handbook/README.md', 'deploy/README.md', 'libs/demo-traffic/README.md'];

/** Fenced blocks of one language. */
function blocks(page: string, language: string): readonly string[] {
  return [...text(page).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((match) => match[1] ?? '');
}

const commandPages = [...pages, 'README.md', 'rules/README.md', 'rules/handbook/README.md', 'apps/cli/README.md'];

/** Lines of a page's shell blocks, with and without a language; continued lines joined. */
function shellLines(page: string): readonly string[] {
  const fenced = [...text(page).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].filter(([, language]) => language === '' || language === 'sh');
  return fenced.flatMap(([, , block = '']) => block.replaceAll('\\\n', ' ').split('\n'));
}

/** What follows `npx weir` or, at the start of a line, `weir`; brackets of a synopsis left out. */
function commandLines(page: string): readonly string[] {
  return shellLines(page).flatMap((line) => /^(?:npx )?weir ([a-z].*)$/.exec(line.replace(/\s+#.*$/, '').replaceAll(/[[\]]/g, ' '))?.[1]?.trim() ?? []);
}

async function helpOf(command: readonly string[]): Promise<string> {
  let out = '';
  const code = await main([...command, '--help'], { out: (written) => { out += written; }, err: (written) => { out += written; }, drained: () => Promise.resolve(), isInteractive: false, columns: 80 });
  expect({ command, code }).toEqual({ command, code: 0 });
  return out;
}

describe('the guides', () => {
  it.each(withRules)('%s links only to files that exist', (page) => {
    const targets = [...text(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => match[1] ?? '');
    expect(targets.filter((target) => !existsSync(fileURLToPath(new URL(target, new URL(page, root)))))).toEqual([]);
  });

  it('show rules of all three kinds that compile without findings and pass their tests', () => {
    const { schema } = parseSchema(text('rules/schema.yaml'), 'rules/schema.yaml');
    if (schema === undefined) throw new Error('the schema does not compile');
    const kinds = blocks('docs/rule-author.md', 'yaml').map((rule) => {
      const id = /^rule: (\S+)/.exec(rule)?.[1] ?? '';
      const compiled = compileRule(rule, `${id}.yaml`, { schema });
      expect({ id, diagnostics: compiled.diagnostics }).toEqual({ id, diagnostics: [] });
      if (compiled.rule === undefined) return undefined;
      expect(compiled.rule.tests.length).toBeGreaterThan(0);
      expect(runRuleTests(compiled.rule, schema).filter((result) => !result.passed)).toEqual([]);
      return compiled.rule.body.kind;
    });
    expect(kinds).toEqual(['when', 'sequence', 'window']);
  });

  it.each(commandPages)('%s shows only commands and options that there are', async (page) => {
    for (const line of commandLines(page)) {
      const [first = '', second = '', ...rest] = line.split(/\s+/);
      const help = await helpOf(/^(check|test|month|print)$/.test(second) ? [first, second] : [first]);
      const unknown = [second, ...rest].filter((word) => /^--[a-z]/.test(word) && !new RegExp(`${word}\\s`).test(help));
      expect({ page, line, unknown }).toEqual({ page, line, unknown: [] });
    }
  });

  it('show commands whose files are there, and the scripts that they call', () => {
    const shell = commandPages.flatMap((page) => shellLines(page).map((line) => ({ page, line })));
    expect(shell.length).toBeGreaterThan(30);
    const scripts = Object.keys((parse(text('package.json')) as { scripts: Record<string, string> }).scripts);
    for (const { page, line } of shell) {
      const called = [...line.matchAll(/\bnpm run (?:-s )?([a-z:-]+)/g)].map((match) => match[1] ?? '');
      expect({ page, line, unknown: called.filter((name) => !scripts.includes(name)) }).toEqual({ page, line, unknown: [] });
      const files = [...line.matchAll(/(?<![\w/])(?:rules|tools)\/[\w./-]+/g)].map((match) => match[0]); // a folder of the repository, not part of a URL
      expect({ page, line, missing: files.filter((file) => !existsSync(fileURLToPath(new URL(file, root)))) }).toEqual({ page, line, missing: [] });
    }
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
