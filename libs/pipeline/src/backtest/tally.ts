import type { Alert, BacktestRule } from '@weir/contracts';

/** A name for several rules together: one alert for each event that at least one of them fired on. */
export interface Combination { readonly name: string; readonly rules: readonly string[] }

/**
 * Counts what rules would have done.
 *
 * Layout: per rule the ids of its alerts' triggering events in the order they fired (one per alert, so an event may
 * stand there twice), and one map of the labelled ids. An alert of an absence may come long after its event, and a label
 * may come after its alert, so precision and recall are computed only in {@link Tally.rules} and {@link Tally.combinations}.
 * Memory: one string reference per alert.
 */
export class Tally {
  readonly #triggers = new Map<string, string[]>();
  /** Alerts without a triggering event: window rules. They count as alerts and can be no true positive. */
  readonly #untriggered = new Map<string, number>();
  readonly #labels = new Map<string, boolean>();
  #events = 0;

  constructor(ruleIds: readonly string[]) {
    for (const id of ruleIds) this.#triggers.set(id, []);
  }

  get events(): number { return this.#events; }

  countEvent(): void { this.#events += 1; }

  /** Says whether an event is labelled; the newest word on an event counts. */
  label(eventId: string, isFraud: boolean): void { this.#labels.set(eventId, isFraud); }

  labelOf(eventId: string): boolean | undefined { return this.#labels.get(eventId); }

  alert(alert: Alert): void {
    if (alert.trigger === undefined) {
      this.#untriggered.set(alert.rule, (this.#untriggered.get(alert.rule) ?? 0) + 1);
      return;
    }
    const triggers = this.#triggers.get(alert.rule);
    if (triggers) triggers.push(alert.trigger.id);
    else this.#triggers.set(alert.rule, [alert.trigger.id]);
  }

  positives(): number {
    let positives = 0;
    for (const isFraud of this.#labels.values()) if (isFraud) positives += 1;
    return positives;
  }

  rules(): BacktestRule[] {
    return [...this.#triggers].map(([rule, triggers]) => this.#score(rule, triggers, this.#untriggered.get(rule) ?? 0));
  }

  /** The union of the rules' triggering events: each event counts once, however many of the rules fired on it. */
  combinations(combinations: readonly Combination[]): BacktestRule[] {
    return combinations.map(({ name, rules }) => {
      const union = new Set<string>();
      for (const rule of rules) for (const id of this.#triggers.get(rule) ?? []) union.add(id);
      return this.#score(name, [...union], 0);
    });
  }

  #score(rule: string, triggers: readonly string[], untriggered: number): BacktestRule {
    const positives = this.positives();
    const hits = triggers.filter((id) => this.#labels.get(id) === true);
    const alerts = triggers.length + untriggered;
    return {
      rule,
      alerts,
      truePositives: hits.length,
      precision: alerts === 0 ? null : hits.length / alerts,
      // Of distinct events: a sequence that ends twice on one fraud has found it once.
      recall: positives === 0 ? null : new Set(hits).size / positives,
    };
  }
}
