import { describe, expect, it } from '@jest/globals';
import type { Alert, LogEntry } from '@weir/contracts';
import fc from 'fast-check';
import type { EngineDefinition, RuleEngine } from './engine.js';
import { createEngine } from './engine-embedded.js';
import { beginMigration } from './engine-migration.js';
import type { Migration } from './engine-migration.js';
import { alertDifference, arbWorkload, workloadOf } from './testing/index.js';
import type { Workload } from './testing/index.js';

const runs = Number(process.env['WEIR_PROPERTY_RUNS'] ?? 40);

interface Case { readonly workload: Workload; readonly masks: readonly [number, number]; readonly rotate: boolean; readonly at: number; readonly pace: number }

const arbCase: fc.Arbitrary<Case> = fc.record({
  workload: arbWorkload({ kinds: ['when', 'when', 'when', 'sequence', 'window'], maxRules: 5, maxEntries: 60 }),
  masks: fc.tuple(fc.nat(31), fc.nat(31)),
  rotate: fc.boolean(),
  at: fc.nat(60),
  pace: fc.integer({ min: 1, max: 3 }),
});

/** The rules of a mask; rotated, each has the meaning of the next under its own id. */
function rulesOf({ workload }: Case, mask: number, rotate: boolean): EngineDefinition {
  const { ruleTexts, schemaText, definition } = workload;
  const texts = ruleTexts.map((text, i) => (rotate ? (ruleTexts[(i + 1) % ruleTexts.length] ?? text).replace(/^rule: .*$/m, `rule: generated-${String.fromCharCode(97 + i)}`) : text));
  return workloadOf(schemaText, texts.filter((_, i) => (mask >> i) % 2 === 1), definition.options, []).definition;
}

/** Lowest seq whose entry and all after have a running largest ts above `ts`: what the log's index answers. */
function firstSeqAfter(entries: readonly LogEntry[], ts: number, otherwise: number): number {
  let largest = 0;
  for (const entry of entries) {
    largest = Math.max(largest, entry.ts);
    if (largest > ts) return entry.seq;
  }
  return otherwise;
}

/** Migrates at an entry while the old engine goes on for a while, then plays the rest. */
function migrated(from: EngineDefinition, to: EngineDefinition, entries: readonly LogEntry[], at: number, pace: number): { readonly alerts: readonly Alert[]; readonly migration: Migration; readonly replayed: number; readonly old: RuleEngine } {
  const old = createEngine(from);
  for (const entry of entries.slice(0, at)) old.apply(entry);
  const migration = beginMigration(old, to);
  if (migration === undefined) throw new Error('no migration');
  const firstSeq = migration.replayAfterTs === Infinity ? migration.seq + 1 : firstSeqAfter(entries.slice(0, at), migration.replayAfterTs, migration.seq + 1);
  migration.copyBefore(firstSeq);
  let next = at;
  const goOn = (): void => { for (let i = 0; i < pace && next < entries.length; i++) old.apply(entries[next++] as LogEntry); };
  while (migration.copy()) goOn();
  const replay = entries.slice(0, at).filter(({ seq }) => seq >= firstSeq);
  for (const entry of replay) migration.engine.apply(entry);
  goOn();
  while (migration.takeOver()) goOn();
  const alerts = [...entries.slice(at).flatMap((entry) => migration.engine.apply(entry)), ...migration.engine.end()];
  return { alerts, migration, replayed: replay.length, old };
}

function difference(one: Case): string | undefined {
  const { workload: { entries }, masks: [first, second], rotate, pace } = one;
  const at = Math.min(one.at, entries.length);
  const from = rulesOf(one, first, false);
  const to = rulesOf(one, second, rotate);
  const { alerts, migration, old } = migrated(from, to, entries, at, pace);
  const fresh = createEngine(to);
  for (const entry of entries.slice(0, at)) fresh.apply(entry);
  const expected = [...entries.slice(at).flatMap((entry) => fresh.apply(entry)), ...fresh.end()];
  const { seq, maxTs } = old.stats();
  old.apply({ kind: 'heartbeat', seq: seq + 1, ts: maxTs + 2 * from.options.retentionMs });
  const { keys, windowEvents } = old.stats();
  return alertDifference(alerts, expected) ?? (keys + windowEvents > 0 ? `the old engine still holds ${keys} keys and ${windowEvents} events` : undefined) ?? (migration.engine.stats().seq < (entries.at(-1)?.seq ?? 0) ? 'it stands behind' : undefined);
}

function attempt(one: Case): string | undefined {
  try {
    return difference(one);
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

describe('a rule set that takes over from another', () => {
  it('goes on as if it had been fed the whole log, whatever changed, while the old one went on', () => {
    const result = fc.check(fc.property(arbCase, (one) => attempt(one) === undefined), { numRuns: runs });
    const found = result.counterexample?.[0];
    if (found !== undefined) throw new Error([attempt(found), JSON.stringify({ masks: found.masks, rotate: found.rotate, at: found.at, pace: found.pace }), ...found.workload.ruleTexts, JSON.stringify(found.workload.definition.options), ...found.workload.entries.map((entry) => JSON.stringify(entry)), `seed ${result.seed}`].join('\n'));
  });

  it('is generated so that some cases need no replay, some need one, and some replay a part', () => {
    const samples = fc.sample(arbCase, { numRuns: 150, seed: 20260105 });
    const seen = { none: 0, some: 0, part: 0, kept: 0, freed: 0 };
    for (const one of samples) {
      const { workload: { entries }, masks: [first, second], rotate } = one;
      const at = Math.min(one.at, entries.length);
      const { migration: { kept, freed, replayAfterTs }, replayed } = migrated(rulesOf(one, first, false), rulesOf(one, second, rotate), entries, at, 1);
      if (replayAfterTs === Infinity) seen.none++; else seen.some++;
      if (replayed > 0 && replayed < at) seen.part++;
      if (kept.length > 0) seen.kept++;
      if (freed.length > 0) seen.freed++;
    }
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(5);
  });
});
