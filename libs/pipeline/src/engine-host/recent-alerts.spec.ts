import { describe, expect, it } from '@jest/globals';
import type { Alert } from '@weir/contracts';
import { RecentAlerts } from './recent-alerts.js';

const someAlert = {} as Alert; // only passed through: no field of it is read here

describe('the memory of recent alerts', () => {
  it('answers for an event that was just evaluated, whether it fired or not', () => {
    const recent = new RecentAlerts();
    recent.evaluated(1, []);
    recent.evaluated(2, [someAlert]);
    expect(recent.ask(1, 2)).toEqual({ kind: 'known', alerts: [] });
    expect(recent.ask(2, 2)).toEqual({ kind: 'known', alerts: [someAlert] });
  });

  it('notes who asks too early, once', () => {
    const recent = new RecentAlerts();
    expect(recent.ask(5, 4)).toEqual({ kind: 'later' });
    expect(recent.evaluated(4, [])).toBe(false);
    expect(recent.evaluated(5, [])).toBe(true);
    expect(recent.evaluated(6, [])).toBe(false);
  });

  it('says that it has forgotten instead of saying that nothing fired', () => {
    const recent = new RecentAlerts(2);
    for (let seq = 10; seq <= 13; seq += 1) recent.evaluated(seq, [someAlert]);
    expect(recent.ask(9, 13)).toEqual({ kind: 'forgotten' });
    expect(recent.ask(11, 13)).toEqual({ kind: 'forgotten' });
    expect(recent.ask(12, 13)).toEqual({ kind: 'known', alerts: [someAlert] });
  });
});
