import { describe, expect, it } from '@jest/globals';
import { SourceWatermarks } from './source-watermarks.js';

const options = { maxOutOfOrdernessMs: 10, idleAfterMs: 1_000 };

describe('watermarks of several sources', () => {
  it('follow the slowest', () => {
    const time = new SourceWatermarks(options);
    time.observe('a', 100, 0);
    expect(time.watermark).toBe(89);
    time.observe('b', 50, 0);
    expect(time.watermark).toBe(89); // never back
    time.observe('a', 500, 1);
    expect(time.watermark).toBe(89);
    time.observe('b', 300, 2);
    expect([time.frontier, time.watermark]).toEqual([300, 289]);
  });

  it('wait for a source that was named and has sent nothing', () => {
    const time = new SourceWatermarks(options);
    time.add('b', 0);
    time.observe('a', 100, 0);
    expect(time.watermark).toBe(-Infinity);
    time.observe('b', 40, 1);
    expect(time.watermark).toBe(29);
  });

  it('wait no longer than a source is idle, to the millisecond', () => {
    const time = new SourceWatermarks(options);
    time.add('b', 0);
    time.observe('a', 100, 500);
    expect(time.advance(999)).toBe(-Infinity);
    expect(time.advance(1_000)).toBe(89);
    expect(time.status()).toEqual([{ source: 'b', isIdle: true, quietForMs: 1_000 }, { source: 'a', isIdle: false, quietForMs: 500, maxTs: 100 }]);
  });

  it('take what a woken source sends behind the watermark as late, and let it catch up', () => {
    const time = new SourceWatermarks(options);
    time.observe('b', 40, 0);
    time.observe('a', 40, 0);
    time.observe('a', 9_000, 1_500);
    expect(time.watermark).toBe(8_989);
    expect(time.observe('b', 8_989, 1_600)).toBe(true);
    expect(time.observe('b', 8_990, 1_600)).toBe(false);
    time.observe('a', 20_000, 1_700);
    expect(time.watermark).toBe(8_989); // b is awake and holds it back again
    time.observe('b', 15_000, 1_800);
    expect(time.watermark).toBe(14_989);
  });

  it('are those of the furthest source when all are idle or have ended', () => {
    const time = new SourceWatermarks(options);
    time.observe('a', 100, 0);
    time.observe('b', 900, 0);
    expect(time.watermark).toBe(89);
    expect(time.advance(1_000)).toBe(889);
    const ended = new SourceWatermarks(options);
    ended.observe('a', 100, 0);
    ended.observe('b', 900, 0);
    ended.remove('a');
    expect(ended.watermark).toBe(889);
    ended.observe('b', 1_000, 1);
    ended.remove('b');
    expect(ended.watermark).toBe(989);
  });

  it('know a bounded number of sources: the one idle longest is forgotten, an active one never', () => {
    const time = new SourceWatermarks({ ...options, maxSources: 2 });
    expect([time.add('a', 0), time.add('b', 10), time.add('c', 20)]).toEqual([true, true, false]);
    time.observe('c', 700, 30); // not known: it holds nothing back and moves nothing
    expect(time.status().map(({ source }) => source)).toEqual(['a', 'b']);
    expect(time.add('c', 1_005)).toBe(true);
    expect(time.status().map(({ source }) => source)).toEqual(['b', 'c']);
  });

  it('know that a source whose events wait is not idle', () => {
    const time = new SourceWatermarks(options);
    time.observe('a', 100, 0);
    time.observe('b', 200, 0);
    time.observe('c', 40, 0);
    time.touch(['a', 'b'], 5_000);
    expect([time.frontier, time.knows('c'), time.knows('d')]).toEqual([100, true, false]);
    expect(time.status().map(({ isIdle }) => isIdle)).toEqual([false, false, true]);
  });

  it('say when the next source becomes idle', () => {
    const time = new SourceWatermarks(options);
    expect(time.nextIdleAt).toBeUndefined();
    time.add('a', 3);
    time.add('b', 5);
    expect(time.nextIdleAt).toBe(1_003);
    time.advance(1_003);
    expect(time.nextIdleAt).toBe(1_005);
  });
});
