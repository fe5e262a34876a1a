import { describe, expect, it } from '@jest/globals';
import type { LogEntry, Unsequenced } from '@weir/contracts';
import { mkdir, readdir, readFile, stat, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withFolder } from '../testing/temporary-folder.js';
import { openEventLog, openLogReader, type EventLog } from './event-log.js';

const payment = (n: number, ts = 1_000 + n): Unsequenced => ({ kind: 'event', ts, id: `e${n}`, type: 'payment', fields: { amount: '12.5', account_id: `ä-${n}` } });
const payments = (from: number, to: number): Unsequenced[] => Array.from({ length: to - from }, (_, i) => payment(from + i));

async function readAll(log: Pick<EventLog, 'read'>, fromSeq = 1): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for await (const batch of log.read(fromSeq)) entries.push(...batch);
  return entries;
}
const idsOf = (entries: readonly LogEntry[]): string[] => entries.map((entry) => (entry.kind === 'event' ? entry.id : entry.kind));
const segmentsIn = async (dir: string): Promise<string[]> => (await readdir(dir)).filter((name) => name.endsWith('.seg')).sort();

/** A log of three appends (1, 2 and 1 entries) as it lies on disk, with the end of each record. */
async function threeGroups(dir: string): Promise<{ file: string; ends: number[] }> {
  const log = await openEventLog(dir);
  const ends: number[] = [];
  const file = join(dir, '0000000000000001.seg');
  for (const group of [payments(1, 2), payments(2, 4), payments(4, 5)]) {
    await log.append(group);
    ends.push((await stat(file)).size);
  }
  await log.close();
  return { file, ends };
}

describe('event log', () => {
  it('gives seqs from 1 without gaps and reads back what was appended', () => withFolder(async (dir) => {
    const log = await openEventLog(dir);
    expect(log.lastSeq()).toBe(0);
    expect(log.firstSeq()).toBe(1);
    expect(await log.append(payments(1, 4))).toEqual([1, 2, 3]);
    expect(await log.append([{ kind: 'heartbeat', ts: 2_000 }, { kind: 'list', ts: 2_000, list: 'l', value: 'v', change: 'add' }])).toEqual([4, 5]);
    const entries = await readAll(log);
    expect(entries[0]).toEqual({ ...payment(1), seq: 1 });
    expect(entries.slice(3)).toEqual([{ kind: 'heartbeat', seq: 4, ts: 2_000 }, { kind: 'list', seq: 5, ts: 2_000, list: 'l', value: 'v', change: 'add' }]);
    expect(await log.get(2)).toEqual({ ...payment(2), seq: 2 });
    expect(await log.get(6)).toBeUndefined();
    await log.close();
    await expect(log.append([payment(9)])).rejects.toMatchObject({ code: 'LOG_CLOSED' });
  }));

  it('goes on with the next seq after it is opened again', () => withFolder(async (dir) => {
    const first = await openEventLog(dir);
    await first.append(payments(1, 4));
    await first.close();
    const second = await openEventLog(dir);
    expect(second.openReport).toMatchObject({ lastSeq: 3, maxTs: 1_003, tornTail: undefined, staleLockOf: undefined });
    expect(await second.append([payment(4)])).toEqual([4]);
    expect(idsOf(await readAll(second))).toEqual(['e1', 'e2', 'e3', 'e4']);
    await second.close();
  }));

  it('shares one write among appends that overlap and keeps their order', () => withFolder(async (dir) => {
    const log = await openEventLog(dir);
    const seqs = await Promise.all(Array.from({ length: 100 }, (_, i) => log.append([payment(i)])));
    expect(seqs.flat()).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    expect(log.stats().groups).toBeLessThan(5);
    await log.close();
  }));

  it('closes a segment at its size and reads across the borders', () => withFolder(async (dir) => {
    const log = await openEventLog(dir, { maxSegmentBytes: 2_000 });
    for (let i = 0; i < 60; i += 1) await log.append([payment(i)]);
    expect((await segmentsIn(dir)).length).toBeGreaterThan(3);
    expect(idsOf(await readAll(log, 1))).toHaveLength(60);
    expect(idsOf(await readAll(log, 33))).toEqual(Array.from({ length: 28 }, (_, i) => `e${i + 32}`));
    for (const seq of [1, 17, 40, 60]) expect((await log.get(seq))?.seq).toBe(seq);
    await log.close();
    const again = await openEventLog(dir, { maxSegmentBytes: 2_000 });
    expect(idsOf(await readAll(again))).toHaveLength(60);
    expect(again.stats()).toMatchObject({ lastSeq: 60, maxTs: 1_059 });
    await again.close();
  }));

  it('finds the first seq whose running largest ts is above an instant', () => withFolder(async (dir) => {
    const tss = [50, 10, 60, 55, 60, 90, 20, 95];
    const log = await openEventLog(dir, { maxSegmentBytes: 250 });
    for (const [i, ts] of tss.entries()) await log.append([payment(i, ts)]);
    const naive = (after: number): number => {
      let largest = 0;
      for (const [i, ts] of tss.entries()) {
        largest = Math.max(largest, ts);
        if (largest > after) return i + 1;
      }
      return tss.length + 1;
    };
    for (const after of [0, 9, 10, 49, 50, 54, 55, 59, 60, 89, 90, 94, 95, 1_000]) expect([after, await log.seqAfterTs(after)]).toEqual([after, naive(after)]);
    await log.close();
  }));

  it('deletes whole old segments by age and size, never at or above the floor', () => withFolder(async (dir) => {
    const log = await openEventLog(dir, { maxSegmentBytes: 1_000 });
    for (let i = 0; i < 60; i += 1) await log.append([payment(i, 1_000 * (i + 1))]);
    expect(await log.retain({ maxAgeMs: 1, floorSeq: 1 })).toEqual([]);
    await log.retain({ maxAgeMs: 40_000, floorSeq: 60 });
    const first = log.firstSeq();
    expect(first).toBeGreaterThan(1);
    expect(first).toBeLessThanOrEqual(21); // the entry of ts 20,000 is exactly 40 s old: what is younger stays
    await log.retain({ maxBytes: 1, floorSeq: 45 });
    expect(log.firstSeq()).toBeGreaterThan(first);
    expect(log.firstSeq()).toBeLessThanOrEqual(45);
    const kept = await readAll(log);
    expect(kept[0]?.seq).toBe(log.firstSeq());
    expect(kept.at(-1)?.seq).toBe(60);
    await log.close();
    const again = await openEventLog(dir);
    expect(again.firstSeq()).toBe(kept[0]?.seq);
    expect(await again.seqAfterTs(0)).toBe(again.firstSeq());
    await again.close();
  }));

  it('refuses an entry larger than a record may be, without giving it a seq', () => withFolder(async (dir) => {
    const log = await openEventLog(dir);
    await expect(log.append([{ ...payment(1), channel: 'x'.repeat(17 * 1024 * 1024) } as Unsequenced])).rejects.toMatchObject({ code: 'RECORD_TOO_LARGE' });
    expect(await log.append([payment(2)])).toEqual([1]);
    await log.close();
  }));
});

describe('an entry the host got wrong', () => {
  it.each([0, -1, 1.5, NaN, Infinity])('is refused before it has a seq: ts %p', (ts) => withFolder(async (dir) => {
    const log = await openEventLog(dir);
    await expect(log.append([payment(1), { kind: 'heartbeat', ts }])).rejects.toThrow('not a whole number');
    expect(await log.append([{ id: 'z', kind: 'event', fields: {}, type: 'payment', ts: 5 }])).toEqual([1]);
    expect(await log.get(1)).toEqual({ kind: 'event', seq: 1, ts: 5, id: 'z', type: 'payment', fields: {} });
    await log.close();
  }));
});

describe('one writer', () => {
  it('refuses a second writer of the folder while the first is open', () => withFolder(async (dir) => {
    const log = await openEventLog(dir);
    await expect(openEventLog(dir)).rejects.toMatchObject({ code: 'LOG_LOCKED' });
    await log.close();
    await (await openEventLog(dir)).close();
  }));

  it('takes over the lock of a process that is gone and tells its pid', () => withFolder(async (dir) => {
    await (await openEventLog(dir)).close();
    await writeFile(join(dir, 'writer.lock'), JSON.stringify({ pid: 2 ** 22 + 1, startedAt: 'x' }));
    const log = await openEventLog(dir);
    expect(log.openReport.staleLockOf).toBe(2 ** 22 + 1);
    await log.close();
  }));

  it('takes over the lock of an earlier process that had the same pid', () => withFolder(async (dir) => {
    await writeFile(join(dir, 'writer.lock'), JSON.stringify({ pid: process.pid, startedAt: 'another boot/1' }));
    const log = await openEventLog(dir);
    expect(log.openReport.staleLockOf).toBe(process.pid);
    await log.close();
  }));
});

describe('torn tail and damage', () => {
  it('cuts the tail at every possible length, tells it, and keeps every whole record', () => withFolder(async (dir) => {
    const { file, ends } = await threeGroups(join(dir, 'whole'));
    const bytes = await readFile(file);
    const recordEnds = await recordEndsOf(bytes);
    expect(recordEnds.at(-1)).toBe(ends.at(-1));
    const copy = join(dir, 'copy');
    await mkdir(copy);
    for (let length = bytes.length - 1; length >= 0; length -= 1) {
      for (const name of await readdir(copy)) await unlink(join(copy, name));
      await writeFile(join(copy, '0000000000000001.seg'), bytes.subarray(0, length));
      const log = await openEventLog(copy);
      const whole = recordEnds.filter((end) => end <= length).length;
      expect(log.lastSeq()).toBe(whole);
      const lastEnd = whole === 0 ? 32 : recordEnds[whole - 1] ?? 0;
      if (length < 32) expect(log.openReport.removedSegment).toBe('0000000000000001.seg');
      else if (length > lastEnd) expect(log.openReport.tornTail).toMatchObject({ segment: '0000000000000001.seg', offset: lastEnd, bytes: length - lastEnd });
      else expect(log.openReport.tornTail).toBeUndefined();
      expect(await log.append([payment(99)])).toEqual([whole + 1]);
      expect((await readAll(log)).map((entry) => entry.seq)).toEqual(Array.from({ length: whole + 1 }, (_, i) => i + 1));
      await log.close();
    }
  }));

  it('refuses a bit flip in a record that later writes lie behind, with segment and offset, and leaves the file alone', () => withFolder(async (dir) => {
    const { file, ends } = await threeGroups(join(dir, 'whole'));
    const bytes = await readFile(file);
    const copy = join(dir, 'copy');
    await mkdir(copy);
    const secondGroupEnd = ends[1] ?? 0;
    for (let at = 32; at < secondGroupEnd; at += 1) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      await writeFile(join(copy, '0000000000000001.seg'), flipped);
      await expect(openEventLog(copy)).rejects.toMatchObject({ code: 'LOG_DAMAGED', message: expect.stringMatching(/0000000000000001\.seg .*offset \d+/) });
      expect(await readFile(join(copy, '0000000000000001.seg'))).toEqual(flipped);
    }
  }));

  it('cuts a last write whose pages reached the disk out of order: later records of the same group do not make it damage', () => withFolder(async (dir) => {
    const log = await openEventLog(dir);
    await log.append([payment(1)]);
    const file = join(dir, '0000000000000001.seg');
    const end = (await stat(file)).size;
    await log.append(payments(2, 6));
    await log.close();
    const bytes = await readFile(file);
    bytes.fill(0, end, end + 50);
    await writeFile(file, bytes);
    const again = await openEventLog(dir);
    expect(again.openReport.tornTail).toMatchObject({ offset: end, bytes: bytes.length - end });
    expect(again.lastSeq()).toBe(1);
    expect(await readFile(join(dir, again.openReport.tornTail?.keptAs ?? ''))).toEqual(bytes.subarray(end));
    await again.close();
  }));

  it('reports damage in a closed segment when it is read, and reads what lies before it', () => withFolder(async (dir) => {
    const log = await openEventLog(dir, { maxSegmentBytes: 1_000 });
    for (let i = 0; i < 40; i += 1) await log.append([payment(i)]);
    const first = join(dir, '0000000000000001.seg');
    const bytes = await readFile(first);
    bytes[400] = (bytes[400] ?? 0) ^ 4;
    await writeFile(first, bytes);
    const seen: number[] = [];
    await expect((async () => {
      for await (const batch of log.read(1)) seen.push(...batch.map((entry) => entry.seq));
    })()).rejects.toMatchObject({ code: 'LOG_DAMAGED', message: expect.stringContaining('0000000000000001.seg') });
    expect((await log.get(30))?.seq).toBe(30);
    await log.close();
  }));

  it('refuses a folder from which a segment is missing', () => withFolder(async (dir) => {
    const log = await openEventLog(dir, { maxSegmentBytes: 1_000 });
    for (let i = 0; i < 40; i += 1) await log.append([payment(i)]);
    await log.close();
    const names = await segmentsIn(dir);
    await unlink(join(dir, names.at(-2) ?? ''));
    await expect(openEventLog(dir)).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
  }));

  it('refuses when the segment before the last was cut short', () => withFolder(async (dir) => {
    const log = await openEventLog(dir, { maxSegmentBytes: 1_000 });
    for (let i = 0; i < 40; i += 1) await log.append([payment(i)]);
    await log.close();
    const name = (await segmentsIn(dir)).at(-2) ?? '';
    await truncate(join(dir, name), (await stat(join(dir, name))).size - 3);
    await expect(openEventLog(dir)).rejects.toMatchObject({ code: 'LOG_DAMAGED', message: expect.stringContaining(name) });
  }));

  it('makes a lost or damaged index again', () => withFolder(async (dir) => {
    const log = await openEventLog(dir, { maxSegmentBytes: 300_000 });
    for (let i = 0; i < 8_000; i += 500) await log.append(payments(i, i + 500));
    await log.close();
    const indexes = (await readdir(dir)).filter((name) => name.endsWith('.idx'));
    expect(indexes.length).toBeGreaterThan(1);
    await unlink(join(dir, indexes[0] ?? ''));
    await writeFile(join(dir, indexes[1] ?? ''), 'nonsense');
    const again = await openEventLog(dir, { maxSegmentBytes: 300_000 });
    for (const seq of [1, 1_000, 2_500, 5_000, 8_000]) expect(await again.get(seq)).toMatchObject({ seq, id: `e${seq - 1}` });
    expect(await again.seqAfterTs(1_000 + 3_000)).toBe(3_002);
    await again.close();
  }));

  it('refuses a segment whose header is damaged', () => withFolder(async (dir) => {
    const { file } = await threeGroups(dir);
    const bytes = await readFile(file);
    bytes[9] = 7;
    await writeFile(file, bytes);
    await expect(openEventLog(dir)).rejects.toMatchObject({ code: 'LOG_DAMAGED', message: expect.stringContaining('header') });
  }));
});

describe('reader beside the writer', () => {
  it('sees exactly what it was told is durable, across new segments', () => withFolder(async (dir) => {
    const log = await openEventLog(dir, { maxSegmentBytes: 1_000 });
    const reader = await openLogReader(dir);
    expect(await readAll(reader)).toEqual([]);
    for (let i = 1; i <= 60; i += 1) {
      await log.append([payment(i)]);
      if (i % 7 !== 0) continue;
      reader.advance(i);
      expect(reader.lastSeq()).toBe(i);
      expect(idsOf(await readAll(reader, i - 6))).toEqual(Array.from({ length: 7 }, (_, k) => `e${i - 6 + k}`));
      expect((await reader.get(i))?.seq).toBe(i);
      expect(await reader.get(i + 1)).toBeUndefined();
    }
    reader.advance(60);
    expect(idsOf(await readAll(reader))).toHaveLength(60);
    expect(await reader.seqAfterTs(1_058)).toBe(59);
    await log.close();
  }));

  it('finds an entry in a segment that did not exist when it looked last', () => withFolder(async (dir) => {
    const log = await openEventLog(dir, { maxSegmentBytes: 1_000 });
    await log.append([payment(1)]);
    const reader = await openLogReader(dir);
    reader.advance(1);
    expect((await reader.get(1))?.seq).toBe(1);
    for (let i = 2; i <= 60; i += 1) await log.append([payment(i)]);
    reader.advance(60);
    expect((await reader.get(58))?.seq).toBe(58);
    await log.close();
  }));

  it('finds the last whole record by itself, beside the writer and in front of a torn tail', () => withFolder(async (dir) => {
    const log = await openEventLog(dir, { maxSegmentBytes: 1_000 });
    for (let i = 1; i <= 20; i += 1) await log.append([payment(i)]);
    const reader = await openLogReader(dir);
    expect(await reader.advanceToWhole()).toBe(20);
    await log.append([payment(21)]);
    expect(await reader.advanceToWhole()).toBe(21);
    expect(idsOf(await readAll(reader))).toHaveLength(21);
    await log.close();
    const last = join(dir, (await segmentsIn(dir)).at(-1) ?? '');
    await truncate(last, (await stat(last)).size - 1);
    expect(await (await openLogReader(dir)).advanceToWhole()).toBe(20);
  }));

  it('says by name that what it wants was deleted', () => withFolder(async (dir) => {
    const log = await openEventLog(dir, { maxSegmentBytes: 1_000 });
    for (let i = 1; i <= 60; i += 1) await log.append([payment(i)]);
    const reader = await openLogReader(dir);
    reader.advance(60);
    await log.retain({ maxBytes: 1, floorSeq: 60 });
    await expect(readAll(reader, 1)).rejects.toMatchObject({ code: 'LOG_DELETED' });
    expect(reader.firstSeq()).toBe(log.firstSeq());
    expect((await readAll(reader, 1))[0]?.seq).toBe(log.firstSeq());
    await log.close();
  }));
});

async function recordEndsOf(bytes: Buffer): Promise<number[]> {
  const ends: number[] = [];
  let at = 32;
  while (at < bytes.length) {
    at += 8 + (bytes.readUInt32LE(at) & 0x7fff_ffff);
    ends.push(at);
  }
  return ends;
}
