import type { TypedExpr, TypedRule, WindowSpan } from '@weir/rule-lang';
import type { FieldSlot } from '../compile/event-rows.js';

/** What an interner tells apart: the values of key fields, or of an expression that `distinct`, `first` or `latest` look at. */
export type DimensionPlan =
  | ({ readonly kind: 'fields'; readonly slots: readonly number[] } & RowPlan)
  | ({ readonly kind: 'value'; readonly expr: TypedExpr } & RowPlan);
/** The row of a key: what it holds when empty, and which of its cells are chain heads. */
interface RowPlan { readonly stride: number; readonly empty: readonly number[]; readonly heads: readonly number[] }

/** The events of some types with a key: what windows count, before span and `where`. */
export interface StreamPlan {
  readonly log: number;
  /** Indices of event types. */
  readonly types: readonly number[];
  readonly dimension: number;
  /** Column of the log with the key's ids. */
  readonly idColumn: number;
  readonly chain: number;
  /** Cell of the dimension's rows where the chain begins. */
  readonly head: number;
}

/** Which events an accumulator counts, beyond its stream: all parts must hold. */
export interface PredicatePlan {
  /** Types, when the log holds others too. */
  readonly types?: readonly number[] | undefined;
  readonly where?: TypedExpr | undefined;
  readonly condition?: { readonly expr: TypedExpr; readonly wanted: boolean } | undefined;
  /** A value must be known: in a number column, or an id column. */
  readonly known?: { readonly kind: 'number' | 'id'; readonly column: number } | undefined;
  readonly streamTypes: readonly number[];
}

/** What an accumulator keeps of the events it counts. */
export type AccumulatorKind = 'count' | 'sum' | 'squares' | 'distinct' | 'min' | 'max' | 'first' | 'latest';
/** One number or value kept for each key, over the events of a stream that lie in a span. */
export interface AccumulatorPlan {
  readonly kind: AccumulatorKind;
  readonly stream: number;
  readonly span: WindowSpan;
  /** -1: every event of the stream. */
  readonly bit: number;
  /** sum, squares, min, max, first, latest of numbers: number column; distinct, first, latest of others: id column. */
  readonly column: number;
  readonly columnKind: 'number' | 'id' | 'none';
  readonly isDouble: boolean;
  /** Cell of the row (kept windows) or of the view's scratch (windows computed for each event). */
  readonly cell: number;
}

/** The columns of one shared log: the events of types that some stream joins. */
export interface LogPlan {
  readonly types: readonly number[];
  /** Dimension of each id column, with the types whose events have it. */
  readonly ids: readonly { readonly dimension: number; readonly types: readonly number[] }[];
  readonly numbers: readonly { readonly expr: TypedExpr; readonly types: readonly number[] }[];
  readonly predicates: readonly PredicatePlan[];
  readonly chains: readonly { readonly stream: number }[];
  /** Kept while the window slides. */
  readonly accumulators: readonly AccumulatorPlan[];
}

/**
 * A triggering event's way to the state: which fields hold the key.
 * `kept` reads the rows of a dimension; the others are computed for each event from the chain.
 */
export interface ViewPlan {
  readonly kind: 'kept' | 'lastEvents' | 'previous';
  readonly dimension: number;
  /** Slots of the triggering event, in the order of the dimension's. */
  readonly triggering: readonly number[];
  /** True when they are the counted fields themselves. */
  readonly isOwnKey: boolean;
  readonly stream: number;
  readonly count: number;
  /** kept: what is recomputed for an event out of order; else: what is computed for every event. */
  readonly accumulators: readonly AccumulatorPlan[];
  readonly stride: number;
}

/** Where a window's numbers stand in its view. Cells by role; -1 where the aggregate has no such number. */
export interface ReadingPlan {
  readonly view: number;
  readonly count: number;
  readonly sum: number;
  readonly squares: number;
  readonly other: number;
  readonly opposite: number;
  readonly log: number;
  readonly accumulator?: AccumulatorPlan | undefined;
}

/** What the evaluation of one rule needs of the state. */
export interface RulePlan {
  readonly rule: TypedRule;
  readonly types: readonly number[];
  /** Slots of the `by` fields. */
  readonly by: readonly number[];
  /** Views that its evaluation may read. */
  readonly views: readonly number[];
}

/** The state of a rule set, planned: indices in one list point into another. Immutable once planned. */
export interface StatePlan {
  readonly types: readonly string[];
  readonly slots: readonly FieldSlot[];
  /** By type index, then slot: do events of the type have the field? */
  readonly declares: readonly (readonly boolean[])[];
  readonly dimensions: readonly DimensionPlan[];
  readonly streams: readonly StreamPlan[];
  readonly logs: readonly LogPlan[];
  /** Log of each event type; -1: its events enter none. */
  readonly logOfType: readonly number[];
  readonly views: readonly ViewPlan[];
  /** Sorted by rule id. */
  readonly rules: readonly RulePlan[];
  /** By the window's id. */
  readonly readings: ReadonlyMap<string, ReadingPlan>;
  /** By rule id and field name. */
  readonly previous: ReadonlyMap<string, ReadingPlan>;
}

/** Key of {@link StatePlan.previous}. */
export function previousKey(rule: TypedRule, name: string): string { return `${rule.id}\u001f${name}`; }
