import { describe, expect, it } from '@jest/globals';
import type { LogEntry, Unsequenced } from '@weir/contracts';
import { withFolder } from '../testing/temporary-folder.js';
import { openEventLog, openLogReader, type EventLog } from './event-log.js';

const payment = (n: number): Unsequenced => ({ kind: 'event', ts: n % 7 === 0 ? 500 + n : 1_000 + n, id: `e${n}`, type: 'payment', fields: { account_id: `c"${n % 50}`, note: 'x'.repeat(n % 900) } });

async function found(log: Pick<EventLog, 'search'>, texts: readonly string[], fromSeq = 1, toSeq = Infinity): Promise<readonly { readonly entry: LogEntry; readonly maxTsBefore: number }[]> {
  const all: { entry: LogEntry; maxTsBefore: number }[] = [];
  for await (const { found: batch } of log.search({ fromSeq, toSeq, texts })) all.push(...batch);
  return all;
}
const idsOf = (items: Awaited<ReturnType<typeof found>>): readonly (string | undefined)[] => items.map(({ entry }) => (entry.kind === 'event' ? entry.id : undefined));

describe('searching the log', () => {
  it('finds in order what reading it all would find, over many segments and refilled buffers', () => withFolder(async (dir) => {
    const log = await openEventLog(dir, { maxSegmentBytes: 400_000 });
    for (let at = 1; at < 3_000; at += 500) await log.append(Array.from({ length: 500 }, (_, i) => payment(at + i)));
    expect(log.stats().segments).toBeGreaterThan(2);
    const texts = [`"account_id":${JSON.stringify('c"7')}`, '"id":"e1234"'];
    const wanted: { seq: number; maxTsBefore: number }[] = [];
    let maxTs = 0;
    for await (const batch of log.read(1)) {
      for (const entry of batch) {
        if (texts.some((text) => JSON.stringify(entry).includes(text))) wanted.push({ seq: entry.seq, maxTsBefore: maxTs });
        maxTs = Math.max(maxTs, entry.ts);
      }
    }
    expect((await found(log, texts)).map(({ entry, maxTsBefore }) => ({ seq: entry.seq, maxTsBefore }))).toEqual(wanted);
    expect((await found(log, texts, 700, 2_000)).map(({ entry }) => entry.seq)).toEqual(wanted.map(({ seq }) => seq).filter((seq) => seq >= 700 && seq <= 2_000));
    await log.close();
    const reader = await openLogReader(dir);
    await reader.advanceToWhole();
    expect(await found(reader, texts)).toHaveLength(wanted.length);
    for (const seq of [1, 2, 499, 1_500, 2_999, 3_000, 7, 3_001, 2_000]) expect(reader.getNow(seq)).toEqual(await reader.get(seq));
    expect(reader.getNow(1_234)).toMatchObject({ kind: 'event', seq: 1_234, id: 'e1234' });
  }));

  it('says how far it has come where nothing is found, and goes no further than what is durable', () => withFolder(async (dir) => {
    const log = await openEventLog(dir);
    await log.append([payment(1), payment(2), payment(3)]);
    expect(idsOf(await found(log, ['"id":"e2"']))).toEqual(['e2']);
    expect(idsOf(await found(log, ['"id":"e"']))).toEqual([]);
    const passed: { throughSeq: number; maxTs: number }[] = [];
    for await (const { throughSeq, maxTs } of log.search({ fromSeq: 2, toSeq: 10, texts: ['nowhere'] })) passed.push({ throughSeq, maxTs });
    expect(passed.at(-1)).toEqual({ throughSeq: 3, maxTs: 1_003 });
    await log.close();
    const reader = await openLogReader(dir);
    expect(await found(reader, ['"id"'])).toEqual([]);
  }));
});
