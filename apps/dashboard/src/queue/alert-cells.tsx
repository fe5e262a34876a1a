'use client';
import type { ReactNode } from 'react';
import type { AlertRow } from '@weir/contracts';
import { useLiveRow } from '../act/live-rows';
import { dispositionWord } from '../act/disposition-words';
import { formatAmount, formatMoney } from '../format/money';
import { formatAge } from '../format/time';
import { DispositionMark, SeverityBadge } from '../shell/badges';
import { Age, Deadline } from '../shell/time-text';
import type { GridColumn } from '../table/data-grid';
import type { QueueSort } from './queue-filter';

/** The sentence, or why my last action on the row failed. */
export function WhyCell({ row }: { readonly row: AlertRow }): ReactNode {
  const live = useLiveRow(row.id);
  if (live?.failure) return <span className="text-danger" title={live.failure}>{live.failure}</span>;
  return <span title={row.reason}>{row.reason}</span>;
}

/** Deadline; who holds it; or what was decided, by whom and when. */
export function SlaCell({ row, me }: { readonly row: AlertRow; readonly me: string }): ReactNode {
  if (row.disposition) return <span className="text-text-2" title={row.dispositionReason}>{row.decidedBy === me ? 'You' : row.decidedBy ?? 'Someone'}{row.decidedAt === undefined ? '' : <>, <Age at={row.decidedAt} /></>}</span>;
  if (row.assignee !== undefined && row.assignee !== me) return <span className="text-text-2">{row.assignee}</span>;
  return <Deadline dueAt={row.slaDueAt} />;
}

function SubjectCell({ row }: { readonly row: AlertRow }): ReactNode {
  return (
    <span className="grid grid-cols-[minmax(0,max-content)_max-content] items-center gap-1.5" title={`${row.subject.field} ${row.subject.label}`}>
      <span className="truncate">{row.subject.label}</span>{row.openOfSubject > 1 && <span className="shrink-0 rounded-full bg-sunken px-1.5 text-meta font-medium text-text-2" title={`${row.openOfSubject} open alerts of this subject`}>×{row.openOfSubject}</span>}
    </span>
  );
}

/** Columns of every list of alerts; `from` drops them by priority as the list gets narrow. */
export function alertColumns(me: string, sort?: { readonly by: QueueSort; readonly onSort: (by: QueueSort) => void }, selection?: { readonly has: (id: string) => boolean; readonly toggle: (row: AlertRow) => void }): ReadonlyArray<GridColumn<AlertRow>> {
  const sorted = (by: QueueSort): Pick<GridColumn<AlertRow>, 'sort'> => (sort ? { sort: { direction: sort.by === by ? 'descending' : 'none', onSort: () => { sort.onSort(by); } } } : {});
  return [
    ...(selection ? [{
      id: 'select', header: '', track: '16px', from: 480,
      cell: (row: AlertRow) => <input type="checkbox" tabIndex={-1} aria-label={`Select ${row.reason}`} className="block size-4 accent-[var(--accent)]" checked={selection.has(row.id)} onChange={() => { selection.toggle(row); }} />,
    }] : []),
    { id: 'severity', header: 'Severity', track: '86px', cell: (row) => <SeverityBadge severity={row.severity} />, ...sorted('priority') },
    { id: 'score', header: 'Score', track: '44px', end: true, from: 640, cell: (row) => row.score, ...sorted('score') },
    { id: 'why', header: 'Why it fired', track: 'minmax(120px, 1fr)', cell: (row) => <WhyCell row={row} /> },
    { id: 'rule', header: 'Rule', track: 'minmax(90px, 170px)', from: 1_180, cell: (row) => <span className="text-text-2" title={row.title}>{row.rule}</span> },
    { id: 'disposition', header: 'Decided', track: '124px', from: 1_080, cell: (row) => (row.disposition ? <DispositionMark disposition={row.disposition} /> : <span className="text-text-3">-</span>) },
    { id: 'subject', header: 'Subject', track: '132px', from: 560, cell: (row) => <SubjectCell row={row} /> },
    { id: 'amount', header: 'Amount', track: '108px', end: true, from: 660, cell: (row) => (row.money ? <span title={formatMoney(row.money)}><span className="text-meta text-text-2">{row.money.currency}</span> {formatAmount(row.money)}</span> : '-') },
    { id: 'age', header: 'Age', track: '44px', end: true, cell: (row) => <Age at={row.ts} />, ...sorted('newest') },
    { id: 'sla', header: 'SLA', track: '96px', end: true, from: 780, cell: (row) => <SlaCell row={row} me={me} /> },
  ];
}

/** What a screen reader hears for a row: severity, sentence, subject, amount, age, state. */
export function alertRowName(row: AlertRow, now: number): string {
  return [row.severity, row.reason, `${row.subject.field.replace(/_id$/, '')} ${row.subject.label}`, row.money ? formatMoney(row.money) : undefined, `${formatAge(row.ts, now)} old`, row.disposition && dispositionWord[row.disposition]].filter(Boolean).join(', ');
}
