import { crc32 } from './crc32.js';

/**
 * The first format of a checkpoint, written in one piece: named blocks of typed arrays behind a head, each with its CRC-32.
 * It is read for ever; what is written today is `frame-file`. Little-endian.
 *
 * | offset | bytes | |
 * |---|---|---|
 * | 0 | 8 | magic `WEIRCKPT` |
 * | 8 | 4 | version |
 * | 12 | 4 | number of blocks |
 * | 16 | 8 | seq, double |
 * | 24 | 64 | rule-set hash, hex text |
 * | 88 | 4 | CRC of bytes 0 to 87 |
 * | 92 | 4 | 0 |
 * | 96 | | blocks: name length (2), kind (1), 0 (1), CRC of name and data (4), data length (8, double), name, padding to 8, data, padding to 8 |
 *
 * Kinds: 0 bytes, 1 Int32, 2 Float64, 3 Uint16.
 */
const magic = 'WEIRCKPT';
export const checkpointVersion = 1;
const headBytes = 96;
const blockHeadBytes = 16;

export type BlockData = Uint8Array | Int32Array | Float64Array | Uint16Array;
export interface Block { readonly name: string; readonly data: BlockData }
export interface Checkpoint { readonly seq: number; readonly ruleSetHash: string; readonly blocks: ReadonlyMap<string, BlockData> }

export type CheckpointRefusal = 'not-a-snapshot' | 'other-version' | 'damaged';
export type CheckpointReading = { readonly ok: true; readonly checkpoint: Checkpoint } | { readonly ok: false; readonly reason: CheckpointRefusal; readonly message: string };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** @param ruleSetHash 64 hex digits. Block names are ASCII and different. */
export function writeCheckpoint(seq: number, ruleSetHash: string, blocks: readonly Block[]): Uint8Array {
  const names = blocks.map((block) => encoder.encode(block.name));
  let size = headBytes;
  blocks.forEach((block, i) => { size += blockHeadBytes + padded(names[i]?.length ?? 0) + padded(block.data.byteLength); });
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes.set(encoder.encode(magic), 0);
  view.setUint32(8, checkpointVersion, true);
  view.setUint32(12, blocks.length, true);
  view.setFloat64(16, seq, true);
  bytes.set(encoder.encode(ruleSetHash.padEnd(64).slice(0, 64)), 24);
  view.setUint32(88, crc32(bytes.subarray(0, 88)), true);
  let at = headBytes;
  blocks.forEach((block, i) => { at = writeBlock(bytes, view, at, names[i] ?? new Uint8Array(0), block.data); });
  return bytes;
}

function writeBlock(bytes: Uint8Array, view: DataView, at: number, name: Uint8Array, data: BlockData): number {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  view.setUint16(at, name.length, true);
  bytes[at + 2] = kindOf(data);
  view.setUint32(at + 4, crc32(raw, crc32(name)), true);
  view.setFloat64(at + 8, data.byteLength, true);
  bytes.set(name, at + blockHeadBytes);
  const from = at + blockHeadBytes + padded(name.length);
  bytes.set(raw, from);
  return from + padded(data.byteLength);
}

/** Reads a checkpoint; any bytes are answered with a result, and what does not fit is refused by name. The blocks are copies. */
export function readCheckpoint(bytes: Uint8Array): CheckpointReading {
  if (bytes.length < headBytes || decoder.decode(bytes.subarray(0, 8)) !== magic) return refused('not-a-snapshot', 'these bytes are no checkpoint of Weir');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(8, true);
  if (version !== checkpointVersion) return refused('other-version', `checkpoint of version ${version}, this program reads version ${checkpointVersion}`);
  if (view.getUint32(88, true) !== crc32(bytes.subarray(0, 88))) return refused('damaged', 'the head of the checkpoint does not fit its checksum');
  const blocks = new Map<string, BlockData>();
  let at = headBytes;
  for (let i = view.getUint32(12, true); i > 0; i--) {
    const end = readBlock(bytes, view, at, blocks);
    if (end === undefined) return refused('damaged', `block ${blocks.size + 1} of the checkpoint does not fit its checksum or is cut short`);
    at = end;
  }
  if (at !== bytes.length) return refused('damaged', 'the checkpoint goes on behind its last block');
  return { ok: true, checkpoint: { seq: view.getFloat64(16, true), ruleSetHash: decoder.decode(bytes.subarray(24, 88)).trimEnd(), blocks } };
}

function readBlock(bytes: Uint8Array, view: DataView, at: number, blocks: Map<string, BlockData>): number | undefined {
  if (at + blockHeadBytes > bytes.length) return undefined;
  const nameLength = view.getUint16(at, true);
  const size = view.getFloat64(at + 8, true);
  const from = at + blockHeadBytes + padded(nameLength);
  if (!Number.isInteger(size) || size < 0 || from + padded(size) > bytes.length) return undefined;
  const name = bytes.subarray(at + blockHeadBytes, at + blockHeadBytes + nameLength);
  const raw = bytes.slice(from, from + size); // a copy begins at 0, so it is aligned for any kind
  if (view.getUint32(at + 4, true) !== crc32(raw, crc32(name))) return undefined;
  const data = asKind(raw, bytes[at + 2] ?? 255);
  if (data === undefined) return undefined;
  blocks.set(decoder.decode(name), data);
  return from + padded(size);
}

/** Number of a kind of array, the same in all formats. */
export function kindOf(data: BlockData): number { return data instanceof Int32Array ? 1 : data instanceof Float64Array ? 2 : data instanceof Uint16Array ? 3 : 0; }

/** An array of a kind over bytes that begin at a multiple of 8 of their buffer; undefined when they are no such array. */
export function asKind(raw: Uint8Array, kind: number): BlockData | undefined {
  const { buffer, byteOffset, byteLength } = raw;
  switch (kind) {
    case 0: return raw;
    case 1: return byteLength % 4 === 0 ? new Int32Array(buffer, byteOffset, byteLength / 4) : undefined;
    case 2: return byteLength % 8 === 0 ? new Float64Array(buffer, byteOffset, byteLength / 8) : undefined;
    case 3: return byteLength % 2 === 0 ? new Uint16Array(buffer, byteOffset, byteLength / 2) : undefined;
    default: return undefined;
  }
}

function padded(size: number): number { return Math.ceil(size / 8) * 8; }
function refused(reason: CheckpointRefusal, message: string): CheckpointReading { return { ok: false, reason, message }; }
