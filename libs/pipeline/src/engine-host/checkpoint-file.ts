import { crc32 } from 'node:zlib';
import { ListChange, RuleSetChange } from '@weir/contracts';
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

// 'WHC1' · head length u32 · CRC32 of the head u32 · CRC32 of the snapshot u32 · head (JSON, UTF-8) · snapshot. Little-endian.
const magic = [0x57, 0x48, 0x43, 0x31];
const fixedBytes = 16;

export function encodeCheckpoint(head: CheckpointHead, snapshot: Uint8Array): Uint8Array {
  const headBytes = new TextEncoder().encode(JSON.stringify(head));
  const bytes = new Uint8Array(fixedBytes + headBytes.length + snapshot.length);
  bytes.set(magic, 0);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, headBytes.length, true);
  view.setUint32(8, crc32(headBytes), true);
  view.setUint32(12, crc32(snapshot), true);
  bytes.set(headBytes, fixedBytes);
  bytes.set(snapshot, fixedBytes + headBytes.length);
  return bytes;
}

/** Reads a checkpoint; every byte is under a checksum, so a damaged one is refused and never half used. */
export function decodeCheckpoint(bytes: Uint8Array): CheckpointResult {
  if (bytes.length < 4 || magic.slice(0, 3).some((byte, i) => bytes[i] !== byte)) return { ok: false, reason: 'not-a-checkpoint' };
  if (bytes[3] !== magic[3]) return { ok: false, reason: 'other-version' };
  if (bytes.length < fixedBytes) return { ok: false, reason: 'damaged' };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headEnd = fixedBytes + view.getUint32(4, true);
  if (headEnd > bytes.length) return { ok: false, reason: 'damaged' };
  const headBytes = bytes.subarray(fixedBytes, headEnd);
  const snapshot = bytes.subarray(headEnd);
  if (crc32(headBytes) !== view.getUint32(8, true) || crc32(snapshot) !== view.getUint32(12, true)) return { ok: false, reason: 'damaged' };
  // The checksum holds, so the text is what was written: it parses, but perhaps by another version's shape.
  const head = CheckpointHead.safeParse(JSON.parse(new TextDecoder().decode(headBytes)));
  return head.success ? { ok: true, head: head.data, snapshot } : { ok: false, reason: 'other-version' };
}
