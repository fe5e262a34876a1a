import type { FieldValue, LogEntry, LogEvent } from '@weir/contracts';
import { canonicalDecimal, geoUnitVector } from '@weir/rule-lang';
import fc from 'fast-check';
import { strings } from './arbitrary-expression.js';
import { fieldsOf, isRequired, workloadTypes } from './workload-schema.js';
import type { WorkloadField, WorkloadScales, WorkloadType } from './workload-schema.js';

/** Starts just before midnights, clock changes and a new week, so `since` has its boundaries among the events. */
const starts = ['2026-03-28T23:59:55Z', '2026-03-29T00:59:58Z', '2026-01-04T23:59:57Z', '2025-12-31T23:59:50Z', '2026-03-09T03:59:55Z', '2026-01-05T18:14:55Z', '2026-02-28T18:29:57Z', '2026-07-01T12:00:00Z'].map((text) => Date.parse(text));

/** Gaps between events: nothing, the spans of the windows, one ms beside them. */
const gaps = [0, 0, 0, 1, 500, 1000, 1000, 999, 1001, 1000, 2000, 4000, 5000, 5000, 4999, 5001, 10_000, 60_000] as const;

const pool: Readonly<Record<Exclude<WorkloadField, 'amount' | 'fee' | 'event_id'>, readonly FieldValue[]>> = {
  acct: ['a1', 'a2'], device: ['d1', 'd2'], merchant: ['m1', 'm2', 'm3'], payee: ['a1', 'a2', 'a3'], note: strings,
  tries: [0, 1, 2, 3, -1, 9_007_199_254_740_991], score: [0.1, 0.2, 0.3, 1e16, 1, -1e16, -0.5, 3.3], declined: [true, false], fraud: [true, false],
  seen_at: [1, ...starts, 1_775_000_000_123], place: [[51.5074, -0.1278], [40.7128, -74.006], [0, 0], [0, 180], [-51.5074, 179.8722]].map(([lat, lon]) => place(lat ?? 0, lon ?? 0)),
};
const amounts = ['0', '0.1', '0.2', '0.3', '1', '5', '10.01', '30.03', '33.333', '-2.5', '90071992.54'] as const;

function place(lat: number, lon: number): FieldValue {
  return geoUnitVector(lat, lon);
}

function arbValue(field: WorkloadField, scales: WorkloadScales): fc.Arbitrary<FieldValue> {
  if (field === 'event_id') return fc.constantFrom('e1', 'e2');
  if (field !== 'amount' && field !== 'fee') return fc.constantFrom(...pool[field]);
  // Only amounts that the field's scale allows; 0 always does.
  const fitting = amounts.flatMap((text) => canonicalDecimal(text, scales[field]) ?? []);
  return fc.constantFrom(...(fitting.length > 0 ? fitting : ['0']));
}

function arbFields(type: WorkloadType, scales: WorkloadScales): fc.Arbitrary<LogEvent['fields']> {
  const one = (field: WorkloadField): fc.Arbitrary<FieldValue | null> =>
    isRequired(type, field) ? arbValue(field, scales) : fc.option(arbValue(field, scales), { freq: field === 'acct' ? 12 : 5 });
  return fc.tuple(...fieldsOf(type).map((field) => one(field).map((value) => [field, value] as const)))
    .map((pairs) => Object.fromEntries(pairs.flatMap(([field, value]) => (value === null ? [] : [[field, value]]))));
}

/** One draw of what is appended next, before lateness and order are decided. */
type Draft =
  | { readonly kind: 'event'; readonly type: WorkloadType; readonly fields: LogEvent['fields']; readonly gap: number; readonly back: number; readonly skip: number }
  | { readonly kind: 'list'; readonly value: string; readonly change: 'add' | 'remove' }
  | { readonly kind: 'heartbeat'; readonly gap: number };

function arbDraft(scales: WorkloadScales): fc.Arbitrary<Draft> {
  const event = fc.constantFrom(...workloadTypes, 'payment' as const, 'payment' as const).chain((type) => fc.record<Extract<Draft, { kind: 'event' }>>({
    kind: fc.constant('event'),
    type: fc.constant(type),
    fields: arbFields(type, scales),
    gap: fc.constantFrom(...gaps),
    // How far it is dated before the newest one: mostly not at all, then inside the bound, at it and beyond it.
    back: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.constantFrom(...gaps) }),
    skip: fc.constantFrom(0, 0, 0, 1, 7),
  }));
  const list = fc.record<Extract<Draft, { kind: 'list' }>>({ kind: fc.constant('list'), value: fc.constantFrom('a1', 'm1', 'd1', 'a'), change: fc.constantFrom('add', 'add', 'remove') });
  const heartbeat = fc.record<Extract<Draft, { kind: 'heartbeat' }>>({ kind: fc.constant('heartbeat'), gap: fc.constantFrom(1, 5_000, 61_000) });
  return fc.oneof({ weight: 20, arbitrary: event }, { weight: 2, arbitrary: list }, { weight: 1, arbitrary: heartbeat });
}

/**
 * Entries as a log would hold them: seq rising with gaps, late events marked (labels restamped), list changes dated with the
 * largest ts so far, heartbeats only ahead of it. Few keys, many ties, distances at the exact bounds of the windows.
 */
export function arbEntries(scales: WorkloadScales, maxOutOfOrdernessMs: number, maxLength: number): fc.Arbitrary<readonly LogEntry[]> {
  return fc.tuple(fc.constantFrom(...starts), fc.array(arbDraft(scales), { minLength: 1, maxLength, size: 'max' }))
    .map(([start, drafts]) => sequence(start, drafts, maxOutOfOrdernessMs));
}

function sequence(start: number, drafts: readonly Draft[], maxOutOfOrdernessMs: number): readonly LogEntry[] {
  let seq = 0;
  let maxTs = 0;
  return drafts.map((draft): LogEntry => {
    seq += 1;
    const newest = maxTs === 0 ? start : maxTs;
    switch (draft.kind) {
      case 'list': return { kind: 'list', seq, ts: newest, list: 'watched', value: draft.value, change: draft.change };
      case 'heartbeat':
        maxTs = newest + draft.gap;
        return { kind: 'heartbeat', seq, ts: maxTs };
      case 'event': {
        seq += draft.skip;
        const ts = newest + (draft.back === 0 ? draft.gap : -draft.back);
        const event: LogEvent = { kind: 'event', seq, ts, id: `e${seq}`, type: draft.type, fields: draft.fields };
        if (maxTs > 0 && ts <= maxTs - maxOutOfOrdernessMs - 1) return draft.type === 'label' ? { ...event, ts: maxTs, statedTs: ts } : { ...event, late: true };
        maxTs = Math.max(maxTs, ts);
        return event;
      }
    }
  });
}
