import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeCheckpoint, encodeCheckpoint, type CheckpointHead } from './checkpoint-file.js';

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

  it('is refused by name when any byte of it is changed', () => {
    const good = encodeCheckpoint(head, new Uint8Array([1, 2, 3, 4, 5]));
    for (let at = 0; at < good.length; at += 1) {
      const bad = good.slice();
      bad[at] = (bad[at] ?? 0) ^ 0x41;
      const read = decodeCheckpoint(bad);
      expect({ at, ok: read.ok }).toEqual({ at, ok: false });
    }
  });

  it('is refused by name when its end is missing', () => {
    const good = encodeCheckpoint(head, new Uint8Array([1, 2, 3, 4, 5]));
    for (let length = 0; length < good.length; length += 1) expect(decodeCheckpoint(good.subarray(0, length)).ok).toBe(false);
    expect(decodeCheckpoint(good.subarray(0, good.length - 1))).toEqual({ ok: false, reason: 'damaged' });
    expect(decodeCheckpoint(new TextEncoder().encode('not one of ours'))).toEqual({ ok: false, reason: 'not-a-checkpoint' });
  });
});
