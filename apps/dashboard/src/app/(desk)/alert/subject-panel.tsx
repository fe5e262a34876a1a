'use client';
import Link from 'next/link';
import type { ReactNode, RefObject } from 'react';
import type { AlertDetail } from '@weir/contracts';
import { formatMoney } from '../../../format/money';
import { plural, shareOf } from '../../../format/number';
import { newest } from '../../../act/live-rows';
import { SeverityShape, severityWord } from '../../../shell/badges';
import { Age } from '../../../shell/time-text';

const severityText = { critical: 'text-critical', high: 'text-high', medium: 'text-medium', low: 'text-low' } as const;

/** Who the alert is about: amount, past alerts, the rule's record, other open alerts and the case. */
export function SubjectPanel({ detail, panelRef }: { readonly detail: AlertDetail; readonly panelRef: RefObject<HTMLElement | null> }): ReactNode {
  const { row, subjectHistory, ruleQuality, siblings } = detail;
  const quality = shareOf(ruleQuality.fraud, ruleQuality.decided);
  const all = `/alerts/?q=${encodeURIComponent(`status:all subject:${row.subject.token}`)}`;
  return (
    <section ref={panelRef} aria-label="Subject" tabIndex={-1} className="panel flex flex-col gap-2 p-3 max-lg:mx-4" data-inset-focus>
      <h2 className="flex items-baseline gap-2"><span className="panel-head">Subject</span><span className="font-normal text-text-2">{row.subject.field.replace(/_id$/, '').replaceAll('_', ' ')}</span><strong className="min-w-0 truncate" title={row.subject.label}>{row.subject.label}</strong><Link className="link ml-auto shrink-0 text-table font-normal whitespace-nowrap" href={all}>all alerts <kbd className="key">G I</kbd></Link></h2>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-0.5 text-table">
        {row.money && <><dt className="text-text-2">Amount</dt><dd className="font-medium">{formatMoney(row.money)}</dd></>}
        <dt className="text-text-2">Past alerts</dt><dd>{plural(subjectHistory.alerts, 'alert')}: {subjectHistory.fraud} fraud, {subjectHistory.falsePositive} false positive</dd>
        <dt className="text-text-2">Rule, 30 d</dt><dd title={quality.range}>{quality.text === '-' ? 'no decisions yet' : `${quality.text} fraud`}, {plural(ruleQuality.alerts, 'alert')}</dd>
        <dt className="text-text-2">Case</dt><dd><Link className="link" href={`/case/?id=${encodeURIComponent(row.caseId)}`}>{row.caseId.length > 14 ? `${row.caseId.slice(0, 8)}…` : row.caseId}</Link> <kbd className="key">B</kbd></dd>
      </dl>
      {siblings.length > 0 && (
        <ul className="flex flex-col border-t border-hairline pt-2 text-table">
          {siblings.map(newest).slice(0, 6).map((s) => (
            <li key={s.id} className={`flex items-center gap-2 py-0.5 ${s.status === 'closed' ? 'row-gone' : ''}`}>
              <span className={`inline-flex items-center gap-1 ${severityText[s.severity]}`} title={severityWord[s.severity]}><SeverityShape severity={s.severity} /><span className="sr-only">{severityWord[s.severity]}</span></span>
              <Link className="link min-w-0 flex-1 truncate" href={`/alert/?id=${encodeURIComponent(s.id)}`} title={s.reason}>{s.reason}</Link><span className="text-text-2"><Age at={s.ts} /></span>
            </li>
          ))}
          {siblings.length > 6 && <li className="pt-1"><Link className="link" href={all}>{siblings.length - 6} more open</Link></li>}
        </ul>
      )}
    </section>
  );
}
