import { mkdir, open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { ConnectorError, systemErrorCode } from '../connector-error.js';
import { syncDirectory, writeDurably } from '../durable-file.js';
import { encodeGroup, maxPayloadBytes } from './record.js';
import { type OpenReport, recover } from './recover.js';
import { emptyIndex, encodeSegmentHeader, indexName, type Segment, segmentHeaderBytes, segmentName } from './segment-file.js';
import { SegmentReader } from './segment-reader.js';
import { lockForWriting, type WriterLock } from './writer-lock.js';

/** How large a segment grows. */
export interface SegmentLogOptions {
  /** A segment that has reached this size is closed and a new one begun; default 64 MiB. One group of appends is never split. */
  readonly maxSegmentBytes?: number | undefined;
}

/** A log in figures. */
export interface LogStats {
  readonly firstSeq: number;
  /** Highest durable seq; 0 when empty. */
  readonly lastSeq: number;
  /** Largest ts; 0 when empty. */
  readonly maxTs: number;
  readonly bytes: number;
  readonly segments: number;
  /** Writes since open (one fdatasync each) and the time they took, ms: entries per group = how well appends share an fsync. */
  readonly groups: number;
  readonly entries: number;
  readonly writeMs: number;
}

/** What of a log may go. */
export interface Retention {
  /** Segments whose newest event is older than (largest ts - this) may go; ms. */
  readonly maxAgeMs?: number | undefined;
  /** Oldest segments go while the log is larger than this. */
  readonly maxBytes?: number | undefined;
  /** Nothing at or after this seq is deleted, whatever the two above say: the rules' retention and the oldest kept checkpoint. */
  readonly floorSeq: number;
}

/** Bytes written in one group, at most (one larger append goes alone): keeps the memory and the time of one write bounded. */
const maxGroupBytes = 4 * 1024 * 1024;

interface PendingAppend {
  readonly payloads: readonly string[];
  readonly seqs: readonly number[];
  readonly tss: readonly number[];
  readonly units: number;
  readonly resolve: (seqs: readonly number[]) => void;
  readonly reject: (error: unknown) => void;
}

/** What a log keeps: seq is given here, ts is event time (or the clock's, for dead letters). */
interface Sequenced { readonly kind: string; readonly seq: number; readonly ts: number }
type Unnumbered<T extends Sequenced> = T extends Sequenced ? Omit<T, 'seq'> : never;

/**
 * The writer of a segmented log: group commit, roll, retention. One per folder and process group (lock file).
 *
 * State: `pending` appends have their seq but are not on disk; one write is under way at a time. An append resolves after
 * the fdatasync of the group it is in. After a failed write every pending and later append is refused with LOG_FAILED:
 * what was acknowledged is on disk, the rest may or may not be, and only opening anew finds out.
 */
export class SegmentLog<T extends Sequenced> {
  private pending: PendingAppend[] = [];
  private draining: Promise<void> | undefined;
  private failure: unknown;
  private closed = false;
  private nextSeq: number;
  private maxTs: number;
  private handle: FileHandle | undefined;
  private active: Segment | undefined;
  private activeBytes: number;
  private closedBytes: number[];
  private groups = 0;
  private entries = 0;
  private writeMs = 0;

  private constructor(
    private readonly dir: string, private readonly maxSegmentBytes: number, readonly reader: SegmentReader<T>,
    private readonly lock: WriterLock, readonly openReport: OpenReport, activeBytes: number, sizes: readonly number[],
  ) {
    this.nextSeq = openReport.lastSeq + 1;
    this.maxTs = openReport.maxTs;
    this.activeBytes = activeBytes;
    this.closedBytes = sizes.slice(0, -1);
    reader.advance(openReport.lastSeq);
  }

  static async open<T extends Sequenced>(dir: string, options: SegmentLogOptions = {}): Promise<SegmentLog<T>> {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const lock = await lockForWriting(dir);
    try {
      const found = await recover(dir);
      const reader = new SegmentReader<T>(dir, found.segments, false);
      const report: OpenReport = {
        dir, segments: found.segments.length, firstSeq: reader.firstSeq(), lastSeq: found.lastSeq, maxTs: found.maxTs,
        tornTail: found.tornTail, removedSegment: found.removedSegment, staleLockOf: lock.takenOverFrom,
      };
      const log = new SegmentLog<T>(dir, options.maxSegmentBytes ?? 64 * 1024 * 1024, reader, lock, report, found.activeBytes, await reader.sizes());
      const last = found.segments.at(-1);
      if (last === undefined) await log.beginSegment();
      else await log.continueSegment(last);
      return log;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** See LogWriter.append. Throws RECORD_TOO_LARGE (16 MiB) before any seq is given. */
  append(entries: readonly Unnumbered<T>[]): Promise<readonly number[]> {
    if (this.failure !== undefined) return Promise.reject(this.failed());
    if (this.closed) return Promise.reject(new ConnectorError('LOG_CLOSED', `the log in ${this.dir} is closed`));
    if (entries.length === 0) return Promise.resolve([]);
    const payloads: string[] = [];
    const seqs: number[] = [];
    const tss: number[] = [];
    let units = 0;
    let seq = this.nextSeq;
    for (const entry of entries) {
      let payload: string;
      try {
        payload = encodeEntry(entry, seq);
      } catch (error) {
        return Promise.reject(error); // our bug: nothing has a seq yet, the log is untouched
      }
      if (payload.length > maxPayloadBytes / 3 && Buffer.byteLength(payload) > maxPayloadBytes) {
        return Promise.reject(new ConnectorError('RECORD_TOO_LARGE', `an entry of kind ${entry.kind} has ${Buffer.byteLength(payload)} bytes; a record of the log holds ${maxPayloadBytes}`));
      }
      payloads.push(payload);
      seqs.push(seq);
      tss.push(entry.ts);
      units += payload.length;
      seq += 1;
    }
    this.nextSeq = seq;
    return new Promise((resolve, reject) => {
      this.pending.push({ payloads, seqs, tss, units, resolve, reject });
      this.draining ??= this.drain();
    });
  }

  stats(): LogStats {
    return {
      firstSeq: this.reader.firstSeq(), lastSeq: this.reader.lastSeq(), maxTs: this.maxTs,
      bytes: this.closedBytes.reduce((sum, bytes) => sum + bytes, this.activeBytes), segments: this.reader.all().length,
      groups: this.groups, entries: this.entries, writeMs: this.writeMs,
    };
  }

  /** Deletes closed segments, oldest first, as the retention allows. Returns the names of the segments deleted. */
  async retain(retention: Retention): Promise<readonly string[]> {
    const deleted: string[] = [];
    for (;;) {
      const [oldest, next] = this.reader.all();
      if (oldest === undefined || next === undefined || next.firstSeq > retention.floorSeq) break;
      const tooOld = retention.maxAgeMs !== undefined && next.maxTsBefore < this.maxTs - retention.maxAgeMs;
      const tooLarge = retention.maxBytes !== undefined && this.stats().bytes > retention.maxBytes;
      if (!tooOld && !tooLarge) break;
      await unlink(join(this.dir, oldest.name));
      await unlink(join(this.dir, indexName(oldest.firstSeq))).catch(ignoreMissing);
      this.reader.dropOldest();
      this.closedBytes.shift();
      deleted.push(oldest.name);
    }
    if (deleted.length > 0) await syncDirectory(this.dir);
    return deleted;
  }

  /** Waits for what is pending, then gives file and lock back. Later appends are refused. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.draining;
    await this.handle?.close();
    await this.lock.release();
  }

  private async drain(): Promise<void> {
    await Promise.resolve(); // appends of this turn of the event loop share the first write
    while (this.pending.length > 0) {
      const group = this.takeGroup();
      try {
        if (this.failure !== undefined) throw this.failed();
        await this.writeGroup(group);
      } catch (error) {
        this.failure ??= error;
        for (const append of group) append.reject(this.failed());
        continue;
      }
      for (const append of group) append.resolve(append.seqs);
    }
    this.draining = undefined;
  }

  private takeGroup(): PendingAppend[] {
    let units = 0;
    let count = 0;
    for (const append of this.pending) {
      if (count > 0 && units + append.units > maxGroupBytes) break;
      units += append.units;
      count += 1;
    }
    const group = this.pending.slice(0, count);
    this.pending = this.pending.slice(count);
    return group;
  }

  private async writeGroup(group: readonly PendingAppend[]): Promise<void> {
    const started = performance.now();
    const payloads = group.length === 1 ? group[0]?.payloads ?? [] : group.flatMap((append) => append.payloads);
    const { bytes, offsets } = encodeGroup(payloads);
    if (this.activeBytes > segmentHeaderBytes && this.activeBytes + bytes.length > this.maxSegmentBytes) await this.roll(group[0]?.seqs[0] ?? this.nextSeq);
    const { handle, active } = this;
    if (handle === undefined || active === undefined) throw new ConnectorError('LOG_CLOSED', `the log in ${this.dir} has no open segment`);
    let written = 0;
    while (written < bytes.length) {
      const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, this.activeBytes + written);
      written += bytesWritten;
    }
    await handle.datasync();
    this.noteGroup(active, group, offsets);
    this.activeBytes += bytes.length;
    this.groups += 1;
    this.entries += payloads.length;
    this.writeMs += performance.now() - started;
  }

  private noteGroup(active: Segment, group: readonly PendingAppend[], offsets: readonly number[]): void {
    const index = active.index ?? emptyIndex(active);
    active.index = index;
    let i = 0;
    for (const append of group) {
      append.seqs.forEach((seq, k) => {
        index.note(seq, this.activeBytes + (offsets[i] ?? 0), this.maxTs);
        this.maxTs = Math.max(this.maxTs, append.tss[k] ?? 0);
        i += 1;
      });
      this.reader.advance(append.seqs.at(-1) ?? 0);
    }
  }

  private async roll(firstSeq: number): Promise<void> {
    const { active } = this;
    await this.handle?.close();
    this.handle = undefined;
    if (active?.index !== undefined) {
      await writeDurably(this.dir, indexName(active.firstSeq), [active.index.encode()]);
      active.index = undefined; // read back from the sidecar when somebody looks there: memory does not grow with the log
    }
    this.closedBytes.push(this.activeBytes);
    await this.beginSegment(firstSeq);
  }

  /** Header and folder are durable before the first record is written. */
  private async beginSegment(firstSeq = this.nextSeq): Promise<void> {
    const segment: Segment = { name: segmentName(firstSeq), firstSeq, maxTsBefore: this.maxTs, index: undefined };
    segment.index = emptyIndex(segment);
    const handle = await open(join(this.dir, segment.name), 'wx', 0o600);
    this.handle = handle;
    await handle.write(encodeSegmentHeader(firstSeq, this.maxTs), 0, segmentHeaderBytes, 0);
    await handle.sync();
    await syncDirectory(this.dir);
    this.active = segment;
    this.activeBytes = segmentHeaderBytes;
    this.reader.add(segment);
  }

  private async continueSegment(segment: Segment): Promise<void> {
    this.handle = await open(join(this.dir, segment.name), 'r+');
    // What an unclean end left in the page cache was not fsynced; it is visible to readers from now on, so it must be durable.
    await this.handle.datasync();
    this.active = segment;
  }

  private failed(): ConnectorError {
    return new ConnectorError('LOG_FAILED', `a write to the log in ${this.dir} failed; it takes nothing more until it is opened anew: ${this.failure instanceof Error ? this.failure.message : String(this.failure)}`, { cause: this.failure, retryable: true });
  }
}

/** `{"kind":...,"seq":...,"ts":...` first, so that seq and ts are read without parsing (record.ts). */
function encodeEntry(entry: { readonly kind: string; readonly ts: number }, seq: number): string {
  const { kind, ts } = entry;
  if (!Number.isSafeInteger(ts) || ts <= 0) throw new RangeError(`an entry of kind ${kind} has the ts ${ts}: not a whole number of milliseconds above 0`);
  const whole = JSON.stringify(entry);
  const begin = `{"kind":"${kind}","ts":${ts}`;
  // Entries are made with kind and ts first; then the text is cut, which is half the cost of taking the object apart.
  if (whole.startsWith(begin)) return `{"kind":"${kind}","seq":${seq},"ts":${ts}${whole.slice(begin.length)}`;
  const { kind: _kind, ts: _ts, ...rest } = entry;
  const body = JSON.stringify(rest);
  return `{"kind":"${kind}","seq":${seq},"ts":${ts}${body === '{}' ? '}' : `,${body.slice(1)}`}`;
}

function ignoreMissing(error: unknown): void {
  if (systemErrorCode(error) !== 'ENOENT') throw error;
}
