import type { ListChange, LogEvent } from '@weir/contracts';
import { concatenated, Distinct, FrameWriter, inlineBytes, headWords, recordWords } from '@weir/stream-core';
import type { BlockData, EventNumber, FrameArray, KeyInterner } from '@weir/stream-core';
import type { EventLog, Hold } from './compile/event-log.js';
import type { KeyDimension } from './compile/key-dimension.js';
import { keepsCopies } from './engine.js';
import type { SnapshotSlices } from './engine.js';
import { planHash } from './engine-snapshot.js';
import type { EngineParts, SnapshotMeta } from './engine-snapshot.js';
import { ruleSetHash } from './interpret/snapshot.js';
import type { PartedState } from './sequence/capture.js';

/** Bytes of a slice that is copied and checked in well under a millisecond. */
export const defaultSliceBytes = 128 * 1024;
const wholeSliceBytes = 4 * 1024 * 1024;
/** Events as JSON take about 512 bytes each, and as long to write as this many in columns. */
const jsonEventBytes = 4096;
const jsonWeight = 8;
/** Keys are gone through one by one: as long as this many bytes. */
const keyBytes = 128;
const encoder = new TextEncoder();

/** A part of a slice, and how long it took, in bytes of columns. */
interface Piece { readonly bytes: Uint8Array; readonly weight: number }

/** Events of one log as they were: the first and how many. */
interface LogRange { readonly log: EventLog; readonly first: EventNumber; readonly count: number; readonly hold: Hold }

/**
 * A snapshot as of now, to be taken slice by slice while the engine goes on. Stored are the held events in columns, in
 * groups of rows, and the keys behind their ids; sums, counts, queues and chains follow from them and are built anew on
 * restore, so there is no second truth that could disagree.
 *
 * Columns are only appended to, so the events of a log at this moment stay as they are; until a group is written, its events
 * are held: neither dropped nor their ids freed. Matches and open windows are copied on their first change, key by key.
 */
export function beginSnapshot(parts: EngineParts): SnapshotSlices {
  return new Slices(parts);
}

/** All slices at once. */
export function wholeSnapshot(parts: EngineParts): Uint8Array {
  const slices = beginSnapshot(parts);
  const all: Uint8Array[] = [];
  for (let slice = slices.next(wholeSliceBytes); slice !== undefined; slice = slices.next(wholeSliceBytes)) all.push(slice);
  return concatenated(all);
}

class Slices implements SnapshotSlices {
  readonly seq: number;
  private maxBytes = defaultSliceBytes;
  private readonly writer: FrameWriter;
  private readonly ranges: readonly LogRange[];
  private readonly beside: readonly { readonly name: string; readonly ruleId: string; readonly parts: PartedState<unknown> }[];
  private readonly waiting: readonly LogEvent[];
  private readonly changes: readonly ListChange[];
  private readonly changeCount: number;
  private readonly meta: SnapshotMeta;
  private readonly pieces: Generator<Piece, void>;
  /** What is left of the room for this slice. */
  private room: Uint8Array | undefined;
  private isOver = false;

  constructor({ definition, state, progress, waiting, sequences, windows }: EngineParts) {
    this.seq = progress.seq;
    this.writer = new FrameWriter(progress.seq, ruleSetHash(definition));
    this.ranges = state.logs.map((log) => ({ log, first: log.columns.first, count: log.columns.length, hold: log.hold() }));
    this.beside = [
      ...sequences.capture().map((one) => ({ name: 'sequence', ...one })),
      ...windows.capture().map((one) => ({ name: 'window', ...one })),
    ];
    this.waiting = waiting.slice();
    this.changes = state.lists.changes;
    this.changeCount = state.lists.changes.length;
    const hasPayload = keepsCopies(definition.options);
    this.meta = {
      maxTs: progress.maxTs, now: progress.now, plan: planHash(state.plan), hasPayload,
      keys: state.dimensions.map(({ interner }) => interner.size), events: this.ranges.map(({ count }) => count),
      pairs: state.logs.map((log) => log.keptAccumulators.flatMap(({ accumulator }) => (accumulator instanceof Distinct ? [accumulator.pairs.size] : []))),
    };
    this.pieces = this.write(state.dimensions, hasPayload);
  }

  next(maxBytes = defaultSliceBytes, room?: Uint8Array): Uint8Array | undefined {
    this.maxBytes = Math.max(1024, maxBytes);
    this.room = room;
    const slice: Uint8Array[] = [];
    let length = 0;
    // Small frames go together; one is never longer than a slice but for a long event or key.
    for (let weight = 0; 2 * weight < this.maxBytes;) {
      const step = this.pieces.next();
      if (step.done === true) {
        this.letGo();
        break;
      }
      const { bytes } = step.value;
      slice.push(bytes);
      length += bytes.length;
      weight += step.value.weight;
    }
    const isInRoom = room !== undefined && slice.every(({ buffer }) => buffer === room.buffer);
    if (isInRoom && length > 0) return room.subarray(0, length);
    return slice.length > 1 ? concatenated(slice) : slice[0];
  }

  abandon(): void {
    this.pieces.return();
    this.letGo();
  }

  private letGo(): void {
    if (this.isOver) return;
    this.isOver = true;
    for (const { log, hold } of this.ranges) log.letGo(hold);
    for (const { parts } of this.beside) parts.end();
  }

  private *write(dimensions: readonly KeyDimension[], hasPayload: boolean): Generator<Piece, void> {
    const { writer, ranges } = this;
    yield this.head();
    yield { ...this.json('meta', this.meta), weight: this.maxBytes }; // a slice of its own: the first of a process runs cold
    // Keys first: once they are written, ids of events that are written too may be freed and given out again.
    for (const [i, dimension] of dimensions.entries()) yield* this.writeKeys(`key${i}`, dimension);
    for (const { name, ruleId, parts } of this.beside) {
      for (let part = parts.next(this.jsonEvents); part !== undefined; part = parts.next(this.jsonEvents)) yield this.json(name, { ruleId, part });
    }
    yield* this.writeEach('waiting', this.waiting, this.waiting.length);
    yield* this.writeEach('lists', this.changes, this.changeCount);
    for (const [i, range] of ranges.entries()) yield* this.writeRows(`log${i}`, range, hasPayload);
    yield { bytes: writer.end(), weight: 0 };
  }

  private get jsonEvents(): number { return Math.max(1, Math.floor(this.maxBytes / jsonEventBytes)); }

  private head(): Piece {
    const { head } = this.writer;
    if (this.room === undefined || this.room.length < head.length) return { bytes: head, weight: head.length };
    this.room.set(head);
    const bytes = this.room.subarray(0, head.length);
    this.room = this.room.subarray(head.length);
    return { bytes, weight: head.length };
  }

  /** @param weight of its bytes, in bytes of columns. */
  private frame(name: string, arrays: readonly FrameArray[], weight = 1): Piece {
    const { room } = this;
    const bytes = this.writer.frame(name, arrays, room);
    if (room !== undefined && bytes.buffer === room.buffer) this.room = room.subarray(bytes.length);
    return { bytes, weight: weight * bytes.length };
  }

  private json(name: string, value: unknown): Piece { return this.frame(name, [encoder.encode(JSON.stringify(value))], jsonWeight); }

  private *writeEach(name: string, items: readonly unknown[], count: number): Generator<Piece, void> {
    for (let from = 0; from < count;) {
      const to = Math.min(count, from + this.jsonEvents);
      yield this.json(name, items.slice(from, to));
      from = to;
    }
  }

  /** Every id held, and perhaps ids that were given out since: they stand for no event of the snapshot. */
  private *writeKeys(name: string, { interner }: KeyDimension): Generator<Piece, void> {
    const until = interner.capacity;
    for (let from = 0; from < until;) {
      const to = Math.min(until, from + Math.ceil(this.maxBytes / keyBytes));
      const keys = keysBetween(interner, from, to);
      if (keys !== undefined) yield this.frame(name, keys, keyBytes / 32);
      from = to;
    }
  }

  private *writeRows(name: string, range: LogRange, hasPayload: boolean): Generator<Piece, void> {
    for (let done = 0; done < range.count;) {
      const first = (range.first + done) | 0;
      const count = rowsWithin(range.log, first, range.count - done, this.maxBytes, hasPayload);
      const piece = this.frame(name, rowsOf(range.log, first, count, hasPayload));
      done += count;
      range.hold.from = (first + count) | 0;
      yield piece;
    }
  }
}

/** Ids held in a range, the sizes of their keys, and the keys one after the other; undefined when none is held. */
function keysBetween(interner: KeyInterner, from: number, to: number): BlockData[] | undefined {
  const { records } = interner.tables;
  let [count, bytes] = [0, 0];
  for (let id = from; id < to; id++) {
    const at = recordWords * id;
    if (!((records[at + 1] as number) > 0)) continue;
    count++;
    bytes += records[at] as number;
  }
  if (count === 0) return undefined;
  const [ids, sizes, keys] = [new Int32Array(count), new Int32Array(count), new Uint8Array(bytes)];
  let [next, end] = [0, 0];
  for (let id = from; id < to; id++) {
    const at = recordWords * id;
    if (!((records[at + 1] as number) > 0)) continue;
    const size = records[at] as number;
    ids[next] = id;
    sizes[next++] = size;
    if (size > inlineBytes) keys.set(interner.bytesOf(id), end);
    else for (let i = 0; i < size; i++) keys[end + i] = (records[at + headWords + (i >> 2)] as number) >>> (8 * (i & 3));
    end += size;
  }
  return [ids, sizes, keys];
}

/** How many events from `first` on, at most `most` and at least one, take `maxBytes`. */
function rowsWithin({ columns }: EventLog, first: EventNumber, most: number, maxBytes: number, hasPayload: boolean): number {
  const each = 8 + 8 + 2 + 1 + 4 * (columns.bits.length + columns.ids.length) + 8 * columns.numbers.length;
  if (!hasPayload) return Math.max(1, Math.min(most, Math.floor(maxBytes / each)));
  let count = 0;
  for (let bytes = 0; count < most && bytes < maxBytes; count++) bytes += each + 4 + (columns.size[(first + count) & columns.mask] as number);
  return count;
}

/** A group of rows as arrays, in the order that `engine-snapshot-read` takes them in. */
function rowsOf({ columns, payload }: EventLog, first: EventNumber, count: number, hasPayload: boolean): FrameArray[] {
  const { mask } = columns;
  const from = first & mask;
  const head = Math.min(count, mask + 1 - from);
  const piece = (column: BlockData): FrameArray => (head === count ? column.subarray(from, from + count) : [column.subarray(from, from + head), column.subarray(0, count - head)]);
  const records = hasPayload ? Array.from({ length: count }, (_, i) => payload.read(columns.place[(first + i) & mask] as number, columns.size[(first + i) & mask] as number)) : [];
  const wide = columns.wide.flatMap((held, column) => (held.size === 0 ? [] : Array.from({ length: count }, (_, i) => i).flatMap((i) => {
    const value = held.get((first + i) | 0);
    return value === undefined ? [] : [[column, i, `${value}`] as const];
  })));
  return [
    piece(columns.ts), piece(columns.seq), piece(columns.type), piece(columns.displaced),
    Int32Array.from(records, (record) => record.length),
    concatenated(records),
    encoder.encode(wide.length === 0 ? '' : JSON.stringify(wide)),
    ...columns.bits.map(piece), ...columns.ids.map(piece), ...columns.numbers.map(piece),
  ];
}
