import type { SourceSpan } from '@weir/contracts';

/** A file's text with the offsets at which its lines begin. Offsets and columns count UTF-16 units. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
  readonly lineStarts: readonly number[];
}

/** A half-open range [start, end) of offsets into a text. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** Lines end with LF; a CR before it belongs to the line. */
export function sourceText(text: string, file: string): SourceText {
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1);
  return { file, text, lineStarts };
}

/** Line and column, both from 1, of an offset; offsets outside the text are moved to its nearest end. O(log lines). */
export function positionAt(source: SourceText, offset: number): { line: number; column: number } {
  const at = Math.min(Math.max(offset, 0), source.text.length);
  let low = 0;
  let high = source.lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((source.lineStarts[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: at - (source.lineStarts[low] ?? 0) + 1 };
}

/** The span of [start, end) in lines and columns, end exclusive. */
export function spanOf(source: SourceText, range: TextRange): SourceSpan {
  const from = positionAt(source, range.start);
  const to = positionAt(source, Math.max(range.end, range.start));
  return { line: from.line, column: from.column, endLine: to.line, endColumn: to.column };
}
