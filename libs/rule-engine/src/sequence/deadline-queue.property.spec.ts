import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DeadlineQueue } from './deadline-queue.js';

const arbSlot = fc.oneof(fc.nat(5), fc.nat(5), fc.nat(300));
const arbAction = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('schedule' as const), slot: arbSlot, at: fc.integer({ min: -3, max: 20 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget' as const), slot: arbSlot }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('take' as const), until: fc.oneof(fc.nat(20), fc.constant(Infinity)) }) },
);

describe('the queue of deadlines', () => {
  it('drops the places of one instant that slots were given more than once', () => {
    const queue = new DeadlineQueue();
    const [slots, end] = [200, 1_000_000];
    let [most, least] = [0, Infinity];
    for (let at = 1; at <= 5_000; at++) {
      queue.schedule(at % slots, at);
      expect(queue.dueUntil(at)).toBe(at);
      queue.schedule(queue.take(), end);
      most = Math.max(most, queue.places);
      if (most > 1.9 * slots) least = Math.min(least, queue.places);
    }
    expect(most).toBeLessThanOrEqual(2 * slots + 1);
    expect(least).toBeLessThanOrEqual(slots + 1);
  });

  it('gives each slot once, at the earliest instant asked for, in order of instant', () => {
    fc.assert(fc.property(fc.array(arbAction, { maxLength: 600, size: 'max' }), (actions) => {
      const queue = new DeadlineQueue();
      const model = new Map<number, number>();
      for (const action of actions) {
        if (action.kind === 'take') {
          const earliest = Math.min(...model.values());
          const at = queue.dueUntil(action.until);
          expect(at).toBe(model.size > 0 && earliest <= action.until ? earliest : undefined);
          if (at === undefined) continue;
          const slot = queue.take();
          expect(model.get(slot)).toBe(at);
          model.delete(slot);
        } else if (action.kind === 'schedule') {
          queue.schedule(action.slot, action.at);
          model.set(action.slot, Math.min(model.get(action.slot) ?? Infinity, action.at));
        } else {
          queue.forget(action.slot);
          model.delete(action.slot);
        }
        expect(queue.next).toBeLessThanOrEqual(Math.min(Infinity, ...model.values()));
      }
    }), { numRuns: 300 });
  });
});
