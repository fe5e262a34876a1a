import type { Evaluator } from './evaluator.js';

/** The same evaluator, computed at most once for each value of `stamp`. */
export function memoized(e: Evaluator, stamp: { readonly value: number }): Evaluator {
  switch (e.form) {
    case 'list': return e;
    case 'bool': return { form: 'bool', get: once(e.get, stamp) };
    case 'string': return { form: 'string', get: once(e.get, stamp) };
    case 'geo': return { form: 'geo', get: once(e.get, stamp) };
    case 'double': return { form: 'double', get: once(e.get, stamp) };
    case 'whole': return { form: 'whole', scale: e.scale, get: once(e.get, stamp) };
    case 'ratio': return { form: 'ratio', scale: e.scale, get: once(e.get, stamp) };
  }
}

function once<T>(get: () => T | undefined, stamp: { readonly value: number }): () => T | undefined {
  let at = NaN;
  let value: T | undefined;
  return () => {
    if (at !== stamp.value) {
      at = stamp.value;
      value = get();
    }
    return value;
  };
}
