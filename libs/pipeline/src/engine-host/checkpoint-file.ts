import { crc32 } from 'node:zlib';
import { ListChange, RuleSetChange } from '@weir/contracts';
import { concatenated } from '@weir/stream-core';
import { z } from 'zod';

/** What the host itself must know to go on at `seq`, beside the engine's own snapshot. */
const CheckpointHead = z.object({
  version: z.literal(1),
  /** Last entry applied. */
  seq: z.number().int().nonnegative(),
  /** Rule set in force. */
  ruleSet: RuleSetChange.optional(),
  lists: z.array(ListChange),
  /** ts of the first event of the log, epoch ms. */
  historySince: z.number().int().optional(),
  /** Largest ts so far. */
  maxTs: z.number().int().nonnegative(),
  hasEngine: z.boolean(),
});
export type CheckpointHead = z.infer<typeof CheckpointHead>;

export type CheckpointRefusal = 'not-a-checkpoint' | 'other-version' | 'damaged';
export type CheckpointResult =
  | { readonly ok: true; readonly head: CheckpointHead; readonly snapshot: Uint8Array }
  | { readonly ok: false; readonly reason: CheckpointRefusal };

/*
 * 'WHC2' · head length u32 · CRC32 of the head u32 · 0 u32 · head (JSON, UTF-8) · the engine's snapshot, which has checksums
 * of its own and so can be written as it comes. Little-endian.
 * The format before, 'WHC1', has the CRC32 of the whole snapshot in place of the 0. It is read, not written.
 */
const magic = [0x57, 0x48, 0x43];
const versionNow = 0x32;
const versionBefore = 0x31;
const fixedBytes = 16;

/** What stands before the snapshot. */
export function encodeHead(head: CheckpointHead): Uint8Array {
  const headBytes = new TextEncoder().encode(JSON.stringify(head));
  const bytes = new Uint8Array(fixedBytes + headBytes.length);
  bytes.set([...magic, versionNow], 0);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, headBytes.length, true);
  view.setUint32(8, crc32(headBytes), true);
  bytes.set(headBytes, fixedBytes);
  return bytes;
}

export function encodeCheckpoint(head: CheckpointHead, snapshot: Uint8Array): Uint8Array { return concatenated([encodeHead(head), snapshot]); }

/** Reads a checkpoint from chunks of any size: the head as soon as it is whole, the snapshot's bytes as they come. */
export class CheckpointFileReader {
  /** Known when {@link push} has had all of it. */
  head: CheckpointHead | undefined;
  #begun: Uint8Array = new Uint8Array(0);
  #snapshotSum: number | undefined;
  #sum = 0;

  /** @returns the part of the chunk that belongs to the snapshot, perhaps empty, or why the file is refused. */
  push(chunk: Uint8Array): Uint8Array | CheckpointRefusal {
    if (this.head) return this.#pass(chunk);
    const bytes = this.#begun.length === 0 ? chunk : concatenated([this.#begun, chunk]);
    if (bytes.length >= 4 && refusalOf(bytes)) return refusalOf(bytes) ?? 'damaged';
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const headEnd = bytes.length < fixedBytes ? Infinity : fixedBytes + view.getUint32(4, true);
    if (headEnd > bytes.length) {
      this.#begun = bytes;
      return new Uint8Array(0);
    }
    const headBytes = bytes.subarray(fixedBytes, headEnd);
    if (crc32(headBytes) !== view.getUint32(8, true)) return 'damaged';
    if (bytes[3] === versionBefore) this.#snapshotSum = view.getUint32(12, true);
    else if (view.getUint32(12, true) !== 0) return 'damaged';
    // The checksum holds, so the text is what was written: it parses, but perhaps by another version's shape.
    const head = CheckpointHead.safeParse(JSON.parse(new TextDecoder().decode(headBytes)));
    if (!head.success) return 'other-version';
    this.head = head.data;
    return this.#pass(bytes.subarray(headEnd));
  }

  /** The file is at its end. */
  finish(): CheckpointRefusal | undefined {
    if (!this.head) return this.#begun.length < 4 ? 'not-a-checkpoint' : 'damaged';
    return this.#snapshotSum === undefined || this.#snapshotSum === this.#sum ? undefined : 'damaged';
  }

  #pass(part: Uint8Array): Uint8Array {
    if (this.#snapshotSum !== undefined) this.#sum = crc32(part, this.#sum);
    return part;
  }
}

/** Reads a checkpoint at once. The head is under a checksum, and so is the snapshot, by the engine's own. */
export function decodeCheckpoint(bytes: Uint8Array): CheckpointResult {
  const reader = new CheckpointFileReader();
  const snapshot = reader.push(bytes);
  const refusal = typeof snapshot === 'string' ? snapshot : reader.finish();
  if (refusal || typeof snapshot === 'string' || !reader.head) return { ok: false, reason: refusal ?? 'damaged' };
  return { ok: true, head: reader.head, snapshot };
}

function refusalOf(bytes: Uint8Array): CheckpointRefusal | undefined {
  if (magic.some((byte, i) => bytes[i] !== byte)) return 'not-a-checkpoint';
  return bytes[3] === versionNow || bytes[3] === versionBefore ? undefined : 'other-version';
}
