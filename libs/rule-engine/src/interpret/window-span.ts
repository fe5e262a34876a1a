import type { FieldValue, LogEvent } from '@weir/contracts';
import type { WindowSource, WindowSpan } from '@weir/rule-lang';
import { startOf } from './calendar.js';
import { keyText } from './value.js';

/** (afterTs, untilTs]: the first bound is not in, the second is. */
export interface TimeRange { readonly afterTs: number; readonly untilTs: number }

/** The instants that a span covers for a triggering event at `ts` (rule-language §3). `lastEvents` looks back over the retention. */
export function spanRange(span: WindowSpan, ts: number, retentionMs: number): TimeRange {
  switch (span.kind) {
    case 'last': case 'before': return { afterTs: ts - span.ms, untilTs: ts };
    case 'between': return { afterTs: ts - span.fromMs, untilTs: ts - span.toMs };
    case 'since': return { afterTs: startOf(span.unit, ts, span.zone) - 1, untilTs: ts };
    case 'lastEvents': return { afterTs: ts - retentionMs, untilTs: ts };
    case 'rule': throw new TypeError('the window of a window rule has no triggering event');
  }
}

/** -1, 0, 1 by (ts, seq): the order of events inside windows. */
export function byTimeAndSeq(a: LogEvent, b: LogEvent): number {
  return a.ts - b.ts || a.seq - b.seq;
}

/** The value that an event has for a part of a window's key: a field, or the `id` or `type` that every event has. */
export function keyPartOf(event: Pick<LogEvent, 'id' | 'type' | 'fields'>, name: string): FieldValue | undefined {
  return name === 'id' ? event.id : name === 'type' ? event.type : event.fields[name];
}

/** True when the events agree in a window's key: the counted one has all its fields, with the triggering event's values. */
export function hasKeyOf(counted: LogEvent, triggering: LogEvent, key: WindowSource['key']): boolean {
  return key.every((part) => {
    const value = keyPartOf(counted, part.counted);
    const wanted = keyPartOf(triggering, part.triggering);
    return value !== undefined && wanted !== undefined && keyText(value) === keyText(wanted);
  });
}

/** Names of the key fields that the triggering event lacks. */
export function missingKeyFields(triggering: LogEvent, key: WindowSource['key']): readonly string[] {
  return key.filter((part) => keyPartOf(triggering, part.triggering) === undefined).map((part) => part.triggering);
}

/** Which part of the history an evaluation sees. */
export interface WindowView { readonly evaluation: 'arrival' | 'watermark'; readonly retentionMs: number }

/**
 * The events that a window holds for a triggering event, by the definition in rule-language §3 and §6.
 *
 * @param candidates any superset of them in (ts, seq) order: late events must not be among them.
 */
export function eventsInWindow(source: WindowSource, triggering: LogEvent, candidates: readonly LogEvent[], view: WindowView): readonly LogEvent[] {
  const { afterTs, untilTs } = spanRange(source.span, triggering.ts, view.retentionMs);
  const held = candidates.filter((event) =>
    event.ts > afterTs && event.ts <= untilTs
    && (view.evaluation === 'watermark' || event.seq <= triggering.seq)
    && source.types.includes(event.type)
    && hasKeyOf(event, triggering, source.key));
  switch (source.span.kind) {
    case 'before': return held.filter((event) => event.seq !== triggering.seq);
    case 'lastEvents': return held.filter((event) => byTimeAndSeq(event, triggering) <= 0).slice(-source.span.count);
    default: return held;
  }
}

/** `previous`: see {@link EvidenceSource.previousEvent}. Candidates as in {@link eventsInWindow}. */
export function eventBefore(triggering: LogEvent, types: readonly string[], key: readonly string[], candidates: readonly LogEvent[], view: WindowView): LogEvent | undefined {
  const pairs = key.map((name) => ({ counted: name, triggering: name }));
  return candidates.findLast((event) =>
    event.ts > triggering.ts - view.retentionMs
    && byTimeAndSeq(event, triggering) < 0
    && (view.evaluation === 'watermark' || event.seq < triggering.seq)
    && types.includes(event.type)
    && hasKeyOf(event, triggering, pairs));
}
