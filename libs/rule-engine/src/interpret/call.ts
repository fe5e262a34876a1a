import type { CallName } from '@weir/rule-lang';
import { RE2JS } from 're2js';
import { civilTime, partOfDuration, partOfTime, type TimestampGetter } from './calendar.js';
import { distanceKm } from './distance.js';
import { readDouble } from './double-text.js';
import { absolute, floor } from './exact.js';
import { isNumber, order } from './operate.js';
import { asDouble, bool, exact, finiteDouble, integer, unknownBecause, unknownFrom } from './value.js';
import type { Value } from './value.js';

const patterns = new Map<string, RE2JS>();
/** Patterns are literals of rules, so few; a rule set that is edited for years must still not fill the memory. */
const maxPatterns = 1_000;

/**
 * A function of rule-language §2 on its argument values; unknown when any argument is.
 * Throws TypeError on argument types that the checker refuses.
 */
export function call(fn: CallName, args: readonly Value[]): Value {
  if (args.some((value) => value.kind === 'unknown')) return unknownFrom(args);
  const [a, b] = args;
  if (a === undefined) throw new TypeError(`${fn} without arguments: the checker lets no such rule through`);
  switch (fn) {
    case 'abs': return absoluteValue(a);
    case 'min': case 'max': return chosen(fn, a, b);
    case 'double': return a.kind === 'string' ? doubleOf(a.value) : isNumber(a) ? asDouble(a) : refuse(fn, a);
    case 'distance_km': return a.kind === 'geo' && b?.kind === 'geo' ? finiteDouble(distanceKm(a.value, b.value)) : refuse(fn, a);
    case 'size': return size(a);
    case 'lowerAscii': return { kind: 'string', value: text(a).replace(/[A-Z]/g, (letter) => letter.toLowerCase()) };
    case 'contains': return bool(text(a).includes(text(b)));
    case 'startsWith': return bool(text(a).startsWith(text(b)));
    case 'endsWith': return bool(text(a).endsWith(text(b)));
    case 'matches': return matches(text(a), text(b));
    default: return integer(a.kind === 'duration' ? partOfDuration(fn, Number(a.ms.n / a.ms.d)) : getter(fn, a, b)); // BigInt's division cuts toward zero
  }
}

function refuse(fn: string, value: Value | undefined): never {
  throw new TypeError(`${fn} of ${value?.kind ?? 'nothing'}: the checker lets no such rule through`);
}
function text(value: Value | undefined): string { return value?.kind === 'string' ? value.value : refuse('a string function', value); }

function absoluteValue(a: Value): Value {
  switch (a.kind) {
    case 'exact': return exact(absolute(a.value));
    case 'double': return { kind: 'double', value: Math.abs(a.value) };
    case 'duration': return { kind: 'duration', ms: absolute(a.ms) };
    default: return refuse('abs', a);
  }
}

function chosen(fn: 'min' | 'max', a: Value, b: Value | undefined): Value {
  if (b === undefined) return refuse(fn, b);
  const sign = order(a, b);
  if (typeof sign !== 'number') return sign;
  const best = (fn === 'min' ? sign <= 0 : sign >= 0) ? a : b;
  return best.kind === 'exact' && (a.kind === 'double' || b.kind === 'double') ? asDouble(best) : best;
}

function doubleOf(text: string): Value {
  const value = readDouble(text);
  return value === undefined ? unknownBecause('not a number') : { kind: 'double', value };
}

function size(a: Value): Value {
  if (a.kind === 'list') return integer(a.items.length);
  let points = 0;
  for (const _ of text(a)) points += 1; // a string iterates by code point
  return integer(points);
}

/** CEL's `matches`: somewhere in the string, RE2 syntax. */
function matches(subject: string, source: string): Value {
  let pattern = patterns.get(source);
  if (pattern === undefined) {
    try {
      pattern = RE2JS.compile(source);
    } catch {
      return unknownBecause('not a regular expression'); // literal patterns are refused by the checker; a computed one is unknown
    }
    if (patterns.size >= maxPatterns) patterns.clear();
    patterns.set(source, pattern);
  }
  return bool(pattern.matcher(subject).find());
}

/** CEL's timestamp getters; a fraction of a ms counts down. */
function getter(fn: TimestampGetter, a: Value, zone: Value | undefined): number {
  if (a.kind !== 'timestamp') return refuse(fn, a);
  const civil = civilTime(Number(floor(a.ms)), zone === undefined ? 'UTC' : text(zone));
  return partOfTime(fn, civil);
}
