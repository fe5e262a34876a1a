'use client';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { AlertDetail } from '@weir/contracts';
import { noteRow, settleRow } from '../act/live-rows';
import { Toasts, toast, undoLast } from '../act/toasts';
import { request } from '../api/request';
import { SessionGate } from '../api/session';
import { FeedProvider, useFeed, useFeedMessages } from '../feed/feed-provider';
import { alertRowOf, linkView } from '../feed/feed-state';
import { plural } from '../format/number';
import { KeySheet } from '../keyboard/key-sheet';
import { KeyboardListener, useActions } from '../keyboard/keyboard-provider';
import { setQueueContext } from '../queue/queue-windows';
import { LiveRegions, announce } from './announcer';
import { useNow } from './clock';
import { Navigation } from './navigation';
import { Palette } from './palette';
import { getPreferences, setPreferences } from './preferences';
import { FeedBanner, TopBar } from './top-bar';

/** Takes the next alert of the queue and opens it; says so when there is none. */
export function useTakeNext(): () => Promise<void> {
  const router = useRouter();
  const queries = useQueryClient();
  return async () => {
    try {
      const detail = await request<AlertDetail | undefined>('/v1/queue/next', { method: 'POST' });
      if (!detail) { toast('Nothing to take in this view.'); return; }
      setQueueContext(undefined); // taken by the queue's order, not out of a list
      settleRow(detail.row, Date.now());
      queries.setQueryData(['alert', detail.row.id], detail);
      const next = `/alert/?id=${encodeURIComponent(detail.row.id)}&from=next`;
      if (window.location.pathname === '/alert/') window.history.pushState(null, '', next); // same page: nothing to load
      else router.push(next);
    } catch (error) {
      toast(`No alert was taken. ${error instanceof Error ? error.message : ''}`, 'bad');
    }
  };
}

/** F6: focus goes to the next landmark that is on the page. */
function moveRegion(step: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')].filter((r) => r.offsetParent !== null || r.tagName === 'SECTION');
  const at = regions.findIndex((r) => r.contains(document.activeElement));
  regions[(at + step + regions.length) % regions.length]?.focus();
}

/** What the feed means for what was fetched: rows are updated in place, a gap refetches, a long absence is summed up. */
function useFeedEffects(): void {
  const queries = useQueryClient();
  const gaps = useFeed((s) => s.gaps);
  const caseChanges = useFeed((s) => s.caseChanges);
  const release = useFeed((s) => s.rulesRelease);
  const since = useFeed((s) => s.sinceReturn);
  const link = useFeed((s) => s.link);
  const view = linkView(link, useNow());
  const wasLost = useRef(false);
  useFeedMessages((message) => {
    const row = alertRowOf(message);
    if (row) noteRow(row, Date.now());
    if (message.kind === 'alert-changed') void queries.invalidateQueries({ queryKey: ['alert', message.row.id], refetchType: 'active' });
  });
  useEffect(() => { if (gaps > 0) void queries.invalidateQueries({ predicate: (q) => q.queryKey[0] !== 'queue' }); }, [gaps, queries]);
  useEffect(() => {
    if (caseChanges === 0) return undefined;
    const timer = window.setTimeout(() => { void queries.invalidateQueries({ queryKey: ['case'] }); }, 500);
    return () => { window.clearTimeout(timer); };
  }, [caseChanges, queries]);
  useEffect(() => { if (release > 0) void queries.invalidateQueries({ queryKey: ['rules'] }); }, [release, queries]);
  useEffect(() => {
    if (view === 'lost' && !wasLost.current) { wasLost.current = true; announce('Live updates stopped.', 'assertive'); }
    if (view !== 'live' || !wasLost.current || link.phase !== 'live') return undefined;
    const timer = window.setTimeout(() => {
      wasLost.current = false;
      toast(`Caught up: ${plural(since, 'change')}.`);
      void queries.invalidateQueries({ predicate: (q) => q.queryKey[0] !== 'queue' });
    }, 1_500);
    return () => { window.clearTimeout(timer); };
  }, [view, link.phase, since, queries]);
}

function Desk({ children }: { readonly children: ReactNode }): ReactNode {
  const [layer, setLayer] = useState<'palette' | 'keys'>();
  const router = useRouter();
  const takeNext = useTakeNext();
  const close = (): void => { setLayer(undefined); };
  useFeedEffects();
  useActions({
    palette: () => { setLayer('palette'); },
    search: () => { setLayer('palette'); },
    keys: () => { setLayer('keys'); },
    undo: () => { void undoLast(); },
    'take-next': () => { void takeNext(); },
    zone: () => { setPreferences({ zone: getPreferences().zone === 'utc' ? 'local' : 'utc' }); },
    'region.next': () => { moveRegion(1); },
    'region.previous': () => { moveRegion(-1); },
    'go.overview': () => { router.push('/'); },
    'go.alerts': () => { router.push('/alerts/'); },
    'go.cases': () => { router.push('/cases/'); },
    'go.rules': () => { router.push('/rules/'); },
    'go.pipeline': () => { router.push('/ops/'); },
  });
  return (
    <div className="flex h-dvh overflow-hidden print:h-auto print:overflow-visible">
      <a href="#main" className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-control focus:bg-surface focus:p-2">Skip to the page</a>
      <Navigation />
      <div className="flex min-w-0 flex-1 flex-col">
        <TopBar onSearch={() => { setLayer('palette'); }} onKeys={() => { setLayer('keys'); }} />
        <FeedBanner />
        {children}
      </div>
      <Toasts />
      {layer === 'palette' && <Palette onClose={close} />}
      {layer === 'keys' && <KeySheet onClose={close} />}
    </div>
  );
}

/** The frame before it is known who is signed in: same places, no words. */
function FrameSkeleton(): ReactNode {
  return (
    <div className="flex h-dvh" aria-busy="true">
      <div className="w-[184px] border-r border-hairline bg-surface max-lg:w-14" />
      <div className="flex-1"><div className="h-12 border-b border-hairline bg-surface" /></div>
    </div>
  );
}

/** Session, feed, keyboard, left column and top bar around every page but login. */
export function Shell({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <SessionGate fallback={<FrameSkeleton />}>
      <FeedProvider>
        <KeyboardListener />
        <Desk>{children}</Desk>
        <LiveRegions />
      </FeedProvider>
    </SessionGate>
  );
}
