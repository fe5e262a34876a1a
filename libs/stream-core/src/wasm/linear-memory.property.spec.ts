import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LinearMemory } from './linear-memory.js';

describe('a linear memory', () => {
  it('gives arrays of zeros that never lie over each other, and takes back what is outgrown', () => {
    const step = fc.oneof(
      fc.record({ take: fc.constantFrom('f64', 'i32', 'u16', 'u8' as const), length: fc.integer({ min: 0, max: 50_000 }) }),
      fc.record({ release: fc.nat() }),
    );
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const memory = new LinearMemory();
      const held: { readonly array: ReturnType<LinearMemory['u8']> | ReturnType<LinearMemory['f64']> | ReturnType<LinearMemory['i32']> | ReturnType<LinearMemory['u16']>; readonly mark: number }[] = [];
      steps.forEach((one, i) => {
        if ('take' in one) {
          const array = memory[one.take](one.length);
          expect(array.length).toBe(one.length);
          expect(array.every((value) => value === 0)).toBe(true);
          expect(array.byteOffset % 64).toBe(0);
          array.fill(i + 1);
          held.push({ array, mark: i + 1 });
        } else if (held.length > 0) memory.release(held.splice(one.release % held.length, 1)[0]!.array);
      });
      for (const { array, mark } of held) expect(array.every((value) => value === mark)).toBe(true);
    }), { numRuns: 60 });
  });

  it('uses the room of released arrays again, whatever order they come back in', () => {
    const memory = new LinearMemory();
    const arrays = [100, 200, 300, 400].map((length) => memory.i32(length));
    const before = memory.byteLength;
    for (const place of [2, 0, 3, 1]) memory.release(arrays[place]!);
    memory.i32(1000);
    expect(memory.byteLength).toBe(before);
  });

  it('lets 64 bytes behind any array be read, and tells when room was taken or given back', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 200_000 }), { maxLength: 20 }), (lengths) => {
      const memory = new LinearMemory();
      for (const length of lengths) {
        const before = memory.changes;
        const array = memory.u8(length);
        expect(array.byteOffset + array.byteLength + 64).toBeLessThanOrEqual(memory.memory.buffer.byteLength);
        expect(memory.changes).toBeGreaterThan(before);
        if (length % 3 === 0) memory.release(array);
      }
    }), { numRuns: 60, examples: [[[65_536 - 64]], [[65_536 - 128]], [[131_072 - 64, 1]]] });
  });

  it('keeps arrays valid when it grows', () => {
    const memory = new LinearMemory();
    const early = memory.f64(8).fill(7);
    memory.u8(10_000_000);
    expect([...early]).toEqual([7, 7, 7, 7, 7, 7, 7, 7]);
  });
});
