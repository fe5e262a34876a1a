import type { EventSchema, TypedExpr, TypedExprOf, TypedRule, WindowAggregate } from '@weir/rule-lang';
import { expressionsOf, partsOf } from '../interpret/parts-of.js';
import { FieldSlots, isEveryEvents } from './field-slots.js';
import { groupTypes } from './group-types.js';
import { shapeOf } from './shape.js';
import { previousKey } from './state-plan.js';
import type { AccumulatorKind, AccumulatorPlan, DimensionPlan, LogPlan, PredicatePlan, ReadingPlan, RulePlan, StatePlan, StreamPlan, ViewPlan } from './state-plan.js';

/** A plan while it grows. */
type Grown<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/**
 * Plans the state of a rule set: equal windows share accumulators, windows over the same events share a log, key ids
 * and cursors. Pure; the same rules in any order give a plan that means the same.
 */
export function planState(schema: EventSchema, rules: readonly TypedRule[]): StatePlan {
  return new Planner(schema, rules).plan();
}

class Planner {
  private readonly types: string[];
  private readonly fields: FieldSlots;
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
    this.fields = new FieldSlots(schema);
    this.types = schema.types.map((type) => type.name);
    const groups = groupTypes(this.types.length, rules.flatMap((rule) => typeSetsOf(rule)).map((names) => this.typeIndices(names)));
    this.logOfType = groups.groupOf.slice();
    this.logs = groups.groups.map((types) => ({ types: [...types], ids: [], numbers: [], predicates: [], chains: [], accumulators: [] }));
  }

  plan(): StatePlan {
    const rules = [...this.rules].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)).map((rule) => this.planRule(rule));
    const { types, fields: { all: slots }, dimensions, streams, logs, logOfType, views, readings, previous } = this;
    const declares = this.schema.types.map((type) => slots.map((slot) => isEveryEvents(slot.name) || type.fields.some((field) => field.name === slot.name && field.type === slot.type)));
    return { types, slots, declares, dimensions, streams, logs, logOfType, views, rules, readings, previous };
  }

  private planRule(rule: TypedRule): RulePlan {
    const views = new Set<number>();
    const by = rule.by.map((name) => this.fields.fieldSlot(name, rule.on));
    const visit = (expr: TypedExpr): void => {
      if (expr.kind === 'field') this.fields.touchField(expr);
      if (expr.kind === 'window') views.add(this.planWindow(expr).view);
      if (expr.kind === 'previous') views.add(this.planPrevious(expr, rule).view);
      for (const part of partsOf(expr)) visit(part);
    };
    for (const expr of plannedExpressions(rule)) visit(expr);
    return { rule, types: this.typeIndices(rule.on), by, views: [...views] };
  }

  private planWindow(expr: WindowAggregate): ReadingPlan {
    const known = this.readings.get(expr.id);
    if (known !== undefined) return known;
    const { source, where } = expr;
    for (const part of [where, expr.argument]) if (part !== undefined) this.fields.touchFields(part);
    const stream = this.stream(source.types, source.key.map((part) => part.counted));
    const view = this.view(source.span.kind === 'lastEvents' ? 'lastEvents' : 'kept', stream, source.key.map((part) => this.fields.fieldSlot(part.triggering, undefined)), source.span.kind === 'lastEvents' ? source.span.count : 0);
    const reading = this.readingOf(expr, stream, view);
    this.readings.set(expr.id, reading);
    return reading;
  }

  private readingOf(expr: WindowAggregate, stream: number, view: number): ReadingPlan {
    const { source: { span }, where, fn, argument } = expr;
    const log = planned(this.streams, stream).log;
    const none = { view, count: -1, sum: -1, squares: -1, other: -1, opposite: -1, log };
    const count = (predicate: Omit<PredicatePlan, 'streamTypes'>): number => this.accumulator({ kind: 'count', stream, span, column: -1, columnKind: 'none', isDouble: false }, predicate, view).cell;
    if (fn === 'count') return { ...none, count: count({ where }) };
    if (argument === undefined) throw new TypeError(`${expr.text}: ${fn} without an argument`);
    if (fn === 'exists') return { ...none, count: count({ where, condition: { expr: argument, wanted: true } }) };
    if (fn === 'share') return { ...none, count: count({ where, condition: { expr: argument, wanted: true } }), opposite: count({ where, condition: { expr: argument, wanted: false } }) };
    const isDouble = argument.type === 'double';
    const asId = fn === 'distinct' || ((fn === 'first' || fn === 'latest') && (argument.type === 'string' || argument.type === 'geo')) ;
    const columnKind = asId ? 'id' : 'number';
    const column = asId ? this.idColumn(log, this.valueDimension(argument), planned(this.streams, stream).types) : this.numberColumn(log, argument, planned(this.streams, stream).types);
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
    const streamPlan = planned(this.streams, stream);
    const view = this.view('previous', stream, [...rule.by].sort().map((name) => this.fields.fieldSlot(name, rule.on)), 1);
    const field: TypedExpr = { kind: 'field', type: expr.type, text: expr.name, span: expr.span, name: expr.name, scale: expr.scale };
    this.fields.touchFields(field);
    const asId = expr.type === 'string' || expr.type === 'geo';
    const column = asId ? this.idColumn(streamPlan.log, this.valueDimension(field), streamPlan.types) : this.numberColumn(streamPlan.log, field, streamPlan.types);
    const accumulator = this.accumulator({ kind: 'latest', stream, span: { kind: 'lastEvents', count: 1 }, column, columnKind: asId ? 'id' : 'number', isDouble: expr.type === 'double' }, {}, view);
    const reading = { view, count: -1, sum: -1, squares: -1, other: accumulator.cell, opposite: -1, log: streamPlan.log, accumulator };
    this.previous.set(key, reading);
    return reading;
  }

  private accumulator(base: Omit<AccumulatorPlan, 'bit' | 'cell'>, predicate: Omit<PredicatePlan, 'streamTypes'>, view: number): AccumulatorPlan {
    const stream = planned(this.streams, base.stream);
    const log = planned(this.logs, stream.log);
    const viewPlan = planned(this.views, view);
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
    const log = planned(this.logs, stream.log);
    const full: PredicatePlan = { ...predicate, types: log.types.length === stream.types.length ? undefined : stream.types, streamTypes: stream.types };
    if (full.types === undefined && full.where === undefined && full.condition === undefined && full.known === undefined) return -1;
    const key = shapeOf(full);
    const at = log.predicates.findIndex((one) => shapeOf(one) === key);
    return at >= 0 ? at : log.predicates.push(full) - 1;
  }

  private view(kind: ViewPlan['kind'], stream: number, triggering: number[], count: number): number {
    const { dimension } = planned(this.streams, stream);
    const key = kind === 'kept' ? `${kind} ${dimension} ${triggering.join()}` : `${kind} ${stream} ${triggering.join()} ${count}`;
    const known = this.viewIndex.get(key);
    if (known !== undefined) return known;
    const plan = planned(this.dimensions, dimension);
    const isOwnKey = plan.kind === 'fields' && plan.slots.every((slot, i) => slot === triggering[i]);
    this.viewIndex.set(key, this.views.length);
    return this.views.push({ kind, dimension, triggering, isOwnKey, stream, count, accumulators: [], stride: 0 }) - 1;
  }

  private stream(typeNames: readonly string[], counted: readonly string[]): number {
    const types = this.typeIndices(typeNames);
    const log = planned(this.logOfType, planned(types, 0));
    const dimension = this.fieldsDimension(counted.map((name) => this.fields.fieldSlot(name, typeNames)));
    const key = `${types.join()} ${dimension}`;
    const known = this.streamIndex.get(key);
    if (known !== undefined) return known;
    const idColumn = this.idColumn(log, dimension, types);
    const logPlan = planned(this.logs, log);
    const index = this.streams.length;
    const chain = logPlan.chains.push({ stream: index }) - 1;
    const head = this.cell(dimension, 0);
    planned(this.dimensions, dimension).heads.push(head);
    this.streams.push({ log, types, dimension, idColumn, chain, head });
    this.streamIndex.set(key, index);
    return index;
  }

  private cell(dimension: number, empty: number): number {
    const plan = planned(this.dimensions, dimension);
    plan.empty.push(empty);
    return plan.stride++;
  }

  private fieldsDimension(slots: number[]): number {
    return this.dimension(`fields ${slots.join()}`, () => ({ kind: 'fields', slots, stride: 0, empty: [], heads: [] }));
  }

  private valueDimension(expr: TypedExpr): number {
    // distinct(merchant_id) and by(merchant_id) tell the same values apart: one interner.
    if (expr.kind === 'field' && expr.type === 'string' && !isEveryEvents(expr.name)) return this.fieldsDimension([this.fields.slot(expr.name, 'string')]);
    return this.dimension(`value ${shapeOf(expr)}`, () => ({ kind: 'value', expr, stride: 0, empty: [], heads: [] }));
  }

  private dimension(key: string, make: () => Grown<DimensionPlan>): number {
    const known = this.dimensionIndex.get(key);
    if (known !== undefined) return known;
    this.dimensionIndex.set(key, this.dimensions.length);
    return this.dimensions.push(make()) - 1;
  }

  private idColumn(log: number, dimension: number, types: readonly number[]): number {
    const { ids } = planned(this.logs, log);
    const at = ids.findIndex((one) => one.dimension === dimension);
    if (at < 0) return ids.push({ dimension, types }) - 1;
    const column = planned(ids, at);
    ids[at] = { dimension, types: union(column.types, types) };
    return at;
  }

  private numberColumn(log: number, expr: TypedExpr, types: readonly number[]): number {
    const { numbers } = planned(this.logs, log);
    const key = `${log} ${shapeOf(expr)}`;
    const at = this.columnIndex.get(key);
    if (at === undefined) {
      this.columnIndex.set(key, numbers.length);
      return numbers.push({ expr, types }) - 1;
    }
    numbers[at] = { expr, types: union(numbers[at]?.types ?? [], types) };
    return at;
  }

  private typeIndices(names: readonly string[]): number[] {
    return names.map((name) => this.types.indexOf(name)).filter((index) => index >= 0).sort((a, b) => a - b);
  }
}

/** What stands at an index that the plan itself has given out. @throws RangeError when it has not. */
function planned<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new RangeError(`the plan has no entry ${index} of ${list.length}`);
  return found;
}

function isExtreme(kind: AccumulatorKind): boolean { return kind === 'min' || kind === 'max' || kind === 'first' || kind === 'latest'; }
function union(a: readonly number[], b: readonly number[]): number[] { return [...new Set([...a, ...b])].sort((x, y) => x - y); }

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
