import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { typeExpression } from '@weir/rule-lang';
import { celDifferences } from './cel-differences.js';
import { celReport, countLine, differencesMarkdown } from './cel-report.js';
import { outsideReason } from './cel-subset.js';
import { celTests } from './cel-tests.js';

const report = celReport();
const tests = celTests();

describe('the conformance data of CEL', () => {
  it('holds as many tests as the package ships, each with a name of its own', () => {
    expect(tests).toHaveLength(2344);
    expect(new Set(tests.map(({ id }) => id)).size).toBe(2344);
  });

  it('is agreed with, but for the listed differences: every test is counted once', () => {
    expect(report.unexplained.map(({ test, answers }) => [test.id, test.expr, [...answers]])).toEqual([]);
    expect(countLine(report)).toBe('433 agreed, 48 different by design, 1863 outside the subset, 0 unexplained');
  });

  it('differs exactly where the list of differences says so', () => {
    expect(report.byDesign.map(({ test }) => test.id).sort()).toEqual(celDifferences.flatMap(({ tests: ids }) => ids).sort());
  });

  it('is put to interpreter, closures and generated code in three forms: as written, over fields, over doubles', () => {
    const variants = [...report.agreed, ...report.byDesign].flatMap(({ answers }) => [...answers.keys()]);
    const count = (name: string): number => variants.filter((variant) => variant === name).length;
    expect({ written: count('written'), fields: count('fields'), doubles: count('doubles') }).toEqual({ written: 481, fields: 396, doubles: 52 });
  });

  it('lies outside the subset only with what the front end refuses by itself', () => {
    const schema = { version: 1, types: [{ name: 'probe', late: 'drop' as const, fields: [] }], hash: '' };
    const taken = tests.filter((test) => outsideReason(test) !== undefined && typeExpression(test.expr, schema, ['probe']).expr !== undefined);
    expect(taken.map(({ id, expr }) => [id, expr])).toEqual([['conversions/type/type_denotation', 'type']]); // a field of every event here
  });

  it('is reported in docs/semantics.md as the command prints it', () => {
    const doc = readFileSync(new URL('../../../../docs/semantics.md', import.meta.url), 'utf8');
    const [, rest = ''] = doc.split('<!-- printed by `npm run -s conformance:cel -- --markdown` -->\n');
    expect(rest.split('<!-- end -->')[0]).toBe(differencesMarkdown(report));
  });
});
