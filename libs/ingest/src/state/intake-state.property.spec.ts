import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { IntakeState, type PlaceInTime } from './intake-state.js';
import { SeenIds } from './seen-ids.js';

const options = { horizonMs: 50, maxOutOfOrdernessMs: 20, maxFutureMs: 5, maxIds: 100_000 };

describe('IntakeState', () => {
  it('answers the same after it was cut and restored at any point, and after a replay', () => {
    const arbStep = fc.record({ id: fc.integer({ min: 0, max: 40 }).map((n) => `e${n}`), ts: fc.integer({ min: 1, max: 200 }), restamp: fc.boolean() });
    fc.assert(fc.property(fc.array(arbStep, { maxLength: 80 }), fc.nat(), (steps, n) => {
      const run = (state: IntakeState, from: number, to: number): [readonly number[], PlaceInTime][] => steps.slice(from, to).map((step, i) => {
        const known = state.candidates(step.id);
        const placed = state.place({ kind: 'event', id: step.id, ts: step.ts, type: 't', fields: {} }, step.restamp, 1_000);
        if (known.length === 0) state.record(step.id, from + i + 1);
        return [known, placed];
      });
      const cut = n % (steps.length + 1);
      const whole = new IntakeState(options);
      const expected = run(whole, 0, steps.length);
      const first = new IntakeState(options);
      const head = run(first, 0, cut);
      const restored = IntakeState.restore(first.snapshot(), options);
      if (!restored.ok) throw new Error(restored.message);
      expect([...head, ...run(restored.state, cut, steps.length)]).toEqual(expected);
      expect(restored.state.snapshot()).toEqual(whole.snapshot());
    }));
  });

  it('keeps exactly the ids of the horizon, as a plain list does', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 3 })), { maxLength: 400 }), fc.integer({ min: 1, max: 60 }), (steps, bound) => {
      const seen = new SeenIds(1, 2);
      let list: { id: string; seq: number; at: number }[] = [];
      let at = 1;
      steps.forEach(([n, forward], i) => {
        at += forward;
        const id = `id-${n}`;
        const known = list.filter((entry) => entry.id === id).map((entry) => entry.seq);
        expect(seen.candidates(id, at - 40)).toEqual(known.filter(() => list.some((entry) => entry.id === id && entry.at > at - 40)));
        if (known.length === 0) {
          seen.add(id, i + 1, at);
          list.push({ id, seq: i + 1, at });
        }
        seen.forget(at - 40, bound);
        list = list.filter((entry) => entry.at > at - 40).slice(-bound);
        expect(seen.size).toBe(list.length);
      });
    }));
  });

  it('stays right over many chunks of entries', () => {
    const seen = new SeenIds(3, 4);
    for (let i = 0; i < 400_000; i += 1) {
      seen.add(`event-${i}`, i + 1, i);
      seen.forget(i - 150_000, 1_000_000);
    }
    expect(seen.size).toBe(150_000);
    expect(seen.candidates('event-249999', 0)).toEqual([]);
    for (const i of [250_000, 262_144, 300_000, 399_999]) expect(seen.candidates(`event-${i}`, 0)).toEqual([i + 1]);
  });
});
