'use client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearchParams } from 'next/navigation';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import type { AlertPage, AlertRow, Disposition } from '@weir/contracts';
import { createStore } from '../api/external-store';
import { request } from '../api/request';
import { mayDecide, useMe } from '../api/session';
import { DecideForm, DispositionButtons } from '../act/decide-form';
import { subjectText, useDecide, useErrand } from '../act/decide';
import { newest, onAnyRow } from '../act/live-rows';
import { toast } from '../act/toasts';
import { useFeed, useFeedClient } from '../feed/feed-provider';
import { formatCount, formatTotal, plural } from '../format/number';
import { useActions } from '../keyboard/keyboard-provider';
import { announce } from '../shell/announcer';
import { Page } from '../shell/page';
import { setPreferences, usePreferences } from '../shell/preferences';
import { useTakeNext } from '../shell/shell';
import { EmptyNote, ErrorNote, Skeleton } from '../shell/states';
import { DataGrid } from '../table/data-grid';
import { alertColumns, alertRowName } from './alert-cells';
import { anchoredOffset, waitingArrivals, whyGone } from './arrivals';
import { FilterBar } from './filter-bar';
import { Peek, alertQuery } from './peek';
import { filterParams, readFilter, views, writeFilter } from './queue-filter';
import type { QueueFilter, QueueSort } from './queue-filter';
import { queueContext, setQueueContext, useQueueWindows } from './queue-windows';

/** Ticked rows of this tab: they survive sorting, filtering, refreshing and a visit to an alert. */
const selectionStore = createStore<ReadonlyMap<string, AlertRow>>(new Map());
/** Where each list was left. */
const places = new Map<string, { readonly scrollTop: number; readonly cursor: number }>();

function useUrlFilter(): { readonly filter: QueueFilter; readonly sort: QueueSort; readonly go: (filter: QueueFilter, sort?: QueueSort) => void } {
  const params = useSearchParams();
  const q = params.get('q') ?? '';
  const asked = params.get('sort');
  const sort: QueueSort = asked === 'newest' || asked === 'score' ? asked : 'priority';
  const filter = useMemo(() => readFilter(q).filter, [q]);
  return {
    filter, sort,
    go: (next, nextSort = sort) => {
      const url = new URLSearchParams();
      const text = writeFilter(next);
      if (text !== 'status:open') url.set('q', text);
      if (nextSort !== 'priority') url.set('sort', nextSort);
      window.history.pushState(null, '', `/alerts/${url.size > 0 ? `?${url.toString()}` : ''}`);
    },
  };
}

function viewCount(id: string, page: AlertPage | undefined): number | undefined {
  if (!page) return undefined;
  const { counts } = page;
  if (id === 'open') return counts.open;
  if (id === 'urgent') return (counts.bySeverity.critical ?? 0) + (counts.bySeverity.high ?? 0);
  return id === 'mine' ? counts.mine : undefined;
}

function useRowsVersion(): number {
  const version = useRef(0);
  return useSyncExternalStore((listener) => onAnyRow(() => { version.current += 1; listener(); }), () => version.current, () => 0);
}

/** The alert queue. */
export function Queue(): ReactNode {
  const { filter, sort, go } = useUrlFilter();
  const params = filterParams(filter, sort);
  return <QueueList key={params} filter={filter} sort={sort} go={go} params={params} />;
}

function QueueList({ filter, sort, go, params }: { readonly filter: QueueFilter; readonly sort: QueueSort; readonly go: (filter: QueueFilter, sort?: QueueSort) => void; readonly params: string }): ReactNode {
  const me = useMe();
  const router = useRouter();
  const queries = useQueryClient();
  const feed = useFeedClient();
  const preferences = usePreferences();
  const takeNext = useTakeNext();
  const decide = useDecide();
  const errand = useErrand();
  const arrivalCount = useCallback(() => feed.store.get().arrivalCount, [feed]);
  const list = useQueueWindows(params, arrivalCount);
  const rowsVersion = useRowsVersion();
  const { rowAt: fetchedAt } = list;
  const rowAt = useCallback((index: number) => { const row = fetchedAt(index); return row && newest(row); }, [fetchedAt, rowsVersion]);
  const selection = useSyncExternalStore(selectionStore.subscribe, selectionStore.get, selectionStore.get);
  const cameBack = useRef(queueContext()?.params === params);
  const [cursor, setCursor] = useState(() => (cameBack.current ? queueContext()?.index : undefined) ?? places.get(params)?.cursor ?? 0);
  const scrollTop = useRef(places.get(params)?.scrollTop ?? 0);
  const [choice, setChoice] = useState<Disposition>();
  const [narrow, setNarrow] = useState(false);
  const scroller = useRef<HTMLDivElement>(null);
  const wantedScroll = useRef<number | undefined>(undefined);
  const rowHeight = preferences.density === 'compact' ? 32 : 40;
  const peek = preferences.peek && !narrow;

  useEffect(() => { setQueueContext(undefined); }, []); // used: a later visit starts where the list was left, without taking focus
  // Below 1200 px Peek takes much of the list's room, so it starts closed there.
  useEffect(() => { setNarrow(window.innerWidth < 1_200); }, []);

  const arrivals = useFeed((s) => s.arrivals);
  const shownIds = useMemo(() => { const ids = new Set<string>(); for (let i = 0; i < Math.min(list.total, 200); i += 1) { const r = fetchedAt(i); if (r) ids.add(r.id); } return ids; }, [fetchedAt, list.total]);
  const waiting = list.page ? waitingArrivals(arrivals, list.arrivedBefore, filter, me.user.name, (id) => shownIds.has(id)) : { count: 0, critical: 0 };

  const remember = useCallback(() => { places.set(params, { scrollTop: scrollTop.current, cursor }); }, [params, cursor]);
  useEffect(() => remember, [remember]);

  const { refresh } = list;
  const showNew = useCallback(async () => {
    const element = scroller.current;
    const top = element?.scrollTop ?? 0;
    const firstIndex = Math.floor(top / rowHeight);
    const anchor = rowAt(firstIndex);
    const cursorRow = rowAt(cursor);
    try {
      const found = await refresh(anchor && { index: firstIndex, id: anchor.id });
      const shift = found === undefined ? 0 : found - firstIndex;
      wantedScroll.current = top === 0 && document.activeElement === document.body ? 0 : anchoredOffset(top, firstIndex, found, rowHeight);
      if (cursorRow) setCursor((at) => Math.max(0, at + shift));
    } catch (error) {
      toast(`New alerts were not read. ${error instanceof Error ? error.message : ''}`, 'bad');
    }
  }, [refresh, rowAt, cursor, rowHeight]);
  useLayoutEffect(() => {
    if (wantedScroll.current === undefined || !scroller.current) return;
    scroller.current.scrollTop = wantedScroll.current;
    wantedScroll.current = undefined;
  });

  // Follow: at the very top with nothing ticked, new rows come in by themselves.
  useEffect(() => {
    if (!preferences.follow || waiting.count === 0 || selection.size > 0 || choice || (scroller.current?.scrollTop ?? 0) > 0) return undefined;
    const timer = window.setTimeout(() => { void showNew(); }, 1_000);
    return () => { window.clearTimeout(timer); };
  }, [preferences.follow, waiting.count, selection.size, choice, showNew]);

  // Said at most every 10 s.
  const spokenAt = useRef(0);
  useEffect(() => {
    if (waiting.count === 0 || Date.now() - spokenAt.current < 10_000) return;
    spokenAt.current = Date.now();
    announce(`${formatCount(waiting.count)} new, ${waiting.critical} critical`);
  }, [waiting.count, waiting.critical]);

  const here = rowAt(cursor);
  const picked = [...selection.values()].map(newest);
  const targets = picked.length > 0 ? picked : here ? [here] : [];

  // The next two alerts are fetched ahead, so that opening is instant.
  useEffect(() => {
    const timer = window.setTimeout(() => {
      for (const next of [rowAt(cursor + 1), rowAt(cursor + 2)]) if (next) void queries.prefetchQuery({ ...alertQuery(next.id), staleTime: 60_000 });
    }, 300);
    return () => { window.clearTimeout(timer); };
  }, [cursor, rowAt, queries]);

  const open = useCallback((index: number) => {
    const row = rowAt(index);
    if (!row || !list.page) return;
    setQueueContext({ params, snapshot: list.page.snapshot, epoch: list.epoch, index, total: list.total });
    router.push(`/alert/?id=${encodeURIComponent(row.id)}`);
  }, [rowAt, list.page, list.epoch, list.total, params, router]);

  const select = (next: ReadonlyMap<string, AlertRow>): void => { selectionStore.set(next); };
  const toggle = (row: AlertRow): void => { const next = new Map(selection); if (!next.delete(row.id)) next.set(row.id, row); select(next); };
  const focusRow = (index: number): void => { window.setTimeout(() => { scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus(); }, 0); };
  const canAct = mayDecide(me);
  const choose = (disposition: Disposition) => (canAct && targets.some((t) => t.status === 'open') ? (): void => { setChoice(disposition); } : undefined);

  useActions({
    'show-new': () => { void showNew(); },
    escape: choice ? () => { setChoice(undefined); focusRow(cursor); } : selection.size > 0 ? () => { select(new Map()); } : undefined,
    search: () => { document.getElementById('queue-filter')?.focus(); },
    'decide.confirmed_fraud': choose('confirmed_fraud'), 'decide.false_positive': choose('false_positive'), 'decide.suspicious': choose('suspicious'), 'decide.duplicate': choose('duplicate'), 'decide.no_action': choose('no_action'),
    'alert.claim': !canAct ? undefined : here && (() => { void errand(here, { kind: here.assignee === me.user.name ? 'release' : 'claim' }); }),
    'alert.assign': !canAct ? undefined : here && (() => { void errand(here, { kind: 'assign', assignee: here.assignee === me.user.name ? null : me.user.name }); }),
    'alert.case': here && (() => { router.push(`/case/?id=${encodeURIComponent(here.caseId)}`); }),
    'alert.copy': here && (() => { void navigator.clipboard.writeText(`${window.location.origin}/alert/?id=${here.id}`).then(() => { toast('Link copied.'); }, () => { toast('The link could not be copied.', 'bad'); }); }),
    'go.subject': here && (() => { go({ status: 'all', severity: [], subject: here.subject.token }); }),
    'list.views': () => { const at = views.findIndex((v) => filterParams(v.filter, sort) === params); const next = views[(at + 1) % views.length]; if (next) go(next.filter); },
  });

  const columns = useMemo(
    () => alertColumns(me.user.name, { by: sort, onSort: (by) => { go(filter, by); } }, { has: (id) => selection.has(id), toggle }),
    // `go` and `toggle` are made anew with each render and read only current state
    [me.user.name, sort, params, selection],
  );

  const open30 = list.page?.counts.open;
  const title = `${waiting.count > 0 ? `${waiting.count} new · ` : ''}Alerts`;
  return (
    <Page
      title={title} fill heading="Alerts"
      note={list.page && <span title={`${list.total} alerts`}>{filter.status === 'open' ? `${formatTotal(list.total)} of ${formatTotal(open30 ?? 0)} open` : plural(list.total, 'alert')}</span>}
      actions={<>
        <button type="button" className="btn btn-quiet" aria-pressed={preferences.follow} title="At the top, new alerts come in by themselves" onClick={() => { setPreferences({ follow: !preferences.follow }); }}>Follow</button>
        <button type="button" className="btn btn-quiet" aria-pressed={peek} aria-keyshortcuts="Space" onClick={() => { setPreferences({ peek: !peek }); setNarrow(false); }}>Peek <kbd className="key">Space</kbd></button>
        <button type="button" className="btn btn-primary" aria-keyshortcuts="N" disabled={!mayDecide(me)} title={mayDecide(me) ? undefined : 'Taking alerts needs the analyst role'} onClick={() => { void takeNext(); }}>Take next <kbd className="key">N</kbd></button>
      </>}
    >
      <div className="flex shrink-0 flex-wrap items-center gap-2 px-4 pb-2">
        <div role="group" aria-label="Views" className="flex flex-wrap gap-1">
          {views.map((view) => {
            const count = viewCount(view.id, list.page);
            return (
              <button key={view.id} type="button" className="btn" aria-pressed={filterParams(view.filter, sort) === params} onClick={() => { go(view.filter); }}>
                {view.name}{count !== undefined && <span className="text-text-2">{formatTotal(count)}</span>}
              </button>
            );
          })}
        </div>
        <label className="ml-auto flex items-center gap-2 text-meta text-text-2">Sort
          <select className="field" value={sort} onChange={(e) => { go(filter, e.target.value === 'newest' || e.target.value === 'score' ? e.target.value : 'priority'); }}>
            <option value="priority">Priority</option><option value="newest">Newest</option><option value="score">Score</option>
          </select>
        </label>
      </div>
      <FilterBar filter={filter} onFilter={go} waiting={waiting} onShowNew={() => { void showNew(); }} />
      <div className="relative flex min-h-0 flex-1 border-t border-hairline bg-surface">
        <div className="flex min-w-0 flex-1 flex-col">
          {list.error && !list.page ? <ErrorNote what="The queue could not be read." error={list.error} onRetry={list.retry} />
            : list.loading ? <Skeleton rows={14} rowHeight={rowHeight} />
              : list.total === 0 ? <QueueEmpty filter={filter} open={open30 ?? 0} onClear={() => { go({ status: 'open', severity: [] }); }} />
                : (
                  <DataGrid
                    label="Alerts" columns={columns} total={list.total} rowAt={rowAt} rowId={(r) => r.id} rowName={(r) => alertRowName(r, Date.now())} cursor={Math.min(cursor, list.total - 1)} onCursor={setCursor} onOpen={open} onRange={list.onRange}
                    rowTone={(r) => { const gone = whyGone(r, filter, me.user.name); return gone ? 'row-gone' : ''; }}
                    selection={{ has: (id) => selection.has(id), toggle, add: (rows) => { select(new Map([...selection, ...rows.map((r) => [r.id, r] as const)])); } }}
                    onPeek={() => { setPreferences({ peek: !peek }); setNarrow(false); }} rowHeight={rowHeight} scroller={scroller} initialScroll={scrollTop.current} focusOnMount={cameBack.current} onScroll={(top) => { scrollTop.current = top; }}
                  />
                )}
          {list.error && list.page && <ErrorNote what="Some rows could not be read." error={list.error} onRetry={list.retry} />}
        </div>
        {peek && list.total > 0 && <Peek row={here} onClose={() => { setPreferences({ peek: false }); }} />}
      </div>
      {(choice !== undefined || selection.size > 0) && (
        <section aria-label="Decide" data-bottom-bar="queue" data-region tabIndex={-1} className="flex shrink-0 flex-wrap items-center gap-3 border-t border-hairline bg-surface px-4 py-2">
          {choice !== undefined && targets.length > 0 ? (
            <div className="flex-1">
              <DecideForm
                draftId={targets.length === 1 ? targets[0]?.id ?? '' : 'many'} disposition={choice} what={targets.length === 1 && targets[0] ? subjectText(targets[0]) : plural(targets.length, 'selected alert')}
                onCancel={() => { setChoice(undefined); focusRow(cursor); }}
                onDecide={async (verdict) => {
                  const many = targets.filter((t) => t.status === 'open');
                  setChoice(undefined);
                  select(new Map());
                  const next = picked.length > 0 ? cursor : Math.min(cursor + 1, Math.max(0, list.total - 1));
                  setCursor(next);
                  focusRow(next);
                  return decide(many, verdict);
                }}
              />
            </div>
          ) : (
            <>
              <span className="text-table font-medium">{plural(selection.size, 'alert')} selected</span>
              <DispositionButtons disabled={!canAct} onChoose={setChoice} />
              <button type="button" className="btn btn-quiet ml-auto" aria-keyshortcuts="Escape" onClick={() => { select(new Map()); }}>Clear <kbd className="key">Esc</kbd></button>
            </>
          )}
        </section>
      )}
    </Page>
  );
}

/** Three kinds of empty: nothing yet, nothing matches, all done. */
function QueueEmpty({ filter, open, onClear }: { readonly filter: QueueFilter; readonly open: number; readonly onClear: () => void }): ReactNode {
  const filters = filter.severity.length + [filter.rule, filter.assignee, filter.disposition, filter.subject, filter.text].filter((v) => v !== undefined).length;
  const all = useQuery({ queryKey: ['alerts-ever'], queryFn: ({ signal }) => request<AlertPage>('/v1/alerts?status=all&offset=0&limit=1', { signal }) });
  const eventsTotal = useFeed((s) => s.ops?.acceptedTotal);
  const rules = useFeed((s) => s.ops?.engine.rules);
  const takeNext = useTakeNext();
  if (filters > 0 || filter.status === 'closed') {
    const what = filter.status === 'closed' && filters === 0 ? 'No alert has been decided yet.' : `No ${filter.status === 'all' ? '' : `${filter.status} `}alerts match ${filters === 1 ? 'this filter' : `these ${filters} filters`}.`;
    return <EmptyNote title={what} actions={<button type="button" className="btn btn-primary" onClick={onClear}>{filters === 0 ? 'Open alerts' : 'Clear filters'}</button>}>{formatCount(open)} {open === 1 ? 'is' : 'are'} open without {filters === 1 ? 'it' : 'them'}.</EmptyNote>;
  }
  const ever = all.data?.total;
  if (ever === undefined) return <Skeleton rows={3} />;
  if (ever === 0) return <EmptyNote title="No alerts yet.">{eventsTotal === undefined ? 'What the rules find will appear here by itself.' : `${formatCount(eventsTotal)} events checked by ${formatCount(rules ?? 0)} rules. What they find appears here by itself.`}</EmptyNote>;
  return <EmptyNote title={`All ${formatCount(ever)} decided.`} actions={<><button type="button" className="btn" onClick={() => { void takeNext(); }}>Take next <kbd className="key">N</kbd></button><a className="btn" href="/">Watch live</a></>}>New alerts will wait behind the pill above.</EmptyNote>;
}
