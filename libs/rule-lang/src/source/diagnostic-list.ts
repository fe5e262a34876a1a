import type { Diagnostic } from '@weir/contracts';
import type { DiagnosticCode } from './diagnostic-codes.js';
import { type SourceText, spanOf, type TextRange } from './source-text.js';

/** What may go with a finding: advice, and a text that put in place of the marked one would mend it. */
export interface Advice {
  readonly hint?: string | undefined;
  readonly fix?: string | undefined;
}

/** Most findings kept of one file: a hostile file must not answer with megabytes. */
const MOST_FINDINGS = 200;

/** Collects the findings of one file; the same finding at the same place is kept once. */
export class DiagnosticList {
  private readonly found = new Map<string, { readonly start: number; readonly diagnostic: Diagnostic }>();

  constructor(private readonly source: SourceText) {}

  error(code: DiagnosticCode, range: TextRange, message: string, advice: Advice = {}): void {
    this.add('error', code, range, message, advice);
  }

  warn(code: DiagnosticCode, range: TextRange, message: string, advice: Advice = {}): void {
    this.add('warning', code, range, message, advice);
  }

  get hasErrors(): boolean {
    for (const { diagnostic } of this.found.values()) if (diagnostic.severity === 'error') return true;
    return false;
  }

  /** Whether further findings would be dropped: loops over hostile input stop here. */
  get isFull(): boolean {
    return this.found.size >= MOST_FINDINGS;
  }

  /** All findings in order of position, then of discovery. */
  all(): Diagnostic[] {
    return [...this.found.values()].sort((a, b) => a.start - b.start).map(({ diagnostic }) => diagnostic);
  }

  private add(severity: Diagnostic['severity'], code: DiagnosticCode, range: TextRange, message: string, advice: Advice): void {
    const key = `${code}@${range.start}:${message}`;
    if (this.found.has(key) || this.found.size >= MOST_FINDINGS) return;
    const diagnostic: Diagnostic = { code, severity, message, file: this.source.file, ...spanOf(this.source, range) };
    if (advice.hint !== undefined) diagnostic.hint = advice.hint;
    if (advice.fix !== undefined) diagnostic.fix = advice.fix;
    this.found.set(key, { start: range.start, diagnostic });
  }
}
