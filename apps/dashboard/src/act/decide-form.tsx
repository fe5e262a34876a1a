'use client';
import { useEffect, useRef, useState } from 'react';
import type { FormEvent, KeyboardEvent, ReactNode } from 'react';
import type { Disposition } from '@weir/contracts';
import { setPreferences, usePreferences } from '../shell/preferences';
import type { Verdict } from './decide';
import { dispositionWord, dispositions, reasonsOf } from './disposition-words';

const draftKey = (id: string): string => `weir-note-${id}`;

function readDraft(id: string): string {
  try { return window.sessionStorage.getItem(draftKey(id)) ?? ''; } catch { return ''; }
}

/** Keeps an unfinished note of an alert for this tab. */
function keepDraft(id: string, text: string): void {
  try {
    if (text) window.sessionStorage.setItem(draftKey(id), text);
    else window.sessionStorage.removeItem(draftKey(id));
  } catch { /* blocked storage: the draft lives as long as the form */ }
}

/**
 * Reason and note for one disposition. Focus lies on the button, so that Enter commits: two keys decide. The last reason chosen is offered;
 * the note survives Escape, a conflict and leaving the alert.
 */
export function DecideForm({ draftId, disposition, what, extra, onDecide, onCancel }: {
  readonly draftId: string; readonly disposition: Disposition; readonly what: string; readonly extra?: ReactNode;
  readonly onDecide: (verdict: Verdict) => Promise<boolean>; readonly onCancel: () => void;
}): ReactNode {
  const preferences = usePreferences();
  const reasons = reasonsOf[disposition];
  const [reason, setReason] = useState<string>();
  const [note, setNote] = useState(() => readDraft(draftId));
  const [busy, setBusy] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => { button.current?.focus({ preventScroll: true }); setReason(undefined); }, [disposition, draftId]);
  const chosen = reason ?? preferences.reasons[disposition] ?? reasons[0] ?? '';
  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setPreferences({ reasons: { ...preferences.reasons, [disposition]: chosen } });
    const saved = await onDecide({ disposition, reason: chosen, note: note.trim() });
    setBusy(false);
    if (saved) keepDraft(draftId, '');
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    onCancel();
  }
  return (
    <form aria-label={`${dispositionWord[disposition]}: ${what}`} className="flex flex-wrap items-end gap-x-3 gap-y-2" onSubmit={(e) => { void submit(e); }} onKeyDown={onKeyDown}>
      <p className="self-center text-table"><strong>{dispositionWord[disposition]}</strong><span className="text-text-2"> {what}</span></p>
      <label className="flex items-center gap-2 text-meta text-text-2">
        Reason
        <select className="field" value={chosen} onChange={(e) => { setReason(e.target.value); }}>{reasons.map((r) => <option key={r}>{r}</option>)}</select>
      </label>
      <label className="flex min-w-40 flex-1 items-center gap-2 text-meta text-text-2">
        Note
        <input className="field min-w-0 flex-1" maxLength={4_000} value={note} onChange={(e) => { setNote(e.target.value); keepDraft(draftId, e.target.value); }} />
      </label>
      {extra}
      <span className="flex gap-2">
        <button ref={button} type="submit" className="btn btn-primary" disabled={busy}>Decide <kbd className="key">Enter</kbd></button>
        <button type="button" className="btn" onClick={onCancel}>Back <kbd className="key">Esc</kbd></button>
      </span>
    </form>
  );
}

/** The five buttons with their keys. */
export function DispositionButtons({ current, disabled = false, onChoose }: { readonly current?: Disposition | undefined; readonly disabled?: boolean; readonly onChoose: (d: Disposition) => void }): ReactNode {
  return (
    <div className="flex flex-wrap gap-2">
      {dispositions.map((d, i) => (
        <button key={d} type="button" className="btn" aria-pressed={d === current} aria-keyshortcuts={String(i + 1)} disabled={disabled} onClick={() => { onChoose(d); }}>
          <kbd className="key">{i + 1}</kbd>{dispositionWord[d]}
        </button>
      ))}
    </div>
  );
}
