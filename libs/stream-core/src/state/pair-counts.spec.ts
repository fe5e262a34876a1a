import { describe, expect, it } from '@jest/globals';
import { heapRoom } from '../wasm/room.js';
import { PairCounts, pairRoom } from './pair-counts.js';

/** Pairs that come again: some keys have many values, most have few. */
function pairs(count: number, keys: number): { readonly keys: Int32Array; readonly values: Int32Array } {
  const draw = (i: number, below: number): number => (Math.imul(i ^ (i >>> 7), 0x9e3779b1) >>> 0) % below;
  return { keys: Int32Array.from({ length: count }, (_, i) => 2 + draw(i, keys)), values: Int32Array.from({ length: count }, (_, i) => 2 + draw(i * 31 + 7, i % 3 === 0 ? 5 : 900)) };
}

describe('pairs counted many at once', () => {
  for (const [count, reserved] of [[100, 0], [40_000, 0], [40_000, 40_000], [200_000, 0]] as const) {
    it(`are those counted one by one: ${count} of them, with room for ${reserved}`, () => {
      const columns = pairs(count, 3_000);
      const [one, many] = [new PairCounts(7, heapRoom), new PairCounts(7, heapRoom)];
      many.reserve(reserved);
      const fresh = new Map<number, number>();
      const expected = new Map<number, number>();
      for (let i = 0; i < count; i++) {
        const key = columns.keys[i] as number;
        if (one.add(key, columns.values[i] as number)) expected.set(key, (expected.get(key) ?? 0) + 1);
      }
      const half = count >> 1;
      const note = (key: number): void => { fresh.set(key, (fresh.get(key) ?? 0) + 1); };
      many.addAll(columns, half, pairRoom(count), note);
      many.addAll({ keys: columns.keys.subarray(half), values: columns.values.subarray(half) }, count - half, pairRoom(count - half), note);
      expect(many.size).toBe(one.size);
      expect([...fresh].sort()).toEqual([...expected].sort());
      if (reserved === 0) expect(many.byteLength).toBe(one.byteLength);
      const unlike = columns.keys.filter((key, i) => many.remove(key, columns.values[i] as number) !== one.remove(key, columns.values[i] as number));
      expect(unlike).toHaveLength(0);
      expect([one.size, many.size]).toEqual([0, 0]);
    });
  }
});
