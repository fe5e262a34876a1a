'use client';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { RuleRow } from '@weir/contracts';
import { request } from '../api/request';
import { useActions } from '../keyboard/keyboard-provider';
import { Modal } from '../shell/modal';
import { WhyAnswer } from './why-answer';

/** What any of the rules made of one event: begins with the rule at hand. */
export function WhyDialog({ eventId, ruleId, onClose }: { readonly eventId: string; readonly ruleId: string; readonly onClose: () => void }): ReactNode {
  const [asked, setAsked] = useState(ruleId);
  const rules = useQuery({ queryKey: ['rules'], queryFn: ({ signal }) => request<{ items: readonly RuleRow[] }>('/v1/rules', { signal }), staleTime: 60_000 });
  const ids = [...new Set([ruleId, ...(rules.data?.items ?? []).map(({ id }) => id)])].sort();
  useActions({ escape: onClose });
  return (
    <Modal label={`Why event ${eventId} fired or did not fire a rule`} onClose={onClose} className="w-[920px]">
      <div className="flex max-h-[80vh] flex-col">
        <div className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-2 border-b border-hairline px-4 py-2">
          <h2 className="text-reason font-semibold">Why, or why not?</h2>
          <label className="flex min-w-0 items-center gap-2 text-table text-text-2">Rule
            <select className="field max-w-72" value={asked} onChange={(e) => { setAsked(e.target.value); }}>{ids.map((id) => <option key={id} value={id}>{id}</option>)}</select>
          </label>
          <Link className="link text-table" href={`/rule/edit/?id=${encodeURIComponent(asked)}&event=${encodeURIComponent(eventId)}`}>Try a change on this event</Link>
          <button type="button" className="btn ml-auto" onClick={onClose}>Close <kbd className="key">Esc</kbd></button>
        </div>
        <div className="min-h-0 overflow-y-auto" tabIndex={0} role="region" aria-label="Answer" data-inset-focus><WhyAnswer key={asked} rule={{ ruleId: asked }} eventId={eventId} /></div>
      </div>
    </Modal>
  );
}
