'use client';
import { createContext, useContext, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import type { FeedMessage } from '@weir/contracts';
import { request } from '../api/request';
import { createFeedClient } from './feed-client';
import type { FeedClient } from './feed-client';
import { initialFeed } from './feed-state';
import type { FeedState } from './feed-state';

const FeedContext = createContext<FeedClient | undefined>(undefined);

/** A 401 to this opens the sign-in over the page. */
function askWhoIsSignedIn(): void { void request('/v1/me').catch(() => undefined); }

/** Opens the feed for as long as it is mounted. */
export function FeedProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [client] = useState(() => createFeedClient(() => `${window.location.protocol === 'https:' ? 'wss' : 'ws'}://${window.location.host}/v1/feed`, askWhoIsSignedIn));
  useEffect(() => {
    client.start();
    return client.stop;
  }, [client]);
  return <FeedContext value={client}>{children}</FeedContext>;
}

/** The client; only below {@link FeedProvider}. */
export function useFeedClient(): FeedClient {
  const client = useContext(FeedContext);
  if (!client) throw new Error('useFeedClient outside FeedProvider');
  return client;
}

const atBuild = initialFeed(0);

/** Part of the feed's state; rerenders only when the part changes. `select` must return a stable value for a stable state. */
export function useFeed<T>(select: (state: FeedState) => T): T {
  const client = useFeedClient();
  return useSyncExternalStore(client.store.subscribe, () => select(client.store.get()), () => select(atBuild));
}

/** Calls `handle` with each message while mounted. */
export function useFeedMessages(handle: (message: FeedMessage) => void): void {
  const client = useFeedClient();
  const latest = useRef(handle);
  useEffect(() => { latest.current = handle; });
  const subscribe = useMemo(() => client.onMessage, [client]);
  useEffect(() => subscribe((message) => { latest.current(message); }), [subscribe]);
}
