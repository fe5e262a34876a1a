import { sha256Hex } from '@weir/rule-lang';
import { keySeparator } from '../interpret/value.js';

/**
 * Id of an alert of a `when` rule: the first 32 hex digits of SHA-256 over rule id, rule version, key values and event id
 * joined by U+001F (rule-language §7). The same alert has the same id live, in a backtest, after a crash and on Flink.
 *
 * @param keyValues values of the rule's `by` fields in its order, as canonical texts; empty when the rule has no key.
 */
export function alertId(ruleId: string, ruleVersion: string, keyValues: readonly string[], eventId: string): string {
  return alertIdOf([ruleId, ruleVersion, ...keyValues, eventId]);
}

/** The same over any list of texts: window rules end in start and end, sequences in the ids of their events. */
export function alertIdOf(texts: readonly string[]): string {
  return sha256Hex(texts.join(keySeparator)).slice(0, 32);
}
