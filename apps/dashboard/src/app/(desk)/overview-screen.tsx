'use client';
import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import type { AlertRow, Overview, RuleRow } from '@weir/contracts';
import { newest } from '../../act/live-rows';
import { request } from '../../api/request';
import { useMe } from '../../api/session';
import { fixedMinutes } from '../../charts/alert-minutes';
import { useFeed, useFeedMessages } from '../../feed/feed-provider';
import { formatCount, formatNanos, formatRate, formatTotal, plural, shareOf } from '../../format/number';
import { formatMoney } from '../../format/money';
import { formatSpan } from '../../format/time';
import { SeverityShape, severities, severityWord } from '../../shell/badges';
import { useNowStep } from '../../shell/clock';
import { Page } from '../../shell/page';
import { ErrorNote, Skeleton } from '../../shell/states';
import { Age, Deadline, Instant } from '../../shell/time-text';

const Chart = dynamic(() => import('../../charts/alert-minutes-chart'), { ssr: false, loading: () => <div className="h-[312px]" aria-busy="true" /> });
const severityText = { critical: 'text-critical', high: 'text-high', medium: 'text-medium', low: 'text-low' } as const;

function Tile({ label, value, note, href }: { readonly label: string; readonly value: ReactNode; readonly note?: ReactNode; readonly href: string }): ReactNode {
  return (
    <Link href={href} className="panel flex min-w-0 flex-col gap-0.5 px-4 py-3 text-text no-underline hover:bg-hover">
      <span className="text-meta text-text-2">{label}</span>
      <span className="truncate text-tile font-semibold">{value}</span>
      <span className="min-h-4 text-meta text-text-2">{note}</span>
    </Link>
  );
}

/** Overview refreshed once a minute and on what the feed says; the tiles move with `stats` every second. */
export function OverviewScreen(): ReactNode {
  const overview = useQuery({ queryKey: ['overview'], queryFn: ({ signal }) => request<Overview>('/v1/overview', { signal }), refetchInterval: 60_000, staleTime: 5_000 });
  return (
    <Page title="Overview" heading="Overview" note={overview.data?.since !== undefined && <span>{formatCount(overview.data.eventsTotal)} events since <Instant at={overview.data.since} precision="minute" /></span>}>
      {overview.error && !overview.data ? <ErrorNote what="The overview could not be read." error={overview.error} onRetry={() => { void overview.refetch(); }} /> : overview.data ? <OverviewBody data={overview.data} /> : <Skeleton rows={12} rowHeight={40} />}
    </Page>
  );
}

/** Minutes as fetched, moved on by the alerts that the feed brings; each arrival counts once. */
function useLiveMinutes(data: Overview): Overview['minutes'] {
  const [since, setSince] = useState<{ readonly base: number; readonly rows: readonly AlertRow[] }>({ base: data.at, rows: [] });
  useFeedMessages((message) => { if (message.kind === 'alert') setSince((s) => (s.base === data.at ? { ...s, rows: [...s.rows, message.row].slice(-2_000) } : { base: data.at, rows: [message.row] })); });
  return useMemo(() => {
    const minutes = data.minutes.map((m) => ({ ...m }));
    for (const row of since.base === data.at ? since.rows : []) {
      const at = Math.floor(row.receivedAt / 60_000) * 60_000;
      const known = minutes.find((m) => m.at === at);
      if (known) known[row.severity] += 1;
      else minutes.push({ at, events: 0, low: 0, medium: 0, high: 0, critical: 0, [row.severity]: 1 });
    }
    return minutes;
  }, [data, since]);
}

function OverviewBody({ data }: { readonly data: Overview }): ReactNode {
  const me = useMe();
  const stats = useFeed((s) => s.stats);
  const ops = useFeed((s) => s.ops);
  const minute = useNowStep(10_000);
  const live = useLiveMinutes(data);
  const minutes = useMemo(() => fixedMinutes(live, minute, 60), [live, minute]);
  const bySeverity = stats?.openBySeverity ?? data.open;
  const open = severities.reduce((sum, s) => sum + (bySeverity[s] ?? 0), 0);
  const arrivals = useFeed((s) => s.arrivals);
  const critical = useMemo(() => {
    const seen = new Map<string, AlertRow>();
    for (const { row } of [...arrivals].reverse()) if (row.severity === 'critical' && !seen.has(row.id)) { seen.set(row.id, row); if (seen.size >= 5) break; }
    for (const row of data.newestCritical) seen.set(row.id, seen.get(row.id) ?? row);
    return [...seen.values()].sort((a, b) => b.receivedAt - a.receivedAt).slice(0, 5).map(newest);
  }, [arrivals, data.newestCritical]);
  return (
    <div className="flex flex-col gap-3 px-4 pb-6">
      <div className="grid grid-cols-2 gap-3 md:grid-cols-[1fr_1fr_minmax(240px,1.5fr)_1fr_1fr]">
        <Tile label="Events a second" href="/ops/" value={formatRate(stats?.eventsPerSecond ?? data.eventsPerSecond)} note={me.demo ? `demo traffic ${me.demoRunning ? 'on' : 'off'}` : undefined} />
        <Tile label="Alerts a minute" href="/alerts/?sort=newest" value={formatRate(stats?.alertsPerMinute ?? data.alertsPerMinute)} note={`${formatCount(data.rules)} rules`} />
        <Tile
          label="Open" href="/alerts/" value={<span title={`${open} open`}>{formatTotal(open)}</span>}
          note={<span className="flex flex-wrap gap-x-2.5">{severities.map((s) => <span key={s} className={`inline-flex items-center gap-1 ${severityText[s]}`} title={severityWord[s]}><SeverityShape severity={s} size={10} /><span className="sr-only">{severityWord[s]} </span>{formatTotal(bySeverity[s] ?? 0)}</span>)}</span>}
        />
        <Tile label="Past SLA" href="/alerts/" value={<span className={data.pastSla > 0 ? 'text-danger' : ''}>{formatCount(data.pastSla)}</span>} note={data.nextSlaAt === undefined ? 'none is due' : <span className="inline-flex items-center gap-1">next in <Deadline dueAt={data.nextSlaAt} /></span>} />
        <Tile label="Evaluation, p99" href="/ops/" value={formatNanos(ops?.engine.evalNsP99 ?? data.evalNsP99)} note={ops ? `lag ${formatRate(ops.engine.lagSeconds)} s` : 'an event, all rules'} />
      </div>
      <div className="grid gap-3 lg:grid-cols-[minmax(0,1fr)_400px]">
        <section aria-label="Alerts per minute" className="panel min-w-0 px-4 pt-3 pb-2"><Chart minutes={minutes} now={minute} /></section>
        <RulesToLookAt />
      </div>
      <div className="grid gap-3 lg:grid-cols-[minmax(0,1fr)_400px]">
        <section aria-labelledby="newest-critical" className="panel min-w-0">
          <h2 id="newest-critical" className="panel-head px-4 pt-3 pb-2">Newest critical</h2>
          {critical.length === 0 ? <p className="px-4 pb-4 text-text-2">No critical alerts. High ones are in the <Link className="link" href={`/alerts/?q=${encodeURIComponent('status:open severity:critical,high')}`}>queue</Link>.</p> : (
            <ul className="pb-1">
              {critical.map((row) => (
                <li key={row.id}>
                  <Link href={`/alert/?id=${encodeURIComponent(row.id)}`} data-inset-focus className={`grid h-9 grid-cols-[20px_minmax(0,1fr)_auto_auto] items-center gap-3 px-4 text-table text-text no-underline hover:bg-hover ${row.status === 'closed' ? 'row-gone' : ''}`}>
                    <span className="text-critical"><SeverityShape severity="critical" /></span>
                    <span className="truncate" title={row.reason}>{row.reason} <span className="text-text-2">{row.subject.label}</span></span>
                    <span className="num max-sm:hidden">{row.money ? formatMoney(row.money) : ''}</span>
                    <span className="num w-10 text-text-2"><Age at={row.ts} /></span>
                  </Link>
                </li>
              ))}
            </ul>
          )}
        </section>
        <section aria-labelledby="engine-state" className="panel px-4 pt-3 pb-4">
          <h2 id="engine-state" className="panel-head pb-2">Engine</h2>
          {ops ? (
            <dl className="grid grid-cols-2 gap-x-4 gap-y-1 text-table">
              <dt className="text-text-2">State</dt><dd className="num">{ops.engine.state}</dd>
              <dt className="text-text-2">Lag</dt><dd className="num">{plural(ops.engine.lagEvents, 'event')}, {formatRate(ops.engine.lagSeconds)} s</dd>
              <dt className="text-text-2">Watermark</dt><dd className="num">{ops.engine.watermarkDelayMs === undefined ? '-' : `${formatSpan(ops.engine.watermarkDelayMs)} behind`}</dd>
              <dt className="text-text-2">Dead letters</dt><dd className="num"><Link className="link" href="/ops/dead-letters/">{formatCount(ops.deadLetterTotal)}</Link></dd>
              <dt className="text-text-2">Problems</dt><dd className="num"><Link className={ops.problems.length > 0 ? 'font-semibold text-danger no-underline hover:underline' : 'link'} href="/ops/">{ops.problems.length === 0 ? 'none' : ops.problems.length}</Link></dd>
            </dl>
          ) : <p className="text-text-2">Waiting for the first figures.</p>}
        </section>
      </div>
    </div>
  );
}

interface Finding { readonly rule: RuleRow; readonly text: string; readonly weight: number }

/** What makes a rule worth a look, from its own numbers: today against its usual day, silence, and a high share of false alarms. */
function findingOf(rule: RuleRow): Finding | undefined {
  const days = rule.alertsPerDay;
  const today = days.at(-1) ?? 0;
  const before = days.slice(0, -1);
  const usual = before.length > 0 ? before.reduce((a, b) => a + b, 0) / before.length : 0;
  if (usual >= 1 && today > 3 * usual) return { rule, text: `${(today / usual).toFixed(1)}× its usual day`, weight: today / usual };
  if (rule.mode === 'live' && usual >= 3 && today === 0) return { rule, text: `silent today (usual ${usual.toFixed(0)} a day)`, weight: 3 };
  if (rule.decided >= 20 && rule.fraud / rule.decided < 0.4) return { rule, text: `fraud share ${shareOf(rule.fraud, rule.decided).text}`, weight: 2 };
  return undefined;
}

function RulesToLookAt(): ReactNode {
  const rules = useQuery({ queryKey: ['rules'], queryFn: ({ signal }) => request<{ items: readonly RuleRow[] }>('/v1/rules', { signal }), staleTime: 60_000 });
  const items = rules.data?.items ?? [];
  const findings = items.map(findingOf).filter((f) => f !== undefined).sort((a, b) => b.weight - a.weight).slice(0, 8);
  const rest = items.filter((r) => r.openAlerts > 0 && !findings.some((f) => f.rule === r)).sort((a, b) => b.openAlerts - a.openAlerts).slice(0, Math.max(0, 7 - findings.length));
  return (
    <section aria-labelledby="rules-to-look-at" className="panel min-w-0">
      <h2 id="rules-to-look-at" className="panel-head px-4 pt-3 pb-2">{findings.length > 0 ? 'Rules to look at' : 'Busiest rules'}</h2>
      {rules.error ? <ErrorNote what="Rules could not be read." error={rules.error} onRetry={() => { void rules.refetch(); }} /> : rules.data && items.length === 0 ? <p className="px-4 pb-4 text-text-2">No rules yet. <Link className="link" href="/rule/edit/">Write the first one</Link></p> : (
        <ul className="pb-1">
          {findings.map(({ rule, text }) => <RuleLine key={rule.id} rule={rule} text={text} />)}
          {findings.length > 0 && rest.length > 0 && <li className="px-4 pt-3 pb-1"><h3 className="panel-head">Busiest of the others</h3></li>}
          {rest.map((rule) => <RuleLine key={rule.id} rule={rule} text={`${formatCount(rule.openAlerts)} open`} />)}
          {findings.length === 0 && rest.length === 0 && rules.data && <li className="px-4 pb-3 text-text-2">Nothing out of the usual.</li>}
        </ul>
      )}
    </section>
  );
}

function RuleLine({ rule, text }: { readonly rule: RuleRow; readonly text: string }): ReactNode {
  return (
    <li>
      <Link href={`/rule/edit/?id=${encodeURIComponent(rule.id)}`} data-inset-focus className="flex h-9 items-center gap-3 px-4 text-table text-text no-underline hover:bg-hover">
        <span className="min-w-0 flex-1 truncate font-medium" title={rule.title}>{rule.id}</span><span className="shrink-0 text-text-2">{text}</span>
      </Link>
    </li>
  );
}
