import { describe, expect, it } from '@jest/globals';
import type { LogEntry, Unsequenced } from '@weir/contracts';
import fc from 'fast-check';
import { readdir, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { withFolder } from '../testing/temporary-folder.js';
import { openEventLog, openLogReader } from './event-log.js';

const arbEntry: fc.Arbitrary<Unsequenced> = fc.oneof(
  fc.record({ kind: fc.constant('event' as const), ts: fc.integer({ min: 1, max: 50 }), id: fc.string({ unit: 'grapheme', maxLength: 30 }), type: fc.constant('payment'), fields: fc.dictionary(fc.string({ maxLength: 5 }).filter((name) => name !== '__proto__'), fc.string({ unit: 'grapheme', maxLength: 200 }), { maxKeys: 3 }) }),
  fc.record({ kind: fc.constant('heartbeat' as const), ts: fc.integer({ min: 1, max: 50 }) }),
);
type Step = { readonly do: 'append'; readonly entries: readonly Unsequenced[] } | { readonly do: 'reopen' } | { readonly do: 'tear'; readonly bytes: number };
const arbStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('append' as const), entries: fc.array(arbEntry, { minLength: 1, maxLength: 6 }) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'reopen' as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('tear' as const), bytes: fc.integer({ min: 1, max: 300 }) }) },
);

describe('event log', () => {
  it('reads, finds by seq and by time as a plain list does, over reopens and torn tails', async () => {
    await fc.assert(fc.asyncProperty(fc.array(arbStep, { maxLength: 25 }), fc.integer({ min: 60, max: 2_000 }), (steps, maxSegmentBytes) => withFolder(async (dir) => {
      const list: LogEntry[] = [];
      let log = await openEventLog(dir, { maxSegmentBytes });
      for (const step of steps) {
        if (step.do === 'append') {
          const seqs = await log.append(step.entries);
          // `as`: an unsequenced entry with its seq is an entry
          step.entries.forEach((entry, i) => { list.push(JSON.parse(JSON.stringify({ ...entry, seq: seqs[i] })) as LogEntry); });
          continue;
        }
        await log.close();
        if (step.do === 'tear') list.length = await tear(dir, step.bytes);
        log = await openEventLog(dir, { maxSegmentBytes });
        expect(log.lastSeq()).toBe(list.length);
      }
      const reader = await openLogReader(dir);
      reader.advance(log.lastSeq());
      for (const side of [log, reader]) {
        const read: LogEntry[] = [];
        for await (const batch of side.read(1)) read.push(...batch);
        expect(read).toEqual(list);
        for (const seq of [1, Math.ceil(list.length / 2), list.length]) expect(await side.get(seq)).toEqual(list[seq - 1]);
        for (const after of [0, 10, 25, 49, 50]) expect(await side.seqAfterTs(after)).toBe(seqAfter(list, after));
      }
      await log.close();
    })), { numRuns: 60 });
  }, 60_000);
});

function seqAfter(list: readonly LogEntry[], after: number): number {
  const found = list.findIndex((entry) => entry.ts > after);
  return found < 0 ? list.length + 1 : found + 1;
}

/** Cuts bytes off the last segment, as a crash in the middle of a write would. Returns how many entries stay whole, counted by the lengths in the file. */
async function tear(dir: string, bytes: number): Promise<number> {
  const name = (await readdir(dir)).filter((file) => file.endsWith('.seg')).sort().at(-1) ?? '';
  const content = await readFile(join(dir, name));
  const size = Math.max(32, content.length - bytes);
  await truncate(join(dir, name), size);
  let whole = Number(name.slice(0, 16)) - 1;
  for (let at = 32; at < size;) {
    at += 8 + (content.readUInt32LE(at) & 0x7fff_ffff);
    if (at <= size) whole += 1;
  }
  return whole;
}
