import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { diagnosticCases } from '../testing/diagnostic-cases.js';
import { testSchema } from '../testing/expect-diagnostics.js';
import { compileRule } from './compile-rule.js';

const runs = Number(process.env['WEIR_PROPERTY_RUNS'] ?? 100);
const schema = testSchema();
const compiles = (text: string): void => {
  const { rule, diagnostics } = compileRule(text, 'draft', { schema });
  const lines = text.split('\n').length;
  expect(rule === undefined).toBe(diagnostics.some(({ severity }) => severity === 'error'));
  for (const { line, column, endLine, endColumn } of diagnostics) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(endLine).toBeLessThanOrEqual(lines);
    expect(endLine > line || (endLine === line && endColumn >= column)).toBe(true);
  }
};
const texts = diagnosticCases.map(({ text }) => text).filter((text) => text.length < 2000);

describe('compileRule', () => {
  it('answers any text with a rule or with findings inside the text', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ maxLength: 300 })), compiles), { numRuns: runs });
  });

  it('answers any rule file with a piece cut out, doubled or replaced', () => {
    fc.assert(fc.property(fc.constantFrom(...texts), fc.nat(), fc.nat({ max: 30 }), fc.constantFrom('', '\n', '"', "'", ':', '- ', '  ', '{', '[', '(', ')', '#', '|', '&', '*', '!', '\t', '\r\n', '\u0000', '\ud800', '\ufeff', '1e99', '..', '__proto__'), (text, position, length, piece) => {
      const start = position % (text.length + 1);
      compiles(text.slice(0, start) + piece + text.slice(start + length));
      compiles(text.slice(0, start) + text.slice(start, start + length).repeat(2) + text.slice(start + length));
    }), { numRuns: runs });
  });

  it.each(['[', '{', '- ', '? ', 'a: ', '  ', '\n', '"', "'", '&a ', '*a ', '!a ', '# ', '---\n', '|\n', '%', '\t', ': ', ', ', 'a:\n', '- - ', '{a: ', '[a, ', '\r', '\u2028', '"\\x'])('ends in time on 16 KB of %j, at the root and as an expression', (piece) => {
    for (const prefix of ['', 'rule: r\non: payment\nwhen: ', 'rule: r\non: payment\nwhen: |-\n  ', 'rule: r\non: payment\ntests:\n  - ']) {
      const text = prefix + piece.repeat(Math.floor((16_384 - prefix.length) / new TextEncoder().encode(piece).length));
      compiles(text);
    }
  });

  it('gives the same version to the same meaning and another one to another', () => {
    const rule = (when: string, ...more: string[]) => compileRule(['rule: r', 'on: payment', 'by: account_id', ...more, `when: ${when}`].join('\n'), 'r.yaml', { schema }).rule;
    const version = rule('last("10m").count() > 5 && amount > 5.00')?.version;
    expect(version).toBeDefined();
    expect(rule('last( "600s" ).by(account_id).of(payment).count() > 5 && (amount > 5.0)', 'title: other', 'severity: critical', 'score: 3', 'reason: "{currency}"', '# comment', 'tests: []')?.version).toBe(version);
    for (const other of ['last("10m").count() > 6 && amount > 5.00', 'last("10m").count() >= 5 && amount > 5.00', 'last("11m").count() > 5 && amount > 5.00', 'before("10m").count() > 5 && amount > 5.00', 'amount > 5.00 && last("10m").count() > 5']) expect(rule(other)?.version).not.toBe(version);
  });
});
