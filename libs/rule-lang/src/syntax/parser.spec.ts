import { describe, expect, it } from '@jest/globals';
import { parseExpression } from './parser.js';
import { printExpression } from './print-syntax.js';

const printed = (text: string) => {
  const parsed = parseExpression(text);
  return parsed.ok ? printExpression(parsed.tree) : parsed.fault;
};

describe('parseExpression', () => {
  it.each([
    ['a || b && c', 'a || b && c'], ['(a || b) && c', '(a || b) && c'], ['a-b-c', 'a - b - c'], ['a-(b-c)', 'a - (b - c)'], ['!a.b(c)', '!a.b(c)'], ['(!a).b()', '(!a).b()'],
    ['a ? b : c ? d : e', 'a ? b : c ? d : e'], ['(a ? b : c) ? d : e', '(a ? b : c) ? d : e'], ['-5', '-5'], ['-(5)', '-(5)'], ['a - -5', 'a - -5'], ['- 5', '-5'], ['--a', '--a'],
    ['5.00', '5.0'], ['1e3', '1000.0'], ['0x1F', '31'], ['.5', '0.5'], ['3.25', '3.25'], ["'it\\'s'", '"it\'s"'], ['r"\\d"', '"\\\\d"'], ['"""a\n"b" """', '"a\\n\\"b\\" "'], ['"\\u00e9\\x41\\101"', '"éAA"'],
    ['a in [1, 2,]', 'a in [1, 2]'], ['a // said\n+ b', 'a + b'], ['last("10m").where(amount <= 5.00).count()', 'last("10m").where(amount <= 5.0).count()'],
  ])('reads %s', (text, expected) => { expect(printed(text)).toBe(expected); });

  it('gives a node the text that it was written with, parentheses inside it included', () => {
    const text = ' (a + b) * -(c)  ';
    const parsed = parseExpression(text);
    expect(parsed.ok && text.slice(parsed.tree.start, parsed.tree.end)).toBe('(a + b) * -(c)');
  });

  it.each([
    { text: '', code: 'syntax', at: [0, 0], message: 'an expression is missing' },
    { text: 'a = b', code: 'syntax', at: [2, 3], message: 'unexpected `=`', fix: '==' },
    { text: 'a and b', code: 'syntax', at: [2, 5], message: 'unexpected `and`', fix: '&&' },
    { text: 'not a', code: 'syntax', at: [0, 3], message: 'unexpected `not`', fix: '!' },
    { text: 'a == ', code: 'syntax', at: [5, 5], message: 'the expression ends where a value is expected' },
    { text: '(a', code: 'syntax', at: [2, 2], message: 'the expression ends where `)` is expected' },
    { text: 'a b', code: 'syntax', at: [2, 3], message: '`b` stands where an operator or the end is expected' },
    { text: '"abc', code: 'syntax', at: [0, 4], message: 'the string does not end' },
    { text: '"\\q"', code: 'syntax', at: [1, 3], message: '`\\q` is no escape' },
    { text: 'a == "\ud83d"', code: 'syntax', at: [5, 8], message: 'half of a surrogate pair is no character' },
    { text: '"\\ud83d"', code: 'syntax', at: [1, 3], message: '`\\ud83d` is no character' },
    { text: 'last(10m)', code: 'syntax', at: [5, 8], message: 'a span is written in quotes: `"10m"`', fix: '"10m"' },
    { text: 'a[0]', code: 'not-in-language', at: [1, 2], message: 'there is no indexing in rules' },
    { text: 'a == null', code: 'not-in-language', at: [5, 9], message: 'there is no `null` in rules' },
    { text: '{}', code: 'not-in-language', at: [0, 1], message: 'there are no maps in rules' },
    { text: 'b"x"', code: 'not-in-language', at: [0, 1], message: 'there are no bytes in rules' },
    { text: '5u', code: 'not-in-language', at: [0, 2], message: 'there are no unsigned numbers in rules', fix: '5' },
    { text: 'a.true', code: 'syntax', at: [2, 6], message: '`true` stands where a name after `.` is expected' },
    { text: '.a == 1', code: 'not-in-language', at: [0, 1], message: 'there are no qualified names in rules' },
    { text: 'for', code: 'syntax', at: [0, 3], message: '`for` is a keyword of CEL and cannot be a name' },
    { text: `1${'0'.repeat(60)}`, code: 'number-too-long', at: [0, 61], message: 'the number has more than 60 digits' },
  ])('refuses $text', ({ text, code, at, message, fix }) => {
    const parsed = parseExpression(text);
    expect(parsed).toMatchObject({ ok: false, fault: { code, start: at[0], end: at[1], message, ...(fix === undefined ? {} : { fix }) } });
  });

  it('reads 256 nodes deep and refuses 257', () => {
    expect(parseExpression(`${'!'.repeat(255)}a`).ok).toBe(true);
    expect(parseExpression(`${'!'.repeat(256)}a`)).toMatchObject({ ok: false, fault: { code: 'too-deep' } });
    expect(parseExpression(Array(256).fill('a').join(' && ')).ok).toBe(true);
    expect(parseExpression(Array(257).fill('a').join(' && '))).toMatchObject({ ok: false, fault: { code: 'too-deep' } });
  });
});
