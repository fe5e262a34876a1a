import type { LogEvent } from '@weir/contracts';
import type { WindowSource } from '@weir/rule-lang';

/** An event of the log as an explanation sees it. `unread`: the host could not give it back, so only its seq, type and ts are known. */
export type EvidenceEvent = LogEvent & { readonly unread?: true };

/**
 * What one evaluation of a `when` rule needs to know: the port between the evaluator and whoever holds the events.
 *
 * The interpreter answers by scanning, the compiled engine by reading back from its log, and only when an alert fires;
 * values, reason and explanation then come from the same evaluator. Answers hold for the triggering event and the
 * evaluation mode (rule-language §3, §6), and asking twice gives the same answer.
 */
export interface EvidenceSource {
  /** The triggering event. */
  readonly event: LogEvent;
  /** ms; the bound of `previous` and `lastEvents`. */
  readonly retentionMs: number;
  /** In `having` of a window rule: the rule's own window, (afterTs, untilTs]. Absent elsewhere. */
  readonly ruleWindow?: { readonly afterTs: number; readonly untilTs: number } | undefined;
  /**
   * Events of the source's types in its span whose key fields equal the triggering event's, in (ts, seq) order, before any
   * `where`. Asked only when the triggering event has all key fields. In a window rule: the window's events.
   */
  windowEvents(source: WindowSource): readonly EvidenceEvent[];
  /** The event just before the triggering one in (ts, seq), of these types and with these key fields equal to the triggering event's, within the retention. */
  previousEvent(types: readonly string[], key: readonly string[]): EvidenceEvent | undefined;
  /** Is the value on the list for this event (the triggering or a counted one): by the entry's last change dated <= its ts, in arrival mode also before it in seq. */
  isListed(list: string, value: string, event: LogEvent): boolean;
  /** This event's score by the pinned version of a model. */
  modelScore(name: string, event: LogEvent): number | undefined;
}
