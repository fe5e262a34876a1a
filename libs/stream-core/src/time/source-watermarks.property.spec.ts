import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SourceWatermarks, type SourceWatermarksState } from './source-watermarks.js';

const bound = 10;
const idleAfterMs = 30;
const options = { maxOutOfOrdernessMs: bound, idleAfterMs };

type Step =
  | { readonly kind: 'event'; readonly source: string; readonly ts: number; readonly pause: number }
  | { readonly kind: 'add' | 'remove'; readonly source: string; readonly pause: number }
  | { readonly kind: 'wait'; readonly pause: number };

const pause = fc.constantFrom(0, 0, 0, 1, 5, 29, 30, 31, -7);
const source = fc.constantFrom('a', 'b', 'c', 'd');
const event = fc.record({ kind: fc.constant('event' as const), source, ts: fc.integer({ min: 1, max: 120 }), pause });
const arbSteps: fc.Arbitrary<readonly Step[]> = fc.array(fc.oneof(
  { weight: 10, arbitrary: event },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('add' as const, 'remove' as const), source, pause }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), pause }) },
), { maxLength: 60 });

/** Plays steps; the clock runs by their pauses, and by -7 now and then: it must not matter. */
function play(time: SourceWatermarks, steps: readonly Step[], clock: { now: number }, onStep: (isLate: boolean | undefined, step: Step) => void = () => undefined): void {
  for (const step of steps) {
    clock.now += step.pause;
    let isLate: boolean | undefined;
    switch (step.kind) {
      case 'event': isLate = time.observe(step.source, step.ts, clock.now); break;
      case 'add': time.add(step.source, clock.now); break;
      case 'remove': time.remove(step.source); break;
      case 'wait': time.advance(clock.now); break;
    }
    expect(time.isAhead).toBe(time.status().some(({ isIdle, maxTs = -Infinity }) => !isIdle && maxTs > time.frontier));
    onStep(isLate, step);
  }
}

/** The definition: after each step, everything that every source has sent is looked through again. */
function byDefinition(steps: readonly Step[]): { readonly watermarks: readonly number[]; readonly late: readonly (boolean | undefined)[] } {
  let [now, latest, frontier] = [0, -Infinity, -Infinity];
  let ended = -Infinity;
  let sources: { name: string; sent: number[]; lastAt: number }[] = [];
  const watermarks: number[] = [];
  const late: (boolean | undefined)[] = [];
  const settle = (): void => {
    const furthest = (of: { sent: number[] }): number => Math.max(-Infinity, ...of.sent);
    const active = sources.filter(({ lastAt }) => latest - lastAt < idleAfterMs);
    const all = sources.length === 0 ? ended : Math.max(...sources.map(furthest));
    frontier = Math.max(frontier, active.length === 0 ? all : Math.min(...active.map(furthest)));
  };
  for (const step of steps) {
    now += step.pause;
    if (step.kind !== 'remove') latest = Math.max(latest, now);
    const known = step.kind === 'wait' ? undefined : sources.find(({ name }) => name === step.source);
    late.push(step.kind === 'event' ? step.ts <= frontier - bound - 1 : undefined);
    if (step.kind === 'event' && known === undefined) sources.push({ name: step.source, sent: [step.ts], lastAt: latest });
    if (step.kind === 'event' && known !== undefined) { known.sent.push(step.ts); known.lastAt = latest; }
    if (step.kind === 'add' && known === undefined) sources.push({ name: step.source, sent: [], lastAt: latest });
    if (step.kind === 'remove' && known !== undefined) {
      sources = sources.filter((one) => one !== known);
      ended = Math.max(-Infinity, ...known.sent);
      settle();
    }
    if (step.kind === 'event' || step.kind === 'wait') settle();
    watermarks.push(frontier - bound - 1);
  }
  return { watermarks, late };
}

describe('watermarks of several sources', () => {
  it('are at each step what the definition says, and so is lateness', () => {
    fc.assert(fc.property(arbSteps, (steps) => {
      const time = new SourceWatermarks(options);
      const watermarks: number[] = [];
      const late: (boolean | undefined)[] = [];
      play(time, steps, { now: 0 }, (isLate) => { watermarks.push(time.watermark); late.push(isLate); });
      expect({ watermarks, late }).toEqual(byDefinition(steps));
    }), { numRuns: 1_000 });
  });

  it('never go back', () => {
    fc.assert(fc.property(arbSteps, (steps) => {
      const time = new SourceWatermarks(options);
      let last = time.watermark;
      play(time, steps, { now: 0 }, () => {
        expect(time.watermark).toBeGreaterThanOrEqual(last);
        last = time.watermark;
      });
    }), { numRuns: 500 });
  });

  it('go on the same when they are cut and restored at any point, through JSON', () => {
    fc.assert(fc.property(arbSteps, fc.nat(), (steps, n) => {
      const cut = n % (steps.length + 1);
      const clock = { now: 0 };
      const first = new SourceWatermarks(options);
      play(first, steps.slice(0, cut), clock);
      // `as`: what was just written
      const restored = SourceWatermarks.restore(options, JSON.parse(JSON.stringify(first.state())) as SourceWatermarksState);
      const whole = new SourceWatermarks(options);
      play(whole, steps, { now: 0 });
      play(restored, steps.slice(cut), clock);
      expect(restored.state()).toEqual(whole.state());
    }), { numRuns: 500 });
  });

  it('are, with one source, the largest ts less the bound and 1 ms, whatever the clock does', () => {
    fc.assert(fc.property(fc.array(fc.record({ kind: fc.constant('event' as const), source: fc.constant('a'), ts: fc.integer({ min: 1, max: 120 }), pause }), { minLength: 1, maxLength: 40 }), (steps) => {
      const time = new SourceWatermarks(options);
      let largest = -Infinity;
      play(time, steps, { now: 0 }, (isLate, step) => {
        if (step.kind !== 'event') return;
        expect(isLate).toBe(step.ts <= largest - bound - 1);
        largest = Math.max(largest, step.ts);
        expect(time.watermark).toBe(largest - bound - 1);
      });
    }));
  });

  it('make no event late that is in time in its own source, while every source is known and none goes idle', () => {
    fc.assert(fc.property(fc.array(fc.record({ kind: fc.constant('event' as const), source, ts: fc.integer({ min: 1, max: 120 }), pause: fc.constant(0) }), { maxLength: 60 }), (steps) => {
      const time = new SourceWatermarks(options);
      for (const name of ['a', 'b', 'c', 'd']) time.add(name, 0);
      const largest = new Map<string, number>();
      play(time, steps, { now: 0 }, (isLate, step) => {
        if (step.kind !== 'event') return;
        const own = largest.get(step.source) ?? -Infinity;
        if (isLate === true) expect(step.ts).toBeLessThanOrEqual(own - bound - 1);
        largest.set(step.source, Math.max(own, step.ts));
        for (const name of ['a', 'b', 'c', 'd']) expect(time.watermark).toBeLessThanOrEqual((largest.get(name) ?? -Infinity) - bound - 1);
      });
    }), { numRuns: 500 });
  });
});
