import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SharedLog } from './shared-log.js';
import { heapRoom } from '../wasm/room.js';
import { TailCursor } from './tail-cursor.js';

const shape = { bitWords: 0, ids: 0, chains: 0, numbers: 0 };

/** Appends events with these times; what lies before the largest so far is displaced. */
function fill(log: SharedLog, times: readonly number[], cursors: readonly TailCursor[]): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (const [index, ts] of times.entries()) {
    const n = log.append(ts, index + 1, 0, ts < largest);
    if (ts < largest) for (const cursor of cursors) cursor.displaced(n, ts);
    largest = Math.max(largest, ts);
  }
}

describe('a tail cursor', () => {
  it('visits every event once, in order of time and arrival, whatever the order they came in', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 }), fc.array(fc.integer({ min: 0, max: 35 }), { maxLength: 6 }), (times, bounds) => {
      const log = new SharedLog(shape, heapRoom, 4);
      const visited: number[] = [];
      const cursor = new TailCursor(log, (n) => visited.push(n));
      fill(log, times, [cursor]);
      const expected = times.map((ts, n) => ({ ts, n })).sort((a, b) => a.ts - b.ts || a.n - b.n);
      let highest = Number.NEGATIVE_INFINITY;
      for (const bound of bounds) {
        cursor.advance(bound);
        highest = Math.max(highest, bound);
        expect(visited).toEqual(expected.filter(({ ts }) => ts <= highest).map(({ n }) => n));
      }
      cursor.advance(Number.POSITIVE_INFINITY);
      expect(visited).toEqual(expected.map(({ n }) => n));
    }), { numRuns: 400 });
  });

  it('that jumps to a bound stands where one that has visited everything up to it does', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 }), fc.integer({ min: 0, max: 32 }), fc.nat(20), (times, bound, dropped) => {
      const log = new SharedLog(shape, heapRoom, 4);
      const visits = [0, 1].map((): number[] => []);
      const [walking, jumping] = visits.map((visited) => new TailCursor(log, (n) => visited.push(n))) as [TailCursor, TailCursor]; // two were made
      fill(log, times, [walking]);
      walking.advance(bound);
      for (let left = Math.min(dropped, log.length); left > 0 && (log.ts[log.first & log.mask] as number) <= bound; left--) log.dropFirst();
      jumping.jump(bound);
      for (const visited of visits) visited.length = 0;
      for (const cursor of [walking, jumping]) cursor.advance(Number.POSITIVE_INFINITY);
      expect(visits[1]).toEqual(visits[0]);
    }), { numRuns: 400 });
  });
});
