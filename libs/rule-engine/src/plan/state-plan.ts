import type { EventSchema, FieldType, TypedExpr, TypedExprOf, TypedRule, WindowAggregate, WindowSpan } from '@weir/rule-lang';
import type { FieldSlot } from '../compile/event-rows.js';
import { expressionsOf, partsOf } from '../interpret/parts-of.js';
import { groupTypes } from './group-types.js';
import { shapeOf } from './shape.js';

/** What an interner tells apart: the values of key fields, or of an expression that `distinct`, `first` or `latest` look at. */
export type DimensionPlan =
  | ({ readonly kind: 'fields'; readonly slots: readonly number[] } & RowPlan)
  | ({ readonly kind: 'value'; readonly expr: TypedExpr } & RowPlan);
/** The row of a key: what it holds when empty, and which of its cells are chain heads. */
export interface RowPlan { readonly stride: number; readonly empty: readonly number[]; readonly heads: readonly number[] }

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

export type AccumulatorKind = 'count' | 'sum' | 'squares' | 'distinct' | 'min' | 'max' | 'first' | 'latest';
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

export interface RulePlan {
  readonly rule: TypedRule;
  readonly types: readonly number[];
  /** Slots of the `by` fields. */
  readonly by: readonly number[];
  /** Views that its evaluation may read. */
  readonly views: readonly number[];
}

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

type Grown<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/** Key of {@link StatePlan.previous}. */
export function previousKey(rule: TypedRule, name: string): string { return `${rule.id}\u001f${name}`; }

/**
 * Plans the state of a rule set: equal windows share accumulators, windows over the same events share a log, key ids
 * and cursors. Pure; the same rules in any order give a plan that means the same.
 */
export function planState(schema: EventSchema, rules: readonly TypedRule[]): StatePlan {
  return new Planner(schema, rules).plan();
}

class Planner {
  private readonly types: string[];
  private readonly slots: FieldSlot[] = [];
  private readonly slotIndex = new Map<string, number>();
  private readonly dimensions: Grown<DimensionPlan>[] = [];
  private readonly dimensionIndex = new Map<string, number>();
  private readonly logs: Grown<LogPlan>[];
  private readonly logOfType: number[];
  private readonly streams: StreamPlan[] = [];
  private readonly streamIndex = new Map<string, number>();
  private readonly views: Grown<ViewPlan>[] = [];
  private readonly viewIndex = new Map<string, number>();
  private readonly accumulatorIndex = new Map<string, AccumulatorPlan>();
  private readonly columnIndex = new Map<string, number>();
  private readonly readings = new Map<string, ReadingPlan>();
  private readonly previous = new Map<string, ReadingPlan>();

  constructor(private readonly schema: EventSchema, private readonly rules: readonly TypedRule[]) {
    this.types = schema.types.map((type) => type.name);
    const groups = groupTypes(this.types.length, rules.flatMap((rule) => typeSetsOf(rule)).map((names) => this.typeIndices(names)));
    this.logOfType = groups.groupOf.slice();
    this.logs = groups.groups.map((types) => ({ types: [...types], ids: [], numbers: [], predicates: [], chains: [], accumulators: [] }));
  }

  plan(): StatePlan {
    const rules = [...this.rules].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)).map((rule) => this.planRule(rule));
    const { types, slots, dimensions, streams, logs, logOfType, views, readings, previous } = this;
    const declares = this.schema.types.map((type) => slots.map((slot) => isEveryEvents(slot.name) || type.fields.some((field) => field.name === slot.name && field.type === slot.type)));
    return { types, slots, declares, dimensions, streams, logs, logOfType, views, rules, readings, previous };
  }

  private planRule(rule: TypedRule): RulePlan {
    const views = new Set<number>();
    const by = rule.by.map((name) => this.fieldSlot(name, rule.on));
    const visit = (expr: TypedExpr): void => {
      if (expr.kind === 'field') this.touchField(expr);
      if (expr.kind === 'window') views.add(this.planWindow(expr).view);
      if (expr.kind === 'previous') views.add(this.planPrevious(expr, rule).view);
      for (const part of partsOf(expr)) visit(part);
    };
    for (const expr of plannedExpressions(rule)) visit(expr);
    return { rule, types: this.typeIndices(rule.on), by, views: [...views] };
  }

  private touchField(expr: TypedExprOf<'field'>): void {
    if (!isEveryEvents(expr.name)) this.slot(expr.name, fieldTypeOf(expr.type, expr.text));
  }

  /** Slots of all fields that an expression over counted events names. */
  private touchFields(expr: TypedExpr): void {
    if (expr.kind === 'field') this.touchField(expr);
    for (const part of partsOf(expr)) this.touchFields(part);
  }

  private planWindow(expr: WindowAggregate): ReadingPlan {
    const known = this.readings.get(expr.id);
    if (known !== undefined) return known;
    const { source, where } = expr;
    for (const part of [where, expr.argument]) if (part !== undefined) this.touchFields(part);
    const stream = this.stream(source.types, source.key.map((part) => part.counted));
    const view = this.view(source.span.kind === 'lastEvents' ? 'lastEvents' : 'kept', stream, source.key.map((part) => this.fieldSlot(part.triggering, undefined)), source.span.kind === 'lastEvents' ? source.span.count : 0);
    const reading = this.readingOf(expr, stream, view);
    this.readings.set(expr.id, reading);
    return reading;
  }

  private readingOf(expr: WindowAggregate, stream: number, view: number): ReadingPlan {
    const { source: { span }, where, fn, argument } = expr;
    const log = (this.streams[stream] as StreamPlan).log;
    const none = { view, count: -1, sum: -1, squares: -1, other: -1, opposite: -1, log };
    const count = (predicate: Omit<PredicatePlan, 'streamTypes'>): number => this.accumulator({ kind: 'count', stream, span, column: -1, columnKind: 'none', isDouble: false }, predicate, view).cell;
    if (fn === 'count') return { ...none, count: count({ where }) };
    if (argument === undefined) throw new TypeError(`${expr.text}: ${fn} without an argument`);
    if (fn === 'exists') return { ...none, count: count({ where, condition: { expr: argument, wanted: true } }) };
    if (fn === 'share') return { ...none, count: count({ where, condition: { expr: argument, wanted: true } }), opposite: count({ where, condition: { expr: argument, wanted: false } }) };
    const isDouble = argument.type === 'double';
    const asId = fn === 'distinct' || ((fn === 'first' || fn === 'latest') && (argument.type === 'string' || argument.type === 'geo')) ;
    const columnKind = asId ? 'id' : 'number';
    const column = asId ? this.idColumn(log, this.valueDimension(argument), (this.streams[stream] as StreamPlan).types) : this.numberColumn(log, argument, (this.streams[stream] as StreamPlan).types);
    const predicate = { where, known: { kind: columnKind, column } } as const;
    const make = (kind: AccumulatorKind): AccumulatorPlan => this.accumulator({ kind, stream, span, column, columnKind, isDouble }, predicate, view);
    switch (fn) {
      case 'sum': return { ...none, sum: make('sum').cell };
      case 'avg': return { ...none, count: count(predicate), sum: make('sum').cell };
      case 'stddev': return { ...none, count: count(predicate), sum: make('sum').cell, squares: make('squares').cell };
      default: { const accumulator = make(fn); return { ...none, other: accumulator.cell, accumulator }; }
    }
  }

  private planPrevious(expr: TypedExprOf<'previous'>, rule: TypedRule): ReadingPlan {
    const key = previousKey(rule, expr.name);
    const known = this.previous.get(key);
    if (known !== undefined) return known;
    const stream = this.stream([...rule.on].sort(), [...rule.by].sort());
    const streamPlan = this.streams[stream] as StreamPlan;
    const view = this.view('previous', stream, [...rule.by].sort().map((name) => this.fieldSlot(name, rule.on)), 1);
    const field: TypedExpr = { kind: 'field', type: expr.type, text: expr.name, span: expr.span, name: expr.name, scale: expr.scale };
    this.touchFields(field);
    const asId = expr.type === 'string' || expr.type === 'geo';
    const column = asId ? this.idColumn(streamPlan.log, this.valueDimension(field), streamPlan.types) : this.numberColumn(streamPlan.log, field, streamPlan.types);
    const accumulator = this.accumulator({ kind: 'latest', stream, span: { kind: 'lastEvents', count: 1 }, column, columnKind: asId ? 'id' : 'number', isDouble: expr.type === 'double' }, {}, view);
    const reading = { view, count: -1, sum: -1, squares: -1, other: accumulator.cell, opposite: -1, log: streamPlan.log, accumulator };
    this.previous.set(key, reading);
    return reading;
  }

  private accumulator(base: Omit<AccumulatorPlan, 'bit' | 'cell'>, predicate: Omit<PredicatePlan, 'streamTypes'>, view: number): AccumulatorPlan {
    const stream = this.streams[base.stream] as StreamPlan;
    const log = this.logs[stream.log] as Grown<LogPlan>;
    const viewPlan = this.views[view] as Grown<ViewPlan>;
    const bit = this.predicate(stream, predicate);
    const key = shapeOf({ ...base, bit, kept: viewPlan.kind === 'kept' ? '' : view });
    let found = this.accumulatorIndex.get(key);
    if (found === undefined) {
      const cell = viewPlan.kind === 'kept' ? this.cell(stream.dimension, isExtreme(base.kind) ? NaN : 0) : viewPlan.stride++;
      found = { ...base, bit, cell };
      this.accumulatorIndex.set(key, found);
      if (viewPlan.kind === 'kept') log.accumulators.push(found);
    }
    if (!viewPlan.accumulators.includes(found)) viewPlan.accumulators.push(found);
    return found;
  }

  private predicate(stream: StreamPlan, predicate: Omit<PredicatePlan, 'streamTypes'>): number {
    const log = this.logs[stream.log] as Grown<LogPlan>;
    const full: PredicatePlan = { ...predicate, types: log.types.length === stream.types.length ? undefined : stream.types, streamTypes: stream.types };
    if (full.types === undefined && full.where === undefined && full.condition === undefined && full.known === undefined) return -1;
    const key = shapeOf(full);
    const at = log.predicates.findIndex((one) => shapeOf(one) === key);
    return at >= 0 ? at : log.predicates.push(full) - 1;
  }

  private view(kind: ViewPlan['kind'], stream: number, triggering: number[], count: number): number {
    const { dimension } = this.streams[stream] as StreamPlan;
    const key = kind === 'kept' ? `${kind} ${dimension} ${triggering.join()}` : `${kind} ${stream} ${triggering.join()} ${count}`;
    const known = this.viewIndex.get(key);
    if (known !== undefined) return known;
    const plan = this.dimensions[dimension] as DimensionPlan;
    const isOwnKey = plan.kind === 'fields' && plan.slots.every((slot, i) => slot === triggering[i]);
    this.viewIndex.set(key, this.views.length);
    return this.views.push({ kind, dimension, triggering, isOwnKey, stream, count, accumulators: [], stride: 0 }) - 1;
  }

  private stream(typeNames: readonly string[], counted: readonly string[]): number {
    const types = this.typeIndices(typeNames);
    const log = this.logOfType[types[0] as number] as number;
    const dimension = this.fieldsDimension(counted.map((name) => this.fieldSlot(name, typeNames)));
    const key = `${types.join()} ${dimension}`;
    const known = this.streamIndex.get(key);
    if (known !== undefined) return known;
    const idColumn = this.idColumn(log, dimension, types);
    const logPlan = this.logs[log] as Grown<LogPlan>;
    const index = this.streams.length;
    const chain = logPlan.chains.push({ stream: index }) - 1;
    const head = this.cell(dimension, 0);
    (this.dimensions[dimension] as Grown<DimensionPlan>).heads.push(head);
    this.streams.push({ log, types, dimension, idColumn, chain, head });
    this.streamIndex.set(key, index);
    return index;
  }

  private cell(dimension: number, empty: number): number {
    const plan = this.dimensions[dimension] as Grown<DimensionPlan>;
    plan.empty.push(empty);
    return plan.stride++;
  }

  private fieldsDimension(slots: number[]): number {
    return this.dimension(`fields ${slots.join()}`, () => ({ kind: 'fields', slots, stride: 0, empty: [], heads: [] }));
  }

  private valueDimension(expr: TypedExpr): number {
    // distinct(merchant_id) and by(merchant_id) tell the same values apart: one interner.
    if (expr.kind === 'field' && expr.type === 'string' && !isEveryEvents(expr.name)) return this.fieldsDimension([this.slot(expr.name, 'string')]);
    return this.dimension(`value ${shapeOf(expr)}`, () => ({ kind: 'value', expr, stride: 0, empty: [], heads: [] }));
  }

  private dimension(key: string, make: () => Grown<DimensionPlan>): number {
    const known = this.dimensionIndex.get(key);
    if (known !== undefined) return known;
    this.dimensionIndex.set(key, this.dimensions.length);
    return this.dimensions.push(make()) - 1;
  }

  private idColumn(log: number, dimension: number, types: readonly number[]): number {
    const { ids } = this.logs[log] as Grown<LogPlan>;
    const at = ids.findIndex((one) => one.dimension === dimension);
    if (at < 0) return ids.push({ dimension, types }) - 1;
    const column = ids[at] as { dimension: number; types: readonly number[] };
    ids[at] = { dimension, types: union(column.types, types) };
    return at;
  }

  private numberColumn(log: number, expr: TypedExpr, types: readonly number[]): number {
    const { numbers } = this.logs[log] as Grown<LogPlan>;
    const key = `${log} ${shapeOf(expr)}`;
    const at = this.columnIndex.get(key);
    if (at === undefined) {
      this.columnIndex.set(key, numbers.length);
      return numbers.push({ expr, types }) - 1;
    }
    numbers[at] = { expr, types: union(numbers[at]?.types ?? [], types) };
    return at;
  }

  /** The slot of a part of a key. A field's type is that of the first type that declares it, among `typeNames` if given. */
  private fieldSlot(name: string, typeNames: readonly string[] | undefined): number {
    if (name === 'id' || name === 'type') return this.slot(name, 'string');
    const among = this.schema.types.filter((type) => typeNames === undefined || typeNames.includes(type.name));
    const spec = [...among, ...this.schema.types].flatMap((type) => type.fields).find((field) => field.name === name);
    if (spec === undefined) throw new TypeError(`no event type has a field ${name}`);
    return this.slot(name, spec.type);
  }

  private slot(name: string, type: FieldType): number {
    const key = `${name} ${type}`;
    const known = this.slotIndex.get(key);
    if (known !== undefined) return known;
    const scales = this.schema.types.flatMap((one) => one.fields).filter((field) => field.name === name && field.type === type).map((field) => field.scale);
    this.slotIndex.set(key, this.slots.length);
    return this.slots.push({ name, type, scale: type === 'decimal' ? Math.max(0, ...scales) : 0, isMixed: type === 'decimal' && new Set(scales).size > 1 }) - 1;
  }

  private typeIndices(names: readonly string[]): number[] {
    return names.map((name) => this.types.indexOf(name)).filter((index) => index >= 0).sort((a, b) => a - b);
  }
}

function isExtreme(kind: AccumulatorKind): boolean { return kind === 'min' || kind === 'max' || kind === 'first' || kind === 'latest'; }
function union(a: readonly number[], b: readonly number[]): number[] { return [...new Set([...a, ...b])].sort((x, y) => x - y); }

/** `id`, `type` and `ts` are fields of every event; the first two have a slot where they are part of a window's key. */
export function isEveryEvents(name: string): boolean { return name === 'id' || name === 'type' || name === 'ts'; }

function fieldTypeOf(type: TypedExpr['type'], text: string): FieldType {
  if (type === 'fraction' || type === 'duration' || type === 'list') throw new TypeError(`${text}: no field is of type ${type}`);
  return type;
}

/** What is evaluated for triggering events; a window rule has none. */
function plannedExpressions(rule: TypedRule): readonly TypedExpr[] { return rule.body.kind === 'window' ? [] : expressionsOf(rule); }

/** Type sets whose events must lie in one log: of each window, and of `previous`. */
function typeSetsOf(rule: TypedRule): readonly (readonly string[])[] {
  const sets: (readonly string[])[] = [];
  const visit = (expr: TypedExpr): void => {
    if (expr.kind === 'window') sets.push(expr.source.types);
    if (expr.kind === 'previous') sets.push(rule.on);
    for (const part of partsOf(expr)) visit(part);
  };
  for (const expr of plannedExpressions(rule)) visit(expr);
  return sets;
}
