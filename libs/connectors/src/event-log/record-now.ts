import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { ConnectorError, systemErrorCode } from '../connector-error.js';
import { LatestBlocks } from './latest-blocks.js';
import { maxPayloadBytes, recordHeaderBytes } from './record.js';
import { emptyIndex, indexName, type Segment } from './segment-file.js';
import { SparseIndex } from './sparse-index.js';

/** Two strides of the index: the record that is looked for is nearly always in one read. */
const blockBytes = 128 * 1024;
const cachedBlocks = 128;
const lengthMask = 0x7fff_ffff;

/** Whole records from one place on: `starts[i]` is where the record of seq `firstSeq + i` begins in `bytes`. */
interface Block { readonly firstSeq: number; readonly bytes: Buffer; readonly starts: readonly number[] }

/**
 * Reads single records at once, blocking: for a caller that cannot wait, such as an engine that explains an alert as it fires.
 *
 * A read costs one `pread` of 128 KiB, tens of microseconds from the page cache; the last {@link cachedBlocks} blocks are kept
 * (16 MiB at most). The record's check is verified. Knows the segments that its reader knows.
 */
export class RecordNow {
  private readonly blocks = new LatestBlocks<Block>(cachedBlocks);

  constructor(private readonly dir: string, private readonly segments: () => readonly Segment[]) {}

  /** The payload of a record; undefined when the log does not hold it (any more, or yet). */
  payload(seq: number): string | undefined {
    const segment = this.segments().findLast(({ firstSeq }) => firstSeq <= seq);
    if (segment === undefined) return undefined;
    const from = this.indexOf(segment).atOrBeforeSeq(seq);
    const key = `${segment.firstSeq}:${from.offset}`;
    const kept = this.blocks.get(key);
    const block = kept !== undefined && seq < kept.firstSeq + kept.starts.length ? kept : this.read(segment, from.seq, from.offset, seq);
    if (block === undefined) return undefined;
    if (block.firstSeq === from.seq) this.blocks.put(key, block);
    return this.textOf(segment, block, seq);
  }

  private textOf(segment: Segment, { firstSeq, bytes, starts }: Block, seq: number): string {
    const start = starts[seq - firstSeq] ?? 0;
    const field = bytes.readUInt32LE(start);
    const payload = bytes.subarray(start + recordHeaderBytes, start + recordHeaderBytes + (field & lengthMask));
    if (crc32(payload, field) !== bytes.readUInt32LE(start + 4)) throw this.damaged(segment, seq);
    return payload.toString('utf8');
  }

  /** The block that holds `seq`, from a known place on; further ones where the index has no nearer place. */
  private read(segment: Segment, knownSeq: number, knownOffset: number, seq: number): Block | undefined {
    let fd: number;
    try {
      fd = openSync(join(this.dir, segment.name), 'r');
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return undefined; // deleted
      throw error;
    }
    try {
      let [firstSeq, offset, size] = [knownSeq, knownOffset, blockBytes];
      for (;;) {
        const bytes = Buffer.allocUnsafe(size);
        const length = readSync(fd, bytes, 0, size, offset);
        const { starts, end } = this.recordsIn(segment, bytes, length, firstSeq);
        if (seq < firstSeq + starts.length) return { firstSeq, bytes, starts };
        if (length < size) return undefined; // the end of the file
        if (starts.length === 0) size *= 2; // one record larger than the block
        firstSeq += starts.length;
        offset += end;
      }
    } finally {
      closeSync(fd);
    }
  }

  private recordsIn(segment: Segment, bytes: Buffer, length: number, firstSeq: number): { readonly starts: readonly number[]; readonly end: number } {
    const starts: number[] = [];
    let at = 0;
    while (at + recordHeaderBytes <= length) {
      const size = bytes.readUInt32LE(at) & lengthMask;
      if (size === 0 || size > maxPayloadBytes) throw this.damaged(segment, firstSeq + starts.length);
      if (at + recordHeaderBytes + size > length) break;
      starts.push(at);
      at += recordHeaderBytes + size;
    }
    return { starts, end: at };
  }

  private indexOf(segment: Segment): SparseIndex {
    if (segment.index !== undefined) return segment.index;
    try {
      return SparseIndex.decode(readFileSync(join(this.dir, indexName(segment.firstSeq))), segment.firstSeq) ?? emptyIndex(segment);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
      return emptyIndex(segment);
    }
  }

  private damaged(segment: Segment, seq: number): ConnectorError {
    return new ConnectorError('LOG_DAMAGED', `segment ${segment.name} in ${this.dir}: the record of seq ${seq} fails its check`);
  }
}
