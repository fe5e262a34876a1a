import type { ContributingEvent, ExplainedNode, ExplainedWindow, Explanation } from '@weir/contracts';
import type { TypedExpr, WindowAggregate } from '@weir/rule-lang';
import { isTrue } from '../interpret/aggregate.js';
import { conditionOf, evaluate, readWindow } from '../interpret/evaluate.js';
import type { Evaluation, WindowReading } from '../interpret/evaluate.js';
import { compare } from '../interpret/operate.js';
import { partsOf } from '../interpret/parts-of.js';
import { keyPartOf, spanRange } from '../interpret/window-span.js';
import type { TimeRange } from '../interpret/window-span.js';
import type { EvidenceEvent } from './evidence.js';
import { countedFrom } from './made-from.js';
import { margin } from './margin.js';
import { turnOf } from './turn.js';
import { explainedValue, printAs } from './print-value.js';

/** Collects what the nodes of one explanation share. */
interface Collected {
  readonly evaluation: Evaluation;
  readonly maxContributing: number;
  readonly windows: ExplainedWindow[];
  /** Index in `windows` by the aggregate's id: one window, however often it is named. */
  readonly indexOfWindow: Map<string, number>;
  /** Fields of the triggering event that were absent. */
  readonly unknown: Set<string>;
}

/**
 * Why a rule fired, or did not: every sub-expression with its value, every window with its events (rule-language §7).
 *
 * Takes time linear in the size of the rule: each sub-expression is evaluated once, however many stand around it.
 *
 * @param maxContributing newest events kept per window; `size` and `counted` tell how many there were.
 */
export function explain(asked: Evaluation, maxContributing: number): Explanation {
  const { rule } = asked;
  const evaluation: Evaluation = { ...asked, values: new Map() };
  const collected: Collected = { evaluation, maxContributing, windows: [], indexOfWindow: new Map(), unknown: new Set() };
  const lets = rule.lets.map(({ name, expr }) => ({ name, node: nodeOf(expr, collected) }));
  const conditions = topLevelConditions(evaluation).map((condition) => nodeOf(condition, collected));
  return { version: 1, conditions, lets, windows: collected.windows, traced: true, unknown: [...collected.unknown] };
}

/** The `&&` parts of the condition at the top, in source order. */
export function topLevelConditions(evaluation: Evaluation): readonly TypedExpr[] {
  const condition = conditionOf(evaluation);
  return condition === undefined ? [] : andParts(condition);
}
function andParts(expr: TypedExpr): readonly TypedExpr[] {
  return expr.kind === 'and' ? [...andParts(expr.left), ...andParts(expr.right)] : [expr];
}

function nodeOf(expr: TypedExpr, collected: Collected): ExplainedNode {
  const { evaluation } = collected;
  const value = evaluate(expr, evaluation);
  if (value.kind === 'unknown') for (const reason of value.reasons) if (reason.kind === 'field') collected.unknown.add(reason.name);
  const children = partsOf(expr).map((part) => nodeOf(part, collected));
  return {
    text: expr.text,
    span: expr.span,
    value: explainedValue(value, expr, evaluation.rule.lets),
    ...(expr.kind === 'compare' ? { comparison: comparisonOf(expr, evaluation) } : {}),
    ...(expr.kind === 'window' ? { window: windowIndex(expr, collected) } : {}),
    ...(expr.kind === 'let' ? { let: expr.name } : {}),
    ...(children.length > 0 ? { children } : {}),
  };
}

function comparisonOf(expr: Extract<TypedExpr, { kind: 'compare' }>, evaluation: Evaluation): NonNullable<ExplainedNode['comparison']> {
  const { lets } = evaluation.rule;
  const [left, right] = [evaluate(expr.left, evaluation), evaluate(expr.right, evaluation)];
  const [leftAs, rightAs] = [printAs(expr.left, lets), printAs(expr.right, lets)];
  const distance = margin(left, leftAs, right, rightAs);
  const turn = turnOf(expr.operator, { value: left, as: leftAs, isLiteral: isWritten(expr.left) }, { value: right, as: rightAs, isLiteral: isWritten(expr.right) }, isTrue(compare(expr.operator, left, right)));
  return {
    operator: expr.operator, left: explainedValue(left, expr.left, lets), right: explainedValue(right, expr.right, lets),
    ...(distance === undefined ? {} : { margin: distance }),
    ...(turn === undefined ? {} : { turn }),
  };
}

/** A literal, perhaps behind a minus: it does not hang on the event. */
function isWritten(expr: TypedExpr): boolean { return expr.kind === 'literal' || (expr.kind === 'negate' && isWritten(expr.operand)); }

function windowIndex(expr: WindowAggregate, collected: Collected): number {
  const known = collected.indexOfWindow.get(expr.id);
  if (known !== undefined) return known;
  collected.indexOfWindow.set(expr.id, collected.windows.length);
  return collected.windows.push(explainedWindow(expr, collected)) - 1;
}

function explainedWindow(expr: WindowAggregate, { evaluation, maxContributing }: Collected): ExplainedWindow {
  const { evidence: { event }, rule: { lets } } = evaluation;
  const hangsOn = countedFrom(expr, lets);
  const reading = readWindow(expr, evaluation);
  const { afterTs, untilTs } = shownRange(expr, reading, evaluation);
  const from = Math.max(0, reading.events.length - maxContributing);
  return {
    text: expr.text,
    afterTs,
    untilTs,
    key: expr.source.key.flatMap((part) => {
      const value = keyPartOf(event, part.triggering);
      return value === undefined ? [] : [{ field: part.counted, value }];
    }),
    value: explainedValue(reading.value, expr, lets),
    size: reading.events.length,
    counted: reading.counted.filter(Boolean).length,
    ...(hangsOn.length === 0 ? {} : { countedFrom: [...hangsOn] }),
    events: reading.events.slice(from).map((one, index) => contributing(one, reading.counted[from + index] ?? false)),
  };
}

/** The span; of `lastEvents` that found all its events, from just before the oldest: no earlier one could have been in. */
function shownRange(expr: WindowAggregate, reading: WindowReading, { evidence }: Evaluation): TimeRange {
  const range = evidence.ruleWindow ?? spanRange(expr.source.span, evidence.event.ts, evidence.retentionMs);
  const oldest = reading.events[0];
  const isFull = expr.source.span.kind === 'lastEvents' && reading.events.length === expr.source.span.count;
  return {
    afterTs: isFull && oldest !== undefined ? oldest.ts - 1 : range.afterTs,
    untilTs: Math.max(1, range.untilTs), // instants on the wire are > 0
  };
}

/** An event as the explanation shows it. */
export function contributing(event: EvidenceEvent, counted: boolean): ContributingEvent {
  return { seq: event.seq, id: event.id, type: event.type, ts: event.ts, counted, fields: event.fields, ...(event.unread === true ? { unread: true } : {}) };
}
