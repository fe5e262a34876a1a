// `as` behind an index: rows and bytes are counted by the batch that holds them, so they are there; a loop per byte has no room for checks.
import type { LogEvent } from '@weir/contracts';
import { shiftStarts } from './event-rows.js';
import type { EventRows } from './event-rows.js';
import type { KnownIds } from './kernel/batch-keys.js';

/** Rows of a micro-batch apart from the engine's own: the columns that rules look at, and the bytes of their texts together. */
export interface DecodedBatch {
  readonly count: number;
  /** All columns as they lie in the engine's memory, where the bytes of the texts begin at address `base`. */
  readonly columns: Uint8Array;
  readonly base: number;
  /** Where each row's line begins among the lines it came from. */
  readonly lineStart: Int32Array;
  readonly bytes: Uint8Array;
  /** Rows that did not come from bytes alone: loaded anew from the event. */
  readonly parsed: readonly { readonly row: number; readonly event: LogEvent }[];
  /** Ids of the keys that the rows enter windows under; undefined: they are looked up when the batch is applied. */
  readonly ids: KnownIds | undefined;
  readonly byteLength: number;
}

/** What a batch has beside the columns of the rows. */
type Beside = Pick<DecodedBatch, 'base' | 'parsed' | 'ids'>;

/** Copies the first `count` rows, in room for as many as the engine's batches have. @param shift address of the lines' first byte among the rows' bytes. */
export function takeBatch(rows: EventRows, count: number, lineStarts: Int32Array, shift: number, { base, parsed, ids }: Beside): DecodedBatch {
  const columns = rows.block.slice();
  const texts = new Set([rows.id, ...rows.texts]);
  let size = 0;
  for (const { start, size: sizes } of texts) for (let row = 0; row < count; row++) if ((start[row] as number) >= 0) size += sizes[row] as number;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const { start, size: sizes } of texts) {
    const starts = new Int32Array(columns.buffer, start.byteOffset - rows.block.byteOffset, start.length);
    for (let row = 0; row < count; row++) {
      const from = starts[row] as number;
      if (from < 0) continue;
      const length = sizes[row] as number;
      for (let i = 0; i < length; i++) bytes[at + i] = rows.bytes[from + i] as number;
      starts[row] = base + at;
      at += length;
    }
  }
  const lineStart = Int32Array.from(lineStarts.subarray(0, count), (start) => start - shift);
  return { count, columns, base, lineStart, bytes, parsed: [...parsed], ids, byteLength: size + columns.byteLength + lineStart.byteLength + 4 * count * (ids ?? []).flat().length };
}

/** Puts a batch back into the first rows. @param from address of its first byte among the rows' bytes, which hold a copy. */
export function putBatch(rows: EventRows, batch: DecodedBatch, from: number, lineStarts: Int32Array): void {
  rows.forgetTexts();
  for (const column of rows.places) if (column.length > 0) column.fill(undefined, 0, batch.count); // a place comes with its event
  rows.block.set(batch.columns);
  if (from !== batch.base) for (const { start } of new Set([rows.id, ...rows.texts])) shiftStarts(start, batch.count, from - batch.base);
  lineStarts.set(batch.lineStart);
}
