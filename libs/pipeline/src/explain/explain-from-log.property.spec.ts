import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openEventLog, type EventLog } from '@weir/connectors';
import type { LogEntry, LogEvent, Unsequenced } from '@weir/contracts';
import { explainRule } from '@weir/rule-engine';
import { arbWorkload } from '@weir/rule-engine/testing';
import { compileRule, parseSchema } from '@weir/rule-lang';
import fc from 'fast-check';
import { explainFromLog } from './explain-from-log.js';

const runs = Number(process.env['WEIR_PROPERTY_RUNS'] ?? 12);

async function withLog<T>(entries: readonly LogEntry[], use: (log: EventLog, entries: readonly LogEntry[]) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'weir-explain-'));
  const log = await openEventLog(dir, { maxSegmentBytes: 4_000 });
  try {
    const unnumbered = entries.map(({ seq: _seq, ...rest }): Unsequenced => rest);
    for (let at = 0; at < unnumbered.length; at += 10) await log.append(unnumbered.slice(at, at + 10));
    return await use(log, entries.map((entry, i) => ({ ...entry, seq: i + 1 })));
  } finally {
    await log.close();
    await rm(dir, { recursive: true });
  }
}

describe('explaining an event from the log on disk', () => {
  it('says what the rule made of it from all entries, reading only those with the event\'s keys', async () => {
    await fc.assert(fc.asyncProperty(arbWorkload({ kinds: ['when', 'sequence', 'window'], maxRules: 2, maxEntries: 40 }), async ({ definition, entries }) => withLog(entries, async (log, numbered) => {
      const { options } = definition;
      const events = numbered.filter((entry): entry is LogEvent => entry.kind === 'event');
      const since = events[0]?.ts ?? 0;
      for (const { rule } of definition.rules) {
        for (const event of events.slice(-6)) {
          const result = await explainFromLog({ log, rule, eventId: event.id, engineOptions: options, isEnded: true });
          expect(result).toEqual({ ok: true, explanation: explainRule(rule, event, numbered, { ...options, historySince: since }, true) });
        }
      }
    })), { numRuns: runs });
  });

  it('refuses an event that is not there, and a rule that would look at too much', async () => {
    const { schema } = parseSchema('version: 1\nevents:\n  payment:\n    acct: { type: string }\n', 'schema.yaml');
    if (schema === undefined) throw new Error('the schema reads');
    const { rule } = compileRule('rule: all\ntitle: All\ndescription: All.\nowner: tests\non: payment\nby: acct\nseverity: low\nscore: 1\naction: none\nwhen: by().last("10m").count() > 3\n', 'all.yaml', { schema });
    if (rule === undefined) throw new Error('the rule compiles');
    const payments = Array.from({ length: 30 }, (_, i): LogEntry => ({ kind: 'event', seq: i + 1, ts: 1_767_571_200_000 + i, id: `e${i}`, type: 'payment', fields: { acct: 'a1' } }));
    await withLog(payments, async (log) => {
      expect(await explainFromLog({ log, rule, eventId: 'nope', engineOptions: {} })).toEqual({ ok: false, reason: 'unknown-event' });
      expect(await explainFromLog({ log, rule, eventId: 'e29', engineOptions: {}, maxEntries: 20 })).toEqual({ ok: false, reason: 'too-much', maxEntries: 20 });
      expect(await explainFromLog({ log, rule, eventId: 'e29', engineOptions: {}, seqs: [3, 30] })).toMatchObject({ ok: true, explanation: { outcome: 'fired', event: { seq: 30 } } });
    });
  });
});
