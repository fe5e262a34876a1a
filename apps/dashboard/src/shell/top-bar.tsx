'use client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useId, useRef, useState, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import { request } from '../api/request';
import { hasRole, useMe } from '../api/session';
import { toast } from '../act/toasts';
import { useFeed, useFeedClient } from '../feed/feed-provider';
import { linkView } from '../feed/feed-state';
import { formatClock, zoneName } from '../format/time';
import { ariaShortcuts } from '../keyboard/key-map';
import { pendingKey } from '../keyboard/keyboard-provider';
import { useNow } from './clock';
import { Icon } from './icons';
import { setPreferences, usePreferences } from './preferences';

const dots = {
  live: { word: 'Live', style: 'bg-legit' }, connecting: { word: 'Connecting', style: 'border-2 border-text-3' }, reconnecting: { word: 'Reconnecting', style: 'bg-[var(--medium-fill)]' },
  lost: { word: 'No live updates', style: 'bg-danger' }, paused: { word: 'Paused', style: 'border-2 border-text-3' },
} as const;

function LiveDot(): ReactNode {
  const link = useFeed((s) => s.link);
  const dot = dots[linkView(link, useNow())];
  return <span className="inline-flex items-center gap-1.5 text-table text-text-2" title="State of live updates"><span aria-hidden="true" className={`size-2.5 rounded-full ${dot.style}`} /><span className="max-md:sr-only">{dot.word}</span></span>;
}

function Clock(): ReactNode {
  const now = useNow();
  const { zone } = usePreferences();
  if (!now) return null;
  return (
    <button type="button" className="btn btn-quiet text-text-2" aria-keyshortcuts="T" title="Switch between UTC and local time" onClick={() => { setPreferences({ zone: zone === 'utc' ? 'local' : 'utc' }); }}>
      <span className="max-sm:sr-only">{formatClock(now, zone)}</span> {zoneName(now, zone)} <kbd className="key max-md:hidden">T</kbd>
    </button>
  );
}

function DemoSwitch(): ReactNode {
  const me = useMe();
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (running: boolean) => request('/v1/demo', { method: 'POST', body: { running } }),
    onSuccess: (_, running) => { toast(running ? 'Demo traffic started.' : 'Demo traffic stopped.'); void queries.invalidateQueries({ queryKey: ['me'] }); },
    onError: (error) => { toast(`Demo traffic was not changed. ${error.message}`, 'bad'); },
  });
  if (!me.demo) return null;
  const allowed = hasRole(me, 'ops', 'admin');
  return (
    <span className="inline-flex items-center gap-2 text-table text-text-2">
      <span className="max-xl:sr-only">Demo traffic: {me.demoRunning ? 'on' : 'off'}</span>
      <button
        type="button" className="btn" disabled={change.isPending || !allowed} title={allowed ? 'Made-up payments with known fraud' : 'Starting and stopping demo traffic needs the ops role'}
        onClick={() => { change.mutate(!me.demoRunning); }}
      >
        <Icon name={me.demoRunning ? 'stop' : 'play'} className="size-3" />{me.demoRunning ? 'Stop' : 'Start'}<span className="xl:sr-only max-md:sr-only"> demo</span>
      </button>
    </span>
  );
}

function Choice<T extends string>({ label, value, options, onChange }: { readonly label: string; readonly value: T; readonly options: readonly T[]; readonly onChange: (next: T) => void }): ReactNode {
  return (
    <fieldset className="flex items-center justify-between gap-4">
      <legend className="float-left text-table">{label}</legend>
      <span className="inline-flex">
        {options.map((option) => (
          <button key={option} type="button" className="btn -ml-px rounded-none first-of-type:rounded-l-control last-of-type:rounded-r-control" aria-pressed={option === value} onClick={() => { onChange(option); }}>
            {option.charAt(0).toUpperCase() + option.slice(1)}
          </button>
        ))}
      </span>
    </fieldset>
  );
}

const demoPeople = [{ name: 'mira', text: 'Mira, analyst' }, { name: 'jon', text: 'Jon, author' }, { name: 'ana', text: 'Ana, approver' }];

/** Demo only: the rest of the session runs in the name of one of the demo's people, so that one person can see four eyes. */
function ActAs(): ReactNode {
  const me = useMe();
  const act = useMutation({
    mutationFn: (user: string | null) => request('/v1/me/act-as', { method: 'POST', body: { user } }),
    onSuccess: () => { window.location.reload(); },
    onError: (error) => { toast(`Not changed. ${error.message}`, 'bad'); },
  });
  const acting = demoPeople.some((p) => p.name === me.user.name);
  return (
    <label className="flex items-center justify-between gap-4 text-table">Act as
      <select className="field" value={acting ? me.user.name : ''} disabled={act.isPending} onChange={(e) => { act.mutate(e.target.value || null); }}>
        <option value="">{acting ? 'Myself again' : me.user.displayName}</option>
        {demoPeople.map((p) => <option key={p.name} value={p.name}>{p.text}</option>)}
      </select>
    </label>
  );
}

function UserMenu({ onKeys }: { readonly onKeys: () => void }): ReactNode {
  const me = useMe();
  const queries = useQueryClient();
  const preferences = usePreferences();
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => {
    if (!open) return undefined;
    const outside = (event: PointerEvent): void => { if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false); };
    document.addEventListener('pointerdown', outside);
    return () => { document.removeEventListener('pointerdown', outside); };
  }, [open]);
  async function signOut(): Promise<void> {
    try {
      await request('/v1/logout', { method: 'POST', mayBeSignedOut: true });
    } catch (error) {
      toast(`Not signed out. ${error instanceof Error ? error.message : ''}`, 'bad');
      return;
    }
    queries.clear();
    window.location.assign('/login/');
  }
  return (
    <div
      ref={root} className="relative"
      onKeyDown={(e) => { if (open && e.key === 'Escape') { e.preventDefault(); e.stopPropagation(); setOpen(false); root.current?.querySelector('button')?.focus(); } }}
      onBlur={(e) => { if (open && e.relatedTarget instanceof Node && !e.currentTarget.contains(e.relatedTarget)) setOpen(false); }}
    >
      <button type="button" className="btn btn-quiet" aria-expanded={open} aria-controls={open ? id : undefined} onClick={() => { setOpen(!open); }}>
        <Icon name="user" /><span className="max-w-32 truncate max-md:sr-only">{me.user.displayName}</span><Icon name="down" className="size-3" />
      </button>
      {open && (
        <div id={id} className="absolute top-full right-0 z-50 mt-1 flex w-[360px] max-w-[calc(100vw-72px)] flex-col gap-3 rounded-dialog border border-hairline bg-surface p-4 shadow-layer">
          <div><p className="font-semibold">{me.user.displayName}</p><p className="text-meta text-text-2">{me.user.name}: {me.user.roles.join(', ')}</p></div>
          <Choice label="Theme" value={preferences.theme} options={['system', 'light', 'dark']} onChange={(theme) => { setPreferences({ theme }); }} />
          <Choice label="Rows" value={preferences.density} options={['compact', 'comfortable']} onChange={(density) => { setPreferences({ density }); }} />
          <Choice label="Single keys" value={preferences.singleKeys ? 'on' : 'off'} options={['on', 'off']} onChange={(v) => { setPreferences({ singleKeys: v === 'on' }); }} />
          <Choice label="Next after deciding" value={preferences.autoAdvance ? 'opens' : 'waits'} options={['opens', 'waits']} onChange={(v) => { setPreferences({ autoAdvance: v === 'opens' }); }} />
          {me.demo && <ActAs />}
          <div className="flex gap-2 border-t border-hairline pt-3">
            <button type="button" className="btn" onClick={() => { setOpen(false); onKeys(); }}>Keys <kbd className="key">?</kbd></button>
            {me.needsPassword && <a className="btn" href="/login/?setup=password">Set a password</a>}
            <button type="button" className="btn ml-auto" onClick={() => { void signOut(); }}>Sign out</button>
          </div>
        </div>
      )}
    </div>
  );
}

/** Search, live dot, clock and zone, demo switch, person. */
export function TopBar({ onSearch, onKeys }: { readonly onSearch: () => void; readonly onKeys: () => void }): ReactNode {
  const pending = useSyncExternalStore(pendingKey.subscribe, pendingKey.get, () => undefined);
  return (
    <header className="sticky top-0 z-30 flex h-12 shrink-0 items-center gap-3 border-b border-hairline bg-surface px-4 max-md:gap-1 max-md:px-2 print:hidden">
      <button
        type="button" onClick={onSearch} aria-keyshortcuts={ariaShortcuts('palette')}
        className="field flex min-w-0 items-center gap-2 text-left text-text-3 md:w-80 md:shrink"
      >
        <Icon name="search" /><span className="truncate max-md:sr-only">Search or type a command</span><kbd className="key ml-auto max-md:hidden">Ctrl K</kbd>
      </button>
      <div className="ml-auto flex items-center gap-3 max-md:gap-1">
        {pending && <span className="text-table text-text-2"><kbd className="key">{pending}</kbd> then …</span>}
        <LiveDot />
        <Clock />
        <DemoSwitch />
        <UserMenu onKeys={onKeys} />
      </div>
    </header>
  );
}

/** Says over the page that live updates have stopped, since when, and when the next try is. */
export function FeedBanner(): ReactNode {
  const client = useFeedClient();
  const link = useFeed((s) => s.link);
  const lastAt = useFeed((s) => s.lastMessageAt);
  const now = useNow();
  const { zone } = usePreferences();
  if (linkView(link, now) !== 'lost') return null;
  const inSeconds = link.phase === 'down' ? Math.max(0, Math.ceil((link.retryAt - now) / 1_000)) : 0;
  const since = lastAt ?? link.since;
  return (
    <div className="flex flex-wrap items-center gap-3 bg-banner px-4 py-2 text-table text-on-banner">
      <span><strong>Live updates stopped at {formatClock(since, zone)}.</strong> Numbers are from then. {inSeconds > 0 ? `Trying again in ${inSeconds} s.` : 'Trying now.'}</span>
      <button type="button" className="btn" onClick={client.retryNow}>Now</button>
    </div>
  );
}
