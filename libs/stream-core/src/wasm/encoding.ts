/** Unsigned LEB128 of an integer of 0 to 2^32 - 1 (WebAssembly Core Specification 2.0, 5.2.2). */
export function unsigned(value: number): number[] {
  const out: number[] = [];
  let rest = value >>> 0;
  do {
    const byte = rest & 127;
    rest >>>= 7;
    out.push(rest === 0 ? byte : byte | 128);
  } while (rest !== 0);
  return out;
}

/** Signed LEB128 of an int32. */
export function signed(value: number): number[] {
  const out: number[] = [];
  let rest = value | 0;
  for (;;) {
    const byte = rest & 127;
    rest >>= 7;
    if ((rest === 0 && (byte & 64) === 0) || (rest === -1 && (byte & 64) !== 0)) return [...out, byte];
    out.push(byte | 128);
  }
}

/** Signed LEB128 of an int64. */
export function signedLong(value: bigint): number[] {
  const out: number[] = [];
  let rest = BigInt.asIntN(64, value);
  for (;;) {
    const byte = Number(rest & 127n);
    rest >>= 7n;
    if ((rest === 0n && (byte & 64) === 0) || (rest === -1n && (byte & 64) !== 0)) return [...out, byte];
    out.push(byte | 128);
  }
}

/** The eight bytes of a double, little-endian. */
export function double(value: number): number[] { return [...new Uint8Array(Float64Array.of(value).buffer)]; }

/** A vector: its length, then its items. */
export function vector(items: readonly (readonly number[])[]): number[] { return [...unsigned(items.length), ...items.flat()]; }

/** A name as UTF-8 bytes; names here are ASCII. */
export function name(text: string): number[] { return vector([...text].map((letter) => [letter.charCodeAt(0)])); }

/** A section: id, size, contents. */
export function section(id: number, contents: readonly number[]): number[] { return [id, ...unsigned(contents.length), ...contents]; }
