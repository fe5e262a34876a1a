import { partOfDuration, type TimestampGetter } from '../interpret/calendar.js';
import type { TypedExprOf } from '@weir/rule-lang';
import { RE2JS } from 're2js';
import { distanceKm } from '../interpret/distance.js';
import { readDouble } from '../interpret/double-text.js';
import { asDouble, finite, UncompilableError, unified } from './evaluator.js';
import type { Evaluator, EvaluatorOf } from './evaluator.js';
import { choose, orderOf } from './order.js';
import { readerOf } from './zone-clock.js';
import { negateWhole } from './whole.js';

type Call = TypedExprOf<'call'>;

/** The functions of rule-language §2 as closures; unknown when an argument is. */
export function compileCall(expr: Call, args: readonly Evaluator[]): Evaluator {
  const [a, b] = args;
  if (a === undefined) throw new UncompilableError(expr.text, 'no arguments');
  const { fn } = expr;
  switch (fn) {
    case 'abs': return absolute(a, expr);
    case 'min': case 'max': return chosen(expr, a, required(b, expr));
    case 'double': return a.form === 'string' ? readText(a.get) : asDouble(a);
    case 'distance_km': return distance(a, required(b, expr), expr);
    case 'size': return size(a, expr);
    case 'lowerAscii': { const get = text(a, expr); return { form: 'string', get: () => get()?.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) }; }
    case 'contains': return strings(a, b, expr, (x, y) => x.includes(y));
    case 'startsWith': return strings(a, b, expr, (x, y) => x.startsWith(y));
    case 'endsWith': return strings(a, b, expr, (x, y) => x.endsWith(y));
    case 'matches': return matches(a, required(b, expr), expr);
    default: return getter(expr, fn, a);
  }
}

function required(b: Evaluator | undefined, expr: Call): Evaluator {
  if (b === undefined) throw new UncompilableError(expr.text, 'an argument is missing');
  return b;
}
function text(e: Evaluator | undefined, expr: Call): () => string | undefined {
  if (e?.form !== 'string') throw new UncompilableError(expr.text, 'needs a string');
  return e.get;
}

function absolute(a: Evaluator, expr: Call): Evaluator {
  switch (a.form) {
    case 'double': { const { get } = a; return { form: 'double', get: () => { const x = get(); return x === undefined ? undefined : Math.abs(x); } }; }
    case 'whole': { const { get, scale } = a; return { form: 'whole', scale, get: () => { const x = get(); return x === undefined ? undefined : x < 0 ? negateWhole(x) : x; } }; }
    case 'ratio': { const { get, scale } = a; return { form: 'ratio', scale, get: () => { const x = get(); return x === undefined ? undefined : { n: x.n < 0 ? negateWhole(x.n) : x.n, d: x.d }; } }; }
    default: throw new UncompilableError(expr.text, 'abs needs a number');
  }
}

/** The first of two equal values, as the language has it; compared as they are, so exact ones exactly. */
function chosen(expr: Call, a: Evaluator, b: Evaluator): Evaluator {
  const order = orderOf(a, b);
  const [p, q] = unified(a, b, expr.type === 'double');
  const isFirst = expr.fn === 'min' ? (sign: number): boolean => sign <= 0 : (sign: number): boolean => sign >= 0;
  return choose(p, q, expr, <T>(x: () => T | undefined, y: () => T | undefined) => () => {
    const sign = order();
    return sign === undefined ? undefined : isFirst(sign) ? x() : y();
  });
}

function distance(a: Evaluator, b: Evaluator, expr: Call): EvaluatorOf<'double'> {
  if (a.form !== 'geo' || b.form !== 'geo') throw new UncompilableError(expr.text, 'distance_km needs two places');
  return {
    form: 'double',
    get: () => {
      const x = a.get();
      const y = b.get();
      return x === undefined || y === undefined ? undefined : finite(distanceKm(x, y));
    },
  };
}

function readText(get: () => string | undefined): Evaluator {
  return { form: 'double', get: () => { const x = get(); return x === undefined ? undefined : readDouble(x); } };
}

function size(a: Evaluator, expr: Call): Evaluator {
  if (a.form === 'list') {
    const { items } = a;
    return {
      form: 'whole', scale: 0,
      get: () => items.length,
    };
  }
  const get = text(a, expr);
  return { form: 'whole', scale: 0, get: () => { const x = get(); return x === undefined ? undefined : codePoints(x); } };
}

function codePoints(x: string): number {
  let points = 0;
  for (const _ of x) points++; // a string iterates by code point
  return points;
}

function strings(a: Evaluator, b: Evaluator | undefined, expr: Call, test: (x: string, y: string) => boolean): Evaluator {
  const [p, q] = [text(a, expr), text(b, expr)];
  return {
    form: 'bool',
    get: () => {
      const x = p();
      const y = q();
      return x === undefined || y === undefined ? undefined : test(x, y);
    },
  };
}

/** RE2 by re2js: linear time. A literal pattern is compiled once, a computed one each time it changes. */
function matches(a: Evaluator, b: Evaluator, expr: Call): Evaluator {
  const [subject, source] = [text(a, expr), text(b, expr)];
  let compiledFrom: string | undefined;
  let pattern: RE2JS | undefined;
  return {
    form: 'bool',
    get: () => {
      const x = subject();
      const y = source();
      if (x === undefined || y === undefined) return undefined;
      if (y !== compiledFrom) {
        compiledFrom = y;
        pattern = compiled(y);
      }
      return pattern?.matcher(x).find();
    },
  };
}

function compiled(source: string): RE2JS | undefined {
  try {
    return RE2JS.compile(source);
  } catch {
    return undefined; // literal patterns are refused by the checker; a computed one that is none is unknown
  }
}

function getter(expr: Call, fn: TimestampGetter, a: Evaluator): Evaluator {
  const zone = expr.args[1];
  if (expr.args[0]?.type === 'duration') return durationPart(expr, fn, a);
  if (a.form !== 'whole' && a.form !== 'ratio') throw new UncompilableError(expr.text, 'needs a timestamp');
  if (zone !== undefined && (zone.kind !== 'literal' || zone.value.type !== 'string')) throw new UncompilableError(expr.text, 'the zone must be a literal');
  const read = readerOf(fn, zone?.kind === 'literal' && zone.value.type === 'string' ? zone.value.value : 'UTC');
  const instant = flooredMs(a);
  return { form: 'whole', scale: 0, get: () => { const ts = instant(); return ts === undefined ? undefined : read(ts); } };
}

function durationPart(expr: Call, fn: TimestampGetter, a: Evaluator): Evaluator {
  if (a.form !== 'whole' && a.form !== 'ratio') throw new UncompilableError(expr.text, 'needs a duration');
  const ms = wholeMs(a, (n, d) => n / d); // BigInt's division cuts toward zero
  return { form: 'whole', scale: 0, get: () => { const x = ms(); return x === undefined ? undefined : partOfDuration(fn, x); } };
}

/** Instants in whole ms; a fraction of a ms counts down. */
function flooredMs(a: EvaluatorOf<'whole'> | EvaluatorOf<'ratio'>): () => number | undefined {
  return wholeMs(a, (n, d) => {
    const quotient = n / d;
    return n < 0n && quotient * d !== n ? quotient - 1n : quotient;
  });
}

function wholeMs(a: EvaluatorOf<'whole'> | EvaluatorOf<'ratio'>, cut: (n: bigint, d: bigint) => bigint): () => number | undefined {
  if (a.form === 'ratio') return () => { const x = a.get(); return x === undefined ? undefined : Number(cut(BigInt(x.n), BigInt(x.d) * 10n ** BigInt(a.scale))); };
  if (a.scale === 0) return () => { const x = a.get(); return x === undefined ? undefined : Number(x); };
  return () => { const x = a.get(); return x === undefined ? undefined : Number(cut(BigInt(x), 10n ** BigInt(a.scale))); };
}
