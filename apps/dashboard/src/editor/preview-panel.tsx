'use client';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { TypedRule } from '@weir/rule-lang';
import Link from 'next/link';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import type { BacktestJob } from '@weir/contracts';
import { request } from '../api/request';
import { hasRole, useMe } from '../api/session';
import { Sparkline } from '../charts/sparkline';
import { useFeed } from '../feed/feed-provider';
import { formatCount, formatRate, plural, shareOf } from '../format/number';
import { ErrorNote } from '../shell/states';
import { Instant } from '../shell/time-text';
import { changeText, previewFigures, progressOf } from './preview-figures';

const spans = [1, 7, 30] as const;

/** "If it had been live": the same engine over the last days of the event log, for exactly the text that was valid when it ran. */
export function PreviewPanel({ text, validText, rule, runKey, onExplain }: { readonly onExplain: (eventId: string) => void; readonly text: string; readonly validText: string | undefined; readonly rule: TypedRule | undefined; readonly runKey: number }): ReactNode {
  const me = useMe();
  const canRun = hasRole(me, 'author', 'approver');
  const [days, setDays] = useState<number>(7);
  const [ran, setRan] = useState<{ readonly id: string; readonly text: string; readonly at: number }>();
  const cancel = useMutation({ mutationFn: (id: string) => request<BacktestJob>(`/v1/backtests/${encodeURIComponent(id)}`, { method: 'DELETE' }) });
  const fromFeed = useFeed((s) => (ran ? s.jobs.get(ran.id) : undefined));
  const polled = useQuery({
    queryKey: ['backtest', ran?.id], queryFn: ({ signal }) => request<BacktestJob>(`/v1/backtests/${encodeURIComponent(ran?.id ?? '')}`, { signal }), enabled: ran !== undefined,
    refetchInterval: (query) => (query.state.data?.status === 'running' && fromFeed?.status !== 'done' ? 1_000 : false),
  });
  const job = ran === undefined ? undefined : polled.data && polled.data.status !== 'running' ? polled.data : fromFeed ?? polled.data;
  const start = useMutation({
    mutationFn: async (source: string) => {
      // A newer text makes the answer to the older one worthless.
      if (ran && job?.status === 'running') await request(`/v1/backtests/${encodeURIComponent(ran.id)}`, { method: 'DELETE' }).catch(() => undefined);
      return request<BacktestJob>('/v1/backtests', { method: 'POST', body: { text: source, days } });
    },
    onSuccess: (job, source) => { setRan({ id: job.id, text: source, at: Date.now() }); },
  });
  const { mutate } = start;
  useEffect(() => { if (runKey > 0 && validText !== undefined && canRun) mutate(validText); }, [runKey]); // only the wish to run starts a run
  const figures = previewFigures(job);
  const stale = ran !== undefined && ran.text !== text;
  return (
    <aside aria-label="If it had been live" data-region tabIndex={-1} className="flex w-[400px] shrink-0 flex-col gap-3 overflow-y-auto border-l border-hairline bg-canvas p-3 max-lg:w-full max-lg:border-t max-lg:border-l-0">
      <section className="panel flex flex-col gap-3 p-3">
        <div className="flex items-center gap-2">
          <h2 className="panel-head">If it had been live</h2>
          <select className="field ml-auto" aria-label="Period" value={days} onChange={(e) => { setDays(Number(e.target.value)); }}>{spans.map((d) => <option key={d} value={d}>last {d === 1 ? '24 h' : `${d} d`}</option>)}</select>
          <button type="button" className="btn" disabled={!canRun || validText === undefined || start.isPending} title={canRun ? undefined : 'Previews need the author or approver role'} onClick={() => { if (validText !== undefined) mutate(validText); }}>Run</button>
        </div>
        {start.error && <ErrorNote what="The preview did not start." error={start.error} />}
        {!job && !start.error && <p className="text-table text-text-2">Runs this text over the event log with the same engine, before it is saved. Nothing is sent, nobody is alerted.</p>}
        {job?.status === 'running' && (
          <div className="flex flex-col gap-1 text-table">
            <progress className="h-2 w-full accent-[var(--accent)]" max={100} value={progressOf(job)} aria-label="Progress of the preview" />
            <span className="flex items-center justify-between text-text-2">{formatCount(job.eventsDone)} of {formatCount(job.eventsTotal)} events <button type="button" className="btn" onClick={() => { cancel.mutate(job.id); }}>Cancel</button></span>
          </div>
        )}
        {(job?.status === 'failed' || job?.status === 'cancelled') && <p role="alert" className="text-table text-danger">{job.status === 'failed' ? 'The preview failed.' : 'The preview was cancelled.'} {job.error}</p>}
        {figures && job?.result && (
          <>
            {ran && <p className={`text-meta ${stale ? 'font-medium text-medium' : 'text-text-2'}`}>{stale ? 'Of an earlier text, ' : 'Of this text, '}<Instant at={ran.at} /></p>}
            <dl className="grid grid-cols-[1fr_auto] items-baseline gap-x-4 gap-y-1.5 text-table">
              <dt className="text-text-2">Alerts a day{figures.livePerDay !== undefined && ', live → this'}</dt><dd className="text-reason font-semibold">{changeText(figures.livePerDay, figures.perDay)}</dd>
              <dt className="text-text-2">Alerts in the period</dt><dd>{formatCount(figures.alerts)}</dd>
              <dt className="text-text-2">Fraud caught</dt><dd>{figures.frauds === 0 ? 'not known' : `${formatCount(figures.caught)} of ${formatCount(figures.frauds)}`}</dd>
              <dt className="text-text-2">Fraud share</dt><dd title={shareOf(figures.caught, figures.alerts).range}>{figures.frauds === 0 ? 'not known' : shareOf(figures.caught, figures.alerts).text}</dd>
              <dt className="text-text-2">Analyst hours a day</dt><dd>{figures.hoursPerDay.toFixed(1)}</dd>
            </dl>
            {figures.frauds === 0 && <p className="text-meta text-text-2">No labels in this period, so fraud caught and missed are not known.</p>}
            {figures.days.length > 1 && <Sparkline stretch values={figures.days.map((d) => d.alerts)} width={350} height={48} label={`Alerts per day from ${figures.days[0]?.day ?? ''} to ${figures.days.at(-1)?.day ?? ''}, most ${Math.max(...figures.days.map((d) => d.alerts))}`} />}
            <p className="text-meta text-text-2">{formatCount(job.result.report.events)} events in {(job.result.report.tookMs / 1_000).toFixed(1)} s, {formatRate(job.result.report.eventsPerSecond)} a second</p>
          </>
        )}
      </section>
      {job?.result && job.result.samples.length > 0 && (
        <section aria-label="Sample alerts" className="panel p-3">
          <h2 className="panel-head pb-1">Sample alerts</h2>
          <ul>
            {job.result.samples.slice(0, 5).map((s) => (
              <li key={s.alertId} className="flex flex-col border-t border-hairline py-1.5 text-table first:border-t-0">
                <span>{s.reason}</span>
                <span className="text-text-2"><Instant at={s.ts} />, {s.key}, {s.fraud === null ? 'no label' : s.fraud ? 'fraud' : 'not fraud'}{s.eventId !== undefined && <>, <button type="button" className="link" aria-label={`Explain event ${s.eventId}`} onClick={() => { if (s.eventId !== undefined) onExplain(s.eventId); }}>explain</button></>}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {rule && (
        <section aria-label="What the text means" className="panel p-3">
          <h2 className="panel-head pb-1">What the last valid text means</h2>
          <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-0.5 text-table">
            <dt className="text-text-2">On</dt><dd>{rule.on.join(', ')}</dd>
            <dt className="text-text-2">By</dt><dd>{rule.by.join(', ') || '-'}</dd>
            <dt className="text-text-2">Alert</dt><dd>{rule.severity}, score {rule.score}, action {rule.action}</dd>
            <dt className="text-text-2">Tests</dt><dd>{plural(rule.tests.length, 'test')}</dd>
            <dt className="text-text-2">Version</dt><dd><code>{rule.version}</code></dd>
          </dl>
          <p className="pt-2 text-table"><Link className="link" href={`/alerts/?q=${encodeURIComponent(`status:all rule:${rule.id}`)}`}>Alerts of {rule.id}</Link></p>
        </section>
      )}
    </aside>
  );
}
