import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Row } from '@weir/ingest';
import { CsvSplitter } from './csv-splitter.js';

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
