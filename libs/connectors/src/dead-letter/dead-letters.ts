import type { DeadLetter, RejectCode } from '@weir/contracts';
import type { OpenReport } from '../event-log/recover.js';
import { SegmentLog, type SegmentLogOptions } from '../event-log/segment-log.js';

/** Raw bytes of a dead letter that are kept; `rawBytes` says how many there were. */
const keptRawBytes = 64 * 1024;

/** A refused event as it comes in: raw bytes, and all that is known of it. */
export interface NewDeadLetter extends Omit<DeadLetter, 'id' | 'raw' | 'rawBytes'> {
  readonly raw: Uint8Array;
  /** Whole length, where `raw` was cut before it came here. */
  readonly rawBytes?: number | undefined;
}

/** Which page of the dead letters, newest first. */
export interface DeadLetterQuery {
  /** Only ids below this: the `next` of the page before. */
  readonly before?: number | undefined;
  /** Letters per page; default 50, at most 1,000. */
  readonly limit?: number | undefined;
  readonly code?: RejectCode | undefined;
}
/** One page of dead letters. */
export interface DeadLetterPage {
  /** Newest first. */
  readonly items: readonly DeadLetter[];
  /** Pass it as `before` for the next page; absent at the end. A filtered page may be short and still have a next one. */
  readonly next?: number | undefined;
}

/**
 * The dead letters on disk: what the intake refused, with its reason. Nothing deletes them. @throws ConnectorError with
 * the codes of the segment log.
 */
export interface DeadLetters {
  readonly openReport: OpenReport;
  /** Resolves with the ids (1, 2, 3, ...) once the letters are durable; calls that overlap share one fsync. */
  append(letters: readonly NewDeadLetter[]): Promise<readonly number[]>;
  list(query?: DeadLetterQuery): Promise<DeadLetterPage>;
  get(id: number): Promise<DeadLetter | undefined>;
  /** Letters kept, in all and by code. */
  counts(): { readonly total: number; readonly byCode: Readonly<Partial<Record<RejectCode, number>>> };
  close(): Promise<void>;
}

/** As it lies on disk: seq is the letter's id, ts the time of receipt. */
interface DeadLetterRecord extends Omit<DeadLetter, 'id' | 'receivedAt'> { readonly kind: 'dead-letter'; readonly seq: number; readonly ts: number }

/** Letters passed over at most in one filtered page, so that a rare code does not make one call read everything. */
const scannedPerPage = 20_000;

/** Opens the dead letters of `dir`: the event log's segment format and guarantees (torn tail cut, damage refused by place, one writer). */
export async function openDeadLetters(dir: string, options: SegmentLogOptions = {}): Promise<DeadLetters> {
  const log = await SegmentLog.open<DeadLetterRecord>(dir, options);
  const byCode = new Map<RejectCode, number>();
  const count = (code: RejectCode): void => { byCode.set(code, (byCode.get(code) ?? 0) + 1); };
  for await (const batch of log.reader.read(1)) for (const record of batch) count(record.code);

  async function list(query: DeadLetterQuery = {}): Promise<DeadLetterPage> {
    const limit = Math.max(1, Math.min(query.limit ?? 50, 1_000));
    const first = log.reader.firstSeq();
    const items: DeadLetter[] = [];
    let below = Math.min(query.before ?? Infinity, log.reader.lastSeq() + 1);
    for (let scanned = 0; below > first && items.length < limit && scanned < scannedPerPage; scanned += 1) {
      below -= 1;
      const record = await log.reader.get(below);
      if (record !== undefined && (query.code === undefined || record.code === query.code)) items.push(letterOf(record));
    }
    return below > first ? { items, next: below } : { items };
  }

  return {
    openReport: log.openReport,
    append: async (letters) => {
      const ids = await log.append(letters.map(recordOf));
      for (const letter of letters) count(letter.code);
      return ids;
    },
    list,
    get: async (id) => {
      const record = await log.reader.get(id);
      return record === undefined ? undefined : letterOf(record);
    },
    counts: () => ({ total: [...byCode.values()].reduce((sum, n) => sum + n, 0), byCode: Object.fromEntries(byCode) }),
    close: () => log.close(),
  };
}

function recordOf(letter: NewDeadLetter): Omit<DeadLetterRecord, 'seq'> {
  const { raw, rawBytes, receivedAt, ...rest } = letter;
  const kept = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.byteLength, keptRawBytes));
  return { kind: 'dead-letter', ts: receivedAt, ...rest, raw: kept.toString('base64'), rawBytes: rawBytes ?? raw.byteLength };
}

function letterOf(record: DeadLetterRecord): DeadLetter {
  const { kind: _, seq, ts, ...rest } = record;
  return { id: seq, receivedAt: ts, ...rest };
}
