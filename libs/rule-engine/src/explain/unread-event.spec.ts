import { describe, expect, it } from '@jest/globals';
import { Alert } from '@weir/contracts';
import type { LogEvent } from '@weir/contracts';
import { createEngine } from '../engine-embedded.js';
import { alertsOf, firedOn, logOf } from '../testing/play-rule.js';

const lines = `
reason: "{n} payments of {spent}, before it {earlier}"
let:
  n: last("10m").count()
  spent: last("10m").sum(amount)
  earlier: previous.amount
when: n >= 3 && spent > 5.00 && earlier > 1.00
`;
const entries = logOf([1, 2, 3, 4].map((amount, i) => ({ id: `e${amount}`, at: i * 1_000, fields: { amount: String(amount) } })));
const bySeq = new Map(entries.flatMap((entry): [number, LogEvent][] => (entry.kind === 'event' ? [[entry.seq, entry]] : [])));
const without = (...gone: readonly number[]) => (seq: number): LogEvent | undefined => (gone.includes(seq) ? undefined : bySeq.get(seq));
const told = (readEvent: (seq: number) => LogEvent | undefined, rule = lines) => alertsOf(createEngine, rule, entries, { readEvent });

describe('an alert whose events the log could not give back', () => {
  it('fires all the same, with the same ids', () => {
    expect(told(without(1, 2)).map(({ alertId }) => alertId)).toEqual(told(without()).map(({ alertId }) => alertId));
    expect(firedOn(told(without(1, 2)))).toEqual(['e3', 'e4']);
  });

  it('shows them by seq, type and time, marked, and fits the contract', () => {
    const [alert] = told(without(1));
    expect(Alert.safeParse(alert).error).toBeUndefined();
    expect(alert?.explanation?.windows[0]).toMatchObject({ size: 3, counted: 3, value: { text: '3' }, events: [{ seq: 1, id: '', type: 'payment', counted: true, fields: {}, unread: true }, { seq: 2, id: 'e2' }, { seq: 3, id: 'e3' }] });
    expect(alert?.explanation?.windows[0]?.events[1]).not.toHaveProperty('unread');
  });

  it('says of a value that hangs on them why it is not known, and computes none of the others', () => {
    const [alert] = told(without(1));
    expect(alert?.explanation?.windows[1]).toMatchObject({ size: 3, counted: 0, value: { type: 'unknown', missing: ['the log could not give back the event of seq 1'] } });
    expect(alert?.reason).toBe('3 payments of ?, before it 2.00');
    const [both] = told(without(1, 2));
    expect(both?.reason).toBe('3 payments of ?, before it ?');
    expect(both?.explanation?.lets.map(({ node }) => node.value.missing)).toEqual([undefined, ['the log could not give back the events of seq 1, 2'], ['the log could not give back the event of seq 2']]);
    expect(both?.explanation?.unknown).toEqual([]);
  });

  it('knows the time and type of the event before without reading it', () => {
    const [alert] = told(without(1, 2, 3), 'when: ts - previous.ts <= duration("1s") && previous.type == "payment" && has(previous.id)');
    expect(alert?.explanation?.conditions.map(({ value }) => value.text)).toEqual(['true', 'true', 'false']);
  });

  it('takes an error of the host for an event that is gone', () => {
    const alerts = told((seq) => { if (seq === 2) throw new Error('a damaged block'); return bySeq.get(seq); });
    expect(alerts.map(({ reason }) => reason)).toEqual(['3 payments of ?, before it ?', '4 payments of ?, before it 3.00']);
  });

  it('names ten of many', () => {
    const many = logOf(Array.from({ length: 15 }, (_, i) => ({ id: `m${i}`, at: i, fields: { amount: '1' } })));
    const [alert] = alertsOf(createEngine, 'when: last("10m").sum(amount) >= 15.00', many, { readEvent: () => undefined });
    expect(alert?.explanation?.windows[0]?.value.missing).toEqual(['the log could not give back the events of seq 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 4 more']);
  });
});
