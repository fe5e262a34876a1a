import { describe, expect, it } from '@jest/globals';
import type { LogEvent } from '@weir/contracts';
import type { EngineOptions, RuleEngine } from './engine.js';
import { createEngine } from './engine-embedded.js';
import { beginMigration } from './engine-migration.js';
import { definitionOf, logOf, ruleOf } from './testing/play-rule.js';
import { alertDifference } from './testing/same-alerts.js';

const rule = ruleOf('when: last("10m").sum(amount) > 5.00');
const entries = logOf(Array.from({ length: 8 }, (_, i) => ({ id: `e${i}`, at: i * 1_000, fields: { amount: String(i) } })));
const readEvent = (seq: number): LogEvent | undefined => entries.flatMap((entry) => (entry.kind === 'event' && entry.seq === seq ? [entry] : []))[0];

const copies = { evidence: 'full' } as const;
const reads = { evidence: 'full', readEvent } as const;
const silent = { evidence: 'none' } as const;

describe('what a running engine can be migrated to', () => {
  it.each<{ readonly name: string; readonly from: Partial<EngineOptions>; readonly to: Partial<EngineOptions>; readonly goesOn: boolean }>([
    { name: 'copies to copies goes on', from: copies, to: copies, goesOn: true },
    { name: 'copies to reading back goes on, the copies are dropped', from: copies, to: reads, goesOn: true },
    { name: 'reading back to reading back goes on', from: reads, to: reads, goesOn: true },
    { name: 'reading back to no explanations goes on', from: reads, to: silent, goesOn: true },
    { name: 'reading back to copies is replayed: there are none', from: reads, to: copies, goesOn: false },
    { name: 'no explanations to copies is replayed', from: silent, to: copies, goesOn: false },
    { name: 'no explanations to reading back is replayed: matches held back have nothing to say', from: silent, to: reads, goesOn: false },
  ])('$name', ({ from, to, goesOn }) => {
    const old = createEngine(definitionOf([rule], from));
    for (const entry of entries.slice(0, 5)) old.apply(entry);
    const migration = beginMigration(old, definitionOf([rule], to));
    if (migration === undefined) throw new Error('no migration');
    expect(migration.replayAfterTs).toBe(goesOn ? Infinity : -Infinity);
    migration.copyBefore(goesOn ? migration.seq + 1 : 1);
    while (migration.copy());
    if (!goesOn) for (const entry of entries.slice(0, 5)) migration.engine.apply(entry);
    while (migration.takeOver());
    const whole = createEngine(definitionOf([rule], to));
    for (const entry of entries.slice(0, 5)) whole.apply(entry);
    const rest = (engine: RuleEngine) => [...entries.slice(5).flatMap((entry) => engine.apply(entry)), ...engine.end()];
    expect(alertDifference(rest(migration.engine), rest(whole))).toBeUndefined();
  });
});
