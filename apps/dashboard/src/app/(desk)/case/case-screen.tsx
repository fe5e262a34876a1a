'use client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useRouter, useSearchParams } from 'next/navigation';
import { useCallback, useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { CaseDetail, CaseRow, ChangeCase, Disposition } from '@weir/contracts';
import { useDecide } from '../../../act/decide';
import { DecideForm, DispositionButtons } from '../../../act/decide-form';
import { newest } from '../../../act/live-rows';
import { NoteForm } from '../../../act/note-form';
import { StoryList } from '../../../act/story-list';
import { offerUndo, toast } from '../../../act/toasts';
import { ApiFailure, request } from '../../../api/request';
import { mayDecide, useMe } from '../../../api/session';
import { formatMoney } from '../../../format/money';
import { plural } from '../../../format/number';
import { useActions } from '../../../keyboard/keyboard-provider';
import { alertColumns, alertRowName } from '../../../queue/alert-cells';
import { Icon } from '../../../shell/icons';
import { Page } from '../../../shell/page';
import { EmptyNote, ErrorNote, Skeleton } from '../../../shell/states';
import { Age, Deadline } from '../../../shell/time-text';
import { DataGrid } from '../../../table/data-grid';
import { useListCursor } from '../../../table/list-cursor';
import { caseStatusWord, caseStatuses, priorities } from '../cases/case-words';

/** Case by `?id=`. */
export function CaseScreen(): ReactNode {
  const id = useSearchParams().get('id');
  const detail = useQuery({ queryKey: ['case', 'one', id], queryFn: ({ signal }) => request<CaseDetail>(`/v1/cases/${encodeURIComponent(id ?? '')}`, { signal }), enabled: id !== null });
  if (id === null) return <Page title="Case" heading="Case"><EmptyNote title="No case is named in this address." actions={<Link className="btn btn-primary" href="/cases/">Open the cases</Link>} /></Page>;
  if (detail.error && !detail.data) return <Page title="Case" heading="Case"><ErrorNote what="The case could not be read." error={detail.error} onRetry={() => { void detail.refetch(); }} actions={<Link href="/cases/" className="btn">Open the cases</Link>} /></Page>;
  if (!detail.data) return <Page title="Case" heading="Case"><Skeleton rows={12} /></Page>;
  return <CaseBody key={id} detail={detail.data} />;
}

interface Conflict { readonly wanted: ChangeCase; readonly text: string }

function changeText(change: ChangeCase): string {
  return [change.status && `status ${caseStatusWord[change.status].toLowerCase()}`, change.priority && `priority ${change.priority}`, change.owner === null ? 'no owner' : change.owner && `owner ${change.owner}`].filter(Boolean).join(', ');
}

/** Changes a case against the version that was seen; a conflict is shown with who and what, never overwritten. */
function useChangeCase(row: CaseRow): { readonly change: (next: ChangeCase, version?: number) => void; readonly conflict: Conflict | undefined; readonly drop: () => void; readonly busy: boolean } {
  const queries = useQueryClient();
  const me = useMe();
  const [conflict, setConflict] = useState<Conflict>();
  const path = `/v1/cases/${encodeURIComponent(row.id)}`;
  const patch = (body: ChangeCase, version: number): Promise<CaseRow> => request<CaseRow>(path, { method: 'PATCH', body, ifMatch: version });
  const mutation = useMutation({
    mutationFn: ({ next, version }: { readonly next: ChangeCase; readonly version: number }) => patch(next, version),
    onSuccess: (saved, { next }) => {
      setConflict(undefined);
      const before: ChangeCase = { ...(next.status ? { status: row.status } : {}), ...(next.priority ? { priority: row.priority } : {}), ...(next.owner === undefined ? {} : { owner: row.owner ?? null }) };
      offerUndo(`Case: ${changeText(next)}`, me.undoMs, async () => {
        await patch(before, saved.version);
        await queries.invalidateQueries({ queryKey: ['case'] });
        return `Case: ${changeText(before)} again.`;
      });
      void queries.invalidateQueries({ queryKey: ['case'] });
    },
    onError: (error, { next }) => {
      if (error instanceof ApiFailure && error.status === 412) {
        setConflict({ wanted: next, text: error.problem?.detail ?? 'Somebody changed the case in the meantime.' });
        void queries.invalidateQueries({ queryKey: ['case'] });
      } else toast(`Not saved. ${error.message}`, 'bad');
    },
  });
  return { change: (next, version = row.version) => { mutation.mutate({ next, version }); }, conflict, drop: () => { setConflict(undefined); }, busy: mutation.isPending };
}

function CaseBody({ detail }: { readonly detail: CaseDetail }): ReactNode {
  const me = useMe();
  const router = useRouter();
  const queries = useQueryClient();
  const { case: row } = detail;
  const { change, conflict, drop, busy } = useChangeCase(row);
  const note = useRef<HTMLTextAreaElement>(null);
  const decide = useDecide();
  const [choice, setChoice] = useState<Disposition>();
  const alerts = useMemo(() => detail.alerts.map(newest), [detail.alerts]);
  const open = alerts.filter((a) => a.status === 'open');
  const list = useListCursor(`case-${row.id}`);
  const columns = useMemo(() => alertColumns(me.user.name), [me.user.name]);
  const rowAt = useCallback((index: number) => alerts[index], [alerts]);
  const canAct = mayDecide(me);
  const choose = (d: Disposition) => (canAct && open.length > 0 ? (): void => { setChoice(d); } : undefined);
  const mine = row.owner === me.user.name;
  useActions({
    escape: choice ? () => { setChoice(undefined); } : () => { router.push('/cases/'); },
    'alert.note': () => { note.current?.focus(); },
    'alert.assign': canAct ? () => { change({ owner: mine ? null : me.user.name }); } : undefined,
    'decide.confirmed_fraud': choose('confirmed_fraud'), 'decide.false_positive': choose('false_positive'), 'decide.suspicious': choose('suspicious'), 'decide.duplicate': choose('duplicate'), 'decide.no_action': choose('no_action'),
  });
  const save = useMutation({
    mutationFn: (text: string) => request(`/v1/cases/${encodeURIComponent(row.id)}/notes`, { method: 'POST', body: { text } }),
    onSuccess: () => { void queries.invalidateQueries({ queryKey: ['case'] }); },
    onError: (error) => { toast(`The note was not saved, it is kept here. ${error.message}`, 'bad'); },
  });
  const gridHeight = Math.min(10, Math.max(1, alerts.length)) * list.rowHeight + 34;
  return (
    <Page title={`${row.title} · Case`} fill>
      <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2 border-b border-hairline bg-surface px-4 py-2 text-table">
        <Link href="/cases/" className="link inline-flex items-center gap-1"><Icon name="left" />Cases</Link>
        <h1 className="min-w-0 truncate text-reason" title={row.title}>{row.title}</h1>
        <span className="ml-auto flex flex-wrap items-center gap-x-4 gap-y-2">
          <label className="flex items-center gap-2 text-text-2">Status
            <select className="field" disabled={busy || !canAct} value={row.status} onChange={(e) => { const status = caseStatuses.find((s) => s === e.target.value); if (status) change({ status }); }}>{caseStatuses.map((s) => <option key={s} value={s}>{caseStatusWord[s]}</option>)}</select>
          </label>
          <label className="flex items-center gap-2 text-text-2">Priority
            <select className="field" disabled={busy || !canAct} value={row.priority} onChange={(e) => { const priority = priorities.find((p) => p === e.target.value); if (priority) change({ priority }); }}>{priorities.map((p) => <option key={p} value={p}>{p.charAt(0).toUpperCase() + p.slice(1)}</option>)}</select>
          </label>
          <span className="flex items-center gap-2"><span className="text-text-2">Owner</span>{row.owner === undefined ? 'nobody' : mine ? 'you' : row.owner}<button type="button" className="btn" disabled={busy || !canAct} aria-keyshortcuts="A" onClick={() => { change({ owner: mine ? null : me.user.name }); }}>{mine ? 'Give back' : 'Take'} <kbd className="key">A</kbd></button></span>
          {row.slaDueAt !== undefined && row.status !== 'closed' && <span className="flex items-center gap-1.5"><span className="text-text-2">SLA</span><Deadline dueAt={row.slaDueAt} /></span>}
        </span>
      </div>
      {conflict && (
        <div role="alert" className="flex flex-wrap items-center gap-3 border-b border-hairline bg-banner px-4 py-2 text-table text-on-banner">
          <span><strong>Not overwritten.</strong> {conflict.text} You wanted: {changeText(conflict.wanted)}.</span>
          <button type="button" className="btn" onClick={drop}>Keep theirs</button>
          <button type="button" className="btn" onClick={() => { change(conflict.wanted); }}>Set mine on top</button>
        </div>
      )}
      <div className="flex min-h-0 flex-1 overflow-y-auto max-lg:flex-col">
        <div className="flex min-w-0 flex-1 flex-col gap-3 p-4 lg:overflow-y-auto">
          <section aria-label="Alerts" className="panel flex flex-col overflow-hidden" style={{ minHeight: Math.min(gridHeight + 40, 400) }}>
            <h2 className="flex items-baseline gap-3 px-4 py-2.5"><span className="panel-head">Alerts</span><span className="text-table font-normal text-text-2">{open.length} open of {alerts.length}</span></h2>
            {alerts.length === 0 ? <p className="px-4 pb-3 text-text-2">No alerts in this case.</p> : (
              <div className="flex flex-col border-t border-hairline" style={{ height: gridHeight }}>
                <DataGrid label="Alerts of the case" columns={columns} total={alerts.length} rowAt={rowAt} rowId={(a) => a.id} rowName={(a) => alertRowName(a, Date.now())} rowTone={(a) => (a.status === 'closed' ? 'row-gone' : '')} {...list} cursor={Math.min(list.cursor, alerts.length - 1)} onOpen={(i) => { const a = alerts[i]; if (a) router.push(`/alert/?id=${encodeURIComponent(a.id)}`); }} />
              </div>
            )}
          </section>
          <section aria-label="Story" className="panel flex flex-col gap-2 p-4">
            <h2 className="panel-head">Story</h2>
            <NoteForm draftId={`case-${row.id}`} inputRef={note} onSave={(text) => save.mutateAsync(text).then(() => true, () => false)} />
            <StoryList items={detail.story} />
          </section>
        </div>
        <div className="flex w-[400px] shrink-0 flex-col gap-3 border-l border-hairline p-3 max-lg:w-full max-lg:border-t max-lg:border-l-0 max-lg:px-4 lg:overflow-y-auto">
          <section aria-label="Outcome" data-region tabIndex={-1} className="panel flex flex-col gap-3 p-3">
            <h2 className="panel-head">Outcome</h2>
            {open.length === 0 ? <p className="text-text-2">All {plural(alerts.length, 'alert')} decided.{row.status !== 'closed' && ' The case can be closed.'}</p> : (
              <>
                <p className="text-table text-text-2">One outcome for {open.length === 1 ? 'the open alert' : `all ${open.length} open alerts`}:</p>
                <DispositionButtons current={choice} disabled={!canAct} onChoose={setChoice} />
                {choice && <DecideForm draftId={`case-outcome-${row.id}`} disposition={choice} what={plural(open.length, 'alert')} onCancel={() => { setChoice(undefined); }} onDecide={(verdict) => { setChoice(undefined); return decide(open, verdict); }} />}
              </>
            )}
            {row.status !== 'closed' && <button type="button" className="btn self-start" disabled={busy || !canAct || open.length > 0} title={open.length > 0 ? 'Closing asks for an outcome of each open alert first' : undefined} onClick={() => { change({ status: 'closed' }); }}>Close case</button>}
          </section>
          <section aria-label="Facts" className="panel p-3">
            <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-table">
              <dt className="text-text-2">Case</dt><dd className="truncate" title={row.id}><code>{row.id}</code></dd>
              <dt className="text-text-2">Subject</dt><dd><Link className="link" href={`/alerts/?q=${encodeURIComponent(`status:all subject:${row.subject.token}`)}`}>{row.subject.field.replace(/_id$/, '').replaceAll('_', ' ')} {row.subject.label}</Link></dd>
              <dt className="text-text-2">Exposure</dt><dd>{row.exposure.length === 0 ? '-' : row.exposure.map((m) => <span key={m.currency} className="block">{formatMoney(m)}</span>)}</dd>
              <dt className="text-text-2">Opened</dt><dd><Age at={row.openedAt} /> ago</dd>
              <dt className="text-text-2">Changed</dt><dd><Age at={row.updatedAt} /> ago, version {row.version}</dd>
            </dl>
          </section>
        </div>
      </div>
    </Page>
  );
}
