import { describe, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { readJson, type Row } from '@weir/ingest';
import { ConnectorError } from '../connector-error.js';
import { withFolder } from '../testing/temporary-folder.js';
import { BadHeader, CsvSplitter } from './csv-splitter.js';
import { readRows } from './read-rows.js';

/** What a CSV or NDJSON reader stumbles over, between bytes of any kind. */
const piece = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', ',', '"', '""', '\n', '\r\n', '\r', '\ufeff', '{"id":"1"}', '{', '}', '[', '\\', '\\u', '\\ud800', '1e999', '-', ' ', '\t', '\u0000', '\u001f', 'ä', '€', '😀', '__proto__', '"__proto__":1,').map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)) },
);
const arbBytes = fc.array(piece, { maxLength: 60 }).map((pieces) => Buffer.concat(pieces));

function split(bytes: Buffer, chunkBytes: number, maxRowBytes: number): Row[] | string {
  const splitter = new CsvSplitter(maxRowBytes);
  const rows: Row[] = [];
  try {
    for (let at = 0; at < bytes.length; at += chunkBytes) splitter.push(bytes.subarray(at, at + chunkBytes), rows);
    splitter.end(rows);
  } catch (error) {
    if (error instanceof BadHeader) return 'bad header';
    throw error;
  }
  return rows;
}

describe('bytes of any kind', () => {
  it('are rows, bad rows or a bad header as CSV, the same however they are cut', () => {
    fc.assert(fc.property(arbBytes, fc.integer({ min: 1, max: 20 }), (bytes, chunkBytes) => {
      const whole = split(bytes, 1 << 20, 1 << 20);
      expect(split(bytes, chunkBytes, 1 << 20)).toEqual(whole);
      if (typeof whole === 'string') return;
      const lines = bytes.toString('latin1').split('\n').length;
      for (const row of whole) {
        expect(row.line >= 1 && row.line <= lines).toBe(true);
        if (row.kind === 'csv') expect(row.cells).toHaveLength(row.header.columns.length);
        else expect(row.kind).toBe('bad');
      }
    }), { numRuns: 1_000 });
  });

  it('are read as CSV with a limit on the row, never more than it and a chunk being kept', () => {
    fc.assert(fc.property(arbBytes, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 4, max: 30 }), (bytes, chunkBytes, maxRowBytes) => {
      const rows = split(Buffer.concat([Buffer.from('a,b\n'), bytes]), chunkBytes, maxRowBytes);
      if (typeof rows === 'string') throw new Error('the header was read');
      for (const row of rows) if (row.kind === 'csv') expect(Buffer.byteLength(row.cells.join(','))).toBeLessThanOrEqual(maxRowBytes);
    }), { numRuns: 1_000 });
  });

  it('are one JSON value for our reader only where they are one for JSON.parse, or refused with a code', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    fc.assert(fc.property(arbBytes, (bytes) => {
      const read = readJson(bytes);
      if (read.ok) expect(() => { JSON.parse(decoder.decode(bytes)); }).not.toThrow();
      else expect(read.code.length > 0 && read.message.length > 0).toBe(true);
    }), { numRuns: 1_000 });
  });

  it.each(['.csv', '.ndjson', '.csv.gz', '.ndjson.gz'])('are rows or a refusal by name as a %s file', (ending) => withFolder(async (dir) => {
    const path = join(dir, `any${ending}`);
    await fc.assert(fc.asyncProperty(arbBytes, fc.nat(), fc.constantFrom<'whole' | 'damaged' | 'cut' | 'bare'>('whole', 'damaged', 'cut', 'bare'), async (bytes, n, how) => {
      const packed = ending.endsWith('.gz') && how !== 'bare' ? gzipSync(bytes) : Buffer.from(bytes);
      const at = n % (packed.length + 1);
      if (how === 'damaged' && at < packed.length) packed[at] = (packed[at] ?? 0) ^ (1 + (n % 255));
      await writeFile(path, how === 'cut' ? packed.subarray(0, at) : packed);
      try {
        for await (const batch of readRows(path)) for (const row of batch) expect(row.line).toBeGreaterThanOrEqual(1);
      } catch (error) {
        if (!(error instanceof ConnectorError)) throw error;
        expect(error.code).toBe('FILE_DAMAGED');
      }
    }), { numRuns: 150 });
  }));
});

/** 128 MiB that lie packed in a few hundred KB: a row, or a quoted cell, that never ends. */
const bombBytes = 128 * 1024 * 1024;

describe('a file that unpacks to one endless row', () => {
  it.each([
    { ending: '.csv.gz', name: 'a plain row', head: 'a,b\n1,2\n', fill: 'x', bad: ['bad-row'] },
    { ending: '.csv.gz', name: 'a quoted cell', head: 'a,b\n1,2\n3,"', fill: '"', bad: ['bad-row'] },
    { ending: '.ndjson.gz', name: 'a line', head: '{"id":"1"}\n', fill: '[', bad: ['too-large'] },
  ])('is one bad row ($name), with memory for a row and a few chunks', ({ ending, head, fill, bad }) => withFolder(async (dir) => {
    const path = join(dir, `bomb${ending}`);
    const packed = gzipSync(Buffer.concat([Buffer.from(head), Buffer.alloc(bombBytes, fill), Buffer.from('\n')]), { level: 1 });
    expect(packed.length).toBeLessThan(bombBytes / 100);
    await writeFile(path, packed);
    const inUse = (): number => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
    const before = inUse();
    let most = 0;
    const rows: Row[] = [];
    const looking = setInterval(() => { most = Math.max(most, inUse() - before); }, 1);
    for await (const batch of readRows(path)) rows.push(...batch);
    clearInterval(looking);
    expect(rows.map((row) => (row.kind === 'bad' ? row.code : 'good'))).toEqual(['good', ...bad]);
    for (const row of rows) if (row.kind === 'bad') expect(row.raw.length).toBeLessThanOrEqual(1_000);
    expect(most).toBeLessThan(bombBytes / 2);
  }), 60_000);

  it('is refused by name when it is the header', () => withFolder(async (dir) => {
    const path = join(dir, 'header.csv.gz');
    await writeFile(path, gzipSync(Buffer.alloc(8 * 1024 * 1024, 'x'), { level: 1 }));
    await expect((async () => { for await (const batch of readRows(path)) expect(batch).toEqual([]); })()).rejects.toMatchObject({ code: 'FILE_DAMAGED', message: expect.stringContaining('header') });
  }));
});
