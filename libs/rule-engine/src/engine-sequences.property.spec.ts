import { describe, expect, it } from '@jest/globals';
import type { LogEntry } from '@weir/contracts';
import fc from 'fast-check';
import type { EngineDefinition, RestoreResult, RuleEngine } from './engine.js';
import { createEngine, restoreEngine } from './engine-embedded.js';
import { createInterpreter, restoreInterpreter } from './interpret/interpreter.js';
import { alertDifference, arbWorkload, playAll } from './testing/index.js';
import type { Workload } from './testing/index.js';

const runs = Number(process.env['WEIR_PROPERTY_RUNS'] ?? 200);
const bounds = { kinds: ['sequence', 'sequence', 'sequence', 'when', 'window'], maxRules: 3, maxEntries: 60 } as const;

/** Like fc.assert, but a failure shows rules and log, not the whole typed trees. */
function holdsForAll(workloads: fc.Arbitrary<Workload>, check: (definition: EngineDefinition, entries: readonly LogEntry[]) => string | undefined): void {
  const attempt = ({ definition, entries }: Workload): string | undefined => {
    try {
      return check(definition, entries);
    } catch (error) {
      return error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
  };
  const result = fc.check(fc.property(workloads, (workload) => attempt(workload) === undefined), { numRuns: runs });
  const found = result.counterexample?.[0];
  if (found === undefined) return;
  throw new Error([attempt(found), ...found.ruleTexts, JSON.stringify(found.definition.options), ...found.entries.map((entry) => JSON.stringify(entry)), `seed ${result.seed}, path ${result.counterexamplePath ?? ''}`].join('\n'));
}

/** Alerts of an engine that is cut and restored at every seventh entry. */
function playCut(make: (definition: EngineDefinition) => RuleEngine, restore: (definition: EngineDefinition, bytes: Uint8Array) => RestoreResult, definition: EngineDefinition, entries: readonly LogEntry[]): ReturnType<typeof playAll> {
  let engine = make(definition);
  const cut = entries.flatMap((entry, i) => {
    const alerts = engine.apply(entry);
    if (i % 7 === entries.length % 7) {
      const restored = restore(definition, engine.snapshot());
      if (!restored.ok) throw new Error(restored.message);
      engine = restored.engine;
    }
    return alerts;
  });
  return [...cut, ...engine.end()];
}

describe('sequences and window rules', () => {
  for (const evaluation of ['arrival', 'watermark'] as const) {
    it(`give the interpreter's alerts in the embedded engine, every field included (${evaluation})`, () => {
      holdsForAll(arbWorkload({ ...bounds, evaluation }), (definition, entries) => alertDifference(playAll(createEngine(definition), entries), playAll(createInterpreter(definition), entries)));
    });
  }

  it('go on with the same alerts after a cut at any points, in both engines', () => {
    holdsForAll(arbWorkload(bounds), (definition, entries) => {
      const whole = playAll(createEngine(definition), entries);
      return alertDifference(playCut(createEngine, restoreEngine, definition, entries), whole) ?? alertDifference(playCut(createInterpreter, restoreInterpreter, definition, entries), whole);
    });
  });

  it('hold nothing once everything has expired', () => {
    holdsForAll(arbWorkload(bounds), (definition, entries) => {
      const engine = createEngine(definition);
      for (const entry of entries) engine.apply(entry);
      const { seq, maxTs } = engine.stats();
      engine.apply({ kind: 'heartbeat', seq: seq + 1, ts: maxTs + 2 * definition.options.retentionMs });
      const { openMatches, windowEvents } = engine.stats();
      return openMatches === 0 && windowEvents === 0 ? undefined : `${openMatches} matches and ${windowEvents} events are left`;
    });
  });

  it('of windows alone give the interpreter\'s alerts', () => {
    holdsForAll(arbWorkload({ kinds: ['window'], maxRules: 2 }), (definition, entries) => alertDifference(playAll(createEngine(definition), entries), playAll(createInterpreter(definition), entries)));
    const samples = fc.sample(arbWorkload({ kinds: ['window'], maxRules: 2 }), { numRuns: 100, seed: 20260105 });
    expect(samples.filter(({ definition, entries }) => playAll(createEngine(definition), entries).length > 0).length).toBeGreaterThan(60);
  });

  it('are generated so that they fire often, at absences and with every afterMatch too', () => {
    const samples = fc.sample(arbWorkload({ ...bounds, kinds: ['sequence'] }), { numRuns: 300, seed: 20260105 });
    const fired = samples.map(({ definition, entries }) => playAll(createInterpreter(definition), entries));
    expect(fired.filter((alerts) => alerts.length > 0).length).toBeGreaterThan(120);
    expect(fired.flat().filter(({ ts, trigger }) => trigger !== undefined && ts > trigger.ts).length).toBeGreaterThan(40);
    const texts = samples.flatMap(({ definition, ruleTexts }, i) => (fired[i]?.length === 0 || definition.rules.length < ruleTexts.length ? [] : ruleTexts)).join('\n');
    for (const word of ['next:', 'followedBy:', 'followedByAny:', 'notNext:', 'notFollowedBy:', 'optional:', 'greedy:', 'consecutive:', 'allowCombinations:', 'until:', 'noSkip', 'skipToNext', 'skipPastLastEvent', 'skipToFirst', 'skipToLast', '.sum(', '.count()', '.first.']) expect(texts).toContain(word);
  });
});
