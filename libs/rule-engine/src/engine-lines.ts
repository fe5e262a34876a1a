import type { LogEvent } from '@weir/contracts';
import { putBatch, takeBatch } from './compile/decoded-batch.js';
import type { DecodedBatch } from './compile/decoded-batch.js';
import type { KnownIds } from './compile/kernel/batch-keys.js';
import { LineScanner } from './compile/line-scanner.js';
import { scanSlackBytes } from './compile/scan-kernel.js';
import type { LineParser } from './engine.js';
import type { EngineState } from './engine-state.js';
import { LineEvent } from './sequence/line-event.js';
import type { EventLine } from './sequence/line-event.js';
import { LineShelf } from './sequence/line-shelf.js';

/** The whole event behind the current row, made only when something needs it. */
export interface EventSource {
  event(): LogEvent;
  /** The same, read whole only when asked for more than its place in the log. */
  deferred?(): LogEvent;
}

/** Bytes that are read at once. */
const inputBytes = 1 << 17;
/** A shared memory is written word by word only where source and target lie alike in a word, else byte by byte: 29 against 88 ns a line. */
const wordBytes = 8;
const newline = 10;
const decoder = new TextDecoder();

/** A piece of the caller's lines: it lies at `from` to `to` of the rows' bytes, `shift` further on than in `lines`. */
interface Piece { lines: Uint8Array; from: number; to: number; shift: number }

/** Lines on their way into the rows of micro-batches, piece by piece, and the way back from a row to its line. */
export class LineBatches {
  /** Do the rows' bytes lie where kernels can read them? */
  isReachable = false;
  /** Some row of the batch came through the caller's parser, so its strings are not among the rows' bytes. */
  hasTexts = false;
  private readonly scanner: LineScanner;
  /** Where kernels read lines; taken first, for addresses of texts are kept in 31 bits. */
  private readonly input: Uint8Array | undefined;
  /** One object for all pieces: calls of a few lines leave no garbage. */
  private readonly piece: Piece = { lines: new Uint8Array(0), from: 0, to: 0, shift: 0 };
  /** Seq of the first line not read yet. */
  private nextSeq = 0;
  private readonly parsed: { readonly row: number; readonly event: LogEvent }[] = [];
  private known: { readonly parse: LineParser; readonly source: EventSource } | undefined;

  /**
   * @param capacity rows of a batch.
   * @param hasKernels asked when lines come.
   */
  constructor(private readonly state: EngineState, private readonly capacity: number, private readonly hasKernels: () => boolean) {
    const { definition: { schema, options }, plan, rows, memory } = state;
    this.scanner = new LineScanner(plan, rows, schema.types.map((type) => new Map(type.fields.map((field) => [field.name, field.type]))), options.codegen !== false, memory);
    this.input = capacity > 1 ? memory?.u8(inputBytes + wordBytes + scanSlackBytes) : undefined;
  }

  /** Reads whole lines into batch after batch; `take` gets each with its number of rows. @returns seq of the last line. */
  read(lines: Uint8Array, firstSeq: number, parse: LineParser, take: (count: number) => void): number {
    this.nextSeq = firstSeq;
    for (let from = 0; from < lines.length;) {
      from = this.load(lines, from);
      for (let at = this.piece.from; at < this.piece.to;) {
        const count = this.fill(at, parse);
        take(count);
        at = this.scanner.lineStart[count] as number;
      }
    }
    return this.nextSeq - 1;
  }

  /** The batch just read, apart from the rows. @param ids of its keys, if they are known. */
  take(count: number, ids?: KnownIds): DecodedBatch { return takeBatch(this.state.rows, count, this.scanner.lineStart, this.piece.shift, { base: this.isReachable ? this.input?.byteOffset ?? 0 : 0, parsed: this.parsed, ids }); }

  /** A batch back into the rows. @param lines those that it was read from. */
  put(batch: DecodedBatch, lines: Uint8Array): void {
    this.load(batch.bytes, 0);
    const { from } = this.piece;
    this.place(lines, from, from, 0);
    putBatch(this.state.rows, batch, from, this.scanner.lineStart);
    this.hasTexts = batch.parsed.length > 0;
    for (const { row, event } of batch.parsed) this.state.load(event, row);
    if (this.state.rows.nameTypes(batch.count, this.state.plan.types)) this.hasTexts = true;
  }

  /** The current row's event, from its line by the caller's parser: mostly the one of the call before. */
  source(parse: LineParser): EventSource {
    if (this.known?.parse !== parse) this.known = { parse, source: this.sourceBy(parse) };
    return this.known.source;
  }

  private sourceBy(parse: LineParser): EventSource {
    const { rows, plan } = this.state;
    const line: EventLine = {
      shelf: new LineShelf(),
      bytes: () => this.currentLine(),
      read: (bytes, seq) => {
        const event = parse(bytes, seq);
        if (event === undefined) throw new TypeError(`line of seq ${seq}: the parser refuses what it took before`);
        return event;
      },
    };
    return {
      event: () => line.read(line.bytes(), rows.seq[rows.row] as number),
      deferred: () => new LineEvent(rows.seq[rows.row] as number, rows.ts[rows.row] as number, plan.types[rows.type[rows.row] as number] ?? '', line),
    };
  }

  /** Bytes of the current row's line, as the caller gave them. */
  private currentLine(): Uint8Array {
    const { lines, shift } = this.piece;
    const from = (this.scanner.lineStart[this.state.rows.row] as number) - shift;
    const end = lines.indexOf(newline, from);
    return lines.subarray(from, end < 0 ? lines.length : end);
  }

  /** Brings a piece of whole lines to where kernels can read it; a line longer than that place is read where it lies. @returns where the next piece begins. */
  private load(lines: Uint8Array, from: number): number {
    const { rows } = this.state;
    const hasKernels = this.input !== undefined && this.hasKernels();
    if (this.input !== undefined && hasKernels) {
      const end = Math.min(lines.length, from + inputBytes);
      const to = end === lines.length ? end : lines.lastIndexOf(newline, end - 1) + 1;
      if (to > from) {
        const { byteOffset, buffer, length } = this.input;
        const place = (lines.byteOffset + from) % wordBytes;
        this.input.set(to - from === lines.length ? lines : lines.subarray(from, to), place);
        if (rows.bytes.buffer !== buffer) rows.bytes = new Uint8Array(buffer, 0, byteOffset + length);
        const begin = byteOffset + place;
        this.place(lines, begin, begin + to - from, begin - from);
        this.isReachable = true;
        return to;
      }
    }
    const end = hasKernels ? lines.indexOf(newline, from) : -1;
    const to = end < 0 ? lines.length : end + 1;
    rows.bytes = lines;
    this.place(lines, from, to, 0);
    this.isReachable = false;
    return to;
  }

  private place(lines: Uint8Array, from: number, to: number, shift: number): void {
    const { piece } = this;
    piece.lines = lines;
    piece.from = from;
    piece.to = to;
    piece.shift = shift;
  }

  /** Reads lines of the piece into rows until they are full or the piece is at its end. @returns how many rows. */
  private fill(start: number, parse: LineParser): number {
    const { scanner, state, capacity, piece: { to, lines, shift } } = this;
    const { lineStart } = scanner;
    const { seq: seqs } = state.rows;
    let row = 0;
    this.hasTexts = false;
    if (this.parsed.length > 0) this.parsed.length = 0; // setting a length costs a call of the runtime, even to what it is
    lineStart[0] = start;
    while (row < capacity && (lineStart[row] as number) < to) {
      const next = row + scanner.scanRows(lineStart[row] as number, to, row, capacity, this.isReachable);
      while (row < next) seqs[row++] = this.nextSeq++;
      const from = lineStart[row] as number;
      if (row === capacity || from >= to) break;
      const found = lines.indexOf(newline, from - shift);
      const end = found < 0 ? lines.length : found;
      if (this.parseRow(lines.subarray(from - shift, end), row, parse)) row++;
      lineStart[row] = end + 1 + shift;
      this.nextSeq++;
    }
    lineStart[row] = Math.min(lineStart[row] as number, to);
    if (state.rows.nameTypes(row, state.plan.types)) this.hasTexts = true;
    return row;
  }

  /** A line of a shape that the scanner does not know yet. @returns false when it is no event. */
  private parseRow(line: Uint8Array, row: number, parse: LineParser): boolean {
    const { state, scanner } = this;
    const event = line.length === 0 ? undefined : parse(line, this.nextSeq);
    if (event === undefined || !state.load(event, row)) return false;
    scanner.learn(decoder.decode(line), state.rows.type[row] as number);
    this.parsed.push({ row, event });
    this.hasTexts = true;
    return true;
  }
}
