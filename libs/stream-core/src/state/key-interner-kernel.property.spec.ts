import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LinearMemory } from '../wasm/linear-memory.js';
import { ModuleCode } from '../wasm/module-code.js';
import { KeyInterner, unknownKey } from './key-interner.js';
import { writeInternKernels } from './key-interner-kernel.js';
import type { InternKernelName } from './key-interner-kernel.js';

const encoder = new TextEncoder();
const key = fc.oneof(fc.string({ maxLength: 6 }), fc.string({ minLength: 20, maxLength: 40 }), fc.constantFrom('a', 'b', 'card-1', 'x'.repeat(24), 'x'.repeat(25), 'x'.repeat(24) + 'y'));

/** An interner in linear memory with its kernels, taking batches of keys. */
function kernelInterner(seed: number): { interner: KeyInterner; intern: (keys: readonly (string | undefined)[]) => number[]; find: (keys: readonly (string | undefined)[]) => number[] } {
  const room = new LinearMemory();
  const interner = new KeyInterner(seed, room);
  const module = new ModuleCode<InternKernelName>();
  const bytes = room.u8(4096);
  const read = (at: number, length: number): Uint8Array => bytes.subarray(at - bytes.byteOffset, at - bytes.byteOffset + length);
  const same = module.import(['i32', 'i32', 'i32', 'i32'], 'i32', (_, id, at, length) => Number(interner.isLongKey(id as number, read(at as number, length as number))));
  const add = module.import(['i32', 'i32', 'i32', 'i32'], undefined, (_, id, at, length) => interner.keepLongKey(id as number, read(at as number, length as number)));
  writeInternKernels(module, { same, add });
  const kernels = module.instantiate(room);
  const [start, size, wanted, hashes, ids] = [room.i32(16), room.i32(16), room.i32(16), room.i32(16), room.i32(16)];
  const load = (keys: readonly (string | undefined)[]): void => {
    let at = 0;
    keys.forEach((text, i) => {
      const coded = text === undefined ? undefined : encoder.encode(text);
      start[i] = coded === undefined ? -1 : bytes.byteOffset + at;
      size[i] = coded?.length ?? 0;
      wanted[i] = 1;
      if (coded !== undefined) { bytes.set(coded, at); at += coded.length; }
    });
  };
  return {
    interner,
    intern: (keys) => {
      load(keys);
      interner.reserve(keys.length);
      const { counters, table, records, freed } = interner.tables;
      kernels.intern(0, counters.byteOffset, table.byteOffset, records.byteOffset, freed.byteOffset, start.byteOffset, size.byteOffset, wanted.byteOffset, keys.length, hashes.byteOffset, ids.byteOffset);
      return [...ids.subarray(0, keys.length)];
    },
    find: (keys) => {
      load(keys);
      const { counters, table, records } = interner.tables;
      kernels.find(0, counters.byteOffset, table.byteOffset, records.byteOffset, start.byteOffset, size.byteOffset, keys.length, ids.byteOffset);
      return [...ids.subarray(0, keys.length)];
    },
  };
}

describe('the kernels of the interner', () => {
  it('give the ids that the interner itself gives, keys freed in between', () => {
    fc.assert(fc.property(fc.integer(), fc.array(fc.record({ keys: fc.array(fc.option(key, { nil: undefined }), { maxLength: 12 }), freed: fc.array(fc.nat(), { maxLength: 12 }) }), { maxLength: 12 }), (seed, batches) => {
      const plain = new KeyInterner(seed);
      const inMemory = kernelInterner(seed);
      const held: number[] = [];
      for (const { keys, freed } of batches) {
        const expected = keys.map((text) => { const bytes = encoder.encode(text ?? ''); return text === undefined ? 0 : plain.intern(bytes, 0, bytes.length); });
        expect(inMemory.intern(keys)).toEqual(expected);
        held.push(...expected.filter((id) => id !== 0));
        expect(inMemory.find([...keys, 'nobody has it'])).toEqual([...expected.map((id) => (id === 0 ? unknownKey : id)), 0]);
        for (const place of freed) {
          const [id] = held.splice(place % Math.max(1, held.length), 1);
          if (id !== undefined) expect(inMemory.interner.release(id)).toBe(plain.release(id));
        }
        expect(inMemory.interner.size).toBe(plain.size);
      }
      for (const id of new Set(held)) expect(inMemory.interner.bytesOf(id)).toEqual(plain.bytesOf(id));
    }));
  });
});
