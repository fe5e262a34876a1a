import { describe, expect, it } from '@jest/globals';
import type { HostStats } from '@weir/pipeline';
import { standingProblems, type Standing } from './standing-problems.js';

const host: HostStats = { state: 'running', seq: 9, maxTs: 5, keys: 1_234, windowEvents: 5_678_901, stateBytes: 1, openMatches: 0, givenUpMatches: 0, rules: 1, evaluated: 9, alerts: 0, evalNsP50: 0, evalNsP99: 0 };
const well: Standing = { intake: { failure: undefined, sources: [], stall: undefined }, engine: { lagEvents: 0, host }, maxLagEvents: 100, sourceIdleAfterMs: 30_000 };
const texts = (standing: Standing): readonly string[] => standingProblems(standing, new Map(), 1).map(({ text }) => text);

describe('what is wrong at this moment', () => {
  it('is nothing on a good day', () => { expect(texts(well)).toEqual([]); });

  it('is a state that nears the end of its memory, before it ends', () => {
    const at = (memoryBytes: number): readonly string[] => texts({ ...well, engine: { ...well.engine, host: { ...host, memoryBytes, openMatches: 77_000, memoryLimitBytes: 2 ** 32 } } });
    expect(at(2 ** 31)).toEqual([]);
    expect(at(2 ** 31 + 1)).toEqual(['The state of the engine takes 2.00 of the 4 GiB that it can have: 1,234 keys, 5,678,901 events held for windows, 77,000 unfinished matches of sequences. Arrays double as they grow: the next time they may find no room, and the engine stops.']);
  });

  it('is a source that sends and never comes on, once a quiet one would have been left behind', () => {
    const at = (forMs: number): readonly string[] => texts({ ...well, intake: { ...well.intake, stall: { behind: ['shop-3'], upToTs: Date.parse('2026-01-05T00:00:00Z'), waiting: ['shop-1', 'shop-2'], forMs } } });
    expect(at(30_000)).toEqual([]);
    expect(at(30_001)).toEqual(['shop-3 sends events, but none dated after 2026-01-05T00:00:00.000Z, and holds back shop-1, shop-2.']);
  });

  it('is a source that sends nothing while others do', () => {
    const sources = [{ source: 'a', isIdle: true, quietForMs: 40_000 }, { source: 'b', isIdle: false, quietForMs: 1, maxTs: 5 }];
    expect(texts({ ...well, intake: { ...well.intake, sources } })).toEqual(['1 of 2 sources of events send nothing: a.']);
    expect(texts({ ...well, intake: { ...well.intake, sources: sources.slice(0, 1) } })).toEqual([]);
  });

  it('is told with when it was first seen, and anew when it was over in between', () => {
    const standing = new Map<string, number>();
    const ill: Standing = { ...well, intake: { ...well.intake, failure: 'disk' } };
    const since = (now: Standing, at: number): readonly number[] => standingProblems(now, standing, at).map((problem) => problem.since);
    expect([since(ill, 10), since(ill, 20), since(well, 30), since(ill, 40)]).toEqual([[10], [10], [], [40]]);
  });
});
