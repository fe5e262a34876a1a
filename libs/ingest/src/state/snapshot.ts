import { crc32 } from './crc32.js';
import type { SeenIds } from './seen-ids.js';

/**
 * Intake snapshot, little endian: magic `WEIRINTK`, u32 version, u32 CRC-32 of everything behind it, u32 seed x 2,
 * f64 largest ts, f64 seq, f64 ids forgotten early, f64 count, then count x (f64 seq, f64 time, u32 low, u32 high).
 */
const magic = 'WEIRINTK';
const version = 1;
const headerBytes = 56;
const entryBytes = 24;

/** `damaged`: cut off or changed; `not-a-snapshot`: no such magic; `other-version`: written by another version. */
export type SnapshotRefusal = 'damaged' | 'not-a-snapshot' | 'other-version';

interface SnapshotSource { readonly seed: readonly [number, number]; readonly maxTs: number; readonly seq: number; readonly forgottenEarly: number; readonly seen: SeenIds }

/** The state as bytes. Linear in the ids remembered, 24 bytes each. */
export function encodeSnapshot(source: SnapshotSource): Uint8Array {
  const bytes = new Uint8Array(headerBytes + source.seen.size * entryBytes);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 8; i += 1) bytes[i] = magic.charCodeAt(i);
  view.setUint32(8, version, true);
  view.setUint32(16, source.seed[0] >>> 0, true);
  view.setUint32(20, source.seed[1] >>> 0, true);
  view.setFloat64(24, source.maxTs, true);
  view.setFloat64(32, source.seq, true);
  view.setFloat64(40, source.forgottenEarly, true);
  view.setFloat64(48, source.seen.size, true);
  let at = headerBytes;
  source.seen.forEach((low, high, seq, time) => {
    view.setFloat64(at, seq, true);
    view.setFloat64(at + 8, time, true);
    view.setUint32(at + 16, low, true);
    view.setUint32(at + 20, high, true);
    at += entryBytes;
  });
  view.setUint32(12, crc32(bytes.subarray(16)), true);
  return bytes;
}

/** What a snapshot holds; `copyTo` adds its ids to `seen`, in their order. */
type DecodedSnapshot =
  | { readonly ok: true; readonly seed: readonly [number, number]; readonly maxTs: number; readonly seq: number; readonly forgottenEarly: number; copyTo(seen: SeenIds): void }
  | { readonly ok: false; readonly reason: SnapshotRefusal; readonly message: string };

/** Reads a snapshot. Checks every byte and never throws: bytes that are none are refused by name. */
export function decodeSnapshot(bytes: Uint8Array): DecodedSnapshot {
  const refuse = (reason: SnapshotRefusal, message: string): DecodedSnapshot => ({ ok: false, reason, message });
  const begins = bytes.length >= 8 && [...magic].every((letter, i) => bytes[i] === letter.charCodeAt(0));
  if (!begins) return refuse('not-a-snapshot', 'these bytes are no intake snapshot');
  if (bytes.length < headerBytes) return refuse('damaged', `the intake snapshot is cut off after ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = view.getUint32(8, true);
  if (found !== version) return refuse('other-version', `the intake snapshot has version ${found}, this program reads ${version}`);
  if (crc32(bytes.subarray(16)) !== view.getUint32(12, true)) return refuse('damaged', 'the intake snapshot fails its check');
  const count = view.getFloat64(48, true);
  if (bytes.length !== headerBytes + count * entryBytes) return refuse('damaged', `the intake snapshot names ${count} ids and has ${bytes.length} bytes`);
  return {
    ok: true, seed: [view.getUint32(16, true), view.getUint32(20, true)], maxTs: view.getFloat64(24, true), seq: view.getFloat64(32, true), forgottenEarly: view.getFloat64(40, true),
    copyTo: (seen) => {
      for (let at = headerBytes; at < bytes.length; at += entryBytes) seen.addMark(view.getUint32(at + 16, true), view.getUint32(at + 20, true), view.getFloat64(at, true), view.getFloat64(at + 8, true));
    },
  };
}
