import { describe, expect, it } from '@jest/globals';
import { SourceGate } from './source-gate.js';

const bench = (): { readonly clock: { now: number }; readonly gate: SourceGate } => {
  const clock = { now: 1_000_000 };
  return { clock, gate: new SourceGate({ maxOutOfOrdernessMs: 100, idleAfterMs: 30_000, clock: () => clock.now }) };
};

describe('sources that wait for one that sends and never comes on', () => {
  it('are told with what they wait for, and for how long', () => {
    const { clock, gate } = bench();
    for (const source of ['stuck', 'a', 'b']) gate.sent(source, 500);
    expect(gate.stall()).toBeUndefined();
    clock.now += 5_000;
    gate.sent('a', 900);
    expect(gate.isOpen('a', 900)).toBe(false);
    gate.hold('a');
    gate.sent('b', 700);
    gate.hold('b');
    for (let i = 0; i < 6; i += 1) {
      clock.now += 10_000;
      gate.sent('stuck', 400 + i); // sends, so it is not idle, and nothing that is newer
    }
    expect(gate.stall()).toEqual({ behind: ['stuck'], upToTs: 500, waiting: ['a', 'b'], forMs: 60_000 });
    expect(gate.status().filter(({ isIdle }) => isIdle)).toEqual([]);
    gate.sent('stuck', 700); // a step, for one of them
    clock.now += 1_000;
    expect(gate.stall()).toEqual({ behind: ['stuck', 'b'], upToTs: 700, waiting: ['a'], forMs: 1_000 });
    gate.sent('stuck', 2_000);
    gate.sent('b', 2_000);
    gate.sent('a', 2_000);
    expect(gate.stall()).toBeUndefined();
  });

  it('wait for nobody once it has sent nothing for so long', () => {
    const { clock, gate } = bench();
    gate.sent('stuck', 500);
    gate.sent('a', 500);
    gate.sent('a', 900);
    gate.hold('a');
    clock.now += 29_999;
    gate.look();
    expect(gate.stall()).toMatchObject({ behind: ['stuck'], forMs: 29_999 });
    clock.now += 1;
    gate.look();
    expect(gate.stall()).toBeUndefined();
  });
});
