import type { FeedCommand, FeedMessage } from '@weir/contracts';
import { createStore } from '../api/external-store';
import type { ExternalStore } from '../api/external-store';
import { foldFeed, initialFeed, readFeedMessage, reconnectDelayMs } from './feed-state';
import type { FeedAction, FeedState } from './feed-state';

/** Silence after which an open socket counts as dead: the server sends `stats` every second. */
const silenceMs = 10_000;
/** A hidden tab keeps its feed this long. */
const hiddenMs = 60_000;

export interface FeedClient {
  readonly store: ExternalStore<FeedState>;
  /** Calls back with every message after it was folded. */
  readonly onMessage: (listener: (message: FeedMessage) => void) => () => void;
  /** Tries now instead of at the end of the wait. */
  readonly retryNow: () => void;
  readonly start: () => void;
  readonly stop: () => void;
}

/** The server closes with this code when the session has ended. */
const sessionEnded = 4401;

/** The one socket of this tab: connects, resumes from the cursor, backs off, pauses while the tab is hidden. */
export function createFeedClient(url: () => string, onSessionEnd: () => void): FeedClient {
  const store = createStore(initialFeed(Date.now()));
  const listeners = new Set<(message: FeedMessage) => void>();
  let socket: WebSocket | undefined;
  let retryTimer: number | undefined;
  let silenceTimer: number | undefined;
  let hiddenTimer: number | undefined;
  let running = false;

  const dispatch = (action: FeedAction): void => { store.set(foldFeed(store.get(), action)); };

  function watchSilence(): void {
    window.clearTimeout(silenceTimer);
    silenceTimer = window.setTimeout(() => { drop(socket); }, silenceMs);
  }

  function connect(): void {
    window.clearTimeout(retryTimer);
    if (!running || socket) return;
    dispatch({ kind: 'opening', at: Date.now() });
    const opened = new WebSocket(url());
    socket = opened;
    watchSilence();
    opened.onopen = () => {
      if (socket !== opened) return;
      dispatch({ kind: 'opened', at: Date.now() });
      const from = store.get().cursor;
      const command: FeedCommand = { kind: 'subscribe', topics: ['alerts', 'cases', 'rules', 'stats', 'ops', 'jobs'], ...(from === undefined ? {} : { from }) };
      opened.send(JSON.stringify(command));
    };
    opened.onmessage = (event: MessageEvent<unknown>) => {
      if (socket !== opened || typeof event.data !== 'string') return;
      watchSilence();
      const message = readFeedMessage(event.data);
      if (!message) return;
      dispatch({ kind: 'message', at: Date.now(), message });
      for (const listener of [...listeners]) listener(message);
    };
    opened.onclose = (event) => {
      drop(opened);
      if (event.code === sessionEnded) onSessionEnd();
    };
  }

  /** Ends this socket (once) and plans the next try. */
  function drop(which: WebSocket | undefined): void {
    if (!which || socket !== which) return;
    socket = undefined;
    window.clearTimeout(silenceTimer);
    which.onclose = null;
    which.close();
    if (!running) return;
    const link = store.get().link;
    const delay = reconnectDelayMs(link.phase === 'down' ? link.attempt + 1 : 1, Math.random());
    dispatch({ kind: 'closed', at: Date.now(), retryAt: Date.now() + delay });
    retryTimer = window.setTimeout(connect, delay);
  }

  function pause(): void {
    const open = socket;
    socket = undefined;
    window.clearTimeout(silenceTimer);
    window.clearTimeout(retryTimer);
    if (open) { open.onclose = null; open.close(); }
    dispatch({ kind: 'paused', at: Date.now() });
  }

  function onVisibility(): void {
    window.clearTimeout(hiddenTimer);
    if (document.hidden) hiddenTimer = window.setTimeout(pause, hiddenMs);
    else connect();
  }

  return {
    store,
    onMessage: (listener) => {
      listeners.add(listener);
      return () => { listeners.delete(listener); };
    },
    retryNow: connect,
    start: () => {
      if (running) return;
      running = true;
      document.addEventListener('visibilitychange', onVisibility);
      connect();
    },
    stop: () => {
      running = false;
      document.removeEventListener('visibilitychange', onVisibility);
      window.clearTimeout(hiddenTimer);
      pause();
    },
  };
}
