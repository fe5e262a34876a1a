const shape = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?([Zz]|[+-]\d{2}(?::?\d{2})?)?$/;
const dayMs = 86_400_000;

/** A date and time read from text: `ms` since 1970 as if the text's clock were UTC, and how far that clock is ahead of UTC where the text says it. */
export interface ClockTime { readonly ms: number; readonly offsetMs: number | undefined }

/**
 * Reads ISO 8601 date and time: `2026-01-05T10:00:00Z`, `2026-01-05T10:00+01:00`, `2026-01-05 10:00:00.123456`.
 * Fractions finer than a millisecond are cut off (towards the past): event time has milliseconds.
 * @returns undefined for any other text, and for days and times that do not exist (30 February, 24:00, a leap second).
 */
export function readIsoTime(text: string): ClockTime | undefined {
  if (text.length === 20 && text.charCodeAt(19) === 0x5a && text.charCodeAt(10) === 0x54) {
    const ms = fixedShape(text);
    if (ms !== undefined) return { ms, offsetMs: 0 };
  }
  const match = shape.exec(text);
  if (match === null) return undefined;
  const part = (i: number): number => Number(match[i] ?? 0);
  const fractionMs = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const ms = clockMs(part(1), part(2), part(3), part(4), part(5), part(6), fractionMs);
  if (ms === undefined) return undefined;
  const zone = match[8];
  if (zone === undefined) return { ms, offsetMs: undefined };
  const offsetMs = readOffset(zone);
  return offsetMs === undefined ? undefined : { ms, offsetMs };
}

/** Milliseconds that a zone text such as `Z`, `+01:00`, `-0330`, `+02` is ahead of UTC; undefined when it is none. */
export function readOffset(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0;
  const match = /^([+-])(\d{2})(?::?(\d{2}))?$/.exec(zone);
  const hours = Number(match?.[2]);
  const minutes = Number(match?.[3] ?? 0);
  if (match === null || hours > 23 || minutes > 59) return undefined;
  return (hours * 60 + minutes) * 60_000 * (match[1] === '-' ? -1 : 1);
}

/** Milliseconds since 1970 of a date and time of the (proleptic) Gregorian calendar read as UTC; undefined when it does not exist. */
export function clockMs(year: number, month: number, day: number, hour: number, minute: number, second: number, ms: number): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 59) return undefined;
  return daysFromEpoch(year, month, day) * dayMs + ((hour * 60 + minute) * 60 + second) * 1000 + ms;
}

/** `YYYY-MM-DDTHH:MM:SSZ` by its character codes: most files and streams hold nothing else, and a pattern costs five times as much. */
function fixedShape(text: string): number | undefined {
  const code = (i: number): number => text.charCodeAt(i) - 0x30;
  for (const i of digitPlaces) if (!(code(i) >= 0 && code(i) <= 9)) return undefined;
  if (text[4] !== '-' || text[7] !== '-' || text[13] !== ':' || text[16] !== ':') return undefined;
  const two = (i: number): number => code(i) * 10 + code(i + 1);
  return clockMs(two(0) * 100 + two(2), two(5), two(8), two(11), two(14), two(17), 0);
}
const digitPlaces = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18] as const;

const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
function daysIn(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : monthLengths[month - 1] ?? 0;
}

/** Days since 1970-01-01. H. Hinnant, "chrono-compatible low-level date algorithms", days_from_civil. */
function daysFromEpoch(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
