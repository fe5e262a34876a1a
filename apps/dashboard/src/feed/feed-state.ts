import type { AlertRow, BacktestJob, CaseRow, FeedMessage, OpsSnapshot } from '@weir/contracts';

/** An alert that arrived by the feed; `n` counts arrivals of this tab, 1, 2, 3, ... without gaps. */
export interface Arrival { readonly n: number; readonly row: AlertRow }

type Stats = Extract<FeedMessage, { kind: 'stats' }>;

export type Link =
  | { readonly phase: 'connecting'; readonly since: number }
  | { readonly phase: 'live'; readonly since: number }
  /** No connection; `since` is when it went, `retryAt` when the next try starts. */
  | { readonly phase: 'down'; readonly since: number; readonly retryAt: number; readonly attempt: number }
  /** The tab was hidden for a minute: closed on purpose. */
  | { readonly phase: 'paused'; readonly since: number };

/** Everything the feed has told this tab: immutable, folded by {@link foldFeed}. */
export interface FeedState {
  readonly link: Link;
  /** Where to resume. */
  readonly cursor?: string | undefined;
  readonly lastMessageAt?: number | undefined;
  /** Newest last, at most {@link arrivalsKept}; older ones are only counted in `arrivalCount`. */
  readonly arrivals: readonly Arrival[];
  readonly arrivalCount: number;
  readonly stats?: Stats | undefined;
  readonly ops?: OpsSnapshot | undefined;
  readonly jobs: ReadonlyMap<string, BacktestJob>;
  /** Grows with each message that makes fetched lists stale. */
  readonly caseChanges: number;
  readonly rulesRelease: number;
  /** Grows when the server says that messages were left out: refetch what is on the screen. */
  readonly gaps: number;
  /** Messages since the link came back, while catching up. */
  readonly sinceReturn: number;
}

export type FeedAction =
  | { readonly kind: 'opening'; readonly at: number }
  | { readonly kind: 'opened'; readonly at: number }
  | { readonly kind: 'closed'; readonly at: number; readonly retryAt: number }
  | { readonly kind: 'paused'; readonly at: number }
  | { readonly kind: 'message'; readonly at: number; readonly message: FeedMessage };

export const arrivalsKept = 5_000;
const jobsKept = 20;

export function initialFeed(at: number): FeedState {
  return { link: { phase: 'connecting', since: at }, arrivals: [], arrivalCount: 0, jobs: new Map(), caseChanges: 0, rulesRelease: 0, gaps: 0, sinceReturn: 0 };
}

/** Folds one happening into the state. O(1) but for an arrival, which copies the kept arrivals (at most 5,000). */
export function foldFeed(state: FeedState, action: FeedAction): FeedState {
  switch (action.kind) {
    case 'opening':
      // A link that is down stays down (with its beginning) until it is open again.
      return state.link.phase === 'down' || state.link.phase === 'connecting' ? state : { ...state, link: { phase: 'connecting', since: action.at } };
    case 'opened':
      return { ...state, link: { phase: 'live', since: action.at }, sinceReturn: 0 };
    case 'closed': {
      const down = state.link.phase === 'down' ? state.link : undefined;
      return { ...state, link: { phase: 'down', since: down?.since ?? action.at, retryAt: action.retryAt, attempt: (down?.attempt ?? 0) + 1 } };
    }
    case 'paused':
      return { ...state, link: { phase: 'paused', since: action.at } };
    case 'message':
      return foldMessage({ ...state, lastMessageAt: action.at }, action.message);
  }
}

function foldMessage(state: FeedState, message: FeedMessage): FeedState {
  switch (message.kind) {
    case 'hello': return { ...state, cursor: message.cursor };
    case 'alert': {
      const next: FeedState = { ...state, cursor: message.cursor, sinceReturn: state.sinceReturn + 1 };
      // Sent again after a resume: known already.
      if (state.arrivals.some((a) => a.row.id === message.row.id)) return next;
      const n = state.arrivalCount + 1;
      const kept = state.arrivals.length >= arrivalsKept ? state.arrivals.slice(1) : state.arrivals;
      return { ...next, arrivalCount: n, arrivals: [...kept, { n, row: message.row }] };
    }
    case 'alert-changed': return { ...state, cursor: message.cursor, sinceReturn: state.sinceReturn + 1 };
    case 'case-changed': return { ...state, cursor: message.cursor, caseChanges: state.caseChanges + 1, sinceReturn: state.sinceReturn + 1 };
    case 'rules-changed': return { ...state, cursor: message.cursor, rulesRelease: message.release };
    case 'stats': return { ...state, stats: message };
    case 'ops': return { ...state, ops: message.ops };
    case 'job': {
      const jobs = new Map(state.jobs);
      jobs.delete(message.job.id);
      jobs.set(message.job.id, message.job);
      const [oldest] = jobs.keys();
      if (jobs.size > jobsKept && oldest !== undefined) jobs.delete(oldest);
      return { ...state, jobs };
    }
    case 'gap': return { ...state, cursor: message.cursor, gaps: state.gaps + 1 };
  }
}

export type LinkView = 'live' | 'connecting' | 'reconnecting' | 'lost' | 'paused';

/** What the dot and the banner show: amber from 3 s without a link, the banner from 10 s. */
export function linkView(link: Link, now: number): LinkView {
  if (link.phase === 'paused') return 'paused';
  const without = now - link.since;
  if (link.phase === 'live') return 'live';
  if (without < 3_000) return link.phase === 'connecting' ? 'connecting' : 'live';
  return without < 10_000 ? 'reconnecting' : 'lost';
}

/**
 * Wait before try number `attempt` (1, 2, ...): 0.5 s doubling to 15 s, of which a random half is kept so that a hundred tabs do not return at once.
 *
 * @param chance uniform in [0, 1).
 */
export function reconnectDelayMs(attempt: number, chance: number): number {
  const full = Math.min(15_000, 500 * 2 ** Math.min(attempt - 1, 10));
  return Math.round(full / 2 + (full / 2) * chance);
}

/** The row of an alert message, new or changed. */
export function alertRowOf(message: FeedMessage): AlertRow | undefined {
  return message.kind === 'alert' || message.kind === 'alert-changed' ? message.row : undefined;
}

/** The changed case, if the message is about one. */
export function caseRowOf(message: FeedMessage): CaseRow | undefined {
  return message.kind === 'case-changed' ? message.row : undefined;
}

const kinds = new Set(['hello', 'alert', 'alert-changed', 'case-changed', 'rules-changed', 'stats', 'ops', 'job', 'gap']);

/** Reads one frame. Text that is no message of a known kind gives `undefined`: a newer server may say more. */
export function readFeedMessage(text: string): FeedMessage | undefined {
  let value: unknown;
  try { value = JSON.parse(text); } catch { return undefined; }
  if (typeof value !== 'object' || value === null || !('kind' in value) || typeof value.kind !== 'string' || !kinds.has(value.kind)) return undefined;
  // Same origin, same contract: the kind decides the shape; zod stays out of the first page's JavaScript.
  return value as FeedMessage;
}
