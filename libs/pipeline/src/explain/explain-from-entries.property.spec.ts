import { describe, expect, it } from '@jest/globals';
import type { LogEntry, LogEvent } from '@weir/contracts';
import { defaultEngineOptions, explainRule } from '@weir/rule-engine';
import { arbWorkload } from '@weir/rule-engine/testing';
import fc from 'fast-check';
import { explainFromEntries } from './explain-from-entries.js';

const runs = Number(process.env['WEIR_PROPERTY_RUNS'] ?? 40);

function reading(entries: readonly LogEntry[]): { readonly entries: () => AsyncIterable<LogEntry>; readonly times: () => number } {
  let times = 0;
  return {
    times: () => times,
    entries: async function* () { times += 1; for (const entry of entries) yield await Promise.resolve(entry); },
  };
}

describe('explaining an event of a file', () => {
  it('says in one reading, keeping only what may matter, what the rule made of it from all entries', async () => {
    await fc.assert(fc.asyncProperty(arbWorkload({ kinds: ['when', 'sequence', 'window'], maxRules: 2, maxEntries: 40 }), async ({ definition, entries }) => {
      const events = entries.filter((entry): entry is LogEvent => entry.kind === 'event');
      for (const { rule } of definition.rules) {
        for (const event of events.slice(-6)) {
          const expected = explainRule(rule, event, entries, { ...definition.options, historySince: events[0]?.ts ?? 0 }, true);
          const file = reading(entries);
          // Its place in time is not known beforehand.
          const likely = { id: event.id, type: event.type, fields: event.fields, ts: 1 };
          expect(await explainFromEntries({ entries: file.entries, rule, eventId: event.id, likely, engineOptions: definition.options })).toEqual(expected);
          expect(file.times()).toBe(1);
          expect(await explainFromEntries({ entries: file.entries, rule, eventId: event.id, engineOptions: definition.options })).toEqual(expected);
        }
      }
    }), { numRuns: runs });
  });

  it('finds nothing where there is no such event, not even when one was thought likely', async () => {
    await fc.assert(fc.asyncProperty(arbWorkload({ maxRules: 1, maxEntries: 10 }), async ({ definition, entries }) => {
      const rule = definition.rules[0]?.rule;
      if (rule === undefined) return;
      for (const likely of [undefined, { id: 'nope', type: rule.on[0] ?? '', fields: {}, ts: 1 }]) {
        expect(await explainFromEntries({ entries: reading(entries).entries, rule, eventId: 'nope', likely, engineOptions: defaultEngineOptions })).toBeUndefined();
      }
    }), { numRuns: 3 });
  });
});
