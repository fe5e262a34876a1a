import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../connector-error.js';
import { emptyIndex, indexName, type Segment } from './segment-file.js';
import { SparseIndex } from './sparse-index.js';

/** Closed segments whose index stays in memory (about 60 KiB each). */
const cachedIndexes = 64;

/** The sparse indexes of a log's segments, read from their sidecars when asked for; those of the segments read last stay in memory. */
export class SegmentIndexes {
  private readonly indexed: Segment[] = [];

  /** @param newest the segment that is still written to: its index is never dropped. */
  constructor(private readonly dir: string, private readonly newest: () => Segment | undefined) {}

  /** A missing or damaged sidecar costs time only: an empty index grows again as the records are passed. */
  async of(segment: Segment): Promise<SparseIndex> {
    if (segment.index !== undefined) return segment.index;
    let sidecar: Buffer | undefined;
    try {
      sidecar = await readFile(join(this.dir, indexName(segment.firstSeq)));
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
    }
    const index = (sidecar === undefined ? undefined : SparseIndex.decode(sidecar, segment.firstSeq)) ?? emptyIndex(segment);
    segment.index = index;
    this.indexed.push(segment);
    if (this.indexed.length > cachedIndexes) {
      const dropped = this.indexed.shift();
      if (dropped !== undefined && dropped !== this.newest()) dropped.index = undefined;
    }
    return index;
  }
}
