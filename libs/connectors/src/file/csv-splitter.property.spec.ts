import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Row } from '@weir/ingest';
import { CsvSplitter } from './csv-splitter.js';
import { type Line, LineSplitter } from './line-splitter.js';

const arbCell = fc.string({ unit: fc.constantFrom('a', 'ä', '😀', ',', '"', '\n', '\r\n', ' ', '1'), maxLength: 6 });
const arbTable = fc.integer({ min: 2, max: 4 }).chain((width) => fc.array(fc.array(arbCell, { minLength: width, maxLength: width }), { maxLength: 12 }));

/** Writes as RFC 4180 says; quotes where needed, and where `always` says so. */
function write(table: readonly (readonly string[])[], always: boolean, end: string): string {
  return table.map((cells) => cells.map((cell) => (always || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',') + end).join('');
}

describe('CSV reader', () => {
  it('reads what a plain writer wrote, however the bytes are cut', () => {
    fc.assert(fc.property(arbTable, fc.boolean(), fc.constantFrom('\n', '\r\n'), fc.integer({ min: 1, max: 40 }), (table, always, end, chunkBytes) => {
      const header = (table[0] ?? ['a', 'b']).map((_, i) => `column ${i}`);
      const bytes = Buffer.from(write([header, ...table], always, end));
      const splitter = new CsvSplitter();
      const rows: Row[] = [];
      for (let at = 0; at < bytes.length; at += chunkBytes) splitter.push(bytes.subarray(at, at + chunkBytes), rows);
      splitter.end(rows);
      expect(rows.map((row) => (row.kind === 'csv' ? row.cells : row))).toEqual(table);
    }), { numRuns: 500 });
  });
});

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
      expect(lines.map((line) => ({ line: line.line, text: line.bytes.toString('latin1'), tooLong: line.tooLong, rawBytes: line.rawBytes }))).toEqual(expected);
    }), { numRuns: 500 });
  });
});
