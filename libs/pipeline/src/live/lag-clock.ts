/**
 * When entries became durable, to say for how long the next one has waited.
 *
 * Layout: (seq, instant) pairs in order, at most one per 100 ms and `size` in all, so the answer is good to 100 ms and
 * understates a lag that is longer than the pairs reach back.
 */
export class LagClock {
  readonly #now: () => number;
  readonly #size: number;
  readonly #marks: { seq: number; at: number }[] = [];

  constructor(now: () => number, size = 6_000) {
    this.#now = now;
    this.#size = size;
  }

  durable(seq: number): void {
    const at = this.#now();
    const last = this.#marks.at(-1);
    if (last && at - last.at < 100) {
      last.seq = seq;
      return;
    }
    this.#marks.push({ seq, at });
    if (this.#marks.length > this.#size) this.#marks.shift();
  }

  /** Seconds since the entry after `evaluatedSeq` became durable; 0 when there is none. */
  secondsBehind(evaluatedSeq: number): number {
    while (this.#marks.length > 0 && (this.#marks[0]?.seq ?? 0) <= evaluatedSeq) this.#marks.shift();
    const [oldest] = this.#marks;
    return oldest === undefined ? 0 : Math.max(0, this.#now() - oldest.at) / 1000;
  }
}
