import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ArraySplitter, type Element } from './array-splitter.js';

function split(text: string | Uint8Array, chunkBytes = 1_000, max = 1_000): Element[] {
  const bytes = Buffer.from(text);
  const splitter = new ArraySplitter(max, 8);
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) splitter.push(bytes.subarray(at, at + chunkBytes), elements);
  splitter.end(elements);
  return elements;
}
const texts = (elements: readonly Element[]): string[] => elements.map((element) => element.fault ?? Buffer.from(element.bytes).toString('utf8').trim());

describe('ArraySplitter', () => {
  it('gives the elements of any array as they were written, however the bytes are cut', () => {
    fc.assert(fc.property(fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 8 }), fc.nat(2), fc.integer({ min: 1, max: 30 }), (values, indent, chunkBytes) => {
      const elements = split(JSON.stringify(values, null, indent), chunkBytes, 1e6);
      expect(elements.map((element) => JSON.parse(Buffer.from(element.bytes).toString('utf8')) as unknown)).toEqual(JSON.parse(JSON.stringify(values)));
      expect(elements.map((element) => element.index)).toEqual(values.map((_, i) => i));
    }));
  });

  it.each([
    { name: 'a document that is no array', text: ' {"a":[1,2]} ', expected: ['{"a":[1,2]}'] },
    { name: 'an empty array', text: '[ ]', expected: [] },
    { name: 'nothing', text: ' \n', expected: [] },
    { name: 'an array behind a byte order mark', text: '\ufeff[1,2]', expected: ['1', '2'] },
    { name: 'brackets, quotes and commas inside texts', text: '["a]\\",[{", {"b":"}"}]', expected: ['"a]\\",[{"', '{"b":"}"}'] },
    { name: 'a malformed element between good ones', text: '[{"a":1}, NaN, {"b" 2}, {"c":3}]', expected: ['{"a":1}', 'NaN', '{"b" 2}', '{"c":3}'] },
    { name: 'a comma too many', text: '[1,]', expected: ['1', ''] },
    { name: 'an array that was cut off', text: '[{"a":1},{"b', expected: ['{"a":1}', '{"b', 'the array has no end: the request was cut off'] },
    { name: 'something behind the array', text: '[1] [2]', expected: ['1', 'something follows behind the end of the array'] },
  ])('splits $name', ({ text, expected }) => {
    for (const chunkBytes of [1, 3, 1_000]) expect(texts(split(text, chunkBytes))).toEqual(expected);
  });

  it('keeps the beginning of an element that is too long, and goes on', () => {
    for (const chunkBytes of [1, 7, 5_000]) {
      const elements = split(`[1,"${'x'.repeat(3_000)}",2]`, chunkBytes);
      expect(elements.map((element) => [element.tooLong, element.rawBytes])).toEqual([[false, 1], [true, 3_002], [false, 1]]);
      expect(elements[1]?.bytes.length).toBe(8);
    }
  });
});
