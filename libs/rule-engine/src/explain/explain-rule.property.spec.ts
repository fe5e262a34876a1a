import { describe, expect, it } from '@jest/globals';
import { RuleExplanation } from '@weir/contracts';
import type { Alert, LogEntry, LogEvent } from '@weir/contracts';
import type { TypedRule } from '@weir/rule-lang';
import fc from 'fast-check';
import type { EngineDefinition } from '../engine.js';
import { createInterpreter } from '../interpret/interpreter.js';
import { keyText } from '../interpret/value.js';
import { arbWorkload, playAll } from '../testing/index.js';
import type { Workload } from '../testing/index.js';
import { entriesNeeded, isNeeded } from './entries-needed.js';
import { explainRule, explainSpanMs } from './explain-rule.js';

const runs = Number(process.env['WEIR_PROPERTY_RUNS'] ?? 12);

/** Like fc.assert, but a failure shows rules and log, not the whole typed trees. */
function holdsForAll(workloads: fc.Arbitrary<Workload>, check: (definition: EngineDefinition, entries: readonly LogEntry[]) => string | undefined, numRuns = runs): void {
  const attempt = ({ definition, entries }: Workload): string | undefined => {
    try {
      return check(definition, entries);
    } catch (error) {
      return error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
  };
  const result = fc.check(fc.property(workloads, (workload) => attempt(workload) === undefined), { numRuns });
  const found = result.counterexample?.[0];
  if (found === undefined) return;
  throw new Error([attempt(found), ...found.ruleTexts, JSON.stringify(found.definition.options), ...found.entries.map((entry) => JSON.stringify(entry)), `seed ${result.seed}, path ${result.counterexamplePath ?? ''}`].join('\n'));
}

function eventsOf(entries: readonly LogEntry[]): readonly LogEvent[] { return entries.filter((entry) => entry.kind === 'event'); }

/** Ids of the alerts that are about an event: its own, or those of the windows that hold it. */
function alertsAbout(rule: TypedRule, event: LogEvent, alerts: readonly Alert[]): readonly string[] {
  const { body } = rule;
  return alerts.filter((alert) => {
    if (alert.rule !== rule.id) return false;
    if (body.kind !== 'window') return alert.trigger?.seq === event.seq;
    if (event.late === true || !rule.on.includes(event.type)) return false;
    return alert.key.length === rule.by.length && alert.key.every(({ field, value }) => {
      const own = event.fields[field];
      return own !== undefined && keyText(own) === keyText(value);
    });
  }).map(({ alertId }) => alertId).sort();
}

/** Only what is said to be needed, from where it is said to begin; heartbeats where events are left out. */
function neededOnly(rule: TypedRule, event: LogEvent, entries: readonly LogEntry[], definition: EngineDefinition): readonly LogEntry[] {
  const needs = entriesNeeded(rule, event);
  const afterTs = event.ts - explainSpanMs(rule, definition.options);
  let maxTs = 0;
  let isBefore = true;
  return entries.flatMap((entry): readonly LogEntry[] => {
    if (entry.kind === 'list') return [entry];
    maxTs = Math.max(maxTs, entry.ts);
    if (maxTs > afterTs) isBefore = false;
    if (isBefore) return [];
    if (entry.kind === 'event' && (entry.seq === event.seq || isNeeded(entry, needs))) return [entry];
    return [{ kind: 'heartbeat', seq: entry.seq, ts: maxTs }];
  });
}

describe('explaining every event of a log', () => {
  for (const evaluation of ['arrival', 'watermark'] as const) {
    for (const kind of ['when', 'sequence', 'window'] as const) {
      it(`says fired exactly where the engine fires, with its alerts' ids (${kind}, ${evaluation})`, () => {
        holdsForAll(arbWorkload({ kinds: [kind], maxRules: 2, maxEntries: 20, evaluation }), (definition, entries) => {
          const alerts = playAll(createInterpreter(definition), entries);
          for (const { rule } of definition.rules) {
            for (const event of eventsOf(entries)) {
              const explained = explainRule(rule, event, entries, definition.options, true);
              RuleExplanation.parse(explained);
              const wanted = alertsAbout(rule, event, alerts).filter((id) => rule.body.kind !== 'window' || (explained.windows ?? []).some(({ alertId }) => alertId === id));
              if (JSON.stringify([...explained.alertIds].sort()) !== JSON.stringify(wanted)) return `${rule.id} on ${event.id}: ${JSON.stringify(explained)}\nalerts: ${wanted.join()}`;
              if ((explained.outcome === 'fired') !== (wanted.length > 0) || explained.outcome === 'undecided') return `${rule.id} on ${event.id} is ${explained.outcome}`;
              const narrow = explainRule(rule, event, neededOnly(rule, event, entries, definition), definition.options, true);
              if (JSON.stringify(narrow) !== JSON.stringify(explained)) return `${rule.id} on ${event.id} from the entries needed alone:\n${JSON.stringify(narrow)}\n${JSON.stringify(explained)}`;
            }
          }
          return undefined;
        });
      });
    }
  }

  it('finds each alert of a window rule again in one of the window\'s events', () => {
    holdsForAll(arbWorkload({ kinds: ['window'], maxRules: 1, maxEntries: 30 }), (definition, entries) => {
      const found = new Set(definition.rules.flatMap(({ rule }) => eventsOf(entries).flatMap((event) => explainRule(rule, event, entries, definition.options, true).alertIds)));
      return playAll(createInterpreter(definition), entries).every(({ alertId }) => found.has(alertId)) ? undefined : 'an alert is in no window of any event';
    });
  });

  it('gives a firing event the explanation of its alert', () => {
    let compared = 0;
    holdsForAll(arbWorkload({ kinds: ['when', 'sequence'], maxRules: 2, maxEntries: 40 }), (definition, entries) => {
      const full = { ...definition, options: { ...definition.options, evidence: 'full' as const } };
      for (const alert of playAll(createInterpreter(full), entries)) {
        const rule = definition.rules.find((one) => one.rule.id === alert.rule)?.rule;
        const event = eventsOf(entries).find(({ seq }) => seq === alert.trigger?.seq);
        if (rule === undefined || event === undefined) continue;
        const explained = explainRule(rule, event, entries, definition.options, true);
        if (explained.alertIds.length > 1) continue; // one of several matches is shown
        compared += 1;
        if (JSON.stringify(explained.verdict?.explanation) !== JSON.stringify(alert.explanation)) return `${rule.id} on ${event.id}:\n${JSON.stringify(explained.verdict?.explanation)}\n${JSON.stringify(alert.explanation)}`;
      }
      return undefined;
    }, 2 * runs);
    expect(compared).toBeGreaterThan(3 * runs);
  });
});
