import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { compilePattern, EventQueues, ByteLog, KeyInterner, KeyRows, Matcher, PairCounts, SharedLog } from './index.js';

const readme = readFileSync(join('libs', 'stream-core', 'README.md'), 'utf8');
const pow2 = (count: number, least = 1): number => {
  let size = least;
  while (size < count) size *= 2;
  return size;
};

/** The README's formula for a structure, with these counts put in. */
function bytes(structure: string, counts: Readonly<Record<string, number>>): number {
  const [, formula = ''] = new RegExp(`^\\| \`${structure}\` \\| \`([^\`]+)\``, 'm').exec(readme) ?? [];
  const names = Object.keys(counts);
  return Number(new Function('pow2', ...names, `return ${formula}`)(pow2, ...names.map((name) => counts[name])));
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const loads = [1, 31, 32, 62, 63, 500, 5_000, 40_000];

function internerOf(keys: number): KeyInterner {
  const interner = new KeyInterner(7);
  for (let i = 0; i < keys; i++) {
    const key = encode(`key-${i}`);
    interner.intern(key, 0, key.length);
  }
  return interner;
}

function logOf(events: number, shape: { readonly bitWords: number; readonly ids: number; readonly chains: number; readonly numbers: number; readonly hasPayload: boolean }): SharedLog {
  const log = new SharedLog(shape);
  for (let i = 0; i < events; i++) log.append(i + 1, i + 1, 0, false);
  return log;
}

describe('the state, in bytes as the README has them', () => {
  it.each(loads)('KeyInterner of %i keys', (keys) => {
    expect(internerOf(keys).byteLength).toBe(bytes('KeyInterner', { keys, freed: 0 }));
  });

  it('KeyInterner whose keys were all freed: the ids that are free are listed, and given out again', () => {
    const interner = internerOf(1_000);
    for (let id = 2; id < 1_002; id++) interner.release(id);
    expect(interner.size).toBe(0);
    const emptied = interner.byteLength;
    expect(emptied).toBeLessThanOrEqual(bytes('KeyInterner', { keys: 1_000, freed: 1_000 }));
    expect(emptied).toBeGreaterThanOrEqual(bytes('KeyInterner', { keys: 0, freed: 1_000 }));
    for (let i = 0; i < 1_000; i++) {
      const key = encode(`other-${i}`);
      interner.intern(key, 0, key.length);
    }
    expect(interner.byteLength).toBe(bytes('KeyInterner', { keys: 1_000, freed: 1_000 }));
  });

  it.each(loads)('KeyRows of %i keys', (keys) => {
    for (const [cells, stride] of [[1, 1], [2, 2], [3, 4], [5, 8], [8, 8], [9, 16]] as const) {
      const rows = new KeyRows(new Float64Array(cells));
      rows.ensure(keys + 1);
      expect(rows.cells.byteLength).toBe(bytes('KeyRows', { keys, stride }));
    }
  });

  it.each([1, 1_024, 1_025, 20_000])('SharedLog of %i events', (events) => {
    expect(logOf(events, { bitWords: 1, ids: 2, chains: 3, numbers: 4, hasPayload: true }).byteLength).toBe(bytes('SharedLog', { events, payload: 1, words: 1, ids: 2, chains: 3, numbers: 4 }));
    expect(logOf(events, { bitWords: 0, ids: 1, chains: 1, numbers: 0, hasPayload: false }).byteLength).toBe(bytes('SharedLog', { events, payload: 0, words: 0, ids: 1, chains: 1, numbers: 0 }));
  });

  it.each([1, 31, 32, 500, 40_000])('PairCounts of %i pairs', (pairs) => {
    const counts = new PairCounts(7);
    for (let i = 0; i < pairs; i++) counts.add(2 + (i % 100), i);
    expect(counts.byteLength).toBe(bytes('PairCounts', { pairs }));
  });

  it.each([1, 63, 64, 5_000])('EventQueues of %i events of one key each', (nodes) => {
    const log = logOf(nodes, { bitWords: 0, ids: 1, chains: 0, numbers: 1, hasPayload: false });
    const queues = new EventQueues(log, 'latest', 0);
    for (let n = 0; n < nodes; n++) queues.enter(n + 2, n);
    expect(queues.byteLength).toBe(bytes('EventQueues', { nodes, keys: nodes }));
  });

  it('ByteLog in chunks', () => {
    const log = new ByteLog();
    for (let i = 0; i < 3_000; i++) log.append(new Uint8Array(1_024), 0, 1_024);
    expect(log.byteLength).toBe(bytes('ByteLog', { chunks: 3 }));
  });

  it('Matcher: a link for each event taken and a partial match for each start', () => {
    const compiled = compilePattern<number>({
      withinMs: 1_000_000, afterMatch: { kind: 'noSkip' },
      stages: [
        { kind: 'stage', name: 'a', contiguity: 'begin', optional: false, where: (n) => n > 0 },
        { kind: 'stage', name: 'b', contiguity: 'followedBy', optional: false, where: (n) => n < 0 },
      ],
    });
    if (!compiled.ok) throw new Error('the test pattern does not compile');
    const matcher = new Matcher<number>(compiled.automaton, { kind: 'noSkip' });
    for (let i = 1; i <= 300; i++) matcher.process(i, i);
    const { taken, partial } = matcher.snapshot();
    expect({ taken: taken.length, partial: partial.length, open: matcher.openMatches() }).toEqual({ taken: 300, partial: 301, open: 300 });
  });
});
