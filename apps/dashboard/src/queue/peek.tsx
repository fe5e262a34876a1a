'use client';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import type { AlertDetail, AlertRow } from '@weir/contracts';
import { alertPath } from '../act/decide';
import { request } from '../api/request';
import { isOfWholeWindow } from '../explain/bucket';
import { ConditionLines } from '../explain/conditions';
import { Sentence } from '../explain/sentence';
import { MiniTimeline } from '../explain/mini-timeline';
import { StepTimeline } from '../explain/step-timeline';
import { plural, shareOf } from '../format/number';
import { SeverityBadge } from '../shell/badges';
import { Icon } from '../shell/icons';
import { ErrorNote, Skeleton } from '../shell/states';

/** Query of one alert with its explanation. */
export function alertQuery(id: string): { queryKey: readonly unknown[]; queryFn: (context: { signal: AbortSignal }) => Promise<AlertDetail> } {
  return { queryKey: ['alert', id], queryFn: ({ signal }) => request<AlertDetail>(alertPath(id), { signal }) };
}

/** The value after it has rested for `ms`. */
function useRested<T>(value: T, ms: number): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => { setRested(value); }, ms);
    return () => { window.clearTimeout(timer); };
  }, [value, ms]);
  return rested;
}

/** The alert under the cursor beside the list, 120 ms after the cursor came to rest. */
export function Peek({ row, onClose }: { readonly row: AlertRow | undefined; readonly onClose: () => void }): ReactNode {
  const id = useRested(row?.id, 120);
  const detail = useQuery({ ...alertQuery(id ?? ''), enabled: id !== undefined });
  return (
    <aside aria-label="Peek" data-region tabIndex={-1} className="flex w-[360px] shrink-0 flex-col overflow-y-auto border-l border-hairline bg-surface max-[56rem]:absolute max-[56rem]:inset-y-0 max-[56rem]:right-0 max-[56rem]:z-20 max-[56rem]:max-w-full max-[56rem]:shadow-layer">
      <div className="flex items-center gap-2 border-b border-hairline px-4 py-2">
        <h2 className="text-meta text-text-2">Peek</h2><kbd className="key">Space</kbd>
        {row && <Link className="link ml-auto text-table" href={`/alert/?id=${encodeURIComponent(row.id)}`}>Open <kbd className="key">Enter</kbd></Link>}
        <button type="button" className="btn btn-quiet btn-icon" aria-label="Close peek" onClick={onClose}><Icon name="close" /></button>
      </div>
      {!row ? <p className="p-4 text-text-2">Move to a row with J and K.</p>
        : detail.error ? <ErrorNote what="The alert could not be read." error={detail.error} onRetry={() => { void detail.refetch(); }} />
          : !detail.data || detail.data.row.id !== id ? <Skeleton rows={6} /> : <PeekBody detail={detail.data} />}
    </aside>
  );
}

function PeekBody({ detail }: { readonly detail: AlertDetail }): ReactNode {
  const { row, alert, subjectHistory, ruleQuality } = detail;
  const quality = shareOf(ruleQuality.fraud, ruleQuality.decided);
  return (
    <div className="flex flex-col gap-4 p-4">
      <div className="flex items-center gap-2"><SeverityBadge severity={row.severity} /><span className="truncate text-table text-text-2" title={row.title}>{row.rule}</span><span className="ml-auto text-table font-medium">{row.score}</span></div>
      <Sentence alert={alert} />
      {alert.explanation?.steps && <div className="-mx-3"><StepTimeline narrow steps={alert.explanation.steps} triggerSeq={alert.trigger?.seq} withinMs={undefined} /></div>}
      {!alert.explanation?.steps && alert.explanation?.windows.slice(0, 1).map((w) => <MiniTimeline key={w.text} shown={w} trigger={alert.trigger} bucket={isOfWholeWindow(alert)} />)}
      {alert.explanation && <ConditionLines explanation={alert.explanation} />}
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 border-t border-hairline pt-3 text-table">
        <dt className="text-text-2">Rule, 30 d</dt><dd title={quality.range}>{quality.text === '-' ? 'no decisions yet' : `${quality.text} fraud`}, {plural(ruleQuality.alerts, 'alert')}</dd>
        <dt className="text-text-2">Subject</dt><dd>{row.subject.label}: {plural(subjectHistory.alerts, 'alert')} before, {subjectHistory.fraud} fraud, {subjectHistory.falsePositive} false</dd>
      </dl>
    </div>
  );
}
