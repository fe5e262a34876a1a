import { describe, it } from '@jest/globals';
import type { LogEntry } from '@weir/contracts';
import fc from 'fast-check';
import type { EngineDefinition, RuleEngine } from './engine.js';
import { createEngine, restoreEngine } from './engine-embedded.js';
import { createInterpreter } from './interpret/interpreter.js';
import { alertDifference, arbWorkload, playAll } from './testing/index.js';
import type { Workload } from './testing/index.js';

const runs = Number(process.env['WEIR_PROPERTY_RUNS'] ?? 300);

/** Like fc.assert, but a failure shows rules and log, not the whole typed trees. */
function holdsForAll(workloads: fc.Arbitrary<Workload>, check: (definition: EngineDefinition, entries: readonly LogEntry[]) => string | undefined, seed?: number): void {
  const attempt = ({ definition, entries }: Workload): string | undefined => {
    try {
      return check(definition, entries);
    } catch (error) {
      return error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
  };
  const result = fc.check(fc.property(workloads, (workload) => attempt(workload) === undefined), { numRuns: runs, ...(seed === undefined ? {} : { seed }) });
  const found = result.counterexample?.[0];
  if (found === undefined) return;
  throw new Error([attempt(found), ...found.ruleTexts, JSON.stringify(found.definition.options), found.schemaText.match(/amount.*|fee.*/g)?.join('\n'), ...found.entries.map((entry) => JSON.stringify(entry)), `seed ${result.seed}, path ${result.counterexamplePath ?? ''}`].join('\n'));
}

describe('the embedded engine', () => {
  for (const evaluation of ['arrival', 'watermark'] as const) {
    it(`gives the interpreter's alerts, every field included (${evaluation})`, () => {
      holdsForAll(arbWorkload({ evaluation, maxEntries: 60 }), (definition, entries) => {
        const expected = playAll(createInterpreter(definition), entries);
        const closures = playAll(createEngine({ ...definition, options: { ...definition.options, codegen: false } }), entries);
        return alertDifference(closures, expected) ?? alertDifference(playAll(createEngine(definition), entries), expected);
      });
    });
  }

  it('goes on with the same alerts after it was cut and restored at any points', () => {
    holdsForAll(arbWorkload({ maxEntries: 60 }), (definition, entries) => {
      const whole = playAll(createEngine(definition), entries);
      let engine: RuleEngine = createEngine(definition);
      const cut = entries.flatMap((entry, i) => {
        const alerts = engine.apply(entry);
        if (i % 7 === entries.length % 7) {
          const restored = restoreEngine(definition, engine.snapshot());
          if (!restored.ok) throw new Error(restored.message);
          engine = restored.engine;
        }
        return alerts;
      });
      return alertDifference([...cut, ...engine.end()], whole);
    });
  });

  it('holds nothing once everything has expired', () => {
    holdsForAll(arbWorkload({ maxEntries: 40 }), (definition, entries) => {
      const engine = createEngine(definition);
      for (const entry of entries) engine.apply(entry);
      const { seq, maxTs } = engine.stats();
      engine.apply({ kind: 'heartbeat', seq: seq + 1, ts: maxTs + 2 * definition.options.retentionMs });
      const { keys, windowEvents } = engine.stats();
      return keys === 0 && windowEvents === 0 ? undefined : `${keys} keys and ${windowEvents} events are left`;
    });
  });
});
