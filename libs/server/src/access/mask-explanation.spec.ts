import { describe, expect, it } from '@jest/globals';
import { RuleExplanation } from '@weir/contracts';
import type { LogEntry } from '@weir/contracts';
import { defaultEngineOptions, explainRule } from '@weir/rule-engine';
import { compileRule, parseSchema } from '@weir/rule-lang';
import { maskExplanation } from './mask-explanation.js';

const { schema } = parseSchema('version: 1\nevents:\n  payment:\n    account_id: { type: string, pii: true }\n    device_id: { type: string, pii: true }\n    age: { type: int, pii: true }\n    amount: { type: decimal, scale: 2 }\n', 'schema.yaml');

function explained(body: string): RuleExplanation {
  if (schema === undefined) throw new Error('the schema reads');
  const { rule, diagnostics } = compileRule(`rule: r\ntitle: T\ndescription: D\nowner: o\non: payment\nby: account_id\nseverity: low\nscore: 1\naction: none\n${body}\n`, 'r.yaml', { schema });
  if (rule === undefined) throw new Error(JSON.stringify(diagnostics));
  const payment = (seq: number, device: string): LogEntry & { kind: 'event' } => ({ kind: 'event', seq, ts: 1_767_571_200_000 + seq * 1000, id: `pay-${seq}`, type: 'payment', fields: { account_id: 'acct-1234567890', device_id: device, age: 17, amount: '12.5' } });
  const entries = [payment(1, 'dev-aaaa-0001'), payment(2, 'dv')];
  return explainRule(rule, payment(2, 'dv'), entries, defaultEngineOptions);
}

describe('an explanation for somebody who may not see personal values', () => {
  const personal = new Set(['account_id', 'device_id', 'age']);
  const original = explained('let:\n  grown: age + 1\n  last_device: last("1h").first(device_id)\nwhen: age >= 18 && grown > 30 && previous.device_id == device_id && last_device != "x" && amount > 20.00');
  const masked = maskExplanation(original, personal);
  const json = JSON.stringify(masked);

  it('holds none of them anywhere, nor a distance that gives one away', () => {
    RuleExplanation.parse(masked);
    for (const value of ['acct-1234567890', 'dev-aaaa-0001', '"dv"', '"17"', '"18"', '17,', '"1 short', '"13 short', '"12 short']) expect({ value, isThere: json.replaceAll('{"type":"int","text":"18"}', '').includes(value) }).toEqual({ value, isThere: false });
    expect(masked.summary).toBe('Did not fire. Condition 1 of 5 fails first: age >= 18 is not true.');
  });

  it('keeps everything else: ids, amounts and their distances, what was true', () => {
    expect(masked.event).toMatchObject({ id: 'pay-2', fields: { amount: '12.5', account_id: '••7890' } });
    expect(masked.verdict?.comparisons.map(({ text, holds }) => [text, holds])).toEqual(original.verdict?.comparisons.map(({ text, holds }) => [text, holds]));
    expect(json).toContain('7.51 short');
    expect(JSON.stringify(original)).toContain('acct-1234567890');
  });
});
