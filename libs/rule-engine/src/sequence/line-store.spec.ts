import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LineStore } from './line-store.js';

const arbAction = fc.oneof(
  { weight: 3, arbitrary: fc.record({ size: fc.oneof(fc.integer({ min: 0, max: 700 }), fc.constantFrom(63, 64, 65, 1 << 20, (1 << 20) + 1)) }) },
  { weight: 2, arbitrary: fc.record({ drop: fc.nat(1_000) }) },
);

describe('lines side by side', () => {
  it('stay what they were while others come and go', () => {
    fc.assert(fc.property(fc.array(arbAction, { maxLength: 200, size: 'max' }), (actions) => {
      const store = new LineStore();
      const held: { readonly at: number; readonly line: Uint8Array }[] = [];
      const check = ({ at, line }: (typeof held)[number]): void => { expect(Buffer.compare(store.copyOf(at, line.length), line)).toBe(0); };
      actions.forEach((action, n) => {
        if ('size' in action) {
          const line = new Uint8Array(action.size).fill(n + 1);
          held.push({ at: store.keep(line), line });
          expect(held.at(-1)?.at).toBeGreaterThan(0);
          return;
        }
        const [gone] = held.splice(action.drop % Math.max(1, held.length), 1);
        if (gone === undefined) return;
        check(gone);
        store.release(gone.at, gone.line.length);
      });
      held.forEach(check);
    }), { numRuns: 60 });
  });

  it('take the room of those that went, and give most of it back when none is held', () => {
    const store = new LineStore();
    const line = new Uint8Array(300).fill(7);
    const held = Array.from({ length: 1_000 }, () => store.keep(line));
    const { byteLength } = store;
    for (let round = 0; round < 20; round++) held.forEach((at, i) => { store.release(at, 300); held[i] = store.keep(line); });
    expect(store.byteLength).toBe(byteLength);
    for (const at of held) store.release(at, 300);
    expect(store.byteLength).toBe(64 * 1024);
    const again = Array.from({ length: 100 }, () => store.keep(line));
    expect(store.byteLength).toBe(64 * 1024);
    again.forEach((at) => expect(store.copyOf(at, 300)).toEqual(line));
  });
});
