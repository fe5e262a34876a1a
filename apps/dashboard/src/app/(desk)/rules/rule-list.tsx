'use client';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useRouter, useSearchParams } from 'next/navigation';
import { useCallback, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import type { RuleRow } from '@weir/contracts';
import { request } from '../../../api/request';
import { hasRole, useMe } from '../../../api/session';
import { Sparkline } from '../../../charts/sparkline';
import { formatCount, plural, shareOf } from '../../../format/number';
import { useActions } from '../../../keyboard/keyboard-provider';
import { SeverityBadge } from '../../../shell/badges';
import { Page } from '../../../shell/page';
import { EmptyNote, ErrorNote, Skeleton } from '../../../shell/states';
import { Age } from '../../../shell/time-text';
import { DataGrid } from '../../../table/data-grid';
import type { GridColumn } from '../../../table/data-grid';
import { useListCursor } from '../../../table/list-cursor';

type Mode = RuleRow['mode'] | 'all';
const modeWord: Readonly<Record<RuleRow['mode'], string>> = { live: 'Live', shadow: 'Shadow', off: 'Off' };
const modeDot = { live: 'bg-legit', shadow: 'border-2 border-suspicious', off: 'border-2 border-control' } as const;
type Sort = 'needs' | 'rule' | 'alerts' | 'share' | 'open' | 'changed';
const sorts: Readonly<Record<Sort, (a: RuleRow, b: RuleRow) => number>> = {
  needs: (a, b) => b.openAlerts - a.openAlerts || (a.id < b.id ? -1 : 1),
  rule: (a, b) => (a.id < b.id ? -1 : 1),
  alerts: (a, b) => b.alerts30d - a.alerts30d,
  share: (a, b) => (b.decided ? b.fraud / b.decided : -1) - (a.decided ? a.fraud / a.decided : -1),
  open: (a, b) => b.openAlerts - a.openAlerts,
  changed: (a, b) => b.changedAt - a.changedAt,
};

/** The state of a rule: a word with a dot that never uses severity's shapes. */
export function ModeWord({ mode }: { readonly mode: RuleRow['mode'] }): ReactNode {
  return <span className="inline-flex items-center gap-1.5"><span aria-hidden="true" className={`size-2.5 shrink-0 rounded-full ${modeDot[mode]}`} />{modeWord[mode]}</span>;
}

function columnsFor(sort: Sort, onSort: (s: Sort) => void): ReadonlyArray<GridColumn<RuleRow>> {
  const by = (s: Sort): Pick<GridColumn<RuleRow>, 'sort'> => ({ sort: { direction: sort === s ? (s === 'rule' ? 'ascending' : 'descending') : 'none', onSort: () => { onSort(s); } } });
  return [
    { id: 'rule', header: 'Rule', track: 'minmax(150px, 1.2fr)', cell: (r) => <span className="font-medium" title={r.id}>{r.id}</span>, ...by('rule') },
    { id: 'title', header: 'What it looks for', track: 'minmax(140px, 2fr)', from: 1_000, cell: (r) => <span className="text-text-2" title={r.title}>{r.title}</span> },
    { id: 'mode', header: 'State', track: '76px', cell: (r) => <ModeWord mode={r.mode} /> },
    { id: 'severity', header: 'Severity', track: '86px', from: 640, cell: (r) => <SeverityBadge severity={r.severity} /> },
    { id: 'day', header: 'Alerts/day 30 d', track: '136px', end: true, from: 760, cell: (r) => <DayCell rule={r} />, ...by('alerts') },
    { id: 'share', header: 'Fraud share (n)', track: '108px', end: true, from: 560, cell: (r) => { const s = shareOf(r.fraud, r.decided); return <span title={s.range}>{s.text}</span>; }, ...by('share') },
    { id: 'open', header: 'Open', track: '52px', end: true, cell: (r) => formatCount(r.openAlerts), ...by('open') },
    { id: 'changed', header: 'Last change', track: '132px', end: true, from: 860, cell: (r) => <span className="text-text-2">v{r.release} {r.changedBy} <Age at={r.changedAt} /></span>, ...by('changed') },
  ];
}

function DayCell({ rule }: { readonly rule: RuleRow }): ReactNode {
  const a = rule.alertsPerDay.length > 0 ? rule.alerts30d / 30 : 0;
  return <span className="inline-flex items-center justify-end gap-2">{a >= 10 || a === 0 ? Math.round(a) : a < 0.05 ? '<0.1' : a.toFixed(1)}<Sparkline values={rule.alertsPerDay} label={`${rule.alerts30d} alerts in 30 days, ${rule.alertsPerDay.at(-1) ?? 0} today`} /></span>;
}

/** All rules with what they earn. */
export function RuleList(): ReactNode {
  const me = useMe();
  const router = useRouter();
  const params = useSearchParams();
  const asked = params.get('state');
  const mode: Mode = asked === 'live' || asked === 'shadow' || asked === 'off' ? asked : 'all';
  const [sort, setSort] = useState<Sort>('needs');
  const [text, setText] = useState('');
  const rules = useQuery({ queryKey: ['rules'], queryFn: ({ signal }) => request<{ items: readonly RuleRow[] }>('/v1/rules', { signal }) });
  const items = rules.data?.items;
  const rows = useMemo(() => (items ?? []).filter((r) => (mode === 'all' || r.mode === mode) && `${r.id} ${r.title} ${r.owner} ${r.pack}`.toLowerCase().includes(text.toLowerCase())).sort(sorts[sort]), [items, mode, text, sort]);
  const list = useListCursor('rules');
  const columns = useMemo(() => columnsFor(sort, setSort), [sort]);
  const rowAt = useCallback((index: number) => rows[index], [rows]);
  const canWrite = hasRole(me, 'author');
  const create = (): void => { router.push('/rule/edit/'); };
  useActions({ 'rule.new': canWrite ? create : undefined, search: () => { document.getElementById('rule-filter')?.focus(); }, 'show-new': () => { void rules.refetch(); } });
  const count = (m: Mode): number => (items ?? []).filter((r) => m === 'all' || r.mode === m).length;
  const go = (m: Mode): void => { window.history.pushState(null, '', m === 'all' ? '/rules/' : `/rules/?state=${m}`); };
  return (
    <Page
      title="Rules" fill heading="Rules" note={items && plural(items.length, 'rule')}
      actions={<button type="button" className="btn btn-primary" aria-keyshortcuts="C" disabled={!canWrite} title={canWrite ? undefined : 'Writing rules needs the author role'} onClick={create}>New rule <kbd className="key">C</kbd></button>}
    >
      <div className="flex shrink-0 flex-wrap items-center gap-2 px-4 pb-3">
        <div role="group" aria-label="Views" className="flex flex-wrap gap-1">
          {(['all', 'live', 'shadow', 'off'] as const).map((m) => <button key={m} type="button" className="btn" aria-pressed={m === mode} onClick={() => { go(m); }}>{m === 'all' ? 'All' : modeWord[m]} <span className="text-text-2">{count(m)}</span></button>)}
        </div>
        <input id="rule-filter" type="search" className="field ml-auto w-64 max-w-full" placeholder="Filter by name, owner, pack" aria-label="Filter rules" value={text} onChange={(e) => { setText(e.target.value); }} onKeyDown={(e) => { if (e.key === 'Escape') { e.preventDefault(); setText(''); e.currentTarget.blur(); } }} />
      </div>
      <div className="flex min-h-0 flex-1 flex-col border-t border-hairline bg-surface">
        {rules.error && !items ? <ErrorNote what="Rules could not be read." error={rules.error} onRetry={() => { void rules.refetch(); }} />
          : !items ? <Skeleton rows={10} />
            : items.length === 0 ? <EmptyNote title="No rules yet." actions={<Link className="btn btn-primary" href="/rule/edit/">Write the first rule</Link>}>A rule is one text file; it is checked and tested before it runs.</EmptyNote>
              : rows.length === 0 ? <EmptyNote title="No rules match." actions={<button type="button" className="btn" onClick={() => { setText(''); go('all'); }}>Clear</button>}>{plural(items.length, 'rule')} without the filter.</EmptyNote>
                : (
                  <DataGrid
                    label="Rules" columns={columns} total={rows.length} rowAt={rowAt} rowId={(r) => r.id} {...list} cursor={Math.min(list.cursor, rows.length - 1)} rowTone={(r) => (r.mode === 'off' ? 'row-gone' : '')}
                    rowName={(r) => `${r.id}, ${modeWord[r.mode]}, ${r.severity}, ${r.alerts30d} alerts in 30 days, fraud share ${shareOf(r.fraud, r.decided).text}, ${r.openAlerts} open`}
                    onOpen={(i) => { const r = rows[i]; if (r) router.push(`/rule/edit/?id=${encodeURIComponent(r.id)}`); }}
                  />
                )}
      </div>
    </Page>
  );
}
