import { describe, expect, it } from '@jest/globals';
import { alertsOf, definitionOf, firedOn, logOf, ruleOf } from '../testing/play-rule.js';
import type { PlayedEvent } from '../testing/play-rule.js';
import { createInterpreter } from './interpreter.js';

const both = ['arrival', 'watermark'] as const;

/** Payments of acct `a` at these ms, ids e0, e1, ... */
function at(...times: readonly number[]): readonly PlayedEvent[] { return times.map((ms, index) => ({ id: `e${index}`, at: ms })); }
function fired(lines: string, events: readonly PlayedEvent[], evaluation: 'arrival' | 'watermark'): readonly string[] {
  return firedOn(alertsOf(createInterpreter, lines, logOf(events), { evaluation }));
}

describe.each(both)('windows in %s mode', (mode) => {
  it('hold an event one ms younger than the span and not one exactly as old', () => {
    expect(fired('when: last("10m").count() == 2', at(0, 599_999), mode)).toEqual(['e1']);
    expect(fired('when: last("10m").count() == 2', at(0, 600_000), mode)).toEqual([]);
  });

  it('last holds the triggering event, before does not', () => {
    expect(fired('when: last("1s").count() == 1', at(0), mode)).toEqual(['e0']);
    expect(fired('when: before("1s").count() == 0', at(0), mode)).toEqual(['e0']);
  });

  it('between holds its nearer end and not its farther one', () => {
    const lines = 'when: between("10s", "5s").count() == 1';
    expect(fired(lines, at(0, 4_999), mode)).toEqual([]);
    expect(fired(lines, at(0, 5_000), mode)).toEqual(['e1']);
    expect(fired(lines, at(0, 9_999), mode)).toEqual(['e1']);
    expect(fired(lines, at(0, 10_000), mode)).toEqual([]);
  });

  it('since the local day holds its first instant', () => {
    const day = 86_400_000;
    expect(fired('when: since("day").count() == 2', at(day - 1, day, day + 5), mode)).toEqual(['e2']);
    // New York is five hours behind
    expect(fired('when: since("day", "America/New_York").count() == 2', at(5 * 3_600_000 - 1, 5 * 3_600_000, 20 * 3_600_000), mode)).toEqual(['e2']);
    expect(fired('when: since("week").count() == 2', at(7 * day - 1, 7 * day, 13 * day), mode)).toEqual(['e2']);
  });

  it('lastEvents holds the newest, the triggering one among them, and where looks among these', () => {
    const events: readonly PlayedEvent[] = [10, 1, 1, 10].map((amount, index) => ({ id: `e${index}`, at: index * 1_000, fields: { amount: String(amount) } }));
    expect(fired('when: lastEvents(2).count() == 2', events, mode)).toEqual(['e1', 'e2', 'e3']);
    expect(fired('when: lastEvents(3).where(amount > 5.00).count() == 1', events, mode)).toEqual(['e0', 'e1', 'e2', 'e3']);
    expect(fired('when: lastEvents(4).where(amount > 5.00).count() == 2', events, mode)).toEqual(['e3']);
  });

  it('previous is the event just before in (ts, seq), of the key', () => {
    const events: readonly PlayedEvent[] = [
      { id: 'x', at: 0, fields: { amount: '1' } }, { id: 'other', at: 1, fields: { acct: 'b', amount: '9' } }, { id: 'y', at: 5, fields: { amount: '2' } }, { id: 'z', at: 5, fields: { amount: '3' } },
    ];
    expect(fired('when: previous.amount == 1.00', events, mode)).toEqual(['y']);
    expect(fired('when: previous.amount == 2.00', events, mode)).toEqual(['z']);
    expect(fired('when: "!has(previous.amount)"', events, mode)).toEqual(['x', 'other']);
  });

  it('first_seen is true for the first event with the value and after the span', () => {
    const events: readonly PlayedEvent[] = [0, 1_000, 5_999, 10_999].map((ms, index) => ({ id: `e${index}`, at: ms, fields: { merchant: 'm' } }));
    expect(fired('when: first_seen(merchant, "5s")', events, mode)).toEqual(['e0', 'e3']);
  });

  it('a window over another key is unknown when the triggering event lacks it', () => {
    const events: readonly PlayedEvent[] = [{ id: 'x', at: 0 }, { id: 'y', at: 1, fields: { merchant: 'm' } }];
    expect(fired('when: by(merchant).last("1s").count() == 0 || by(merchant).last("1s").count() > 0', events, mode)).toEqual(['y']);
    expect(fired('when: by(merchant).last("1s").count() < 5', events, mode)).toEqual(['y']);
  });

  it('by() looks over every key, and events without the key are not counted', () => {
    const events: readonly PlayedEvent[] = [{ id: 'x', at: 0, fields: { acct: 'b' } }, { id: 'y', at: 1 }, { id: 'z', at: 2, fields: { merchant: 'm' } }];
    expect(fired('when: by().last("1s").count() == 3', events, mode)).toEqual(['z']);
    expect(fired('when: by(merchant).last("1s").count() == 1', events, mode)).toEqual(['z']);
  });

  it('by(a == b) counts what came in to the one who now sends, and before leaves out the triggering event', () => {
    const lines = 'on: transfer\nwhen: by(payee == acct).before("1h").sum(amount) >= 10.00';
    const events: readonly PlayedEvent[] = [
      { id: 'in', at: 0, type: 'transfer', fields: { acct: 'p', payee: 'm', amount: '10' } },
      { id: 'out', at: 1, type: 'transfer', fields: { acct: 'm', payee: 'q', amount: '10' } },
      { id: 'self', at: 2, type: 'transfer', fields: { acct: 's', payee: 's', amount: '10' } },
    ];
    expect(fired(lines, events, mode)).toEqual(['out']);
  });

  it('avg, share and exists decide exactly', () => {
    const events: readonly PlayedEvent[] = ['10.00', '10.01', '10.02', '30.03'].map((amount, index) => ({ id: `e${index}`, at: index, fields: { amount: amount.replace(/0+$/, '').replace(/\.$/, ''), declined: index % 2 === 0 } }));
    expect(fired('when: amount == 3 * before("1m").avg(amount)', events, mode)).toEqual(['e3']);
    expect(fired('when: amount > 3 * before("1m").avg(amount)', events, mode)).toEqual([]);
    expect(fired('when: last("1m").share(declined) == 1 / 2', events, mode)).toEqual(['e1', 'e3']);
    expect(fired('when: last("1m").exists(amount > 30.00)', events, mode)).toEqual(['e3']);
  });
});

describe('events of one millisecond', () => {
  const tied = at(0, 0, 0);
  it('see only those before them in arrival mode', () => {
    expect(fired('when: last("1s").count() == 3', tied, 'arrival')).toEqual(['e2']);
    expect(fired('when: before("1s").count() == 1', tied, 'arrival')).toEqual(['e1']);
    expect(fired('when: since("day").count() == 2', tied, 'arrival')).toEqual(['e1']);
  });
  it('see each other in watermark mode', () => {
    expect(fired('when: last("1s").count() == 3', tied, 'watermark')).toEqual(['e0', 'e1', 'e2']);
    expect(fired('when: before("1s").count() == 2', tied, 'watermark')).toEqual(['e0', 'e1', 'e2']);
    expect(fired('when: since("day").count() == 3', tied, 'watermark')).toEqual(['e0', 'e1', 'e2']);
  });
  it('never see a later one through lastEvents or previous', () => {
    for (const mode of both) {
      expect(fired('when: lastEvents(3).count() == 2', tied, mode)).toEqual(['e1']);
      expect(fired('when: has(previous.ts)', tied, mode)).toEqual(['e1', 'e2']);
    }
  });
});

describe('order and lateness', () => {
  const outOfOrder = at(0, 2_000, 1_000);
  it('an event out of order is evaluated at its own ts: in arrival mode over what came before it', () => {
    expect(fired('when: last("5s").count() == 2', outOfOrder, 'arrival')).toEqual(['e1', 'e2']);
    expect(fired('when: last("5s").count() == 3', outOfOrder, 'arrival')).toEqual([]);
  });
  it('in watermark mode as if it had come in order', () => {
    expect(fired('when: last("5s").count() == 2', outOfOrder, 'watermark')).toEqual(['e2']);
    expect(fired('when: last("5s").count() == 3', outOfOrder, 'watermark')).toEqual(['e1']);
  });

  it.each(both)('a late event touches no window and is evaluated by stateless rules only (%s)', (mode) => {
    const events: readonly PlayedEvent[] = [{ id: 'x', at: 100_000 }, { id: 'late', at: 0, late: true, fields: { amount: '20000' } }, { id: 'y', at: 100_001 }];
    expect(fired('when: amount > 10000.00', events, mode)).toEqual(['late']);
    expect(fired('when: last("30m").count() > 0', events, mode)).toEqual(['x', 'y']);
    expect(fired('when: last("30m").count() == 3', events, mode)).toEqual([]);
  });

  it('watermark mode releases an event when the watermark has passed it, with the seq of the entry that moved it', () => {
    const engine = createInterpreter(definitionOf([ruleOf('when: amount > 0.00')], { evaluation: 'watermark' }));
    const log = logOf([{ id: 'x', at: 0, fields: { amount: '1' } }, { id: 'y', at: 60_000, fields: { amount: '1' } }, { id: 'z', at: 60_001, fields: { amount: '1' } }, { heartbeat: 120_002 }]);
    const released = log.map((entry) => engine.apply(entry).map((alert) => [alert.trigger?.id, alert.seq]));
    // 60,000 - 60,000 - 1 < 0: the first event is still waiting after the second
    expect(released).toEqual([[], [], [['x', 3]], [['y', 4], ['z', 4]]]);
    expect(engine.end()).toEqual([]);
  });
});

describe.each(both)('lists in %s mode', (mode) => {
  it('count from the change that is dated at or before the event', () => {
    const log = logOf([
      { id: 'a', at: 0, fields: { merchant: 'm' } }, { list: 'watched', value: 'm', change: 'add', at: 1_000 }, { id: 'b', at: 999, fields: { merchant: 'm' } },
      { id: 'c', at: 1_000, fields: { merchant: 'm' } }, { list: 'watched', value: 'm', change: 'remove', at: 1_000 }, { id: 'd', at: 1_001, fields: { merchant: 'm' } }, { id: 'e', at: 1_002 },
    ]);
    // in watermark mode the removal of the same ms counts for c too
    expect(firedOn(alertsOf(createInterpreter, 'when: merchant in list("watched")', log, { evaluation: mode }))).toEqual(mode === 'arrival' ? ['c'] : []);
    expect(firedOn(alertsOf(createInterpreter, 'when: "!(merchant in list(\\"watched\\"))"', log, { evaluation: mode }))).toEqual(mode === 'arrival' ? ['a', 'b', 'd'] : ['a', 'b', 'c', 'd']);
  });
});

