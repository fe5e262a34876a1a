'use client';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { hasRole, useMe } from '../api/session';
import { WhyAnswer } from '../explain/why-answer';

/** What the text at hand, as far as it compiles, makes of an event of the log. Who sees masked values asks of the stored text. */
export function WhyTab({ id, saved, text, isValid, event, onEvent }: { readonly id: string; readonly saved: string; readonly text: string; readonly isValid: boolean; readonly event: string; readonly onEvent: (eventId: string) => void }): ReactNode {
  const me = useMe();
  const mayDraft = hasRole(me, 'analyst', 'senior', 'author', 'approver');
  const [typed, setTyped] = useState(event);
  const isDraft = id === '' || text !== saved;
  const asked = isDraft && mayDraft ? { text } : { ruleId: id };
  return (
    <div className="flex flex-col">
      <h2 className="sr-only">Explain on event</h2>
      <form className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-2 text-table" onSubmit={(e) => { e.preventDefault(); onEvent(typed.trim()); }}>
        <label className="flex min-w-0 flex-1 items-center gap-2 text-text-2">Event id<input className="field min-w-0 flex-1 font-mono" value={typed} spellCheck={false} autoComplete="off" placeholder="as it was sent" onChange={(e) => { setTyped(e.target.value); }} /></label>
        <button type="submit" className="btn" disabled={typed.trim() === ''}>Explain</button>
        <span className="text-text-2">{isDraft ? mayDraft ? 'by the text above' : 'by the released text' : 'by this rule'}</span>
      </form>
      {event === ''
        ? <p className="border-t border-hairline px-4 py-3 text-text-2">What this text makes of one event of the log, fired or not: the first condition that fails, and how far each comparison is from turning.</p>
        : isDraft && mayDraft && !isValid
          ? <p className="border-t border-hairline px-4 py-3 text-text-2">The text has problems. It is explained when they are gone.</p>
          : <div className="border-t border-hairline"><WhyAnswer rule={asked} eventId={event} /></div>}
    </div>
  );
}
