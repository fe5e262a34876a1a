import type { SourceSpan } from '@weir/contracts';
import type { SourceText, TextRange } from '../source/source-text.js';

/** The offsets of a span of lines and columns. */
export function offsetsOf(source: SourceText, span: SourceSpan): TextRange {
  return { start: (source.lineStarts[span.line - 1] ?? 0) + span.column - 1, end: (source.lineStarts[span.endLine - 1] ?? 0) + span.endColumn - 1 };
}
