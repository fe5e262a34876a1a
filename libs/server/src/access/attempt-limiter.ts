/**
 * Counts failed attempts by name within a window and says how long to wait.
 *
 * Bounded: at most `maxNames` names are remembered, the oldest forgotten first. A success forgets the name.
 */
export class AttemptLimiter {
  readonly #failures = new Map<string, number[]>();
  constructor(private readonly limits: { readonly atMost: number; readonly withinMs: number; readonly maxNames: number }) {}

  /** Milliseconds until the next attempt is allowed; 0 now. */
  waitMs(name: string, now: number): number {
    const recent = this.#recent(name, now);
    const [oldest] = recent;
    return recent.length < this.limits.atMost || oldest === undefined ? 0 : oldest + this.limits.withinMs - now;
  }

  failed(name: string, now: number): void {
    const recent = this.#recent(name, now);
    this.#failures.delete(name);
    this.#failures.set(name, [...recent, now].slice(-this.limits.atMost));
    const [first] = this.#failures.keys();
    if (this.#failures.size > this.limits.maxNames && first !== undefined) this.#failures.delete(first);
  }

  succeeded(name: string): void { this.#failures.delete(name); }

  #recent(name: string, now: number): readonly number[] { return (this.#failures.get(name) ?? []).filter((at) => at > now - this.limits.withinMs); }
}
