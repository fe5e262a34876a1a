import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { writeCheckpoint } from './block-file.js';
import type { BlockData } from './block-file.js';
import { formatVersionOf, FrameReader, FrameWriter } from './frame-file.js';
import type { Frame, FrameRefusal } from './frame-file.js';

const hash = 'a1'.repeat(32);
const frames: readonly Frame[] = [
  { name: 'meta', arrays: [new TextEncoder().encode('{"a":1}')] },
  { name: 'log0', arrays: [new Float64Array([1, 2.5, -0, Number.MAX_SAFE_INTEGER]), new Int32Array([1, -1, 2 ** 31 - 1]), new Uint16Array([0, 65_535, 7]), new Uint8Array(0)] },
  { name: 'log0', arrays: [new Float64Array([3])] },
  { name: 'nothing', arrays: [] },
];

function written(seq = 42, of: readonly Frame[] = frames): Uint8Array {
  const writer = new FrameWriter(seq, hash);
  return joined([writer.head, ...of.map(({ name, arrays }) => writer.frame(name, arrays)), writer.end()]);
}
function joined(parts: readonly Uint8Array[]): Uint8Array { return Uint8Array.from(parts.flatMap((part) => [...part])); }

/** Reads a file in chunks that end at `cuts`. */
function read(bytes: Uint8Array, cuts: readonly number[] = []): { readonly reader: FrameReader; readonly frames: readonly Frame[] } | FrameRefusal {
  const reader = new FrameReader();
  const found: Frame[] = [];
  const ends = [...new Set(cuts.map((cut) => Math.min(cut, bytes.length)))].sort((a, b) => a - b);
  let from = 0;
  for (const to of [...ends, bytes.length]) {
    const pushed = reader.push(bytes.subarray(from, to));
    if ('ok' in pushed) return pushed;
    found.push(...pushed.map(({ name, arrays }) => ({ name, arrays: arrays.map((array) => array.slice() as BlockData) }))); // a slice is of the same kind
    from = to;
  }
  return reader.finish() ?? { reader, frames: found };
}

describe('a checkpoint in frames', () => {
  it('is the same byte for byte from arrays in pieces, and in a room that held something else', () => {
    const whole = new FrameWriter(42, hash);
    const pieced = new FrameWriter(42, hash);
    for (const { name, arrays } of frames) {
      const expected = whole.frame(name, arrays);
      const room = new Uint8Array(expected.length + 3).fill(0xa5);
      const found = pieced.frame(name, arrays.map((array) => [array.subarray(0, 2), array.subarray(2), array.subarray(0, 0)] as const), room);
      expect(found).toEqual(expected);
      expect(found.buffer).toBe(room.buffer);
    }
    expect(whole.frame('tight', frames[1]?.arrays ?? [], new Uint8Array(20))).toEqual(pieced.frame('tight', frames[1]?.arrays ?? []));
  });

  it('is read from one buffer that every chunk is put into', () => {
    const bytes = written();
    for (let size = 1; size < bytes.length + 40; size += 13) {
      const reader = new FrameReader();
      const chunk = new Uint8Array(size);
      const found: Frame[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        chunk.fill(0xa5);
        chunk.set(bytes.subarray(at, at + size));
        const pushed = reader.push(chunk.subarray(0, Math.min(size, bytes.length - at)));
        if ('ok' in pushed) throw new Error(pushed.message);
        found.push(...pushed.map(({ name, arrays }) => ({ name, arrays: arrays.map((array) => array.slice() as BlockData) }))); // a slice is of the same kind
      }
      expect(reader.finish()).toBeUndefined();
      expect(found).toEqual(frames);
    }
  });

  it('gives back its seq, its rule set and every frame, cut into chunks anywhere', () => {
    const bytes = written();
    fc.assert(fc.property(fc.array(fc.nat(bytes.length), { maxLength: 9 }), (cuts) => {
      const reading = read(bytes, cuts);
      if ('ok' in reading) throw new Error(reading.message);
      expect(reading.reader.seq).toBe(42);
      expect(reading.reader.ruleSetHash).toBe(hash);
      expect(reading.frames).toEqual(frames);
    }));
  });

  it('is read byte by byte, and from the middle of a larger buffer', () => {
    const bytes = written();
    const reading = read(bytes, Array.from(bytes.keys()));
    expect('ok' in reading ? reading : reading.frames).toEqual(frames);
    const larger = new Uint8Array(bytes.length + 13);
    larger.set(bytes, 5);
    const moved = read(larger.subarray(5, 5 + bytes.length));
    expect('ok' in moved ? moved : moved.frames).toEqual(frames);
  });

  it('is refused with any one bit changed, padding included', () => {
    const bytes = written();
    for (let at = 0; at < bytes.length; at += 1) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8));
      expect(read(damaged)).toMatchObject({ ok: false });
    }
  });

  it('is refused when cut short at any byte, or continued', () => {
    const bytes = written();
    for (let length = 0; length < bytes.length; length += 1) expect(read(bytes.subarray(0, length))).toMatchObject({ ok: false, reason: length < 96 ? 'not-a-snapshot' : 'damaged' });
    expect(read(Uint8Array.of(...bytes, 0))).toMatchObject({ ok: false, reason: 'damaged' });
    expect(read(joined([bytes, bytes.subarray(96)]))).toMatchObject({ ok: false, reason: 'damaged' });
  });

  it('is refused when a frame is missing, doubled, moved or another file\'s', () => {
    const writer = new FrameWriter(1, hash);
    const [a, b, end] = [writer.frame('a', []), writer.frame('b', []), writer.end()];
    const foreign = new FrameWriter(2, hash).frame('a', []);
    for (const parts of [[b, end], [a, end], [a, a, b, end], [b, a, end], [foreign, b, end]]) expect(read(joined([writer.head, ...parts]))).toMatchObject({ ok: false, reason: 'damaged' });
    expect('ok' in read(joined([writer.head, a, b, end]))).toBe(false);
  });

  it('of another version or another program is refused by name', () => {
    const first = writeCheckpoint(1, hash, []);
    expect(formatVersionOf(first)).toBe(1);
    expect(read(first)).toMatchObject({ ok: false, reason: 'other-version' });
    const later = written();
    new DataView(later.buffer).setUint32(8, 3, true);
    expect(read(later)).toMatchObject({ ok: false, reason: 'other-version', message: 'checkpoint of version 3, this program reads versions 1 to 2' });
    expect(read(new TextEncoder().encode('{"version":1,"seq":42,"and":"so on, for more than a hundred bytes of something that is no checkpoint"}'))).toMatchObject({ ok: false, reason: 'not-a-snapshot' });
  });

  it('answers any bytes with a result, and holds no more than it was given', () => {
    const head = written();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), fc.array(fc.nat(500), { maxLength: 4 }), (noise, keepHead, cuts) => {
      const bytes = keepHead ? Uint8Array.of(...head.subarray(0, 96), ...noise) : noise;
      expect(typeof read(bytes, cuts)).toBe('object');
    }), { numRuns: 500 });
  });
});
