'use client';
import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';

type Mode = 'live' | 'shadow' | 'off';
const modes: readonly Mode[] = ['live', 'shadow', 'off'];

/** Why a text is released and in which mode; the reason goes to the history of the rule. */
export function SaveForm({ id, isNew, mode, busy, onSave, onCancel }: { readonly id: string; readonly isNew: boolean; readonly mode: Mode; readonly busy: boolean; readonly onSave: (why: string, mode: Mode) => void; readonly onCancel: () => void }): ReactNode {
  const [why, setWhy] = useState('');
  const [chosen, setChosen] = useState<Mode>(mode);
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (why.trim()) onSave(why.trim(), chosen);
  }
  return (
    <form aria-label={`Release ${id}`} className="flex shrink-0 flex-wrap items-center gap-3 border-b border-hairline bg-surface px-4 py-2" onSubmit={submit} onKeyDown={(e) => { if (e.key === 'Escape') { e.preventDefault(); e.stopPropagation(); onCancel(); } }}>
      <strong>{isNew ? `Release ${id}` : `Release the next version of ${id}`}</strong>
      <label className="flex min-w-60 flex-1 items-center gap-2 text-table text-text-2">Why
        <input autoFocus required maxLength={500} className="field min-w-0 flex-1" placeholder="fewer false alarms at petrol stations" value={why} onChange={(e) => { setWhy(e.target.value); }} />
      </label>
      <label className="flex items-center gap-2 text-table text-text-2">State
        <select className="field" value={chosen} onChange={(e) => { const next = modes.find((m) => m === e.target.value); if (next) setChosen(next); }}>{modes.map((m) => <option key={m} value={m}>{m.charAt(0).toUpperCase() + m.slice(1)}</option>)}</select>
      </label>
      <button type="submit" className="btn btn-primary" disabled={busy || !why.trim()}>{busy ? 'Releasing' : 'Release'} <kbd className="key">Enter</kbd></button>
      <button type="button" className="btn" onClick={onCancel}>Back <kbd className="key">Esc</kbd></button>
      <p className="basis-full text-meta text-text-2">The server checks the text and runs its tests again; a text that fails never replaces the one that runs.</p>
    </form>
  );
}
