import { z } from 'zod';
import { ContributingEvent, ExplainedNode, ExplainedStep, ExplainedTurn, ExplainedValue, Explanation, ReasonPart, SourceSpan, TriggerEvent } from './alert.js';
import { EpochMs, FieldValue } from './event.js';

/** A comparison that the truth of a condition hangs on, and how far it was from turning. */
export const ComparisonDistance = z.object({
  /** Index into the explanation's `conditions`. */
  condition: z.number().int(),
  text: z.string(),
  span: SourceSpan,
  operator: z.string(),
  left: ExplainedValue,
  right: ExplainedValue,
  /** Absent: unknown, since a side is. */
  holds: z.boolean().optional(),
  /** Absent when a side is unknown or has no distance (strings, bools, places). */
  turn: ExplainedTurn.optional(),
});
export type ComparisonDistance = z.infer<typeof ComparisonDistance>;

/** The first condition, in source order, that was not true. */
export const FailedCondition = z.object({
  /** Index into the explanation's `conditions`. */
  index: z.number().int(),
  text: z.string(),
  span: SourceSpan,
  /** False, or unknown with what was missing. */
  value: ExplainedValue,
  node: ExplainedNode,
  /** One sentence: `amount > 200.00 is 37.51 short`, `not known: device_id`. */
  sentence: z.string(),
});
export type FailedCondition = z.infer<typeof FailedCondition>;

/** What a condition made of an event or a window: every value, every comparison's distance, and what failed first. */
export const ConditionVerdict = z.object({
  explanation: Explanation,
  /** Of all conditions, in source order. */
  comparisons: z.array(ComparisonDistance),
  /** Absent: all were true. */
  failed: FailedCondition.optional(),
});
export type ConditionVerdict = z.infer<typeof ConditionVerdict>;

/** One window [start, end) of a window rule that holds the event. */
export const WindowVerdict = z.object({
  start: z.number().int(),
  end: EpochMs,
  /** `open`: the watermark has not passed its end, so events may still come; the verdict is that of the events so far. */
  state: z.enum(['fired', 'notFired', 'open']),
  alertId: z.string().optional(),
  verdict: ConditionVerdict,
});
export type WindowVerdict = z.infer<typeof WindowVerdict>;

/** A step that could take the next event of a match, and what it made of the event that is explained. */
export const NextStep = z.object({
  name: z.string(),
  contiguity: ExplainedStep.shape.contiguity,
  on: z.array(z.string()),
  span: SourceSpan,
  /** True: the match is complete without it. */
  optional: z.boolean(),
  /** The match has all that it needs of this step, and may take more. */
  more: z.literal(true).optional(),
  /**
   * `otherType`, `condition`: the event does not fit. `within`: it fits, but comes too late. `earlier`: it is dated before the
   * last event of the match. `fits`: it fits, but the match had ended, or the same event ends it. Absent: the match has taken
   * the event already, so that the next one is asked for.
   */
  event: z.enum(['otherType', 'condition', 'within', 'earlier', 'fits']).optional(),
  /** Of the step's `where` for the event; absent for another type and for a step without `where`. */
  verdict: ConditionVerdict.optional(),
});
export type NextStep = z.infer<typeof NextStep>;

/** The match of a sequence that came the furthest: what it took, what it waits for, and what ended it. */
export const SequenceProgress = z.object({
  /** Positive steps, and how many of them have all the events they need. */
  stepsDone: z.number().int(),
  stepsNeeded: z.number().int(),
  /** Every step in source order with the events taken. */
  steps: z.array(ExplainedStep.extend({
    /** `done`: has all it needs. `open`: has some. `missing`: has none. `clear`: a negative step that saw nothing; `killed`: one that did. `ahead`: a negative step not in force yet. `leftOut`: optional, passed over. */
    state: z.enum(['done', 'open', 'missing', 'clear', 'killed', 'ahead', 'leftOut']),
  })),
  /** `whole`, of the rule's `within`: how long the match had lasted when the event came. */
  within: z.object({ limitMs: z.number(), usedMs: z.number(), leftMs: z.number() }).optional(),
  /** Steps that could come next, for the event. Empty when the match was complete. */
  next: z.array(NextStep),
  /** The event before this one that completed the match already: what is under way is what is left of it. Without a match under way: of the last one that was completed within the sequence's `within`. */
  completedBy: ContributingEvent.optional(),
  /** Steps for which the event itself was taken, in this match or another; with `begin` it may begin one of its own. */
  tookEventAs: z.array(z.string()),
  /** What ended the match: absent while it is under way. */
  ended: z.object({
    /** `negativeStep` saw an event; `otherEvent`: one came between that had to be adjacent; `within`: time ran out; `skipped`: a match that overlaps was reported; `bound`: its key had too many under way. */
    by: z.enum(['negativeStep', 'otherEvent', 'within', 'skipped', 'bound']),
    /** The negative step that saw an event. */
    step: z.string().optional(),
    /** The event that ended it. */
    event: ContributingEvent.optional(),
    /** Event time at which its time was over. */
    at: EpochMs.optional(),
  }).optional(),
  /** An absence at the end: the instant at which it is certain. */
  waitsUntil: EpochMs.optional(),
});
export type SequenceProgress = z.infer<typeof SequenceProgress>;

/**
 * What a rule made of one event of the log, fired or not, exactly as of the event's place in the log (`explain(rule, event)`
 * of rule-language §7).
 */
export const RuleExplanation = z.object({
  version: z.literal(1),
  rule: z.string(),
  ruleVersion: z.string(),
  title: z.string(),
  kind: z.enum(['when', 'sequence', 'window']),
  evaluation: z.enum(['arrival', 'watermark']),
  event: TriggerEvent,
  /** Of the rule's `by` fields, as far as the event has them. */
  key: z.array(z.object({ field: z.string(), value: FieldValue })),
  /** False: the log did not reach back over the rule's longest span. */
  warm: z.boolean(),
  /** `undecided`: what the rule waits for (the watermark, an absence's instant, a window's end) lies beyond the end of the log. */
  outcome: z.enum(['fired', 'notFired', 'notEvaluated', 'undecided']),
  /** Only with `notEvaluated` and `undecided`. */
  because: z.enum(['otherType', 'missingKey', 'late', 'watermark', 'absence', 'window', 'heldBack']).optional(),
  /** Key fields that the event lacks. */
  missing: z.array(z.string()).optional(),
  /** One or two sentences for people. */
  summary: z.string(),
  /** The rule's sentence with its values filled in, when it fired: part of the summary. */
  reason: z.object({ text: z.string(), parts: z.array(ReasonPart) }).optional(),
  /** Of the alerts whose triggering event this is, or whose window holds it. */
  alertIds: z.array(z.string()),
  /** `when`: its condition. Sequence that fired: of the step that took the event; else of the step that came next. Window rule: of the window that fired or came nearest. Absent when not evaluated. */
  verdict: ConditionVerdict.optional(),
  sequence: SequenceProgress.optional(),
  /** Window rules: every window that holds the event, in order of end. */
  windows: z.array(WindowVerdict).optional(),
});
export type RuleExplanation = z.infer<typeof RuleExplanation>;

/** POST /v1/rules/explain: one of a rule's id (the text in force) and a text (a draft), and an event of the log. */
export const ExplainEvent = z.object({
  ruleId: z.string().min(1).max(100).optional(),
  text: z.string().max(65_536).optional(),
  eventId: z.string().min(1).max(512),
}).refine(({ ruleId, text }) => (ruleId === undefined) !== (text === undefined), { message: 'give either ruleId or text', path: ['ruleId'] });
export type ExplainEvent = z.infer<typeof ExplainEvent>;
