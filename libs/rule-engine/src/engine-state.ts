import type { LogEvent } from '@weir/contracts';
import type { TypedExpr, TypedExprOf, TypedRule, WindowAggregate } from '@weir/rule-lang';
import { heapRoom, LinearMemory } from '@weir/stream-core';
import type { Room } from '@weir/stream-core';
import { compileClosure } from './compile/closures.js';
import type { Scope } from './compile/closures.js';
import type { Evaluator } from './compile/evaluator.js';
import { EventLog } from './compile/event-log.js';
import type { LogCode } from './compile/entry-writer.js';
import { EventRows } from './compile/event-rows.js';
import { generateRules } from './compile/generate-rules.js';
import type { GeneratedRule, RuleProgram } from './compile/generate-rules.js';
import { KeyDimension } from './compile/key-dimension.js';
import { ListBook } from './compile/list-book.js';
import { memoized } from './compile/memoized.js';
import { fieldOfReading, stepReading } from './compile/step-reading.js';
import { pickedValue, readingOf } from './compile/window-reading.js';
import { WindowView } from './compile/window-view.js';
import { keepsCopies } from './engine.js';
import type { EngineDefinition } from './engine.js';
import { hashSeedOf } from './engine-seed.js';
import { stepValue } from './interpret/evaluate.js';
import type { AboutTaken, StepEvents } from './interpret/evaluate.js';
import { sequencesPerGate, stepGate } from './compile/step-gate.js';
import type { GatedSequence, StepGate } from './compile/step-gate.js';
import { noSlot } from './sequence/key-slots.js';
import { RowKey } from './sequence/row-key.js';
import { isSequence } from './sequence/sequence-program.js';
import { keyPartOf } from './interpret/window-span.js';
import { planState } from './plan/plan-state.js';
import { previousKey } from './plan/state-plan.js';
import type { AccumulatorPlan, LogPlan, ReadingPlan, RulePlan, StatePlan, StreamPlan } from './plan/state-plan.js';

/** What runs for events of one type. */
export interface TypeProgram {
  /** All rules of the type, and those that look at nothing but the event and lists: all that late events meet. */
  readonly rules: RuleProgram;
  readonly stateless: RuleProgram;
  readonly sequences: TypeSequences;
  readonly isEmpty: boolean;
  readonly kept: readonly WindowView[];
  /** Computed from the chains for every event. */
  readonly computed: readonly WindowView[];
}

/** The sequences that see events of one type. */
export interface TypeSequences {
  /** In order of rule id. */
  readonly entries: readonly SequenceEntry[];
  /** Each tells about the next {@link sequencesPerGate} of them. */
  readonly gates: readonly StepGate[];
}

/** A sequence rule as events of one type meet it. */
export interface SequenceEntry {
  /** Place among all rules. */
  readonly index: number;
  readonly ruleId: string;
  /** Place among the sequences. */
  readonly place: number;
  /** Key of the current row as the sequences know it; absent when a field of it is no string. */
  readonly key: RowKey | undefined;
  /** Slot of that key, once it was asked for. */
  slot: number;
}

/** All state of an engine, laid out by the plan, with the closures that read it. */
export class EngineState {
  readonly plan: StatePlan;
  /** Where all columns and tables lie; undefined: with the host, for there is no code generation. */
  readonly memory: LinearMemory | undefined;
  readonly rows: EventRows;
  readonly dimensions: readonly KeyDimension[];
  readonly logs: readonly EventLog[];
  readonly views: readonly WindowView[];
  readonly programs: readonly TypeProgram[];
  readonly lists = new ListBook();
  /** Counts evaluations: what a `let` remembers holds for one. */
  readonly stamp = { value: 0 };
  private readonly typeIndex: ReadonlyMap<string, number>;
  private readonly evaluators = new Map<TypedExpr, Evaluator>();
  private readonly retained: ReadonlySet<EventLog>;

  constructor(readonly definition: EngineDefinition, capacity: number) {
    const { schema, rules, options } = definition;
    this.plan = planState(schema, rules.map(({ rule }) => rule));
    const { plan } = this;
    const seed = hashSeedOf(options, rules);
    this.memory = options.codegen === false ? undefined : memoryIfGiven();
    const room: Room = this.memory ?? heapRoom;
    this.rows = new EventRows(plan.slots, capacity, room);
    this.typeIndex = new Map(plan.types.map((name, index) => [name, index]));
    const counted = this.scopeOf(undefined);
    this.dimensions = plan.dimensions.map((one, i) => new KeyDimension(one, this.rows, one.kind === 'value' ? this.compiled(one.expr, counted) : undefined, seed + i, room));
    this.logs = plan.logs.map((one, i) => new EventLog(one, plan, this.dimensions, this.rows, this.logCode(one, counted), seed + 1000 + i, room));
    this.views = plan.views.map((view, index) => {
      const made = new WindowView(view, index, this.dimensions[view.dimension] as KeyDimension, this.rows, options.retentionMs);
      for (const accumulator of view.accumulators) {
        const stream = plan.streams[accumulator.stream] as StreamPlan;
        const log = this.logs[stream.log] as EventLog;
        made.add(log, accumulator, stream, log.accumulators.get(accumulator) ?? log.accumulatorOf(accumulator, seed));
      }
      return made;
    });
    this.retained = new Set(plan.views.filter((view) => view.kind !== 'kept').flatMap((view) => this.logs[(plan.streams[view.stream] as StreamPlan).log] ?? []));
    this.programs = plan.types.map((_, type) => this.programOf(type));
  }

  private programOf(type: number): TypeProgram {
    const { plan } = this;
    const all = plan.rules.flatMap((rule, index) => (rule.types.includes(type) ? [{ rule, index }] : []));
    const own = all.flatMap(({ rule, index }) => this.generated(rule, index) ?? []);
    const sequences = this.sequencesOf(all, plan.types[type] ?? '');
    const compile = (rules: readonly GeneratedRule[]): RuleProgram => (this.definition.options.codegen === false ? this.asClosures(rules) : generateRules(plan, this, rules));
    const views = [...new Set(all.flatMap(({ rule }) => rule.views))].map((view) => this.views[view] as WindowView);
    return {
      rules: compile(own),
      stateless: compile(own.filter((one) => one.plan.rule.isStateless)),
      sequences,
      isEmpty: own.length === 0 && sequences.entries.length === 0,
      kept: views.filter((view) => view.plan.kind === 'kept'),
      computed: views.filter((view) => view.plan.kind !== 'kept'),
    };
  }

  private sequencesOf(all: readonly { readonly rule: RulePlan; readonly index: number }[], type: string): TypeSequences {
    const { rows, plan } = this;
    const found = all.flatMap(({ rule: { rule, by, ...rest }, index }) => (isSequence(rule) ? [{ rule, by, index, plan: { rule, by, ...rest } }] : []));
    const gated = found.map((one): GatedSequence => ({ ...one, closureOf: this.stepConditionsOf(one.rule, () => ({ taken: () => [] })), isPresent: (slot) => presence(rows, slot) }));
    const gates: StepGate[] = [];
    for (let from = 0; from < gated.length; from += sequencesPerGate) gates.push(stepGate(plan, type, gated.slice(from, from + sequencesPerGate), this.definition.options.codegen === false ? undefined : this));
    const inForce = this.definition.rules.flatMap((one) => (isSequence(one.rule) ? [one.rule] : []));
    const entries = found.map(({ rule, by, index }): SequenceEntry => {
      const columns = by.flatMap((slot) => (rows.slots[slot]?.type === 'string' ? rows.texts[slot] ?? [] : []));
      return { index, ruleId: rule.id, place: inForce.indexOf(rule), key: columns.length < by.length ? undefined : new RowKey(rows, columns), slot: noSlot };
    });
    return { entries, gates };
  }

  typeOf(name: string): number { return this.typeIndex.get(name) ?? -1; }

  /** Writes an event of the log into a row. @returns false when its type is not of the schema. */
  load(event: LogEvent, row: number): boolean {
    const { rows, plan } = this;
    const type = this.typeOf(event.type);
    if (type < 0) return false;
    rows.row = row;
    rows.type[row] = type;
    rows.ts[row] = event.ts;
    rows.seq[row] = event.seq;
    rows.id.setText(row, event.id);
    const declares = plan.declares[type] as readonly boolean[];
    for (let slot = 0; slot < plan.slots.length; slot++) {
      rows.set(slot, row, declares[slot] === true ? keyPartOf(event, (plan.slots[slot] as { name: string }).name) : undefined);
    }
    this.stamp.value++;
    return true;
  }

  /** Do `previous` or `lastEvents` look at this log, so that it keeps its events for the whole retention? */
  needsRetention(log: EventLog): boolean { return this.retained.has(log); }

  private logCode(log: LogPlan, scope: Scope): LogCode {
    const condition = (expr: TypedExpr | undefined): (() => boolean | undefined) | undefined => (expr === undefined ? undefined : conditionOf(this.compiled(expr, scope), expr));
    return {
      generates: this.definition.options.codegen !== false,
      keepsPayload: keepsCopies(this.definition.options),
      closureOf: (expr) => conditionOf(this.compiled(expr, scope), expr),
      numbers: log.numbers.map(({ expr }) => this.compiled(expr, scope)),
      predicates: log.predicates.map((one) => {
        const where = condition(one.where);
        const inner = condition(one.condition?.expr);
        return { ...(where === undefined ? {} : { where }), ...(inner === undefined ? {} : { condition: inner }) };
      }),
    };
  }

  /**
   * Conditions of a rule's steps as closures over the current row and the match that they are asked for.
   * @param matchOf the match at hand.
   */
  stepConditionsOf(rule: TypedRule, matchOf: () => StepEvents): (expr: TypedExpr) => () => boolean | undefined {
    const scope = this.scopeOf(rule, matchOf);
    return (expr) => conditionOf(compileClosure(expr, scope), expr);
  }

  private generated(plan: RulePlan, index: number): GeneratedRule | undefined {
    const { rule } = plan;
    if (rule.body.kind !== 'when') return undefined;
    const scope = this.scopeOf(rule);
    return { plan, index, condition: rule.body.condition, closureOf: (expr) => conditionOf(compileClosure(expr, scope), expr) };
  }

  private asClosures(rules: readonly GeneratedRule[]): RuleProgram {
    const compiled = rules.map(({ plan, index, condition, closureOf }) => ({ index, present: plan.by.map((slot) => presence(this.rows, slot)), holds: closureOf(condition) }));
    return (fired) => {
      let count = 0;
      for (const { index, present, holds } of compiled) if (present.every((has) => has()) && holds() === true) fired[count++] = index;
      return count;
    };
  }

  /** Names as they stand for a rule's triggering event; without a rule, for a counted event. */
  private scopeOf(rule: TypedRule | undefined, matchOf?: () => StepEvents): Scope {
    const { rows, plan, stamp } = this;
    const inWindow = (what: string): never => { throw new TypeError(`${what} inside a window: the checker lets no such rule through`); };
    const lets = new Map<string, Evaluator>();
    const scope: Scope = {
      rows,
      slot: (name, type) => plan.slots.findIndex((slot) => slot.name === name && slot.type === type),
      typeName: () => plan.types[rows.type[rows.row] as number] ?? '',
      window: (expr) => (rule === undefined ? inWindow(expr.text) : this.windowReading(expr)),
      previous: (expr) => (rule === undefined ? inWindow(expr.text) : this.previousReading(expr, rule)),
      letValue: (name) => {
        const known = lets.get(name);
        if (known !== undefined) return known;
        const expr = rule?.lets.find((one) => one.name === name)?.expr;
        const made = expr === undefined ? inWindow(name) : memoized(compileClosure(expr, scope), stamp);
        lets.set(name, made);
        return made;
      },
      step: (expr) => (matchOf === undefined ? inWindow(expr.text) : this.stepReadingOf(expr, matchOf)),
      isListed: (list, value) => this.isListed(list, value, rows.ts[rows.row] as number, rows.seq[rows.row] as number),
      mayBeListed: (list, bytes, from, length) => this.lists.mayHold(list, bytes, from, length),
      modelScore: (name) => this.definition.options.models?.[name],
    };
    return scope;
  }

  isListed(list: string, value: string, ts: number, seq: number): boolean {
    return this.lists.isListed(list, value, ts, this.definition.options.evaluation === 'arrival' ? seq : Infinity);
  }

  private stepReadingOf(expr: TypedExprOf<'step' | 'stepAggregate'>, matchOf: () => StepEvents): Evaluator {
    const { schema, options } = this.definition;
    const field = fieldOfReading(expr);
    const scale = Math.max(0, ...schema.types.flatMap(({ fields }) => fields).filter(({ name, type }) => name === field && type === 'decimal').map((one) => one.scale));
    const about: AboutTaken = {
      isListed: (list, value, event) => this.isListed(list, value, event.ts, event.seq),
      modelScore: (name) => options.models?.[name],
    };
    return stepReading(expr, () => stepValue(expr, matchOf(), about), scale);
  }

  private windowReading(expr: WindowAggregate): Evaluator {
    const reading = this.plan.readings.get(expr.id);
    if (reading === undefined) throw new TypeError(`${expr.text} was not planned`);
    return readingOf(expr, reading, this.views[reading.view] as WindowView, { argument: expr.argument === undefined ? undefined : this.compiled(expr.argument, this.scopeOf(undefined)), values: this.valuesOf(reading) });
  }

  private previousReading(expr: TypedExprOf<'previous'>, rule: TypedRule): Evaluator {
    const reading = this.plan.previous.get(previousKey(rule, expr.name));
    if (reading === undefined) throw new TypeError(`${expr.text} was not planned`);
    const field: TypedExpr = { ...expr, kind: 'field' };
    return pickedValue(reading.accumulator, this.views[reading.view] as WindowView, reading.other, { argument: this.compiled(field, this.scopeOf(undefined)), values: this.valuesOf(reading) });
  }

  private valuesOf({ accumulator, log }: ReadingPlan): KeyDimension | undefined {
    if (accumulator === undefined || accumulator.columnKind !== 'id') return undefined;
    return this.dimensionOfColumn(accumulator, log);
  }
  private dimensionOfColumn(accumulator: AccumulatorPlan, log: number): KeyDimension | undefined {
    const column = this.plan.logs[log]?.ids[accumulator.column];
    return column === undefined ? undefined : this.dimensions[column.dimension];
  }

  /** Expressions over counted events, each compiled once. */
  private compiled(expr: TypedExpr, scope: Scope): Evaluator {
    const known = this.evaluators.get(expr);
    if (known !== undefined) return known;
    const made = compileClosure(expr, scope);
    this.evaluators.set(expr, made);
    return made;
  }
}

function conditionOf(compiled: Evaluator, expr: TypedExpr): () => boolean | undefined {
  if (compiled.form !== 'bool') throw new TypeError(`${expr.text}: not a condition`);
  return compiled.get;
}

function presence(rows: EventRows, slot: number): () => boolean {
  const type = rows.slots[slot]?.type;
  if (type === 'string') { const column = rows.texts[slot]; return () => column?.has(rows.row) === true; }
  if (type === 'geo') { const column = rows.places[slot]; return () => column?.[rows.row] !== undefined; }
  const column = rows.numbers[slot];
  return () => !Number.isNaN(column?.[rows.row] ?? NaN);
}

/** A host that limits addresses may refuse a memory: then columns lie with the host, and nothing runs by kernels. */
function memoryIfGiven(): LinearMemory | undefined {
  try {
    return new LinearMemory();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
