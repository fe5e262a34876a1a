import { describe, expect, it } from '@jest/globals';
import type { Alert, LogEntry, ReleasedRule, Unsequenced } from '@weir/contracts';
import { createEngine, defaultEngineOptions } from '@weir/rule-engine';
import { alertDifference, arbEntries, arbWorkload, schemaText, workloadOf, type Workload } from '@weir/rule-engine/testing';
import { compileRule } from '@weir/rule-lang';
import fc from 'fast-check';
import type { RuleSetDraft } from '../engine-host/messages.js';
import { withFolder, withoutSeq } from '../testing/in-process-engine.js';
import { play } from '../testing/play-log.js';

const runs = Number(process.env['WEIR_PROPERTY_RUNS'] ?? 30);

/** Rules of every kind that fire often. */
const busyRules = [
  ['busy-count', 'when: last("5s").count() >= 2'],
  ['busy-list', 'when: acct in list("watched") && amount >= 0.00'],
  ['busy-distinct', 'when: by(merchant).before("10s").distinct(acct) >= 1 && last("1m").max(amount) >= 0.00'],
  ['busy-previous', 'when: amount > previous.amount || previous.ts == ts'],
  ['busy-sequence', 'sequence:\n  within: 1m\n  steps:\n    - begin: one\n      where: amount >= 0.00\n    - followedBy: two\n      where: amount >= 0.00'],
  ['busy-window', 'window: { session: { gap: 5s } }\nhaving: count() >= 1'],
].map(([id, body]) => `rule: ${id}\ntitle: Busy\ndescription: Fires often.\nowner: tests\non: payment\nby: acct\nseverity: low\nscore: 1\naction: none\n${body}\n`);
const scales = { amount: 2, fee: 2 };
const busyOptions = { ...defaultEngineOptions, maxOutOfOrdernessMs: 5_000, retentionMs: 366 * 86_400_000 };
const arbAnyWorkload = fc.oneof(
  arbEntries(scales, busyOptions.maxOutOfOrdernessMs, 40).map((entries) => workloadOf(schemaText(scales), busyRules, busyOptions, entries)),
  arbWorkload({ kinds: ['when', 'sequence', 'window'], maxRules: 5, maxEntries: 40, evaluation: 'arrival' }),
);

/** One release: where among the entries, which of the rules, which of them with other spans, which as shadows; whether it was prepared, or another one in its place. */
interface Release { readonly at: number; readonly rules: number; readonly changed: number; readonly shadows: number; readonly prepared: 'no' | 'itself' | 'another' }

const arbRelease = fc.record<Release>({ at: fc.nat(100), rules: fc.integer({ min: 1, max: 63 }), changed: fc.nat(63), shadows: fc.nat(63), prepared: fc.constantFrom('no', 'itself', 'another') });

/** The rule with every quoted span a little longer, where the front end takes it so. */
function changed(text: string, { schema, definition: { options } }: Workload): string {
  const longer = text.replace(/"(\d+)(s|m|h|d)"/g, (_, count: string, unit: string) => `"${Number(count) + 1}${unit}"`);
  const id = /^rule: (.*)$/m.exec(text)?.[1] ?? 'rule';
  return compileRule(longer, `${id}.yaml`, { schema, retentionMs: options.retentionMs }).rule === undefined ? text : longer;
}

function ruleSet(workload: Workload, { rules, changed: other, shadows }: Release): readonly ReleasedRule[] {
  return workload.definition.rules.flatMap(({ rule }, i): ReleasedRule[] => ((rules >> i) & 1 ? [{ id: rule.id, mode: (shadows >> i) & 1 ? 'shadow' : 'live', release: 1, text: (other >> i) & 1 ? changed(rule.source, workload) : rule.source }] : []));
}

interface Story { readonly log: readonly Unsequenced[]; readonly drafts: ReadonlyMap<number, RuleSetDraft> }

/** The log with all rules released first, then as the releases say. */
function told(workload: Workload, releases: readonly Release[]): Story {
  const log: Unsequenced[] = [];
  const drafts = new Map<number, RuleSetDraft>();
  const all: Release = { at: 0, rules: 63, changed: 0, shadows: 0, prepared: 'no' };
  const due = [all, ...releases.map((one) => ({ ...one, at: one.at % (workload.entries.length + 1) })).sort((a, b) => a.at - b.at)];
  for (let i = 0; i <= workload.entries.length; i++) {
    for (const release of due.filter(({ at }) => at === i)) {
      const draft = { schemaText: workload.schemaText, rules: ruleSet(workload, release) };
      if (release.prepared !== 'no') drafts.set(log.length, release.prepared === 'itself' ? draft : { ...draft, rules: ruleSet(workload, { ...release, changed: ~release.changed }) });
      log.push({ kind: 'rules', ts: workload.entries[Math.max(0, i - 1)]?.ts ?? 1, schemaText: draft.schemaText, rules: [...draft.rules] });
    }
    const entry = workload.entries[i];
    if (entry !== undefined) log.push(withoutSeq(entry) as Unsequenced); // as: the rest type loses the union's discriminant
  }
  return { log, drafts };
}

/** For each rule set what an engine of its own fires that was fed the whole log, as long as it is in force. */
function expected(log: readonly Unsequenced[], { schema, definition: { options } }: Workload): readonly Alert[] {
  const historySince = log.find(({ kind }) => kind === 'event')?.ts ?? 0;
  const entries = log.map((entry, i) => ({ ...entry, seq: i + 1 }) as LogEntry); // as: seq completes the entry again
  const releases = entries.filter((entry) => entry.kind === 'rules');
  return releases.flatMap((release, i) => {
    const rules = release.rules.map(({ id, text, mode }) => {
      const { rule } = compileRule(text, `${id}.yaml`, { schema, retentionMs: options.retentionMs });
      if (rule === undefined) throw new Error('a rule of the log does not compile');
      return { rule, mode };
    });
    const engine = createEngine({ schema, rules, options: { ...options, historySince } });
    const end = releases[i + 1]?.seq ?? Infinity;
    return entries.flatMap((entry) => engine.apply(entry)).filter(({ seq }) => seq > release.seq && seq < end);
  });
}

const inOrder = (alerts: readonly Alert[]): Alert[] => [...alerts].sort((a, b) => a.seq - b.seq || (a.alertId < b.alertId ? -1 : 1));

describe('the live engine', () => {
  it('fires in any storm of releases, list changes, checkpoints and crashes what an engine fires that was fed the whole log', async () => {
    const seen = { alerts: 0, sessions: 0, restored: 0, prepared: 0 };
    const kills = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 3 });
    await fc.assert(fc.asyncProperty(arbAnyWorkload, fc.array(arbRelease, { minLength: 1, maxLength: 5 }), kills, async (workload, releases, deaths) => {
      const { log, drafts } = told(workload, releases);
      const outcome = await withFolder((dir) => play(dir, log, workload, { kills: deaths, draftAt: (i) => drafts.get(i) }));
      const judged = expected(log, workload);
      const difference = alertDifference(inOrder(outcome.alerts), inOrder(judged));
      // Rules and log as texts: the typed trees of a counterexample would be megabytes.
      if (difference !== undefined) throw new Error([difference, JSON.stringify(workload.definition.options), ...log.map((entry, i) => `${i + 1} ${JSON.stringify(entry)}`), `prepared: ${JSON.stringify([...drafts.keys()])}`].join('\n'));
      seen.alerts += judged.length;
      seen.sessions += outcome.sessions;
      seen.restored += outcome.restored;
      seen.prepared += drafts.size;
    }), { numRuns: runs });
    // It says something only if alerts fired, checkpoints were used and releases prepared.
    expect(seen.alerts).toBeGreaterThan(3 * runs);
    expect(seen.restored).toBeGreaterThan(runs / 4);
    expect(seen.prepared).toBeGreaterThan(runs / 2);
  });
});
