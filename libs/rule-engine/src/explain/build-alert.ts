import type { Alert, FieldValue, LogEvent } from '@weir/contracts';
import type { TypedRule } from '@weir/rule-lang';
import type { EngineOptions, EngineRule } from '../engine.js';
import { startEvaluation } from '../interpret/evaluate.js';
import type { Evaluation } from '../interpret/evaluate.js';
import { keyText } from '../interpret/value.js';
import type { CompleteMatch } from '../sequence/key-matcher.js';
import { chainOf, stepsTaken } from '../sequence/open-match.js';
import type { TakenLink } from '../sequence/open-match.js';
import type { SequenceRule } from '../sequence/sequence-program.js';
import { alertId, alertIdOf } from './alert-id.js';
import type { EvidenceSource } from './evidence.js';
import { explainSteps } from './explain-steps.js';
import { explain } from './explanation.js';
import { reasonOf } from './reason.js';

/** A `when` rule that has fired. */
export interface Firing {
  readonly inForce: EngineRule;
  /** The triggering event; it has every `by` field of the rule. */
  readonly event: LogEvent;
  /** seq of the log entry that was applied when it fired: in watermark mode a later one than the event's. */
  readonly seq: number;
  readonly options: Pick<EngineOptions, 'evidence' | 'maxContributing' | 'historySince'>;
  /** Called only when the options ask for evidence. */
  readonly evidence: () => EvidenceSource;
}

/** A window of a window rule whose `having` was true. */
export interface WindowFiring extends Pick<Firing, 'inForce' | 'seq' | 'options'> {
  readonly start: number;
  readonly end: number;
  /** Its event stands in for the key. */
  readonly evidence: EvidenceSource;
}

/**
 * The whole alert of a `when` rule, the same from every engine. With `evidence: 'none'` it holds no explanation, the title
 * as reason, and costs little more than its id.
 */
export function buildAlert({ inForce, event, seq, options, evidence }: Firing): Alert {
  const { rule, mode } = inForce;
  const { id, version, title, severity, score, action } = rule;
  const key = keyOf(rule, event.fields);
  const { reason, reasonParts, explanation } = told(rule, options, evidence);
  // Written out, for many a history is counted by its alerts: spreading three objects costs more than the rest.
  const alert: Alert = {
    version: 1, seq, rule: id, ruleVersion: version, title, severity, score, action, mode,
    alertId: alertId(id, version, key.map((part) => keyText(part.value)), event.id),
    ts: event.ts,
    key,
    trigger: { seq: event.seq, id: event.id, type: event.type, ts: event.ts, fields: event.fields, late: event.late === true },
    warm: isWarm(rule, event.ts, options.historySince),
    reason,
    reasonParts,
  };
  return explanation === undefined ? alert : { ...alert, explanation };
}

/** The alert of a window rule: it has a key and a window [start, end) instead of a triggering event. */
export function buildWindowAlert({ inForce, start, end, seq, options, evidence }: WindowFiring): Alert {
  const { rule } = inForce;
  const key = keyOf(rule, evidence.event.fields);
  return {
    ...head(inForce, seq),
    alertId: alertIdOf([rule.id, rule.version, ...key.map((part) => keyText(part.value)), String(start), String(end)]),
    ts: end,
    key,
    warm: options.historySince <= Math.max(1, start),
    ...told(rule, options, () => evidence),
  };
}

/** What an alert says of why: frozen for a sequence as its last event is taken, even if the alert comes later. */
export type Told = Pick<Alert, 'reason' | 'reasonParts' | 'explanation'>;

/**
 * Reason and explanation of a match whose last event is the triggering one.
 * @param evaluation of that event, asked for only when the options ask for evidence.
 */
export function tellMatch(rule: SequenceRule, last: TakenLink, instant: number | undefined, options: Firing['options'], evaluation: () => Evaluation): Told {
  if (options.evidence === 'none') return { reason: rule.title, reasonParts: [] };
  const { body } = rule;
  const started = evaluation();
  // The step's condition was asked before it took the event; the sentence speaks of the whole match.
  const asked: Evaluation = { ...started, match: stepsTaken(body.steps, last.before), stepCondition: body.steps[last.step]?.where };
  const explanation = { ...explain(asked, options.maxContributing), steps: [...explainSteps(body, last, instant, options.maxContributing)] };
  return { ...reasonOf({ ...started, match: stepsTaken(body.steps, last) }), explanation };
}

/** The alert of a match; its triggering event is the last one taken, its time that event's or the instant of the absence. */
export function buildSequenceAlert(inForce: EngineRule & { readonly rule: SequenceRule }, { last, first, told, instant }: CompleteMatch<Told>, seq: number, options: Firing['options']): Alert {
  const { rule } = inForce;
  const { event } = last;
  const key = keyOf(rule, event.fields);
  return {
    ...head(inForce, seq),
    alertId: alertIdOf([rule.id, rule.version, ...key.map((part) => keyText(part.value)), ...idsOf(rule, last, first)]),
    ts: instant ?? event.ts,
    key,
    trigger: { seq: event.seq, id: event.id, type: event.type, ts: event.ts, fields: event.fields, late: false },
    warm: isWarm(rule, event.ts, options.historySince),
    ...told,
  };
}

/** The events that tell a match from others, by what the rule makes of matches that overlap (rule-language §7). */
function idsOf({ body }: SequenceRule, last: TakenLink, first: LogEvent): readonly string[] {
  switch (body.afterMatch.kind) {
    case 'eachEnd': return [last.event.id];
    case 'skipToNext': case 'skipPastLastEvent': return [first.id, last.event.id];
    default: return chainOf(last).map(({ event }) => event.id);
  }
}

function head({ rule, mode }: EngineRule, seq: number): Pick<Alert, 'version' | 'seq' | 'rule' | 'ruleVersion' | 'title' | 'severity' | 'score' | 'action' | 'mode'> {
  const { id, version, title, severity, score, action } = rule;
  return { version: 1, seq, rule: id, ruleVersion: version, title, severity, score, action, mode };
}

function keyOf(rule: TypedRule, fields: Readonly<Record<string, FieldValue>>): Alert['key'] {
  return rule.by.flatMap((field) => {
    const value = fields[field];
    return value === undefined ? [] : [{ field, value }];
  });
}

/** Reason and explanation, by one evaluation over the evidence; the title alone when none is asked for. */
function told(rule: TypedRule, options: Firing['options'], evidence: () => EvidenceSource): Told {
  if (options.evidence === 'none') return { reason: rule.title, reasonParts: [] };
  const evaluation = startEvaluation(rule, evidence());
  return { ...reasonOf(evaluation), explanation: explain(evaluation, options.maxContributing) };
}

/** True when the log shows all that the rule looks at for an event at `ts`: every instant after `ts` - its longest span. */
export function isWarm(rule: Pick<TypedRule, 'longestSpanMs'>, ts: number, historySince: number): boolean {
  return rule.longestSpanMs === 0 || historySince <= Math.max(1, ts - rule.longestSpanMs + 1);
}
