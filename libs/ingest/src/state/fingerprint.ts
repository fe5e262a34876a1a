/** 64 bits of an id as two halves, written into `out`. Not cryptographic: a hit is always verified against the log. */
export interface Fingerprint { low: number; high: number }

/**
 * Seeded 64-bit hash of a text (two 32-bit lanes over UTF-16 units, cross-mixed at the end; after "cyrb53" by bryc, public domain).
 * The seed is chosen by the host, so that nobody can prepare ids that collide. Writes into `out`: runs per event, allocates nothing.
 */
export function fingerprintOf(text: string, seedLow: number, seedHigh: number, out: Fingerprint): void {
  let a = 0xdeadbeef ^ seedLow;
  let b = 0x41c6ce57 ^ seedHigh;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x9e3779b1);
    b = Math.imul(b ^ code, 0x5f356495);
    a ^= a >>> 15;
    b ^= b >>> 13;
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
  b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  out.low = a >>> 0;
  out.high = b >>> 0;
}
