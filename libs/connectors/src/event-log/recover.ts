import { open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ConnectorError } from '../connector-error.js';
import { syncDirectory, writeDurably } from '../durable-file.js';
import { holdsGroupStart, RecordScanner, readSeqAndTs } from './record.js';
import { emptyIndex, indexName, listSegments, readSegmentHeader, type Segment, segmentName } from './segment-file.js';
import { SparseIndex } from './sparse-index.js';

/** What was found when a log was opened for writing: for the start-up message and the ops page. */
export interface OpenReport {
  readonly dir: string;
  readonly segments: number;
  readonly firstSeq: number;
  /** 0 when empty. */
  readonly lastSeq: number;
  /** Largest ts of the log; 0 when empty. */
  readonly maxTs: number;
  /** The last write did not get to its end: `bytes` from `offset` on were cut off and lie in `keptAs`. None of it had been acknowledged. */
  readonly tornTail?: { readonly segment: string; readonly offset: number; readonly bytes: number; readonly keptAs: string } | undefined;
  /** A segment whose creation was interrupted; it held nothing. */
  readonly removedSegment?: string | undefined;
  /** Pid of a writer that died without giving its lock back. */
  readonly staleLockOf?: number | undefined;
}

/** A log folder as it was found, its torn tail cut. */
interface Recovered {
  readonly segments: Segment[];
  readonly lastSeq: number;
  readonly maxTs: number;
  /** Bytes of the last segment, all good; 0 when there is no segment. */
  readonly activeBytes: number;
  readonly tornTail: OpenReport['tornTail'];
  readonly removedSegment: string | undefined;
}

/**
 * Brings a folder into order before its writer starts. Closed segments are checked by header and neighbourhood (their
 * records when they are read), every record of the last one is checked here. A torn tail is cut; damage, that is a bad
 * record behind which a later group was written, is refused with LOG_DAMAGED: the file is left as it is.
 */
export async function recover(dir: string): Promise<Recovered> {
  const firstSeqs = await listSegments(dir);
  const segments: Segment[] = [];
  let removedSegment: string | undefined;
  for (const firstSeq of firstSeqs) {
    const segment = await readSegmentHeader(dir, firstSeq);
    if (segment === 'torn') {
      if (firstSeq !== firstSeqs.at(-1)) throw new ConnectorError('LOG_DAMAGED', `segment ${segmentName(firstSeq)} in ${dir}: its header (offset 0) is cut off`);
      removedSegment = segmentName(firstSeq);
      await unlink(join(dir, removedSegment));
      await syncDirectory(dir);
    } else {
      segments.push(segment);
    }
  }
  await removeOrphanIndexes(dir, new Set(segments.map((segment) => segment.firstSeq)));
  const last = segments.at(-1);
  if (last === undefined) return { segments, lastSeq: (firstSeqs[0] ?? 1) - 1, maxTs: 0, activeBytes: 0, tornTail: undefined, removedSegment };
  const beforeLast = segments.at(-2);
  if (beforeLast !== undefined) await checkClosedEnd(dir, beforeLast, last.firstSeq);
  return { segments, removedSegment, ...await recoverActive(dir, last) };
}

async function recoverActive(dir: string, segment: Segment): Promise<Pick<Recovered, 'lastSeq' | 'maxTs' | 'activeBytes' | 'tornTail'>> {
  const index = emptyIndex(segment);
  segment.index = index;
  const handle = await open(join(dir, segment.name), 'r+');
  try {
    const first = index.last();
    const scanner = new RecordScanner(handle, first.offset);
    let seq = segment.firstSeq;
    let maxTs = segment.maxTsBefore;
    let tornTail: OpenReport['tornTail'];
    for (;;) {
      const step = scanner.take();
      if (step === 'more') { await scanner.fill(); continue; }
      if (step === 'end') break;
      if (step !== 'record') {
        tornTail = await cutTail(dir, segment.name, handle, scanner.offset);
        break;
      }
      const head = readSeqAndTs(scanner.buffer, scanner.payloadStart, scanner.payloadEnd);
      if (head?.seq !== seq) throw new ConnectorError('LOG_DAMAGED', `segment ${segment.name} in ${dir}, offset ${scanner.recordOffset}: holds ${head === undefined ? 'no seq' : `seq ${head.seq}`} where ${seq} belongs`);
      index.note(seq, scanner.recordOffset, maxTs);
      maxTs = Math.max(maxTs, head.ts);
      seq += 1;
    }
    return { lastSeq: seq - 1, maxTs, activeBytes: scanner.offset, tornTail };
  } finally {
    await handle.close();
  }
}

type ReadWriteHandle = Awaited<ReturnType<typeof open>>;

async function cutTail(dir: string, name: string, handle: ReadWriteHandle, offset: number): Promise<NonNullable<OpenReport['tornTail']>> {
  const { size } = await handle.stat();
  const rest = Buffer.allocUnsafe(size - offset);
  let filled = 0;
  while (filled < rest.length) {
    const { bytesRead } = await handle.read(rest, filled, rest.length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  // From the byte after the bad record's start: that record itself may start a group.
  if (holdsGroupStart(rest.subarray(1, filled))) {
    throw new ConnectorError('LOG_DAMAGED', `segment ${name} in ${dir}, offset ${offset}: a record fails its check and later writes lie behind it, so it is not a torn tail; restore the file from a copy`);
  }
  const keptAs = `${name}.cut-${offset}`;
  await writeDurably(dir, keptAs, [rest.subarray(0, filled)]);
  await handle.truncate(offset);
  await handle.sync();
  return { segment: name, offset, bytes: filled, keptAs };
}

/** The segment before the last one must end exactly where the last one begins. Its sidecar makes this a short look at its end. */
async function checkClosedEnd(dir: string, segment: Segment, nextSeq: number): Promise<void> {
  const handle = await open(join(dir, segment.name), 'r');
  try {
    const index = await readIndex(dir, segment) ?? emptyIndex(segment);
    const from = index.last();
    const scanner = new RecordScanner(handle, from.offset);
    let seq = from.seq;
    for (;;) {
      const step = scanner.take();
      if (step === 'more') { await scanner.fill(); continue; }
      if (step === 'record') { seq += 1; continue; }
      if (step === 'end' && seq === nextSeq) return;
      const what = step === 'end' ? `ends before seq ${seq}, the next segment begins at ${nextSeq}` : `the record of seq ${seq} fails its check`;
      throw new ConnectorError('LOG_DAMAGED', `segment ${segment.name} in ${dir}, offset ${scanner.offset}: ${what}`);
    }
  } finally {
    await handle.close();
  }
}

async function readIndex(dir: string, segment: Segment): Promise<SparseIndex | undefined> {
  const names = await readdir(dir);
  if (!names.includes(indexName(segment.firstSeq))) return undefined;
  const handle = await open(join(dir, indexName(segment.firstSeq)), 'r');
  try {
    return SparseIndex.decode(await handle.readFile(), segment.firstSeq);
  } finally {
    await handle.close();
  }
}

/** Sidecars whose segment is gone (a deletion that was interrupted) and half-written ones. */
async function removeOrphanIndexes(dir: string, firstSeqs: ReadonlySet<number>): Promise<void> {
  for (const name of await readdir(dir)) {
    const orphan = /^\d{16}\.idx$/.test(name) && !firstSeqs.has(Number(name.slice(0, 16)));
    if (orphan || name.endsWith('.idx.tmp')) await unlink(join(dir, name));
  }
}
