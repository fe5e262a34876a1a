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
  it('holds few places of slots that are asked for at one instant again and again', () => {
    const queue = new DeadlineQueue();
    const end = 1_000_000;
    let most = 0;
    for (let at = 1; at <= 10_000; at++) {
      queue.schedule(at % 3, at);
      expect(queue.dueUntil(at)).toBe(at);
      queue.schedule(queue.take(), end);
      most = Math.max(most, queue.places);
    }
    expect(most).toBeLessThanOrEqual(66);
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
