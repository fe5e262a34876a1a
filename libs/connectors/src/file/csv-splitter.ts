import { isAscii } from 'node:buffer';
import type { CsvHeader, Row } from '@weir/ingest';

/** Longest row in bytes; a longer one is a bad row and the next line is read as usual. */
const defaultMaxRowBytes = 256 * 1024;
const carriageReturn = 0x0d;
const newline = 0x0a;
const quote = 0x22;
const comma = 0x2c;

/** The header cannot be read, so no row can be. */
export class BadHeader extends Error {}

/**
 * Splits CSV bytes (RFC 4180: quotes, doubled quotes, line breaks inside quotes; LF or CRLF; a byte order mark; header row)
 * into rows, chunk by chunk. A row without a quote costs one split; the others are read cell by cell.
 *
 * A bad row (wrong number of cells, text behind a closing quote, invalid UTF-8, too long) is a value. A quote that is never
 * closed makes one bad row of the line on which it stands: what follows is read again from the next line.
 * Blank lines are passed over. State: the bytes of the row that is not whole yet, at most one row's limit and a chunk.
 */
export class CsvSplitter {
  private rest: Buffer = Buffer.alloc(0);
  private header: CsvHeader | undefined;
  private line = 1;
  private begun = false;
  /** Inside a row that is longer than the limit: bytes are dropped up to the next line break. */
  private skipping = false;

  constructor(private readonly maxRowBytes = defaultMaxRowBytes) {}

  push(chunk: Buffer, rows: Row[]): void { this.split(this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]), false, rows); }

  /** The last row may lack its line break. */
  end(rows: Row[]): void {
    this.split(this.rest, true, rows);
    if (this.header === undefined) throw new BadHeader('the file has no header row');
  }

  private split(given: Buffer, last: boolean, rows: Row[]): void {
    let bytes = given;
    if (!this.begun) {
      if (bytes.length < 3 && !last) { this.rest = bytes; return; }
      this.begun = true;
      if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
    }
    const ascii = isAscii(bytes);
    let at = 0;
    if (this.skipping) {
      const end = bytes.indexOf(newline);
      if (end < 0) { this.rest = Buffer.alloc(0); return; }
      this.skipping = false;
      this.line += 1;
      at = end + 1;
    }
    let nextQuote = bytes.indexOf(quote, at);
    while (at < bytes.length) {
      let end = bytes.indexOf(newline, at);
      if (end < 0) {
        if (!last) break;
        end = bytes.length;
      }
      if (nextQuote >= 0 && nextQuote < at) nextQuote = bytes.indexOf(quote, at);
      if (nextQuote < 0 || nextQuote >= end) {
        this.plainLine(bytes, at, end, ascii, rows);
        at = end + 1;
        this.line += 1;
        continue;
      }
      const quoted = readQuotedRow(bytes, at, ascii);
      // At the end of the bytes a doubled quote or a line break may be cut in two.
      const open = quoted.kind === 'open' || (!last && quoted.end >= bytes.length);
      if (open && !last && bytes.length - at <= this.maxRowBytes) break;
      if (quoted.kind === 'open' || open || quoted.end - at > this.maxRowBytes) {
        // One stray quote must not swallow the file: only its own line is lost.
        this.bad(open && last ? 'a quote is opened and never closed' : `a quoted cell makes the row longer than ${this.maxRowBytes} bytes`, bytes, at, end, rows);
        at = end + 1;
        this.line += 1;
        continue;
      }
      if (quoted.kind === 'bad') this.bad(quoted.message, bytes, at, quoted.end, rows);
      else this.row(quoted.cells, bytes, at, quoted.end, rows);
      at = quoted.end + 1;
      this.line += quoted.lines;
    }
    this.keep(bytes, at, rows);
  }

  private keep(bytes: Buffer, at: number, rows: Row[]): void {
    const rest = bytes.subarray(Math.min(at, bytes.length));
    if (rest.length > this.maxRowBytes && rest.indexOf(newline) < 0) {
      this.bad(`the row is longer than ${this.maxRowBytes} bytes`, rest, 0, Math.min(rest.length, 1_000), rows);
      this.skipping = true;
      this.rest = Buffer.alloc(0);
      return;
    }
    // A copy: a slice would hold on to the whole chunk.
    this.rest = Buffer.from(rest);
  }

  private plainLine(bytes: Buffer, from: number, to: number, ascii: boolean, rows: Row[]): void {
    const end = to > from && bytes[to - 1] === carriageReturn ? to - 1 : to;
    if (end === from) return;
    if (end - from > this.maxRowBytes) { this.bad(`the row is longer than ${this.maxRowBytes} bytes`, bytes, from, end, rows); return; }
    const text = decode(bytes, from, end, ascii);
    if (text === undefined) { this.bad('the row is not UTF-8', bytes, from, end, rows); return; }
    this.row(text.split(','), bytes, from, end, rows);
  }

  private row(cells: readonly string[], bytes: Buffer, from: number, to: number, rows: Row[]): void {
    if (this.header === undefined) {
      const twice = cells.find((name, i) => cells.indexOf(name) !== i);
      if (twice !== undefined) throw new BadHeader(`the header names the column ${JSON.stringify(twice)} twice`);
      this.header = { columns: cells };
    } else if (cells.length !== this.header.columns.length) {
      this.bad(`${cells.length} cells, the header has ${this.header.columns.length}`, bytes, from, to, rows);
    } else {
      rows.push({ kind: 'csv', line: this.line, header: this.header, cells });
    }
  }

  private bad(message: string, bytes: Buffer, from: number, to: number, rows: Row[]): void {
    if (this.header === undefined) throw new BadHeader(`the header row cannot be read: ${message}`);
    rows.push({ kind: 'bad', line: this.line, code: 'bad-row', message, raw: bytes.toString('utf8', from, Math.min(to, from + 1_000)) });
  }
}

type QuotedRow =
  | { readonly kind: 'row'; readonly cells: readonly string[]; readonly end: number; readonly lines: number }
  | { readonly kind: 'bad'; readonly message: string; readonly end: number; readonly lines: number }
  /** The bytes end inside quotes. */
  | { readonly kind: 'open'; readonly end: number };

/** One row that holds a quote somewhere; `end` is its line break (or the end of the bytes). */
function readQuotedRow(bytes: Buffer, from: number, ascii: boolean): QuotedRow {
  const cells: string[] = [];
  let at = from;
  let lines = 1;
  let fault: string | undefined;
  for (;;) {
    const isQuoted = bytes[at] === quote;
    let cell: string | undefined;
    if (isQuoted) {
      const begin = at + 1;
      let doubled = false;
      at = begin;
      for (;;) {
        at = bytes.indexOf(quote, at);
        if (at < 0) return { kind: 'open', end: bytes.length };
        if (bytes[at + 1] !== quote) break;
        doubled = true;
        at += 2;
      }
      cell = decode(bytes, begin, at, ascii);
      if (doubled) cell = cell?.replaceAll('""', '"');
      for (let i = bytes.indexOf(newline, begin); i >= 0 && i < at; i = bytes.indexOf(newline, i + 1)) lines += 1;
      at += 1;
      const next = bytes[at];
      const ends = next === comma || next === newline || next === undefined || (next === carriageReturn && (bytes[at + 1] === newline || at + 1 === bytes.length));
      if (!ends) {
        fault ??= `text behind the closing quote of cell ${cells.length + 1}`;
        while (at < bytes.length && bytes[at] !== comma && bytes[at] !== newline) at += 1;
      }
    } else {
      const begin = at;
      while (at < bytes.length && bytes[at] !== comma && bytes[at] !== newline) at += 1;
      const end = bytes[at] !== comma && at > begin && bytes[at - 1] === carriageReturn ? at - 1 : at;
      cell = decode(bytes, begin, end, ascii);
    }
    if (cell === undefined) fault ??= 'the row is not UTF-8';
    cells.push(cell ?? '');
    if (bytes[at] === carriageReturn) at += 1;
    if (bytes[at] !== comma) break;
    at += 1;
  }
  return fault === undefined ? { kind: 'row', cells, end: at, lines } : { kind: 'bad', message: fault, end: at, lines };
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A text of its own (no slice of the chunk, which it would keep in memory); undefined when it is not UTF-8. */
function decode(bytes: Buffer, from: number, to: number, ascii: boolean): string | undefined {
  if (ascii) return bytes.toString('latin1', from, to);
  try {
    return decoder.decode(bytes.subarray(from, to));
  } catch {
    return undefined; // the decoder's only refusal: not UTF-8
  }
}
