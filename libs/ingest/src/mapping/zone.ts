import { readOffset } from '../validate/instant-text.js';

/** Whether a text names a time zone: `UTC`, an offset such as `+01:00`, or an IANA name that this platform knows. */
export function isZone(zone: string): boolean {
  if (zone === 'UTC' || readOffset(zone) !== undefined) return true;
  try {
    formatOf(zone);
    return true;
  } catch (error) {
    if (error instanceof RangeError || (error instanceof Error && error.name === 'RangeError')) return false;
    throw error;
  }
}

/**
 * The instant at which a clock in `zone` shows the local time `localMs` (ms since 1970 read as UTC).
 * A time that occurs twice (clocks set back) is the first of the two; one that does not occur (set forward) is read by the
 * offset in force before the change.
 */
export function instantInZone(localMs: number, zone: string): number {
  if (zone === 'UTC') return localMs;
  const fixed = readOffset(zone);
  if (fixed !== undefined) return localMs - fixed;
  const before = offsetAt(localMs - dayMs, zone);
  const after = offsetAt(localMs + dayMs, zone);
  if (before === after) return localMs - before;
  const candidates = [localMs - before, localMs - after].filter((instant) => localMs - offsetAt(instant, zone) === instant);
  return candidates.length === 0 ? localMs - before : Math.min(...candidates);
}

const dayMs = 86_400_000;
/** Offsets change at whole quarter hours of UTC since 1970; asking the platform costs some microseconds, so answers are kept. */
const quarterMs = 900_000;
const known = new Map<string, number>();
const formats = new Map<string, Intl.DateTimeFormat>();

function offsetAt(instant: number, zone: string): number {
  const quarter = Math.floor(instant / quarterMs);
  const key = `${zone} ${quarter}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const shown: Record<string, number> = {};
  for (const part of formatOf(zone).formatToParts(quarter * quarterMs)) shown[part.type] = Number(part.value);
  const local = Date.UTC(shown['year'] ?? 1970, (shown['month'] ?? 1) - 1, shown['day'] ?? 1, shown['hour'] ?? 0, shown['minute'] ?? 0, shown['second'] ?? 0);
  const offset = local - quarter * quarterMs;
  if (known.size > 50_000) known.clear();
  known.set(key, offset);
  return offset;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const kept = formats.get(zone);
  if (kept !== undefined) return kept;
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' });
  formats.set(zone, format);
  return format;
}
