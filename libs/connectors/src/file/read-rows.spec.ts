import { describe, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Row } from '@weir/ingest';
import { withFolder } from '../testing/temporary-folder.js';
import { CsvSplitter } from './csv-splitter.js';
import { readRows } from './read-rows.js';

async function rowsOf(path: string): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const batch of readRows(path)) rows.push(...batch);
  return rows;
}
function split(text: string | Buffer, chunkBytes = 1 << 20, maxRowBytes?: number): Row[] {
  const splitter = new CsvSplitter(maxRowBytes);
  const rows: Row[] = [];
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunkBytes) splitter.push(bytes.subarray(at, at + chunkBytes), rows);
  splitter.end(rows);
  return rows;
}
const cells = (rows: readonly Row[]): unknown[] => rows.map((row) => (row.kind === 'csv' ? row.cells : row.kind === 'bad' ? `${row.line}: ${row.code}` : row.kind));

describe('CSV', () => {
  it('reads quotes, doubled quotes, line breaks and commas inside quotes, CRLF, a byte order mark and a last line without its end', () => {
    const text = '\ufeffid,note\r\n1,plain\r\n2,"a ""quoted"", word"\r\n3,"two\r\nlines"\r\n\r\n4,ä€😀\r\n5,""';
    for (const chunkBytes of [1, 2, 3, 7, 1_000]) {
      const rows = split(text, chunkBytes);
      expect(cells(rows)).toEqual([['1', 'plain'], ['2', 'a "quoted", word'], ['3', 'two\r\nlines'], ['4', 'ä€😀'], ['5', '']]);
      expect(rows.map((row) => row.line)).toEqual([2, 3, 4, 7, 8]);
    }
  });

  it('gives a bad row as a value with its line and goes on', () => {
    const text = Buffer.concat([Buffer.from('a,b\n1,2\n1,2,3\n"x"y,2\n'), Buffer.from([0x31, 0x2c, 0xff, 0x0a]), Buffer.from('3,4\n')]);
    for (const chunkBytes of [1, 5, 1_000]) {
      const rows = split(text, chunkBytes);
      expect(cells(rows)).toEqual([['1', '2'], '3: bad-row', '4: bad-row', '5: bad-row', ['3', '4']]);
      expect(rows.flatMap((row) => (row.kind === 'bad' ? [row.message] : []))).toEqual(['3 cells, the header has 2', 'text behind the closing quote of cell 1', 'the row is not UTF-8']);
    }
  });

  it('loses one line to a quote that is never closed, not the file', () => {
    expect(cells(split('a,b\n1,"open\n3,4\n5,6\n', 4))).toEqual(['2: bad-row', ['3', '4'], ['5', '6']]);
    const long = `a,b\n1,"open\n${'3,4\n'.repeat(1_000)}`;
    expect(cells(split(long, 100, 500)).slice(0, 3)).toEqual(['2: bad-row', ['3', '4'], ['3', '4']]);
  });

  it('passes over a row longer than the limit with bounded memory', () => {
    const rows = split(`a,b\n1,${'x'.repeat(5_000)}\n3,4\n`, 64, 1_000);
    expect(cells(rows)).toEqual(['2: bad-row', ['3', '4']]);
    expect(rows[1]?.line).toBe(3);
  });

  it('keeps a quote inside a cell that is not quoted', () => {
    expect(cells(split('a,b\n5" pipe,x\n'))).toEqual([['5" pipe', 'x']]);
  });
});

describe('readRows', () => {
  it.each(['.csv', '.csv.gz'])('reads a %s file and tells its progress', (ending) => withFolder(async (dir) => {
    const path = join(dir, `events${ending}`);
    const bytes = Buffer.from('id,x\n1,2\n3,4\n');
    const onDisk = ending.endsWith('gz') ? gzipSync(bytes) : bytes;
    await writeFile(path, onDisk);
    const told: number[] = [];
    const rows: Row[] = [];
    for await (const batch of readRows(path, { onProgress: (read, total) => { told.push(read, total); } })) rows.push(...batch);
    expect(cells(rows)).toEqual([['1', '2'], ['3', '4']]);
    expect(told.slice(-2)).toEqual([onDisk.length, onDisk.length]);
  }));

  it.each(['.ndjson', '.ndjson.gz', '.jsonl'])('reads a %s file; a bad line is a value', (ending) => withFolder(async (dir) => {
    const path = join(dir, `events${ending}`);
    const bytes = Buffer.from('{"id":"1"}\r\n\n{"id":1,"id":2}\n[1]\nnot json\n{"id":"2"}');
    await writeFile(path, ending.endsWith('gz') ? gzipSync(bytes) : bytes);
    const rows = await rowsOf(path);
    expect(rows.map((row) => `${row.line} ${row.kind === 'bad' ? row.code : row.kind}`)).toEqual(['1 json', '3 duplicate-key', '4 not-an-object', '5 malformed-json', '6 json']);
  }));

  it('says by name what it cannot read', () => withFolder(async (dir) => {
    await expect(rowsOf(join(dir, 'a.xlsx'))).rejects.toMatchObject({ code: 'FILE_UNKNOWN_KIND' });
    await expect(rowsOf(join(dir, 'a.csv'))).rejects.toMatchObject({ code: 'FILE_UNREADABLE', message: expect.stringContaining('no such file') });
    await writeFile(join(dir, 'cut.csv.gz'), gzipSync(Buffer.from('a,b\n1,2\n'.repeat(5_000))).subarray(0, 60));
    await expect(rowsOf(join(dir, 'cut.csv.gz'))).rejects.toMatchObject({ code: 'FILE_DAMAGED' });
    await writeFile(join(dir, 'empty.csv'), '');
    await expect(rowsOf(join(dir, 'empty.csv'))).rejects.toMatchObject({ code: 'FILE_DAMAGED', message: expect.stringContaining('no header') });
    await writeFile(join(dir, 'twice.csv'), 'a,b,a\n1,2,3\n');
    await expect(rowsOf(join(dir, 'twice.csv'))).rejects.toMatchObject({ code: 'FILE_DAMAGED', message: expect.stringContaining('"a" twice') });
  }));
});
