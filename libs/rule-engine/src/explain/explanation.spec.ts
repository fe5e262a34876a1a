import { describe, expect, it } from '@jest/globals';
import { Alert } from '@weir/contracts';
import { createInterpreter } from '../interpret/interpreter.js';
import { alertsOf, definitionOf, logOf, ruleOf, testStart } from '../testing/play-rule.js';
import type { PlayedEvent } from '../testing/play-rule.js';
import { explainRule } from './explain-rule.js';

const probes = `
reason: "{amount} {currency} after {probes} probes of {spent}, {{usual} {usual}"
let:
  probes: last("10m").where(amount <= 5.00).count()
  spent: last("10m").where(amount <= 5.00).sum(amount)
  usual: before("30d").avg(amount)
when: amount > 200.00 && probes >= 3
`;
const events: readonly PlayedEvent[] = [
  { id: 'old', at: 0, fields: { amount: '1' } },
  ...['1', '2', '89', '0.5'].map((amount, index) => ({ id: `p${index}`, at: 600_000 + index * 1_000, fields: { amount } })),
  { id: 'big', at: 605_000, fields: { amount: '812', currency: 'EUR' } },
];

describe('the explanation of an alert', () => {
  const [alert] = alertsOf(createInterpreter, probes, logOf(events));
  const explanation = alert?.explanation;

  it('fits the contract', () => { expect(Alert.safeParse(alert).error).toBeUndefined(); });

  it('says the reason and which part of it each value is', () => {
    expect(alert?.reason).toBe('812.00 EUR after 3 probes of 3.50, {usual} 18.70');
    expect(alert?.reasonParts.map(({ start, end, name }) => [name, alert.reason.slice(start, end)])).toEqual([['amount', '812.00'], ['currency', 'EUR'], ['probes', '3'], ['spent', '3.50'], ['usual', '18.70']]);
  });

  it('lists the top-level conditions with both sides and the margin', () => {
    expect(explanation?.conditions.map((node) => [node.text, node.value.text, node.comparison?.left.text, node.comparison?.operator, node.comparison?.right.text, node.comparison?.margin])).toEqual([
      ['amount > 200.00', 'true', '812.00', '>', '200.00', '+612.00 (4.1x)'],
      ['probes >= 3', 'true', '3', '>=', '3', '+0'],
    ]);
    expect(explanation?.conditions[1]?.children?.[0]).toMatchObject({ text: 'probes', let: 'probes', value: { type: 'int', text: '3' } });
  });

  it('shows each let and leads to its window', () => {
    expect(explanation?.lets.map((one) => [one.name, one.node.value.text, one.node.window])).toEqual([['probes', '3', 0], ['spent', '3.50', 1], ['usual', '18.70', 2]]);
  });

  it('shows the window with what it holds, hollow events too', () => {
    const window = explanation?.windows[0];
    expect(window).toMatchObject({ text: 'last("10m").where(amount <= 5.00).count()', afterTs: testStart + 5_000, untilTs: testStart + 605_000, key: [{ field: 'acct', value: 'a' }], size: 5, counted: 3 });
    expect(window?.events.map((event) => [event.id, event.counted])).toEqual([['p0', true], ['p1', true], ['p2', false], ['p3', true], ['big', false]]);
  });

  it('keeps only the newest events of a window but tells how many there were', () => {
    const [short] = alertsOf(createInterpreter, probes, logOf(events), { maxContributing: 2 });
    expect(short?.explanation?.windows[0]).toMatchObject({ size: 5, counted: 3, events: [{ id: 'p3' }, { id: 'big' }] });
  });

  it('is left out, and the title is the reason, when no evidence is asked for', () => {
    const [bare] = alertsOf(createInterpreter, probes, logOf(events), { evidence: 'none' });
    expect(bare).toMatchObject({ alertId: alert?.alertId, reason: 'Under test', reasonParts: [] });
    expect(bare?.explanation).toBeUndefined();
  });

  it('names what was absent and prints ? for it', () => {
    const lines = 'reason: "{merchant} {n}"\nlet:\n  n: by(merchant).last("1h").count()\nwhen: merchant == "m" || n > 3 || amount > 1.00';
    const [found] = alertsOf(createInterpreter, lines, logOf([{ id: 'x', at: 0, fields: { amount: '2' } }]));
    expect(found?.reason).toBe('? ?');
    expect(found?.explanation?.unknown).toEqual(['merchant']);
    expect(found?.explanation?.windows[0]).toMatchObject({ size: 0, counted: 0, key: [], value: { type: 'unknown', text: '?', missing: ['merchant'] } });
    expect(found?.explanation?.lets[0]?.node.value).toEqual({ type: 'unknown', text: '?', missing: ['merchant'] });
  });

  it('says why a value is unknown that no absent field explains', () => {
    const [found] = alertsOf(createInterpreter, 'when: amount > 1.00 || amount / (amount - 2) > 1.00 || previous.amount > 1.00', logOf([{ id: 'x', at: 0, fields: { amount: '2' } }]));
    expect(found?.explanation?.unknown).toEqual([]);
    expect(JSON.stringify(found?.explanation)).toContain('"missing":["division by zero"]');
    expect(JSON.stringify(found?.explanation)).toContain('"missing":["no earlier event"]');
  });
});

describe('warm', () => {
  const warmOf = (historySince: number): readonly boolean[] => alertsOf(createInterpreter, 'when: last("10m").count() > 0', logOf([{ id: 'x', at: 0 }, { id: 'y', at: 1 }]), { historySince }).map((alert) => alert.warm);
  it('is false until the log reaches back over the longest span', () => {
    expect(warmOf(0)).toEqual([true, true]);
    expect(warmOf(testStart - 600_000 + 1)).toEqual([true, true]);
    expect(warmOf(testStart - 600_000 + 2)).toEqual([false, true]);
    expect(warmOf(testStart)).toEqual([false, false]);
  });
  it('is always true for a rule that looks at nothing but the event', () => {
    expect(alertsOf(createInterpreter, 'when: amount > 1.00', logOf([{ id: 'x', at: 0, fields: { amount: '2' } }]), { historySince: testStart + 1 }).map((alert) => alert.warm)).toEqual([true]);
  });
});

describe('explainRule', () => {
  const rule = ruleOf(probes);
  const log = logOf(events);
  const { options } = definitionOf([rule]);
  const explained = (id: string): ReturnType<typeof explainRule> => {
    const event = log.find((entry) => entry.kind === 'event' && entry.id === id);
    if (event?.kind !== 'event') throw new Error(id);
    return explainRule(rule, event, log, options);
  };

  it('names the first condition that failed and how far it was from turning', () => {
    expect(explained('p2')).toMatchObject({
      outcome: 'notFired', summary: expect.stringContaining('Condition 1 of 2 fails first: amount > 200.00 is false: 89.00, 111.01 short (56 %).'),
      verdict: { failed: { index: 0, text: 'amount > 200.00', node: { comparison: { margin: '-111.00 (0.4x)' } } }, comparisons: [{ turn: { by: '111.01', direction: 'rise' } }, { text: 'probes >= 3' }] },
    });
  });
  it('says that an event fired, or was not evaluated and why', () => {
    expect(explained('big').outcome).toBe('fired');
    const event = { kind: 'event', seq: 9, ts: testStart, id: 'x', type: 'payment', fields: {} } as const;
    expect(explainRule(rule, event, log, options)).toMatchObject({ outcome: 'notEvaluated', because: 'missingKey', missing: ['acct'] });
    expect(explainRule(rule, { ...event, type: 'label' }, log, options)).toMatchObject({ outcome: 'notEvaluated', because: 'otherType' });
  });
});
