/** Alerts of the last minute, counted by second. Layout: `counts[second % 60]` belongs to `seconds[second % 60]`. */
export class AlertMeter {
  readonly #counts = new Array<number>(60).fill(0);
  readonly #seconds = new Array<number>(60).fill(-1);

  add(alerts: number, now: number): void {
    const second = Math.floor(now / 1000);
    const at = second % 60;
    if (this.#seconds[at] !== second) this.#counts[at] = 0;
    this.#seconds[at] = second;
    this.#counts[at] = (this.#counts[at] ?? 0) + alerts;
  }

  perMinute(now: number): number {
    const second = Math.floor(now / 1000);
    return this.#counts.reduce((sum, count, at) => ((this.#seconds[at] ?? -1) > second - 60 ? sum + count : sum), 0);
  }
}
