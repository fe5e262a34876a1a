/**
 * Evaluation times of the newest events, for p50 and p99.
 *
 * Layout: a ring of `size` samples in ns. Mutable and packed because `add` runs per event.
 */
export class EvalTimes {
  readonly #ring: Float64Array;
  #added = 0;

  constructor(size = 4096) { this.#ring = new Float64Array(size); }

  add(ns: number): void {
    this.#ring[this.#added % this.#ring.length] = ns;
    this.#added += 1;
  }

  /** 0 and 0 before the first sample. O(size log size). */
  quantiles(): { readonly p50: number; readonly p99: number } {
    const samples = this.#ring.slice(0, Math.min(this.#added, this.#ring.length)).sort();
    const at = (share: number): number => Math.round(samples[Math.min(samples.length - 1, Math.floor(samples.length * share))] ?? 0);
    return { p50: at(0.5), p99: at(0.99) };
  }
}
