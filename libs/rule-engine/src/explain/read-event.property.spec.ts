import { describe, expect, it } from '@jest/globals';
import type { LogEvent } from '@weir/contracts';
import fc from 'fast-check';
import { createEngine, restoreEngine } from '../engine-embedded.js';
import { alertDifference, arbWorkload, playAll } from '../testing/index.js';

const runs = Number(process.env['WEIR_PROPERTY_RUNS'] ?? 15);

describe('an engine whose host reads events back', () => {
  it('tells the same alerts, explanations included, also when it is cut and restored', () => {
    fc.assert(fc.property(arbWorkload({ kinds: ['when', 'sequence', 'window'], maxRules: 3, maxEntries: 50 }), fc.nat(), ({ definition, entries }, n) => {
      const full = { ...definition, options: { ...definition.options, evidence: 'full' as const } };
      const bySeq = new Map(entries.flatMap((entry): [number, LogEvent][] => (entry.kind === 'event' ? [[entry.seq, entry]] : [])));
      const reading = { ...full, options: { ...full.options, readEvent: (seq: number) => bySeq.get(seq) } };
      const wanted = playAll(createEngine(full), entries);
      expect(alertDifference(playAll(createEngine(reading), entries), wanted)).toBeUndefined();
      // From a snapshot with copies to an engine without, in the middle.
      const cut = n % (entries.length + 1);
      for (const before of [full, reading]) {
        const head = createEngine(before);
        const alerts = entries.slice(0, cut).flatMap((entry) => head.apply(entry));
        const restored = restoreEngine(reading, head.snapshot());
        if (!restored.ok) throw new Error(restored.message);
        expect(alertDifference([...alerts, ...entries.slice(cut).flatMap((entry) => restored.engine.apply(entry)), ...restored.engine.end()], wanted)).toBeUndefined();
      }
    }), { numRuns: runs });
  });
});
