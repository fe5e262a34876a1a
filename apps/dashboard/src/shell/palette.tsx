'use client';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useId, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import type { RuleRow } from '@weir/contracts';
import { request } from '../api/request';
import { keyText } from '../keyboard/key-map';
import { offeredBindings } from '../keyboard/keyboard-provider';
import { Modal } from './modal';
import { pages } from './navigation';

interface Entry { readonly id: string; readonly group: string; readonly text: string; readonly keys?: string; readonly run: () => void }

/** Moving, selecting and opening rows make no sense without the list in view. */
const notInPalette = (action: string): boolean => action.startsWith('list.') || action.startsWith('region.') || action.startsWith('go.') || ['palette', 'escape', 'search'].includes(action);

function useEntries(text: string, close: () => void): readonly Entry[] {
  const router = useRouter();
  const [offered] = useState(offeredBindings);
  const rules = useQuery({ queryKey: ['rules'], queryFn: ({ signal }) => request<{ items: readonly RuleRow[] }>('/v1/rules', { signal }), staleTime: 60_000 });
  const go = (href: string) => (): void => { close(); router.push(href); };
  const words = text.trim().toLowerCase();
  const matches = (candidate: string): boolean => words.split(/\s+/).every((word) => candidate.toLowerCase().includes(word));
  const commands: readonly Entry[] = offered.filter((b) => !notInPalette(b.action)).map((b) => ({ id: b.action, group: 'Commands', text: b.label, keys: keyText(b.action), run: () => { close(); window.setTimeout(b.run, 0); } }));
  const places: readonly Entry[] = [...pages.map((p) => ({ id: p.href, group: 'Pages', text: p.name, keys: keyText(p.action), run: go(p.href) })), { id: 'letters', group: 'Pages', text: 'Dead letters', run: go('/ops/dead-letters/') }];
  const ruleEntries: readonly Entry[] = (rules.data?.items ?? []).map((r) => ({ id: `rule:${r.id}`, group: 'Rules', text: `${r.id}: ${r.title}`, run: go(`/rule/edit/?id=${encodeURIComponent(r.id)}`) }));
  const token = words.replace(/^(acct|account|alert|case)\s+/, '');
  const search: readonly Entry[] = words ? [
    { id: 'search', group: 'Search', text: `Alerts with "${text.trim()}"`, run: go(`/alerts/?q=${encodeURIComponent(`status:all "${text.trim()}"`)}`) },
    ...(/^[0-9a-f]{32}$/.test(token) ? [{ id: 'alert', group: 'Search', text: `Alert ${token.slice(0, 8)}`, run: go(`/alert/?id=${token}`) }] : []),
  ] : [];
  return [...commands, ...places].filter((e) => matches(e.text)).concat(words ? ruleEntries.filter((e) => matches(e.text)).slice(0, 8) : [], search);
}

/** Commands for what is on the page first, then pages, rules and search. */
export function Palette({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const id = useId();
  const entries = useEntries(text, onClose);
  const chosen = Math.min(at, entries.length - 1);
  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && entries.length > 0) {
      event.preventDefault();
      const next = (chosen + step + entries.length) % entries.length;
      setAt(next);
      document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: 'nearest' });
    }
    if (event.key === 'Enter') { event.preventDefault(); entries[chosen]?.run(); }
  }
  return (
    <Modal label="Search and commands" onClose={onClose} className="w-[600px]">
      <div className="flex max-h-[70vh] flex-col">
        <input
          autoFocus className="h-12 w-full border-b border-hairline bg-surface px-4 text-reason outline-none" placeholder="Search or type a command"
          role="combobox" aria-expanded="true" aria-controls={`${id}-list`} aria-activedescendant={entries.length > 0 ? `${id}-${chosen}` : undefined} aria-autocomplete="list" aria-label="Search or type a command"
          value={text} onChange={(e) => { setText(e.target.value); setAt(0); }} onKeyDown={onKeyDown}
        />
        <ul id={`${id}-list`} role="listbox" aria-label="Results" className="overflow-y-auto p-2">
          {entries.map((entry, i) => (
            <li
              key={entry.id} id={`${id}-${i}`} role="option" aria-selected={i === chosen} onClick={entry.run} onMouseMove={() => { setAt(i); }}
              className={`flex cursor-pointer items-center gap-3 rounded-control px-3 py-1.5 ${i === chosen ? 'bg-selected' : ''}`}
            >
              <span className="w-20 shrink-0 text-meta text-text-2">{entries[i - 1]?.group === entry.group ? '' : entry.group}</span>
              <span className="min-w-0 flex-1 truncate">{entry.text}</span>
              {entry.keys && <kbd className="key">{entry.keys}</kbd>}
            </li>
          ))}
        </ul>
        {entries.length === 0 && <p className="p-4 text-text-2">Nothing matches.</p>}
      </div>
    </Modal>
  );
}
