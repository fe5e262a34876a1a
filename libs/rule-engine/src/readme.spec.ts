import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { transformSync } from '@swc/core';
import * as ruleLang from '@weir/rule-lang';
import * as ruleEngine from './index.js';

const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join('libs', 'rule-engine', 'README.md'), 'utf8')) ?? [];
const says = '812.00 after 3 payments of 5.00 or less within ten minutes';

function compiled(type: 'commonjs' | 'es6'): string {
  return transformSync(example, { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type } }).code;
}

describe('the example of the README', () => {
  it('prints what the README says it prints', () => {
    const printed: unknown[] = [];
    const packages: Readonly<Record<string, unknown>> = { '@weir/rule-engine': ruleEngine, '@weir/rule-lang': ruleLang };
    new Function('require', 'exports', 'console', compiled('commonjs'))((name: string) => packages[name], {}, { log: (value: unknown) => printed.push(value) });
    expect(printed).toEqual([says]);
    expect(readFileSync(join('libs', 'rule-engine', 'README.md'), 'utf8')).toContain(`prints \`${says}\``);
  });

  const isBuilt = ['rule-engine', 'rule-lang', 'stream-core', 'contracts'].every((lib) => existsSync(join('libs', lib, 'dist', 'index.js')));
  if (!isBuilt) process.stderr.write('skipped: the packages are not built, so no other program can run the example (npx tsc -b libs/rule-engine)\n');
  (isBuilt ? it : it.skip)('runs as another program would run it: its own process, the built packages by their names', () => {
    const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', compiled('es6')], { encoding: 'utf8' });
    expect(printed).toBe(`${says}\n`);
  });

  it('needs ten lines besides the rule and what it prints', () => {
    const program = example.replace(/`\nrule:[\s\S]*?\n`/, '``');
    expect(program.split('\n').filter((line) => line.trim() !== '' && !/^[})]*$/.test(line.trim())).length).toBeLessThanOrEqual(10);
  });
});
