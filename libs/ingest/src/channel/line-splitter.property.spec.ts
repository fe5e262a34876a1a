import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Line, LineSplitter } from './line-splitter.js';

describe('line splitter', () => {
  it('gives the lines of String.split, cut to the limit, however the bytes are cut', () => {
    fc.assert(fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', 'ä', ' ', '\r'), maxLength: 30 }), { maxLength: 20 }), fc.integer({ min: 1, max: 25 }), (texts, chunkBytes) => {
      const bytes = Buffer.from(texts.join('\n'));
      const splitter = new LineSplitter(20, 8);
      const lines: Line[] = [];
      for (let at = 0; at < bytes.length; at += chunkBytes) splitter.push(bytes.subarray(at, at + chunkBytes), lines);
      splitter.end(lines);
      const expected = texts.flatMap((text, i) => {
        const whole = Buffer.from(text);
        if (whole.length > 20) return [{ line: i + 1, text: whole.subarray(0, 8).toString('latin1'), tooLong: true, rawBytes: whole.length }];
        const line = text.endsWith('\r') ? Buffer.from(text.slice(0, -1)) : whole;
        return /^[ \t]*$/.test(line.toString()) ? [] : [{ line: i + 1, text: line.toString('latin1'), tooLong: false, rawBytes: line.length }];
      });
      expect(lines.map((line) => ({ line: line.line, text: Buffer.from(line.bytes).toString('latin1'), tooLong: line.tooLong, rawBytes: line.rawBytes }))).toEqual(expected);
    }), { numRuns: 500 });
  });
});
