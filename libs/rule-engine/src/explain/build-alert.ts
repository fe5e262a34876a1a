import type { Alert, LogEvent } from '@weir/contracts';
import type { TypedRule } from '@weir/rule-lang';
import type { EngineOptions, EngineRule } from '../engine.js';
import { startEvaluation } from '../interpret/evaluate.js';
import { keyText } from '../interpret/value.js';
import { alertId } from './alert-id.js';
import type { EvidenceSource } from './evidence.js';
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

/**
 * The whole alert of a `when` rule, the same from every engine. With `evidence: 'none'` it holds no explanation, the title
 * as reason, and costs little more than its id.
 */
export function buildAlert({ inForce: { rule, mode }, event, seq, options, evidence }: Firing): Alert {
  const key = rule.by.flatMap((field) => {
    const value = event.fields[field];
    return value === undefined ? [] : [{ field, value }];
  });
  const isExplained = options.evidence === 'full';
  const evaluation = isExplained ? startEvaluation(rule, evidence()) : undefined;
  return {
    version: 1,
    alertId: alertId(rule.id, rule.version, key.map((part) => keyText(part.value)), event.id),
    seq,
    rule: rule.id,
    ruleVersion: rule.version,
    title: rule.title,
    severity: rule.severity,
    score: rule.score,
    action: rule.action,
    ts: event.ts,
    key,
    trigger: { seq: event.seq, id: event.id, type: event.type, ts: event.ts, fields: event.fields, late: event.late === true },
    ...(evaluation === undefined ? { reason: rule.title, reasonParts: [] } : reasonOf(evaluation)),
    warm: isWarm(rule, event.ts, options.historySince),
    mode,
    ...(evaluation === undefined ? {} : { explanation: explain(evaluation, options.maxContributing) }),
  };
}

/** True when the log shows all that the rule looks at for an event at `ts`: every instant after `ts` - its longest span. */
export function isWarm(rule: Pick<TypedRule, 'longestSpanMs'>, ts: number, historySince: number): boolean {
  return rule.longestSpanMs === 0 || historySince <= Math.max(1, ts - rule.longestSpanMs + 1);
}
