import type { Overview, Severity } from '@weir/contracts';
import { formatClock } from '../format/time';
import type { Zone } from '../format/time';

export type MinuteBucket = Overview['minutes'][number];

/** Stack order from the axis upwards: the worst lies on the axis, where columns can be compared. */
export const stackOrder: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

export function totalOf(bucket: MinuteBucket): number { return bucket.low + bucket.medium + bucket.high + bucket.critical; }

/** Exactly `span` minutes that end with the minute of `now`, gaps filled with zeros; buckets outside are left out. */
export function fixedMinutes(minutes: readonly MinuteBucket[], now: number, span: number): readonly MinuteBucket[] {
  const known = new Map(minutes.map((m) => [Math.floor(m.at / 60_000), m]));
  const last = Math.floor(now / 60_000);
  return Array.from({ length: span }, (_, i) => {
    const minute = last - span + 1 + i;
    return known.get(minute) ?? { at: minute * 60_000, events: 0, low: 0, medium: 0, high: 0, critical: 0 };
  });
}

/** The next top of a count axis at or above a value: 1, 2, 4, 5, 8 times a power of ten, at least 4. */
export function niceTop(value: number): number {
  if (value <= 4) return 4;
  const power = 10 ** Math.floor(Math.log10(value));
  for (const step of [1, 2, 4, 5, 8, 10]) if (step * power >= value) return step * power;
  return 10 * power;
}

/** Ticks of a count axis up to one of the tops of {@link niceTop}: whole numbers, evenly apart, with 0. */
export function axisTicks(top: number): readonly number[] {
  const parts = top % 4 === 0 ? 4 : 5;
  return Array.from({ length: parts + 1 }, (_, i) => (top / parts) * i);
}

export interface AxisTop { readonly top: number; /** Since when the data stay below half of it. */ readonly lowSince?: number | undefined }

/** The axis grows at once and shrinks only after 60 s below half, so that columns do not jump. */
export function nextAxisTop(before: AxisTop, highest: number, now: number): AxisTop {
  const wanted = niceTop(highest);
  if (wanted >= before.top) return { top: wanted };
  if (highest >= before.top / 2) return { top: before.top };
  const lowSince = before.lowSince ?? now;
  return now - lowSince >= 60_000 ? { top: wanted } : { top: before.top, lowSince };
}

/** One sentence that says what the chart shows. */
export function minutesSentence(minutes: readonly MinuteBucket[], zone: Zone): string {
  const totals = minutes.map(totalOf);
  const sum = totals.reduce((a, b) => a + b, 0);
  if (sum === 0) return 'Alerts per minute, last hour: no alerts in this hour';
  const peak = Math.max(...totals);
  const at = minutes[totals.indexOf(peak)];
  const bySeverity = stackOrder.map((severity) => ({ severity, count: minutes.reduce((a, m) => a + m[severity], 0) }));
  const most = bySeverity.reduce((a, b) => (b.count > a.count ? b : a));
  return `Alerts per minute, last hour: ${(sum / minutes.length).toFixed(1)} on average, peak ${peak} at ${at ? formatClock(at.at, zone, 'minute') : ''}, mostly ${most.severity}`;
}
