import { emptyKey } from '@weir/stream-core';
import type { BlockData } from '@weir/stream-core';
import type { EventLog } from './compile/event-log.js';
import type { KeyDimension } from './compile/key-dimension.js';

/** A group of rows of one log, in order of arrival. Columns are in the order of the log's plan. */
export interface Rows {
  readonly ts: Float64Array;
  readonly seq: Float64Array;
  readonly type: Uint16Array;
  readonly displaced: Uint8Array;
  readonly bits: readonly Int32Array[];
  /** Ids as they were: {@link OldIds} says what they are now. */
  readonly ids: readonly Int32Array[];
  readonly numbers: readonly Float64Array[];
  /** Bytes of each event's record in `payload`; empty when none are kept. */
  readonly sizes: Int32Array;
  readonly payload: Uint8Array;
  /** Numbers that are no safe integers: column, row, value. */
  readonly wide: readonly (readonly [column: number, row: number, value: bigint])[];
}

/** No real table of keys is as long. */
const mostIds = 1 << 27;
/** Above what any engine can give out, as is what it is compared with: a row that says otherwise is damaged. */
export class MalformedError extends Error {}

/** Ids of one dimension as they were, to ids as they are; each has one reference until all rows are back. */
export class OldIds {
  private now = new Int32Array(64);

  constructor(private readonly dimension: KeyDimension, expected: number) {
    if (expected > 0 && expected < mostIds) dimension.interner.reserve(expected);
  }

  /** Takes a key in that had the id `old`. */
  add(old: number, bytes: Uint8Array, from: number, size: number): void {
    if (!(old >= 0 && old < mostIds && size >= 0 && from + size <= bytes.length)) throw new MalformedError('a key of the snapshot is no key');
    while (old >= this.now.length) {
      const grown = new Int32Array(2 * this.now.length);
      grown.set(this.now);
      this.now = grown;
    }
    const id = this.dimension.interner.intern(bytes, from, size);
    this.dimension.rows.ensure(id);
    if (this.now[old] !== emptyKey) throw new MalformedError('an id of the snapshot stands for two keys');
    this.now[old] = id;
  }

  /** The id now; {@link emptyKey} when no key had it. */
  idOf(old: number): number { return this.now[old] ?? emptyKey; }

  /** All rows are back: what no event refers to is free again. */
  settle(): void { for (const id of this.now) if (id !== emptyKey) this.dimension.release(id); }
}

/** Says what an id of another table is in the log's own. */
export interface IdsOfOld { idOf(old: number): number }

/** Fills one empty log with rows as they come. */
export class LogFiller {
  private readonly idsOfColumn: readonly IdsOfOld[];

  /**
   * @param now time at which the windows stand.
   * @param expected about how many events will come.
   */
  constructor(private readonly log: EventLog, ids: readonly IdsOfOld[], now: number, expected: number) {
    log.startAt(now);
    if (expected > 0 && expected < mostIds) log.columns.reserve(expected);
    this.idsOfColumn = log.plan.ids.map(({ dimension }) => ids[dimension] as IdsOfOld);
  }

  /** Takes rows back: all that windows count of them follows from their columns. */
  add(rows: Rows): void {
    const { log, log: { columns } } = this;
    check(rows, log);
    const count = rows.ts.length;
    columns.reserve(count);
    const first = columns.next;
    rows.bits.forEach((column, word) => this.place(column, columns.bits[word]));
    rows.numbers.forEach((column, i) => this.place(column, columns.numbers[i]));
    rows.ids.forEach((column, i) => this.placeIds(column, i));
    for (const [column, row, value] of rows.wide) columns.wide[column]?.set((first + row) | 0, value);
    let from = 0;
    for (let i = 0; i < count; i++) {
      const n = columns.append(rows.ts[i] as number, rows.seq[i] as number, rows.type[i] as number, rows.displaced[i] === 1);
      if (rows.sizes.length > 0) {
        const at = n & columns.mask;
        const size = rows.sizes[i] as number;
        columns.size[at] = size;
        columns.place[at] = size > 0 ? log.payload.append(rows.payload, from, size) : 0;
        from += size;
      }
      log.readmit(n); // at once: chains are linked from the newest event
    }
    log.recount(first, count);
  }

  /** Writes a column of the rows that are about to be appended: there is room for them. */
  private place<T extends Int32Array | Float64Array>(from: T, column: T | undefined): void {
    const { next, mask } = this.log.columns;
    const at = next & mask;
    const head = Math.min(from.length, mask + 1 - at);
    column?.set(from.subarray(0, head), at);
    column?.set(from.subarray(head), 0);
  }

  private placeIds(old: Int32Array, column: number): void {
    const ids = this.idsOfColumn[column] as IdsOfOld;
    const now = new Int32Array(old.length);
    for (let i = 0; i < old.length; i++) {
      const id = ids.idOf(old[i] as number);
      if (id !== emptyKey) this.log.retain(column, id);
      now[i] = id;
    }
    this.place(now, this.log.columns.ids[column]);
  }

  /** All rows are back. */
  end(): void { this.log.placeCursors(); }
}

function check({ ts, seq, type, displaced, bits, ids, numbers, sizes, payload }: Rows, { columns }: EventLog): void {
  const count = ts.length;
  const fits = [seq, type, displaced, ...bits, ...ids, ...numbers].every(({ length }) => length === count) && (sizes.length === count || sizes.length === 0)
    && bits.length === columns.bits.length && ids.length === columns.ids.length && numbers.length === columns.numbers.length;
  let bytes = 0;
  for (const size of sizes) bytes += size >= 0 ? size : Infinity;
  if (!fits || bytes > payload.length) throw new MalformedError('rows of the snapshot do not have the columns of the log');
}

/** An array of a snapshot that must be of a kind. */
export function ofKind<T extends BlockData>(array: BlockData | undefined, kind: abstract new (...parts: never[]) => T): T {
  if (!(array instanceof kind)) throw new MalformedError('an array of the snapshot is missing or of another kind');
  return array;
}
