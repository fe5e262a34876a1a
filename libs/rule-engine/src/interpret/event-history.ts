import type { FieldValue, ListChange, LogEntry, LogEvent } from '@weir/contracts';
import type { WindowSource } from '@weir/rule-lang';
import type { EvidenceSource } from '../explain/evidence.js';
import type { EngineOptions } from '../engine.js';
import { keySeparator, keyText } from './value.js';
import { byTimeAndSeq, eventBefore, eventsInWindow, keyPartOf, spanRange } from './window-span.js';
import type { TimeRange } from './window-span.js';

/** Puts an event in its place by (ts, seq): nearly always the end. */
function insert(events: LogEvent[], event: LogEvent): void {
  events.splice(events.findLastIndex((one) => byTimeAndSeq(one, event) < 0) + 1, 0, event);
}

/** Index of the first event with a greater ts. */
function firstAfter(events: readonly LogEvent[], ts: number): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.ts ?? Infinity) <= ts) low = middle + 1; else high = middle;
  }
  return low;
}

/** Events grouped by their values of some fields; those that lack one are in no group. */
class KeyIndex {
  private readonly groups = new Map<string, LogEvent[]>();

  constructor(private readonly fields: readonly string[], events: readonly LogEvent[]) {
    for (const event of events) this.add(event);
  }

  add(event: LogEvent): void {
    const name = groupName(this.fields.map((field) => keyPartOf(event, field)));
    if (name === undefined) return;
    const group = this.groups.get(name);
    if (group === undefined) this.groups.set(name, [event]); else insert(group, event);
  }

  eventsOf(values: readonly (FieldValue | undefined)[]): readonly LogEvent[] {
    const name = groupName(values);
    return (name === undefined ? undefined : this.groups.get(name)) ?? [];
  }
}

function groupName(values: readonly (FieldValue | undefined)[]): string | undefined {
  const texts = values.flatMap((value) => (value === undefined ? [] : [keyText(value)]));
  return texts.length === values.length ? texts.join(keySeparator) : undefined;
}

/**
 * All that the interpreter remembers: accepted events that were in time, in (ts, seq) order, and every list change in seq order.
 *
 * Invariant: `events` is sorted by (ts, seq) and holds no late event. An event older than any window can reach may be gone.
 * `byKey` holds the same events once more for each list of key fields that was asked for, grouped by their values, so that
 * a window scans its key's events and not everyone's; which of them it holds is decided by `eventsInWindow` alone.
 */
export class EventHistory {
  private events: LogEvent[];
  private readonly changes: ListChange[];
  private byKey = new Map<string, KeyIndex>();

  constructor(events: readonly LogEvent[] = [], changes: readonly ListChange[] = []) {
    this.events = [...events].sort(byTimeAndSeq);
    this.changes = [...changes];
  }

  get allEvents(): readonly LogEvent[] { return this.events; }
  get allChanges(): readonly ListChange[] { return this.changes; }

  add(event: LogEvent): void {
    insert(this.events, event);
    for (const index of this.byKey.values()) index.add(event);
  }

  change(change: ListChange): void { this.changes.push(change); }

  /** Forgets events at or before an instant that no window will reach again. Only once they are a quarter of all, so that it costs little. */
  dropUntil(ts: number): void {
    const gone = firstAfter(this.events, ts);
    if (gone * 4 <= this.events.length) return;
    this.events = this.events.slice(gone);
    this.byKey = new Map(); // made again when asked for
  }

  /** Events with afterTs < ts <= untilTs that agree with the triggering event in the key, in (ts, seq) order. */
  private candidates(triggering: LogEvent, key: WindowSource['key'], { afterTs, untilTs }: TimeRange): readonly LogEvent[] {
    const fields = key.map((part) => part.counted);
    const name = fields.join(keySeparator);
    const index = this.byKey.get(name) ?? new KeyIndex(fields, this.events);
    this.byKey.set(name, index);
    const events = index.eventsOf(key.map((part) => keyPartOf(triggering, part.triggering)));
    return events.slice(firstAfter(events, afterTs), firstAfter(events, untilTs));
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
      windowEvents: (source) => eventsInWindow(source, event, this.candidates(event, source.key, spanRange(source.span, event.ts, retentionMs)), options),
      previousEvent: (types, key) => {
        const pairs = key.map((name) => ({ counted: name, triggering: name }));
        return eventBefore(event, types, key, this.candidates(event, pairs, { afterTs: event.ts - retentionMs, untilTs: event.ts }), options);
      },
      isListed: (list, value, about) => this.isListed(list, value, about, options.evaluation),
      modelScore: (name) => models?.[name],
    };
  }
}

/**
 * Evidence for one event from the log itself, for hosts that look at an event after the fact.
 *
 * @param entries those from the rule's longest span before the event up to, in arrival mode, the event's own seq; more do no
 *   harm, other kinds than events and list changes are ignored, late events too.
 */
export function evidenceFromLog(entries: Iterable<LogEntry>, event: LogEvent, options: Pick<EngineOptions, 'evaluation' | 'retentionMs' | 'models'>): EvidenceSource {
  const events: LogEvent[] = [];
  const changes: ListChange[] = [];
  for (const entry of entries) {
    if (entry.kind === 'event' && entry.late !== true) events.push(entry);
    if (entry.kind === 'list') changes.push(entry);
  }
  return new EventHistory(events, changes).evidenceFor(event, options);
}
