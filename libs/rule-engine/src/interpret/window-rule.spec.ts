import { describe, expect, it } from '@jest/globals';
import { Alert } from '@weir/contracts';
import { sha256Hex } from '@weir/rule-lang';
import { alertsOf, definitionOf, logOf, ruleOf, testStart } from '../testing/play-rule.js';
import type { PlayedEvent } from '../testing/play-rule.js';
import { createInterpreter } from './interpreter.js';

const at = (...times: readonly number[]): readonly PlayedEvent[] => times.map((ms, index) => ({ id: `e${index}`, at: ms, fields: { amount: '1' } }));
/** Start or end of the windows that fired, ms after the start of the test. */
const ends = (lines: string, events: readonly PlayedEvent[], evaluation: 'arrival' | 'watermark'): readonly number[] =>
  alertsOf(createInterpreter, lines, logOf(events), { evaluation }).map((alert) => alert.ts - testStart);

describe.each(['arrival', 'watermark'] as const)('window rules in %s mode', (mode) => {
  it('tumble is aligned to the epoch and holds its start, not its end', () => {
    expect(ends('window: { tumble: 5m }\nhaving: count() == 2', at(299_999, 300_000, 599_999, 600_000), mode)).toEqual([600_000]);
  });
  it('hop holds an event in size / every windows', () => {
    expect(ends('window: { hop: { size: 10m, every: 5m } }\nhaving: count() > 0', at(300_000), mode)).toEqual([600_000, 900_000]);
  });
  it('session parts events exactly the gap apart, and an event out of order joins two', () => {
    expect(ends('window: { session: { gap: 1m } }\nhaving: count() > 0', at(0, 60_000), mode)).toEqual([60_000, 120_000]);
    expect(ends('window: { session: { gap: 1m } }\nhaving: count() > 0', at(0, 59_999), mode)).toEqual([119_999]);
    expect(ends('window: { session: { gap: 1m } }\nhaving: count() == 3', at(0, 60_000, 30_000), mode)).toEqual([120_000]);
  });
  it('looks at the key, at lets and at filtered aggregates', () => {
    expect(ends('let:\n  total: sum(amount)\nwindow: { tumble: 5m }\nhaving: acct == "a" && total == 2 && where(amount > 5.00).count() == 0 && share(amount > 0.00) == 1', at(0, 1), mode)).toEqual([300_000]);
  });
});

it('a window ends when the watermark shows that every event before its end is in, before the event that moved it is evaluated', () => {
  const rules = [ruleOf('window: { tumble: 1m }\nhaving: count() > 0', 'a-window'), ruleOf('when: amount > 0.00', 'every-event')];
  const engine = createInterpreter(definitionOf(rules, { maxOutOfOrdernessMs: 10_000 }));
  const fired = logOf([...at(0, 69_999, 70_000), { heartbeat: 130_000 }]).map((entry) => engine.apply(entry).map((alert) => [alert.rule, alert.ts - testStart, alert.seq]));
  expect(fired).toEqual([[['every-event', 0, 1]], [['every-event', 69_999, 2]], [['a-window', 60_000, 3], ['every-event', 70_000, 3]], [['a-window', 120_000, 4]]]);
  expect(engine.end()).toEqual([]);
});

it('windows of one instant come in order of rule id and key', () => {
  const rules = [ruleOf('window: { tumble: 1m }\nhaving: count() > 0', 'b'), ruleOf('window: { hop: { size: 1m, every: 1m } }\nhaving: count() > 0', 'a')];
  const engine = createInterpreter(definitionOf(rules));
  logOf([{ id: 'x', at: 0, fields: { acct: 'z' } }, { id: 'y', at: 1, fields: { acct: 'c' } }]).forEach((entry) => engine.apply(entry));
  expect(engine.end().map((alert) => [alert.rule, alert.key[0]?.value])).toEqual([['a', 'c'], ['a', 'z'], ['b', 'c'], ['b', 'z']]);
});

it('the alert has a key and a window instead of a triggering event, and the window it explains is its own', () => {
  const rule = ruleOf('window: { tumble: 5m }\nhaving: count() == 2\nreason: "{n} payments of {acct}"\nlet:\n  n: count()');
  const engine = createInterpreter(definitionOf([rule]));
  logOf(at(0, 1)).forEach((entry) => engine.apply(entry));
  const [alert] = engine.end();
  expect(Alert.safeParse(alert).error).toBeUndefined();
  expect(alert).toMatchObject({ key: [{ field: 'acct', value: 'a' }], reason: '2 payments of a', warm: true });
  expect(alert?.trigger).toBeUndefined();
  expect(alert?.alertId).toBe(sha256Hex([rule.id, rule.version, 'a', testStart, testStart + 300_000].join('\u001f')).slice(0, 32));
  expect(alert?.explanation?.windows[0]).toMatchObject({ afterTs: testStart - 1, untilTs: testStart + 299_999, size: 2, counted: 2, events: [{ id: 'e0' }, { id: 'e1' }] });
});
