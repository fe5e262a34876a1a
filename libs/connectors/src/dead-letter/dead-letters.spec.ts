import { describe, expect, it } from '@jest/globals';
import type { RejectCode } from '@weir/contracts';
import { withFolder } from '../testing/temporary-folder.js';
import { openDeadLetters, type NewDeadLetter } from './dead-letters.js';

const letter = (n: number, code: RejectCode = 'bad-type', raw: Uint8Array = Buffer.from(`{"n":${n}}`)): NewDeadLetter => ({ receivedAt: 1_000 + n, channel: 'http', position: String(n), code, field: 'amount', message: 'amount: no', raw });

describe('dead letters', () => {
  it('keeps the raw bytes, also after it is opened again', () => withFolder(async (dir) => {
    const bytes = Uint8Array.from([0x7b, 0xff, 0x00, 0x0a]);
    const first = await openDeadLetters(dir);
    expect(await first.append([letter(1, 'bad-text', bytes), letter(2)])).toEqual([1, 2]);
    await first.close();
    const again = await openDeadLetters(dir);
    const kept = await again.get(1);
    expect(kept).toEqual({ id: 1, receivedAt: 1_001, channel: 'http', position: '1', code: 'bad-text', field: 'amount', message: 'amount: no', raw: Buffer.from(bytes).toString('base64'), rawBytes: 4 });
    expect(again.counts()).toEqual({ total: 2, byCode: { 'bad-text': 1, 'bad-type': 1 } });
    expect(await again.append([letter(3)])).toEqual([3]);
    expect(await again.get(4)).toBeUndefined();
    await again.close();
  }));

  it('cuts the raw bytes at 64 KiB and keeps their whole length', () => withFolder(async (dir) => {
    const letters = await openDeadLetters(dir);
    await letters.append([letter(1, 'too-large', Buffer.alloc(100_000, 120)), { ...letter(2, 'too-large', Buffer.alloc(65_536, 120)), rawBytes: 9_000_000 }]);
    const [second, first] = (await letters.list()).items;
    expect([first?.rawBytes, Buffer.from(first?.raw ?? '', 'base64').length]).toEqual([100_000, 65_536]);
    expect(second?.rawBytes).toBe(9_000_000);
    await letters.close();
  }));

  it('lists newest first, page by page, also of one code', () => withFolder(async (dir) => {
    const letters = await openDeadLetters(dir, { maxSegmentBytes: 2_000 });
    for (let i = 1; i <= 30; i += 1) await letters.append([letter(i, i % 3 === 0 ? 'future' : 'bad-type')]);
    const ids: number[] = [];
    let before: number | undefined;
    do {
      const page = await letters.list({ before, limit: 7 });
      ids.push(...page.items.map((item) => item.id));
      before = page.next;
    } while (before !== undefined);
    expect(ids).toEqual(Array.from({ length: 30 }, (_, i) => 30 - i));
    expect((await letters.list({ code: 'future', limit: 3 })).items.map((item) => item.id)).toEqual([30, 27, 24]);
    expect((await letters.list({ code: 'conflict' })).items).toEqual([]);
    await letters.close();
  }));
});
