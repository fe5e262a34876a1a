'use client';
import { useInfiniteQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useCallback, useMemo } from 'react';
import type { ReactNode } from 'react';
import type { DeadLetter } from '@weir/contracts';
import { request } from '../../../../api/request';
import { formatBytes, formatCount } from '../../../../format/number';
import { formatAge } from '../../../../format/time';
import { toast } from '../../../../act/toasts';
import { useActions } from '../../../../keyboard/keyboard-provider';
import { Page } from '../../../../shell/page';
import { EmptyNote, ErrorNote, Skeleton } from '../../../../shell/states';
import { Age, Instant } from '../../../../shell/time-text';
import { DataGrid } from '../../../../table/data-grid';
import type { GridColumn } from '../../../../table/data-grid';
import { useListCursor } from '../../../../table/list-cursor';
import { OpsTabs } from '../ops-screen';
import { letterText, markOf, readableLetter } from './letter-text';

interface LetterPage { readonly items: readonly DeadLetter[]; readonly nextCursor?: string; readonly byCode?: Readonly<Record<string, number>> }

const columns: ReadonlyArray<GridColumn<DeadLetter>> = [
  { id: 'code', header: 'Reason', track: '124px', cell: (l) => <span className="font-medium">{l.code}</span> },
  { id: 'field', header: 'Field', track: '110px', from: 560, cell: (l) => l.field ?? '-' },
  { id: 'message', header: 'What was wrong', track: 'minmax(160px, 1fr)', cell: (l) => <span title={l.message}>{l.message}</span> },
  { id: 'event', header: 'Event id', track: '110px', from: 760, cell: (l) => <span title={l.eventId}>{l.eventId ?? '-'}</span> },
  { id: 'channel', header: 'Channel', track: '64px', from: 480, cell: (l) => l.channel },
  { id: 'position', header: 'Position', track: '90px', from: 860, cell: (l) => <span className="text-text-2">{l.position}</span> },
  { id: 'age', header: 'Age', track: '48px', end: true, cell: (l) => <Age at={l.receivedAt} /> },
];

/** Refused events with their bytes, newest first. */
export function DeadLetters(): ReactNode {
  const letters = useInfiniteQuery({
    queryKey: ['letters'], initialPageParam: '', queryFn: ({ pageParam, signal }) => request<LetterPage>(`/v1/dead-letters${pageParam ? `?cursor=${encodeURIComponent(pageParam)}` : ''}`, { signal }), getNextPageParam: (last) => last.nextCursor,
  });
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = letters;
  const rows = useMemo(() => data?.pages.flatMap((p) => p.items) ?? [], [data]);
  const byCode = Object.entries(data?.pages[0]?.byCode ?? {}).sort((a, b) => b[1] - a[1]);
  const list = useListCursor('letters');
  const rowAt = useCallback((index: number) => rows[index], [rows]);
  const onRange = useCallback((_: number, last: number) => { if (last >= rows.length - 20 && hasNextPage && !isFetchingNextPage) void fetchNextPage(); }, [rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);
  useActions({ 'show-new': () => { void letters.refetch(); } });
  const cursor = Math.min(list.cursor, rows.length - 1);
  const here = rows[cursor];
  return (
    <Page title="Dead letters · Ops" fill heading="Ops" note={data && (byCode.length > 0 ? byCode.map(([code, n]) => `${code} ${formatCount(n)}`).join(', ') : undefined)}>
      <OpsTabs current="letters" />
      <div className="flex min-h-0 flex-1 border-t border-hairline bg-surface max-lg:flex-col">
        <div className="flex min-h-0 min-w-0 flex-1 flex-col">
          {letters.error && !data ? <ErrorNote what="Dead letters could not be read." error={letters.error} onRetry={() => { void letters.refetch(); }} />
            : !data ? <Skeleton rows={12} />
              : rows.length === 0 ? <EmptyNote title="No dead letters." actions={<Link className="btn" href="/ops/">Pipeline</Link>}>Every event that came in was accepted. What is refused is kept here with its bytes and the reason.</EmptyNote>
                : <DataGrid label="Dead letters" columns={columns} total={rows.length} rowAt={rowAt} rowId={(l) => String(l.id)} rowName={(l) => `${l.code} ${l.field ?? ''}, ${l.message}, ${l.channel} ${l.position}, ${formatAge(l.receivedAt, Date.now())} old`} {...list} cursor={cursor} onOpen={(i) => { list.onCursor(i); document.getElementById('letter')?.focus(); }} onRange={onRange} />}
        </div>
        {here && <LetterPanel letter={here} />}
      </div>
    </Page>
  );
}

function LetterPanel({ letter }: { readonly letter: DeadLetter }): ReactNode {
  const raw = useMemo(() => letterText(letter.raw), [letter.raw]);
  const shown = useMemo(() => readableLetter(raw), [raw]);
  const mark = markOf(shown, letter.field);
  const copy = (): void => { void navigator.clipboard.writeText(raw).then(() => { toast('Bytes copied.'); }, () => { toast('The bytes could not be copied.', 'bad'); }); };
  return (
    <aside id="letter" aria-label={`Dead letter ${letter.id}`} data-region tabIndex={-1} className="flex w-[440px] shrink-0 flex-col gap-3 overflow-y-auto border-l border-hairline p-4 max-lg:max-h-[45%] max-lg:w-full max-lg:border-t max-lg:border-l-0">
      <div className="flex items-center gap-3"><h2 className="text-reason">DL-{letter.id}</h2><button type="button" className="btn ml-auto" onClick={copy}>Copy bytes</button></div>
      <p><strong>{letter.code}</strong>{letter.field && <> in <code>{letter.field}</code></>}: {letter.message}</p>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-0.5 text-table"><dt className="text-text-2">Received</dt><dd><Instant at={letter.receivedAt} precision="ms" /></dd><dt className="text-text-2">Channel</dt><dd>{letter.channel} {letter.position}</dd><dt className="text-text-2">Size</dt><dd>{formatBytes(letter.rawBytes)}{letter.rawBytes > raw.length && raw.length >= 65_536 ? ', first 64 KiB kept' : ''}</dd></dl>
      {raw === '' ? <p className="text-text-2">{letter.rawBytes === 0 ? 'It was empty.' : 'The bytes are shown to the ops role.'}</p> : <pre className="overflow-auto rounded-control bg-sunken p-3 text-table break-all whitespace-pre-wrap" tabIndex={0} aria-label="Bytes as text">{mark ? <>{shown.slice(0, mark[0])}<mark className="bg-banner text-on-banner underline decoration-danger decoration-wavy">{shown.slice(mark[0], mark[1])}</mark>{shown.slice(mark[1])}</> : shown}</pre>}
    </aside>
  );
}
