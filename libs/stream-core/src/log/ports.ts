/** Ports of the event log and the checkpoint store: declared here, implemented by connectors. */
import type { LogEntry, Unsequenced } from '@weir/contracts';

/** Port: reads the log of accepted entries. */
export interface LogReader {
  /** Entries with seq >= fromSeq that are durable, in seq order, up to what is durable at the call. Bounded memory. */
  read(fromSeq: number): AsyncIterable<readonly LogEntry[]>;
  /** Lowest seq still kept; 1 when nothing was deleted; lastSeq + 1 when empty. */
  firstSeq(): number;
  /** Highest durable seq; 0 when empty. */
  lastSeq(): number;
  /** Lowest seq whose entry and all after it have a running maximum ts > afterTs (by the ts index). */
  seqAfterTs(afterTs: number): Promise<number>;
  get(seq: number): Promise<LogEntry | undefined>;
}

/** Port: appends to it. */
export interface LogWriter {
  /**
   * Gives each entry the next seq and makes them durable together (group commit: calls that overlap share one fsync).
   * Resolves after fsync. Entries of one call keep their order and are adjacent. A failed write rejects, and the log
   * refuses further appends until it is opened anew: what was acknowledged is on disk, what was not may or may not be.
   */
  append(entries: readonly Unsequenced[]): Promise<readonly number[]>;
}

/** A checkpoint being written. Calls come one after the other; after a failure only `abandon` is of use. */
export interface CheckpointWriter {
  /** Appends bytes; resolves when they are handed to the system: from then on they are the caller's again. */
  write(bytes: Uint8Array): Promise<void>;
  /** Makes it whole, durable and the newest; the oldest beyond what is kept go. Before that no reader sees it. */
  commit(): Promise<void>;
  /** Removes what was written. */
  abandon(): Promise<void>;
}

/** Port: where snapshots of a state lie, each by the seq up to which it has seen the log. */
export interface CheckpointStore {
  /** Writes, fsyncs, renames; keeps the last three. */
  save(seq: number, bytes: Uint8Array): Promise<void>;
  /** The same piece by piece. A crash before the end of `commit` leaves the checkpoints as they were. */
  begin(seq: number): Promise<CheckpointWriter>;
  /** Newest first. */
  list(): Promise<readonly { readonly seq: number; readonly name: string }[]>;
  load(name: string): Promise<Uint8Array>;
  /** The same in chunks, checked as they pass: a damaged one throws, at its end at the latest, and what was made of it is to be dropped. */
  read(name: string): AsyncIterable<Uint8Array>;
}
