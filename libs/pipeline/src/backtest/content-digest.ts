import type { EventContent } from '@weir/ingest';

/**
 * A number of 53 bits for what an event says: equal for two events of which `sameContent` holds, and for two that say something
 * else with a chance of one in 9e15. For a reader that keeps no events and yet has to tell a repeated one from a contradiction.
 *
 * No protection against somebody who looks for collisions: a file is read for its own reader.
 */
export function contentDigest({ type, ts, statedTs, fields, extra }: EventContent): number {
  let [low, high] = [0, 0];
  const add = (place: number): void => {
    low = (low + mixed(digest.low, place)) | 0;
    high = (high + mixed(digest.high, place)) | 0;
  };
  hashText(type, 1);
  add(1);
  hashNumber(statedTs ?? ts);
  add(2);
  hashObject(fields);
  add(3);
  if (extra !== undefined) for (const name in extra) { hashMember(name, extra[name]); add(4); }
  return (mixed(high, 5) & 0x1f_ffff) * 4_294_967_296 + (mixed(low, 6) >>> 0);
}

/** What the functions below have found last: they run for every event of a file, and make no objects. */
const digest = { low: 0, high: 0 };

function hashValue(value: unknown): void {
  switch (typeof value) {
    case 'string': hashText(value, 2); return;
    case 'number': hashNumber(value); return;
    case 'boolean': hashText(value ? 'true' : 'false', 3); return;
    case 'object': if (value === null) hashText('', 12); else hashObject(value); return;
    default: hashText(String(value), 4);
  }
}

/** Members are added up, so that their order does not show. Items of a list are members by their place. */
function hashObject(value: object): void {
  let low = Array.isArray(value) ? 7 : 8;
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
  hashText(name, 5);
  const { low, high } = digest;
  hashValue(value);
  digest.low = mixed(digest.low, low);
  digest.high = mixed(digest.high, high);
}

function hashNumber(value: number): void {
  if (Number.isInteger(value)) {
    digest.low = mixed(value | 0, 11);
    digest.high = mixed((value / 4_294_967_296) | 0, value | 0);
  } else hashText(String(value), 6);
}

/** FNV-1a over UTF-16 units, twice with other constants. */
function hashText(text: string, kind: number): void {
  let low = 0x811c9dc5 ^ kind;
  let high = 0x01000193 ^ kind;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x5bd1e995);
  }
  digest.low = mixed(low, text.length);
  digest.high = mixed(high, text.length);
}

/** The finaliser of MurmurHash3 (Austin Appleby, public domain) over both. */
function mixed(a: number, b: number): number {
  let h = Math.imul(a, 0xcc9e2d51) ^ Math.imul(b, 0x1b873593) ^ (b >>> 15);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
