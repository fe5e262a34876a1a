'use client';
import { useQueries, useQueryClient } from '@tanstack/react-query';
import type { QueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { AlertPage, AlertRow } from '@weir/contracts';
import { request } from '../api/request';

export const windowSize = 200;
const windowsKept = 25;

interface Fetched { readonly page: AlertPage; readonly arrivedBefore: number }

/** Epoch of each filter's list in this tab: a new one is a new snapshot. */
const epochs = new Map<string, number>();

function queryKeyOf(params: string, epoch: number, offset: number): readonly unknown[] { return ['queue', params, epoch, offset]; }

async function fetchWindow(params: string, offset: number, snapshot: string | undefined, arrivedBefore: number, signal: AbortSignal): Promise<Fetched> {
  const at = snapshot === undefined ? '' : `&snapshot=${encodeURIComponent(snapshot)}`;
  return { page: await request<AlertPage>(`/v1/alerts?${params}&offset=${offset}&limit=${windowSize}${at}`, { signal }), arrivedBefore };
}

function windowQuery(params: string, epoch: number, offset: number, snapshot: string | undefined, arrivals: () => number): { queryKey: readonly unknown[]; queryFn: (context: { signal: AbortSignal }) => Promise<Fetched>; staleTime: number } {
  return { queryKey: queryKeyOf(params, epoch, offset), queryFn: ({ signal }) => fetchWindow(params, offset, snapshot, arrivals(), signal), staleTime: Infinity };
}

export interface QueueWindows {
  readonly page: AlertPage | undefined;
  /** Number of feed arrivals known when the snapshot was asked for. */
  readonly arrivedBefore: number;
  readonly total: number;
  readonly error: Error | null;
  readonly loading: boolean;
  readonly rowAt: (index: number) => AlertRow | undefined;
  readonly onRange: (first: number, last: number) => void;
  /** Takes a new snapshot; resolves to the new index of the row that was at `anchor` (its id), if it is near. */
  readonly refresh: (anchor?: { readonly index: number; readonly id: string }) => Promise<number | undefined>;
  readonly retry: () => void;
  readonly epoch: number;
}

/** Rows of a list of any length by windows of 200 over one snapshot; at most 5,000 rows are kept. */
export function useQueueWindows(params: string, arrivals: () => number): QueueWindows {
  const queries = useQueryClient();
  const [, rerender] = useState(0);
  const epoch = epochs.get(params) ?? 1;
  const [range, setRange] = useState<readonly [number, number]>([0, 0]);
  const used = useRef<number[]>([]);
  const head = queries.getQueryData<Fetched>(queryKeyOf(params, epoch, 0));
  const snapshot = head?.page.snapshot;
  const offsets = useMemo(() => {
    const wanted = new Set([0]);
    if (snapshot !== undefined) for (let o = Math.floor(range[0] / windowSize); o <= Math.floor(range[1] / windowSize); o += 1) wanted.add(o * windowSize);
    return [...wanted].sort((a, b) => a - b);
  }, [range, snapshot]);
  const results = useQueries({ queries: offsets.map((offset) => windowQuery(params, epoch, offset, offset === 0 ? undefined : snapshot, arrivals)) });
  const first = results[0];
  const total = first?.data?.page.total ?? 0;

  // At most 25 windows stay in the cache; the head carries the snapshot and is never dropped.
  useEffect(() => { used.current = keepRecent(queries, params, epoch, used.current, offsets); }, [offsets, queries, params, epoch]);

  const stamp = results.map((r) => r.dataUpdatedAt).join();
  // `stamp` changes when a window has come: the table must see another function then.
  const rowAt = useMemo(() => {
    const windows = new Map<number, readonly AlertRow[]>();
    return (index: number): AlertRow | undefined => {
      const offset = Math.floor(index / windowSize) * windowSize;
      const rows = windows.get(offset) ?? queries.getQueryData<Fetched>(queryKeyOf(params, epoch, offset))?.page.items ?? [];
      windows.set(offset, rows);
      return rows[index - offset];
    };
  }, [queries, params, epoch, stamp]);

  const onRange = useCallback((from: number, to: number) => {
    setRange((before) => (Math.floor(before[0] / windowSize) === Math.floor(from / windowSize) && Math.floor(before[1] / windowSize) === Math.floor(to / windowSize) ? before : [from, to]));
  }, []);

  const refresh = useCallback(async (anchor?: { readonly index: number; readonly id: string }): Promise<number | undefined> => {
    const next = (epochs.get(params) ?? 1) + 1;
    const fresh = await queries.fetchQuery(windowQuery(params, next, 0, undefined, arrivals));
    const found = anchor && (await findRow(queries, params, next, fresh.page.snapshot, anchor, arrivals));
    epochs.set(params, next);
    used.current = [];
    rerender((n) => n + 1);
    queries.removeQueries({ predicate: (q) => q.queryKey[0] === 'queue' && q.queryKey[1] === params && q.queryKey[2] !== next });
    return found;
  }, [queries, params, arrivals]);

  return {
    page: first?.data?.page, arrivedBefore: first?.data?.arrivedBefore ?? 0, total, error: results.find((r) => r.error)?.error ?? null, loading: first?.isPending ?? true,
    rowAt, onRange, refresh, retry: () => { for (const r of results) if (r.error) void r.refetch(); }, epoch,
  };
}

function keepRecent(queries: QueryClient, params: string, epoch: number, before: readonly number[], wanted: readonly number[]): number[] {
  const order = [...before.filter((o) => !wanted.includes(o)), ...wanted.filter((o) => o !== 0)];
  const dropped = order.slice(0, Math.max(0, order.length - windowsKept));
  for (const offset of dropped) queries.removeQueries({ queryKey: queryKeyOf(params, epoch, offset), exact: true });
  return order.slice(-windowsKept);
}

/** Looks for a row near its old index in a new snapshot: the window where it was, then the ones after and before it. */
async function findRow(queries: QueryClient, params: string, epoch: number, snapshot: string, anchor: { readonly index: number; readonly id: string }, arrivals: () => number): Promise<number | undefined> {
  const home = Math.floor(anchor.index / windowSize);
  for (const at of [home, home + 1, home - 1]) {
    if (at < 0) continue;
    const { page } = await queries.fetchQuery(windowQuery(params, epoch, at * windowSize, at === 0 ? undefined : snapshot, arrivals));
    const index = page.items.findIndex((row) => row.id === anchor.id);
    if (index >= 0) return at * windowSize + index;
  }
  return undefined;
}

/** The list an alert was opened from: what K and J on the alert page walk through. */
export interface QueueContext { readonly params: string; readonly snapshot: string; readonly epoch: number; readonly index: number; readonly total: number }
let context: QueueContext | undefined;
export function setQueueContext(next: QueueContext | undefined): void { context = next; }
export function queueContext(): QueueContext | undefined { return context; }

/** The row at an index of the list an alert was opened from; from the cache, else fetched. */
export async function contextRow(queries: QueryClient, where: QueueContext, index: number): Promise<AlertRow | undefined> {
  if (index < 0 || index >= where.total) return undefined;
  const offset = Math.floor(index / windowSize) * windowSize;
  const { page } = await queries.fetchQuery(windowQuery(where.params, where.epoch, offset, where.snapshot, () => 0));
  return page.items[index - offset];
}
