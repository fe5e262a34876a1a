/**
 * Holds events until the watermark passes them, then gives them out in order of event time.
 *
 * Law: after `advance(w)` no event with ts <= w is held, and none is accepted any more.
 */
export class ReorderBuffer<E> {
  private held: { readonly ts: number; readonly arrival: number; readonly event: E }[] = [];
  private arrivals = 0;
  private passed = Number.NEGATIVE_INFINITY;

  /** `tieBreak` orders events of one ts; without it, or where it says 0, they keep their order of arrival. */
  constructor(private readonly tieBreak: (a: E, b: E) => number = () => 0) {}

  /** Epoch ms: no event at or before it will be accepted. */
  get watermark(): number { return this.passed; }
  get size(): number { return this.held.length; }

  /** @returns false when the event is late (ts <= watermark): it is not kept. */
  add(event: E, ts: number): boolean {
    if (ts <= this.passed) return false;
    this.held.push({ ts, arrival: this.arrivals, event });
    this.arrivals += 1;
    return true;
  }

  /** Moves the watermark (never back) and gives out what it has passed, in order of ts, tie-break, arrival. O(n log n) in the held events. */
  advance(watermark: number): readonly { readonly ts: number; readonly event: E }[] {
    if (watermark <= this.passed) return [];
    this.passed = watermark;
    const due = this.held.filter(({ ts }) => ts <= watermark);
    this.held = this.held.filter(({ ts }) => ts > watermark);
    return due.sort((a, b) => a.ts - b.ts || this.tieBreak(a.event, b.event) || a.arrival - b.arrival);
  }
}
