import { describe, expect, it } from '@jest/globals';
import type { Alert, AlertRow, CaseRow } from '@weir/contracts';
import { hideInAlert } from '@weir/rule-engine';
import { parseSchema } from '@weir/rule-lang';
import { maskCase, maskRow } from './masking.js';
import { personalFields } from './personal-fields.js';

const { schema } = parseSchema('version: 1\nevents:\n  payment:\n    account_id: { type: string, pii: true }\n    device_id: { type: string, pii: true }\n    age: { type: int, pii: true }\n    merchant_id: { type: string }\n', 'schema.yaml');
if (schema === undefined) throw new Error('the schema reads');
const personal = personalFields(schema);
const span = { line: 1, column: 1, endLine: 1, endColumn: 2 };
const text = (value: string, ...from: string[]) => ({ type: 'string' as const, text: value, ...(from.length > 0 ? { from } : {}) });
const secret = 'acct-1234567890';
const device = 'device-abcdef';
const alert: Alert = {
  version: 1, alertId: 'f'.repeat(32), seq: 1, rule: 'r', ruleVersion: 'v', title: 'T', severity: 'low', score: 1, action: 'none', ts: 5, warm: true, mode: 'live',
  key: [{ field: 'account_id', value: secret }],
  trigger: { seq: 1, id: 'e-1', type: 'payment', ts: 5, late: false, fields: { account_id: secret, merchant_id: 'm-77', amount: '12.5', device_id: device } },
  reason: `812.00 by ${secret} on step ${device}, seen before as ${secret}`, reasonParts: [{ start: 0, end: 6, name: 'amount' }, { start: 10, end: 25, name: 'account_id' }, { start: 34, end: 47, name: 'first.device_id' }],
  explanation: {
    version: 1, traced: true, unknown: ['ip'],
    conditions: [{ text: 'account_id == "x"', span, value: text('false', 'account_id'), comparison: { operator: '==', left: text(secret, 'account_id'), right: text('x') }, children: [{ text: 'account_id', span, value: text(secret, 'account_id') }] }],
    lets: [{ name: 'who', node: { text: 'last("1h").latest(device_id)', span, value: text('device-999999', 'device_id'), window: 0 } }],
    windows: [{ text: 'w', afterTs: 1, untilTs: 5, key: [{ field: 'account_id', value: secret }], value: text('device-999999', 'device_id'), size: 1, counted: 1,
      events: [{ seq: 1, id: 'e-0', type: 'payment', ts: 2, counted: true, fields: { account_id: secret, device_id: 'device-999999', merchant_id: 'm-78' } }] }],
  },
};

describe('an alert for somebody who may not see personal values', () => {
  const masked = hideInAlert(alert, personal);

  it('holds none of them anywhere, and everything else', () => {
    const json = JSON.stringify(masked);
    for (const value of [secret, device, 'device-999999']) expect(json).not.toContain(value);
    expect(masked.reason).toBe('812.00 by ••7890 on step ••cdef, seen before as ••7890');
    expect(masked).toMatchObject({ alertId: alert.alertId, trigger: { id: 'e-1', fields: { account_id: '••7890', merchant_id: 'm-77', amount: '12.5' } }, key: [{ field: 'account_id', value: '••7890' }] });
    expect(masked.explanation).toMatchObject({ unknown: ['ip'], conditions: [{ comparison: { left: { text: '••7890' }, right: { text: 'x' } } }], lets: [{ node: { value: { text: '••9999' } } }] });
  });

  it('keeps no distance that gives one away, through a `let` either, and every other one', () => {
    const turn = (by: string) => ({ side: 'left' as const, direction: 'rise' as const, by, beyond: false, relative: 0.5, text: `${by} short` });
    const compared = (words: string, by: string) => ({ text: words, span, value: text('true'), comparison: { operator: '>', left: text('?'), right: text('18'), margin: `-${by}`, turn: turn(by) } });
    const withDistances: Alert = { ...alert, explanation: {
      version: 1, unknown: [], windows: [],
      lets: [{ name: 'grown', node: { text: 'age + 1', span, value: text('?') } }, { name: 'adult', node: compared('grown > 18', '901') }, { name: 'large', node: compared('amount > 18', '902') }],
      conditions: [compared('age > 18', '903'), { text: '!(previous.age > 18)', span, value: text('true'), children: [compared('previous.age > 18', '904')] }, compared('amount > 18', '905')],
    } };
    const json = JSON.stringify(hideInAlert(withDistances, personal));
    for (const by of ['901', '903', '904']) expect(json).not.toContain(by);
    for (const by of ['"902"', '902 short', '-902', '"905"', '905 short', '-905']) expect(json).toContain(by);
    expect(JSON.stringify(withDistances)).toContain('901 short');
  });

  it('leaves the alert itself as it was', () => {
    expect(alert.trigger?.fields['account_id']).toBe(secret);
  });
});

describe('the subject of a row', () => {
  const rowOf = (field: string, label: string, reason = 'T'): AlertRow => ({
    id: 'f', version: 1, rule: 'r', title: 'T', severity: 'low', score: 1, action: 'none', reason, subject: { field, token: 't', label },
    ts: 5, receivedAt: 5, slaDueAt: 6, status: 'open', caseId: 'c', openOfSubject: 1,
  });

  it.each([
    ['account_id', secret, '••7890'], ['account_id', 'ab', '••••'], ['account_id', 'Jo Ann-Example', '•••• ••mple'], ['account_id+merchant_id', `${secret} m-77`, '••7890 ••••'],
    ['age', '491701234567', '••••'], ['account_id+age', `${secret} 491701234567`, '•••• ••••'], ['merchant_id', 'merchant-77', 'merchant-77'],
  ])('of %s %s reads %s', (field, label, shown) => {
    expect(maskRow(rowOf(field, label), [], personal).subject.label).toBe(shown);
    const row: Pick<CaseRow, 'subject'> = rowOf(field, label);
    expect(maskCase(row as CaseRow, personal).subject.label).toBe(shown); // as: only the subject is looked at
  });

  it('is taken out of a sentence whose parts do not say what they are made from', () => {
    expect(maskRow(rowOf('account_id', secret, `${secret}-x sent 5`), [{ start: 0, end: 17, name: 'tag' }], personal).reason).toBe('••7890-x sent 5');
    expect(maskRow(rowOf('age', '491701234567', '491701234567 sent 5'), [{ start: 0, end: 12, name: 'tag' }], personal).reason).toBe('•••• sent 5');
  });
});
