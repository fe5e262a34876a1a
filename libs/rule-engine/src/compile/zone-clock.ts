import { civilTime, partOfTime, startOf } from '../interpret/calendar.js';
import type { CalendarUnit, TimestampGetter } from '../interpret/calendar.js';

/** Offsets and local days change at multiples of this in all zones since 1972; buckets where they do not are computed singly. */
const bucketMs = 900_000;

/** Reads one part of the civil time at an instant, as CEL's getters count it. Cached by quarter hour: event time hardly moves. */
export function readerOf(fn: TimestampGetter, zone: string): (ts: number) => number {
  const read = (ts: number): number => partOfTime(fn, civilTime(ts, zone));
  return fn === 'getMinutes' || fn === 'getSeconds' || fn === 'getMilliseconds' ? read : cachedByBucket(read);
}

/** First instant of the local day, week, month or year, cached in the same way. */
export function startReader(unit: CalendarUnit, zone: string): (ts: number) => number {
  return cachedByBucket((ts) => startOf(unit, ts, zone));
}

/** @param read constant over a bucket, or else differing between its first and last ms. */
function cachedByBucket(read: (ts: number) => number): (ts: number) => number {
  let bucket = NaN;
  let value = 0;
  return (ts) => {
    const wanted = Math.floor(ts / bucketMs);
    if (wanted === bucket) return value;
    const first = read(wanted * bucketMs);
    if (first !== read((wanted + 1) * bucketMs - 1)) return read(ts);
    bucket = wanted;
    value = first;
    return value;
  };
}
