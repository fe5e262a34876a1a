import { describe, it } from '@jest/globals';
import type { Alert, LogEntry } from '@weir/contracts';
import fc from 'fast-check';
import type { EngineDefinition, EngineOptions, RestoreResult, RuleEngine } from './engine.js';
import { createEngine, restoreEngine } from './engine-embedded.js';
import { createInterpreter, restoreInterpreter } from './interpret/interpreter.js';
import { alertDifference, arbWorkload, playAll } from './testing/index.js';
import type { Workload } from './testing/index.js';

/** Rules of every kind in one engine, in both modes, on logs with ties, late events, events out of order, list changes and heartbeats. */
const bounds = { kinds: ['when', 'when', 'sequence', 'sequence', 'window'], maxRules: 4, maxEntries: 50 } as const;
const runs = Number(process.env['WEIR_PROPERTY_RUNS'] ?? 25);

type Make = (definition: EngineDefinition) => RuleEngine;
type Restore = (definition: EngineDefinition, bytes: Uint8Array) => RestoreResult;

function withOptions(definition: EngineDefinition, options: Partial<EngineOptions>): EngineDefinition { return { ...definition, options: { ...definition.options, ...options } }; }
const closures: Make = (definition) => createEngine(withOptions(definition, { codegen: false }));
const restoreClosures: Restore = (definition, bytes) => restoreEngine(withOptions(definition, { codegen: false }), bytes);
const engines: readonly (readonly [string, Make, Restore])[] = [['generated code', createEngine, restoreEngine], ['closures', closures, restoreClosures], ['the interpreter', createInterpreter, restoreInterpreter]];

/** Like fc.assert, but a failure shows rules and log, not the whole typed trees. */
function holdsForAll<T>(workloads: fc.Arbitrary<Workload>, extra: fc.Arbitrary<T>, check: (workload: Workload, extra: T) => string | undefined): void {
  const attempt = (workload: Workload, more: T): string | undefined => {
    try {
      return check(workload, more);
    } catch (error) {
      return error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
  };
  const result = fc.check(fc.property(workloads, extra, (workload, more) => attempt(workload, more) === undefined), { numRuns: runs });
  const found = result.counterexample;
  if (found === null) return;
  const [workload, more] = found;
  throw new Error([attempt(workload, more), ...workload.ruleTexts, JSON.stringify(workload.definition.options), ...workload.entries.map((entry) => JSON.stringify(entry)), JSON.stringify(more), `seed ${result.seed}, path ${result.counterexamplePath ?? ''}`].join('\n'));
}

/** A value without its seqs, wherever they stand: an order of arrival gives events other ones. */
function withoutSeq(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSeq);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([name, one]) => (name === 'seq' ? [] : [[name, withoutSeq(one)]])));
}
/** Each alert with everything it says but seqs; in order of their texts, for what waits for time may fire with another entry. */
function saying(alerts: readonly Alert[]): readonly string[] { return alerts.map((alert) => JSON.stringify(withoutSeq(alert))).sort(); }
function idsOf(alerts: readonly Alert[]): readonly string[] { return alerts.map(({ alertId }) => alertId).sort(); }
/** The first text that only one of two sorted lists has. */
function textDifference(a: readonly string[], b: readonly string[]): string | undefined {
  const at = a.findIndex((text, i) => text !== b[i]);
  return at < 0 && a.length === b.length ? undefined : `${a.length} and ${b.length} alerts; first difference\n${a[at < 0 ? b.length : at] ?? '-'}\n${b[at < 0 ? a.length : at] ?? '-'}`;
}

function isInTime(entry: LogEntry): boolean { return entry.kind === 'event' && entry.late !== true; }
function renumbered(entries: readonly LogEntry[]): readonly LogEntry[] { return entries.map((entry, i) => ({ ...entry, seq: i + 1 })); }

describe('the laws of the engines', () => {
  it('interpreter, closures and generated code give the same alerts, every field included', () => {
    holdsForAll(arbWorkload(bounds), fc.constant(0), ({ definition, entries }) => {
      const expected = playAll(createInterpreter(definition), entries);
      return alertDifference(playAll(closures(definition), entries), expected) ?? alertDifference(playAll(createEngine(definition), entries), expected);
    });
  });

  for (const [name, make, restore] of engines) {
    it(`cut and restored at any points, ${name} goes on with the same alerts`, () => {
      holdsForAll(arbWorkload(bounds), fc.array(fc.nat(60), { minLength: 1, maxLength: 6 }), ({ definition, entries }, cuts) => {
        let engine = make(definition);
        const cut = entries.flatMap((entry, i) => {
          const alerts = engine.apply(entry);
          // The same point may come twice: nothing may be lost by writing what was just read.
          for (const at of cuts) {
            if (at % entries.length !== i) continue;
            const restored = restore(definition, Uint8Array.from(engine.snapshot()));
            if (!restored.ok) throw new Error(restored.message);
            engine = restored.engine;
          }
          return alerts;
        });
        return alertDifference([...cut, ...engine.end()], playAll(make(definition), entries));
      });
    });
  }

  it('what generated code has written, closures read, and the other way round', () => {
    holdsForAll(arbWorkload(bounds), fc.nat(60), ({ definition, entries }, n) => {
      const at = n % entries.length;
      const across = (from: Make, to: Restore): readonly Alert[] => {
        const first = from(definition);
        const head = entries.slice(0, at).flatMap((entry) => first.apply(entry));
        const restored = to(definition, first.snapshot());
        if (!restored.ok) throw new Error(restored.message);
        return [...head, ...playAll(restored.engine, entries.slice(at))];
      };
      const whole = playAll(createEngine(definition), entries);
      return alertDifference(across(createEngine, restoreClosures), whole) ?? alertDifference(across(closures, restoreEngine), whole);
    });
  });

  it('in watermark mode any order of arrival inside the bound gives the same alerts', () => {
    holdsForAll(arbWorkload({ ...bounds, evaluation: 'watermark' }), fc.infiniteStream(fc.nat(1_000_000)), ({ definition, entries }, noise) => {
      const lists = entries.filter((entry) => entry.kind === 'list').map((entry) => ({ ...entry, ts: entries[0]?.ts ?? 1 }));
      const inOrder = entries.filter((entry) => isInTime(entry) || entry.kind === 'heartbeat').sort((a, b) => a.ts - b.ts || a.seq - b.seq);
      const arrived = delayed(inOrder, definition.options.maxOutOfOrdernessMs, () => noise.next().value);
      const logs = [inOrder, arrived].map((log) => renumbered([...lists, ...movingOnly(log)]));
      const [expected, ...others] = engines.slice(0, 2).flatMap(([, make]) => logs.map((log) => saying(playAll(make(definition), log))));
      const judge = saying(playAll(createInterpreter(definition), logs[1] ?? []));
      return others.concat([judge]).map((other) => textDifference(other, expected ?? [])).find((difference) => difference !== undefined);
    });
  });

  it('in arrival mode the alerts are those of watermark mode on ordered input without ties', () => {
    holdsForAll(arbWorkload({ ...bounds, evaluation: 'arrival' }), fc.constant(0), ({ definition, entries }) => {
      const log = withoutTies(entries);
      for (const [name, make] of engines) {
        const [arrival, watermark] = (['arrival', 'watermark'] as const).map((evaluation) => saying(playAll(make(withOptions(definition, { evaluation })), log)));
        const difference = textDifference(watermark ?? [], arrival ?? []);
        if (difference !== undefined) return `${name}: ${difference}`;
      }
      return undefined;
    });
  });

  it('a late event changes nothing for the others', () => {
    holdsForAll(arbWorkload(bounds), fc.constant(0), ({ definition, entries }) => {
      const without = entries.filter((entry) => entry.kind !== 'event' || entry.late !== true);
      for (const [name, make] of engines) {
        const alerts = playAll(make(definition), entries).filter(({ trigger }) => trigger?.late !== true);
        const difference = textDifference(saying(alerts), saying(playAll(make(definition), without)));
        if (difference !== undefined) return `${name}: ${difference}`;
      }
      return undefined;
    });
  });

  it('a heartbeat that makes no event late changes no alert, but when it fires', () => {
    holdsForAll(arbWorkload(bounds), fc.infiniteStream(fc.nat(1_000_000)), ({ definition, entries }, noise) => {
      const more = withHeartbeats(entries, definition.options.maxOutOfOrdernessMs, () => noise.next().value);
      for (const [name, make] of engines) {
        const difference = textDifference(idsOf(playAll(make(definition), more)), idsOf(playAll(make(definition), renumbered(entries))));
        if (difference !== undefined) return `${name}: ${difference}`;
      }
      return undefined;
    });
  });

  it('the end of the input fires what a heartbeat far ahead fires', () => {
    holdsForAll(arbWorkload(bounds), fc.constant(0), ({ definition, entries }) => {
      const maxTs = Math.max(...entries.map(({ ts }) => ts));
      const far: LogEntry = { kind: 'heartbeat', seq: (entries.at(-1)?.seq ?? 0) + 1, ts: maxTs + 86_400_000 };
      for (const [name, make] of engines) {
        const beaten = make(definition);
        const difference = textDifference(idsOf([...entries, far].flatMap((entry) => beaten.apply(entry))), idsOf(playAll(make(definition), entries)));
        if (difference !== undefined) return `${name}: ${difference}`;
        const left = beaten.end();
        if (left.length > 0) return `${name}: ${left.length} alerts are left for the end`;
      }
      return undefined;
    });
  });

  it('nothing is held once everything has expired', () => {
    holdsForAll(arbWorkload(bounds), fc.constant(0), ({ definition, entries }) => {
      for (const [name, make] of engines.slice(0, 2)) {
        const engine = make(definition);
        const empty = { ...engine.stats() };
        for (const entry of entries) engine.apply(entry);
        const { seq, maxTs } = engine.stats();
        engine.apply({ kind: 'heartbeat', seq: seq + 1, ts: maxTs + 2 * definition.options.retentionMs });
        const { keys, windowEvents, openMatches } = engine.stats();
        if (keys !== empty.keys || windowEvents !== 0 || openMatches !== 0) return `${name}: ${keys} keys, ${windowEvents} events and ${openMatches ?? 0} matches are left`;
      }
      return undefined;
    });
  });
});

/** Heartbeats that would not move time are not in a log. */
function movingOnly(entries: readonly LogEntry[]): readonly LogEntry[] {
  let maxTs = 0;
  return entries.filter(({ kind, ts }) => {
    const isMoving = kind !== 'heartbeat' || ts > maxTs;
    maxTs = Math.max(maxTs, ts);
    return isMoving;
  });
}

/** Events in order of time as they arrive when each is held up by the bound at most, heartbeats not at all; those of one ms keep their order. */
function delayed(entries: readonly LogEntry[], boundMs: number, noise: () => number): readonly LogEntry[] {
  let lastTs = -1;
  let lastArrival = 0;
  return entries.map((entry, i) => {
    if (entry.kind === 'heartbeat') return { entry, arrival: entry.ts, i };
    const arrival = entry.ts + (noise() % (boundMs + 1));
    lastArrival = entry.ts === lastTs ? Math.max(lastArrival, arrival) : arrival;
    lastTs = entry.ts;
    return { entry, arrival: lastArrival, i };
  }).sort((a, b) => a.arrival - b.arrival || Number(a.entry.kind === 'heartbeat') - Number(b.entry.kind === 'heartbeat') || a.i - b.i).map(({ entry }) => entry);
}

/** In order, every entry at a time of its own; a list change is dated with a heartbeat of its own just before it. */
function withoutTies(entries: readonly LogEntry[]): readonly LogEntry[] {
  let ts = 0;
  const sorted = entries.filter((entry) => entry.kind !== 'event' || entry.late !== true).sort((a, b) => a.ts - b.ts || a.seq - b.seq);
  return renumbered(sorted.flatMap((entry): readonly LogEntry[] => {
    ts = Math.max(ts + 1, entry.ts);
    return entry.kind === 'list' ? [{ kind: 'heartbeat', seq: 0, ts }, { ...entry, ts }] : [{ ...entry, ts }];
  }));
}

/** The log with heartbeats between its entries, as far ahead as no later event in time becomes late and no later entry is dated back. */
function withHeartbeats(entries: readonly LogEntry[], boundMs: number, noise: () => number): readonly LogEntry[] {
  let maxTs = 0;
  return renumbered(entries.flatMap((entry, i): readonly LogEntry[] => {
    const later = entries.slice(i);
    const most = Math.min(...later.filter(isInTime).map(({ ts }) => ts + boundMs), ...later.filter((one) => !isInTime(one) && one.kind !== 'event').map(({ ts }) => ts - 1), maxTs + 120_000);
    const restamped = later.filter((one) => one.kind === 'event' && one.statedTs !== undefined).map(({ ts }) => ts - 1);
    const until = Math.min(most, ...restamped);
    const ts = maxTs + 1 + (noise() % Math.max(1, until - maxTs));
    const beat: readonly LogEntry[] = maxTs > 0 && ts <= until ? [{ kind: 'heartbeat', seq: 0, ts }] : [];
    maxTs = Math.max(maxTs, entry.ts, ...beat.map((one) => one.ts));
    return [...beat, entry];
  }));
}
