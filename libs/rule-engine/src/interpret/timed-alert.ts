import type { Alert } from '@weir/contracts';
import { compareStrings } from './operate.js';

/** An alert that waited for time: it fires when the watermark shows that every event before `instant` is in. */
export interface TimedAlert {
  readonly instant: number;
  readonly ruleId: string;
  /** Canonical texts of the key, in the order of the rule's `by`. */
  readonly keyTexts: readonly string[];
  readonly alert: Alert;
}

/** In order of instant, rule id, key (rule-language §6); what is equal stays in its order. */
export function inOrderOfInstant(timed: readonly TimedAlert[]): readonly Alert[] {
  if (timed.length < 2) return timed.map(({ alert }) => alert);
  return [...timed].sort((a, b) => a.instant - b.instant || compareStrings(a.ruleId, b.ruleId) || compareKeys(a.keyTexts, b.keyTexts)).map(({ alert }) => alert);
}

/** Text by text, by code point. */
export function compareKeys(a: readonly string[], b: readonly string[]): number {
  const differing = a.findIndex((text, index) => text !== b[index]);
  return differing < 0 ? 0 : compareStrings(a[differing] ?? '', b[differing] ?? '');
}
