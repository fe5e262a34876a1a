// `as` behind an index: cells are given out by the plan, a stride for each key, so they are there; these run per event, without a check.
import type { Geo } from '@weir/contracts';
import type { WindowAggregate } from '@weir/rule-lang';
import { doubleUnitExponent, emptyKey, nearestDouble } from '@weir/stream-core';
import type { AccumulatorPlan, ReadingPlan } from '../plan/state-plan.js';
import { finite } from './evaluator.js';
import type { Evaluator, WholeEvaluator } from './evaluator.js';
import type { KeyDimension } from './key-dimension.js';
import { multiplyWhole, subtractWhole, toNearestDouble } from './whole.js';
import type { Whole } from './whole.js';
import type { WindowView } from './window-view.js';

/** What a reading needs to know of the column it reads. */
interface ReadColumn {
  /** Form and scale of the argument; undefined for `count`, `exists`, `share`. */
  readonly argument: Evaluator | undefined;
  /** Interner of the column's values, when it holds ids. */
  readonly values: KeyDimension | undefined;
}

const decoder = new TextDecoder();

/** Exact number in a cell; undefined when unknown. */
function wholeAt(view: WindowView, cell: number): Whole | undefined {
  const x = view.cells[view.base + cell] as number;
  if (x - x === 0) return x; // finite
  return x !== x ? undefined : view.wide.get(view.base + cell);
}

function whole(view: WindowView, cell: number, scale = 0): WholeEvaluator {
  return { form: 'whole', scale, get: () => wholeAt(view, cell) };
}

/** The value of a window as a closure over its view. */
export function readingOf(expr: WindowAggregate, plan: ReadingPlan, view: WindowView, column: ReadColumn): Evaluator {
  const scale = column.argument?.form === 'whole' ? column.argument.scale : 0;
  const isDouble = column.argument?.form === 'double';
  switch (expr.fn) {
    case 'count': return whole(view, plan.count);
    case 'distinct': return whole(view, plan.other);
    case 'exists': return { form: 'bool', get: () => { const x = wholeAt(view, plan.count); return x === undefined ? undefined : x > 0; } };
    case 'share': return {
      form: 'ratio', scale: 0,
      get: () => {
        const yes = wholeAt(view, plan.count);
        const no = wholeAt(view, plan.opposite);
        if (yes === undefined || no === undefined) return undefined;
        const all = Number(yes) + Number(no);
        return all === 0 ? undefined : { n: yes, d: all };
      },
    };
    case 'sum': return isDouble ? { form: 'double', get: doubleSum(view, plan.sum) } : whole(view, plan.sum, scale);
    case 'avg': return isDouble ? { form: 'double', get: doubleMean(view, plan) } : {
      form: 'ratio', scale,
      get: () => {
        const count = wholeAt(view, plan.count);
        const sum = wholeAt(view, plan.sum);
        return count === undefined || sum === undefined || count === 0 ? undefined : { n: sum, d: count };
      },
    };
    case 'stddev': return { form: 'double', get: isDouble ? doubleDeviation(view, plan) : deviation(view, plan, scale) };
    case 'min': case 'max': case 'first': case 'latest': return pickedValue(plan.accumulator, view, plan.other, column);
  }
}

/** The value that an extreme picked, in the form of its argument. */
export function pickedValue(accumulator: AccumulatorPlan | undefined, view: WindowView, cell: number, { argument, values }: ReadColumn): Evaluator {
  if (accumulator?.columnKind === 'id' && values !== undefined) {
    if (argument?.form === 'geo') return { form: 'geo', get: () => placeOf(bytesAt(view, cell, values)) };
    return { form: 'string', get: () => { const bytes = bytesAt(view, cell, values); return bytes === undefined ? undefined : decoder.decode(bytes); } };
  }
  switch (argument?.form) {
    case 'bool': return { form: 'bool', get: () => { const x = view.cells[view.base + cell] as number; return x !== x ? undefined : x === 1; } };
    case 'double': return { form: 'double', get: () => { const x = view.cells[view.base + cell] as number; return x !== x ? undefined : x; } };
    case 'whole': return whole(view, cell, argument.scale);
    default: throw new TypeError(`no extreme of ${argument?.form ?? 'nothing'}`);
  }
}

function bytesAt(view: WindowView, cell: number, values: KeyDimension): Uint8Array | undefined {
  const id = view.cells[view.base + cell] as number;
  return id !== id || id === emptyKey ? undefined : values.interner.bytesOf(id);
}

function placeOf(bytes: Uint8Array | undefined): Geo | undefined {
  if (bytes === undefined) return undefined;
  const part = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [lat, lon, x, y, z] = [0, 8, 16, 24, 32].map((at) => part.getFloat64(at, true)) as [number, number, number, number, number]; // five are asked for
  return { lat, lon, x, y, z };
}

const doubleUnit = 1n << BigInt(-doubleUnitExponent);

function isUnknown(view: WindowView, cell: number): boolean {
  const x = view.cells[view.base + cell] as number;
  return x !== x;
}

function doubleSum(view: WindowView, cell: number): () => number | undefined {
  return () => (isUnknown(view, cell) ? undefined : finite(nearestDouble(view.wide.get(view.base + cell) ?? 0n, doubleUnit)));
}

function doubleMean(view: WindowView, plan: ReadingPlan): () => number | undefined {
  return () => {
    const count = wholeAt(view, plan.count);
    if (count === undefined || count === 0) return undefined;
    return finite(nearestDouble(view.wide.get(view.base + plan.sum) ?? 0n, doubleUnit * BigInt(count)));
  };
}

/** sqrt of the double nearest to (n * squares - sum^2) / (n * (n - 1)); unknown below two values. */
function deviation(view: WindowView, plan: ReadingPlan, scale: number): () => number | undefined {
  return () => {
    const n = wholeAt(view, plan.count);
    const sum = wholeAt(view, plan.sum);
    const squares = wholeAt(view, plan.squares);
    if (n === undefined || sum === undefined || squares === undefined || n < 2) return undefined;
    const spread = subtractWhole(multiplyWhole(n, squares), multiplyWhole(sum, sum));
    return finite(Math.sqrt(toNearestDouble(spread, multiplyWhole(n, subtractWhole(n, 1)), 2 * scale)));
  };
}

function doubleDeviation(view: WindowView, plan: ReadingPlan): () => number | undefined {
  return () => {
    const count = wholeAt(view, plan.count);
    if (count === undefined || count < 2) return undefined;
    const n = BigInt(count);
    const sum = view.wide.get(view.base + plan.sum) ?? 0n;
    const squares = view.wide.get(view.base + plan.squares) ?? 0n;
    return finite(Math.sqrt(nearestDouble(n * squares - sum * sum, n * (n - 1n) * doubleUnit * doubleUnit)));
  };
}
