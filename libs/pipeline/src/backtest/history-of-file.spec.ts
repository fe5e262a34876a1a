import { describe, expect, it } from '@jest/globals';
import type { EventContent, FileItem } from '@weir/ingest';
import { parseSchema } from '@weir/rule-lang';
import { emptyFileCounts, historyOfFile } from './history-of-file.js';
import type { HistoryItem } from './run-backtest.js';

const { schema } = parseSchema('version: 1\nevents:\n  payment:\n    amount: { type: decimal, scale: 2 }\n  label:\n    late: restamp\n    event_id: { type: string, required: true }\n    fraud: { type: bool, required: true }\n', 'schema.yaml');
const event = (id: string, ts: number, positive?: boolean): FileItem => ({ kind: 'event', line: 1, event: { kind: 'event', id, ts, type: 'payment', fields: {} } satisfies EventContent, positive });
const label = (of: string, ts: number): FileItem => ({ kind: 'label', of, event: { kind: 'event', id: `label-${of}`, ts, type: 'label', fields: { event_id: of, fraud: true } } });

async function history(...batches: readonly FileItem[][]): Promise<{ items: HistoryItem[]; counts: ReturnType<typeof emptyFileCounts> }> {
  const counts = emptyFileCounts();
  const items: HistoryItem[] = [];
  async function* rows(): AsyncGenerator<readonly FileItem[]> { for (const batch of batches) yield await Promise.resolve(batch); }
  if (!schema) throw new Error('the test schema does not compile');
  for await (const batch of historyOfFile(rows(), schema, counts, { maxOutOfOrdernessMs: 60_000 })) items.push(...batch);
  return { items, counts };
}

describe('the history of a file', () => {
  it('numbers events in file order and keeps the label beside its event, where no rule sees it', async () => {
    const { items } = await history([event('a', 1_000_000, true), event('b', 1_000_000, false)], [label('a', 1_000_001)]);
    expect(items.map(({ entry, isFraud, derived }) => [entry.seq, entry.kind === 'event' ? entry.id : '', isFraud, derived])).toEqual([[1, 'a', true, undefined], [2, 'b', false, undefined], [3, 'label-a', undefined, true]]);
    expect(JSON.stringify(items[0]?.entry)).not.toContain('true');
  });

  it('decides lateness and duplicates as intake does, and counts them', async () => {
    const { items, counts } = await history([event('a', 1_000_000), event('late', 939_999), event('in-time', 940_000), event('a', 1_000_000), label('late', 930_000)]);
    expect(items.map(({ entry }) => (entry.kind === 'event' ? [entry.id, entry.late, entry.ts] : []))).toEqual([['a', undefined, 1_000_000], ['late', true, 939_999], ['in-time', undefined, 940_000], ['label-late', undefined, 1_000_000]]);
    expect(counts).toMatchObject({ accepted: 2, late: 1, duplicate: 1, labels: 1, rejected: 0 });
  });

  it('rejects an id that says something else as intake does: a conflict, with its line, and no duplicate', async () => {
    const again: FileItem = { kind: 'event', line: 9, event: { kind: 'event', id: 'a', ts: 1_000_000, type: 'payment', fields: { amount: '1' } }, positive: undefined };
    const { items, counts } = await history([event('a', 1_000_000), again, event('a', 1_000_000), label('a', 1_000_001)], [event('a', 1_000_002), label('a', 1_000_003)]);
    expect(items.map(({ entry }) => entry.seq)).toEqual([1, 2]);
    expect(counts).toMatchObject({ accepted: 1, duplicate: 1, labels: 1, rejected: 3 });
    expect(counts.refusals.map((one) => ['line' in one ? one.line : one.of, one.refusal.code, one.refusal.id])).toEqual([[9, 'conflict', 'a'], [1, 'conflict', 'a'], ['a', 'conflict', 'label-a']]);
    expect(counts.refusals[0]?.refusal.message).toBe('id: an earlier event of the file has the id a and says something else');
  });

  it('counts refused rows and keeps the first with their line', async () => {
    const refused: FileItem = { kind: 'rejected', line: 7, refusal: { ok: false, code: 'bad-format', field: 'ts', message: 'ts: no date' }, raw: 'x' };
    const { items, counts } = await history([...Array.from({ length: 12 }, () => refused), event('a', 1)]);
    expect(items).toHaveLength(1);
    expect(counts.rejected).toBe(12);
    expect(counts.refusals).toHaveLength(10);
    expect(counts.refusals[0]).toEqual({ line: 7, refusal: refused.kind === 'rejected' ? refused.refusal : undefined });
  });
});
