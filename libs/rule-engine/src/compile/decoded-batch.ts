// `as` behind an index: rows and bytes are counted by the batch that holds them, so they are there; a loop per byte has no room for checks.
import type { LogEvent } from '@weir/contracts';
import type { EventRows, TextColumn } from './event-rows.js';

/** Rows of a micro-batch apart from the engine's own: the columns that rules look at, and the bytes of their texts together. */
export interface DecodedBatch {
  readonly count: number;
  readonly type: Int32Array;
  readonly ts: Float64Array;
  readonly seq: Float64Array;
  readonly id: DecodedText;
  readonly numbers: readonly Float64Array[];
  readonly texts: readonly DecodedText[];
  /** Where each row's line begins among the lines it came from. */
  readonly lineStart: Int32Array;
  readonly bytes: Uint8Array;
  /** Rows that did not come from bytes alone: loaded anew from the event. */
  readonly parsed: readonly { readonly row: number; readonly event: LogEvent }[];
  readonly byteLength: number;
}
interface DecodedText { readonly start: Int32Array; readonly size: Int32Array }

/** Copies the first `count` rows. @param shift address of the lines' first byte among the rows' bytes. */
export function takeBatch(rows: EventRows, count: number, lineStarts: Int32Array, shift: number, parsed: DecodedBatch['parsed']): DecodedBatch {
  const columns = [rows.id, ...rows.texts];
  let size = 0;
  for (const { start, size: sizes } of columns) for (let row = 0; row < count; row++) if ((start[row] as number) >= 0) size += sizes[row] as number;
  const bytes = new Uint8Array(size);
  let at = 0;
  const take = ({ start, size: sizes }: TextColumn): DecodedText => {
    const [starts, lengths] = [start.slice(0, count), sizes.slice(0, count)];
    for (let row = 0; row < count; row++) {
      const from = starts[row] as number;
      if (from < 0) continue;
      const length = lengths[row] as number;
      for (let i = 0; i < length; i++) bytes[at + i] = rows.bytes[from + i] as number;
      starts[row] = at;
      at += length;
    }
    return { start: starts, size: lengths };
  };
  const id = take(rows.id);
  const texts = rows.texts.map(take);
  const lineStart = Int32Array.from(lineStarts.subarray(0, count), (start) => start - shift);
  const numbers = rows.numbers.map((column) => column.slice(0, count));
  const byteLength = size + 24 * count + 8 * count * (texts.length + 1) + numbers.reduce((sum, column) => sum + column.byteLength, 0);
  return { count, type: rows.type.slice(0, count), ts: rows.ts.slice(0, count), seq: rows.seq.slice(0, count), id, numbers, texts, lineStart, bytes, parsed: [...parsed], byteLength };
}

/** Puts a batch back into the first rows. @param shift address of its first byte among the rows' bytes, which hold a copy. */
export function putBatch(rows: EventRows, batch: DecodedBatch, shift: number, lineStarts: Int32Array): void {
  rows.type.set(batch.type);
  rows.ts.set(batch.ts);
  rows.seq.set(batch.seq);
  lineStarts.set(batch.lineStart);
  batch.numbers.forEach((column, slot) => rows.numbers[slot]?.set(column));
  rows.id.placeAll(batch.id.start, batch.id.size, shift);
  batch.texts.forEach(({ start, size }, slot) => rows.texts[slot]?.placeAll(start, size, shift));
}
