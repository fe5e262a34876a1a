/**
 * Counts attempts by name within a window and says how long to wait; right ones are taken back.
 *
 * Bounded: at most `maxNames` names are remembered, the oldest forgotten first.
 */
export class AttemptLimiter {
  readonly #attempts = new Map<string, number[]>();
  constructor(private readonly limits: { readonly atMost: number; readonly withinMs: number; readonly maxNames: number }) {}

  /** Milliseconds until the next attempt is allowed; 0 now. */
  waitMs(name: string, now: number): number {
    const recent = this.#recent(name, now);
    const [oldest] = recent;
    return recent.length < this.limits.atMost || oldest === undefined ? 0 : oldest + this.limits.withinMs - now;
  }

  /** Counts an attempt before it is tried, so that many at once do not slip through. */
  began(name: string, now: number): void {
    const recent = this.#recent(name, now);
    this.#attempts.delete(name);
    this.#attempts.set(name, [...recent, now].slice(-this.limits.atMost));
    const [first] = this.#attempts.keys();
    if (this.#attempts.size > this.limits.maxNames && first !== undefined) this.#attempts.delete(first);
  }

  /** The attempt was right: the name begins anew. */
  succeeded(name: string): void { this.#attempts.delete(name); }

  /** The attempt was right: it alone is forgotten. */
  forgive(name: string): void { this.#attempts.get(name)?.pop(); }

  #recent(name: string, now: number): readonly number[] { return (this.#attempts.get(name) ?? []).filter((at) => at > now - this.limits.withinMs); }
}
