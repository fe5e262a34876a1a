'use client';
import { useState } from 'react';
import type { FormEvent, ReactNode, RefObject } from 'react';

const drafts = new Map<string, string>();

/** One note: Ctrl Enter saves; what was typed stays until it is saved, even over a failure or a visit elsewhere. */
export function NoteForm({ draftId, inputRef, onSave }: { readonly draftId: string; readonly inputRef?: RefObject<HTMLTextAreaElement | null>; readonly onSave: (text: string) => Promise<boolean> }): ReactNode {
  const [text, setText] = useState(() => drafts.get(draftId) ?? '');
  const [busy, setBusy] = useState(false);
  const change = (next: string): void => { setText(next); if (next) drafts.set(draftId, next); else drafts.delete(draftId); };
  async function save(event?: FormEvent): Promise<void> {
    event?.preventDefault();
    if (!text.trim() || busy) return;
    setBusy(true);
    if (await onSave(text.trim())) change('');
    setBusy(false);
  }
  return (
    <form className="flex items-start gap-2" onSubmit={(e) => { void save(e); }}>
      <textarea
        ref={inputRef} className="field min-h-[30px] flex-1 resize-y" rows={text ? 2 : 1} maxLength={4_000} placeholder="Add a note" aria-label="Add a note" aria-keyshortcuts="M" value={text}
        onChange={(e) => { change(e.target.value); }}
        onKeyDown={(e) => {
          if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) { e.preventDefault(); void save(); }
          if (e.key === 'Escape') { e.preventDefault(); e.currentTarget.blur(); }
        }}
      />
      {text.trim() ? <button type="submit" className="btn" disabled={busy} aria-keyshortcuts="Control+Enter">Save</button> : <kbd className="key mt-1.5">M</kbd>}
    </form>
  );
}
