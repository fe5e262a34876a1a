import type { LogEntry } from '@weir/contracts';
import type { LogReader, LogWriter } from '@weir/stream-core';
import { type LogFindings, type LogQuery, SegmentReader } from './segment-reader.js';
import type { OpenReport } from './recover.js';
import { type LogStats, type Retention, SegmentLog, type SegmentLogOptions } from './segment-log.js';

/**
 * Looks through a log for records by texts of their JSON, parsing only what is found: about a second for a million events. Goes up
 * to what is durable at the call, or the query's `toSeq`; hands on what it has between two reads of the file.
 */
export interface LogSearch { search(query: LogQuery): AsyncIterable<LogFindings<LogEntry>> }

/**
 * The event log on disk, as its one writer has it open. @throws ConnectorError: LOG_DAMAGED where bytes are not what was
 * written, LOG_FAILED after a write that failed, LOG_CLOSED after `close`, LOG_DELETED where a segment was deleted before
 * it was read.
 */
export interface EventLog extends LogReader, LogWriter, LogSearch {
  /** What was found at open: torn tail, stale lock. To be told at start. */
  readonly openReport: OpenReport;
  stats(): LogStats;
  /** Deletes whole old segments; never at or after `floorSeq`. Returns the names deleted. */
  retain(retention: Retention): Promise<readonly string[]>;
  /** Waits for pending appends; later ones are refused with LOG_CLOSED. */
  close(): Promise<void>;
}

/** A reader in another thread or process: sees what the writer has said is durable, and nothing else. */
export interface TailingLogReader extends LogReader, LogSearch {
  /** An entry at once: blocks the thread for one read of the file, unless its surroundings were read lately. Of what this reader has passed or found at its opening. */
  getNow(seq: number): LogEntry | undefined;
  /** Everything up to `seq` is durable (the writer's word). Never goes back. */
  advance(seq: number): void;
  /**
   * For looking at a log whose writer is not at hand (a print-out, a copy): advances to the last record that lies whole on
   * disk, durable or not, and returns its seq. Takes no lock and cuts nothing.
   */
  advanceToWhole(): Promise<number>;
}

/**
 * Opens the event log of `dir` for its one writer, creating it if need be. Torn tail cut, stale lock taken over: see `openReport`.
 * Throws LOG_LOCKED while another writer lives, LOG_DAMAGED with segment and offset for anything that is not a torn tail.
 */
export async function openEventLog(dir: string, options: SegmentLogOptions = {}): Promise<EventLog> {
  const log = await SegmentLog.open<LogEntry>(dir, options);
  return {
    ...readingOf(log.reader),
    openReport: log.openReport,
    append: (entries) => log.append(entries),
    stats: () => log.stats(),
    retain: (retention) => log.retain(retention),
    close: () => log.close(),
  };
}

/**
 * Opens the event log of `dir` for reading, beside its writer. Takes no lock, changes nothing, holds no file open between calls.
 * `lastSeq()` is what {@link TailingLogReader.advance} was told; each `read` goes up to that.
 */
export async function openLogReader(dir: string): Promise<TailingLogReader> {
  const reader = await SegmentReader.open<LogEntry>(dir);
  return {
    ...readingOf(reader),
    getNow: (seq) => reader.getNow(seq),
    advance: (seq) => { reader.advance(seq); },
    advanceToWhole: () => reader.advanceToWhole(),
  };
}

/** What the writer and those beside it read alike. */
function readingOf(reader: SegmentReader<LogEntry>): LogReader & LogSearch {
  return {
    read: (fromSeq) => reader.read(fromSeq),
    firstSeq: () => reader.firstSeq(),
    lastSeq: () => reader.lastSeq(),
    seqAfterTs: (afterTs) => reader.seqAfterTs(afterTs),
    get: (seq) => reader.get(seq),
    search: (query) => reader.search(query),
  };
}
