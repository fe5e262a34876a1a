import { joinBytes } from './join-bytes.js';

/** One element of a JSON array, as its bytes stand there. `fault`: the array has no end, or something follows behind it. */
export interface Element { readonly index: number; readonly bytes: Uint8Array; readonly rawBytes: number; readonly tooLong: boolean; readonly fault?: string | undefined }

type Mode = 'start' | 'single' | 'array' | 'behind';

/**
 * Splits the bytes of a JSON document into the elements of its array, chunk by chunk, without reading them: so that each
 * element is answered on its own and a malformed one does not take the others with it. A document that is no array is one
 * element. Memory: one element, of a too long one its first `keptBytes`. Only brackets, quotes and commas are looked at.
 */
export class ArraySplitter {
  private mode: Mode = 'start';
  private parts: Uint8Array[] = [];
  private kept = 0;
  private length = 0;
  private index = 0;
  private depth = 0;
  private inText = false;
  private escaped = false;
  private closed = false;

  constructor(private readonly maxElementBytes: number, private readonly keptBytes = 65_536) {}

  push(chunk: Uint8Array, elements: Element[]): void {
    let from = 0;
    let at = 0;
    if (this.mode === 'start') {
      while (at < chunk.length && (isBlank(chunk[at] ?? 0) || isMark(chunk[at] ?? 0))) at += 1;
      if (at === chunk.length) return;
      this.mode = chunk[at] === openBracket ? 'array' : 'single';
      if (this.mode === 'array') at += 1;
      from = at;
    }
    if (this.mode === 'single') { this.hold(chunk, from, chunk.length); return; }
    for (; at < chunk.length && this.mode === 'array'; at += 1) {
      const byte = chunk[at] ?? 0;
      if (this.inText) {
        if (this.escaped) this.escaped = false;
        else if (byte === backslash) this.escaped = true;
        else if (byte === quote) this.inText = false;
        continue;
      }
      if (byte === quote) this.inText = true;
      else if (byte === openBrace || byte === openBracket) this.depth += 1;
      else if (this.depth > 0) {
        if (byte === closeBrace || byte === closeBracket) this.depth -= 1;
      } else if (byte === comma || byte === closeBracket) {
        this.hold(chunk, from, at);
        // `[]` has no element; `[1,]` has an empty second one, which is then refused
        if (byte === comma || this.index > 0 || !this.isBlankSoFar()) this.emit(elements);
        else this.drop();
        from = at + 1;
        if (byte === closeBracket) { this.mode = 'behind'; this.closed = true; }
      }
    }
    if (this.mode === 'behind') {
      while (from < chunk.length && this.length === 0 && isBlank(chunk[from] ?? 0)) from += 1;
      this.hold(chunk, from, chunk.length);
      return;
    }
    this.hold(chunk, from, chunk.length);
  }

  end(elements: Element[]): void {
    if (this.mode === 'start') return;
    if (this.mode === 'single') { this.emit(elements); return; }
    if (this.closed) {
      if (this.length > 0) this.emit(elements, 'something follows behind the end of the array');
      return;
    }
    if (!this.isBlankSoFar()) this.emit(elements);
    else this.drop();
    elements.push({ index: this.index, bytes: new Uint8Array(0), rawBytes: 0, tooLong: false, fault: 'the array has no end: the request was cut off' });
  }

  private hold(chunk: Uint8Array, from: number, to: number): void {
    if (to <= from) return;
    const most = this.length + to - from > this.maxElementBytes ? this.keptBytes : this.maxElementBytes;
    this.length += to - from;
    const end = Math.min(to, from + most - this.kept);
    if (end <= from) return;
    this.parts.push(Uint8Array.from(chunk.subarray(from, end)));
    this.kept += end - from;
  }

  private emit(elements: Element[], fault?: string): void {
    const bytes = this.parts.length === 1 ? this.parts[0] ?? new Uint8Array(0) : joinBytes(this.parts);
    const tooLong = this.length > this.maxElementBytes;
    elements.push({ index: this.index, bytes: tooLong ? bytes.subarray(0, this.keptBytes) : bytes, rawBytes: this.length, tooLong, fault });
    this.index += 1;
    this.drop();
  }

  private drop(): void {
    this.parts = [];
    this.kept = 0;
    this.length = 0;
  }

  private isBlankSoFar(): boolean { return this.parts.every((part) => part.every(isBlank)); }
}

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
/** The three bytes of a byte order mark; none of them can begin a JSON value. */
const isMark = (byte: number): boolean => byte === 0xef || byte === 0xbb || byte === 0xbf;
