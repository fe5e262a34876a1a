import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareQueueEntries, isUrgent, type QueueEntry } from './queue-order.js';

const now = 1_800_000_000_000;
const arbEntry = (): fc.Arbitrary<QueueEntry> => fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd'),
  score: fc.integer({ min: 90, max: 92 }),
  ts: fc.integer({ min: now - 3, max: now }),
  slaDueAt: fc.constantFrom(now - 1, now, now + 900_000, now + 900_001, now + 9_000_000),
});

describe('the order of the queue', () => {
  it('is total: antisymmetric, transitive, equal only for entries that agree in all it looks at', () => {
    fc.assert(fc.property(arbEntry(), arbEntry(), arbEntry(), (a, b, c) => {
      const order = (x: QueueEntry, y: QueueEntry): number => Math.sign(compareQueueEntries(x, y, now));
      expect(order(a, b) + order(b, a)).toBe(0);
      if (order(a, b) <= 0 && order(b, c) <= 0) expect(order(a, c)).toBeLessThanOrEqual(0);
      if (order(a, b) === 0) expect([a.id, a.score, a.ts, isUrgent(a.slaDueAt, now)]).toEqual([b.id, b.score, b.ts, isUrgent(b.slaDueAt, now)]);
    }));
  });

  it('never puts a calm alert before an urgent one, nor a lower score before a higher of the same urgency', () => {
    fc.assert(fc.property(fc.array(arbEntry(), { maxLength: 30 }), (entries) => {
      const sorted = [...entries].sort((a, b) => compareQueueEntries(a, b, now));
      sorted.reduce((before, entry) => {
        expect(Number(isUrgent(before.slaDueAt, now))).toBeGreaterThanOrEqual(Number(isUrgent(entry.slaDueAt, now)));
        if (isUrgent(before.slaDueAt, now) === isUrgent(entry.slaDueAt, now)) expect(before.score).toBeGreaterThanOrEqual(entry.score);
        return entry;
      }, sorted[0] ?? { id: '', score: 0, ts: 0, slaDueAt: 0 });
    }));
  });
});
