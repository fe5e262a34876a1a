import type { ContributingEvent, ExplainedWindow, TriggerEvent } from '@weir/contracts';
import { formatClock, formatDay } from '../format/time';
import type { Zone } from '../format/time';

export interface Mark { readonly x: number; readonly kind: 'counted' | 'hollow' | 'trigger'; readonly event: ContributingEvent | TriggerEvent; readonly label: string | undefined }
export interface Bar { readonly x: number; readonly width: number; readonly counted: number; readonly hollow: number }
export type Timeline = { readonly kind: 'marks'; readonly marks: readonly Mark[] } | { readonly kind: 'bars'; readonly bars: readonly Bar[]; readonly tallest: number };

/** Where an instant lies between the edges of the window, 0 to 1; an edge to edge span of nothing gives 1. */
export function positionOf(ts: number, shown: Pick<ExplainedWindow, 'afterTs' | 'untilTs'>): number {
  const span = shown.untilTs - shown.afterTs;
  return span <= 0 ? 1 : Math.min(1, Math.max(0, (ts - shown.afterTs) / span));
}

export const mostMarks = 60;
const barCount = 40;

/** What to draw for a window: one mark an event up to 60, then a histogram. Labels (amounts) that would overlap are left out, the newest wins. */
export function timelineOf(shown: ExplainedWindow, trigger: TriggerEvent | undefined, labelOf: (fields: ContributingEvent['fields']) => string | undefined, labelWidth: number): Timeline {
  const inWindow = shown.events.filter((e) => e.seq !== trigger?.seq);
  if (shown.events.length > mostMarks) return histogram(shown);
  const ordered: Array<Omit<Mark, 'label'>> = inWindow.map((event) => ({ x: positionOf(event.ts, shown), kind: event.counted ? 'counted' as const : 'hollow' as const, event }));
  if (trigger) ordered.push({ x: positionOf(trigger.ts, shown), kind: 'trigger', event: trigger });
  let taken = Infinity;
  const marks: Mark[] = [];
  for (const mark of ordered.sort((a, b) => b.x - a.x || b.event.seq - a.event.seq)) {
    const [left, right] = labelEdges(mark.x, labelWidth);
    const fits = right <= taken;
    if (fits) taken = left;
    marks.push({ ...mark, label: fits ? labelOf(mark.event.fields) : undefined });
  }
  return { kind: 'marks', marks: marks.reverse() };
}

/** How a label is anchored at its mark, so that it stays inside. */
export function labelAnchor(x: number): 'start' | 'middle' | 'end' {
  return x > 0.94 ? 'end' : x < 0.06 ? 'start' : 'middle';
}

/** Left and right edge of a label at a mark, as shares of the axis. */
export function labelEdges(x: number, width: number): readonly [number, number] {
  const anchor = labelAnchor(x);
  if (anchor === 'middle') return [x - width / 2, x + width / 2];
  return anchor === 'end' ? [x - width, x] : [x, x + width];
}

const minute = 60_000;
const day = 1_440 * minute;

/** A tick under an axis of `spanMs`: seconds under ten minutes, minutes below a day, with month and day below four days, else month and day alone. */
export function tickText(at: number, spanMs: number, zone: Zone): string {
  if (spanMs >= 4 * day) return formatDay(at, zone).slice(5);
  if (spanMs >= day) return `${formatDay(at, zone).slice(5)} ${formatClock(at, zone, 'minute')}`;
  return formatClock(at, zone, spanMs < 10 * minute ? 'second' : 'minute');
}

function histogram(shown: ExplainedWindow): Timeline {
  const bars = Array.from({ length: barCount }, (_, i) => ({ x: i / barCount, width: 1 / barCount, counted: 0, hollow: 0 }));
  for (const event of shown.events) {
    const bar = bars[Math.min(barCount - 1, Math.floor(positionOf(event.ts, shown) * barCount))];
    if (bar) { if (event.counted) bar.counted += 1; else bar.hollow += 1; }
  }
  return { kind: 'bars', bars, tallest: Math.max(1, ...bars.map((b) => b.counted + b.hollow)) };
}
