import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { keySeparator } from '../interpret/value.js';
import { anyHash, hashOfKey, hashOfRow, KeyFilter } from './key-filter.js';
import type { TextPlaces } from './key-filter.js';

/** Texts of one row: those of `places` among the bytes, the others held as they are. */
function rowOf(texts: readonly string[], isPlaced: (index: number) => boolean): { readonly columns: readonly TextPlaces[]; readonly bytes: Uint8Array } {
  const encoder = new TextEncoder();
  const bytes: number[] = [];
  const columns = texts.map((text, i): TextPlaces => {
    const own = encoder.encode(text);
    const start = isPlaced(i) ? bytes.length : -2;
    if (isPlaced(i)) bytes.push(...own);
    return { start: Int32Array.of(start), size: Int32Array.of(own.length), text: () => text };
  });
  return { columns, bytes: Uint8Array.from(bytes) };
}

describe('the hash of a key', () => {
  it('is the same of its bytes in a row and of its text, unless only the text could tell', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), { minLength: 1, maxLength: 3 }), fc.nat(7), (texts, places) => {
      const isPlaced = (index: number): boolean => ((places >> index) & 1) === 1;
      const { columns, bytes } = rowOf(texts, isPlaced);
      const isAscii = texts.every((text, i) => !isPlaced(i) || Array.from(text).every((char) => (char.codePointAt(0) ?? 0) < 128));
      expect(hashOfRow(columns, bytes, 0)).toBe(isAscii ? hashOfKey(texts.join(keySeparator)) : anyHash);
    }));
  });
});

describe('the filter of keys', () => {
  it('never denies a key that is there, and forgets those that went', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(400), fc.boolean()), { maxLength: 900, size: 'max' }), (actions) => {
      const keys = new Set<string>();
      const filter = new KeyFilter(keys);
      for (const [number, isAdded] of actions) {
        const key = `k${number}`;
        if (isAdded === keys.has(key)) continue;
        if (isAdded) {
          keys.add(key);
          filter.add(key);
        } else {
          keys.delete(key);
          filter.remove(key);
        }
      }
      for (const key of keys) expect(filter.mayHold(hashOfKey(key))).toBe(true);
      expect(filter.mayHold(anyHash)).toBe(true);
      for (const key of [...keys]) {
        keys.delete(key);
        filter.remove(key);
      }
      for (let number = 0; number <= 400; number++) expect(filter.mayHold(hashOfKey(`k${number}`))).toBe(false);
    }), { numRuns: 50 });
  });
});
