import { describe, expect, it } from '@jest/globals';
import { crc32 } from './crc32.js';

/** Bit by bit, as it is defined. */
function bitwise(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) {
    c ^= byte;
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  }
  return ~c >>> 0;
}

describe('a CRC-32', () => {
  it('of the digits 1 to 9 is the check value of the standard', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });

  it('is that of its definition, of any length, begun at any address and at any place', () => {
    const bytes = Uint8Array.from({ length: 120 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24);
    for (let from = 0; from < 9; from++) {
      for (let to = from; to <= bytes.length; to += 1 + (to % 5)) {
        const part = bytes.subarray(from, to);
        const cut = (to - from) >> 1;
        expect(crc32(part)).toBe(bitwise(part));
        expect(crc32(part.subarray(cut), crc32(part.subarray(0, cut)))).toBe(bitwise(part));
      }
    }
  });
});
