import { z } from 'zod';
import { EpochMs, FieldValue } from './event.js';

/** How grave an alert of a rule is; from low to critical. */
export const Severity = z.enum(['low', 'medium', 'high', 'critical']);
export type Severity = z.infer<typeof Severity>;
/** What a rule asks to be done with the event; from least to most severe. */
export const Action = z.enum(['none', 'review', 'challenge', 'block']);
export type Action = z.infer<typeof Action>;

/**
 * A value as the explanation shows it: text that is exact where the value is exact.
 * Fractions also carry two-decimal text. `unknown` names the fields that were absent.
 */
export const ExplainedValue = z.object({
  type: z.enum(['bool', 'string', 'int', 'decimal', 'fraction', 'double', 'timestamp', 'duration', 'geo', 'list', 'unknown']),
  /** For people: `812.00`, `true`, `2026-01-05T00:00:00.000Z`, `10m`, `?` when unknown. */
  text: z.string(),
  /** Only when unknown: names of absent fields or short reasons such as `no earlier event`, `division by zero`. */
  missing: z.array(z.string()).optional(),
  /**
   * Fields that the value is made from: read off it, they could be told. Those that only say which events are counted (keys), that are
   * counted (`count`, `distinct`) or asked for presence (`has`) are not among them, nor is a field that is itself unknown. Absent: none.
   */
  from: z.array(z.string()).optional(),
  /** Somebody who may not see one of these fields reads this: a text in place of the value, whatever its type was. */
  hidden: z.literal(true).optional(),
});
export type ExplainedValue = z.infer<typeof ExplainedValue>;

/** Position in the rule file, 1-based, end exclusive. */
export const SourceSpan = z.object({ line: z.number().int(), column: z.number().int(), endLine: z.number().int(), endColumn: z.number().int() });
export type SourceSpan = z.infer<typeof SourceSpan>;

/**
 * How far a comparison was from turning. Moved by `by` in this direction, or by ever so little more where `beyond` says so,
 * the side gives the comparison its other value, all else the same.
 */
export const ExplainedTurn = z.object({
  /** The side to move: the left one, unless only the right one is not a literal. */
  side: z.enum(['left', 'right']),
  direction: z.enum(['rise', 'fall', 'change']),
  /** Exact: a decimal, or `n/d`; of times in ms. The least that the side's own digits allow: 37.51 for an amount of two decimals. */
  by: z.string(),
  /** True: by more than `by`, since the side has no smallest step (fractions, doubles). */
  beyond: z.boolean(),
  /** Distance over the larger side: 0 at the threshold. For ranking near misses. */
  relative: z.number(),
  /** For people: `37.51 short (19 %)`, `9 over`, `2 to spare`. */
  text: z.string(),
});
export type ExplainedTurn = z.infer<typeof ExplainedTurn>;

/** One sub-expression with its value; a tree that mirrors the condition as written. */
export interface ExplainedNode {
  /** Source text of the sub-expression. */
  readonly text: string;
  readonly span: SourceSpan;
  readonly value: ExplainedValue;
  /** For a comparison: how far it was from turning, e.g. `+612.00 (4.1x)`; absent when not numeric or not known. */
  readonly comparison?: { readonly operator: string; readonly left: ExplainedValue; readonly right: ExplainedValue; readonly margin?: string | undefined; readonly turn?: ExplainedTurn | undefined } | undefined;
  /** Index into `windows`, when this node is a window aggregate. */
  readonly window?: number | undefined;
  /** Name, when this node refers to a `let`. */
  readonly let?: string | undefined;
  /** Not evaluated because the other side had already decided (Kleene: the value is still shown where known). */
  readonly children?: readonly ExplainedNode[] | undefined;
}
/** A condition, or a part of one, with the value that it had. */
export const ExplainedNode: z.ZodType<ExplainedNode> = z.lazy(() => z.object({
  text: z.string(),
  span: SourceSpan,
  value: ExplainedValue,
  comparison: z.object({ operator: z.string(), left: ExplainedValue, right: ExplainedValue, margin: z.string().optional(), turn: ExplainedTurn.optional() }).optional(),
  window: z.number().int().optional(),
  let: z.string().optional(),
  children: z.array(ExplainedNode).optional(),
}));

/** An event that a window or a step of the rule looked at. */
export const ContributingEvent = z.object({
  seq: z.number().int(),
  id: z.string(),
  type: z.string(),
  ts: EpochMs,
  /** True: passed the window's `where` and has the aggregate's argument. False: in the window, not counted (hollow on the timeline). */
  counted: z.boolean(),
  fields: z.record(z.string(), FieldValue),
  /** True: the log could not give the event back when the alert was told, so only its seq, type and time are known; `id` and `fields` are empty. */
  unread: z.literal(true).optional(),
});
export type ContributingEvent = z.infer<typeof ContributingEvent>;

/** One window of the rule as it was when the rule fired. */
export const ExplainedWindow = z.object({
  /** As written: `last("10m").where(amount <= 5.00).count()`. */
  text: z.string(),
  /** First instant NOT in the window, then the last instant in it: (afterTs, untilTs]. */
  afterTs: z.number().int(),
  untilTs: EpochMs,
  /** Key fields of the counted events with their value. */
  key: z.array(z.object({ field: z.string(), value: FieldValue })),
  value: ExplainedValue,
  /** Events of the window's types and key in the span. */
  size: z.number().int(),
  /** Of these, how many the aggregate counted. 0, and no event marked, where `countedFrom` names a field that is hidden. */
  counted: z.number().int(),
  /** Fields that it hangs on which events count: those of its `where`, and of an argument that is more than a field. Absent: none. */
  countedFrom: z.array(z.string()).optional(),
  /** The newest (100 by default), oldest first. */
  events: z.array(ContributingEvent),
});
export type ExplainedWindow = z.infer<typeof ExplainedWindow>;

/** One step of a sequence as the match took it. */
export const ExplainedStep = z.object({
  name: z.string(),
  contiguity: z.enum(['begin', 'next', 'followedBy', 'followedByAny', 'notNext', 'notFollowedBy']),
  /** Events taken; 0 for a negative step and for an optional one that was left out. */
  count: z.number().int(),
  /** The newest (100 by default), oldest first. */
  events: z.array(ContributingEvent),
  /** Negative steps only: no such event was seen after `afterTs` (or at it, later in order) up to `untilTs`, which for an absence at the end is the first instant that no longer counts. */
  noneSeen: z.object({ afterTs: EpochMs, untilTs: EpochMs }).optional(),
});
export type ExplainedStep = z.infer<typeof ExplainedStep>;

/** Why a rule fired, frozen when it did. */
export const Explanation = z.object({
  version: z.literal(1),
  /** The top-level `&&` parts of the condition, in source order; of a sequence, of the step that took the triggering event. */
  conditions: z.array(ExplainedNode),
  /** Each `let` of the rule with its value, in source order. */
  lets: z.array(z.object({ name: z.string(), node: ExplainedNode })),
  windows: z.array(ExplainedWindow),
  /** Values say what they are made from (`from`). Absent in alerts of before that was so: only the texts of the sub-expressions tell. */
  traced: z.literal(true).optional(),
  /** Fields of the triggering event that a value depended on and that were absent. */
  unknown: z.array(z.string()),
  /** Sequences only: every step in source order with what it took. */
  steps: z.array(ExplainedStep).optional(),
});
export type Explanation = z.infer<typeof Explanation>;

/** Where a value of the sentence stands (UTF-16 positions, end exclusive), the field, `let` or step that it shows, and the fields that it is made from. */
export const ReasonPart = z.object({ start: z.number().int(), end: z.number().int(), name: z.string(), from: z.array(z.string()).optional() });
export type ReasonPart = z.infer<typeof ReasonPart>;

/** The event on which a rule fired; `ts` is event time, `seq` its place in the log. */
export const TriggerEvent = z.object({ seq: z.number().int(), id: z.string(), type: z.string(), ts: EpochMs, fields: z.record(z.string(), FieldValue), late: z.boolean() });
export type TriggerEvent = z.infer<typeof TriggerEvent>;

/** What the engine emits. The same alert has the same `alertId` live, in a backtest, after a crash and on Flink. */
export const Alert = z.object({
  version: z.literal(1),
  alertId: z.string().regex(/^[0-9a-f]{32}$/),
  /** seq of the log entry during whose evaluation it fired. */
  seq: z.number().int(),
  rule: z.string(),
  /** Hash of the rule's meaning, 16 hex digits. */
  ruleVersion: z.string(),
  title: z.string(),
  severity: Severity,
  score: z.number().int().min(0).max(100),
  action: Action,
  /** Event time of the alert. */
  ts: EpochMs,
  key: z.array(z.object({ field: z.string(), value: FieldValue })),
  trigger: TriggerEvent.optional(),
  /** The rule's `reason` with its values filled in; the title when the rule has none. */
  reason: z.string(),
  /** Where each value of the sentence came from: character range of `reason` and the field, `let` or step it shows. */
  reasonParts: z.array(ReasonPart),
  /** False: the log did not reach back over the rule's longest span. */
  warm: z.boolean(),
  mode: z.enum(['live', 'shadow']),
  explanation: Explanation.optional(),
});
export type Alert = z.infer<typeof Alert>;

/** The answer to `POST /v1/decisions`. */
export const Decision = z.object({
  id: z.string(),
  decision: Action,
  score: z.number().int(),
  alerts: z.array(z.object({ alertId: z.string(), rule: z.string(), title: z.string(), severity: Severity, action: Action, score: z.number().int(), reason: z.string() })),
  seq: z.number().int().optional(),
  late: z.boolean(),
  duplicate: z.boolean(),
  /** Present when the budget ran out and `decision` is the configured default. */
  reason: z.literal('timeout').optional(),
  tookMs: z.number(),
});
export type Decision = z.infer<typeof Decision>;
