import type { EventContent } from '../validate/validate-event.js';
import { type Fingerprint, fingerprintOf } from './fingerprint.js';

/**
 * A number of 53 bits for what an event says: equal for two events of which `sameContent` holds, and for two that say something
 * else with a chance of one in 9e15. For a reader that keeps no events and yet has to tell a repeated one from a contradiction:
 * the fingerprints of ids say only that an id has come, and intake looks into its log for the rest.
 *
 * Members count in any order, which one fingerprint of a whole text would ask a sorted copy of each event for. No protection
 * against somebody who looks for collisions: a file is read for its own reader.
 */
export function contentDigest({ type, ts, statedTs, fields, extra }: EventContent): number {
  hashObject({ type, ts: statedTs ?? ts, fields, extra: extra ?? {} });
  return (digest.high & 0x1f_ffff) * 4_294_967_296 + (digest.low >>> 0);
}

/** What the functions below have found last: they run for every value of a file, and make no objects. */
const digest: Fingerprint = { low: 0, high: 0 };

function hashValue(value: unknown): void {
  switch (typeof value) {
    case 'string': hashText(value, 1); return;
    case 'number': hashNumber(value); return;
    case 'object': if (value === null) hashText('', 2); else hashObject(value); return;
    default: hashText(String(value), 3);
  }
}

/** Members are added up, so that their order does not show. Items of a list are members by their place. */
function hashObject(value: object): void {
  let low = Array.isArray(value) ? 1 : 2;
  let high = 0;
  for (const name in value) {
    if (!Object.hasOwn(value, name)) continue;
    hashMember(name, value[name as keyof typeof value]); // as: `in` gave the name
    low = (low + digest.low) | 0;
    high = (high + digest.high) | 0;
  }
  digest.low = mixed(low, 9);
  digest.high = mixed(high, 10);
}

function hashMember(name: string, value: unknown): void {
  hashText(name, 4);
  const { low, high } = digest;
  hashValue(value);
  digest.low = mixed(digest.low, low);
  digest.high = mixed(digest.high, high);
}

function hashNumber(value: number): void {
  if (Number.isSafeInteger(value)) {
    const upper = Math.floor(value / 4_294_967_296);
    digest.low = mixed(value | 0, upper);
    digest.high = mixed(upper, value | 0);
  } else hashText(String(value), 5);
}

/** @param kind of texts: equal ones of two kinds differ. It goes to other bits of each seed, or a first letter could make up for it. */
function hashText(text: string, kind: number): void { fingerprintOf(text, kind, kind << 16, digest); }

/** The finaliser of MurmurHash3 (Austin Appleby, public domain) over both. */
function mixed(a: number, b: number): number {
  let h = Math.imul(a, 0xcc9e2d51) ^ Math.imul(b, 0x1b873593) ^ (b >>> 15);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
