import { describe, expect, it } from '@jest/globals';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withFolder } from '../testing/temporary-folder.js';
import { openCheckpoints } from './checkpoints.js';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe('checkpoints', () => {
  it('keeps the newest three and gives them newest first', () => withFolder(async (dir) => {
    const store = await openCheckpoints(dir);
    for (const seq of [5, 1_000, 20, 300]) await store.save(seq, bytes(seq % 256));
    expect((await store.list()).map((checkpoint) => checkpoint.seq)).toEqual([1_000, 300, 20]);
    expect(await readdir(dir)).toHaveLength(3);
    const [newest] = await store.list();
    expect([...await store.load(newest?.name ?? '')]).toEqual([1_000 % 256]);
  }));

  it('takes saves that overlap one after the other, also of one seq', () => withFolder(async (dir) => {
    const store = await openCheckpoints(dir);
    await Promise.all([store.save(7, bytes(1)), store.save(7, bytes(2)), store.save(8, bytes(3))]);
    const list = await store.list();
    expect(list.map((checkpoint) => checkpoint.seq)).toEqual([8, 7]);
    expect([...await store.load(list[1]?.name ?? '')]).toEqual([2]);
  }));

  it('refuses a checkpoint with any byte changed or missing, by name', () => withFolder(async (dir) => {
    const store = await openCheckpoints(dir);
    await store.save(7, bytes(1, 2, 3, 4));
    const name = '0000000000000007.ckpt';
    const good = await readFile(join(dir, name));
    for (let at = 0; at < good.length; at += 1) {
      const flipped = Buffer.from(good);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      await writeFile(join(dir, name), flipped);
      await expect(store.load(name)).rejects.toMatchObject({ code: 'CHECKPOINT_DAMAGED', message: expect.stringContaining(name) });
      await writeFile(join(dir, name), good.subarray(0, at));
      await expect(store.load(name)).rejects.toMatchObject({ code: 'CHECKPOINT_DAMAGED' });
    }
  }));

  it('removes what a crash left half-written and never lists it', () => withFolder(async (dir) => {
    await (await openCheckpoints(dir)).save(7, bytes(1));
    await writeFile(join(dir, '0000000000000009.ckpt.tmp'), 'half');
    const store = await openCheckpoints(dir);
    expect((await store.list()).map((checkpoint) => checkpoint.seq)).toEqual([7]);
    expect(await readdir(dir)).toEqual(['0000000000000007.ckpt']);
  }));

  it('does not open files outside its folder, and says what is missing', () => withFolder(async (dir) => {
    const store = await openCheckpoints(dir);
    await expect(store.load('../secret')).rejects.toMatchObject({ code: 'CHECKPOINT_MISSING' });
    await expect(store.load('0000000000000001.ckpt')).rejects.toMatchObject({ code: 'CHECKPOINT_MISSING' });
  }));
});
