'use client';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useRouter, useSearchParams } from 'next/navigation';
import { useCallback, useMemo } from 'react';
import type { ReactNode } from 'react';
import type { CasePage, CaseRow, CaseStatus } from '@weir/contracts';
import { request } from '../../../api/request';
import { useMe } from '../../../api/session';
import { formatExposure, formatMoney } from '../../../format/money';
import { formatAge } from '../../../format/time';
import { formatCount, formatTotal } from '../../../format/number';
import { useActions } from '../../../keyboard/keyboard-provider';
import { Page } from '../../../shell/page';
import { EmptyNote, ErrorNote, Skeleton } from '../../../shell/states';
import { Age, Deadline } from '../../../shell/time-text';
import { DataGrid } from '../../../table/data-grid';
import type { GridColumn } from '../../../table/data-grid';
import { useListCursor } from '../../../table/list-cursor';
import { PriorityMark, caseStatusWord, caseStatuses } from './case-words';

const tabs: ReadonlyArray<{ readonly status: CaseStatus | 'active' | 'all'; readonly name: string }> = [{ status: 'active', name: 'Not closed' }, ...caseStatuses.map((status) => ({ status, name: caseStatusWord[status] })), { status: 'all', name: 'All' }];

function columnsFor(me: string): ReadonlyArray<GridColumn<CaseRow>> {
  return [
    { id: 'priority', header: 'Priority', track: '84px', cell: (c) => <PriorityMark priority={c.priority} /> },
    { id: 'title', header: 'Case', track: 'minmax(180px, 1fr)', cell: (c) => <span title={c.title}>{c.title}</span> },
    { id: 'subject', header: 'Subject', track: 'minmax(90px, 130px)', from: 1_080, cell: (c) => <span title={`${c.subject.field} ${c.subject.label}`}>{c.subject.label}</span> },
    { id: 'status', header: 'Status', track: '96px', cell: (c) => caseStatusWord[c.status] },
    { id: 'owner', header: 'Owner', track: '84px', from: 830, cell: (c) => (c.owner === undefined ? <span className="text-text-3">-</span> : c.owner === me ? 'You' : c.owner) },
    { id: 'alerts', header: 'Open alerts', track: '84px', end: true, from: 620, cell: (c) => <>{formatCount(c.openAlerts)} <span className="text-text-2">of {formatCount(c.alerts)}</span></> },
    { id: 'exposure', header: 'Exposure', track: '124px', end: true, from: 700, cell: (c) => <span title={c.exposure.map(formatMoney).join(', ')}>{formatExposure(c.exposure)}</span> },
    { id: 'age', header: 'Changed', track: '64px', end: true, from: 560, cell: (c) => <Age at={c.updatedAt} /> },
    { id: 'sla', header: 'SLA', track: '84px', end: true, from: 930, cell: (c) => (c.slaDueAt === undefined || c.status === 'closed' ? '-' : <Deadline dueAt={c.slaDueAt} />) },
  ];
}

/** Cases by status, newest change first, loaded page by page while scrolling. */
export function CaseList(): ReactNode {
  const me = useMe();
  const router = useRouter();
  const asked = useSearchParams().get('status');
  const status = tabs.find((t) => t.status === asked)?.status ?? 'active';
  const cases = useInfiniteQuery({
    queryKey: ['case', 'list', status], initialPageParam: '',
    queryFn: ({ pageParam, signal }) => request<CasePage>(`/v1/cases?${new URLSearchParams({ ...(status === 'active' ? {} : { status }), ...(pageParam ? { cursor: pageParam } : {}) }).toString()}`, { signal }),
    getNextPageParam: (last) => last.nextCursor,
  });
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = cases;
  const rows = useMemo(() => data?.pages.flatMap((p) => p.items) ?? [], [data]);
  const total = data?.pages[0]?.total ?? 0;
  const list = useListCursor(`cases-${status}`);
  const columns = useMemo(() => columnsFor(me.user.name), [me.user.name]);
  const rowAt = useCallback((index: number) => rows[index], [rows]);
  const shownTotal = hasNextPage ? total : rows.length;
  const onRange = useCallback((_: number, last: number) => { if (last >= rows.length - 20 && hasNextPage && !isFetchingNextPage) void fetchNextPage(); }, [rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);
  const go = (next: string): void => { window.history.pushState(null, '', next === 'active' ? '/cases/' : `/cases/?status=${next}`); };
  useActions({ 'list.views': () => { const at = tabs.findIndex((t) => t.status === status); const next = tabs[(at + 1) % tabs.length]; if (next) go(next.status); }, 'show-new': () => { void cases.refetch(); } });
  return (
    <Page title="Cases" fill heading="Cases" note={data && `${formatTotal(total)} ${tabs.find((t) => t.status === status)?.name.toLowerCase() ?? ''}`}>
      <div role="group" aria-label="Views" className="flex shrink-0 flex-wrap gap-1 px-4 pb-3">
        {tabs.map((t) => <button key={t.status} type="button" className="btn" aria-pressed={t.status === status} onClick={() => { go(t.status); }}>{t.name}</button>)}
      </div>
      <div className="flex min-h-0 flex-1 flex-col border-t border-hairline bg-surface">
        {cases.error && !data ? <ErrorNote what="Cases could not be read." error={cases.error} onRetry={() => { void cases.refetch(); }} />
          : !data ? <Skeleton rows={14} />
            : rows.length === 0 ? (status === 'active' || status === 'all'
              ? <EmptyNote title={status === 'all' ? 'No cases yet.' : 'No cases are open.'}>A case opens with the first alert of a subject and holds all of its alerts.</EmptyNote>
              : <EmptyNote title={`No ${caseStatusWord[status].toLowerCase()} cases.`} actions={<button type="button" className="btn btn-primary" onClick={() => { go('all'); }}>All cases</button>} />)
              : (
                <DataGrid
                  key={status} label="Cases" columns={columns} total={shownTotal} rowAt={rowAt} rowId={(c) => c.id} {...list} cursor={Math.min(list.cursor, shownTotal - 1)} onRange={onRange}
                  rowName={(c) => `${c.priority} priority, ${c.title}, ${caseStatusWord[c.status]}, ${c.openAlerts} open alerts, ${formatExposure(c.exposure)}, changed ${formatAge(c.updatedAt, Date.now())} ago`}
                  rowTone={(c) => (c.status === 'closed' ? 'row-gone' : '')}
                  onOpen={(index) => { const row = rows[index]; if (row) router.push(`/case/?id=${encodeURIComponent(row.id)}`); }}
                />
              )}
      </div>
    </Page>
  );
}
