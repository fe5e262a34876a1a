import { describe, expect, it } from '@jest/globals';
import { Alert, RuleExplanation } from '@weir/contracts';
import type { ExplainedNode, LogEntry } from '@weir/contracts';
import { compileRule, parseSchema } from '@weir/rule-lang';
import type { TypedRule } from '@weir/rule-lang';
import { createEngine } from '../engine-embedded.js';
import { defaultEngineOptions } from '../engine.js';
import { explainRule } from './explain-rule.js';
import { hideInAlert, hideInExplanation, hideInReason } from './hide-values.js';
import type { Hiding } from './hide-values.js';

const { schema } = parseSchema('version: 1\nevents:\n  payment:\n    account_id: { type: string, pii: true }\n    device_id: { type: string, pii: true }\n    age: { type: int, pii: true }\n    amount: { type: decimal, scale: 2 }\n    shop: { type: string }\n', 'schema.yaml');
const personal = new Set(['account_id', 'device_id', 'age']);
const hiding: Hiding = { hides: (field) => personal.has(field), shown: (_field, value) => (value.length >= 8 ? `••${value.slice(-4)}` : '••••') };

function ruleOf(body: string): TypedRule {
  if (schema === undefined) throw new Error('the schema reads');
  const { rule, diagnostics } = compileRule(`rule: r\ntitle: T\ndescription: D\nowner: o\non: payment\nby: account_id\nseverity: low\nscore: 1\naction: none\n${body}\n`, 'r.yaml', { schema });
  if (rule === undefined) throw new Error(JSON.stringify(diagnostics));
  return rule;
}
const payment = (seq: number, device: string, age = 17): LogEntry & { kind: 'event' } => ({ kind: 'event', seq, ts: 1_767_571_200_000 + seq * 1000, id: `pay-${seq}`, type: 'payment', fields: { account_id: 'acct-1234567890', device_id: device, age, amount: '12.5', shop: 'shop-77' } });
const entries = [payment(1, 'dev-aaaa-0001', 23), payment(2, 'dv')];
function explained(body: string): RuleExplanation { return explainRule(ruleOf(body), payment(2, 'dv'), entries, defaultEngineOptions); }
function alertOf(body: string): Alert {
  const engine = createEngine({ rules: [{ rule: ruleOf(body), mode: 'live' }], schema: schema as NonNullable<typeof schema>, options: { ...defaultEngineOptions, evidence: 'full' } });
  return Alert.parse(entries.flatMap((entry) => engine.apply(entry)).at(-1));
}
function nodesOf(nodes: readonly ExplainedNode[]): readonly ExplainedNode[] { return nodes.flatMap((node) => [node, ...nodesOf(node.children ?? [])]); }
/** Values by the text of their sub-expression; of a comparison also its sides. */
function shownBy({ verdict }: RuleExplanation): ReadonlyMap<string, string> {
  const { conditions = [], lets = [], windows = [] } = verdict?.explanation ?? {};
  return new Map([...nodesOf([...conditions, ...lets.map(({ node }) => node)]), ...windows].map(({ text, value }) => [text, value.text]));
}

describe('an explanation for somebody who may not see some fields', () => {
  const original = explained('let:\n  grown: age + 1\n  last_device: last("1h").first(device_id)\nwhen: age >= 18 && grown > 30 && previous.device_id == device_id && last_device != "x" && amount > 20.00');
  const masked = hideInExplanation(original, hiding);
  const json = JSON.stringify(masked);

  it('holds none of their values anywhere, nor a distance that gives one away', () => {
    RuleExplanation.parse(masked);
    for (const value of ['acct-1234567890', 'dev-aaaa-0001', '"dv"', '"17"', '17,', '"1 short', '"13 short', '"12 short', '"23"']) expect({ value, isThere: json.includes(value) }).toEqual({ value, isThere: false });
    expect(json.replaceAll('"text":"18"', '').includes('"18"')).toBe(false); // the literal of the rule
    expect(masked.summary).toBe('Did not fire. Condition 1 of 5 fails first: age >= 18 is not true.');
  });

  it('keeps everything else: ids, amounts and their distances, and what was true as far as the outcome tells it', () => {
    expect(masked.event).toMatchObject({ id: 'pay-2', fields: { amount: '12.5', account_id: '••7890', device_id: '••••', age: '••••', shop: 'shop-77' } });
    expect(masked.verdict?.comparisons.map(({ text, holds }) => [text, holds])).toEqual([['age >= 18', false], ['grown > 30', undefined], ['previous.device_id == device_id', undefined], ['last_device != "x"', undefined], ['amount > 20.00', false]]);
    expect(json).toContain('7.51 short');
    expect(JSON.stringify(original)).toContain('acct-1234567890');
  });

  it('shows no value that is made from one, and the same of all that are not', () => {
    const body = `let:
  grown: age + 1
  old: grown * 2
  many: last("1h").where(age > 20).count()
when: |-
  amount > 5.00 && (age - amount > 100.00 || shop == "x") && old > 3 && many > 9 && last("1h").sum(age) > 1 && min(age, 3) > 1 && (age > 3 ? 7 : 8) > 1 && previous.age + 1 > 2 && age.orValue(9) > 1 && -age < 3 && last("1h").latest(age) > 1 && last("1h").share(age > 20) > 0.9 && account_id + "-x" == "y" && age in [1, 2] && [age, 4] == [1] && last("1h").distinct(age) > 1 && last("1h").count() > 1 && last("1h").sum(amount) > 1.00 && first_seen(device_id, "1h") && has(age) && by(device_id).last("1h").distinct(account_id) > 4`.replace(' && [age, 4] == [1]', '');
    const shown = shownBy(hideInExplanation(explained(body), hiding));
    const plain = shownBy(explained(body));
    for (const text of ['grown', 'age + 1', 'old', 'grown * 2', 'many', 'last("1h").where(age > 20).count()', 'age - amount', 'age - amount > 100.00', 'last("1h").sum(age)', 'min(age, 3)', 'age > 3 ? 7 : 8', 'previous.age', 'previous.age + 1', 'age.orValue(9)', '-age', 'last("1h").latest(age)', 'last("1h").share(age > 20)', 'account_id + "-x"']) expect({ text, shown: shown.get(text) }).toEqual({ text, shown: '••••' });
    expect(shown.get('account_id')).toBe('••7890');
    for (const text of ['amount', 'shop', 'shop == "x"', 'amount > 5.00', 'last("1h").distinct(age)', 'last("1h").count()', 'last("1h").sum(amount)', 'has(age)', 'by(device_id).last("1h").distinct(account_id)', 'first_seen(device_id, "1h")']) expect({ text, shown: shown.get(text) }).toEqual({ text, shown: plain.get(text) });
  });

  it('hides how many events a condition on one let through, and which', () => {
    const { windows = [] } = hideInExplanation(explained('when: last("1h").where(age > 20).count() > 5 && last("1h").where(amount > 5.00).count() > 5'), hiding).verdict?.explanation ?? {};
    expect(windows.map(({ value, size, counted, events }) => [value.text, size, counted, events.map((event) => event.counted)])).toEqual([['••••', 2, 0, [false, false]], ['2', 2, 2, [true, true]]]);
  });

  it('fills the sentence of what fired without them, through `let`s and steps', () => {
    const seen = explained('reason: "{amount} by {account_id} aged {age}, soon {grown}, {many} older"\nlet:\n  grown: age + 1\n  many: last("1h").where(age > 20).count()\nwhen: amount > 5.00 && grown > 3');
    expect(seen.summary).toBe('Fired: 12.50 by acct-1234567890 aged 17, soon 18, 1 older');
    const hidden = hideInExplanation(seen, hiding);
    expect(hidden.summary).toBe('Fired: 12.50 by ••7890 aged ••••, soon ••••, •••• older');
    expect(hidden.reason?.parts.map(({ start, end }) => hidden.reason?.text.slice(start, end))).toEqual(['12.50', '••7890', '••••', '••••', '••••']);
    const steps = explained('reason: "{one.age} then {two.age}, {one.count} and {mean}"\nlet:\n  mean: last("1h").avg(age)\nsequence:\n  within: 1h\n  steps:\n    - begin: one\n    - followedBy: two\n      where: age - one.age < 3');
    expect(steps.summary).toBe('Fired: 23 then 17, 1 and 20.00');
    const hiddenSteps = hideInExplanation(steps, hiding);
    expect(hiddenSteps.summary).toBe('Fired: •••• then ••••, 1 and ••••');
    expect([...shownBy(hiddenSteps)].filter(([text]) => text.includes('age')).map(([text, value]) => [text, value])).toEqual([['age - one.age < 3', 'true'], ['age - one.age', '••••'], ['age', '••••'], ['one.age', '••••'], ['last("1h").avg(age)', '••••']]);
    expect(JSON.stringify(hiddenSteps)).not.toMatch(/"-6"|"23"|"17"|"20\.00"/);
  });

  it('hides the near miss of a step, and of a window rule', () => {
    const step = hideInExplanation(explained('sequence:\n  within: 1h\n  steps:\n    - begin: one\n      where: amount > 5.00 && age > 20\n    - followedBy: two\n      where: age + one.age > 90\n      times: 3'), hiding);
    expect(step.summary).toBe('Did not fire. The furthest match has 1 of 2 steps. It waited for two; for two, age + one.age > 90 is not true.');
    expect(JSON.stringify(step)).not.toMatch(/"40"|"34"|50 short|51 short|57 short/);
    const window = hideInExplanation(explained('window: { tumble: 1h }\nhaving: sum(age) > 50'), hiding);
    expect(JSON.stringify(window)).not.toMatch(/"40"|11 short/);
    expect(window.windows?.[0]?.verdict.failed?.sentence).toBe('sum(age) > 50 is not true');
  });
});

describe('an alert for somebody who may not see some fields', () => {
  const original = alertOf('reason: "{account_id} aged {grown}"\nlet:\n  grown: age + 1\nwhen: amount > 5.00 && grown < 30 && (age < 18 || amount > 500.00)');
  const hidden = hideInAlert(original, hiding);

  it('shows that its conditions were true, and of values made from them nothing', () => {
    Alert.parse(hidden);
    expect(original.reason).toBe('acct-1234567890 aged 18');
    expect(hidden.reason).toBe('••7890 aged ••••');
    expect(hidden.reasonParts).toEqual([{ start: 0, end: 6, name: 'account_id', from: ['account_id'] }, { start: 12, end: 16, name: 'grown', from: ['age'] }]);
    expect(hidden.explanation?.conditions.map(({ value, comparison }) => [value.text, comparison?.left.text, comparison?.turn?.text])).toEqual([['true', '12.50', '7.50 to spare (60 %)'], ['true', '••••', undefined], ['true', undefined, undefined]]);
    expect(hidden.explanation?.conditions[2]?.children?.map(({ value }) => value.text)).toEqual(['••••', 'false']);
    expect(hidden).toMatchObject({ alertId: original.alertId, trigger: { id: 'pay-2', fields: { account_id: '••7890', age: '••••', shop: 'shop-77' } }, key: [{ field: 'account_id', value: '••7890' }] });
  });

  it('of before its values said what they are made from is read by its words', () => {
    const older = JSON.parse(JSON.stringify(original), (name, value: unknown) => (name === 'from' || name === 'traced' ? undefined : value)) as Alert; // as: what may be absent is gone
    const { explanation } = hideInAlert(older, hiding);
    expect(nodesOf([...(explanation?.conditions ?? []), ...(explanation?.lets ?? []).map(({ node }) => node)]).filter(({ text }) => /age|grown/.test(text)).map(({ text, value }) => [text, value.text])).toEqual([
      ['grown < 30', 'true'], ['grown', '••••'], ['age < 18 || amount > 500.00', 'true'], ['age < 18', '••••'], ['age', '••••'], ['age + 1', '••••'], ['age', '••••'],
    ]);
    expect(explanation?.conditions[0]?.comparison?.left.text).toBe('12.50');
  });

  it('leaves the alert itself as it was', () => { expect(original.trigger?.fields['account_id']).toBe('acct-1234567890'); });
});

it('a sentence is hidden by its parts; one of before by their names', () => {
  const text = '812.00 by acct-1234567890, 18 next';
  const parts = [{ start: 0, end: 6, name: 'amount' }, { start: 10, end: 25, name: 'first.account_id' }, { start: 27, end: 29, name: 'grown', from: ['age'] }];
  expect(hideInReason({ text, parts }, hiding).text).toBe('812.00 by ••7890, •••• next');
  expect(hideInReason({ text, parts: parts.slice(0, 2) }, hiding).text).toBe('812.00 by ••7890, 18 next');
});
