/**
 * One segment of a log: `<first seq, 16 digits>.seg`. Header, 32 bytes, little endian:
 *
 *     "WEIRSEG1" | f64 first seq | f64 largest ts of the log before it (0: none) | u32 CRC-32 of these 24 bytes | u32 0
 *
 * then records. The header is durable before the first record is written, so the headers alone say which seqs each segment holds.
 */
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { ConnectorError } from '../connector-error.js';
import { SparseIndex } from './sparse-index.js';

/** Bytes before the first record of a segment. */
export const segmentHeaderBytes = 32;
const magic = Buffer.from('WEIRSEG1', 'latin1');

/** One segment of a log, by its header. */
export interface Segment {
  readonly name: string;
  readonly firstSeq: number;
  /** Largest ts of all records before this segment; 0 when there are none. */
  readonly maxTsBefore: number;
  /** Set once known; for a closed segment read from its sidecar or made by a scan. */
  index: SparseIndex | undefined;
}

/** File name of the segment that begins at a seq: sixteen digits, so that names sort as seqs do. */
export const segmentName = (firstSeq: number): string => `${String(firstSeq).padStart(16, '0')}.seg`;
/** File name of the index beside that segment. */
export const indexName = (firstSeq: number): string => `${String(firstSeq).padStart(16, '0')}.idx`;

/**
 * The {@link segmentHeaderBytes} of a segment that begins at `firstSeq`. @param maxTsBefore largest ts of all records
 * before it, epoch ms; 0 when there are none.
 */
export function encodeSegmentHeader(firstSeq: number, maxTsBefore: number): Buffer {
  const header = Buffer.alloc(segmentHeaderBytes);
  magic.copy(header);
  header.writeDoubleLE(firstSeq, 8);
  header.writeDoubleLE(maxTsBefore, 16);
  header.writeUInt32LE(crc32(header.subarray(0, 24)), 24);
  return header;
}

/** First seqs of the segments in a folder, rising. A folder that does not exist has none. */
export async function listSegments(dir: string): Promise<number[]> {
  const names = await readdir(dir);
  return names.filter((name) => /^\d{16}\.seg$/.test(name)).map((name) => Number(name.slice(0, 16))).sort((a, b) => a - b);
}

/** Reads a segment's header. `torn`: the file ends inside it, which only a crash during creation can do. Throws LOG_DAMAGED by name otherwise. */
export async function readSegmentHeader(dir: string, firstSeq: number): Promise<Segment | 'torn'> {
  const name = segmentName(firstSeq);
  const handle = await open(join(dir, name), 'r');
  try {
    const header = Buffer.alloc(segmentHeaderBytes);
    const { bytesRead } = await handle.read(header, 0, segmentHeaderBytes, 0);
    if (bytesRead < segmentHeaderBytes) return 'torn';
    const good = header.subarray(0, 8).equals(magic) && crc32(header.subarray(0, 24)) === header.readUInt32LE(24) && header.readDoubleLE(8) === firstSeq;
    if (!good) {
      // A power cut may leave the new file's length without its bytes; nothing was acknowledged from it yet.
      if ((await handle.stat()).size === segmentHeaderBytes && header.every((byte) => byte === 0)) return 'torn';
      throw new ConnectorError('LOG_DAMAGED', `segment ${name} in ${dir}: its header (offset 0) is damaged`);
    }
    return { name, firstSeq, maxTsBefore: header.readDoubleLE(16), index: undefined };
  } finally {
    await handle.close();
  }
}

/** An index that knows only where the segment's records begin. */
export function emptyIndex(segment: Pick<Segment, 'firstSeq' | 'maxTsBefore'>): SparseIndex {
  return new SparseIndex({ seq: segment.firstSeq, offset: segmentHeaderBytes, maxTsBefore: segment.maxTsBefore });
}
