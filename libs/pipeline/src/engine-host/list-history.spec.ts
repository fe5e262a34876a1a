import { describe, expect, it } from '@jest/globals';
import type { ListChange } from '@weir/contracts';
import fc from 'fast-check';
import { ListHistory } from './list-history.js';

function change(seq: number, ts: number, value: string, kind: 'add' | 'remove'): ListChange {
  return { kind: 'list', seq, ts, list: 'blocked', value, change: kind };
}

/** By definition: the last change dated at or before t. */
function isOn(changes: readonly ListChange[], value: string, t: number): boolean {
  return changes.filter((one) => one.value === value && one.ts <= t).at(-1)?.change === 'add';
}

describe('the history of lists', () => {
  it('answers every date from the cut on as it did before older changes were forgotten', () => {
    const steps = fc.array(fc.tuple(fc.nat(3), fc.constantFrom('a', 'b'), fc.constantFrom('add' as const, 'remove' as const)), { maxLength: 30 });
    fc.assert(fc.property(steps, fc.integer({ min: 1, max: 60 }), (given, cut) => {
      let ts = 1;
      const changes = given.map(([gap, value, kind], i) => change(i + 1, ts += gap, value, kind));
      const history = new ListHistory(changes);
      history.forgetBefore(cut);
      for (let t = cut; t < ts + 2; t += 1) {
        for (const value of ['a', 'b']) expect(isOn(history.all(), value, t)).toBe(isOn(changes, value, t));
      }
    }));
  });

  it('does not grow with changes of the same entry once they are old', () => {
    const history = new ListHistory();
    for (let i = 1; i <= 1_000; i += 1) history.add(change(i, i, 'a', i % 2 === 0 ? 'add' : 'remove'));
    history.forgetBefore(2_000);
    expect(history.all()).toEqual([change(1_000, 1_000, 'a', 'add')]);
  });
});
