export type Zone = 'utc' | 'local';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const two = (n: number): string => String(n).padStart(2, '0');

/** Age of an instant as a row shows it: `8 s`, `4 m`, `3 h`, `12 d`. Whole units, rounded down; an instant ahead of now reads `0 s`. */
export function formatAge(at: number, now: number): string {
  const past = Math.max(0, now - at);
  if (past < minute) return `${Math.floor(past / second)} s`;
  if (past < hour) return `${Math.floor(past / minute)} m`;
  if (past < 2 * day) return `${Math.floor(past / hour)} h`;
  return `${Math.floor(past / day)} d`;
}

export type Urgency = 'past' | 'soon' | 'calm';

/** How near a deadline is: `soon` under 15 minutes, `past` from the deadline itself on. */
export function urgencyOf(dueAt: number, now: number): Urgency {
  if (now >= dueAt) return 'past';
  return dueAt - now < 15 * minute ? 'soon' : 'calm';
}

/** Time to a deadline: `08:12` (mm:ss) under an hour, `1 h 48`, `3 d`, and past it `12 m over`. */
export function formatCountdown(dueAt: number, now: number): string {
  const left = dueAt - now;
  if (left <= 0) return `${formatAge(dueAt, now)} over`;
  if (left < hour) return `${two(Math.floor(left / minute))}:${two(Math.floor((left % minute) / second))}`;
  if (left < day) return `${Math.floor(left / hour)} h ${two(Math.floor((left % hour) / minute))}`;
  return `${Math.floor(left / day)} d`;
}

/** A span in words with two units at most: `9 min 12 s`, `2 h`, `1 d 3 h`, `38 ms`. */
export function formatSpan(ms: number): string {
  if (ms < second) return `${Math.round(ms)} ms`;
  const parts: Array<[number, string]> = [[Math.floor(ms / day), 'd'], [Math.floor((ms % day) / hour), 'h'], [Math.floor((ms % hour) / minute), 'min'], [Math.floor((ms % minute) / second), 's']];
  const first = parts.findIndex(([n]) => n > 0);
  return parts.slice(first, first + 2).filter(([n]) => n > 0).map(([n, unit]) => `${n} ${unit}`).join(' ');
}

interface Clock { readonly year: number; readonly month: number; readonly day: number; readonly hour: number; readonly minute: number; readonly second: number; readonly ms: number }

function clockOf(at: number, zone: Zone): Clock {
  const d = new Date(at);
  return zone === 'utc'
    ? { year: d.getUTCFullYear(), month: d.getUTCMonth() + 1, day: d.getUTCDate(), hour: d.getUTCHours(), minute: d.getUTCMinutes(), second: d.getUTCSeconds(), ms: d.getUTCMilliseconds() }
    : { year: d.getFullYear(), month: d.getMonth() + 1, day: d.getDate(), hour: d.getHours(), minute: d.getMinutes(), second: d.getSeconds(), ms: d.getMilliseconds() };
}

/** `2026-11-20` in the zone. */
export function formatDay(at: number, zone: Zone): string {
  const c = clockOf(at, zone);
  return `${c.year}-${two(c.month)}-${two(c.day)}`;
}

/** `14:02:07`, or `14:02` and `14:02:07.331` by precision, in the zone. */
export function formatClock(at: number, zone: Zone, precision: 'minute' | 'second' | 'ms' = 'second'): string {
  const c = clockOf(at, zone);
  const base = `${two(c.hour)}:${two(c.minute)}`;
  if (precision === 'minute') return base;
  return precision === 'second' ? `${base}:${two(c.second)}` : `${base}:${two(c.second)}.${String(c.ms).padStart(3, '0')}`;
}

/** Clock with the date in front unless it is the day of `now` in the same zone. */
export function formatInstant(at: number, now: number, zone: Zone, precision: 'minute' | 'second' | 'ms' = 'second'): string {
  const clock = formatClock(at, zone, precision);
  const date = formatDay(at, zone);
  return date === formatDay(now, zone) ? clock : `${date} ${clock}`;
}

/** Name of the zone for the top bar: `UTC`, or the offset of the machine's zone at that instant, `UTC+2`. */
export function zoneName(at: number, zone: Zone): string {
  if (zone === 'utc') return 'UTC';
  const offset = -new Date(at).getTimezoneOffset();
  if (offset === 0) return 'UTC+0';
  const size = Math.abs(offset);
  return `UTC${offset > 0 ? '+' : '\u2212'}${Math.floor(size / 60)}${size % 60 ? `:${two(size % 60)}` : ''}`;
}
