'use client';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { OpsSnapshot } from '@weir/contracts';
import { request } from '../../../api/request';
import { Sparkline } from '../../../charts/sparkline';
import { useFeed, useFeedMessages } from '../../../feed/feed-provider';
import { formatBytes, formatCount, formatNanos, formatRate, plural } from '../../../format/number';
import { formatSpan } from '../../../format/time';
import { useNow } from '../../../shell/clock';
import { Page } from '../../../shell/page';
import { ErrorNote, Skeleton } from '../../../shell/states';
import { Instant } from '../../../shell/time-text';

const kept = 300;
/** The last five minutes of this tab: rate and lag, one point a second. */
let history: readonly OpsSnapshot[] = [];

export function OpsTabs({ current }: { readonly current: 'pipeline' | 'letters' }): ReactNode {
  const letters = useFeed((s) => s.ops?.deadLetterTotal);
  return (
    <nav aria-label="Ops" className="flex gap-1 px-4 pb-3">
      <Link href="/ops/" className={`btn ${current === 'pipeline' ? 'border-accent bg-selected' : ''}`} aria-current={current === 'pipeline' ? 'page' : undefined}>Pipeline</Link>
      <Link href="/ops/dead-letters/" className={`btn ${current === 'letters' ? 'border-accent bg-selected' : ''}`} aria-current={current === 'letters' ? 'page' : undefined}>Dead letters {letters !== undefined && <span className="text-text-2">{formatCount(letters)}</span>}</Link>
    </nav>
  );
}

type Tone = 'quiet' | 'warn' | 'bad';
const toneText: Readonly<Record<Tone, string>> = { quiet: '', warn: 'text-medium', bad: 'text-danger' };
const toneMark: Readonly<Record<Tone, string>> = { quiet: '', warn: '! ', bad: '!! ' };

function Tile({ label, value, note, tone = 'quiet' }: { readonly label: string; readonly value: ReactNode; readonly note?: ReactNode; readonly tone?: Tone }): ReactNode {
  return (
    <div className="panel flex min-w-0 flex-col gap-0.5 px-4 py-3">
      <dt className="text-meta text-text-2">{label}</dt>
      <dd className={`m-0 truncate text-tile font-semibold ${toneText[tone]}`}>{toneMark[tone]}{value}</dd>
      <dd className="m-0 min-h-4 text-meta text-text-2">{note}</dd>
    </div>
  );
}

/** Is the pipeline whole? Snapshot by REST, then one a second by the feed. */
export function OpsScreen(): ReactNode {
  const fetched = useQuery({ queryKey: ['ops'], queryFn: ({ signal }) => request<OpsSnapshot>('/v1/ops', { signal }) });
  const live = useFeed((s) => s.ops);
  const [, tick] = useState(0);
  const points = useRef(history);
  useFeedMessages((message) => { if (message.kind === 'ops') { history = [...history, message.ops].slice(-kept); points.current = history; tick((n) => n + 1); } });
  const ops = live ?? fetched.data;
  const note = ops && <>as of <Instant at={ops.at} /></>;
  return (
    <Page title={`${ops && ops.problems.length > 0 ? '! ' : ''}Ops`} heading="Ops" note={note}>
      <OpsTabs current="pipeline" />
      {ops ? <OpsBody ops={ops} points={points.current} /> : fetched.error ? <ErrorNote what="The pipeline's state could not be read." error={fetched.error} onRetry={() => { void fetched.refetch(); }} /> : <Skeleton rows={10} rowHeight={40} />}
    </Page>
  );
}

function OpsBody({ ops, points }: { readonly ops: OpsSnapshot; readonly points: readonly OpsSnapshot[] }): ReactNode {
  const now = useNow();
  const { engine, checkpoint, log, store, feed } = ops;
  const lateShare = ops.acceptedTotal === 0 ? 0 : (100 * ops.lateTotal) / ops.acceptedTotal;
  const checkpointAge = checkpoint.lastAt === undefined ? undefined : Math.max(0, now - checkpoint.lastAt);
  const lagTone: Tone = engine.lagSeconds >= 30 ? 'bad' : engine.lagSeconds >= 5 ? 'warn' : 'quiet';
  return (
    <div className="flex flex-col gap-3 px-4 pb-6">
      {ops.problems.length > 0 && (
        <section aria-label="Problems" className="flex flex-col gap-2">
          {ops.problems.map((p) => (
            <div key={`${p.since}${p.text}`} className={`panel border-l-4 px-4 py-3 ${p.severity === 'error' ? 'border-l-danger' : 'border-l-[var(--medium-fill)]'}`}>
              <p className="flex flex-wrap items-baseline gap-x-3"><strong className={p.severity === 'error' ? 'text-danger' : 'text-medium'}>{p.severity === 'error' ? 'Error' : 'Warning'}</strong><strong>{p.text}</strong><span className="text-table text-text-2">since <Instant at={p.since} /></span></p>
              <p className="pt-1"><span className="text-text-2">Do: </span>{p.advice}</p>
            </div>
          ))}
        </section>
      )}
      <dl className="m-0 grid grid-cols-2 gap-3 md:grid-cols-4">
        <Tile label="Events a second" value={formatRate(ops.eventsPerSecond)} note={`${formatCount(ops.acceptedTotal)} accepted`} />
        <Tile label="Engine lag" tone={lagTone} value={`${formatRate(engine.lagSeconds)} s`} note={plural(engine.lagEvents, 'event')} />
        <Tile label="Watermark" value={engine.watermarkDelayMs === undefined ? '-' : formatSpan(engine.watermarkDelayMs)} note={engine.watermark === undefined ? 'no event yet' : <>behind, at <Instant at={engine.watermark} /></>} />
        <Tile label="Late" value={formatCount(ops.lateTotal)} note={`${lateShare.toFixed(2)} % of accepted`} tone={lateShare > 5 ? 'warn' : 'quiet'} />
        <Tile label="Dead letters" value={<Link className="text-inherit" href="/ops/dead-letters/">{formatCount(ops.deadLetterTotal)}</Link>} note="refused, bytes kept" />
        <Tile label="Duplicates" value={formatCount(ops.duplicateTotal)} note="dropped by id" />
        <Tile label="Checkpoint" tone={checkpoint.failures > 0 ? 'warn' : 'quiet'} value={checkpointAge === undefined ? '-' : formatSpan(Math.floor(checkpointAge / 1_000) * 1_000) || '0 s'} note={checkpoint.lastAt === undefined ? 'none yet' : `ago${checkpoint.tookMs === undefined ? '' : `, took ${formatSpan(checkpoint.tookMs)}`}${checkpoint.failures > 0 ? `, ${checkpoint.failures} failed` : ''}`} />
        <Tile label="Engine" tone={engine.state === 'failed' ? 'bad' : engine.state === 'running' ? 'quiet' : 'warn'} value={engine.state.charAt(0).toUpperCase() + engine.state.slice(1)} note={engine.problem ?? plural(engine.rules, 'rule')} />
      </dl>
      <div className="grid gap-3 lg:grid-cols-2">
        <section aria-label="Events a second, this tab's last minutes" className="panel px-4 pt-3 pb-3">
          <h2 className="flex items-baseline gap-3 pb-2"><span className="panel-head">Events a second</span><span className="text-meta font-normal text-text-2">last {formatSpan(Math.max(1, points.length) * 1_000)}</span></h2>
          <Trend values={points.map((p) => p.eventsPerSecond)} unit="events a second" />
        </section>
        <section aria-label="Lag in seconds, this tab's last minutes" className="panel px-4 pt-3 pb-3">
          <h2 className="flex items-baseline gap-3 pb-2"><span className="panel-head">Lag, seconds</span><span className="text-meta font-normal text-text-2">last {formatSpan(Math.max(1, points.length) * 1_000)}</span></h2>
          <Trend values={points.map((p) => p.engine.lagSeconds)} unit="seconds of lag" />
        </section>
      </div>
      <div className="grid gap-3 lg:grid-cols-2">
        <Facts title="Engine" rows={[['State held', formatBytes(engine.stateBytes)], ['Keys', formatCount(engine.keys)], ['Events in windows', formatCount(engine.windowEvents)], ['Sequence matches under way', `${formatCount(engine.openMatches ?? 0)}, ${formatCount(engine.givenUpMatches ?? 0)} given up`], ['Evaluation, median', formatNanos(engine.evalNsP50)], ['Evaluation, p99', formatNanos(engine.evalNsP99)], ['At seq', formatCount(engine.seq)]]} />
        <Facts title="Event log" rows={[['Last seq', formatCount(log.lastSeq)], ['First seq kept', formatCount(log.firstSeq)], ['Size', `${formatBytes(log.bytes)} in ${plural(log.segments, 'segment')}`], ['Unknown fields', `${formatCount(ops.unknownFieldTotal)} kept in extra`]]} />
        <Facts title="Case store and feed" rows={[['Alerts', formatCount(ops.alertsTotal)], ['Stored up to seq', formatCount(store.progressSeq)], ['Alerts not yet stored', formatCount(store.pendingAlerts)], ['Feed clients', formatCount(feed.clients)], ['Feed gaps', formatCount(feed.gaps)]]} />
        <Facts title="Checkpoint and last release" rows={[
          ['Size', checkpoint.bytes === undefined ? '-' : formatBytes(checkpoint.bytes)],
          ['At seq', checkpoint.seq === undefined ? '-' : formatCount(checkpoint.seq)],
          ['Held evaluation up, at most', checkpoint.worstStallMs === undefined ? '-' : formatNanos(checkpoint.worstStallMs * 1_000_000)],
          ['State at the last release', ops.release === undefined ? '-' : `${formatCount(ops.release.kept)} kept, ${formatCount(ops.release.warmed)} warmed, ${formatCount(ops.release.freed)} freed`],
          ['Entries replayed for it', ops.release === undefined ? '-' : formatCount(ops.release.replayed)],
        ]} />
      </div>
    </div>
  );
}

function Trend({ values, unit }: { readonly values: readonly number[]; readonly unit: string }): ReactNode {
  const most = Math.max(0, ...values);
  if (values.length < 2) return <p className="h-[72px] text-text-2">The first points come in a moment.</p>;
  const now = values.at(-1) ?? 0;
  return (
    <div className="flex items-end gap-3">
      <Sparkline stretch values={values} width={520} height={72} label={`${formatRate(now)} ${unit} now, most ${formatRate(most)}`} />
      <span className="text-table whitespace-nowrap"><strong>{formatRate(now)}</strong> <span className="text-text-2">now</span><br />{formatRate(most)} <span className="text-text-2">most</span></span>
    </div>
  );
}

function Facts({ title, rows }: { readonly title: string; readonly rows: ReadonlyArray<readonly [string, string]> }): ReactNode {
  return (
    <section aria-label={title} className="panel px-4 pt-3 pb-4">
      <h2 className="panel-head pb-2">{title}</h2>
      <dl className="m-0 grid grid-cols-[1fr_auto] gap-x-4 gap-y-1 text-table">{rows.map(([name, value]) => <div key={name} className="contents"><dt className="text-text-2">{name}</dt><dd className="num m-0">{value}</dd></div>)}</dl>
    </section>
  );
}
