import { joinBytes } from './join-bytes.js';

/** One line of a byte stream, without its line break. A line longer than the limit is cut: `rawBytes` is its whole length. */
export interface Line { readonly line: number; readonly bytes: Uint8Array; readonly rawBytes: number; readonly tooLong: boolean }

const newline = 0x0a;

/**
 * Splits bytes into lines (LF or CRLF), chunk by chunk, with bounded memory: of a line longer than `maxLineBytes` only the
 * first `keptBytes` are kept, and the stream goes on behind it. Lines that are empty or blank are counted and passed over.
 */
export class LineSplitter {
  private parts: Uint8Array[] = [];
  private kept = 0;
  private length = 0;
  private line = 1;

  constructor(private readonly maxLineBytes: number, private readonly keptBytes = 65_536) {}

  push(chunk: Uint8Array, lines: Line[]): void {
    let at = 0;
    for (;;) {
      const end = chunk.indexOf(newline, at);
      if (end < 0) break;
      if (this.length === 0) this.emit(chunk.subarray(at, end), end - at, lines);
      else this.finish(chunk.subarray(at, end), lines);
      this.line += 1;
      at = end + 1;
    }
    if (at < chunk.length) this.hold(Uint8Array.from(chunk.subarray(at)));
  }

  /** The last line may lack its line break. */
  end(lines: Line[]): void {
    if (this.length > 0) this.finish(new Uint8Array(0), lines);
  }

  private hold(piece: Uint8Array): void {
    const most = this.length + piece.length > this.maxLineBytes ? this.keptBytes : this.maxLineBytes;
    this.length += piece.length;
    const room = most - this.kept;
    if (room <= 0) return;
    const part = piece.length <= room ? piece : Uint8Array.from(piece.subarray(0, room));
    this.parts.push(part);
    this.kept += part.length;
  }

  private finish(piece: Uint8Array, lines: Line[]): void {
    this.hold(piece);
    const { length } = this;
    const bytes = this.parts.length === 1 ? this.parts[0] ?? piece : joinBytes(this.parts);
    this.parts = [];
    this.kept = 0;
    this.length = 0;
    this.emit(bytes, length, lines);
  }

  private emit(bytes: Uint8Array, rawBytes: number, lines: Line[]): void {
    if (rawBytes > this.maxLineBytes) {
      lines.push({ line: this.line, bytes: Uint8Array.from(bytes.subarray(0, this.keptBytes)), rawBytes, tooLong: true });
      return;
    }
    const end = bytes[bytes.length - 1] === 0x0d ? bytes.length - 1 : bytes.length;
    if (!isBlank(bytes, end)) lines.push({ line: this.line, bytes: end === bytes.length ? bytes : bytes.subarray(0, end), rawBytes: end, tooLong: false });
  }
}

function isBlank(bytes: Uint8Array, end: number): boolean {
  for (let i = 0; i < end; i += 1) if (bytes[i] !== 0x20 && bytes[i] !== 0x09) return false;
  return true;
}
