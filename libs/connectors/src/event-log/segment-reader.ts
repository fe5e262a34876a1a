import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConnectorError, systemErrorCode } from '../connector-error.js';
import { LatestBlocks } from './latest-blocks.js';
import { RecordScanner, readSeqAndTs } from './record.js';
import { RecordNow } from './record-now.js';
import { listSegments, readSegmentHeader, type Segment } from './segment-file.js';
import { SegmentIndexes } from './segment-indexes.js';
import type { IndexEntry, SparseIndex } from './sparse-index.js';
import { TextFinder } from './text-finder.js';

/** Entries of one batch of {@link SegmentReader.read}, at most. */
const batchEntries = 1024;
/** Blocks kept for {@link SegmentReader.get}. */
const cachedBlocks = 32;

/** Records `fromSeq` to `toSeq` whose JSON holds one of some texts, as `"account_id":"c1"`. */
export interface LogQuery { readonly fromSeq: number; readonly toSeq: number; readonly texts: readonly string[] }

/** What a search has come to: records found in order, each with the largest ts of the log before it, and how far it has passed. */
export interface LogFindings<T> {
  readonly found: readonly { readonly entry: T; readonly maxTsBefore: number }[];
  /** Every record up to this one has been passed; largest ts of the log up to it. */
  readonly throughSeq: number;
  readonly maxTs: number;
}

interface Block { readonly firstSeq: number; readonly bytes: Buffer; readonly bounds: readonly number[] }

/**
 * Read side of a segmented log, for the writer itself and for other threads and processes.
 * Never looks past `durableSeq`, which the writer tells it. Every record's CRC and seq are checked as it is passed;
 * what does not fit is LOG_DAMAGED with segment and offset, never skipped. Only a search checks no more than it reads.
 */
export class SegmentReader<T> {
  private durableSeq = 0;
  private readonly indexes: SegmentIndexes;
  private readonly blocks = new LatestBlocks<Block>(cachedBlocks);
  private readonly records: RecordNow;

  /** @param tails true beside a writer: looks for new segments itself; false for the writer's own, which is told of them. */
  constructor(private readonly dir: string, private segments: Segment[], private readonly tails: boolean) {
    this.indexes = new SegmentIndexes(dir, () => this.segments.at(-1));
    this.records = new RecordNow(dir, () => this.segments);
  }

  static async open<T>(dir: string): Promise<SegmentReader<T>> {
    const reader = new SegmentReader<T>(dir, [], true);
    await reader.refresh();
    return reader;
  }

  firstSeq(): number { return this.segments[0]?.firstSeq ?? 1; }
  lastSeq(): number { return this.durableSeq; }

  /** Tells that everything up to `seq` is durable. Never goes back. */
  advance(seq: number): void { this.durableSeq = Math.max(this.durableSeq, seq); }

  /**
   * For looking at a log whose writer is not at hand: advances to the last record that lies whole on disk (it may not be
   * durable yet). Stops in front of a torn tail. Returns {@link lastSeq}.
   */
  async advanceToWhole(): Promise<number> {
    await this.refresh();
    const segment = this.segments.at(-1);
    if (segment === undefined) return this.durableSeq;
    const index = await this.indexes.of(segment);
    const from = index.last();
    let last = from.seq - 1;
    try {
      for await (const _ of this.walk(segment, index, from, Infinity, (seq) => { last = seq; return 'go'; })) continue;
    } catch (error) {
      // The end of the last segment, torn or not: damage before it is found by whoever reads it.
      if (!(error instanceof ConnectorError) || error.code !== 'LOG_DAMAGED') throw error;
    }
    this.advance(last);
    return this.durableSeq;
  }

  /** For the writer: a segment it has created. */
  add(segment: Segment): void { this.segments.push(segment); }
  /** For the writer: the oldest segment was deleted. */
  dropOldest(): void { this.segments.shift(); }
  all(): readonly Segment[] { return this.segments; }

  /** Looks which segments exist now; known ones keep their index. */
  private async refresh(): Promise<void> {
    if (!this.tails) return;
    const known = new Map(this.segments.map((segment) => [segment.firstSeq, segment]));
    const found: Segment[] = [];
    for (const firstSeq of await listSegments(this.dir)) {
      const segment = known.get(firstSeq) ?? await readSegmentHeader(this.dir, firstSeq);
      if (segment !== 'torn') found.push(segment);
    }
    this.segments = found;
  }

  async *read(fromSeq: number): AsyncGenerator<readonly T[]> {
    const upTo = this.durableSeq;
    let next = Math.max(fromSeq, this.firstSeq());
    while (next <= upTo) {
      const segment = await this.segmentOf(next);
      const index = await this.indexes.of(segment);
      let batch: T[] = [];
      const from = next;
      const walk = this.walk(segment, index, index.atOrBeforeSeq(from), upTo, (seq, _ts, scanner) => {
        if (seq >= from) batch.push(decode<T>(scanner.buffer, scanner.payloadStart, scanner.payloadEnd));
        next = seq + 1;
        return batch.length >= batchEntries ? 'pause' : 'go';
      });
      for await (const _ of walk) {
        if (batch.length === 0) continue;
        const full = batch;
        batch = [];
        yield full;
      }
      if (batch.length > 0) yield batch;
    }
  }

  /** Records that hold one of the texts: see LogSearch. Seqs are checked all along, the CRC of what is found. */
  async *search({ fromSeq, toSeq, texts }: LogQuery): AsyncGenerator<LogFindings<T>> {
    const upTo = Math.min(this.durableSeq, toSeq);
    let next = Math.max(fromSeq, this.firstSeq());
    let maxTs = 0;
    while (next <= upTo) {
      const segment = await this.segmentOf(next);
      const index = await this.indexes.of(segment);
      const finder = new TextFinder(texts);
      const start = index.atOrBeforeSeq(next);
      const from = next;
      let found: { entry: T; maxTsBefore: number }[] = [];
      maxTs = Math.max(maxTs, start.maxTsBefore);
      const walk = this.walk(segment, index, start, upTo, (seq, ts, scanner) => {
        if (seq >= from && finder.isIn(scanner)) {
          if (!scanner.isSound()) throw this.damaged(segment, scanner.recordOffset, `the record of seq ${seq} fails its check`);
          found.push({ entry: decode<T>(scanner.buffer, scanner.payloadStart, scanner.payloadEnd), maxTsBefore: maxTs });
        }
        maxTs = Math.max(maxTs, ts);
        next = Math.max(next, seq + 1);
        return found.length >= batchEntries ? 'pause' : 'go';
      }, false);
      for await (const _ of walk) {
        const batch = found;
        found = [];
        if (next > from) yield { found: batch, throughSeq: next - 1, maxTs };
      }
      yield { found, throughSeq: next - 1, maxTs };
    }
  }

  /** As {@link get}, but at once: blocks this thread for a read. Of segments that this reader has come across. */
  getNow(seq: number): T | undefined {
    const payload = seq > this.durableSeq ? undefined : this.records.payload(seq);
    return payload === undefined ? undefined : (JSON.parse(payload) as T); // as in decode
  }

  async get(seq: number): Promise<T | undefined> {
    if (seq < this.firstSeq() || seq > this.durableSeq || !Number.isInteger(seq)) return undefined;
    let segment = await this.segmentOf(seq);
    let index = await this.indexes.of(segment);
    if (index.afterSeq(seq) === undefined) {
      await this.extendIndex(segment, index, seq);
      // Passing the end of the segment may have shown a newer one.
      segment = await this.segmentOf(seq);
      index = await this.indexes.of(segment);
      await this.extendIndex(segment, index, seq);
    }
    const block = await this.blockOf(segment, index, seq);
    const i = seq - block.firstSeq;
    const start = block.bounds[2 * i];
    const end = block.bounds[2 * i + 1];
    if (start === undefined || end === undefined) throw this.damaged(segment, index.atOrBeforeSeq(seq).offset, `seq ${seq} is not where the index says`);
    return decode<T>(block.bytes, start, end);
  }

  /** Lowest kept seq whose entry, and so all after it, have a running maximum ts > `afterTs`; last seq + 1 when there is none. */
  async seqAfterTs(afterTs: number): Promise<number> {
    const upTo = this.durableSeq;
    await this.refresh();
    let chosen = this.segments[0];
    if (chosen === undefined || chosen.maxTsBefore > afterTs) return this.firstSeq();
    for (const segment of this.segments) if (segment.maxTsBefore <= afterTs && segment.firstSeq <= upTo) chosen = segment;
    const index = await this.indexes.of(chosen);
    const nextSegment = this.segments[this.segments.indexOf(chosen) + 1];
    const lastHere = Math.min(upTo, (nextSegment?.firstSeq ?? Infinity) - 1);
    await this.extendIndex(chosen, index, lastHere);
    let found = lastHere + 1;
    const walk = this.walk(chosen, index, index.atOrBeforeTs(afterTs), lastHere, (seq, ts) => {
      if (ts <= afterTs) return 'go';
      found = seq;
      return 'stop';
    });
    for await (const _ of walk) continue;
    return Math.max(found, this.firstSeq());
  }

  /**
   * Passes the records from `from` up to `toSeq` (or the segment's end) to `visit`, in order. Yields whenever `visit` says
   * `pause` and before each read of the file, so that a caller can hand on what it has. Notes index entries on its way.
   */
  private async *walk(
    segment: Segment, index: SparseIndex, from: IndexEntry, toSeq: number,
    visit: (seq: number, ts: number, scanner: RecordScanner) => 'go' | 'pause' | 'stop', checks = true,
  ): AsyncGenerator<void> {
    let seq = from.seq;
    let maxTs = from.maxTsBefore;
    if (seq > toSeq) return;
    const handle = await this.openSegment(segment);
    try {
      const scanner = new RecordScanner(handle, from.offset, checks);
      for (;;) {
        const step = scanner.take();
        if (step === 'more') {
          yield;
          await scanner.fill();
          continue;
        }
        if (step === 'end') { await this.requireNext(segment, seq, scanner.offset); return; }
        if (step !== 'record') throw this.damaged(segment, scanner.offset, step === 'torn' ? `ends inside the record of seq ${seq}` : `the record of seq ${seq} fails its check`);
        const head = readSeqAndTs(scanner.buffer, scanner.payloadStart, scanner.payloadEnd);
        if (head?.seq !== seq) throw this.damaged(segment, scanner.recordOffset, `holds ${head === undefined ? 'no seq' : `seq ${head.seq}`} where ${seq} belongs`);
        index.note(seq, scanner.recordOffset, maxTs);
        const verdict = visit(seq, head.ts, scanner);
        if (head.ts > maxTs) maxTs = head.ts;
        seq += 1;
        if (verdict === 'stop' || seq > toSeq) return;
        if (verdict === 'pause') yield;
      }
    } finally {
      await handle.close();
    }
  }

  /** A segment that ends at `seq` must be followed by the one that begins there. */
  private async requireNext(segment: Segment, seq: number, offset: number): Promise<void> {
    if (!this.segments.some((other) => other.firstSeq === seq)) await this.refresh();
    if (!this.segments.some((other) => other.firstSeq === seq)) throw this.damaged(segment, offset, `ends before seq ${seq}, which is durable, and no segment begins there`);
  }

  private async segmentOf(seq: number): Promise<Segment> {
    if (this.segments.length === 0) await this.refresh();
    const found = this.segments.findLast((segment) => segment.firstSeq <= seq);
    if (found === undefined) throw new ConnectorError('LOG_DELETED', `seq ${seq} is no longer in ${this.dir}: the log begins at ${this.firstSeq()}`);
    return found;
  }

  private async openSegment(segment: Segment): Promise<FileHandle> {
    try {
      return await open(join(this.dir, segment.name), 'r');
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
      await this.refresh();
      throw new ConnectorError('LOG_DELETED', `segment ${segment.name} was deleted from ${this.dir}: the log begins at ${this.firstSeq()}`, { cause: error });
    }
  }

  /** Makes the index reach up to `toSeq`, from where it ends now. */
  private async extendIndex(segment: Segment, index: SparseIndex, toSeq: number): Promise<void> {
    for await (const _ of this.walk(segment, index, index.last(), toSeq, () => 'go')) continue;
  }

  private async blockOf(segment: Segment, index: SparseIndex, seq: number): Promise<Block> {
    const from = index.atOrBeforeSeq(seq);
    const key = `${segment.firstSeq}:${from.offset}`;
    const cached = this.blocks.get(key);
    if (cached !== undefined && seq < cached.firstSeq + cached.bounds.length / 2) return cached;
    const toSeq = Math.min(this.durableSeq, (index.afterSeq(seq)?.seq ?? Infinity) - 1);
    const payloads: Buffer[] = [];
    const bounds: number[] = [];
    let size = 0;
    const walk = this.walk(segment, index, from, toSeq, (_seq, _ts, scanner) => {
      const payload = Buffer.from(scanner.buffer.subarray(scanner.payloadStart, scanner.payloadEnd));
      payloads.push(payload);
      bounds.push(size, size + payload.length);
      size += payload.length;
      return 'go';
    });
    for await (const _ of walk) continue;
    const block = { firstSeq: from.seq, bytes: Buffer.concat(payloads), bounds };
    this.blocks.put(key, block);
    return block;
  }

  private damaged(segment: Segment, offset: number, what: string): ConnectorError {
    return new ConnectorError('LOG_DAMAGED', `segment ${segment.name} in ${this.dir}, offset ${offset}: ${what}`);
  }

  /** Bytes on disk of all segments. */
  async sizes(): Promise<readonly number[]> {
    return Promise.all(this.segments.map(async (segment) => (await stat(join(this.dir, segment.name))).size));
  }
}

function decode<T>(buffer: Buffer, start: number, end: number): T {
  // `as`: the record passed its CRC, so this is what the log's own writer encoded; parsing it again by schema would double the cost of every read
  return JSON.parse(buffer.toString('utf8', start, end)) as T;
}
