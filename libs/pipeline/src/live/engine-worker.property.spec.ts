import { describe, expect, it } from '@jest/globals';
import type { Alert, LogEntry, ReleasedRule, Unsequenced } from '@weir/contracts';
import { createInterpreter, defaultEngineOptions } from '@weir/rule-engine';
import { alertDifference, arbEntries, arbWorkload, schemaText, workloadOf, type Workload } from '@weir/rule-engine/testing';
import fc from 'fast-check';
import { withFolder, withoutSeq } from '../testing/in-process-engine.js';
import { play } from '../testing/play-log.js';

/** Rules that fire often, and whose answers hang on every kind of state: windows, lists, the event before, other types. */
const busyRules = [
  ['busy-count', 'when: last("5s").count() >= 2'],
  ['busy-list', 'when: acct in list("watched") && amount >= 0.00'],
  ['busy-shadow', 'when: by(merchant).before("10s").distinct(acct) >= 1'],
  ['busy-previous', 'when: amount > previous.amount || previous.ts == ts'],
  ['busy-since', 'when: since("day").sum(amount) > 5.00 && of(label).by(merchant).last("1m").count() == 0'],
].map(([id, when]) => `rule: ${id}\ntitle: Busy\ndescription: Fires often.\nowner: tests\non: payment\nby: acct\nseverity: low\nscore: 1\naction: none\n${when}\n`);

/** Without those that look back a year, an engine is warmed from the middle of the log: list changes before that have to be told. */
const shortRules = busyRules.slice(0, 3);

function arbBusyWorkload(rules: readonly string[]): fc.Arbitrary<Workload> {
  const scales = { amount: 2, fee: 2 };
  const options = { ...defaultEngineOptions, maxOutOfOrdernessMs: 5_000, retentionMs: 366 * 86_400_000 };
  return arbEntries(scales, options.maxOutOfOrdernessMs, 60).map((entries) => workloadOf(schemaText(scales), rules, options, entries));
}

const arbAnyWorkload = fc.oneof({ weight: 1, arbitrary: arbBusyWorkload(busyRules) }, { weight: 2, arbitrary: arbBusyWorkload(shortRules) }, { weight: 1, arbitrary: arbWorkload({ maxRules: 3, maxEntries: 36, evaluation: 'arrival' }) });

/** The workload as a log holds it: a release first, another in the middle that drops a rule and brings it back later. */
function asLog(workload: Workload): Unsequenced[] {
  const rules: ReleasedRule[] = workload.definition.rules.map(({ rule, mode }) => ({ id: rule.id, mode, release: 1, text: rule.source }));
  const entries = workload.entries.map((entry) => withoutSeq(entry) as Unsequenced); // as: the rest type loses the union's discriminant
  const release = (some: readonly ReleasedRule[], ts: number): Unsequenced => ({ kind: 'rules', ts, schemaText: workload.schemaText, rules: [...some] });
  const at = (i: number): number => entries[i]?.ts ?? 1;
  const third = Math.floor(entries.length / 3);
  return [
    release(rules, at(0)), ...entries.slice(0, third),
    release(rules.slice(1), at(third)), ...entries.slice(third, third * 2),
    release(rules, at(third * 2)), ...entries.slice(third * 2),
  ];
}

function uninterrupted(log: readonly Unsequenced[], workload: Workload): readonly Alert[] {
  const firstEvent = log.find((entry) => entry.kind === 'event');
  const options = { ...workload.definition.options, historySince: firstEvent?.ts ?? 0 };
  const engine = createInterpreter({ ...workload.definition, options });
  return log.flatMap((entry, i) => [...engine.apply({ ...entry, seq: i + 1 } as LogEntry)]); // as: seq completes the entry again
}

describe('the live pipeline', () => {
  it('stores the same alerts, field by field, wherever it is killed and however often', async () => {
    const seen = { sessions: 0, alerts: 0, restored: 0 };
    await fc.assert(fc.asyncProperty(arbAnyWorkload, fc.array(fc.integer({ min: 1, max: 24 }), { minLength: 1, maxLength: 5 }), async (workload, kills) => {
      const log = asLog(workload);
      const calm = await withFolder((dir) => play(dir, log, workload, {}));
      const stormy = await withFolder((dir) => play(dir, log, workload, { kills }));
      expect(alertDifference(calm.alerts, stormy.alerts)).toBeUndefined();
      seen.sessions += stormy.sessions;
      seen.alerts += calm.alerts.length;
      seen.restored += stormy.restored;
    }), { numRuns: 60 });
    // The property says something only if alerts fired and checkpoints were used.
    expect(seen.alerts).toBeGreaterThan(200);
    expect(seen.restored).toBeGreaterThan(20);
    expect(seen.sessions).toBeGreaterThan(80);
  });

  it('stores the same alerts when it dies while a slice of a checkpoint is being written, at any of them', async () => {
    const seen = { alerts: 0, restored: 0 };
    await fc.assert(fc.asyncProperty(arbAnyWorkload, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 }), async (workload, writes) => {
      const log = asLog(workload);
      const calm = await withFolder((dir) => play(dir, log, workload, {}));
      const stormy = await withFolder((dir) => play(dir, log, workload, { kills: writes.map(() => 1_000), writesToDeath: writes }));
      expect(alertDifference(calm.alerts, stormy.alerts)).toBeUndefined();
      seen.alerts += calm.alerts.length;
      seen.restored += stormy.restored;
    }), { numRuns: 20 });
    expect(seen.alerts).toBeGreaterThan(60);
    expect(seen.restored).toBeGreaterThan(10);
  });

  it('fires what one engine fires that was never switched, for rules that stayed in force', async () => {
    await fc.assert(fc.asyncProperty(arbAnyWorkload, async (workload) => {
      const log = asLog(workload);
      const stayed = new Set(workload.definition.rules.slice(1).map(({ rule }) => rule.id));
      const host = await withFolder((dir) => play(dir, log, workload, {}));
      const expected = uninterrupted(log, workload).filter(({ rule }) => stayed.has(rule));
      const only = (alerts: readonly Alert[]): Alert[] => alerts.filter(({ rule }) => stayed.has(rule)).sort((a, b) => a.seq - b.seq || (a.rule < b.rule ? -1 : 1));
      expect(alertDifference(only(host.alerts), only(expected))).toBeUndefined();
    }), { numRuns: 60 });
  });
});
