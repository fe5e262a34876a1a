import { keySeparator } from '../interpret/value.js';

/** A column of texts: where each lies among the bytes of the rows, or, where it lies nowhere, itself. */
export interface TextPlaces { readonly start: Int32Array; readonly size: Int32Array; text(row: number): string | undefined }

/** The hash of a key that only its text could tell. */
export const anyHash = -1;
const emptyHash = 0x811c9dc5 | 0;
const separator = keySeparator.charCodeAt(0);

/** FNV-1a, a code unit at a time. */
function mixed(hash: number, unit: number): number { return Math.imul(hash ^ unit, 0x01000193); }
function mixedText(before: number, text: string): number {
  let hash = before;
  for (let i = 0; i < text.length; i++) hash = mixed(hash, text.charCodeAt(i));
  return hash;
}
/** Not negative; high bits reach the low ones. */
function finished(hash: number): number { return (hash ^ (hash >>> 15)) & 0x7fffffff; }

export function hashOfKey(key: string): number { return finished(mixedText(emptyHash, key)); }

/** The hash of the key in a row without making its text; {@link anyHash} when its bytes are not ASCII. */
export function hashOfRow(columns: readonly TextPlaces[], bytes: Uint8Array, row: number): number {
  let hash = emptyHash;
  let seen = 0;
  for (let c = 0; c < columns.length; c++) {
    const column = columns[c] as TextPlaces;
    if (c > 0) hash = mixed(hash, separator);
    const from = column.start[row] as number;
    if (from < 0) hash = mixedText(hash, column.text(row) ?? '');
    else {
      const to = from + (column.size[row] as number);
      for (let i = from; i < to; i++) {
        const byte = bytes[i] as number;
        seen |= byte;
        hash = mixed(hash, byte);
      }
    }
  }
  return seen > 127 ? anyHash : finished(hash);
}

const fewestPlaces = 1 << 10;
const mostPlaces = 1 << 22;
const placesAKey = 8;
/** A place that holds so many has forgotten how many. */
const full = 255;

/**
 * Tells by its hash that a key is not among many: a byte a place counts the keys that stand there.
 * Keys that share a place, by chance or by design, are only not told apart.
 */
export class KeyFilter {
  private counts = new Uint8Array(fewestPlaces);

  /** @param keys all that are in; they are read again when the filter grows. */
  constructor(private readonly keys: { readonly size: number; keys(): Iterable<string> }) {}

  /** A key that is among the keys by now. */
  add(key: string): void {
    const { length } = this.counts;
    if (this.keys.size * placesAKey <= length || length >= mostPlaces) {
      this.count(key);
      return;
    }
    this.counts = new Uint8Array(4 * length);
    for (const each of this.keys.keys()) this.count(each);
  }

  /** A key that was added. */
  remove(key: string): void {
    const place = this.placeOf(hashOfKey(key));
    const count = this.counts[place] as number;
    if (count < full) this.counts[place] = count - 1;
  }

  /** False: no key has this hash. */
  mayHold(hash: number): boolean { return hash === anyHash || this.counts[this.placeOf(hash)] !== 0; }

  clear(): void { this.counts.fill(0); }

  private count(key: string): void {
    const place = this.placeOf(hashOfKey(key));
    const count = this.counts[place] as number;
    if (count < full) this.counts[place] = count + 1;
  }

  private placeOf(hash: number): number { return hash & (this.counts.length - 1); }
}
