import type { Alert } from '@weir/contracts';

export type RecentAnswer = { readonly kind: 'known'; readonly alerts: readonly Alert[] } | { readonly kind: 'forgotten' } | { readonly kind: 'later' };

/**
 * Alerts of the newest events, for decisions that ask about an event just after it was evaluated.
 *
 * Layout: alerts by seq of the newest `size` entries that fired, and the seq from which on the memory is whole. An entry
 * past that seq which is not in the map fired nothing. Whoever asks too early is noted and answered when the time comes.
 */
export class RecentAlerts {
  readonly #size: number;
  readonly #alerts = new Map<number, readonly Alert[]>();
  readonly #waiting = new Set<number>();
  #wholeFrom: number | undefined;

  constructor(size = 2_000) { this.#size = size; }

  /** @returns true when somebody waits for the answer. */
  evaluated(seq: number, alerts: readonly Alert[]): boolean {
    this.#wholeFrom ??= seq;
    if (alerts.length > 0) {
      this.#alerts.set(seq, alerts);
      if (this.#alerts.size > this.#size) this.#forgetOldest();
    }
    return this.#waiting.delete(seq);
  }

  ask(seq: number, appliedSeq: number): RecentAnswer {
    if (seq > appliedSeq) {
      this.#waiting.add(seq);
      return { kind: 'later' };
    }
    if (this.#wholeFrom === undefined || seq < this.#wholeFrom) return { kind: 'forgotten' };
    return { kind: 'known', alerts: this.#alerts.get(seq) ?? [] };
  }

  #forgetOldest(): void {
    const [oldest] = this.#alerts.keys();
    if (oldest === undefined) return;
    this.#alerts.delete(oldest);
    this.#wholeFrom = oldest + 1;
  }
}
