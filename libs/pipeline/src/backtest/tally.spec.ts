import { describe, expect, it } from '@jest/globals';
import type { Alert } from '@weir/contracts';
import { Tally } from './tally.js';

function alert(rule: string, event: string | undefined): Alert {
  const trigger = event === undefined ? {} : { trigger: { seq: 1, id: event, type: 'payment', ts: 1, fields: {}, late: false } };
  return {
    version: 1, alertId: '0'.repeat(32), seq: 1, rule, ruleVersion: 'v', title: rule, severity: 'low', score: 1, action: 'none', ts: 1, key: [],
    reason: rule, reasonParts: [], warm: true, mode: 'live', ...trigger,
  };
}

describe('a tally', () => {
  it('counts precision of alerts and recall of distinct labelled events', () => {
    const tally = new Tally(['a']);
    for (let i = 0; i < 4; i += 1) tally.countEvent();
    tally.label('e1', true);
    tally.label('e2', true);
    tally.alert(alert('a', 'e1'));
    tally.alert(alert('a', 'e1'));
    tally.alert(alert('a', 'e3'));
    expect(tally.events).toBe(4);
    expect(tally.positives()).toBe(2);
    expect(tally.rules()).toEqual([{ rule: 'a', alerts: 3, truePositives: 2, precision: 2 / 3, recall: 1 / 2 }]);
  });

  it('counts an event of several rules once in their combination', () => {
    const tally = new Tally(['a', 'b', 'c']);
    tally.label('e1', true);
    for (const [rule, event] of [['a', 'e1'], ['b', 'e1'], ['b', 'e2'], ['c', 'e9']] as const) tally.alert(alert(rule, event));
    expect(tally.combinations([{ name: 'C1', rules: ['a', 'b'] }])).toEqual([{ rule: 'C1', alerts: 2, truePositives: 1, precision: 0.5, recall: 1 }]);
  });

  it('leaves precision and recall open where nothing fired and nothing is labelled', () => {
    expect(new Tally(['a']).rules()).toEqual([{ rule: 'a', alerts: 0, truePositives: 0, precision: null, recall: null }]);
  });

  it('takes the newest word on an event, also when it comes after the alert', () => {
    const tally = new Tally(['a']);
    tally.alert(alert('a', 'e1'));
    tally.label('e1', true);
    expect(tally.rules()[0]?.truePositives).toBe(1);
    tally.label('e1', false);
    expect(tally.rules()[0]?.truePositives).toBe(0);
    expect(tally.positives()).toBe(0);
  });

  it('counts an alert without a triggering event as an alert that cannot be a true positive', () => {
    const tally = new Tally(['w']);
    tally.label('e1', true);
    tally.alert(alert('w', undefined));
    expect(tally.rules()).toEqual([{ rule: 'w', alerts: 1, truePositives: 0, precision: 0, recall: 0 }]);
  });
});
