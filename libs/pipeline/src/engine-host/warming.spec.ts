import { describe, expect, it } from '@jest/globals';
import type { LogEntry } from '@weir/contracts';
import { createEngine, defaultEngineOptions, type EngineOptions, type RuleEngine } from '@weir/rule-engine';
import { alertDifference } from '@weir/rule-engine/testing';
import { compileRule, parseSchema } from '@weir/rule-lang';
import type { LogReader } from '@weir/stream-core';
import { embeddedEngine } from './embedded-engine.js';
import { ListHistory } from './list-history.js';
import { compileRuleSet, type RuleSet } from './rule-set.js';
import { Warming } from './warming.js';

const start = Date.parse('2026-01-05T00:00:00Z');
const options: EngineOptions = { ...defaultEngineOptions, retentionMs: 2 * 86_400_000 };
const entries: readonly LogEntry[] = Array.from({ length: 600 }, (_, i): LogEntry => ({
  kind: 'event', seq: i + 1, ts: start + i * 60_000, id: `e${i + 1}`, type: 'payment', fields: { acct: `a${i % 7}`, card: `c${i % 11}`, amount: `${i % 50}.25` },
}));

function ruleSet(conditions: Readonly<Record<string, string>>): RuleSet {
  const rules = Object.entries(conditions).map(([id, when]) => ({ id, mode: 'live' as const, release: 1, text: `rule: ${id}\ntitle: ${id}\ndescription: A test.\nowner: tests\non: payment\nby: acct\nseverity: low\nscore: 1\naction: none\nwhen: |-\n  ${when}\n` }));
  const made = compileRuleSet({ schemaText: 'version: 1\nevents:\n  payment:\n    acct: { type: string }\n    card: { type: string }\n    amount: { type: decimal, scale: 2 }\n', rules }, { parseSchema, compileRule }, options.retentionMs);
  if (made.problems.length > 0) throw new Error(made.problems.join());
  return made;
}

/** A log in memory. */
const log: LogReader = {
  read: async function* (fromSeq) {
    await Promise.resolve();
    for (let at = fromSeq - 1; at < entries.length; at += 50) yield entries.slice(at, at + 50);
  },
  firstSeq: () => 1,
  lastSeq: () => entries.length,
  seqAfterTs: (ts) => Promise.resolve(entries.find((entry) => entry.ts > ts)?.seq ?? entries.length + 1),
  get: (seq) => Promise.resolve(entries[seq - 1]),
};

/** Switches from one rule set to another after 500 entries. @returns what was replayed, after its alerts were compared with an engine that had them all. */
async function switched(before: RuleSet, after: RuleSet): Promise<ReturnType<Warming['switchAt']>> {
  const running: RuleEngine = createEngine({ ...before, options });
  for (const entry of entries.slice(0, 500)) running.apply(entry);
  const warming = await Warming.begin(log, embeddedEngine, { ruleSet: after, lists: new ListHistory(), maxTs: running.stats().maxTs, historySince: start, options, from: running });
  await warming.replayBefore(log, 501, () => Promise.resolve());
  const whole = createEngine({ ...after, options: { ...options, historySince: start } });
  for (const entry of entries.slice(0, 500)) whole.apply(entry);
  const play = (engine: RuleEngine): ReturnType<RuleEngine['apply']> => entries.slice(500).flatMap((entry) => engine.apply(entry));
  const expected = play(whole);
  expect(expected.length).toBeGreaterThan(0);
  expect(alertDifference(play(warming.engine), expected)).toBeUndefined();
  return warming.switchAt(501);
}

const before = ruleSet({ velocity: 'last("2h").count() >= 3', spend: 'last("1h").sum(amount) > 20.00', old: 'last("30m").max(amount) > 49.00' });

describe('another rule set', () => {
  it('replays nothing when only thresholds, rules and shorter windows over what is held changed', async () => {
    const report = await switched(before, ruleSet({ velocity: 'last("2h").count() >= 4', spend: 'last("1h").sum(amount) > 10.00', often: 'last("10m").count() >= 1' }));
    expect(report).toMatchObject({ replayed: 0, warmed: [] });
    expect(report.kept).toEqual(['count over payment by acct, last 600000 ms', 'count over payment by acct, last 7200000 ms', 'sum of amount over payment by acct, last 3600000 ms']);
    expect(report.freed).toEqual(['max of amount over payment by acct, last 1800000 ms']);
  });

  it('replays only as far back as the window that is new, and keeps the longer ones', async () => {
    const report = await switched(before, ruleSet({ velocity: 'last("2h").count() >= 3', cards: 'last("20m").distinct(card) >= 2' }));
    expect(report.kept).toEqual(['count over payment by acct, last 7200000 ms']);
    expect(report.warmed).toEqual(['distinct of card over payment by acct, last 1200000 ms']);
    // 20 minutes, the bound of lateness, and the entry at their edge.
    expect(report.replayed).toBeLessThanOrEqual(23);
    expect(report.replayed).toBeGreaterThan(19);
  });

  it('replays all that it can still see when its windows are longer than what is held', async () => {
    const report = await switched(before, ruleSet({ velocity: 'last("5h").count() >= 3' }));
    expect(report.kept).toEqual([]);
    expect(report.replayed).toBeGreaterThan(299);
  });
});
