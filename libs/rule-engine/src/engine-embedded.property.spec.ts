import { describe, it } from '@jest/globals';
import type { LogEntry } from '@weir/contracts';
import fc from 'fast-check';
import type { EngineDefinition } from './engine.js';
import { createEngine } from './engine-embedded.js';
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
        return alertDifference(playAll(createEngine({ ...definition, options: { ...definition.options, codegen: false } }), entries), expected);
      });
    });
  }
});
