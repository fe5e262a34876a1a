/** Tables for sixteen bytes at a time (slicing-by-16: Kounavis and Berry, 2008), polynomial 0xEDB88320 as in zip and PNG. */
const tables = makeTables();

function makeTables(): readonly Int32Array[] {
  const first = new Int32Array(256);
  for (let i = 0; i < 256; i++) {
    let c = i;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    first[i] = c;
  }
  const all = [first];
  for (let t = 1; t < 16; t++) {
    const before = all[t - 1] as Int32Array;
    all.push(before.map((c) => (first[c & 255] as number) ^ (c >>> 8)));
  }
  return all;
}

/** CRC-32 of bytes, as an unsigned 32-bit number. @param seed the CRC of what came before. */
export function crc32(bytes: Uint8Array, seed = 0): number {
  const aligned = Math.min(bytes.length, -bytes.byteOffset & 3);
  const whole = (bytes.length - aligned) >> 4;
  let c = bytewise(bytes, 0, aligned, ~seed);
  if (whole > 0) c = wordwise(new Int32Array(bytes.buffer, bytes.byteOffset + aligned, 4 * whole), c);
  return ~bytewise(bytes, aligned + 16 * whole, bytes.length, c) >>> 0;
}

function bytewise(bytes: Uint8Array, from: number, to: number, begun: number): number {
  const first = tables[0] as Int32Array;
  let c = begun;
  for (let i = from; i < to; i++) c = (first[(c ^ (bytes[i] as number)) & 255] as number) ^ (c >>> 8);
  return c;
}

/** Four words at a time, read little-endian as the host does: checkpoints are written and read by such hosts alone. */
function wordwise(words: Int32Array, begun: number): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, t12, t13, t14, t15] = tables as readonly [...Sixteen<Int32Array>]; // sixteen were made
  let c = begun;
  for (let i = 0; i < words.length; i += 4) {
    const w0 = c ^ (words[i] as number);
    const w1 = words[i + 1] as number;
    const w2 = words[i + 2] as number;
    const w3 = words[i + 3] as number;
    c = (t15[w0 & 255] as number) ^ (t14[(w0 >>> 8) & 255] as number) ^ (t13[(w0 >>> 16) & 255] as number) ^ (t12[w0 >>> 24] as number)
      ^ (t11[w1 & 255] as number) ^ (t10[(w1 >>> 8) & 255] as number) ^ (t9[(w1 >>> 16) & 255] as number) ^ (t8[w1 >>> 24] as number)
      ^ (t7[w2 & 255] as number) ^ (t6[(w2 >>> 8) & 255] as number) ^ (t5[(w2 >>> 16) & 255] as number) ^ (t4[w2 >>> 24] as number)
      ^ (t3[w3 & 255] as number) ^ (t2[(w3 >>> 8) & 255] as number) ^ (t1[(w3 >>> 16) & 255] as number) ^ (t0[w3 >>> 24] as number);
  }
  return c;
}

type Sixteen<T> = readonly [T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T];
