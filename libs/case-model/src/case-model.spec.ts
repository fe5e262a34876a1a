import { describe, expect, it } from '@jest/globals';
import type { Alert, CaseStatus, Disposition, Priority, Severity } from '@weir/contracts';
import { closesByItself, moveCase, statusAfterWork } from './case-status.js';
import { holderAt, leaseMs, mayClaim } from './claim.js';
import { labelContent, undoDisposition } from './disposition.js';
import { groupAlert, reopenWithinMs } from './grouping.js';
import { slaDueAt } from './severity.js';
import { maskedValue, subjectOf } from './subject.js';
import { takeNextReason } from './queue-order.js';

const now = 1_800_000_000_000;
const alertId = 'a'.repeat(32);
const trigger: Alert['trigger'] = { seq: 4, id: 'e-4', type: 'payment', ts: now, late: false, fields: { account_id: 'acct-00004921', merchant_id: 'm-1', amount: '812' } };

describe('the subject of an alert', () => {
  it.each([
    { name: 'is the account of the key', alert: { key: [{ field: 'account_id', value: 'a-1' }], trigger }, subject: { field: 'account_id', value: 'a-1' } },
    { name: 'is the account of the triggering event when the key has none', alert: { key: [{ field: 'device_id', value: 'd-1' }], trigger }, subject: { field: 'account_id', value: 'acct-00004921' } },
    { name: 'is the merchant when the rule is keyed by merchant alone', alert: { key: [{ field: 'merchant_id', value: 'm-1' }], trigger }, subject: { field: 'merchant_id', value: 'm-1' } },
    { name: 'is the whole key when there is no account', alert: { key: [{ field: 'device_id', value: 'd-1' }, { field: 'ip', value: '10.0.0.1' }], trigger: undefined }, subject: { field: 'device_id+ip', value: 'd-1 10.0.0.1' } },
    { name: 'is the rule when it has no key and no event', alert: { key: [], trigger: undefined }, subject: { field: 'rule', value: 'r' } },
  ])('$name', ({ alert, subject }) => {
    expect(subjectOf({ rule: 'r', key: alert.key, trigger: alert.trigger })).toEqual(subject);
  });

  it('shows the last four characters of a long value and nothing of a short one', () => {
    expect(maskedValue('acct-00004921')).toBe('••4921');
    expect(maskedValue('4921')).toBe('••••');
  });
});

describe('a new alert', () => {
  const grouped = (severity: Severity, existing?: { status: CaseStatus; priority: Priority; closedAt?: number }) => groupAlert(severity, existing, now);
  it.each([
    { name: 'opens a case when the subject has none', result: grouped('high'), expected: { kind: 'open', priority: 'high' } },
    { name: 'joins the open case', result: grouped('low', { status: 'open', priority: 'high' }), expected: { kind: 'join' } },
    { name: 'raises the priority when it is graver', result: grouped('critical', { status: 'escalated', priority: 'high' }), expected: { kind: 'join', raisesTo: 'critical' } },
    { name: 'opens again a case closed exactly seven days ago', result: grouped('low', { status: 'closed', priority: 'high', closedAt: now - reopenWithinMs }), expected: { kind: 'reopen', priority: 'high' } },
    { name: 'begins a new case when the old one was closed longer ago', result: grouped('low', { status: 'closed', priority: 'high', closedAt: now - reopenWithinMs - 1 }), expected: { kind: 'open', priority: 'low' } },
  ])('$name', ({ result, expected }) => expect(result).toEqual(expected));

  it('is due after the span of its severity', () => {
    expect([slaDueAt('critical', now), slaDueAt('low', now)]).toEqual([now + 1_800_000, now + 259_200_000]);
  });
});

describe('a case', () => {
  it('is closed only when none of its alerts is open, and says how many are', () => {
    expect(moveCase('in_progress', 'closed', 0)).toEqual({ ok: true, next: 'closed' });
    expect(moveCase('in_progress', 'closed', 2)).toMatchObject({ ok: false, reason: 'open-alerts', message: '2 alerts of this case are still open. Decide them first.' });
    expect(moveCase('closed', 'escalated', 0)).toMatchObject({ ok: false, reason: 'not-allowed' });
    expect(moveCase('escalated', 'escalated', 3)).toEqual({ ok: true, next: 'escalated' });
  });

  it('closes by itself after its last decision unless somebody wrote a note', () => {
    expect([closesByItself('open', 0, 0), closesByItself('open', 0, 1), closesByItself('open', 1, 0), closesByItself('closed', 0, 0)]).toEqual([true, false, false, false]);
    expect([statusAfterWork('open'), statusAfterWork('escalated')]).toEqual(['in_progress', 'escalated']);
  });
});

describe('a disposition', () => {
  it.each<{ disposition: Disposition; fraud: boolean | undefined }>([
    { disposition: 'confirmed_fraud', fraud: true },
    { disposition: 'false_positive', fraud: false },
    { disposition: 'suspicious', fraud: undefined },
    { disposition: 'duplicate', fraud: undefined },
    { disposition: 'no_action', fraud: undefined },
  ])('$disposition says fraud: $fraud', ({ disposition, fraud }) => {
    expect(labelContent({ alertId, trigger }, disposition, 2)).toEqual(fraud === undefined ? undefined : {
      id: `label-${alertId}-2`, fields: { event_id: 'e-4', account_id: 'acct-00004921', merchant_id: 'm-1', fraud },
    });
  });

  it('makes no label when no single event triggered the alert', () => {
    expect(labelContent({ alertId, trigger: undefined }, 'confirmed_fraud', 1)).toBeUndefined();
  });

  const decided = { version: 3, versionAtDecision: 3, decidedAt: now, decidedBy: 'mira', isLabelled: false };
  it.each([
    { name: 'can be taken back one millisecond before its time is over', at: now + 599_999, by: 'mira', change: {}, reason: undefined },
    { name: 'can not when its time is over', at: now + 600_000, by: 'mira', change: {}, reason: 'too-late' },
    { name: 'can not when the label went out', at: now + 1, by: 'mira', change: { isLabelled: true }, reason: 'too-late' },
    { name: 'can not when somebody changed the alert since', at: now + 1, by: 'mira', change: { version: 4 }, reason: 'changed' },
    { name: 'can not by another person', at: now + 1, by: 'jon', change: {}, reason: 'not-yours' },
  ])('$name', ({ at, by, change, reason }) => {
    const result = undoDisposition({ ...decided, ...change }, by, at, 600_000);
    expect(result.ok ? undefined : result.reason).toBe(reason);
  });
});

describe('holding an alert', () => {
  it('ends with the lease, to the millisecond; an assignment without lease stays', () => {
    const leased = { assignee: 'mira', leaseUntil: now + leaseMs };
    expect([holderAt(leased, now + leaseMs - 1), holderAt(leased, now + leaseMs), holderAt({ assignee: 'jon' }, now + leaseMs)]).toEqual(['mira', undefined, 'jon']);
    expect([mayClaim(leased, 'jon', now), mayClaim(leased, 'mira', now), mayClaim(leased, 'jon', now + leaseMs), mayClaim({}, 'jon', now)]).toEqual([false, true, true, true]);
  });

  it('says why it came first', () => {
    const entry = { id: alertId, score: 92, ts: now, slaDueAt: now + 8 * 60_000 };
    expect([takeNextReason(entry, now), takeNextReason(entry, now + 20 * 60_000)]).toEqual(['SLA in 8 min, score 92', 'SLA over since 12 min, score 92']);
  });
});
