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

  it('is written piece by piece, and is there only when all of it is', () => withFolder(async (dir) => {
    const store = await openCheckpoints(dir);
    await store.save(7, bytes(1));
    const writer = await store.begin(9);
    for (const piece of [bytes(1, 2), bytes(), bytes(3)]) {
      await writer.write(piece);
      expect((await store.list()).map((checkpoint) => checkpoint.seq)).toEqual([7]);
    }
    await writer.commit();
    expect((await store.list()).map((checkpoint) => checkpoint.seq)).toEqual([9, 7]);
    expect([...await store.load('0000000000000009.ckpt')]).toEqual([1, 2, 3]);
    const chunks: number[] = [];
    for await (const chunk of store.read('0000000000000009.ckpt')) chunks.push(...chunk);
    expect(chunks).toEqual([1, 2, 3]);
  }));

  it('leaves the one before when the process dies between two pieces, at any of them', () => withFolder(async (dir) => {
    await (await openCheckpoints(dir)).save(7, bytes(1));
    for (let pieces = 0; pieces < 4; pieces += 1) {
      // The process that writes never comes back to it.
      const writer = await (await openCheckpoints(dir)).begin(9);
      for (let i = 0; i < pieces; i += 1) await writer.write(bytes(i));
      const survivor = await openCheckpoints(dir);
      expect((await survivor.list()).map((checkpoint) => checkpoint.seq)).toEqual([7]);
      expect(await readdir(dir)).toEqual(['0000000000000007.ckpt']);
      expect([...await survivor.load('0000000000000007.ckpt')]).toEqual([1]);
      await writer.abandon();
    }
  }));

  it('leaves nothing when it is given up, and is never renamed without its header', () => withFolder(async (dir) => {
    const store = await openCheckpoints(dir);
    const writer = await store.begin(9);
    await writer.write(bytes(1, 2, 3));
    // What a rename before the commit would show: zeros where the header belongs.
    const [temporary] = await readdir(dir);
    await writeFile(join(dir, '0000000000000009.ckpt'), await readFile(join(dir, temporary ?? '')));
    await expect(store.load('0000000000000009.ckpt')).rejects.toMatchObject({ code: 'CHECKPOINT_DAMAGED' });
    await writer.abandon();
    await writer.abandon();
    expect(await readdir(dir)).toEqual(['0000000000000009.ckpt']);
  }));

  it('of several chunks is refused at its end when a byte of any of them is changed', () => withFolder(async (dir) => {
    const store = await openCheckpoints(dir);
    await store.save(7, new Uint8Array(3_000_000).fill(7));
    const name = '0000000000000007.ckpt';
    const good = await readFile(join(dir, name));
    for (const at of [40, 1_500_000, good.length - 1]) {
      const flipped = Buffer.from(good);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      await writeFile(join(dir, name), flipped);
      const reading = async (): Promise<void> => { for await (const _ of store.read(name)); };
      await expect(reading()).rejects.toMatchObject({ code: 'CHECKPOINT_DAMAGED' });
    }
  }));

  it('does not open files outside its folder, and says what is missing', () => withFolder(async (dir) => {
    const store = await openCheckpoints(dir);
    await expect(store.load('../secret')).rejects.toMatchObject({ code: 'CHECKPOINT_MISSING' });
    await expect(store.load('0000000000000001.ckpt')).rejects.toMatchObject({ code: 'CHECKPOINT_MISSING' });
  }));
});
