import { describe, expect, it } from '@jest/globals';
import { LatencyHistogram, openLoop } from './latency.js';

describe('latencies', () => {
  it('are counted to less than 0.2 % of their size', () => {
    const histogram = new LatencyHistogram();
    for (let us = 1; us <= 100_000; us++) histogram.add(us);
    for (const share of [0.001, 0.01, 0.5, 0.99, 0.999]) expect(Math.abs(histogram.percentile(share) / (share * 100_000) - 1)).toBeLessThan(0.002);
    expect(histogram.max).toBe(100_000);
    expect(histogram.percentile(1)).toBe(100_000);
  });

  it('run from the instant an event is due: a stall is charged to all that waited', () => {
    const lines = new TextEncoder().encode('x\n'.repeat(3_000));
    let us = 0;
    let calls = 0;
    const stalled = openLoop(lines, 100_000, () => { us += ++calls === 1 ? 20_000 : 10; }, () => ++us);
    expect(stalled.events).toBe(3_000);
    expect(stalled.max).toBeGreaterThanOrEqual(20_000);
    expect(stalled.p50).toBeGreaterThan(1_000); // 2,000 of the 3,000 became due during the stall
  });
});
