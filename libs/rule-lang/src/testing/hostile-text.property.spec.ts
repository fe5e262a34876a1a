import type { Diagnostic } from '@weir/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileRule } from '../check/compile-rule.js';
import { typeExpression } from '../check/type-expression.js';
import { completeAt } from '../complete/complete-at.js';
import { editableLiterals, replaceLiteral, replaceValue } from '../rule-file/edit-rule.js';
import { parseSchema } from '../schema/parse-schema.js';
import { testSchema, testSchemaText } from './expect-diagnostics.js';

const runs = Number(process.env['WEIR_PROPERTY_RUNS'] ?? 50);
const schema = testSchema();

/** Findings or a result, never both, never neither; every place inside the text. */
function isAnswer(text: string, hasResult: boolean, diagnostics: readonly Diagnostic[]): void {
  expect(hasResult).toBe(!diagnostics.some(({ severity }) => severity === 'error'));
  const lines = text.split('\n');
  for (const { line, column, endLine, endColumn, message } of diagnostics) {
    expect(line >= 1 && column >= 1 && endLine <= lines.length && (endLine > line || (endLine === line && endColumn >= column))).toBe(true);
    expect(endColumn).toBeLessThanOrEqual((lines[endLine - 1] ?? '').length + 1);
    expect(message.length).toBeLessThan(2000);
  }
}

function allAnswer(text: string): void {
  const rule = compileRule(text, 'draft', { schema });
  isAnswer(text, rule.rule !== undefined, rule.diagnostics);
  const parsed = parseSchema(text);
  isAnswer(text, parsed.schema !== undefined, parsed.diagnostics);
  const typed = typeExpression(text, schema, ['payment', 'login']);
  isAnswer(text, typed.expr !== undefined, typed.diagnostics);
  expect(completeAt(text, text.length >> 1, { schema }).to).toBeLessThanOrEqual(text.length);
  for (const literal of editableLiterals(text).slice(0, 3)) expect(replaceLiteral(text, literal, '7').ok).toBe(true);
  replaceValue(text, ['when'], text.slice(0, 50));
}

/** Bytes as a careless client sends them: not UTF-8, cut inside a character, with a byte order mark, in UTF-16. */
const bytes = fc.oneof(fc.uint8Array({ maxLength: 400 }), fc.uint8Array({ maxLength: 200 }).map((tail) => Uint8Array.from([0xef, 0xbb, 0xbf, ...new TextEncoder().encode('rule: r\non: payment\nwhen: '), ...tail])));
const decoders = ['utf-8', 'utf-16le', 'latin1'].map((name) => new TextDecoder(name));

/** Words of the language in any order: far more of these than of random characters come through lexer and parser. */
const words = [
  'amount', 'country', 'declined', 'ts', 'opened', 'location', 'retries', 'risk', 'previous', '.amount', '.ts', 'last("1h")', 'before("1d")', 'lastEvents(3)', 'since("day")', 'between("2d", "1d")', 'of(login)', 'by(device_id)', 'by()', '.where(', '.count()', '.sum(amount)', '.avg(amount)', '.exists(declined)',
  '.distinct(', '(', ')', '[', ']', ',', '.', '+', '-', '*', '/', '%', '!', '?', ':', '&&', '||', '==', '!=', '<', '>=', ' in ', 'list("x")', 'has(', 'size(', 'duration("1.5h")', 'timestamp("2026-01-05T00:00:00Z")', '.getHours()', '.matches("a")', '.orValue(', '1', '2.50', '"GB"', 'true', 'double(', 'min(', 'abs(', 'first_seen(device_id, "1d")', 'model("m")', 'distance_km(', 'let', 'null', '{', '}', '0x1F', '1e9', "r'\\d'",
];
const soup = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 14 }).map((parts) => parts.join(''));

describe('hostile texts', () => {
  it('of raw bytes are answered by every reader', () => {
    fc.assert(fc.property(bytes, fc.constantFrom(...decoders), (raw, decoder) => { allAnswer(decoder.decode(raw)); }), { numRuns: runs });
  });

  it('of words of the language in any order are answered, as expression, condition, let and step', () => {
    fc.assert(fc.property(soup, soup, (one, other) => {
      const typed = typeExpression(one, schema, ['payment']);
      isAnswer(one, typed.expr !== undefined, typed.diagnostics);
      for (const text of [
        ['rule: r', 'on: payment', 'by: account_id', 'let:', `  x: ${JSON.stringify(one)}`, `when: ${JSON.stringify(other)}`, 'reason: "{x}"'],
        ['rule: r', 'on: [payment, login]', 'by: account_id', 'sequence:', '  within: 1h', '  steps:', '    - begin: a', `      where: ${JSON.stringify(one)}`, '    - followedBy: b', '      times: 2..', `      until: ${JSON.stringify(other)}`, '    - next: c'],
        ['rule: r', 'on: payment', 'by: country', 'window: { tumble: 5m }', `having: ${JSON.stringify(one)}`],
      ].map((lines) => lines.join('\n'))) {
        const { rule, diagnostics } = compileRule(text, 'draft', { schema });
        isAnswer(text, rule !== undefined, diagnostics);
      }
    }), { numRuns: runs });
  });

  it('of a schema with a piece cut out, doubled or replaced are answered', () => {
    fc.assert(fc.property(fc.nat(), fc.nat({ max: 40 }), fc.constantFrom('', '\n', ':', '- ', '  ', '{', '[', ')', '#', '&', '*', '!', '\t', '\u0000', '\ud800', '1e99', '__proto__', 'constructor', 'currency', '"(?=x)"'), (position, length, piece) => {
      const start = position % (testSchemaText.length + 1);
      for (const text of [testSchemaText.slice(0, start) + piece + testSchemaText.slice(start + length), testSchemaText.slice(0, start) + testSchemaText.slice(start, start + length).repeat(2) + testSchemaText.slice(start + length)]) {
        const parsed = parseSchema(text);
        isAnswer(text, parsed.schema !== undefined, parsed.diagnostics);
      }
    }), { numRuns: runs });
  });

  it('of lets that double and chain end in time', () => {
    for (const [count, step] of [[60, 'l{} * l{}'], [60, 'l{} && l{}'], [60, 'l{} + l{} / l{}'], [700, 'l{} + 1'], [700, '!l{}'], [60, 'l{} ? l{} : l{}'], [60, 'l{} in [l{}, l{}]'], [60, 'min(l{}, l{}) == l{}']] as const) {
      const lets = Array.from({ length: count }, (_, i) => `  l${i + 1}: ${JSON.stringify(step.replaceAll('{}', String(i)))}`);
      for (const first of ['amount', 'true']) {
        allAnswer(['rule: r', 'on: payment', 'let:', `  l0: ${first}`, ...lets, `when: l${count} == l0`].join('\n').slice(0, 65_536));
      }
    }
  });
});

describe('an edit', () => {
  const arbComment = fc.string({ unit: fc.constantFrom(...'ab #:"\'|>-é😀'), maxLength: 8 }).map((text) => `# ${text}`);
  it('leaves every comment and every other byte, wherever the rule is edited', () => {
    fc.assert(fc.property(arbComment, arbComment, arbComment, fc.constantFrom('|-\n  declined // why\n  && amount > 5.00', '"amount > 5.00 && country == \\"GB\\""', 'amount > 5.00', "'country == \"it''s\"'", '>-\n  amount\n  > 5.00'), fc.nat(), fc.constantFrom('7', '"x"', '9.99'), (a, b, c, when, pick, value) => {
      const text = [`${a}`, `rule: r ${b}`, 'on: payment', 'let:', `  probes: last("10m").count() ${c}`, `${a}`, `when: ${when}`, `${b}`, `score:  80 ${c}`, ''].join('\n');
      const literals = editableLiterals(text);
      const literal = literals[pick % literals.length];
      if (literal === undefined) throw new Error('no literal');
      const edited = replaceLiteral(text, literal, value);
      if (!edited.ok) throw new Error(edited.reason);
      const { start, end } = literal.range;
      expect(edited.text.startsWith(text.slice(0, start))).toBe(true);
      expect(edited.text.endsWith(text.slice(end))).toBe(true);
      expect(editableLiterals(edited.text)).toHaveLength(literals.length);
      const scored = replaceValue(text, ['score'], '90');
      expect(scored).toEqual({ ok: true, text: text.replace('score:  80', 'score:  90') });
    }), { numRuns: runs });
  });
});
