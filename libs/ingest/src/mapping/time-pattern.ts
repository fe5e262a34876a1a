import { type ClockTime, clockMs, readOffset } from '../validate/instant-text.js';

/** A date pattern, compiled: reads a text and gives the clock time it shows; undefined when the text does not fit. */
export interface TimePattern { readonly source: string; read(text: string): ClockTime | undefined }

/** Letters of a pattern with what they match (Unicode TR 35): yyyy MM M dd d HH H hh h mm ss S.. a XXX; anything in '..' and every other sign stands for itself. */
const parts: Readonly<Record<string, { readonly match: string; readonly unit: Unit }>> = {
  yyyy: { match: '(\\d{4})', unit: 'year' }, MM: { match: '(\\d{2})', unit: 'month' }, M: { match: '(\\d{1,2})', unit: 'month' },
  dd: { match: '(\\d{2})', unit: 'day' }, d: { match: '(\\d{1,2})', unit: 'day' },
  HH: { match: '(\\d{2})', unit: 'hour' }, H: { match: '(\\d{1,2})', unit: 'hour' }, hh: { match: '(\\d{2})', unit: 'hour12' }, h: { match: '(\\d{1,2})', unit: 'hour12' },
  mm: { match: '(\\d{2})', unit: 'minute' }, m: { match: '(\\d{1,2})', unit: 'minute' }, ss: { match: '(\\d{2})', unit: 'second' }, s: { match: '(\\d{1,2})', unit: 'second' },
  a: { match: '([AaPp][Mm])', unit: 'half' }, MMM: { match: '([A-Za-z]{3})', unit: 'monthName' },
  X: { match: '(Z|[+-]\\d{2}(?:\\d{2})?)', unit: 'zone' }, XX: { match: '(Z|[+-]\\d{4})', unit: 'zone' }, XXX: { match: '(Z|[+-]\\d{2}:\\d{2})', unit: 'zone' }, Z: { match: '([+-]\\d{4})', unit: 'zone' },
};
type Unit = 'year' | 'month' | 'monthName' | 'day' | 'hour' | 'hour12' | 'minute' | 'second' | 'fraction' | 'half' | 'zone';
const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Compiles a pattern such as `dd/MM/yyyy HH:mm:ss`. It must name year, month and day; what it leaves out of the time is 0. */
export function parseTimePattern(source: string): { readonly ok: true; readonly pattern: TimePattern } | { readonly ok: false; readonly message: string } {
  const units: Unit[] = [];
  let expression = '';
  for (const token of source.match(/'[^']*'|([A-Za-z])\1*|[^A-Za-z']+|'/g) ?? []) {
    const part = /^S{1,9}$/.test(token) ? { match: `(\\d{${token.length}})`, unit: 'fraction' as const } : parts[token];
    if (part !== undefined) {
      if (units.includes(part.unit)) return { ok: false, message: `${JSON.stringify(token)} gives the ${part.unit} a second time` };
      units.push(part.unit);
      expression += part.match;
    } else if (token === "''") {
      expression += "'";
    } else if (token.startsWith("'")) {
      if (token.length < 2) return { ok: false, message: 'a quote in the pattern has no end' };
      expression += escapeExpression(token.slice(1, -1));
    } else if (/^[A-Za-z]/.test(token)) {
      return { ok: false, message: `${JSON.stringify(token)} is nothing that a time pattern has` };
    } else {
      expression += escapeExpression(token);
    }
  }
  const named = new Set(units);
  if (!named.has('year') || !(named.has('month') || named.has('monthName')) || !named.has('day')) return { ok: false, message: `${JSON.stringify(source)} is neither a known format nor a pattern with yyyy, MM and dd` };
  if (named.has('hour12') && !named.has('half')) return { ok: false, message: 'hh counts to twelve and needs a (AM or PM); 24 hours are HH' };
  const shape = new RegExp(`^${expression}$`);
  return { ok: true, pattern: { source, read: (text) => readBy(shape, units, text) } };
}

const escapeExpression = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

function readBy(shape: RegExp, units: readonly Unit[], text: string): ClockTime | undefined {
  const match = shape.exec(text);
  if (match === null) return undefined;
  const found = new Map(units.map((unit, i) => [unit, match[i + 1] ?? '']));
  const number = (unit: Unit): number => Number(found.get(unit) ?? 0);
  const name = found.get('monthName');
  const month = name === undefined ? number('month') : monthNames.indexOf(name.toLowerCase()) + 1;
  let hour = number('hour');
  if (found.has('hour12')) {
    const shown = number('hour12');
    if (shown < 1 || shown > 12) return undefined;
    hour = (shown % 12) + (found.get('half')?.toLowerCase() === 'pm' ? 12 : 0);
  }
  const fractionMs = Number((found.get('fraction') ?? '').slice(0, 3).padEnd(3, '0'));
  const ms = clockMs(number('year'), month, number('day'), hour, number('minute'), number('second'), fractionMs);
  const zone = found.get('zone');
  if (ms === undefined) return undefined;
  if (zone === undefined) return { ms, offsetMs: undefined };
  const offsetMs = readOffset(zone);
  return offsetMs === undefined ? undefined : { ms, offsetMs };
}
