import type { Geo } from '@weir/contracts';
import type { Ratio, Whole } from './whole.js';
import { rescale, toNearestDouble } from './whole.js';

/**
 * A compiled expression: a closure over the current row, of statically known form. `undefined` is unknown.
 *
 * `whole`: an exact number as a multiple of 10^-scale. `ratio`: an exact quotient `n / (d * 10^scale)`.
 * Timestamps and durations are exact numbers of ms.
 */
export type Evaluator =
  | { readonly form: 'bool'; readonly get: () => boolean | undefined }
  | { readonly form: 'string'; readonly get: () => string | undefined }
  | { readonly form: 'geo'; readonly get: () => Geo | undefined }
  | { readonly form: 'double'; readonly get: () => number | undefined }
  | WholeEvaluator
  | RatioEvaluator
  | { readonly form: 'list'; readonly items: readonly Evaluator[] };

/** An exact number: what `get` returns, times 10^-scale. */
export interface WholeEvaluator { readonly form: 'whole'; readonly scale: number; readonly get: () => Whole | undefined }
/** An exact quotient: what `get` returns, times 10^-scale. */
export interface RatioEvaluator { readonly form: 'ratio'; readonly scale: number; readonly get: () => Ratio | undefined }
/** The evaluator of one form. */
export type EvaluatorOf<F extends Evaluator['form']> = Extract<Evaluator, { form: F }>;

/** Thrown at compile time for a tree that the checker would not have let through. */
export class UncompilableError extends Error {
  constructor(text: string, why: string) {
    super(`${text}: ${why}`);
    this.name = 'UncompilableError';
  }
}

/** Is its number exact, a multiple of 10^-scale or a quotient of two? */
export function isExact(e: Evaluator): e is WholeEvaluator | RatioEvaluator { return e.form === 'whole' || e.form === 'ratio'; }

/** Finite or unknown (rule-language §2). */
export function finite(value: number): number | undefined { return Number.isFinite(value) ? value : undefined; }

/** The same value as a double: the nearest one of an exact number. */
export function asDouble(e: Evaluator): EvaluatorOf<'double'> {
  switch (e.form) {
    case 'double': return e;
    case 'whole': {
      const { get, scale } = e;
      return { form: 'double', get: () => { const x = get(); return x === undefined ? undefined : finite(toNearestDouble(x, 1, scale)); } };
    }
    case 'ratio': {
      const { get, scale } = e;
      return { form: 'double', get: () => { const x = get(); return x === undefined ? undefined : finite(toNearestDouble(x.n, x.d, scale)); } };
    }
    default: throw new UncompilableError(e.form, 'not a number');
  }
}

/** The same number as a quotient; one that is none gets the denominator 1. */
export function asRatio(e: WholeEvaluator | RatioEvaluator): RatioEvaluator {
  if (e.form === 'ratio') return e;
  const { get, scale } = e;
  return { form: 'ratio', scale, get: () => { const n = get(); return n === undefined ? undefined : { n, d: 1 }; } };
}

/** The same exact value with a finer scale. */
export function atScale(e: WholeEvaluator, scale: number): WholeEvaluator {
  if (e.scale === scale) return e;
  const { get, scale: from } = e;
  return { form: 'whole', scale, get: () => { const x = get(); return x === undefined ? undefined : rescale(x, from, scale); } };
}

/** Two values as one form, so that either may stand for the other: branches of a conditional, `orValue`, min and max. */
export function unified(a: Evaluator, b: Evaluator, isDouble: boolean): readonly [Evaluator, Evaluator] {
  if (isDouble || a.form === 'double' || b.form === 'double') return [asDouble(a), asDouble(b)];
  if (a.form === 'whole' && b.form === 'whole') {
    const scale = Math.max(a.scale, b.scale);
    return [atScale(a, scale), atScale(b, scale)];
  }
  if (isExact(a) && isExact(b)) {
    const scale = Math.max(a.scale, b.scale);
    return [ratioAtScale(asRatio(a), scale), ratioAtScale(asRatio(b), scale)];
  }
  return [a, b];
}

function ratioAtScale(e: RatioEvaluator, scale: number): RatioEvaluator {
  if (e.scale === scale) return e;
  const { get, scale: from } = e;
  return { form: 'ratio', scale, get: () => { const x = get(); return x === undefined ? undefined : { n: rescale(x.n, from, scale), d: x.d }; } };
}
