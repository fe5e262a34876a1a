import type { FieldValue, LogEvent } from '@weir/contracts';
import type { WindowSource } from '@weir/rule-lang';
import type { EventNumber } from '@weir/stream-core';
import type { EventLog } from './compile/event-log.js';
import { leaveBound, upperEnd } from './compile/span-bound.js';
import { collected, eventsBetween, eventsUpTo } from './compile/window-view.js';
import type { EngineState } from './engine-state.js';
import type { EvidenceEvent, EvidenceSource } from './explain/evidence.js';
import { keyPartOf } from './interpret/window-span.js';
import type { StreamPlan } from './plan/state-plan.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
let scratch = new Uint8Array(4096);

/** Keeps what an explanation shows of an event beside its columns. */
export function keepPayload(log: EventLog, n: EventNumber, event: LogEvent): void {
  const text = JSON.stringify([event.id, event.fields]);
  if (scratch.length < 3 * text.length) scratch = new Uint8Array(6 * text.length);
  const { written } = encoder.encodeInto(text, scratch);
  const at = n & log.columns.mask;
  log.columns.place[at] = log.payload.append(scratch, 0, written);
  log.columns.size[at] = written;
}

/** An event as it was accepted: the triggering one itself, else read back from the host's log, or from the copy beside its columns. */
function eventOf(state: EngineState, log: EventLog, n: EventNumber, triggering: LogEvent): EvidenceEvent {
  const { columns } = log;
  const at = n & columns.mask;
  const seq = columns.seq[at] as number;
  if (seq === triggering.seq) return triggering;
  const { readEvent } = state.definition.options;
  const head = { kind: 'event', seq, ts: columns.ts[at] as number, type: state.plan.types[columns.type[at] as number] ?? '' } as const;
  if (readEvent !== undefined) return readBack(readEvent, seq) ?? { ...head, id: '', fields: {}, unread: true };
  const bytes = log.payload.read(columns.place[at] as number, columns.size[at] as number);
  // What keepPayload wrote: id and fields.
  const [id, fields] = JSON.parse(decoder.decode(bytes)) as [string, Record<string, FieldValue>];
  return { ...head, id, fields };
}

/** An alert is not lost over an event that its explanation would have shown: a log that has it no more, or cannot read it, is told in the explanation. */
function readBack(readEvent: (seq: number) => LogEvent | undefined, seq: number): LogEvent | undefined {
  try {
    return readEvent(seq);
  } catch {
    return undefined;
  }
}

/**
 * What the explanation of an alert asks, answered from the in-memory log. Valid while the triggering event is the
 * current row and nothing has entered since.
 */
export function evidenceOf(state: EngineState, event: LogEvent): EvidenceSource {
  const { options } = state.definition;
  const events = (log: EventLog, count: number): readonly EvidenceEvent[] => Array.from(collected().subarray(0, count)).map((n) => eventOf(state, log, n, event));
  return {
    event,
    retentionMs: options.retentionMs,
    windowEvents: (source) => {
      const found = streamOf(state, source.types, source.key.map((part) => part.counted));
      if (found === undefined) return [];
      const id = keyOf(state, found.stream, source, event);
      const { span } = source;
      const count = span.kind === 'lastEvents'
        ? eventsUpTo(found.log, found.stream, id, event, { after: event.ts - options.retentionMs, count: span.count, withItself: true })
        : eventsBetween(found.log, found.stream, id, { after: leaveBound(span).at(event.ts), until: upperEnd(span, event.ts), exceptSeq: span.kind === 'before' ? event.seq : -1, untilSeq: options.evaluation === 'arrival' ? event.seq : Infinity });
      return events(found.log, count);
    },
    previousEvent: (types, key) => {
      const found = streamOf(state, types, key);
      if (found === undefined) return undefined;
      const id = keyOf(state, found.stream, { types, key: [...key].sort().map((name) => ({ counted: name, triggering: name })) }, event);
      const count = eventsUpTo(found.log, found.stream, id, event, { after: event.ts - options.retentionMs, count: 1, withItself: false });
      return events(found.log, count)[0];
    },
    isListed: (list, value, about) => state.isListed(list, value, about.ts, about.seq),
    modelScore: (name) => options.models?.[name],
  };
}

function streamOf(state: EngineState, types: readonly string[], counted: readonly string[]): { stream: StreamPlan; log: EventLog } | undefined {
  const { plan } = state;
  const wantedTypes = types.map((name) => state.typeOf(name)).sort((a, b) => a - b).join();
  const wanted = [...counted].sort().join();
  const stream = plan.streams.find((one) => {
    const dimension = plan.dimensions[one.dimension];
    return one.types.join() === wantedTypes && dimension?.kind === 'fields' && dimension.slots.map((slot) => plan.slots[slot]?.name).sort().join() === wanted;
  });
  return stream === undefined ? undefined : { stream, log: state.logs[stream.log] as EventLog };
}

/** Id of the triggering event's key among the counted events' keys. The key is sorted, as the stream's was. */
function keyOf(state: EngineState, stream: StreamPlan, source: Pick<WindowSource, 'types' | 'key'>, event: LogEvent): number {
  const { plan, dimensions } = state;
  const dimension = dimensions[stream.dimension];
  if (dimension?.plan.kind !== 'fields') return 0;
  // Part by part, for a counted field may stand twice: `by(a == b, a == c)`.
  const slots = dimension.plan.slots.map((slot, i) => {
    const part = source.key[i];
    return plan.slots.findIndex((one) => one.name === part?.triggering && keyPartOf(event, one.name) !== undefined && one.type === plan.slots[slot]?.type);
  });
  return dimension.find(slots);
}
