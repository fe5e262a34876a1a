import { describe, expect, it } from '@jest/globals';
import type { Alert, LogEntry } from '@weir/contracts';
import fc from 'fast-check';
import type { EngineDefinition, RuleEngine, SnapshotSlices } from './engine.js';
import { beginRestore, createEngine, restoreEngine } from './engine-embedded.js';
import { alertDifference, arbWorkload, playAll } from './testing/index.js';
import type { Workload } from './testing/index.js';

const runs = Number(process.env['WEIR_PROPERTY_RUNS'] ?? 50);
const kinds = ['when', 'when', 'sequence', 'window'] as const;

/** Like fc.assert, but a failure shows rules and log, not the whole typed trees. */
function holdsForAll(check: (definition: EngineDefinition, entries: readonly LogEntry[], draw: number) => string | undefined): void {
  const attempt = ({ definition, entries }: Workload, draw: number): string | undefined => {
    try {
      return check(definition, entries, draw);
    } catch (error) {
      return error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
  };
  const result = fc.check(fc.property(arbWorkload({ kinds, maxEntries: 60 }), fc.nat(1_000_000), (workload, draw) => attempt(workload, draw) === undefined), { numRuns: runs });
  if (result.counterexample === null) return;
  const [found, draw] = result.counterexample;
  throw new Error([attempt(found, draw), ...found.ruleTexts, JSON.stringify(found.definition.options), ...found.entries.map((entry) => JSON.stringify(entry)), `draw ${draw}, seed ${result.seed}, path ${result.counterexamplePath ?? ''}`].join('\n'));
}

/** Small slices, so that even little states have many. */
const sliceBytes = 1024;

function restored(definition: EngineDefinition, slices: readonly Uint8Array[]): RuleEngine {
  const restore = beginRestore(definition);
  for (const slice of slices) {
    const refusal = restore.push(slice);
    if (refusal !== undefined) throw new Error(refusal.message);
  }
  const result = restore.finish();
  if (!result.ok) throw new Error(result.message);
  return result.engine;
}

function begin(engine: RuleEngine): SnapshotSlices {
  const slices = engine.beginSnapshot?.();
  if (slices === undefined) throw new Error('the engine gives no slices');
  return slices;
}

function alertsOf(engine: RuleEngine, entries: readonly LogEntry[]): readonly Alert[] { return entries.flatMap((entry) => engine.apply(entry)); }

describe('a snapshot in slices', () => {
  it('is that of the entry it was begun at, whatever is applied meanwhile, and disturbs nothing', () => {
    holdsForAll((definition, entries, draw) => {
      const expected = playAll(createEngine(definition), entries);
      const engine = createEngine(definition);
      const at = draw % (entries.length + 1);
      const before = alertsOf(engine, entries.slice(0, at));
      const slices = begin(engine);
      const taken: Uint8Array[] = [];
      // As many slices after each entry as the draw says, perhaps none for a while; what is left at the end.
      const meanwhile = entries.slice(at).flatMap((entry, i) => {
        const alerts = engine.apply(entry);
        for (let n = (draw >> (i % 16)) % 3; n > 0; n--) {
          const slice = slices.next(sliceBytes);
          if (slice !== undefined) taken.push(slice);
        }
        return alerts;
      });
      for (let slice = slices.next(sliceBytes); slice !== undefined; slice = slices.next(sliceBytes)) taken.push(slice);
      const second = restored(definition, taken);
      if (second.stats().seq !== (entries[at - 1]?.seq ?? 0)) return `it stands at ${second.stats().seq}`;
      return alertDifference([...before, ...meanwhile, ...engine.end()], expected) ?? alertDifference([...before, ...playAll(second, entries.slice(at))], expected);
    });
  });

  it('is the same state as one taken at once: what is snapshotted of both is equal', () => {
    holdsForAll((definition, entries) => {
      const engine = createEngine(definition);
      alertsOf(engine, entries);
      const slices = begin(engine);
      const taken: Uint8Array[] = [];
      for (let slice = slices.next(sliceBytes); slice !== undefined; slice = slices.next(sliceBytes)) taken.push(slice);
      const whole = restoreEngine(definition, engine.snapshot());
      if (!whole.ok) return whole.message;
      const again = (one: RuleEngine): string => [...one.snapshot()].join();
      if (whole.engine.stats().openMatches !== engine.stats().openMatches) return `${whole.engine.stats().openMatches} matches are under way, before there were ${engine.stats().openMatches}`;
      return again(restored(definition, taken)) === again(whole.engine) ? undefined : 'they differ';
    });
  });

  it('is the same byte for byte in a room that held the slice before', () => {
    holdsForAll((definition, entries) => {
      const engine = createEngine(definition);
      alertsOf(engine, entries);
      const [fresh, reused] = [begin(engine), begin(engine)];
      const room = new Uint8Array(2 * sliceBytes);
      for (;;) {
        const [expected, found] = [fresh.next(sliceBytes), reused.next(sliceBytes, room)];
        if (expected === undefined || found === undefined) return expected === found ? undefined : 'one ends before the other';
        if (Buffer.compare(expected, found) !== 0) return 'a slice differs';
        room.fill(0xa5);
      }
    });
  });

  it('that is given up, or is one of several, leaves nothing behind: all that has expired is dropped', () => {
    holdsForAll((definition, entries, draw) => {
      const engine = createEngine(definition);
      const open: SnapshotSlices[] = [];
      for (const [i, entry] of entries.entries()) {
        engine.apply(entry);
        if ((draw + i) % 5 === 0) open.push(begin(engine));
        for (const one of open) if ((draw >> (i % 16)) % 2 === 0) one.next(sliceBytes);
        if ((draw + i) % 7 === 0) open.pop()?.abandon();
      }
      for (const one of open) while (one.next(sliceBytes) !== undefined);
      const { seq, maxTs } = engine.stats();
      engine.apply({ kind: 'heartbeat', seq: seq + 1, ts: maxTs + 2 * definition.options.retentionMs });
      const { keys, windowEvents, openMatches } = engine.stats();
      return keys === 0 && windowEvents === 0 && openMatches === 0 ? undefined : `${keys} keys, ${windowEvents} events and ${openMatches} matches are left`;
    });
  });

  it('is refused by name when any slice is missing, doubled or damaged', () => {
    const [{ definition, entries } = { definition: undefined, entries: [] }] = fc.sample(arbWorkload({ kinds, maxEntries: 60, maxRules: 4 }), { numRuns: 1, seed: 7 });
    if (definition === undefined) throw new Error('no sample');
    const engine = createEngine(definition);
    alertsOf(engine, entries);
    const slices = begin(engine);
    const taken: Uint8Array[] = [];
    for (let slice = slices.next(sliceBytes); slice !== undefined; slice = slices.next(sliceBytes)) taken.push(slice);
    const outcome = (parts: readonly Uint8Array[]): string => {
      const restore = beginRestore(definition);
      for (const part of parts) {
        const refusal = restore.push(part);
        if (refusal !== undefined) return refusal.reason;
      }
      const result = restore.finish();
      return result.ok ? 'restored' : result.reason;
    };
    expect(taken.length).toBeGreaterThan(2);
    expect(outcome(taken)).toBe('restored');
    taken.forEach((slice, i) => {
      expect(outcome(taken.filter((_, at) => at !== i))).toBe(i === 0 ? 'not-a-snapshot' : 'damaged');
      expect(outcome([...taken.slice(0, i), slice, ...taken.slice(i)])).toBe('damaged');
      for (const at of [13, slice.length >> 1, slice.length - 1]) {
        const broken = slice.slice();
        broken[at] = (broken[at] ?? 0) ^ 4;
        expect(outcome([...taken.slice(0, i), broken, ...taken.slice(i + 1)])).toBe('damaged');
      }
    });
  });
});
