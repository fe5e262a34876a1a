import { describe, expect, it } from '@jest/globals';
import { Alert } from '@weir/contracts';
import { sha256Hex } from '@weir/rule-lang';
import { createEngine, restoreEngine } from '../engine-embedded.js';
import { createInterpreter, restoreInterpreter } from '../interpret/interpreter.js';
import { alertsOf, definitionOf, firedOn, logOf, ruleOf, testStart } from '../testing/play-rule.js';
import type { PlayedEvent } from '../testing/play-rule.js';

const minute = 60_000;
/** Payments by amount: `5 at 1 minute`. */
const paid = (...pairs: readonly (readonly [id: string, amount: string, at: number])[]): readonly PlayedEvent[] => pairs.map(([id, amount, at]) => ({ id, at: at * minute, fields: { amount } }));
const engines = [['interpreter', createInterpreter], ['embedded engine', createEngine]] as const;

describe.each(engines)('sequences in the %s', (_, make) => {
  const upThenDown = 'sequence:\n  within: 10m\n  steps:\n    - begin: up\n      where: amount > 100.00\n    - followedBy: down\n      where: amount < up.amount';

  it('see only the rule\'s types and key', () => {
    const lines = 'on: [payment, transfer]\nby: acct\nsequence:\n  within: 10m\n  steps:\n    - begin: one\n      on: payment\n    - next: two\n      on: payment';
    const events: readonly PlayedEvent[] = [{ id: 'a', at: 0 }, { id: 'b', at: 1, fields: { acct: 'other' } }, { id: 'l', at: 2, type: 'label' }, { id: 'c', at: 3 }, { id: 't', at: 4, type: 'transfer' }, { id: 'd', at: 5 }];
    expect(firedOn(alertsOf(make, lines, logOf(events)))).toEqual(['c']);
  });

  it('hold what an earlier step took for later conditions', () => {
    expect(firedOn(alertsOf(make, upThenDown, logOf(paid(['a', '200', 0], ['b', '300', 1], ['c', '250', 2], ['d', '150', 3]))))).toEqual(['c', 'd']);
  });

  it('end before within is over, and at it they do not exist', () => {
    expect(firedOn(alertsOf(make, upThenDown, logOf(paid(['a', '200', 0], ['b', '50', 9.99]))))).toEqual(['b']);
    expect(firedOn(alertsOf(make, upThenDown, logOf(paid(['a', '200', 0], ['b', '50', 10]))))).toEqual([]);
  });

  it('take what a step\'s own within allows after the event before, whichever step took that', () => {
    const lines = 'sequence:\n  within: 1h\n  steps:\n    - begin: one\n      where: amount == 1.00\n    - followedBy: two\n      where: amount == 2.00\n      times: 2\n      within: 5m';
    expect(firedOn(alertsOf(make, lines, logOf(paid(['a', '1', 0], ['b', '2', 4], ['c', '2', 8.99]))))).toEqual(['c']);
    expect(firedOn(alertsOf(make, lines, logOf(paid(['a', '1', 0], ['b', '2', 4], ['c', '2', 9]))))).toEqual([]);
    expect(firedOn(alertsOf(make, lines, logOf(paid(['a', '1', 0], ['b', '2', 5], ['c', '2', 6]))))).toEqual([]);
  });

  it('an event dated before the last one taken does not exist for the match, and late events touch nothing', () => {
    const lines = 'sequence:\n  within: 10m\n  steps:\n    - begin: one\n      where: amount == 1.00\n    - next: two\n      where: amount == 2.00';
    const arrived = logOf([...paid(['a', '1', 5], ['b', '9', 4.5], ['c', '2', 6])]);
    expect(firedOn(alertsOf(make, lines, arrived))).toEqual(['c']);
    expect(firedOn(alertsOf(make, lines, arrived, { evaluation: 'watermark' }))).toEqual(['c']);
    expect(firedOn(alertsOf(make, lines, logOf([...paid(['a', '1', 5]), { id: 'late', at: 6 * minute, late: true, fields: { amount: '2' } }, ...paid(['c', '9', 7])])))).toEqual([]);
  });

  const absence = 'sequence:\n  within: 10m\n  steps:\n    - begin: sent\n      where: amount > 100.00\n    - notFollowedBy: back\n      where: amount < 0.00\nreason: "{sent.amount} at {sent.ts}"';

  it('an absence fires once the watermark shows every event before its instant, before the event that moved it', () => {
    const engine = make(definitionOf([ruleOf(absence, 'b-absence'), ruleOf('when: amount > 0.00', 'a-event')], { maxOutOfOrdernessMs: minute }));
    const fired = logOf(paid(['a', '200', 0], ['b', '1', 10.999], ['c', '1', 11])).map((entry) => engine.apply(entry).map((alert) => [alert.rule, alert.trigger?.id, alert.ts - testStart, alert.seq]));
    expect(fired).toEqual([[['a-event', 'a', 0, 1]], [['a-event', 'b', 10.999 * minute, 2]], [['b-absence', 'a', 10 * minute, 3], ['a-event', 'c', 11 * minute, 3]]]);
  });

  it('absences and window ends come in order of instant, rule id and key', () => {
    const rules = [ruleOf(absence, 'b-absence'), ruleOf('window: { tumble: 10m }\nhaving: count() > 0', 'c-window'), ruleOf(absence.replace('10m', '600s'), 'a-absence')];
    const engine = make(definitionOf(rules));
    logOf([{ id: 'x', at: 0, fields: { amount: '200', acct: 'z' } }, { id: 'y', at: 0, fields: { amount: '200', acct: 'c' } }, { id: 'early', at: -1, fields: { amount: '200', acct: 'm' } }]).forEach((entry) => engine.apply(entry));
    expect(engine.end().map((alert) => [alert.rule, alert.key[0]?.value, alert.ts - testStart])).toEqual([
      ['c-window', 'm', 0], ['a-absence', 'm', 599_999], ['b-absence', 'm', 599_999],
      ['a-absence', 'c', 600_000], ['a-absence', 'z', 600_000], ['b-absence', 'c', 600_000], ['b-absence', 'z', 600_000], ['c-window', 'c', 600_000], ['c-window', 'z', 600_000],
    ]);
  });

  it('an absence\'s own within ends it earlier, and an event at the instant is too late', () => {
    const lines = 'sequence:\n  within: 10m\n  steps:\n    - begin: one\n      where: amount == 1.00\n    - followedBy: two\n      where: amount == 2.00\n    - notFollowedBy: three\n      where: amount == 3.00\n      within: 2m';
    const at = (last: number): readonly (readonly [string | undefined, number])[] => alertsOf(make, lines, logOf(paid(['a', '1', 0], ['b', '2', 5], ['c', '3', last]))).map((alert) => [alert.trigger?.id, (alert.ts - testStart) / minute]);
    expect(at(7)).toEqual([['b', 7]]);
    expect(at(6.99)).toEqual([]);
    expect(alertsOf(make, lines, logOf(paid(['a', '1', 0], ['b', '2', 9]))).map((alert) => (alert.ts - testStart) / minute)).toEqual([10]);
  });

  it('notNext and an absence at the end may both be asked of the next event', () => {
    const lines = 'sequence:\n  within: 10m\n  steps:\n    - begin: one\n      where: amount == 1.00\n    - notNext: two\n      where: amount == 2.00\n    - notFollowedBy: three\n      where: amount == 3.00';
    const fired = (...events: readonly PlayedEvent[]): readonly string[] => firedOn(alertsOf(make, lines, logOf(events)));
    expect(fired(...paid(['a', '1', 0]))).toEqual(['a']);
    expect(fired(...paid(['a', '1', 0], ['b', '2', 1]))).toEqual([]);
    expect(fired(...paid(['a', '1', 0], ['b', '4', 1], ['c', '2', 2]))).toEqual(['a']);
    expect(fired(...paid(['a', '1', 0], ['b', '4', 1], ['c', '3', 2]))).toEqual([]);
    expect(fired(...paid(['a', '1', 0], ['b', '2', 10]))).toEqual(['a']);
  });

  it('an event that fits a step and a negative step before it kills', () => {
    const lines = 'sequence:\n  within: 10m\n  steps:\n    - begin: one\n      where: amount == 1.00\n    - notFollowedBy: big\n      where: amount > 100.00\n    - followedBy: two\n      where: amount > 50.00';
    expect(firedOn(alertsOf(make, lines, logOf(paid(['a', '1', 0], ['b', '200', 1], ['c', '60', 2]))))).toEqual([]);
    expect(firedOn(alertsOf(make, lines, logOf(paid(['a', '1', 0], ['c', '60', 2]))))).toEqual(['c']);
  });

  it('keep no more matches under way than the bound: the oldest start goes and is counted', () => {
    const engine = make(definitionOf([ruleOf(upThenDown)], { maxOpenMatches: 3 }));
    const found = logOf(paid(['a', '500', 0], ['b', '500', 1], ['c', '500', 2], ['d', '500', 3], ['e', '500', 4], ['f', '400', 5])).flatMap((entry) => engine.apply(entry));
    expect(firedOn(found)).toEqual(['f']);
    expect(engine.stats()).toMatchObject({ givenUpMatches: 2 });
  });

  it('need no list of matches where each step looks at its own event only', () => {
    const engine = make(definitionOf([ruleOf(upThenDown.replace('up.amount', '50.00'))], { maxOpenMatches: 3 }));
    logOf(Array.from({ length: 2_000 }, (_, i) => ({ id: `e${i}`, at: i, fields: { amount: '200' } }))).forEach((entry) => engine.apply(entry));
    expect(engine.stats()).toMatchObject({ givenUpMatches: 0 });
    expect(engine.stats().openMatches).toBeLessThanOrEqual(2_000);
    engine.apply({ kind: 'heartbeat', seq: 3_000, ts: testStart + 5 * minute });
    logOf([]).forEach((entry) => engine.apply(entry));
    expect(firedOn(engine.apply({ kind: 'event', seq: 3_001, ts: testStart + 6 * minute, id: 'low', type: 'payment', fields: { acct: 'a', amount: '1' } }))).toEqual(['low']);
    expect(engine.stats().openMatches).toBe(0);
  });
});

describe('the alert of a sequence', () => {
  const lines = 'sequence:\n  within: 10m\n  steps:\n    - begin: small\n      where: amount <= 5.00\n      times: 2..\n    - notFollowedBy: refund\n      where: amount < 0.00\n    - followedBy: large\n      where: amount > 100.00 && amount > 10 * small.max(amount) && usual < 300.00\nlet:\n  usual: last("1h").avg(amount)\nreason: "{large.amount} after {small.count} small ones, the last {small.amount}; {missing}, {usual}"'.replace('{missing}', '{merchant}');
  const events = paid(['a', '1', 0], ['b', '2', 1], ['c', '3', 2], ['d', '200', 3]);
  const [alert] = alertsOf(createInterpreter, lines, logOf(events));

  it('fits the contract, and names the event that ends it', () => {
    expect(Alert.safeParse(alert).error).toBeUndefined();
    expect(alert).toMatchObject({ ts: testStart + 3 * minute, seq: 4, trigger: { id: 'd' }, warm: true, key: [{ field: 'acct', value: 'a' }] });
  });

  it('says its reason with what the steps took', () => {
    expect(alert?.reason).toBe('200.00 after 2 small ones, the last 3.00; ?, 51.50');
    expect(alert?.reasonParts.map(({ start, end, name }) => [name, alert.reason.slice(start, end)])).toEqual([['large.amount', '200.00'], ['small.count', '2'], ['small.amount', '3.00'], ['merchant', '?'], ['usual', '51.50']]);
  });

  it('shows each step with its events, the latest start of those that end there, and where none was seen', () => {
    expect(alert?.explanation?.steps).toMatchObject([
      { name: 'small', contiguity: 'begin', count: 2, events: [{ id: 'b', counted: true }, { id: 'c' }] },
      { name: 'refund', contiguity: 'notFollowedBy', count: 0, events: [], noneSeen: { afterTs: testStart + minute, untilTs: testStart + 3 * minute } },
      { name: 'large', contiguity: 'followedBy', count: 1, events: [{ id: 'd' }] },
    ]);
  });

  it('explains the conditions of the step that took the event, with what earlier steps had', () => {
    expect(alert?.explanation?.conditions.map((node) => [node.text, node.value.text, node.comparison?.left.text, node.comparison?.right.text])).toEqual([
      ['amount > 100.00', 'true', '200.00', '100.00'], ['amount > 10 * small.max(amount)', 'true', '200.00', '30.00'], ['usual < 300.00', 'true', '51.50', '300.00'],
    ]);
    expect(alert?.explanation?.lets.map(({ name, node }) => [name, node.value.text, node.window])).toEqual([['usual', '51.50', 0]]);
    expect(alert?.explanation?.windows[0]).toMatchObject({ size: 4, counted: 4 });
  });

  it('keeps the newest events of a step and tells how many there were', () => {
    const [short] = alertsOf(createInterpreter, lines.replace('- begin: small\n      where', '- begin: small\n      where'), logOf(events), { maxContributing: 1 });
    expect(short?.explanation?.steps?.[0]).toMatchObject({ count: 2, events: [{ id: 'c' }] });
  });

  it('has its id from the events that tell it from others', () => {
    const idOf = (afterMatch: string, ...ids: readonly string[]): void => {
      const text = `sequence:\n  within: 10m\n  afterMatch: ${afterMatch}\n  steps:\n    - begin: one\n      where: amount == 1.00\n    - followedBy: two\n      where: amount == 2.00\n    - followedBy: three\n      where: amount == 3.00`;
      const rule = ruleOf(text);
      const [found] = alertsOf(createInterpreter, text, logOf(paid(['x', '1', 0], ['y', '2', 1], ['z', '3', 2])));
      expect(found?.alertId).toBe(sha256Hex([rule.id, rule.version, 'a', ...ids].join('\u001f')).slice(0, 32));
    };
    idOf('eachEnd', 'z');
    idOf('skipToNext', 'x', 'z');
    idOf('skipPastLastEvent', 'x', 'z');
    idOf('noSkip', 'x', 'y', 'z');
    idOf('{ skipToFirst: two }', 'x', 'y', 'z');
    idOf('{ skipToLast: two }', 'x', 'y', 'z');
  });

  it('is one for two matches of the same events, however the steps share them', () => {
    const text = 'sequence:\n  within: 10m\n  afterMatch: noSkip\n  steps:\n    - begin: one\n      times: 1..\n    - followedBy: two\n      times: 1..\n    - followedBy: three\n      where: amount == 3.00';
    const found = alertsOf(createInterpreter, text, logOf(paid(['x', '1', 0], ['y', '1', 1], ['z', '1', 2], ['end', '3', 3])));
    expect(new Set(found.map(({ alertId }) => alertId)).size).toBe(found.length);
  });

  it('was frozen as its last event was taken, though an absence lets it fire later', () => {
    const text = 'sequence:\n  within: 10m\n  steps:\n    - begin: sent\n      where: amount > 100.00\n    - notFollowedBy: back\n      where: amount < 0.00\nlet:\n  before_it: last("5m").count()\nreason: "{before_it} so far"';
    for (const make of [createInterpreter, createEngine]) {
      const [found] = alertsOf(make, text, logOf(paid(['a', '1', 0], ['b', '200', 1], ['c', '1', 2], ['d', '1', 30])));
      expect(found).toMatchObject({ reason: '2 so far', ts: testStart + 11 * minute, trigger: { id: 'b' }, explanation: { windows: [{ size: 2 }], steps: [{ name: 'sent', count: 1 }, { name: 'back', noneSeen: { afterTs: testStart + minute, untilTs: testStart + 11 * minute } }] } });
    }
  });
});

it('matches under way survive a snapshot, and one of another shape of rule is refused by name', () => {
  const absence = ruleOf('sequence:\n  within: 10m\n  steps:\n    - begin: sent\n    - notFollowedBy: back\n      where: amount < 0.00');
  const definition = definitionOf([absence]);
  for (const [make, restore] of [[createInterpreter, restoreInterpreter], [createEngine, restoreEngine]] as const) {
    const engine = make(definition);
    logOf(paid(['a', '1', 0])).forEach((entry) => engine.apply(entry));
    const restored = restore(definition, engine.snapshot());
    expect(restored.ok && restored.engine.stats().openMatches).toBe(1);
    expect(restored.ok && firedOn(restored.engine.end())).toEqual(['a']);
    const other = restore(definitionOf([ruleOf('sequence:\n  within: 11m\n  steps:\n    - begin: sent')]), engine.snapshot());
    expect(other.ok ? 'ok' : other.reason).toBe('other-rule-set');
    // A program that builds another automaton for the same meaning.
    const rebuilt = restore(definitionOf([{ ...absence, body: ruleOf('sequence:\n  within: 11m\n  steps:\n    - begin: sent').body }]), engine.snapshot());
    expect(rebuilt.ok ? 'ok' : rebuilt.reason).toBe('other-version');
  }
});
