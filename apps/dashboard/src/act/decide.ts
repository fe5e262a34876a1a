'use client';
import { useQueryClient } from '@tanstack/react-query';
import type { QueryClient } from '@tanstack/react-query';
import type { AlertDetail, AlertRow, Disposition } from '@weir/contracts';
import { ApiFailure, request } from '../api/request';
import { useMe } from '../api/session';
import { formatAge } from '../format/time';
import { plural } from '../format/number';
import { dispositionWord } from './disposition-words';
import { expectRow, liveRowOf, noteRow, restoreRow, settleRow } from './live-rows';
import { offerUndo, toast } from './toasts';

export interface Verdict { readonly disposition: Disposition; readonly reason: string; readonly note: string }

/** Path of one alert. */
export function alertPath(id: string, tail = ''): string { return `/v1/alerts/${encodeURIComponent(id)}${tail}`; }

/** Label of a subject with its field, as sentences name it: `account 4921`. */
export function subjectText(row: AlertRow): string { return `${row.subject.field.replace(/_id$/, '').replaceAll('_', ' ')} ${row.subject.label}`; }

/** Fetches who changed an alert and says it in one sentence; the failure's own text when that does not work either. */
async function conflictText(id: string, failure: ApiFailure): Promise<string> {
  try {
    const { row } = await request<AlertDetail>(alertPath(id));
    settleRow(row, Date.now());
    if (row.disposition && row.decidedBy) return `${row.decidedBy}: ${dispositionWord[row.disposition].toLowerCase()}, ${formatAge(row.decidedAt ?? Date.now(), Date.now())} ago. Nothing was overwritten, your note is kept.`;
    return `${failure.message} Nothing was overwritten, your note is kept; look again and decide.`;
  } catch {
    return failure.message; // the first failure is the one to tell
  }
}

async function failureText(error: unknown, id: string): Promise<string> {
  if (!(error instanceof ApiFailure)) return 'Not saved.';
  if (error.code === 'stale' || error.code === 'already-decided') return conflictText(id, error);
  if (error.status === 429) return `Not saved: the server takes no more requests for ${Math.max(1, Math.ceil((error.retryAfterMs ?? 5_000) / 1_000))} s. Your note is kept, decide again then.`;
  if (error.status === 0) return `Not saved. ${error.message} Your note is kept, decide again.`;
  return `Not saved. ${error.message}${error.status === 403 ? ' An admin can give the role.' : ''}`;
}

/** The page of an alert shows a failure of its own in place. */
function isShownInPlace(id: string): boolean {
  return window.location.pathname === '/alert/' && new URLSearchParams(window.location.search).get('id') === id;
}

function staleAfter(queries: QueryClient, rows: readonly AlertRow[]): void {
  for (const row of rows) void queries.invalidateQueries({ queryKey: ['alert', row.id] });
  void queries.invalidateQueries({ queryKey: ['case'] });
  void queries.invalidateQueries({ queryKey: ['overview'] });
}

async function undoDecision(rows: readonly AlertRow[]): Promise<string> {
  const refused: string[] = [];
  for (const row of rows) {
    const version = liveRowOf(row.id)?.row.version ?? row.version;
    try {
      settleRow(await request<AlertRow>(alertPath(row.id, '/disposition'), { method: 'DELETE', ifMatch: version }), Date.now());
      // The server takes back together what was decided together; the others' rows come by the feed.
      if (refused.length === 0) break;
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      if (error.code !== 'not-decided') refused.push(await failureText(error, row.id));
    }
  }
  if (refused.length === rows.length) throw new Error(refused[0]);
  return refused.length === 0 ? `${plural(rows.length, 'decision')} undone.` : `${rows.length - refused.length} undone, ${refused.length} not: ${refused[0]}`;
}

/** Decides alerts: shown at once, sent with the version that was seen, undoable for the server's undo time. Resolves to whether it was saved. */
export function useDecide(): (rows: readonly AlertRow[], verdict: Verdict) => Promise<boolean> {
  const me = useMe();
  const queries = useQueryClient();
  return async (rows, verdict) => {
    const [first, ...others] = rows;
    if (!first) return false;
    const at = Date.now();
    await Promise.all(rows.map((row) => queries.cancelQueries({ queryKey: ['alert', row.id] })));
    for (const row of rows) expectRow({ ...row, status: 'closed', disposition: verdict.disposition, dispositionReason: verdict.reason, decidedBy: me.user.name, decidedAt: at }, at);
    try {
      const saved = await request<AlertRow>(alertPath(first.id, '/disposition'), {
        method: 'POST', ifMatch: first.version,
        body: { disposition: verdict.disposition, ...(verdict.reason ? { reason: verdict.reason } : {}), ...(verdict.note ? { note: verdict.note } : {}), ...(others.length > 0 ? { also: others.map((r) => r.id) } : {}) },
      });
      settleRow(saved, Date.now());
      // The others' new versions come by the feed; until then they show what was asked for.
      for (const row of others) { const live = liveRowOf(row.id); if (live?.pending) settleRow(live.row, Date.now()); }
      const what = rows.length === 1 ? subjectText(first) : plural(rows.length, 'alert');
      offerUndo(`${dispositionWord[verdict.disposition]}: ${what}`, me.undoMs, () => undoDecision(rows).finally(() => { staleAfter(queries, rows); }));
      staleAfter(queries, rows);
      return true;
    } catch (error) {
      for (const row of rows) restoreRow(row, '', Date.now());
      const text = await failureText(error, first.id);
      const now = liveRowOf(first.id)?.row ?? first;
      restoreRow(now, text, Date.now());
      if (!isShownInPlace(first.id)) toast(text, 'bad');
      return false;
    }
  };
}

export type Errand = { readonly kind: 'claim' } | { readonly kind: 'release' } | { readonly kind: 'assign'; readonly assignee: string | null };

/** Claims, releases or assigns one alert; can be undone by its opposite. */
export function useErrand(): (row: AlertRow, errand: Errand) => Promise<void> {
  const me = useMe();
  const queries = useQueryClient();
  const send = async (row: AlertRow, errand: Errand): Promise<AlertRow> => {
    const version = liveRowOf(row.id)?.row.version ?? row.version;
    const saved = await request<AlertRow>(alertPath(row.id, `/${errand.kind}`), { method: 'POST', ifMatch: version, body: errand.kind === 'assign' ? { assignee: errand.assignee } : {} });
    noteRow(saved, Date.now());
    settleRow(saved, Date.now());
    staleAfter(queries, [row]);
    return saved;
  };
  return async (row, errand) => {
    const assignee = errand.kind === 'claim' ? me.user.name : errand.kind === 'assign' ? errand.assignee ?? undefined : undefined;
    const { assignee: before, ...rest } = row;
    expectRow(assignee === undefined ? rest : { ...rest, assignee }, Date.now());
    try {
      const saved = await send(row, errand);
      const word = { claim: 'Claimed', release: 'Released', assign: assignee === undefined ? 'Assigned to nobody' : `Assigned to ${assignee}` }[errand.kind];
      offerUndo(`${word}: ${subjectText(row)}`, me.undoMs, async () => {
        await send(saved, { kind: 'assign', assignee: before ?? null });
        return `${word}: undone.`;
      });
    } catch (error) {
      restoreRow(row, '', Date.now());
      const text = await failureText(error, row.id);
      restoreRow(liveRowOf(row.id)?.row ?? row, text, Date.now());
      toast(text, 'bad');
    }
  };
}
