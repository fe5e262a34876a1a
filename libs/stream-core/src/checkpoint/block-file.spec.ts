import { crc32 as platformCrc32 } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkpointVersion, readCheckpoint, writeCheckpoint, type Block } from './block-file.js';
import { crc32 } from './crc32.js';

const hash = 'a1'.repeat(32);
const blocks: readonly Block[] = [
  { name: 'log.ts', data: new Float64Array([1, 2.5, -0, Number.MAX_SAFE_INTEGER]) },
  { name: 'keys', data: new Int32Array([1, -1, 2 ** 31 - 1]) },
  { name: 'types', data: new Uint16Array([0, 65_535, 7]) },
  { name: 'bytes', data: new Uint8Array([1, 2, 3, 4, 5]) },
  { name: 'empty', data: new Float64Array(0) },
];

describe('the checksum', () => {
  it('is that of the platform, in one piece and in two', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, cut) => {
      const at = Math.min(cut, bytes.length);
      expect(crc32(bytes)).toBe(platformCrc32(bytes));
      expect(crc32(bytes.subarray(at), crc32(bytes.subarray(0, at)))).toBe(platformCrc32(bytes));
    }));
  });
});

describe('a checkpoint', () => {
  it('gives back its seq, its rule set and every block, of every kind', () => {
    const reading = readCheckpoint(writeCheckpoint(42, hash, blocks));
    if (!reading.ok) throw new Error(reading.message);
    expect(reading.checkpoint.seq).toBe(42);
    expect(reading.checkpoint.ruleSetHash).toBe(hash);
    expect([...reading.checkpoint.blocks.keys()]).toEqual(blocks.map(({ name }) => name));
    for (const { name, data } of blocks) expect(reading.checkpoint.blocks.get(name)).toEqual(data);
  });

  it('is read from the middle of a larger buffer too', () => {
    const bytes = writeCheckpoint(7, hash, blocks);
    const larger = new Uint8Array(bytes.length + 13);
    larger.set(bytes, 5);
    expect(readCheckpoint(larger.subarray(5, 5 + bytes.length)).ok).toBe(true);
  });

  it('is refused, or read as it was, with any one byte changed: only padding carries nothing', () => {
    let refusals = 0;
    const bytes = writeCheckpoint(42, hash, blocks);
    for (let at = 0; at < bytes.length; at += 1) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      const reading = readCheckpoint(damaged);
      if (!reading.ok) refusals += 1;
      else expect(reading.checkpoint.blocks).toEqual(new Map(blocks.map(({ name, data }) => [name, data])));
    }
    expect(refusals).toBeGreaterThan(bytes.length * 0.7);
  });

  it('is refused when cut short at any byte, or continued', () => {
    const bytes = writeCheckpoint(42, hash, blocks);
    for (let length = 0; length < bytes.length; length += 1) expect(readCheckpoint(bytes.subarray(0, length)).ok).toBe(false);
    expect(readCheckpoint(Uint8Array.of(...bytes, 0))).toMatchObject({ ok: false, reason: 'damaged' });
  });

  it('of another version or another program is refused by name', () => {
    const other = writeCheckpoint(1, hash, []);
    new DataView(other.buffer).setUint32(8, checkpointVersion + 1, true);
    expect(readCheckpoint(other)).toMatchObject({ ok: false, reason: 'other-version' });
    expect(readCheckpoint(new TextEncoder().encode('{"version":1,"seq":42,"and":"so on, for more than a hundred bytes of something that is no checkpoint"}'))).toMatchObject({ ok: false, reason: 'not-a-snapshot' });
  });

  it('answers any bytes with a result', () => {
    const head = writeCheckpoint(1, hash, blocks);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (noise, keepHead) => {
      const bytes = keepHead ? Uint8Array.of(...head.subarray(0, 96), ...noise) : noise;
      expect(typeof readCheckpoint(bytes).ok).toBe('boolean');
    }), { numRuns: 500 });
  });
});
