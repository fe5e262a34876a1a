/**
 * One record of a segment file, little endian:
 *
 *     u32 length | u32 CRC-32 | payload (UTF-8 JSON that begins {"kind":"...","seq":N,"ts":N)
 *
 * The top bit of `length` marks the first record of a group (one write, one fdatasync). Groups are written one after
 * the other, so a good group start behind a bad record proves that the bad record had been durable: that is damage,
 * not a torn tail. The CRC covers the length as well (it is the CRC's start value). Length 0 is never written.
 */
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

/** Length and check in front of each payload. */
export const recordHeaderBytes = 8;
/** Longest payload, 16 MiB: a rule set with all its texts fits, a damaged length is told from a real one. */
export const maxPayloadBytes = 16 * 1024 * 1024;
const groupStartBit = 0x8000_0000;
const lengthMask = 0x7fff_ffff;

/** Encodes payloads as one group: the first record carries the group mark. `offsets[i]` is record i's place in the bytes. */
export function encodeGroup(payloads: readonly string[]): { readonly bytes: Buffer; readonly offsets: readonly number[] } {
  let total = 0;
  const lengths: number[] = [];
  for (const payload of payloads) {
    const length = Buffer.byteLength(payload);
    lengths.push(length);
    total += recordHeaderBytes + length;
  }
  const bytes = Buffer.allocUnsafe(total);
  const offsets: number[] = [];
  let at = 0;
  payloads.forEach((payload, i) => {
    const length = lengths[i] ?? 0;
    const field = i === 0 ? (length | groupStartBit) >>> 0 : length;
    offsets.push(at);
    bytes.writeUInt32LE(field, at);
    bytes.write(payload, at + recordHeaderBytes, 'utf8');
    bytes.writeUInt32LE(crc32(bytes.subarray(at + recordHeaderBytes, at + recordHeaderBytes + length), field), at + 4);
    at += recordHeaderBytes + length;
  });
  return { bytes, offsets };
}

/** What the scanner found at its place: a record; `more` = fill first; `end` = the file ends here; `torn` = it ends inside a record; `bad` = length or CRC is wrong. */
type ScanStep = 'record' | 'more' | 'end' | 'torn' | 'bad';

/**
 * Reads records one after the other through one reused buffer. Call {@link take} until it says `more`, then {@link fill}.
 * After `record`, `buffer.subarray(payloadStart, payloadEnd)` is valid until the next call. Mutable on purpose: runs per record.
 */
export class RecordScanner {
  buffer: Buffer;
  payloadStart = 0;
  payloadEnd = 0;
  /** File offset of the record last taken. */
  recordOffset = 0;
  startsGroup = false;
  private begin = 0;
  private end = 0;
  private atEnd = false;
  private wanted = recordHeaderBytes;

  /** @param checks false: the caller asks {@link isSound} of those records that it reads. */
  constructor(private readonly handle: FileHandle, private fileOffset: number, private readonly checks = true, chunkBytes = 256 * 1024) {
    this.buffer = Buffer.allocUnsafe(chunkBytes);
  }

  /** File offset of the next record. */
  get offset(): number { return this.fileOffset + this.begin; }

  take(): ScanStep {
    const available = this.end - this.begin;
    if (available < recordHeaderBytes) {
      if (!this.atEnd) { this.wanted = recordHeaderBytes; return 'more'; }
      return available === 0 ? 'end' : 'torn';
    }
    const field = this.buffer.readUInt32LE(this.begin);
    const length = field & lengthMask;
    if (length === 0 || length > maxPayloadBytes) return 'bad';
    if (available < recordHeaderBytes + length) {
      if (this.atEnd) return 'torn';
      this.wanted = recordHeaderBytes + length;
      return 'more';
    }
    const start = this.begin + recordHeaderBytes;
    if (this.checks && !this.isWhole(this.begin, length, field)) return 'bad';
    this.payloadStart = start;
    this.payloadEnd = start + length;
    this.recordOffset = this.offset;
    this.startsGroup = field !== length;
    this.begin = start + length;
    return 'record';
  }

  /** Does the record last taken pass its check? */
  isSound(): boolean {
    const at = this.payloadStart - recordHeaderBytes;
    return this.isWhole(at, this.payloadEnd - this.payloadStart, this.buffer.readUInt32LE(at));
  }

  private isWhole(at: number, length: number, field: number): boolean {
    const start = at + recordHeaderBytes;
    return crc32(this.buffer.subarray(start, start + length), field) === this.buffer.readUInt32LE(at + 4);
  }

  async fill(): Promise<void> {
    const rest = this.end - this.begin;
    if (this.wanted > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.wanted, this.buffer.length * 2));
      this.buffer.copy(larger, 0, this.begin, this.end);
      this.buffer = larger;
    } else {
      this.buffer.copy(this.buffer, 0, this.begin, this.end);
    }
    this.fileOffset += this.begin;
    this.begin = 0;
    this.end = rest;
    const { bytesRead } = await this.handle.read(this.buffer, rest, this.buffer.length - rest, this.fileOffset + rest);
    if (bytesRead === 0) this.atEnd = true;
    this.end += bytesRead;
  }
}

/** Whether a good record that starts a group lies anywhere in `bytes`. Linear; the CRC is computed only where the frame is plausible. */
export function holdsGroupStart(bytes: Buffer): boolean {
  for (let at = 0; at + recordHeaderBytes < bytes.length; at += 1) {
    const field = bytes.readUInt32LE(at);
    if (field < groupStartBit) continue;
    const length = field & lengthMask;
    const start = at + recordHeaderBytes;
    if (length < 2 || length > maxPayloadBytes || start + length > bytes.length) continue;
    if (bytes[start] !== 0x7b || bytes[start + length - 1] !== 0x7d) continue;
    if (crc32(bytes.subarray(start, start + length), field) === bytes.readUInt32LE(at + 4)) return true;
  }
  return false;
}

/** seq and ts of a payload without parsing it: they stand at fixed places behind `kind`. Undefined when the payload is not ours. */
export function readSeqAndTs(buffer: Buffer, start: number, end: number): { readonly seq: number; readonly ts: number } | undefined {
  // {"kind":"  is 9 bytes; kinds are short ASCII words
  let at = start + 9;
  while (at < end && buffer[at] !== 0x22) at += 1;
  const seq = readDigits(buffer, at + 8, end); // ","seq":
  if (seq === undefined || buffer[at + 1] !== 0x2c || buffer[at + 3] !== 0x73) return undefined;
  const ts = readDigits(buffer, seq.end + 6, end); // ,"ts":
  if (ts === undefined || buffer[seq.end + 2] !== 0x74) return undefined;
  return { seq: seq.value, ts: ts.value };
}

function readDigits(buffer: Buffer, start: number, end: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  let at = start;
  for (; at < end; at += 1) {
    const digit = (buffer[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return at === start ? undefined : { value, end: at };
}
