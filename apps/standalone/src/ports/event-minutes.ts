const minuteMs = 60_000;
const keptMinutes = 60;

/** Accepted events by minute of the clock, the last 60. Fed with a running total, so a caller may come as seldom as it likes. */
export class EventMinutes {
  readonly #minutes = new Map<number, number>();
  #total = 0;

  /** @param total accepted since start; what came since the last call counts for the minute of `now`. */
  update(total: number, now: number): void {
    const at = Math.floor(now / minuteMs) * minuteMs;
    this.#minutes.set(at, (this.#minutes.get(at) ?? 0) + total - this.#total);
    this.#total = total;
    for (const minute of this.#minutes.keys()) if (minute <= at - keptMinutes * minuteMs) this.#minutes.delete(minute);
  }

  /** Oldest first. */
  list(): readonly { readonly at: number; readonly events: number }[] { return [...this.#minutes].map(([at, events]) => ({ at, events })); }
}
