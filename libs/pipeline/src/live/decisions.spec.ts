import { describe, expect, it } from '@jest/globals';
import type { Alert, IngestAnswer } from '@weir/contracts';
import { createDecisions, judge } from './decisions.js';
import type { DecisionAnswer } from './engine-worker.js';

function alert(rule: string, score: number, action: Alert['action'], other: Partial<Alert> = {}): Alert {
  return {
    version: 1, alertId: '0'.repeat(32), seq: 7, rule, ruleVersion: 'v', title: rule, severity: 'low', score, action, ts: 1, key: [], reason: rule, reasonParts: [],
    warm: true, mode: 'live', trigger: { seq: 7, id: 'e', type: 'payment', ts: 1, fields: {}, late: false }, ...other,
  };
}
const event = { raw: new TextEncoder().encode('{"id":"e","type":"payment"}'), position: '0' };
const accepted: IngestAnswer = { status: 'accepted', id: 'e', seq: 7 };

function decisions(answer: IngestAnswer | 'never', outcome: DecisionAnswer): ReturnType<typeof createDecisions> {
  return createDecisions({
    accept: () => (answer === 'never' ? new Promise(() => undefined) : Promise.resolve([answer])),
    decide: () => Promise.resolve(outcome), defaultAction: 'review', clock: () => 0,
  });
}

describe('a decision', () => {
  it('is the strongest action and the sum of scores up to 100', () => {
    const { decision, score } = judge([alert('a', 60, 'review'), alert('b', 70, 'challenge'), alert('c', 1, 'none')]);
    expect({ decision, score }).toEqual({ decision: 'challenge', score: 100 });
    expect(judge([])).toEqual({ decision: 'none', score: 0, alerts: [] });
  });

  it('counts neither shadow alerts nor alerts of another event or of a window', () => {
    const other = alert('other', 50, 'block', { trigger: { seq: 3, id: 'x', type: 'payment', ts: 1, fields: {}, late: false } });
    const { trigger: _trigger, ...window } = alert('window', 50, 'block');
    expect(judge([alert('shadow', 50, 'block', { mode: 'shadow' }), other, window, alert('own', 5, 'review')])).toMatchObject({ decision: 'review', score: 5 });
  });

  it('carries seq and what became of the event', async () => {
    const { decide } = decisions({ status: 'late', id: 'e', seq: 7, delayMs: 100 }, { kind: 'decided', alerts: [alert('a', 10, 'block')] });
    expect(await decide(event, 50)).toMatchObject({ ok: true, decision: { id: 'e', decision: 'block', score: 10, seq: 7, late: true, duplicate: false } });
  });

  it('is the default with its reason when the engine does not answer in time', async () => {
    expect(await decisions(accepted, { kind: 'timeout' }).decide(event, 50)).toMatchObject({ ok: true, decision: { id: 'e', decision: 'review', reason: 'timeout', seq: 7, alerts: [] } });
  });

  it('is the default with its reason when the disk does not answer in time', async () => {
    expect(await decisions('never', { kind: 'timeout' }).decide(event, 5)).toMatchObject({ ok: true, decision: { id: 'e', decision: 'review', reason: 'timeout' } });
  });

  it('is refused when the event is', async () => {
    const refused = { status: 'rejected', code: 'missing-field', field: 'amount', message: 'amount: is missing' } as const;
    expect(await decisions(refused, { kind: 'timeout' }).decide(event, 50)).toEqual({ ok: false, answer: refused });
  });
});
