import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { callValue } from '../wasm/function-code.js';
import { LinearMemory } from '../wasm/linear-memory.js';
import { ModuleCode } from '../wasm/module-code.js';
import { PairCounts } from './pair-counts.js';
import { writePairKernels } from './pair-counts-kernel.js';

describe('the kernels of pair counts', () => {
  it('count as the table itself does', () => {
    const pair = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }));
    fc.assert(fc.property(fc.integer(), fc.array(fc.record({ pair, isRemoval: fc.boolean() }), { maxLength: 300 }), (seed, steps) => {
      const room = new LinearMemory();
      const plain = new PairCounts(seed);
      const inMemory = new PairCounts(seed, room);
      const module = new ModuleCode<'add' | 'remove'>();
      const { add, remove } = writePairKernels(module);
      for (const [name, callee] of [['add', add], ['remove', remove]] as const) {
        module.function(['i32', 'i32', 'i32', 'i32'], 'i32', (code) => callValue('i32', callee, code.param(0, 'i32'), code.param(1, 'i32'), code.param(2, 'i32'), code.param(3, 'i32')), name);
      }
      const kernels = module.instantiate(room);
      const held = new Map<string, number>();
      for (const { pair: [key, value], isRemoval } of steps) {
        const name = `${key} ${value}`;
        const count = held.get(name) ?? 0;
        inMemory.reserve(1);
        const at = [inMemory.counters.byteOffset, inMemory.table.byteOffset] as const;
        if (!isRemoval) {
          expect([kernels.add(...at, key, value), Number(plain.add(key, value))]).toEqual([Number(count === 0), Number(count === 0)]);
          held.set(name, count + 1);
        } else if (count > 0) {
          expect([kernels.remove(...at, key, value), Number(plain.remove(key, value))]).toEqual([Number(count === 1), Number(count === 1)]);
          held.set(name, count - 1);
        }
        expect(inMemory.size).toBe(plain.size);
      }
    }), { numRuns: 50 });
  });
});
