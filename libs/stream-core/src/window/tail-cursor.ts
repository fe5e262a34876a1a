import type { EventNumber, SharedLog } from './shared-log.js';

/**
 * Walks a shared log once, in (ts, n) order, behind a bound that never falls: each event is visited when the bound
 * reaches its ts. A sliding window of length W is a cursor at now - W whose visits subtract what leaves.
 *
 * Amortised O(1) an event. Events appended out of order are told to {@link displaced} so that none is visited twice
 * or missed.
 */
export class TailCursor {
  /** Everything dated at or before it was visited. */
  bound = -Infinity;
  private main: EventNumber;
  private side: number;

  /** @param visit must not append or drop. */
  constructor(private readonly log: SharedLog, private readonly visit: (n: EventNumber) => void) {
    this.main = log.first;
    this.side = log.sideFrom + log.sideShift;
  }

  /** Visits every event with ts <= bound not visited yet. A bound below the last one does nothing. */
  advance(bound: number): void {
    if (bound <= this.bound) return;
    this.bound = bound;
    const { log } = this;
    const { ts, displaced, mask, next } = log;
    let main = this.main;
    for (;;) {
      while (main !== next && displaced[main & mask] === 1) main = (main + 1) | 0;
      if (this.side < log.sideTo + log.sideShift) {
        const n = log.side[this.side - log.sideShift] as number;
        const time = ts[n & mask] as number;
        if (time <= bound && (main === next || time < (ts[main & mask] as number) || (time === ts[main & mask] && ((n - main) | 0) < 0))) {
          this.side++;
          this.visit(n);
          continue;
        }
      }
      if (main === next || (ts[main & mask] as number) > bound) break;
      this.visit(main);
      main = (main + 1) | 0;
    }
    this.main = main;
  }

  /** The event it would visit next, were none displaced. */
  get nextInOrder(): EventNumber { return this.main; }

  /** The ts of the displaced event it would visit next; Infinity when there is none. */
  get nextDisplacedTs(): number {
    const { log } = this;
    return this.side < log.sideTo + log.sideShift ? (log.ts[(log.side[this.side - log.sideShift] as number) & log.mask] as number) : Infinity;
  }

  /** A kernel has visited what lies in order up to `next`, for this bound. */
  moveTo(next: EventNumber, bound: number): void {
    this.main = next;
    if (bound > this.bound) this.bound = bound;
  }

  /** Tells of an event just appended out of order: one that the bound has already passed is not visited. */
  displaced(n: EventNumber, ts: number): void {
    if (ts <= this.bound) this.side++;
    if (this.main === n) this.main = (n + 1) | 0; // never rest on a displaced event: it may be dropped before the next visit
  }

  /** Stands where it would after visiting everything up to `bound`, without visiting. For restoring. O(log(length) + neighbours that are displaced). */
  jump(bound: number): void {
    this.bound = bound;
    const { log } = this;
    this.side = log.sidePlaceAfter(bound);
    const isDisplaced = (at: number): boolean => log.displaced[(log.first + at) & log.mask] === 1;
    // Times in order never fall: halve what is left, stepping over displaced events.
    let low = 0;
    let high = log.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      let at = middle;
      while (at < high && isDisplaced(at)) at++;
      if (at < high && (log.ts[(log.first + at) & log.mask] as number) <= bound) low = at + 1; else high = middle;
    }
    while (low < log.length && isDisplaced(low)) low++;
    this.main = (log.first + low) | 0;
  }
}
