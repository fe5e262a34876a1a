import type { Diagnostic } from '@weir/contracts';

/** A finding with offsets into the text it was made from, UTF-16 units, end exclusive, `from < to` where the text allows. */
export interface PlacedFinding { readonly finding: Diagnostic; readonly from: number; readonly to: number }

/** Offset of a 1-based line and column; places beyond a line or the text are moved to its end. */
export function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let n = 1; n < line; n += 1) {
    const end = text.indexOf('\n', start);
    if (end < 0) return text.length;
    start = end + 1;
  }
  const end = text.indexOf('\n', start);
  return Math.min(start + Math.max(0, column - 1), end < 0 ? text.length : end);
}

/** Finds where findings lie in the text; an empty range is widened by one character, so that it can be seen. */
export function placeFindings(text: string, findings: readonly Diagnostic[]): readonly PlacedFinding[] {
  return findings.map((finding) => {
    const from = offsetOf(text, finding.line, finding.column);
    const to = Math.max(from, offsetOf(text, finding.endLine, finding.endColumn));
    if (to > from) return { finding, from, to };
    return from < text.length ? { finding, from, to: from + 1 } : { finding, from: Math.max(0, from - 1), to: from };
  });
}

/** What the problem list says: message, then the hint. */
export function findingText(finding: Diagnostic): string {
  return finding.hint ? `${finding.message}. ${finding.hint}` : finding.message;
}
