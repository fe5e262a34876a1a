import { emptyKey } from '@weir/stream-core';
import type { BlockData, Column } from '@weir/stream-core';
import type { EventLog } from './compile/event-log.js';
import { LogRecount, recountedAtOnce } from './compile/kernel/log-recount.js';
import type { KeyDimension } from './compile/key-dimension.js';
import { PairBatches } from './engine-snapshot-pairs.js';
import type { EngineState } from './engine-state.js';
import { capacityFor, grown } from './sequence/columns.js';

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

/** Says what ids of another table are in the log's own, and keeps their references. */
export interface IdsOfOld {
  /** Writes to `now` what the ids `old` are now, and takes a reference to each of them; {@link emptyKey} where no key had the id. */
  take(old: Int32Array, now: Int32Array): void;
}

/** Ids of one dimension by what they were. References are counted beside and handed over by {@link settle}: keys lie far apart. */
export class OldIds implements IdsOfOld {
  private now = new Int32Array(64);
  /** References taken, by the old id. */
  private taken = new Int32Array(64);

  constructor(private readonly dimension: KeyDimension, expected: number) {
    if (expected > 0 && expected < mostIds) dimension.reserve(expected);
  }

  /** Takes a key in that had the id `old`. */
  add(old: number, bytes: Uint8Array, from: number, size: number): void {
    if (!(old >= 0 && old < mostIds && size >= 0 && from + size <= bytes.length)) throw new MalformedError('a key of the snapshot is no key');
    if (old >= this.now.length) {
      const capacity = capacityFor(old, this.now.length);
      this.now = grown(this.now, capacity);
      this.taken = grown(this.taken, capacity);
    }
    const id = this.dimension.interner.intern(bytes, from, size);
    this.dimension.rows.ensure(id);
    if (this.now[old] !== emptyKey) throw new MalformedError('an id of the snapshot stands for two keys');
    this.now[old] = id;
  }

  take(old: Int32Array, now: Int32Array): void {
    const { now: known, taken } = this;
    for (let i = 0; i < old.length; i++) {
      const one = old[i] as number;
      now[i] = one >= 0 && one < known.length ? (known[one] as number) : emptyKey;
      if (one >= 0 && one < taken.length) taken[one] = (taken[one] as number) + 1;
    }
  }

  /** All rows are back: each key has their references, and what no event refers to is free again. */
  settle(): void {
    const { now, taken, dimension } = this;
    for (let old = 0; old < now.length; old++) {
      const id = now[old] as number;
      if (id === emptyKey) continue;
      dimension.interner.retain(id, taken[old]);
      dimension.release(id); // the one that kept it until now
    }
  }
}

/** About how much will come: how much room to make. */
export interface Expected { readonly events: number; /** Of each `distinct`. */ readonly pairs: readonly number[] }
export const nothingKnown: Expected = { events: 0, pairs: [] };

/** Fills one empty log with rows as they come. */
export class LogFiller {
  private readonly log: EventLog;
  private readonly idsOfColumn: readonly IdsOfOld[];
  private readonly typeCount: number;
  private readonly kernel: LogRecount | undefined;
  private readonly pairs: PairBatches;
  private ids = new Int32Array(0);

  /**
   * @param log place of the log in the state.
   * @param now time at which the windows stand.
   * @param pairsAtOnce of `distinct` windows, counted at a time: what an `add` may have to wait for.
   */
  constructor({ logs, dimensions, memory, plan }: Pick<EngineState, 'logs' | 'dimensions' | 'memory' | 'plan'>, log: number, ids: readonly IdsOfOld[], now: number, expected: Expected, pairsAtOnce = 1 << 20) {
    this.log = logs[log] as EventLog;
    this.typeCount = plan.types.length;
    this.log.startAt(now);
    if (expected.events > 0 && expected.events < mostIds) this.log.columns.reserve(expected.events);
    this.idsOfColumn = this.log.plan.ids.map(({ dimension }) => ids[dimension] as IdsOfOld);
    this.kernel = LogRecount.of(this.log, dimensions, memory);
    this.pairs = new PairBatches(this.log, pairsAtOnce, expected.pairs.map((count) => Math.min(count, expected.events)));
  }

  /** Takes rows back: all that windows count of them follows from their columns. */
  add(rows: Rows): void {
    const { log, kernel, log: { columns } } = this;
    check(rows, log, this.typeCount);
    const count = rows.ts.length;
    columns.reserve(count);
    this.write(rows);
    const first = columns.next;
    for (let left = count; left > 0;) {
      const run = columns.inOrderAhead(Math.min(left, recountedAtOnce));
      if (run === 0) log.takeBackDisplaced();
      else if (kernel === undefined) log.takeBack(run);
      else kernel.take(run);
      left -= Math.max(1, run);
    }
    this.pairs.add(first, count);
  }

  /** All columns but the chains, behind the newest event. */
  private write(rows: Rows): void {
    const { log: { columns, payload } } = this;
    this.place(rows.ts, columns.ts);
    this.place(rows.seq, columns.seq);
    this.place(rows.type, columns.type);
    this.place(rows.displaced, columns.displaced);
    rows.bits.forEach((column, word) => this.place(column, columns.bits[word]));
    rows.numbers.forEach((column, i) => this.place(column, columns.numbers[i]));
    rows.ids.forEach((column, i) => this.placeIds(column, i));
    for (const [column, row, value] of rows.wide) columns.wide[column]?.set((columns.next + row) | 0, value);
    let from = 0;
    rows.sizes.forEach((size, i) => {
      const at = (columns.next + i) & columns.mask;
      columns.size[at] = size;
      columns.place[at] = size > 0 ? payload.append(rows.payload, from, size) : 0;
      from += size;
    });
  }

  /** Writes a column of the rows that are about to be taken: there is room for them. */
  private place<T extends Column>(from: T, column: T | undefined): void {
    const { next, mask } = this.log.columns;
    const at = next & mask;
    const head = Math.min(from.length, mask + 1 - at);
    column?.set(from.subarray(0, head), at);
    column?.set(from.subarray(head), 0);
  }

  private placeIds(old: Int32Array, column: number): void {
    if (this.ids.length < old.length) this.ids = new Int32Array(old.length);
    const now = this.ids.subarray(0, old.length);
    (this.idsOfColumn[column] as IdsOfOld).take(old, now);
    this.place(now, this.log.columns.ids[column]);
  }

  /** All rows are back. */
  end(): void {
    this.pairs.end();
    this.log.placeCursors();
  }
}

function check({ ts, seq, type, displaced, bits, ids, numbers, sizes, payload }: Rows, { columns }: EventLog, typeCount: number): void {
  const count = ts.length;
  const fits = [seq, type, displaced, ...bits, ...ids, ...numbers].every(({ length }) => length === count) && (sizes.length === count || sizes.length === 0)
    && bits.length === columns.bits.length && ids.length === columns.ids.length && numbers.length === columns.numbers.length;
  let highest = 0;
  for (let i = 0; i < type.length; i++) highest = Math.max(highest, type[i] as number);
  let bytes = 0;
  for (const size of sizes) bytes += size >= 0 ? size : Infinity;
  if (!fits || bytes > payload.length || highest >= Math.max(1, typeCount)) throw new MalformedError('rows of the snapshot do not have the columns of the log');
}

/** An array of a snapshot that must be of a kind. */
export function ofKind<T extends BlockData>(array: BlockData | undefined, kind: abstract new (...parts: never[]) => T): T {
  if (!(array instanceof kind)) throw new MalformedError('an array of the snapshot is missing or of another kind');
  return array;
}
