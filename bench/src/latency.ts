/** Latencies in us, counted exactly up to 1,023 and then in steps of less than 0.2 %. */
export class LatencyHistogram {
  private readonly counts = new Float64Array(64 * 512);
  private total = 0;
  private largest = 0;

  add(us: number): void {
    const value = Math.max(0, Math.floor(us));
    this.counts[this.slot(value)] = (this.counts[this.slot(value)] ?? 0) + 1;
    this.total++;
    if (value > this.largest) this.largest = value;
  }

  get max(): number { return this.largest; }

  /** The least value that a share of all lie at or below. */
  percentile(share: number): number {
    let left = share * this.total;
    for (let slot = 0; slot < this.counts.length; slot++) {
      left -= this.counts[slot] ?? 0;
      if (left <= 0) return Math.min(this.valueOf(slot), this.largest);
    }
    return this.largest;
  }

  /** Below 1,024 the value itself; above, its nine leading bits after the first, by powers of two. */
  private slot(value: number): number {
    if (value < 1_024) return value;
    const shift = Math.floor(Math.log2(value)) - 9;
    return 512 * shift + Math.floor(value / 2 ** shift);
  }

  private valueOf(slot: number): number {
    if (slot < 1_024) return slot;
    const shift = Math.floor(slot / 512) - 1;
    return (slot - 512 * shift + 1) * 2 ** shift - 1;
  }
}

export interface Latency { readonly p50: number; readonly p99: number; readonly p999: number; readonly max: number; readonly events: number; readonly ratePerSecond: number }

const largestBatch = 64;
const word = new Int32Array(1);

/** Passes some time without a look at the clock, each of which leaves a number on the heap: garbage of the measuring. */
function idle(additions: number): void { for (let i = 0; i < additions; i++) Atomics.add(word, 0, 1); }

/** Additions of {@link idle} that take a microsecond. */
function additionsPerUs(nowUs: () => number): number {
  const additions = 1_000_000;
  const begin = nowUs();
  idle(additions);
  return additions / (nowUs() - begin);
}

/**
 * Open loop: event i is due at i / rate whether or not the engine has kept up, and its latency runs from that instant to when its
 * alerts are known, so that a stall is charged to every event that waited (no coordinated omission). What is due goes in at once, at
 * most 64 events a call. Busy waiting, so that no timer's coarseness shows.
 */
export function openLoop(lines: Uint8Array, ratePerSecond: number, apply: (some: Uint8Array) => void, nowUs = (): number => performance.now() * 1000): Latency {
  let events = 0;
  for (let end = lines.indexOf(10); end >= 0; end = lines.indexOf(10, end + 1)) events++;
  const starts = new Float64Array(events + 1);
  for (let i = 0; i < events; i++) starts[i + 1] = lines.indexOf(10, starts[i]) + 1;
  const waited = new Float64Array(events); // counted afterwards: what is measured leaves no garbage of the measuring
  const usPerEvent = 1e6 / ratePerSecond;
  const additions = additionsPerUs(nowUs);
  const begin = nowUs();
  for (let done = 0; done < events;) {
    const passed = nowUs() - begin;
    const due = Math.min(events, Math.floor(passed / usPerEvent) + 1, done + largestBatch);
    if (due <= done) {
      idle(additions * Math.max(0.1, done * usPerEvent - passed));
      continue;
    }
    apply(lines.subarray(starts[done], starts[due]));
    const now = nowUs() - begin;
    for (let i = done; i < due; i++) waited[i] = now - i * usPerEvent;
    done = due;
  }
  const histogram = new LatencyHistogram();
  for (let i = 0; i < events; i++) histogram.add(waited[i] ?? 0);
  return { p50: histogram.percentile(0.5), p99: histogram.percentile(0.99), p999: histogram.percentile(0.999), max: histogram.max, events, ratePerSecond: Math.round(ratePerSecond) };
}
