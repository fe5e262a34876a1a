'use client';
import { useSyncExternalStore } from 'react';
import type { AlertRow } from '@weir/contracts';

/** The newest this tab knows of one alert, laid over what lists have fetched. */
export interface LiveRow {
  readonly row: AlertRow;
  /** An action of mine is on its way. */
  readonly pending: boolean;
  /** Why my last action on it failed, said at the row. */
  readonly failure?: string | undefined;
  /** When the overlay last changed, this machine's clock. */
  readonly changedAt: number;
}

const kept = 20_000;
const rows = new Map<string, LiveRow>();
const listeners = new Map<string, Set<() => void>>();
let anyListeners = new Set<() => void>();

function put(id: string, live: LiveRow | undefined): void {
  rows.delete(id);
  if (live) rows.set(id, live);
  const [oldest] = rows.keys();
  if (rows.size > kept && oldest !== undefined && !listeners.has(oldest)) rows.delete(oldest);
  for (const listener of [...(listeners.get(id) ?? [])]) listener();
  for (const listener of [...anyListeners]) listener();
}

/** Takes a row as the server knows it; an older version than the one known is passed over, and so is an echo of the same version. */
export function noteRow(row: AlertRow, at: number): void {
  const known = rows.get(row.id);
  if (known && known.row.version >= row.version) return;
  put(row.id, { row, pending: false, changedAt: at });
}

/** The server's answer to my own action: taken whatever its version. */
export function settleRow(row: AlertRow, at: number): void { put(row.id, { row, pending: false, changedAt: at }); }

/** Shows an action before the server has answered. */
export function expectRow(row: AlertRow, at: number): void { put(row.id, { row, pending: true, changedAt: at }); }

/** Puts a row back as it was and says why. */
export function restoreRow(row: AlertRow, failure: string, at: number): void { put(row.id, { row, pending: false, failure, changedAt: at }); }

/** What is known of an id now. */
export function liveRowOf(id: string): LiveRow | undefined { return rows.get(id); }

/** A fetched row with everything known since. */
export function newest(row: AlertRow): AlertRow {
  const live = rows.get(row.id);
  return live && (live.pending || live.failure !== undefined || live.row.version >= row.version) ? live.row : row;
}

function subscribe(id: string, listener: () => void): () => void {
  const set = listeners.get(id) ?? new Set();
  set.add(listener);
  listeners.set(id, set);
  return () => {
    set.delete(listener);
    if (set.size === 0) listeners.delete(id);
  };
}

/** The overlay of one alert; rerenders only when that alert changes. */
export function useLiveRow(id: string | undefined): LiveRow | undefined {
  return useSyncExternalStore((listener) => (id === undefined ? () => undefined : subscribe(id, listener)), () => (id === undefined ? undefined : rows.get(id)), () => undefined);
}

/** Calls back on every change of any row. */
export function onAnyRow(listener: () => void): () => void {
  anyListeners = new Set(anyListeners).add(listener);
  return () => { anyListeners.delete(listener); };
}
