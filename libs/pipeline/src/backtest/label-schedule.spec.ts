import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LabelSchedule } from './label-schedule.js';

describe('labels that wait for their date', () => {
  it('come out before an event of the same instant, in order of date', () => {
    const schedule = new LabelSchedule<{ ts: number; id: string }>();
    for (const [id, ts] of [['b', 20], ['a', 10], ['c', 30]] as const) schedule.add({ id, ts });
    expect(schedule.takeDue(20).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(schedule.takeDue(29)).toEqual([]);
    expect(schedule.takeDue(30).map(({ id }) => id)).toEqual(['c']);
  });

  it('keep the order of their payments where the dates are equal', () => {
    const schedule = new LabelSchedule<{ ts: number; id: number }>();
    for (let id = 0; id < 5; id += 1) schedule.add({ id, ts: 7 });
    expect(schedule.takeAll().map(({ id }) => id)).toEqual([0, 1, 2, 3, 4]);
  });

  it('are neither lost nor doubled, whatever is added and taken', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(50), fc.boolean()), { maxLength: 3_000 }), (steps) => {
      const schedule = new LabelSchedule<{ ts: number; id: number }>();
      const out: { ts: number; id: number }[] = [];
      steps.forEach(([ts, isTake], id) => {
        if (!isTake) schedule.add({ ts, id });
        else {
          const due = schedule.takeDue(ts);
          expect(due.every((label) => label.ts <= ts)).toBe(true);
          expect([...due]).toEqual([...due].sort((a, b) => a.ts - b.ts || a.id - b.id));
          out.push(...due);
        }
      });
      out.push(...schedule.takeAll());
      expect(out.map(({ id }) => id).sort((a, b) => a - b)).toEqual(steps.flatMap(([, isTake], id) => (isTake ? [] : [id])));
      expect(schedule.size).toBe(0);
    }), { numRuns: 50 });
  });
});
