import type { Diagnostic } from '@weir/contracts';

const longestExcerpt = 160;

/**
 * One finding for people: `file:line:column severity code: message`, the line with the place marked, and the hint.
 * `source` is the text of the file; without it there is no excerpt.
 */
export function diagnosticText(diagnostic: Diagnostic, source: string | undefined): string {
  const { file, line, column, severity, code, message, hint } = diagnostic;
  const parts = [`${file}:${line}:${column} ${severity} ${code}: ${message}`];
  const text = source?.split(/\r\n|\n|\r/)[line - 1];
  if (text !== undefined) parts.push(excerpt(diagnostic, text));
  if (hint !== undefined) parts.push(`  hint: ${hint}`);
  return `${parts.join('\n')}\n`;
}

function excerpt({ line, column, endLine, endColumn }: Diagnostic, text: string): string {
  const gutter = String(line).padStart(5);
  // A long line is shown around the place, so the mark stays in sight.
  const from = column > longestExcerpt ? column - 1 - longestExcerpt / 2 : 0;
  const shown = text.slice(from, from + longestExcerpt).replaceAll('\t', ' ');
  const start = column - 1 - from;
  const end = Math.min(shown.length, (endLine === line ? endColumn - 1 : text.length) - from);
  return `${gutter} | ${shown}\n${' '.repeat(5)} | ${' '.repeat(start)}${'^'.repeat(Math.max(1, end - start))}`;
}

/** `2 errors, 1 warning`; `no findings`. */
export function countText(errors: number, warnings: number): string {
  if (errors === 0 && warnings === 0) return 'no findings';
  return [plural(errors, 'error'), plural(warnings, 'warning')].filter((part) => !part.startsWith('0 ')).join(', ');
}

export function plural(count: number, noun: string): string { return `${count.toLocaleString('en-GB')} ${noun}${count === 1 ? '' : 's'}`; }
