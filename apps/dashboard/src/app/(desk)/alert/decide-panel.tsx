'use client';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { AlertDetail, AlertRow, Disposition } from '@weir/contracts';
import { DecideForm, DispositionButtons } from '../../../act/decide-form';
import type { Verdict } from '../../../act/decide';
import { useErrand } from '../../../act/decide';
import { newest } from '../../../act/live-rows';
import { undoLast } from '../../../act/toasts';
import { mayDecide, useMe } from '../../../api/session';
import { formatSpan } from '../../../format/time';
import { plural } from '../../../format/number';
import { DispositionMark } from '../../../shell/badges';
import { useNow } from '../../../shell/clock';
import { useTakeNext } from '../../../shell/shell';
import { Age } from '../../../shell/time-text';

/** Five dispositions, then reason and note; or what was decided and how long it can be undone. */
export function DecidePanel({ detail, row, choice, onChoice, onDecide, taken }: {
  readonly detail: AlertDetail; readonly row: AlertRow; readonly choice: Disposition | undefined; readonly onChoice: (d: Disposition | undefined) => void; readonly taken: boolean;
  readonly onDecide: (rows: readonly AlertRow[], verdict: Verdict) => Promise<boolean>;
}): ReactNode {
  const me = useMe();
  const errand = useErrand();
  const takeNext = useTakeNext();
  const [also, setAlso] = useState(true);
  const canAct = mayDecide(me);
  const siblings = detail.siblings.map(newest).filter((s) => s.status === 'open' && s.id !== row.id);
  if (row.disposition) return <Decided detail={detail} row={row} taken={taken} onNext={() => { void takeNext(); }} />;
  return (
    <section aria-label="Decide" data-bottom-bar="alert" data-region tabIndex={-1} className="panel flex flex-col gap-3 p-3 max-lg:sticky max-lg:bottom-0 max-lg:z-10 max-lg:order-last max-lg:gap-2 max-lg:rounded-none max-lg:border-x-0 max-lg:px-4 max-lg:shadow-layer">
      <h2 className="flex items-baseline justify-between"><span className="panel-head">Decide</span><span className="text-meta font-normal text-text-2">1 to 5, then Enter</span></h2>
      <DispositionButtons current={choice} disabled={!canAct} onChoose={onChoice} />
      {!canAct && <p className="text-meta text-text-2">Deciding needs the analyst role.</p>}
      {choice && (
        <DecideForm
          draftId={row.id} disposition={choice} what="" onCancel={() => { onChoice(undefined); document.getElementById('main')?.focus(); }}
          onDecide={(verdict) => onDecide([row, ...(also ? siblings : [])], verdict)}
          extra={siblings.length > 0 && (
            <label className="flex basis-full items-start gap-2 text-table">
              <input type="checkbox" className="mt-0.5 size-4 accent-[var(--accent)]" checked={also} onChange={(e) => { setAlso(e.target.checked); }} />
              <span>Also decide {plural(siblings.length, 'more open alert')} of {row.subject.label}: <span className="text-text-2">{[...new Set(siblings.map((s) => s.rule))].slice(0, 4).join(', ')}</span></span>
            </label>
          )}
        />
      )}
      <div className="flex flex-wrap gap-2 border-t border-hairline pt-3 max-lg:pt-2">
        <button type="button" className="btn" disabled={!canAct} aria-keyshortcuts="C" onClick={() => { void errand(row, { kind: row.assignee === me.user.name ? 'release' : 'claim' }); }}>{row.assignee === me.user.name ? 'Release' : 'Claim'} <kbd className="key">C</kbd></button>
        <button type="button" className="btn" disabled={!canAct} aria-keyshortcuts="A" onClick={() => { void errand(row, { kind: 'assign', assignee: row.assignee === me.user.name ? null : me.user.name }); }}>{row.assignee === me.user.name ? 'Assign to nobody' : 'Assign to me'} <kbd className="key">A</kbd></button>
      </div>
    </section>
  );
}

function Decided({ detail, row, taken, onNext }: { readonly detail: AlertDetail; readonly row: AlertRow; readonly taken: boolean; readonly onNext: () => void }): ReactNode {
  const me = useMe();
  const now = useNow();
  const until = detail.undoUntil ?? (row.decidedAt === undefined ? 0 : row.decidedAt + me.undoMs);
  const canUndo = !detail.labelled && until > now;
  return (
    <section aria-label="Decided" data-region tabIndex={-1} className="panel flex flex-col gap-2 p-3 max-lg:sticky max-lg:bottom-0 max-lg:z-10 max-lg:order-last max-lg:rounded-none max-lg:px-4 max-lg:shadow-layer">
      <h2 className="panel-head">Decided</h2>
      {row.disposition && <p className="text-reason font-semibold"><DispositionMark disposition={row.disposition} /></p>}
      <p className="text-table text-text-2">{row.decidedBy === me.user.name ? 'You' : row.decidedBy ?? 'Someone'}{row.decidedAt !== undefined && <>, <Age at={row.decidedAt} /> ago</>}{row.dispositionReason && `, ${row.dispositionReason}`}</p>
      <p className="text-table text-text-2">{detail.labelled || until <= now ? 'The label has gone to the rules.' : `Becomes a label in ${formatSpan(until - now)}.`}</p>
      <div className="flex gap-2 pt-1">
        {canUndo && mayDecide(me) && <button type="button" className="btn" aria-keyshortcuts="Z" onClick={() => { void undoLast(); }}>Undo <kbd className="key">Z</kbd></button>}
        <button type="button" className={`btn ${taken ? 'btn-primary' : ''}`} aria-keyshortcuts="N" onClick={onNext}>Take next <kbd className="key">N</kbd></button>
      </div>
    </section>
  );
}
