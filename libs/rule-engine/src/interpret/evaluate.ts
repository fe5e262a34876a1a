import type { LogEvent } from '@weir/contracts';
import type { TypedExpr, TypedLet, TypedRule, WindowAggregate } from '@weir/rule-lang';
import type { EvidenceEvent, EvidenceSource } from '../explain/evidence.js';
import { aggregate, isTrue } from './aggregate.js';
import { call } from './call.js';
import { fromInteger, fromUnscaled } from './exact.js';
import { and, arithmetic, compare, negated, not, or } from './operate.js';
import { absentField, asType, bool, canonicalText, exact, finiteDouble, fromFieldValue, unknownBecause } from './value.js';
import type { Unknown, Value } from './value.js';
import { missingKeyFields } from './window-span.js';

/** A window as one evaluation saw it. */
export interface WindowReading {
  readonly value: Value;
  /** Events of the window's types and key in its span, (ts, seq) order. Empty when the triggering event lacks a key field. */
  readonly events: readonly EvidenceEvent[];
  /** For each of `events`: passed `where` and has the argument. */
  readonly counted: readonly boolean[];
}

/** What the steps of a sequence have taken. */
export interface StepEvents {
  /** Oldest first. */
  taken(step: string): readonly LogEvent[];
}

/** One evaluation of one rule for one triggering event. Values of `let`s and windows are computed once and kept. */
export interface Evaluation {
  readonly rule: TypedRule;
  readonly evidence: EvidenceSource;
  readonly lets: Map<string, Value>;
  readonly windows: Map<string, WindowReading>;
  /** The event before the triggering one, once asked for: none or one. */
  previous?: readonly EvidenceEvent[];
  /** In a step of a sequence: the match that the candidate is looked at for. */
  readonly match?: StepEvents;
  /** In a sequence: the condition of the step that took the triggering event. */
  readonly stepCondition?: TypedExpr | undefined;
  /** When an explanation asks for every sub-expression: the values found so far, by node, so that each is computed once and not once more for each node above it. */
  readonly values?: Map<TypedExpr, Value>;
}

export function startEvaluation(rule: TypedRule, evidence: EvidenceSource): Evaluation {
  return { rule, evidence, lets: new Map(), windows: new Map() };
}

/** Value of an expression of the rule for its triggering event. Every sub-expression has a value: nothing is thrown for data, unknown is a value. */
export function evaluate(expr: TypedExpr, evaluation: Evaluation): Value {
  return valueOf(expr, { event: evaluation.evidence.event, evidence: evaluation.evidence, evaluation });
}

/** What must be true for an alert: `when` of an event, `having` of a window; of a sequence, what the step that took the triggering event asks. */
export function conditionOf({ rule: { body }, stepCondition }: Pick<Evaluation, 'rule' | 'stepCondition'>): TypedExpr | undefined {
  switch (body.kind) {
    case 'when': return body.condition;
    case 'window': return body.having;
    case 'sequence': return stepCondition;
  }
}

/** True when the rule's condition is true: unknown does not fire. */
export function fires(evaluation: Evaluation): boolean {
  const condition = conditionOf(evaluation);
  return condition !== undefined && isTrue(evaluate(condition, evaluation));
}

/** What an expression over a counted or taken event may ask besides its fields. */
export type AboutTaken = Pick<EvidenceSource, 'isListed' | 'modelScore'>;

/** Whose fields bare names mean: the triggering event's, or inside a window (`evaluation` absent) a counted event's. */
interface Scope { readonly event: EvidenceEvent; readonly evidence: AboutTaken; readonly evaluation?: Evaluation }

function valueOf(expr: TypedExpr, scope: Scope): Value {
  const values = scope.evaluation?.values;
  if (values === undefined) return compute(expr, scope);
  const known = values.get(expr);
  if (known !== undefined) return known;
  const value = compute(expr, scope);
  values.set(expr, value);
  return value;
}

function compute(expr: TypedExpr, scope: Scope): Value {
  switch (expr.kind) {
    case 'literal': return literal(expr.value);
    case 'listLiteral': return { kind: 'list', items: expr.items.map((item) => valueOf(item, scope)) };
    case 'field': return fieldOf(scope.event, expr, absentField(expr.name));
    case 'previous': return previous(expr, triggering(expr, scope));
    case 'let': return letValue(expr.name, triggering(expr, scope));
    case 'not': return not(valueOf(expr.operand, scope));
    case 'negate': return negated(valueOf(expr.operand, scope));
    case 'and': return and(valueOf(expr.left, scope), valueOf(expr.right, scope));
    case 'or': return or(valueOf(expr.left, scope), valueOf(expr.right, scope));
    case 'compare': return compare(expr.operator, valueOf(expr.left, scope), valueOf(expr.right, scope));
    case 'arithmetic': return arithmetic(expr.operator, valueOf(expr.left, scope), valueOf(expr.right, scope));
    case 'in': return isIn(valueOf(expr.operand, scope), expr.items.flatMap((item) => itemsOf(valueOf(item, scope))));
    case 'inList': return isListed(valueOf(expr.operand, scope), expr.list, scope);
    case 'conditional': return conditional(expr, scope);
    case 'has': return bool(valueOf(expr.target, scope).kind !== 'unknown');
    case 'orValue': return orValue(expr, scope);
    case 'call': return asType(call(expr.fn, expr.args.map((arg) => valueOf(arg, scope))), expr.type);
    case 'model': return modelScore(expr.name, scope);
    case 'window': return readWindow(expr, triggering(expr, scope)).value;
    case 'step': case 'stepAggregate': return stepValue(expr, matchOf(expr, scope), scope.evidence);
  }
}

function triggering(expr: TypedExpr, scope: Scope): Evaluation {
  if (scope.evaluation === undefined) throw new TypeError(`${expr.text} inside a window: the checker lets no such rule through`);
  return scope.evaluation;
}

function matchOf(expr: TypedExpr, scope: Scope): StepEvents {
  const { match } = triggering(expr, scope);
  if (match === undefined) throw new TypeError(`${expr.text}: steps belong to sequences`);
  return match;
}

/** Field of the last (first) event that a step has taken, unknown when it took none; or an aggregate of its events. */
export function stepValue(expr: Extract<TypedExpr, { kind: 'step' | 'stepAggregate' }>, match: StepEvents, evidence: AboutTaken): Value {
  const events = match.taken(expr.step);
  if (expr.kind === 'stepAggregate') {
    const { argument } = expr;
    return asType(aggregate(expr.fn, events.map((event) => (argument === undefined ? bool(true) : valueOf(argument, { event, evidence })))), expr.type);
  }
  const event = expr.which === 'first' ? events[0] : events.at(-1);
  return event === undefined ? unknownBecause(`${expr.step} took no event`) : fieldOf(event, expr, unknownBecause(expr.text));
}

function literal(value: Extract<TypedExpr, { kind: 'literal' }>['value']): Value {
  switch (value.type) {
    case 'bool': return { kind: 'bool', value: value.value };
    case 'string': return { kind: 'string', value: value.value };
    case 'int': case 'decimal': return exact(fromUnscaled(value.unscaled, value.scale));
    case 'duration': case 'timestamp': return { kind: value.type, ms: fromInteger(value.ms) };
  }
}

function fieldOf(event: EvidenceEvent, expr: Extract<TypedExpr, { kind: 'field' | 'previous' | 'step' }>, absent: Unknown): Value {
  switch (expr.name) {
    case 'type': return { kind: 'string', value: event.type };
    case 'ts': return { kind: 'timestamp', ms: fromInteger(event.ts) };
    default: break;
  }
  if (event.unread === true) return unreadEvents([event]);
  switch (expr.name) {
    case 'id': return { kind: 'string', value: event.id };
    default: {
      const value = event.fields[expr.name];
      return value === undefined ? absent : fromFieldValue(value, expr.type);
    }
  }
}

function previous(expr: Extract<TypedExpr, { kind: 'previous' }>, evaluation: Evaluation): Value {
  const { rule, evidence } = evaluation;
  evaluation.previous ??= [evidence.previousEvent(rule.on, rule.by)].filter((one) => one !== undefined);
  const [event] = evaluation.previous;
  return event === undefined ? unknownBecause('no earlier event') : fieldOf(event, expr, unknownBecause(`previous.${expr.name}`));
}

/** Value of a `let` of the rule; later ones may use earlier ones. */
export function letValue(name: string, evaluation: Evaluation): Value {
  const known = evaluation.lets.get(name);
  if (known !== undefined) return known;
  const value = evaluate(letOf(name, evaluation.rule).expr, evaluation);
  evaluation.lets.set(name, value);
  return value;
}
export function letOf(name: string, rule: TypedRule): TypedLet {
  const found = rule.lets.find((one) => one.name === name);
  if (found === undefined) throw new TypeError(`rule ${rule.id} has no let ${name}`);
  return found;
}

function itemsOf(value: Value): readonly Value[] { return value.kind === 'list' ? value.items : [value]; }

/** `x == a || x == b`, Kleene; false for no items. */
function isIn(operand: Value, items: readonly Value[]): Value {
  return items.map((item) => compare('==', operand, item)).reduce(or, bool(false));
}

function isListed(operand: Value, list: string, { event, evidence }: Scope): Value {
  return operand.kind === 'unknown' ? operand : bool(evidence.isListed(list, canonicalText(operand), event));
}

function conditional(expr: Extract<TypedExpr, { kind: 'conditional' }>, scope: Scope): Value {
  const condition = valueOf(expr.condition, scope);
  if (condition.kind === 'unknown') return condition;
  return asType(valueOf(isTrue(condition) ? expr.then : expr.otherwise, scope), expr.type);
}

function orValue(expr: Extract<TypedExpr, { kind: 'orValue' }>, scope: Scope): Value {
  const value = valueOf(expr.operand, scope);
  return asType(value.kind === 'unknown' ? valueOf(expr.fallback, scope) : value, expr.type);
}

function modelScore(name: string, { event, evidence }: Scope): Value {
  const score = evidence.modelScore(name, event);
  return score === undefined ? unknownBecause(`no score of ${name}`) : finiteDouble(score);
}

/** The window's events, which of them count, and the aggregate's value; read once per evaluation. */
export function readWindow(expr: WindowAggregate, evaluation: Evaluation): WindowReading {
  const known = evaluation.windows.get(expr.id);
  if (known !== undefined) return known;
  const reading = computeWindow(expr, evaluation.evidence);
  evaluation.windows.set(expr.id, reading);
  return reading;
}

function computeWindow(expr: WindowAggregate, evidence: EvidenceSource): WindowReading {
  const missing = missingKeyFields(evidence.event, expr.source.key);
  if (missing.length > 0) return { value: { kind: 'unknown', reasons: missing.map((name) => ({ kind: 'field', name })) }, events: [], counted: [] };
  const events = evidence.windowEvents(expr.source);
  const unread = expr.where === undefined && expr.argument === undefined ? [] : events.filter((event) => event.unread === true);
  if (unread.length > 0) return { value: unreadEvents(unread), events, counted: events.map(() => false) };
  const members = events.map((event) => member(expr, { event, evidence }));
  const passed = members.filter((value) => value !== undefined);
  return { value: asType(aggregate(expr.fn, passed), expr.type), events, counted: members.map((value) => value !== undefined && isCounted(expr, value)) };
}

/** Seqs that a reason names; of more, how many. */
const namedSeqs = 10;

/** What hangs on events that the log could not give back is unknown: a value of the others would be another number than the one that fired. */
function unreadEvents(events: readonly EvidenceEvent[]): Unknown {
  const named = events.slice(0, namedSeqs).map(({ seq }) => seq).join(', ');
  const more = events.length > namedSeqs ? ` and ${events.length - namedSeqs} more` : '';
  return unknownBecause(`the log could not give back the ${events.length === 1 ? 'event' : 'events'} of seq ${named}${more}`);
}

/** The argument's value for a counted event; undefined when `where` is not true. `count` has no argument: any value stands for the event. */
function member(expr: WindowAggregate, scope: Scope): Value | undefined {
  if (expr.where !== undefined && !isTrue(valueOf(expr.where, scope))) return undefined;
  return expr.argument === undefined ? bool(true) : valueOf(expr.argument, scope);
}

/** Filled on the timeline: for `exists` an event that satisfies the condition, else one whose argument is known. */
function isCounted(expr: WindowAggregate, value: Value): boolean {
  return expr.fn === 'exists' ? isTrue(value) : value.kind !== 'unknown';
}

