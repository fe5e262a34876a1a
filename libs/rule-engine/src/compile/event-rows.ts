// `as` behind an index: slots come from the plan and rows lie below the capacity, so the cell is there; these run per event, without a check.
import type { FieldValue, Geo } from '@weir/contracts';
import type { FieldType } from '@weir/rule-lang';
import { heapRoom } from '@weir/stream-core';
import type { Room } from '@weir/stream-core';

/** A field as the rules use it: fields of one name and type share a slot, whatever event type declares them. Also `id` and `type` as parts of keys. */
export interface FieldSlot {
  readonly name: string;
  readonly type: FieldType;
  /** Decimals: the finest scale any event type declares; 0 elsewhere. */
  readonly scale: number;
  /** Decimals declared with several scales: at the finest one a value may be no safe integer. */
  readonly isMixed: boolean;
}

const absent = -1;
/** Start of a text that does not lie among the bytes of the rows. */
export const textOnly = -2;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true }); // a text may begin with U+FEFF
const encoder = new TextEncoder();

/** A column of strings: ranges of the batch's bytes, or texts already decoded. */
export class TextColumn {
  readonly start: Int32Array;
  readonly size: Int32Array;
  private readonly texts: (string | undefined)[];
  private holds = false;

  constructor(private readonly rows: { readonly bytes: Uint8Array }, capacity: number, block: ColumnBlock) {
    this.start = block.i32(capacity).fill(absent);
    this.size = block.i32(capacity);
    this.texts = new Array<string | undefined>(capacity).fill(undefined);
  }

  setText(row: number, text: string | undefined): void {
    this.texts[row] = text;
    this.start[row] = text === undefined ? absent : textOnly;
    this.holds = true;
  }
  setBytes(row: number, start: number, size: number): void {
    this.texts[row] = undefined;
    this.start[row] = start;
    this.size[row] = size;
  }
  clear(row: number): void { this.start[row] = absent; }

  /** Drops what texts are kept: all rows will be written anew, perhaps by a kernel, which knows ranges only. */
  forget(): void {
    if (!this.holds) return;
    this.texts.fill(undefined);
    this.holds = false;
  }

  /** Is one of these rows' strings not among the batch's bytes? */
  holdsTexts(from: number, to: number): boolean {
    for (let row = from; row < to; row++) if (this.start[row] === textOnly) return true;
    return false;
  }

  has(row: number): boolean { return this.start[row] !== absent; }

  /** The string, undefined when absent. */
  text(row: number): string | undefined {
    const start = this.start[row] as number;
    if (start === absent) return undefined;
    const known = this.texts[row];
    if (known !== undefined) return known;
    const text = decoder.decode(this.rows.bytes.subarray(start, start + (this.size[row] as number)));
    this.texts[row] = text;
    this.holds = true;
    return text;
  }

  /** Writes the bytes of a row's string. @returns false when it is absent. */
  writeTo(writer: KeyWriter, row: number): boolean {
    const start = this.start[row] as number;
    if (start === absent) return false;
    if (start >= 0) writer.copy(this.rows.bytes, start, this.size[row] as number); else writer.text(this.text(row) ?? '');
    return true;
  }

  /** 1: equal to the other column's string of the row, 0: different, -1: one is absent. */
  relation(other: TextColumn, row: number): -1 | 0 | 1 {
    const a = this.start[row] as number;
    const b = other.start[row] as number;
    if (a === absent || b === absent) return -1;
    if (a < 0 || b < 0) return this.text(row) === other.text(row) ? 1 : 0;
    const size = this.size[row] as number;
    if (size !== other.size[row]) return 0;
    const held = this.rows.bytes;
    for (let i = 0; i < size; i++) if (held[a + i] !== held[b + i]) return 0;
    return 1;
  }

  /** Equal to a literal whose UTF-8 bytes are given too. False when absent. */
  is(row: number, literal: string, bytes: Uint8Array): boolean {
    const start = this.start[row] as number;
    if (start < 0) return start === textOnly && this.texts[row] === literal;
    if (this.size[row] !== bytes.length) return false;
    const held = this.rows.bytes;
    for (let i = 0; i < bytes.length; i++) if (held[start + i] !== bytes[i]) return false;
    return true;
  }
}

/** Adds to where the first texts of a column of starts lie; what is absent or no bytes stays. */
export function shiftStarts(starts: Int32Array, count: number, by: number): void {
  for (let row = 0; row < count; row++) if ((starts[row] as number) >= 0) starts[row] = (starts[row] as number) + by; // rows of the column
}

/** Columns side by side in one piece of room, so that all of them are copied at once. */
class ColumnBlock {
  private end = 0;
  constructor(readonly bytes: Uint8Array) {}
  f64(length: number): Float64Array { return new Float64Array(this.bytes.buffer, this.next(8 * length), length); }
  i32(length: number): Int32Array { return new Int32Array(this.bytes.buffer, this.next(4 * length), length); }
  private next(bytes: number): number {
    const from = this.bytes.byteOffset + this.end;
    this.end += roundedUp(bytes);
    return from;
  }
}

/** To a multiple of a cache line. */
function roundedUp(bytes: number): number { return 64 * Math.ceil(bytes / 64); }

/**
 * Events on their way through the engine, in columns by field slot: one at a time, or a micro-batch from bytes.
 *
 * Numbers: ints as they are, decimals as multiples of 10^-scale, timestamps in ms, bools 0 or 1; NaN is absent. A decimal
 * that is no safe integer at the slot's scale shows as an infinity and lies in `wide` by row.
 */
export class EventRows {
  /** What the ranges of text columns point into. */
  bytes: Uint8Array = new Uint8Array(0);
  /** The row that generated code and closures read. */
  row = 0;
  /** All columns as they lie in memory. */
  readonly block: Uint8Array;
  readonly type: Int32Array;
  readonly ts: Float64Array;
  readonly seq: Float64Array;
  readonly id: TextColumn;
  readonly numbers: readonly Float64Array[];
  readonly wide: readonly Map<number, bigint>[];
  readonly texts: readonly TextColumn[];
  readonly places: readonly (Geo | undefined)[][];
  /** Slot of the events' type, where it is part of a key; -1: no key has it. */
  private readonly typeSlot: number;

  constructor(readonly slots: readonly FieldSlot[], readonly capacity: number, room: Room = heapRoom) {
    const [fours, eights] = [roundedUp(4 * capacity), roundedUp(8 * capacity)];
    this.block = room.u8(fours + 2 * eights + 2 * fours * (slots.length + 1) + eights * slots.filter(({ type }) => isNumeric(type)).length);
    const block = new ColumnBlock(this.block);
    this.type = block.i32(capacity);
    this.ts = block.f64(capacity);
    this.seq = block.f64(capacity);
    this.id = new TextColumn(this, capacity, block);
    this.numbers = slots.map((slot) => (isNumeric(slot.type) ? block.f64(capacity).fill(NaN) : new Float64Array(0)));
    this.wide = slots.map(() => new Map<number, bigint>());
    // As part of a key the id is the column that every event fills anyway.
    this.texts = slots.map(({ name }) => (name === 'id' ? this.id : new TextColumn(this, capacity, block)));
    this.typeSlot = slots.findIndex(({ name }) => name === 'type');
    this.places = slots.map(() => []);
  }

  /** Writes a field value of the log into a row; `undefined` clears it. */
  set(slot: number, row: number, value: FieldValue | undefined): void {
    const spec = this.slots[slot];
    if (spec === undefined) return;
    switch (spec.type) {
      case 'string': this.texts[slot]?.setText(row, typeof value === 'string' ? value : undefined); return;
      case 'geo': { const places = this.places[slot]; if (places !== undefined) places[row] = typeof value === 'object' ? value : undefined; return; }
      case 'decimal': this.setNumber(slot, row, value === undefined ? NaN : this.decimal(slot, row, String(value), spec.scale)); return;
      case 'bool': this.setNumber(slot, row, value === undefined ? NaN : value === true ? 1 : 0); return;
      default: this.setNumber(slot, row, typeof value === 'number' ? value + 0 : NaN);
    }
  }

  /** Writes the names of the first rows' types where they are part of a key: lines and kernels know them by number. @returns whether it did. */
  nameTypes(count: number, names: readonly string[]): boolean {
    const column = this.texts[this.typeSlot];
    if (column === undefined) return false;
    for (let row = 0; row < count; row++) column.setText(row, names[this.type[row] as number]);
    return true;
  }

  /** Drops texts of the batch before: all rows will be written anew. */
  forgetTexts(): void {
    this.id.forget();
    for (const column of this.texts) column.forget();
  }

  /** Makes the field of a slot absent in a row. */
  clear(slot: number, row: number): void {
    const numbers = this.numbers[slot] as Float64Array;
    if (numbers.length > 0) numbers[row] = NaN;
    else if (this.slots[slot]?.type === 'string') this.texts[slot]?.clear(row);
    else this.set(slot, row, undefined);
  }

  private setNumber(slot: number, row: number, value: number): void { (this.numbers[slot] as Float64Array)[row] = value; }

  private decimal(slot: number, row: number, text: string, scale: number): number {
    const unscaled = unscaledDecimal(text, scale);
    if (typeof unscaled === 'number') return unscaled;
    this.wide[slot]?.set(row, unscaled);
    return unscaled > 0n ? Infinity : -Infinity;
  }
}

/** Does a column of numbers hold fields of this type? Bools, timestamps and durations are numbers there. */
function isNumeric(type: FieldType): boolean { return type !== 'string' && type !== 'geo'; }

/** Canonical decimal text as a multiple of 10^-scale; the ingester lets no finer one through, so nothing is cut. */
function unscaledDecimal(text: string, scale: number): number | bigint {
  let value = 0;
  let decimals = -1;
  for (let i = text.charCodeAt(0) === 45 ? 1 : 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 46) { decimals = 0; continue; }
    value = value * 10 + (code - 48);
    if (decimals >= 0) decimals++;
  }
  for (let missing = scale - Math.max(decimals, 0); missing > 0; missing--) value *= 10;
  if (value <= Number.MAX_SAFE_INTEGER) return text.charCodeAt(0) === 45 ? 0 - value : value;
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(scale, '0'));
}

/** UTF-8 bytes of a text; lone surrogates become U+FFFD, but the ingester lets none through. */
export function utf8(text: string): Uint8Array { return encoder.encode(text); }

/** A growing buffer that keys are written to before they are looked up. */
export class KeyWriter {
  bytes = new Uint8Array(256);
  length = 0;
  private view = new DataView(this.bytes.buffer);

  clear(): void { this.length = 0; }

  byte(value: number): void { this.room(1); this.bytes[this.length++] = value; }

  number(value: number): void {
    this.room(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  text(value: string): void {
    this.room(3 * value.length);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > 127) {
        this.length += encoder.encodeInto(value, bytes.subarray(this.length)).written;
        return;
      }
      bytes[at++] = code;
    }
    this.length = at;
  }

  copy(from: Uint8Array, start: number, size: number): void {
    this.room(size);
    for (let i = 0; i < size; i++) this.bytes[this.length + i] = from[start + i] as number;
    this.length += size;
  }

  /** Overwrites four bytes at `at`: the length of a part once it is known. */
  sizeAt(at: number, size: number): void { this.view.setUint32(at, size, true); }

  private room(bytes: number): void {
    if (this.length + bytes <= this.bytes.length) return;
    const grown = new Uint8Array(2 * (this.length + bytes));
    grown.set(this.bytes);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}
