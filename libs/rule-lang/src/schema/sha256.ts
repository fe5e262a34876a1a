/** SHA-256 by FIPS 180-4, over the UTF-8 bytes of a text; lone surrogates become U+FFFD. Written here because core libraries run anywhere. */
export function sha256Hex(text: string): string {
  const bytes = 3 * text.length;
  const length = bytes <= scratch.length ? encoder.encodeInto(text, scratch).written : -1;
  return hex(length < 0 ? sha256(encoder.encode(text)) : sha256(scratch.subarray(0, length)));
}

const encoder = new TextEncoder();
/** Most texts are short, so their bytes, their padding and the schedule lie in the same places each time. */
const scratch = new Uint8Array(1024);
const shortPadded = new Uint8Array(128);
const shortView = new DataView(shortPadded.buffer);
const schedule = new Int32Array(64);
const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const K = new Int32Array(64);
/** The first 32 bits of the fractional parts of the square roots of the first 8 primes. */
const START = new Int32Array(8);
fillConstants();

/** Roots by integers: the constants are computed, not typed in, and do not depend on how an engine rounds Math.cbrt. */
function fillConstants(): void {
  let found = 0;
  for (let n = 2; found < 64; n += 1) {
    if (!isPrime(n)) continue;
    if (found < 8) START[found] = Number(integerRoot(BigInt(n) << 64n, 2n) & 0xffffffffn);
    K[found] = Number(integerRoot(BigInt(n) << 96n, 3n) & 0xffffffffn);
    found += 1;
  }
}

function isPrime(n: number): boolean {
  for (let d = 2; d * d <= n; d += 1) if (n % d === 0) return false;
  return true;
}

/** Largest r with r^degree <= n. */
function integerRoot(n: bigint, degree: bigint): bigint {
  let low = 0n;
  let high = 1n << 64n;
  while (low < high) {
    const middle = (low + high + 1n) >> 1n;
    if (middle ** degree <= n) low = middle;
    else high = middle - 1n;
  }
  return low;
}

function sha256(message: Uint8Array): Int32Array {
  const size = ((message.length + 8) >> 6) * 64 + 64;
  const padded = size <= shortPadded.length ? shortPadded.fill(0) : new Uint8Array(size);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = padded === shortPadded ? shortView : new DataView(padded.buffer);
  view.setUint32(size - 8, Math.floor(message.length / 0x20000000));
  view.setUint32(size - 4, (message.length << 3) >>> 0);
  const state = START.slice();
  for (let block = 0; block < size; block += 64) compress(state, schedule, view, block);
  return state;
}

function compress(state: Int32Array, w: Int32Array, view: DataView, block: number): void {
  for (let t = 0; t < 16; t += 1) w[t] = view.getInt32(block + t * 4);
  for (let t = 16; t < 64; t += 1) {
    const x = w[t - 15] ?? 0;
    const y = w[t - 2] ?? 0;
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
    w[t] = ((w[t - 16] ?? 0) + s0 + (w[t - 7] ?? 0) + s1) | 0;
  }
  let a = state[0] ?? 0, b = state[1] ?? 0, c = state[2] ?? 0, d = state[3] ?? 0, e = state[4] ?? 0, f = state[5] ?? 0, g = state[6] ?? 0, h = state[7] ?? 0;
  for (let t = 0; t < 64; t += 1) {
    const t1 = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + (K[t] ?? 0) + (w[t] ?? 0)) | 0;
    const t2 = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e;
    e = (d + t1) | 0;
    d = c; c = b; b = a;
    a = (t1 + t2) | 0;
  }
  state[0] = (state[0] ?? 0) + a;
  state[1] = (state[1] ?? 0) + b;
  state[2] = (state[2] ?? 0) + c;
  state[3] = (state[3] ?? 0) + d;
  state[4] = (state[4] ?? 0) + e;
  state[5] = (state[5] ?? 0) + f;
  state[6] = (state[6] ?? 0) + g;
  state[7] = (state[7] ?? 0) + h;
}

function rotate(x: number, by: number): number {
  return (x >>> by) | (x << (32 - by));
}

function hex(words: Int32Array): string {
  let text = '';
  for (const word of words) text += `${hexOfByte[word >>> 24]}${hexOfByte[(word >>> 16) & 255]}${hexOfByte[(word >>> 8) & 255]}${hexOfByte[word & 255]}`;
  return text;
}
