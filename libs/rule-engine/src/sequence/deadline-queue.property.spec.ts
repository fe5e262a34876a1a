import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DeadlineQueue } from './deadline-queue.js';
import type { Due } from './deadline-heap.js';

const keys = ['a', 'b', 'c', 'd', 'e'] as const;
const arbAction = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('schedule' as const), key: fc.constantFrom(...keys), at: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget' as const), key: fc.constantFrom(...keys) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('take' as const), until: fc.nat(20) }) },
);

describe('the queue of deadlines', () => {
  it('gives each key once, at the earliest instant asked for, in order of instant and key', () => {
    fc.assert(fc.property(fc.array(arbAction, { maxLength: 300, size: 'max' }), (actions) => {
      const queue = new DeadlineQueue<Due>();
      const dues = new Map(keys.map((key): [string, Due] => [key, { key, dueAt: Infinity }]));
      const model = new Map<string, number>();
      for (const action of actions) {
        if (action.kind === 'take') {
          const expected = [...model].filter(([, at]) => at <= action.until).sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))[0];
          const taken = queue.takeUntil(action.until);
          expect(taken === undefined ? undefined : [taken.due.key, taken.at]).toEqual(expected);
          if (expected !== undefined) model.delete(expected[0]);
          continue;
        }
        const due = dues.get(action.key) as Due;
        if (action.kind === 'schedule') {
          queue.schedule(due, action.at);
          model.set(action.key, Math.min(model.get(action.key) ?? Infinity, action.at));
        } else {
          queue.forget(due);
          model.delete(action.key);
        }
        expect(queue.next).toBeLessThanOrEqual(Math.min(Infinity, ...model.values()));
      }
    }), { numRuns: 300 });
  });
});
