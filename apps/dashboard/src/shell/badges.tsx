import type { ReactNode } from 'react';
import type { Disposition, Severity } from '@weir/contracts';
import { dispositionWord } from '../act/disposition-words';

const severityShape: Readonly<Record<Severity, ReactNode>> = {
  critical: <><path d="M4.5 1h5L13 4.5v5L9.5 13h-5L1 9.5v-5z" fill="currentColor" /><path d="M7 3.6v4M7 9.6v1.2" stroke="var(--shape-ink, var(--surface))" strokeWidth="1.8" fill="none" /></>,
  high: <path d="M7 1.5L13.2 12.5H.8z" fill="currentColor" />,
  medium: <path d="M7 .8L13.2 7 7 13.2.8 7z" fill="currentColor" />,
  low: <circle cx="7" cy="7" r="4.8" fill="none" stroke="currentColor" strokeWidth="2" />,
};
const severityStyle: Readonly<Record<Severity, string>> = {
  critical: 'font-semibold [--shape-ink:var(--critical-fill)] bg-[var(--critical-fill)] text-[var(--critical-on)] border-[var(--critical-fill)]',
  high: 'font-semibold bg-[var(--high-fill)] text-[var(--high-on)] border-[var(--high-fill)]',
  medium: 'font-medium bg-medium-tint text-medium border-medium-tint',
  low: 'font-normal bg-surface text-low border-low',
};

export const severityWord: Readonly<Record<Severity, string>> = { critical: 'Critical', high: 'High', medium: 'Medium', low: 'Low' };
/** Worst first. */
export const severities: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

/** The shape alone, in the colour of its text. */
export function SeverityShape({ severity, size = 12 }: { readonly severity: Severity; readonly size?: number }): ReactNode {
  return <svg aria-hidden="true" viewBox="0 0 14 14" width={size} height={size} className="shrink-0">{severityShape[severity]}</svg>;
}

/** Shape, word, weight and colour: told apart by each of them. */
export function SeverityBadge({ severity }: { readonly severity: Severity }): ReactNode {
  return (
    <span className={`severity-badge inline-flex h-5 items-center gap-1.5 rounded-control border px-1.5 text-meta ${severityStyle[severity]}`}>
      <SeverityShape severity={severity} />{severityWord[severity]}
    </span>
  );
}

const dispositionShape: Readonly<Record<Disposition, ReactNode>> = {
  confirmed_fraud: <path d="M3 13V1.5h8.5L9.5 5l2 3.5H4.6V13z" fill="currentColor" />,
  false_positive: <path d="M2 7.5l3.5 3.5L12 3.5" fill="none" stroke="currentColor" strokeWidth="2" />,
  suspicious: <path d="M4.5 5a2.5 2.5 0 115 0c0 1.8-2.5 1.8-2.5 3.6M7 11.4v.4" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />,
  duplicate: <path d="M2 2h6.5v6.5H2zM5.5 5.5H12V12H5.5z" fill="none" stroke="currentColor" strokeWidth="1.6" />,
  no_action: <path d="M2.5 7h9" fill="none" stroke="currentColor" strokeWidth="2" />,
};
const dispositionColour: Readonly<Record<Disposition, string>> = {
  confirmed_fraud: 'text-critical', false_positive: 'text-legit', suspicious: 'text-suspicious', duplicate: 'text-text-2', no_action: 'text-text-2',
};

/** Mark and word of a disposition. */
export function DispositionMark({ disposition }: { readonly disposition: Disposition }): ReactNode {
  return (
    <span className={`inline-flex items-center gap-1.5 ${dispositionColour[disposition]}`}>
      <svg aria-hidden="true" viewBox="0 0 14 14" width="12" height="12" className="shrink-0">{dispositionShape[disposition]}</svg>{dispositionWord[disposition]}
    </span>
  );
}
