import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { JsonObject, type Line, LineSplitter, readJson, type Row } from '@weir/ingest';
import { ConnectorError, systemErrorCode } from '../connector-error.js';
import { BadHeader, CsvSplitter } from './csv-splitter.js';

/** How a file of rows is read. */
export interface ReadRowsOptions {
  /** Told after each chunk: bytes of the file (as it lies on disk) read so far, and in all. For a progress bar. */
  readonly onProgress?: ((readBytes: number, totalBytes: number) => void) | undefined;
  /** Longest line of an NDJSON file; default 4 MiB. A longer one is a bad row, the file goes on. */
  readonly maxLineBytes?: number | undefined;
}

type FileKind = 'csv' | 'ndjson';

/**
 * Reads a file of events: `.csv`, `.ndjson` (also `.jsonl`), each also `.gz`. Streams with bounded memory (a chunk and one
 * row) and gives rows in batches, in file order; a bad row is a value with its line, the stream goes on.
 * Throws ConnectorError: FILE_UNKNOWN_KIND by the name, FILE_UNREADABLE, FILE_DAMAGED (a broken .gz, a header that cannot be read).
 */
export async function* readRows(path: string, options: ReadRowsOptions = {}): AsyncGenerator<readonly Row[]> {
  const kind = fileKind(path);
  let rows: Row[] = [];
  const splitter = kind === 'csv' ? csvRows() : ndjsonRows(options.maxLineBytes ?? 4 * 1024 * 1024);
  for await (const chunk of chunksOf(path, options)) {
    inFile(path, () => { splitter.push(chunk, rows); });
    if (rows.length === 0) continue;
    const batch = rows;
    rows = [];
    yield batch;
  }
  inFile(path, () => { splitter.end(rows); });
  if (rows.length > 0) yield rows;
}

/** Whether and how a file is read, by its name; throws FILE_UNKNOWN_KIND. */
function fileKind(path: string): FileKind {
  const name = path.toLowerCase().replace(/\.gz$/, '');
  if (name.endsWith('.csv')) return 'csv';
  if (name.endsWith('.ndjson') || name.endsWith('.jsonl')) return 'ndjson';
  throw new ConnectorError('FILE_UNKNOWN_KIND', `${path}: the name ends in none of .csv, .ndjson, .csv.gz, .ndjson.gz`);
}

/** Bytes of the file, unpacked. */
async function* chunksOf(path: string, options: ReadRowsOptions): AsyncGenerator<Buffer> {
  const isPacked = path.toLowerCase().endsWith('.gz');
  let total: number;
  try {
    total = (await stat(path)).size;
  } catch (error) {
    throw unreadable(path, error);
  }
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  let read = 0;
  file.on('data', (chunk) => {
    read += chunk.length;
    options.onProgress?.(read, total);
  });
  file.pause();
  const unpack = isPacked ? createGunzip({ chunkSize: 256 * 1024 }) : undefined;
  if (unpack !== undefined) {
    file.on('error', (error) => unpack.destroy(error));
    file.pipe(unpack);
  }
  const source: Readable = unpack ?? file;
  try {
    for await (const chunk of source) if (Buffer.isBuffer(chunk)) yield chunk;
  } catch (error) {
    if (isPacked && String(systemErrorCode(error)).startsWith('Z_')) throw new ConnectorError('FILE_DAMAGED', `${path} is no whole gzip file: ${error instanceof Error ? error.message : String(systemErrorCode(error))}`, { cause: error });
    throw systemErrorCode(error) === undefined ? error : unreadable(path, error);
  } finally {
    file.destroy();
    unpack?.destroy();
  }
}

function unreadable(path: string, error: unknown): ConnectorError {
  const reason = systemErrorCode(error) === 'ENOENT' ? 'there is no such file' : systemErrorCode(error) === 'EISDIR' ? 'it is a folder' : systemErrorCode(error) ?? String(error);
  return new ConnectorError('FILE_UNREADABLE', `${path} cannot be read: ${reason}`, { cause: error });
}

function inFile(path: string, step: () => void): void {
  try {
    step();
  } catch (error) {
    if (error instanceof BadHeader) throw new ConnectorError('FILE_DAMAGED', `${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

interface RowSplitter { push(chunk: Buffer, rows: Row[]): void; end(rows: Row[]): void }

function csvRows(): RowSplitter { return new CsvSplitter(); }

function ndjsonRows(maxLineBytes: number): RowSplitter {
  const splitter = new LineSplitter(maxLineBytes);
  let lines: Line[] = [];
  const flush = (rows: Row[]): void => {
    for (const line of lines) rows.push(rowOfLine(line, maxLineBytes));
    lines = [];
  };
  return {
    push: (chunk, rows) => { splitter.push(chunk, lines); flush(rows); },
    end: (rows) => { splitter.end(lines); flush(rows); },
  };
}

function rowOfLine(line: Line, maxLineBytes: number): Row {
  const source = Buffer.from(line.bytes.buffer, line.bytes.byteOffset, line.bytes.byteLength).toString('utf8');
  if (line.tooLong) return { kind: 'bad', line: line.line, code: 'too-large', message: `${line.rawBytes} bytes, the limit is ${maxLineBytes}`, raw: source.slice(0, 1_000) };
  const read = readJson(line.bytes);
  if (!read.ok) return { kind: 'bad', line: line.line, code: read.code, field: read.field, message: read.message, raw: source.slice(0, 1_000) };
  if (!(read.value instanceof JsonObject)) return { kind: 'bad', line: line.line, code: 'not-an-object', message: 'an event is a JSON object', raw: source.slice(0, 1_000) };
  return { kind: 'json', line: line.line, value: read.value, source };
}
