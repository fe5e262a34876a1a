import { asKind, kindOf } from './block-file.js';
import type { BlockData, CheckpointRefusal } from './block-file.js';
import { concatenated } from './concatenated.js';
import { crc32 } from './crc32.js';

/**
 * A checkpoint that is written piece by piece: a head, then numbered frames of named arrays, the last one saying that it is
 * the last. Every byte is under a checksum. Little-endian.
 *
 * | offset | bytes | head |
 * |---|---|---|
 * | 0 | 8 | magic `WEIRCKPT` |
 * | 8 | 4 | version, 2 |
 * | 12 | 4 | 0 |
 * | 16 | 8 | seq, double |
 * | 24 | 64 | rule-set hash, hex text |
 * | 88 | 4 | CRC-32 of bytes 0 to 87 |
 * | 92 | 4 | 0 |
 *
 * | offset | bytes | frame |
 * |---|---|---|
 * | 0 | 4 | bytes of the frame, this head and all padding included; a multiple of 8 |
 * | 4 | 4 | CRC-32 of all that follows in the frame, begun with the CRC of the file's head, so no frame of another file fits |
 * | 8 | 4 | number of the frame, from 0 |
 * | 12 | 2 | bytes of the name |
 * | 14 | 2 | number of arrays |
 * | 16 | | name, padded to 8; for each array kind (4) and bytes (4); the arrays, each padded to 8 |
 *
 * Kinds: 0 bytes, 1 Int32, 2 Float64, 3 Uint16. The last frame is called `end` and has no arrays; nothing follows it.
 */
const magic = 'WEIRCKPT';
export const framesVersion = 2;
const headBytes = 96;
const frameHeadBytes = 16;
const lastName = 'end';

export interface Frame { readonly name: string; readonly arrays: readonly BlockData[] }
/** An array of a frame to be written; in pieces of one kind, one after the other, where it does not lie in one. */
export type FrameArray = BlockData | readonly [BlockData, ...BlockData[]];

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Writes the pieces of one file in their order: `head`, any number of `frame`, `end`. */
export class FrameWriter {
  readonly head: Uint8Array;
  private readonly seed: number;
  private count = 0;

  /** @param ruleSetHash 64 hex digits. */
  constructor(seq: number, ruleSetHash: string) {
    this.head = new Uint8Array(headBytes);
    const view = new DataView(this.head.buffer);
    this.head.set(encoder.encode(magic), 0);
    view.setUint32(8, framesVersion, true);
    view.setFloat64(16, seq, true);
    this.head.set(encoder.encode(ruleSetHash.padEnd(64).slice(0, 64)), 24);
    this.seed = crc32(this.head.subarray(0, 88));
    view.setUint32(88, this.seed, true);
  }

  /**
   * @param name ASCII, not `end`. Less than 4 GiB in all.
   * @param room the frame is written there when it fits, and is a view of it then.
   */
  frame(name: string, arrays: readonly FrameArray[], room?: Uint8Array): Uint8Array {
    const nameBytes = encoder.encode(name);
    let size = frameHeadBytes + padded(nameBytes.length) + 8 * arrays.length;
    for (const array of arrays) size += padded(bytesOf(array));
    const isInRoom = room !== undefined && room.length >= size;
    const bytes = isInRoom ? room.subarray(0, size) : new Uint8Array(size);
    const view = new DataView(bytes.buffer, bytes.byteOffset, size);
    view.setUint32(0, size, true);
    view.setUint32(8, this.count++, true);
    view.setUint16(12, nameBytes.length, true);
    view.setUint16(14, arrays.length, true);
    bytes.set(nameBytes, frameHeadBytes);
    let table = frameHeadBytes + padded(nameBytes.length);
    bytes.fill(0, frameHeadBytes + nameBytes.length, table);
    let at = table + 8 * arrays.length;
    for (const array of arrays) {
      const pieces = isWhole(array) ? [array] as const : array;
      view.setUint32(table, kindOf(pieces[0]), true);
      view.setUint32(table + 4, bytesOf(array), true);
      for (const { buffer, byteOffset, byteLength } of pieces) {
        bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
        at += byteLength;
      }
      const next = padded(at);
      bytes.fill(0, at, next);
      at = next;
      table += 8;
    }
    view.setUint32(4, crc32(bytes.subarray(8), this.seed), true);
    return bytes;
  }

  end(): Uint8Array { return this.frame(lastName, []); }
}

function isWhole(array: FrameArray): array is BlockData { return ArrayBuffer.isView(array); }
function bytesOf(array: FrameArray): number { return isWhole(array) ? array.byteLength : array.reduce((sum, { byteLength }) => sum + byteLength, 0); }

export type FrameRefusal = { readonly ok: false; readonly reason: CheckpointRefusal; readonly message: string };

/**
 * Reads such a file from chunks of any size. Frames are given out as soon as they are whole and their checksum fits; only
 * {@link finish} tells whether the file was whole. Holds at most the bytes of one frame that is not whole yet.
 */
export class FrameReader {
  /** Known once {@link push} has had the head. */
  seq = 0;
  ruleSetHash = '';
  private rest: Uint8Array[] = [];
  private restBytes = 0;
  /** Bytes that what comes next has at least. */
  private wanted = 0;
  private seed: number | undefined;
  private count = 0;
  private isEnded = false;

  /**
   * Takes the next chunk. @returns the frames that became whole, or a refusal, after which the reader is of no more use.
   * Arrays may be views of the chunk, which is the caller's again at the next call.
   */
  push(chunk: Uint8Array): readonly Frame[] | FrameRefusal {
    const frames: Frame[] = [];
    let at = 0;
    // What was cut is completed first, and nothing else is copied.
    while (this.restBytes > 0) {
      const missing = chunk.subarray(at, at + this.wanted - this.restBytes);
      at += missing.length;
      this.keep(missing);
      if (this.restBytes < this.wanted) return frames;
      const bytes = concatenated(this.rest);
      const read = this.readNext(bytes, 0, frames);
      if (typeof read !== 'number') return read;
      this.rest = read > 0 ? [] : [bytes];
      this.restBytes = read > 0 ? 0 : bytes.length;
    }
    while (at < chunk.length) {
      const read = this.readNext(chunk, at, frames);
      if (typeof read !== 'number') return read;
      if (read === 0) {
        this.keep(chunk.subarray(at));
        break;
      }
      at += read;
    }
    return frames;
  }

  private keep(bytes: Uint8Array): void {
    this.rest.push(bytes.slice());
    this.restBytes += bytes.length;
  }

  /** @returns bytes read; 0 and `wanted` set when what comes next is not whole. */
  private readNext(bytes: Uint8Array, at: number, frames: Frame[]): number | FrameRefusal {
    if (this.seed !== undefined) return this.readFrame(bytes, at, frames);
    return bytes.length < headBytes ? this.wait(headBytes) : this.readHead(bytes);
  }

  /** The file is at its end: undefined when it was whole. */
  finish(): FrameRefusal | undefined {
    if (this.seed === undefined) return refused('not-a-snapshot', 'these bytes are no checkpoint of Weir');
    if (!this.isEnded || this.restBytes > 0) return refused('damaged', `the checkpoint is cut short after ${this.count} whole frames`);
    return undefined;
  }

  /** @returns bytes read. */
  private readHead(bytes: Uint8Array): number | FrameRefusal {
    const version = formatVersionOf(bytes);
    if (version === undefined) return refused('not-a-snapshot', 'these bytes are no checkpoint of Weir');
    if (version !== framesVersion) return refused('other-version', `checkpoint of version ${version}, this program reads versions 1 to ${framesVersion}`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, headBytes);
    const seed = crc32(bytes.subarray(0, 88));
    if (view.getUint32(88, true) !== seed || view.getUint32(92, true) !== 0) return refused('damaged', 'the head of the checkpoint does not fit its checksum');
    this.seed = seed;
    this.seq = view.getFloat64(16, true);
    this.ruleSetHash = decoder.decode(bytes.subarray(24, 88)).trimEnd();
    return headBytes;
  }

  private readFrame(bytes: Uint8Array, at: number, frames: Frame[]): number | FrameRefusal {
    if (this.isEnded) return refused('damaged', 'the checkpoint goes on behind its last frame');
    const left = bytes.length - at;
    if (left < frameHeadBytes) return this.wait(frameHeadBytes);
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, left);
    const size = view.getUint32(0, true);
    if (size < frameHeadBytes || size % 8 !== 0) return this.damaged();
    if (size > left) return this.wait(size);
    const frame = bytes.subarray(at, at + size);
    if (view.getUint32(4, true) !== crc32(frame.subarray(8), this.seed) || view.getUint32(8, true) !== this.count) return this.damaged();
    const made = arraysOf(frame, view);
    if (made === undefined) return this.damaged();
    this.count++;
    if (made.name === lastName) this.isEnded = true; else frames.push(made);
    return size;
  }

  private wait(bytes: number): number {
    this.wanted = bytes;
    return 0;
  }
  private damaged(): FrameRefusal { return refused('damaged', `frame ${this.count} of the checkpoint does not fit its checksum or its place`); }
}

/** The version that a file names in its first bytes; undefined when it is none of Weir's, or too short to say. */
export function formatVersionOf(bytes: Uint8Array): number | undefined {
  if (bytes.length < 12 || decoder.decode(bytes.subarray(0, 8)) !== magic) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset, 12).getUint32(8, true);
}

function arraysOf(frame: Uint8Array, view: DataView): Frame | undefined {
  const nameLength = view.getUint16(12, true);
  const count = view.getUint16(14, true);
  const table = frameHeadBytes + padded(nameLength);
  let at = table + 8 * count;
  if (at > frame.length) return undefined;
  const arrays: BlockData[] = [];
  for (let i = 0; i < count; i++) {
    const size = view.getUint32(table + 8 * i + 4, true);
    if (at + padded(size) > frame.length) return undefined;
    const raw = frame.subarray(at, at + size);
    const array = asKind(raw.byteOffset % 8 === 0 ? raw : raw.slice(), view.getUint32(table + 8 * i, true));
    if (array === undefined) return undefined;
    arrays.push(array);
    at += padded(size);
  }
  return at === frame.length ? { name: decoder.decode(frame.subarray(frameHeadBytes, frameHeadBytes + nameLength)), arrays } : undefined;
}

function padded(size: number): number { return Math.ceil(size / 8) * 8; }
function refused(reason: CheckpointRefusal, message: string): FrameRefusal { return { ok: false, reason, message }; }
