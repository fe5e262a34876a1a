import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { emptyKey, KeyInterner } from './key-interner.js';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const intern = (interner: KeyInterner, text: string): number => { const bytes = bytesOf(text); return interner.intern(bytes, 0, bytes.length); };
const find = (interner: KeyInterner, text: string): number => { const bytes = bytesOf(text); return interner.find(bytes, 0, bytes.length); };

describe('the interner', () => {
  it('gives equal keys equal ids and different keys different ones, as a map of texts would', () => {
    const step = fc.record({ key: fc.oneof(fc.constantFrom('', 'a', 'b', 'a\0', 'account-00000000000000000001', 'account-00000000000000000002'), fc.string({ maxLength: 40 })), release: fc.boolean() });
    fc.assert(fc.property(fc.integer(), fc.array(step, { maxLength: 80 }), (seed, steps) => {
      const interner = new KeyInterner(seed);
      const model = new Map<string, { id: number; count: number }>();
      for (const { key, release } of steps) {
        const known = model.get(key);
        if (release && known !== undefined) {
          known.count -= 1;
          expect(interner.release(known.id)).toBe(known.count === 0);
          if (known.count === 0) model.delete(key);
        } else if (!release) {
          const id = intern(interner, key);
          if (known === undefined) {
            expect([...model.values()].map((one) => one.id)).not.toContain(id);
            model.set(key, { id, count: 1 });
          } else {
            expect(id).toBe(known.id);
            known.count += 1;
          }
        }
        expect(interner.size).toBe(model.size);
        for (const [text, { id }] of model) {
          expect(find(interner, text)).toBe(id);
          expect(interner.bytesOf(id)).toEqual(bytesOf(text));
        }
      }
    }), { numRuns: 200 });
  });

  it('answers for a key it does not hold with the empty key', () => {
    expect(find(new KeyInterner(1), 'a')).toBe(emptyKey);
  });

  it('needs memory for the keys held at one time, not for the keys ever seen', () => {
    const interner = new KeyInterner(7);
    const round = (from: number): void => {
      const ids: number[] = [];
      for (let i = from; i < from + 1_000; i += 1) ids.push(intern(interner, `one-off-${i}`));
      for (const id of ids) interner.release(id);
    };
    round(0);
    const afterFirst = interner.byteLength;
    for (let i = 1; i < 100; i += 1) round(i * 1_000);
    expect(interner.size).toBe(0);
    expect(interner.byteLength).toBe(afterFirst);
  });

  it('tells keys apart that differ in high bits of neighbouring words alone, whatever the seed', () => {
    for (const seed of [0, 1, -1, 0x5eed, 123_456_789]) {
      const interner = new KeyInterner(seed);
      for (let flips = 0; flips < 8; flips++) {
        const key = new Uint32Array(6).fill(0x41414141);
        for (let pair = 0; pair < 3; pair++) if ((flips & (1 << pair)) !== 0) { key[2 * pair] = key[2 * pair]! ^ 0x80000000; key[2 * pair + 1] = key[2 * pair + 1]! ^ 0x80010000; }
        interner.intern(new Uint8Array(key.buffer), 0, 24);
      }
      const { table } = interner.tables;
      const hashes = new Set<number>();
      for (let slot = 0; slot < table.length; slot += 2) if (table[slot + 1] !== 0) hashes.add(table[slot]!);
      expect(hashes.size).toBe(8);
    }
  });
});
