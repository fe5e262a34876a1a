import { describe, expect, it } from '@jest/globals';
import { parseSchema } from './parse-schema.js';

const schema = (...lines: string[]) => ['version: 1', 'currency: EUR', 'events:', '  payment:', ...lines.map((line) => `    ${line}`)].join('\n');
const findings = (text: string) => parseSchema(text).diagnostics.map(({ code, line, column, endColumn, message, fix }) => ({ at: `${line}:${column}-${endColumn}`, code, message, ...(fix === undefined ? {} : { fix }) }));

describe('parseSchema', () => {
  it('reads types, fields and what is declared of them', () => {
    const { schema: read, diagnostics } = parseSchema([
      'version: 1', 'currency: EUR', 'events:',
      '  payment:', '    amount: { type: decimal, scale: 2, required: true, currency: currency }', '    currency: { type: string, pattern: "^[A-Z]{3}$" }', '    who: { type: string, pii: true }',
      '  label:', '    late: restamp', '    fraud: { type: bool }', '  ping:',
    ].join('\n'));
    expect(diagnostics).toEqual([]);
    expect(read?.types).toEqual([
      { name: 'payment', late: 'drop', fields: [
        { name: 'amount', type: 'decimal', required: true, scale: 2, pii: false, currency: { field: 'currency' } },
        { name: 'currency', type: 'string', required: false, scale: 0, pii: false, pattern: '^[A-Z]{3}$' },
        { name: 'who', type: 'string', required: false, scale: 0, pii: true },
      ] },
      { name: 'label', late: 'restamp', fields: [{ name: 'fraud', type: 'bool', required: false, scale: 0, pii: false }] },
      { name: 'ping', late: 'drop', fields: [] },
    ]);
  });

  it('gives the same hash whatever order and layout, and another one for another type', () => {
    const one = parseSchema(schema('a: { type: int }', 'b: { type: bool }')).schema?.hash;
    expect(one).toMatch(/^[0-9a-f]{16}$/);
    expect(parseSchema(schema('b: {type: bool} # same', 'a: { type: int }')).schema?.hash).toBe(one);
    expect(parseSchema(schema('a: { type: string }', 'b: { type: bool }')).schema?.hash).not.toBe(one);
  });

  it.each([
    { name: 'a misspelt type', text: schema('a: { type: strin }'), expected: [{ at: '5:16-21', code: 'bad-value', message: 'a type is one of bool, string, int, decimal, double, timestamp, geo, not `strin`', fix: 'string' }] },
    { name: 'a decimal without scale', text: schema('a: { type: decimal }'), expected: [{ at: '5:5-6', code: 'missing-key', message: 'the decimal `a` has no scale' }] },
    { name: 'a field of every event', text: schema('ts: { type: timestamp }'), expected: [{ at: '5:5-7', code: 'reserved-name', message: '`ts` is a field of every event and is not declared' }] },
    { name: 'a word of the language as a field', text: schema('previous: { type: int }'), expected: [{ at: '5:5-13', code: 'reserved-name', message: '`previous` is a word of the rule language and cannot be the name of a field' }] },
    { name: 'a name that is no identifier', text: schema('card-id: { type: string }'), expected: [{ at: '5:5-12', code: 'bad-name', message: '`card-id` cannot be the name of a field' }] },
    { name: 'an unknown currency field', text: schema('amount: { type: decimal, scale: 2, currency: currencies }', 'currency: { type: string }'), expected: [{ at: '5:50-60', code: 'unknown-field', message: '`currencies` is neither a field of `payment` nor a currency code', fix: 'currency' }] },
    { name: 'a pattern that RE2 refuses', text: schema('a: { type: string, pattern: "(?=x)" }'), expected: [{ at: '5:33-40', code: 'bad-pattern', message: 'RE2 does not read this pattern: error parsing regexp: invalid or unsupported Perl syntax: `(?=`' }] },
    { name: 'two fields of one name', text: schema('a: { type: int }', 'a: { type: int }'), expected: [{ at: '6:5-6', code: 'yaml-duplicate-key', message: 'the key `a` is there twice' }] },
    { name: 'a scale on a string', text: schema('a: { type: string, scale: 2 }'), expected: [{ at: '5:24-29', code: 'bad-schema', message: 'only decimals have a scale, `a` is of type string' }] },
    { name: 'another version', text: 'version: 2\nevents: {}', expected: [{ at: '1:10-11', code: 'bad-version', message: 'this program reads version 1 of the schema, not `2`' }] },
    { name: 'nothing', text: '', expected: [{ at: '1:1-1', code: 'missing-key', message: 'a schema has the key `events`' }] },
    { name: 'all errors at once', text: schema('a: { type: strin }', 'b: { kind: int }'), expected: [
      { at: '5:16-21', code: 'bad-value', message: 'a type is one of bool, string, int, decimal, double, timestamp, geo, not `strin`', fix: 'string' },
      { at: '6:5-6', code: 'missing-key', message: 'the field `b` has no type' },
      { at: '6:10-14', code: 'unknown-key', message: '`kind` is not a key of a field' },
    ] },
  ])('tells $name', ({ text, expected }) => { expect(findings(text)).toEqual(expected); });
});
