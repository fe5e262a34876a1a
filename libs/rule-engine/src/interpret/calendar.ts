import type { CallName } from '@weir/rule-lang';

/**
 * Civil time in IANA zones by `Intl.DateTimeFormat` (time zone data, no clock). Zones are IANA names, `UTC`, or CEL's
 * fixed offsets (`+02:00`, `-05:30`, `02:00`). Instants are epoch ms; years are those of the proleptic Gregorian calendar.
 */
export interface CivilTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
}

/** CEL's timestamp getters. */
export type TimestampGetter = Extract<CallName, `get${string}`>;

export type CalendarUnit = 'day' | 'week' | 'month' | 'year';

const dayMs = 86_400_000;
const formatters = new Map<string, Intl.DateTimeFormat>();

/** Cached: making one costs far more than using it. Throws RangeError on a zone that does not exist. */
function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23', era: 'short',
    year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  });
  formatters.set(zone, made);
  return made;
}

function fixedOffsetMs(zone: string): number | undefined {
  if (zone === 'UTC' || zone === 'Z') return 0;
  const parts = /^([+-]?)(\d{1,2}):(\d{2})$/.exec(zone);
  if (parts === null) return undefined;
  const minutes = Number(parts[2]) * 60 + Number(parts[3]);
  return (parts[1] === '-' ? -minutes : minutes) * 60_000;
}

/** Epoch ms of a civil time read as UTC. Unlike Date.UTC it takes years 0 to 99 literally. */
function utcMs(year: number, month: number, day: number, hour = 0, minute = 0, second = 0): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.setUTCHours(hour, minute, second, 0);
}

/** True when rules may name the zone. */
export function isZone(zone: string): boolean {
  if (fixedOffsetMs(zone) !== undefined) return true;
  try {
    formatterOf(zone);
    return true;
  } catch {
    return false; // Intl's only way to say no
  }
}

/** Local time minus UTC at an instant, ms. */
export function offsetMs(ts: number, zone: string): number {
  const fixed = fixedOffsetMs(zone);
  if (fixed !== undefined) return fixed;
  const found: Record<string, string> = {};
  for (const part of formatterOf(zone).formatToParts(ts)) found[part.type] = part.value;
  const number = (name: string): number => Number(found[name] ?? 0);
  const year = found['era'] === 'BC' ? 1 - number('year') : number('year');
  const local = utcMs(year, number('month'), number('day'), number('hour'), number('minute'), number('second'));
  return local - (ts - (((ts % 1000) + 1000) % 1000));
}

/** Civil time at an instant (whole ms) in a zone. */
export function civilTime(ts: number, zone: string): CivilTime {
  const local = new Date(ts + offsetMs(ts, zone));
  return {
    year: local.getUTCFullYear(), month: local.getUTCMonth() + 1, day: local.getUTCDate(),
    hour: local.getUTCHours(), minute: local.getUTCMinutes(), second: local.getUTCSeconds(), millisecond: local.getUTCMilliseconds(),
  };
}

/** 0 = Sunday. */
export function dayOfWeek(civil: CivilTime): number { return new Date(utcMs(civil.year, civil.month, civil.day)).getUTCDay(); }
/** 0 = 1 January. */
export function dayOfYear(civil: CivilTime): number { return (utcMs(civil.year, civil.month, civil.day) - utcMs(civil.year, 1, 1)) / dayMs; }

/** One part of a civil time as CEL's getters count it: months and days of month and year from 0, `getDate` from 1. */
export function partOfTime(getter: TimestampGetter, civil: CivilTime): number {
  switch (getter) {
    case 'getFullYear': return civil.year;
    case 'getMonth': return civil.month - 1;
    case 'getDate': return civil.day;
    case 'getDayOfMonth': return civil.day - 1;
    case 'getDayOfWeek': return dayOfWeek(civil);
    case 'getDayOfYear': return dayOfYear(civil);
    case 'getHours': return civil.hour;
    case 'getMinutes': return civil.minute;
    case 'getSeconds': return civil.second;
    case 'getMilliseconds': return civil.millisecond;
  }
}

/**
 * A part of a duration as CEL's getters count it: whole hours, minutes or seconds of the whole of it, but of `getMilliseconds`
 * what is beyond its whole seconds; all cut toward zero. Throws TypeError for getters that durations have not.
 *
 * @param ms whole milliseconds.
 */
export function partOfDuration(getter: CallName, ms: number): number {
  switch (getter) {
    case 'getHours': return Math.trunc(ms / 3_600_000) + 0; // + 0: there is no negative zero
    case 'getMinutes': return Math.trunc(ms / 60_000) + 0;
    case 'getSeconds': return Math.trunc(ms / 1000) + 0;
    case 'getMilliseconds': return (ms % 1000) + 0;
    default: throw new TypeError(`${getter} of a duration: the checker lets no such rule through`);
  }
}

/**
 * The first instant of the local day, week (from Monday), month or year that `ts` lies in.
 *
 * Where the clock is put forward over midnight the day begins with the instant after the gap; where midnight comes
 * twice it begins with the first.
 */
export function startOf(unit: CalendarUnit, ts: number, zone: string): number {
  const now = civilTime(ts, zone);
  const today = utcMs(now.year, now.month, now.day);
  switch (unit) {
    case 'day': return firstInstantOfDay(today, zone);
    case 'week': return firstInstantOfDay(today - ((dayOfWeek(now) + 6) % 7) * dayMs, zone);
    case 'month': return firstInstantOfDay(utcMs(now.year, now.month, 1), zone);
    case 'year': return firstInstantOfDay(utcMs(now.year, 1, 1), zone);
  }
}

/** @param midnight local midnight read as UTC. */
function firstInstantOfDay(midnight: number, zone: string): number {
  // The offset in force at local midnight is one of those in force within a day of it: no zone is further from UTC or jumps more often.
  const offsets = [offsetMs(midnight - dayMs, zone), offsetMs(midnight, zone), offsetMs(midnight + dayMs, zone)];
  const midnights = offsets.map((offset) => midnight - offset).filter((instant) => instant + offsetMs(instant, zone) === midnight);
  if (midnights.length > 0) return Math.min(...midnights);
  // Midnight does not exist: the clock jumped over it. The day begins at the jump, where local time first reads past midnight.
  let before = midnight - Math.max(...offsets);
  let after = midnight - Math.min(...offsets);
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (middle + offsetMs(middle, zone) < midnight) before = middle; else after = middle;
  }
  return after;
}
