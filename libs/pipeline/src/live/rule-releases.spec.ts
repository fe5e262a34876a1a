import { describe, expect, it } from '@jest/globals';
import type { LogEntry, ReleasedRule, RuleSetChange } from '@weir/contracts';
import type { LogReader } from '@weir/stream-core';
import { openRuleReleases, type ReleaseMark } from './rule-releases.js';

const rule = (id: string): ReleasedRule => ({ id, mode: 'live', release: 1, text: `rule: ${id}` });
const entry = (seq: number, id: string): RuleSetChange => ({ kind: 'rules', seq, ts: 1, schemaText: 's', rules: [rule(id)] });

/** A log in memory; entries below `first` were deleted by retention. */
function memoryLog(entries: LogEntry[], first = 1): LogReader {
  return {
    firstSeq: () => first, lastSeq: () => entries.at(-1)?.seq ?? 0, seqAfterTs: () => Promise.resolve(first),
    get: (seq) => Promise.resolve(entries.find((one) => one.seq === seq)),
    async *read(fromSeq) { yield await Promise.resolve(entries.filter(({ seq }) => seq >= Math.max(fromSeq, first))); },
  };
}

async function open(entries: LogEntry[], mark?: ReleaseMark, first = 1): Promise<{ steps: string[]; saved: () => ReleaseMark | undefined; releases: Awaited<ReturnType<typeof openRuleReleases>> }> {
  const steps: string[] = [];
  let saved = mark;
  const releases = await openRuleReleases({
    log: memoryLog(entries, first),
    prepare: ({ rules }) => { steps.push(`prepare ${rules.map(({ id }) => id).join()}`); return Promise.resolve(); },
    append: ({ rules }) => { steps.push(`append ${rules.map(({ id }) => id).join()}`); return Promise.resolve(100); },
    mark: { load: () => Promise.resolve(saved), save: (next) => { saved = next; return Promise.resolve(); } },
  });
  return { steps, releases, saved: () => saved };
}

describe('rule sets in the log', () => {
  it('has none on an empty log', async () => {
    expect(await (await open([])).releases.current()).toBeUndefined();
  });

  it('finds the newest without a mark', async () => {
    expect((await (await open([entry(1, 'a'), entry(5, 'b')])).releases.current())?.rules).toEqual([rule('b')]);
  });

  it('finds one that was appended after the mark was written', async () => {
    const mark = { seenSeq: 1, release: { seq: 1, draft: { schemaText: 's', rules: [rule('a')] } } };
    expect((await (await open([entry(1, 'a'), entry(5, 'b')], mark)).releases.current())?.rules).toEqual([rule('b')]);
  });

  it('still knows the set in force when the log has deleted its entry', async () => {
    const mark = { seenSeq: 8, release: { seq: 1, draft: { schemaText: 's', rules: [rule('a')] } } };
    expect((await (await open([{ kind: 'heartbeat', seq: 9, ts: 1 }], mark, 9)).releases.current())?.rules).toEqual([rule('a')]);
  });

  it('does not believe a mark of another log', async () => {
    const mark = { seenSeq: 800, release: { seq: 700, draft: { schemaText: 's', rules: [rule('foreign')] } } };
    expect((await (await open([entry(1, 'a')], mark)).releases.current())?.rules).toEqual([rule('a')]);
  });

  it('warms before it appends, one release after the other', async () => {
    const { steps, releases, saved } = await open([]);
    const done = await Promise.all(['a', 'b'].map((id) => releases.release({ schemaText: 's', rules: [rule(id)], by: 'ana', why: 'test' })));
    expect(steps).toEqual(['prepare a', 'append a', 'prepare b', 'append b']);
    expect(done).toEqual([{ seq: 100 }, { seq: 100 }]);
    expect((await releases.current())?.rules).toEqual([rule('b')]);
    expect(saved()).toEqual({ seenSeq: 100, release: { seq: 100, draft: { schemaText: 's', rules: [rule('b')] } } });
  });
});
