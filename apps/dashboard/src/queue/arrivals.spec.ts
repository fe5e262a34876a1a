import { describe, expect, it } from '@jest/globals';
import type { AlertRow } from '@weir/contracts';
import { anchoredOffset, waitingArrivals, whyGone } from './arrivals';
import { readFilter } from './queue-filter';

const row = (id: string, more: Partial<AlertRow> = {}): AlertRow => ({
  id, version: 1, rule: 'r', title: 't', severity: 'high', score: 80, action: 'review', reason: 'why', subject: { field: 'account_id', token: 'tok', label: 'a' },
  ts: 1, receivedAt: 1, slaDueAt: 2, status: 'open', caseId: 'c', openOfSubject: 1, ...more,
});
const open = readFilter('').filter;

describe('the pill', () => {
  const arrivals = [row('a'), row('b', { severity: 'critical' }), row('c', { severity: 'low' }), row('d', { severity: 'critical' })].map((r, i) => ({ n: i + 1, row: r }));
  it('counts what came after the snapshot', () => { expect(waitingArrivals(arrivals, 1, open, 'me', () => false)).toEqual({ count: 3, critical: 2 }); });
  it('leaves out what does not belong to the view', () => { expect(waitingArrivals(arrivals, 0, readFilter('severity:low').filter, 'me', () => false)).toEqual({ count: 1, critical: 0 }); });
  it('leaves out what is on the screen already', () => { expect(waitingArrivals(arrivals, 0, open, 'me', (id) => id === 'b')).toEqual({ count: 3, critical: 1 }); });
  it('is empty after a merge', () => { expect(waitingArrivals(arrivals, 4, open, 'me', () => false)).toEqual({ count: 0, critical: 0 }); });
});

describe('merging', () => {
  it('keeps the first visible row at its place when rows came in above it', () => { expect(anchoredOffset(3_210, 100, 112, 32)).toBe(3_210 + 12 * 32); });
  it('moves up when rows above it left', () => { expect(anchoredOffset(3_210, 100, 97, 32)).toBe(3_210 - 96); });
  it('stays when the row itself left', () => { expect(anchoredOffset(3_210, 100, undefined, 32)).toBe(3_210); });
});

it('says why a row is greyed', () => {
  expect(whyGone(row('a'), open, 'me')).toBeUndefined();
  expect(whyGone(row('a', { status: 'closed' }), open, 'me')).toBe('decided');
  expect(whyGone(row('a', { assignee: 'jon' }), readFilter('assignee:none').filter, 'me')).toBe('taken');
  expect(whyGone(row('a'), readFilter('status:closed').filter, 'me')).toBe('reopened');
});
