import { tests as checking } from '@bufbuild/cel-spec/testdata/checking.js';
import { tests as comprehension } from '@bufbuild/cel-spec/testdata/comprehension.js';
import { tests as conformance } from '@bufbuild/cel-spec/testdata/conformance.js';
import { tests as parsing } from '@bufbuild/cel-spec/testdata/parsing.js';
import { describe, expect, it } from '@jest/globals';
import { parseExpression } from '../syntax/parser.js';
import { printExpression } from '../syntax/print-syntax.js';
import { withoutOffsets } from './arbitrary-syntax.js';
import { celTreeText, plainTreeText } from './cel-tree-text.js';

interface Suite { readonly suites?: readonly Suite[]; readonly tests?: readonly { readonly original: { readonly expr: string }; readonly ast?: string; readonly error?: string }[] }
const flat = (suite: Suite): NonNullable<Suite['tests']> => [...(suite.suites ?? []).flatMap(flat), ...(suite.tests ?? [])];

/** Every expression of cel-spec's conformance data and of the tests of cel-go's parser and checker, with cel-go's tree or its error. */
const expressions = [conformance, parsing, checking, comprehension].flatMap(flat);

/** Errors of cel-go's parser that are no matter of the grammar: its limits, checks of macros, and syntax switched off. */
const aside = /recursion (?:limit|depth) exceeded|invalid argument to has\(\) macro|invalid int literal|argument must be a simple name|argument is not an identifier|iteration variable overwrites/;

const sorted = { same: 0, refusedByName: 0, macro: 0, refusedByBoth: 0, aside: 0 };
const differing: unknown[] = [];
for (const { original: { expr }, ast, error = '' } of expressions) {
  const parsed = parseExpression(expr);
  if (ast === undefined && !parsed.ok) sorted.refusedByBoth += 1;
  else if (ast === undefined && aside.test(error)) sorted.aside += 1;
  else if (ast !== undefined && ast.includes('__comprehension__') && parsed.ok) sorted.macro += 1;
  else if (ast !== undefined && parsed.ok && celTreeText(parsed.tree) === plainTreeText(ast)) sorted.same += 1;
  else if (ast !== undefined && !parsed.ok && parsed.fault.code !== 'syntax') sorted.refusedByName += 1;
  else differing.push({ expr, cel: ast === undefined ? error.split('\n', 1)[0] : plainTreeText(ast), rules: parsed.ok ? celTreeText(parsed.tree) : `${parsed.fault.code} ${parsed.fault.message}` });
}

describe('the grammar', () => {
  it('gives the trees that cel-go gives, or refuses by name what rules have not', () => {
    expect(differing).toEqual([]);
    expect(expressions).toHaveLength(2765);
    expect(sorted).toEqual({ same: 1284, refusedByName: 1220, macro: 69, refusedByBoth: 170, aside: 22 });
  });

  it('prints each of them so that it is read as the same tree', () => {
    const changed = expressions.flatMap(({ original: { expr } }) => {
      const parsed = parseExpression(expr);
      if (!parsed.ok) return [];
      const again = parseExpression(printExpression(parsed.tree));
      return again.ok && JSON.stringify(withoutOffsets(again.tree)) === JSON.stringify(withoutOffsets(parsed.tree)) ? [] : [[expr, printExpression(parsed.tree)]];
    });
    expect(changed).toEqual([]);
  });
});
