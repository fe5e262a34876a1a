import { crc32 } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CheckpointFileReader, decodeCheckpoint, encodeCheckpoint, type CheckpointHead } from './checkpoint-file.js';

const head: CheckpointHead = {
  version: 1, seq: 42, maxTs: 1_700_000_000_000, historySince: 1_600_000_000_000, hasEngine: true,
  ruleSet: { kind: 'rules', seq: 1, ts: 1, schemaText: 'version: 1', rules: [{ id: 'a', mode: 'live', release: 1, text: 'rule: a' }] },
  lists: [{ kind: 'list', seq: 2, ts: 5, list: 'blocked', value: 'Ω', change: 'add' }],
};

describe('a checkpoint', () => {
  it('gives back what was written', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (snapshot) => {
      const read = decodeCheckpoint(encodeCheckpoint(head, snapshot));
      expect(read).toEqual({ ok: true, head, snapshot });
    }));
  });

  it('is refused by name when any byte before the snapshot is changed or missing', () => {
    const good = encodeCheckpoint(head, new Uint8Array(0));
    for (let at = 0; at < good.length; at += 1) {
      const bad = good.slice();
      bad[at] = (bad[at] ?? 0) ^ 0x41;
      expect({ at, ok: decodeCheckpoint(bad).ok }).toEqual({ at, ok: false });
      expect(decodeCheckpoint(good.subarray(0, at)).ok).toBe(false);
    }
    expect(decodeCheckpoint(good.subarray(0, good.length - 1))).toEqual({ ok: false, reason: 'damaged' });
    expect(decodeCheckpoint(new TextEncoder().encode('not one of ours'))).toEqual({ ok: false, reason: 'not-a-checkpoint' });
  });

  it('is read from chunks cut anywhere', () => {
    const good = encodeCheckpoint(head, new Uint8Array([1, 2, 3, 4, 5]));
    fc.assert(fc.property(fc.array(fc.nat(good.length), { maxLength: 6 }), (cuts) => {
      const reader = new CheckpointFileReader();
      const snapshot: number[] = [];
      let from = 0;
      for (const to of [...cuts.sort((a, b) => a - b), good.length]) {
        const part = reader.push(good.subarray(from, to));
        if (typeof part === 'string') throw new Error(part);
        snapshot.push(...part);
        from = to;
      }
      expect(reader.finish()).toBeUndefined();
      expect([reader.head, snapshot]).toEqual([head, [1, 2, 3, 4, 5]]);
    }));
  });

  it('of the format before is read, and refused when any byte of it is changed', () => {
    const snapshot = new Uint8Array([1, 2, 3, 4, 5]);
    const before = encodeCheckpoint(head, snapshot);
    before[3] = 0x31;
    new DataView(before.buffer).setUint32(12, crc32(snapshot), true);
    expect(decodeCheckpoint(before)).toEqual({ ok: true, head, snapshot });
    for (let at = 0; at < before.length; at += 1) {
      const bad = before.slice();
      bad[at] = (bad[at] ?? 0) ^ 0x41;
      expect({ at, ok: decodeCheckpoint(bad).ok }).toEqual({ at, ok: false });
    }
  });
});
