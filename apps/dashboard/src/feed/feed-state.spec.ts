import { describe, expect, it } from '@jest/globals';
import type { AlertRow, FeedMessage } from '@weir/contracts';
import { arrivalsKept, foldFeed, initialFeed, linkView, readFeedMessage, reconnectDelayMs } from './feed-state';
import type { FeedAction, FeedState } from './feed-state';

const row = (id: string): AlertRow => ({
  id, version: 1, rule: 'r', title: 't', severity: 'high', score: 80, action: 'review', reason: 'why', subject: { field: 'account_id', token: 'tok', label: 'a' },
  ts: 1, receivedAt: 1, slaDueAt: 2, status: 'open', caseId: 'c', openOfSubject: 1,
});
const alert = (id: string, cursor = id): FeedAction => ({ kind: 'message', at: 5, message: { kind: 'alert', cursor, row: row(id) } });
const fold = (state: FeedState, ...actions: FeedAction[]): FeedState => actions.reduce(foldFeed, state);

describe('arrivals', () => {
  it('are numbered without gaps and move the cursor', () => {
    const state = fold(initialFeed(0), alert('a'), alert('b'));
    expect(state.arrivals.map((a) => [a.n, a.row.id])).toEqual([[1, 'a'], [2, 'b']]);
    expect(state.cursor).toBe('b');
  });
  it('count once when a resume sends them again', () => {
    const state = fold(initialFeed(0), alert('a'), alert('a', 'later'));
    expect(state.arrivalCount).toBe(1);
    expect(state.cursor).toBe('later');
  });
  it('are counted beyond the number that is kept', () => {
    let state = initialFeed(0);
    for (let n = 0; n < arrivalsKept + 3; n += 1) state = foldFeed(state, alert(`a${n}`));
    expect(state.arrivals).toHaveLength(arrivalsKept);
    expect(state.arrivalCount).toBe(arrivalsKept + 3);
    expect(state.arrivals.at(-1)?.n).toBe(arrivalsKept + 3);
  });
});

describe('the link', () => {
  it('keeps the moment it went down over several tries', () => {
    const state = fold(initialFeed(0), { kind: 'opened', at: 10 }, { kind: 'closed', at: 100, retryAt: 600 }, { kind: 'opening', at: 600 }, { kind: 'closed', at: 700, retryAt: 1_700 });
    expect(state.link).toEqual({ phase: 'down', since: 100, retryAt: 1_700, attempt: 2 });
  });
  it('starts counting tries afresh once it was up', () => {
    const state = fold(initialFeed(0), { kind: 'closed', at: 1, retryAt: 2 }, { kind: 'opened', at: 3 }, { kind: 'closed', at: 9, retryAt: 10 });
    expect(state.link).toMatchObject({ since: 9, attempt: 1 });
  });
  it.each([[0, 'live'], [2_999, 'live'], [3_000, 'reconnecting'], [9_999, 'reconnecting'], [10_000, 'lost']])('shows %d ms without connection as %s', (without, view) => {
    expect(linkView({ phase: 'down', since: 50, retryAt: 0, attempt: 1 }, 50 + without)).toBe(view);
  });
  it('keeps cursor and arrivals while it is down, for the resume', () => {
    const state = fold(initialFeed(0), alert('a'), { kind: 'closed', at: 9, retryAt: 10 });
    expect(state.cursor).toBe('a');
    expect(state.arrivalCount).toBe(1);
  });
  it('counts what came since its return', () => {
    const state = fold(initialFeed(0), alert('a'), { kind: 'closed', at: 9, retryAt: 10 }, { kind: 'opened', at: 11 }, alert('b'), alert('c'));
    expect(state.sinceReturn).toBe(2);
  });
});

it('waits half a second doubling to fifteen, with jitter over the upper half', () => {
  expect([1, 2, 3, 6, 50].map((n) => reconnectDelayMs(n, 0))).toEqual([250, 500, 1_000, 7_500, 7_500]);
  expect(reconnectDelayMs(1, 0.999)).toBeLessThanOrEqual(500);
  expect(reconnectDelayMs(50, 0.999)).toBeLessThanOrEqual(15_000);
});

it('counts a gap and takes its cursor', () => {
  const state = fold(initialFeed(0), { kind: 'message', at: 1, message: { kind: 'gap', cursor: 'x' } });
  expect([state.gaps, state.cursor]).toEqual([1, 'x']);
});

it('reads known messages and passes over anything else', () => {
  const hello: FeedMessage = { kind: 'hello', cursor: '1' };
  expect(readFeedMessage(JSON.stringify(hello))).toEqual(hello);
  expect(readFeedMessage('{"kind":"weather"}')).toBeUndefined();
  expect(readFeedMessage('not json')).toBeUndefined();
  expect(readFeedMessage('null')).toBeUndefined();
});
