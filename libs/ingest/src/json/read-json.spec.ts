import { describe, expect, it } from '@jest/globals';
import { JsonNumber, JsonObject, type JsonValue } from './json-value.js';
import { readJson } from './read-json.js';

const valueOf = (text: string): JsonValue => {
  const result = readJson(text);
  if (!result.ok) throw new Error(result.message);
  return result.value;
};

describe('readJson', () => {
  it('keeps the source text of every number', () => {
    const value = valueOf('{"a":12.50,"b":-0,"c":1E+3,"d":12345678901234567890.123456789}');
    expect(value).toBeInstanceOf(JsonObject);
    if (value instanceof JsonObject) expect(value.values.map((member) => (member instanceof JsonNumber ? member.text : member))).toEqual(['12.50', '-0', '1E+3', '12345678901234567890.123456789']);
  });

  it('reads escapes, pairs of surrogates in every spelling, and blanks', () => {
    expect(valueOf(' [ "\\u0041\\n\\/\\"", "\\ud83d\\ude00", "😀", "\ud83d\\ude00" ] \n')).toEqual(['A\n/"', '😀', '😀', '😀']);
  });

  it('takes members named __proto__ and constructor as members', () => {
    const value = valueOf('{"__proto__":1,"constructor":2}');
    expect(value instanceof JsonObject ? value.names : []).toEqual(['__proto__', 'constructor']);
  });

  it.each([
    { name: 'a key given twice', text: '{"a":1,"amount":1,"amount":2}', code: 'duplicate-key', field: 'amount', column: 19 },
    { name: 'a key given twice in an inner object', text: '{"location":{"lat":1,"lat":2}}', code: 'duplicate-key', field: 'location.lat', column: 22 },
    { name: 'a key given twice in different spelling', text: '{"a":1,"\\u0061":2}', code: 'duplicate-key', field: 'a', column: 8 },
    { name: 'half a surrogate pair, escaped', text: '{"id":"\\ud800"}', code: 'bad-text', field: 'id', column: 7 },
    { name: 'the second half alone', text: '{"id":"x\\udc00"}', code: 'bad-text', field: 'id', column: 7 },
    { name: 'half a surrogate pair, written out', text: '{"id":"x\ud800y"}', code: 'bad-text', field: 'id', column: 9 },
    { name: 'half a pair before an escape that is no partner', text: '{"id":"\ud800\\u0041"}', code: 'bad-text', field: 'id', column: 7 },
    { name: 'NaN', text: '{"amount":NaN}', code: 'malformed-json', field: 'amount', column: 11 },
    { name: 'Infinity', text: '{"amount":-Infinity}', code: 'malformed-json', field: 'amount', column: 11 },
    { name: 'a number with a leading zero', text: '{"n":012}', code: 'malformed-json', field: 'n', column: 6 },
    { name: 'a number without digits after the point', text: '{"n":1.}', code: 'malformed-json', field: 'n', column: 8 },
    { name: 'a number that begins with its point', text: '{"n":.5}', code: 'malformed-json', field: 'n', column: 6 },
    { name: 'a number with a plus sign', text: '{"n":+5}', code: 'malformed-json', field: 'n', column: 6 },
    { name: 'a hexadecimal number', text: '{"n":0x1F}', code: 'malformed-json', field: undefined, column: 7 },
    { name: 'a missing comma', text: '{"a":1 "b":2}', code: 'malformed-json', field: undefined, column: 8 },
    { name: 'a comma too many', text: '{"a":1,}', code: 'malformed-json', field: undefined, column: 8 },
    { name: 'a comma too many in an array', text: '[1,]', code: 'malformed-json', field: '[1]', column: 4 },
    { name: 'single quotes', text: "{'a':1}", code: 'malformed-json', field: undefined, column: 2 },
    { name: 'a text without an end', text: '{"a":"b', code: 'malformed-json', field: 'a', column: 6 },
    { name: 'a line break inside a text', text: '{"a":"b\nc"}', code: 'malformed-json', field: 'a', column: 8 },
    { name: 'an unknown escape', text: '{"a":"\\x41"}', code: 'malformed-json', field: 'a', column: 7 },
    { name: 'a cut escape', text: '{"a":"\\u00"}', code: 'malformed-json', field: 'a', column: 7 },
    { name: 'something behind the value', text: '{} {}', code: 'malformed-json', field: undefined, column: 4 },
    { name: 'a comment', text: '{} // x', code: 'malformed-json', field: undefined, column: 4 },
    { name: 'nothing', text: '', code: 'malformed-json', field: undefined, column: 1 },
    { name: 'a word cut short', text: 'tru', code: 'malformed-json', field: undefined, column: 1 },
  ])('refuses $name with its place', ({ text, code, field, column }) => {
    expect(readJson(text)).toMatchObject({ ok: false, code, field, line: 1, column });
  });

  it('counts lines and columns', () => {
    expect(readJson('{\n  "a": 1,\n  "a": 2\n}')).toMatchObject({ code: 'duplicate-key', offset: 14, line: 3, column: 3, message: 'a: is given twice in one object (line 3, column 3)' });
  });

  it('accepts 64 levels and refuses the sixty-fifth without running out of stack on a million', () => {
    expect(readJson('['.repeat(64) + ']'.repeat(64)).ok).toBe(true);
    expect(readJson('['.repeat(65) + ']'.repeat(65))).toMatchObject({ ok: false, code: 'malformed-json', column: 65 });
    expect(readJson('['.repeat(1_000_000))).toMatchObject({ ok: false, code: 'malformed-json' });
  });

  it.each([
    { name: 'a stray continuation byte', bytes: [0x22, 0x80, 0x22], offset: 1 },
    { name: 'an overlong form', bytes: [0x22, 0xc0, 0xaf, 0x22], offset: 1 },
    { name: 'a surrogate encoded as UTF-8', bytes: [0x22, 0x41, 0xed, 0xa0, 0x80, 0x22], offset: 2 },
    { name: 'a sequence that is cut', bytes: [0x22, 0xf0, 0x9f, 0x98], offset: 1 },
    { name: 'a value above U+10FFFF', bytes: [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22], offset: 1 },
  ])('refuses invalid UTF-8 with its byte: $name', ({ bytes, offset }) => {
    expect(readJson(Uint8Array.from(bytes))).toMatchObject({ ok: false, code: 'bad-text', offset });
  });

  it('passes over a byte order mark', () => {
    expect(readJson(Uint8Array.from([0xef, 0xbb, 0xbf, 0x31]))).toMatchObject({ ok: true });
    expect(readJson('\ufeff1')).toMatchObject({ ok: true });
  });

  it('finds a double key among thousands in linear time', () => {
    const members = Array.from({ length: 50_000 }, (_, i) => `"k${i}":1`);
    expect(readJson(`{${members.join(',')}}`).ok).toBe(true);
    expect(readJson(`{${members.join(',')},"k49999":2}`)).toMatchObject({ code: 'duplicate-key', field: 'k49999' });
  });
});
