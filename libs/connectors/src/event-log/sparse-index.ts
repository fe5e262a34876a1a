/**
 * Sparse index of one segment: one entry for about every 64 KiB of records, in seq order.
 * Entry = (seq, file offset, largest ts of all records of the whole log before this one).
 * Invariant: seqs and offsets rise strictly, `maxTsBefore` never falls; so both seq and event time are found by bisection.
 *
 * Sidecar file of a closed segment: magic `WEIRIDX1`, u32 count, u32 CRC-32 of the rest, then count x 3 doubles, little endian.
 * It can be made again from the segment at any time and holds nothing of its own.
 */
import { crc32 } from 'node:zlib';

/**
 * Where a record lies: its seq, its offset in the segment's file, and the largest ts (epoch ms) of the log before it; 0
 * when there is none.
 */
export interface IndexEntry { readonly seq: number; readonly offset: number; readonly maxTsBefore: number }

const magic = Buffer.from('WEIRIDX1', 'latin1');
const strideBytes = 64 * 1024;

/** The index of one segment in memory; grows as records are noted. Look-ups are bisections. */
export class SparseIndex {
  private readonly entries: IndexEntry[];
  constructor(first: IndexEntry, more: readonly IndexEntry[] = []) { this.entries = [first, ...more]; }

  /** Notes a record if it lies a stride or more behind the last entry; records already covered are ignored. */
  note(seq: number, offset: number, maxTsBefore: number): void {
    const last = this.last();
    if (seq > last.seq && offset - last.offset >= strideBytes) this.entries.push({ seq, offset, maxTsBefore });
  }

  /** The last entry at or before `seq`. */
  atOrBeforeSeq(seq: number): IndexEntry { return this.entryAt(this.lastWhere((entry) => entry.seq <= seq)); }

  /** The first entry behind `seq`; undefined when there is none yet. */
  afterSeq(seq: number): IndexEntry | undefined { return this.entries[this.lastWhere((entry) => entry.seq <= seq) + 1]; }

  /** The last entry before which no ts was above `ts`; the first entry when there is none. */
  atOrBeforeTs(ts: number): IndexEntry { return this.entryAt(this.lastWhere((entry) => entry.maxTsBefore <= ts)); }

  last(): IndexEntry { return this.entryAt(this.entries.length - 1); }

  encode(): Buffer {
    const bytes = Buffer.allocUnsafe(16 + this.entries.length * 24);
    magic.copy(bytes);
    bytes.writeUInt32LE(this.entries.length, 8);
    this.entries.forEach((entry, i) => {
      bytes.writeDoubleLE(entry.seq, 16 + i * 24);
      bytes.writeDoubleLE(entry.offset, 24 + i * 24);
      bytes.writeDoubleLE(entry.maxTsBefore, 32 + i * 24);
    });
    bytes.writeUInt32LE(crc32(bytes.subarray(16)), 12);
    return bytes;
  }

  /** Undefined when the bytes are not a whole, undamaged sidecar of the segment that begins at `firstSeq`. */
  static decode(bytes: Buffer, firstSeq: number): SparseIndex | undefined {
    if (bytes.length < 40 || !bytes.subarray(0, 8).equals(magic)) return undefined;
    const count = bytes.readUInt32LE(8);
    if (bytes.length !== 16 + count * 24 || crc32(bytes.subarray(16)) !== bytes.readUInt32LE(12)) return undefined;
    const entries: IndexEntry[] = [];
    for (let at = 16; at < bytes.length; at += 24) {
      entries.push({ seq: bytes.readDoubleLE(at), offset: bytes.readDoubleLE(at + 8), maxTsBefore: bytes.readDoubleLE(at + 16) });
    }
    const [first, ...more] = entries;
    return first?.seq === firstSeq ? new SparseIndex(first, more) : undefined;
  }

  private lastWhere(holds: (entry: IndexEntry) => boolean): number {
    let low = 0;
    let high = this.entries.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (holds(this.entryAt(middle))) low = middle; else high = middle - 1;
    }
    return low;
  }

  private entryAt(i: number): IndexEntry {
    const entry = this.entries[i];
    if (entry === undefined) throw new RangeError(`index entry ${i} of ${this.entries.length}`);
    return entry;
  }
}
