import type { ListChange, LogEvent } from '@weir/contracts';
import type { EvidenceSource } from '../explain/evidence.js';
import type { EngineOptions } from '../engine.js';
import { byTimeAndSeq, eventBefore, eventsInWindow, spanRange } from './window-span.js';

/**
 * All that the interpreter remembers: accepted events that were in time, in (ts, seq) order, and every list change in seq order.
 *
 * Invariant: `events` is sorted by (ts, seq) and holds no late event. An event older than any window can reach may be gone.
 */
export class EventHistory {
  private events: LogEvent[];
  private readonly changes: ListChange[];

  constructor(events: readonly LogEvent[] = [], changes: readonly ListChange[] = []) {
    this.events = [...events].sort(byTimeAndSeq);
    this.changes = [...changes];
  }

  get allEvents(): readonly LogEvent[] { return this.events; }
  get allChanges(): readonly ListChange[] { return this.changes; }

  add(event: LogEvent): void {
    const after = this.events.findLastIndex((one) => byTimeAndSeq(one, event) < 0);
    this.events.splice(after + 1, 0, event);
  }

  change(change: ListChange): void { this.changes.push(change); }

  /** Forgets events at or before an instant that no window will reach again. Only once they are a quarter of all, so that it costs little. */
  dropUntil(ts: number): void {
    const gone = this.firstAfter(ts);
    if (gone * 4 > this.events.length) this.events = this.events.slice(gone);
  }

  /** Index of the first event with a greater ts. */
  private firstAfter(ts: number): number {
    let low = 0;
    let high = this.events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.events[middle]?.ts ?? Infinity) <= ts) low = middle + 1; else high = middle;
    }
    return low;
  }

  /** Events with afterTs < ts <= untilTs, in (ts, seq) order. */
  between(afterTs: number, untilTs: number): readonly LogEvent[] {
    return this.events.slice(this.firstAfter(afterTs), this.firstAfter(untilTs));
  }

  /** Is the value on the list for this event: its last change by (ts, seq) dated at or before the event, in arrival mode also before it in seq. */
  isListed(list: string, value: string, event: LogEvent, evaluation: EngineOptions['evaluation']): boolean {
    let last: ListChange | undefined;
    for (const change of this.changes) {
      if (change.list !== list || change.value !== value || change.ts > event.ts) continue;
      if (evaluation === 'arrival' && change.seq > event.seq) continue;
      if (last === undefined || change.ts >= last.ts) last = change; // seq order, so the later of one ms wins
    }
    return last?.change === 'add';
  }

  /** What an evaluation of this event may ask, answered by scanning. */
  evidenceFor(event: LogEvent, options: Pick<EngineOptions, 'evaluation' | 'retentionMs' | 'models'>): EvidenceSource {
    const { retentionMs, models } = options;
    return {
      event,
      retentionMs,
      windowEvents: (source) => {
        const range = spanRange(source.span, event.ts, retentionMs);
        return eventsInWindow(source, event, this.between(range.afterTs, range.untilTs), options);
      },
      previousEvent: (types, key) => eventBefore(event, types, key, this.between(event.ts - retentionMs, event.ts), options),
      isListed: (list, value, about) => this.isListed(list, value, about, options.evaluation),
      modelScore: (name) => models?.[name],
    };
  }
}
