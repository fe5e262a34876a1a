import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { transformSync } from '@swc/core';
import * as streamCore from './index.js';

describe('the README', () => {
  it('shows a program that runs and finds the purchase after three probes', () => {
    const [, source = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join('libs', 'stream-core', 'README.md'), 'utf8')) ?? [];
    const { code } = transformSync(source, { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } });
    const printed: unknown[] = [];
    new Function('require', 'exports', 'console', code)(() => streamCore, {}, { log: (value: unknown) => printed.push(value) });
    expect(printed).toEqual([[{ amount: 812 }]]);
  });
});
