import type { EventContent } from '@weir/ingest';

/**
 * A number of 53 bits for what an event says: equal for two events of which `sameContent` holds, and for two that say something
 * else with a chance of one in 9e15. For a reader that keeps no events and yet has to tell a repeated one from a contradiction.
 *
 * No protection against somebody who looks for collisions: a file is read for its own reader.
 */
export function contentDigest({ type, ts, statedTs, fields, extra }: EventContent): number {
  return bits(digestOf([type, statedTs ?? ts, fields, extra ?? {}]));
}

interface Digest { readonly low: number; readonly high: number }

/** Members of an object are added up: their order does not show. */
function digestOf(value: unknown): Digest {
  if (typeof value !== 'object' || value === null) return ofText(`${typeof value}:${String(value)}`);
  let low = Array.isArray(value) ? 1 : 2;
  let high = 0;
  for (const [name, inner] of Object.entries(value)) {
    const key = ofText(name);
    const own = digestOf(inner);
    low = (low + mixed(key.low, own.low)) | 0;
    high = (high + mixed(key.high, own.high)) | 0;
  }
  return { low: mixed(low, 0x9e3779b9), high: mixed(high, 0x85ebca6b) };
}

/** FNV-1a over UTF-16 units, twice with other constants. */
function ofText(text: string): Digest {
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x5bd1e995);
  }
  return { low: mixed(low, text.length), high: mixed(high, text.length) };
}

/** The finaliser of MurmurHash3 (Austin Appleby, public domain) over both. */
function mixed(a: number, b: number): number {
  let h = Math.imul(a, 0xcc9e2d51) ^ Math.imul(b, 0x1b873593) ^ (b >>> 15);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function bits({ low, high }: Digest): number { return (high & 0x1f_ffff) * 4_294_967_296 + (low >>> 0); }
