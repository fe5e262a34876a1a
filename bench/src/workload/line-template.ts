/** A place of digits within a line. */
export type Place = readonly [literal: string, field: string, digits: number];

/** Bytes of a line with zeros where digits belong, and where each of them begins. */
export interface LineTemplate { readonly bytes: Uint8Array; readonly at: Readonly<Record<string, number>> }

/** A template from literals and the fields of fixed width that follow them; `end` closes it. ASCII only. */
export function lineTemplate(places: readonly Place[], end: string): LineTemplate {
  const at: Record<string, number> = {};
  let text = '';
  for (const [literal, field, digits] of places) {
    text += literal;
    at[field] = text.length;
    text += '0'.repeat(digits);
  }
  return { bytes: new TextEncoder().encode(text + end), at };
}

/** Writes an integer in [0, 10^digits), digits <= 9, with leading zeros. */
export function writeDigits(out: Uint8Array, at: number, digits: number, value: number): void {
  let left = value | 0;
  for (let i = at + digits - 1; i >= at; i--) {
    const tenth = (left / 10) | 0;
    out[i] = 48 + left - tenth * 10;
    left = tenth;
  }
}

/** Writes cents as a decimal of two places, without leading zeros. @returns where it ends. */
export function writeCents(out: Uint8Array, at: number, cents: number): number {
  const whole = Math.floor(cents / 100);
  let digits = 1;
  for (let bound = 10; bound <= whole; bound *= 10) digits++;
  writeDigits(out, at, digits, whole);
  out[at + digits] = 46;
  writeDigits(out, at + digits + 1, 2, cents - whole * 100);
  return at + digits + 3;
}
