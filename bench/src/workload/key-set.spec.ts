import { describe, expect, it } from '@jest/globals';
import { naive } from '../contenders.js';
import { eventsThatMatter } from './key-set.js';
import { trafficOfSize } from './traffic-shape.js';
import { Traffic } from './traffic.js';

describe('the events that matter to some', () => {
  it('are enough to find the same alerts in them', () => {
    const shape = { ...trafficOfSize(0.02), fraudShare: 0.3 };
    const traffic = new Traffic(shape);
    const [all, some] = [naive(), naive()];
    const [before, measured] = [40_000, 150];
    const { bytes, kept } = traffic.next(before, eventsThatMatter(shape, before, measured));
    expect(kept.length).toBeLessThan(0.7 * bytes.length);
    all.fill(bytes);
    some.fill(kept);
    const lines = traffic.next(measured).bytes;
    const expected = [...all.feed(lines)].sort();
    expect(expected.length).toBeGreaterThan(5);
    expect([...some.feed(lines)].sort()).toEqual(expected);
  });
});
