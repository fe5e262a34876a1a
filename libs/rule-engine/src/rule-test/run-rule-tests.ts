import type { Alert, ListChange, LogEvent, RuleTestResult } from '@weir/contracts';
import type { EventSchema, ExpectedAlert, RuleTest, TypedRule } from '@weir/rule-lang';
import { defaultEngineOptions } from '../engine.js';
import type { EngineDefinition, EngineOptions, RuleEngine } from '../engine.js';
import { createInterpreter } from '../interpret/interpreter.js';
import { keyText } from '../interpret/value.js';

/** Makes the engine that plays a test. */
export type MakeEngine = (definition: EngineDefinition) => RuleEngine;

/**
 * Plays the tests written in a rule file (rule-language §1): each in both evaluation modes unless it names one.
 *
 * List order is seq; lateness is decided as a log with the default `maxOutOfOrderness` decides it; the stream ends after the
 * last event. Alerts are compared as a multiset, their time only where the test states it. A rule that the engine refuses
 * fails its tests with the engine's message; nothing is thrown for a rule.
 */
export function runRuleTests(rule: TypedRule, schema: EventSchema, make: MakeEngine = createInterpreter): readonly RuleTestResult[] {
  return rule.tests.flatMap((test) => {
    const modes = test.evaluation === undefined ? (['arrival', 'watermark'] as const) : [test.evaluation];
    return modes.map((evaluation) => runOne(rule, schema, test, evaluation, make));
  });
}

function runOne(rule: TypedRule, schema: EventSchema, test: RuleTest, evaluation: EngineOptions['evaluation'], make: MakeEngine): RuleTestResult {
  const frame = { rule: rule.id, name: test.name, evaluation };
  const expected = test.alerts.map(printExpected);
  let alerts: readonly Alert[];
  try {
    alerts = play(rule, schema, test, evaluation, make);
  } catch (error) {
    // The result is where a refused rule or a broken engine is told; the other tests go on.
    return { ...frame, passed: false, expected, actual: [], message: error instanceof Error ? error.message : String(error) };
  }
  const { missing, surplus } = difference(test.alerts, alerts);
  const actual = alerts.map((alert) => printActual(alert, test.alerts));
  if (missing.length === 0 && surplus.length === 0) return { ...frame, passed: true, expected, actual };
  const parts = [
    ...(missing.length > 0 ? [`expected but silent: ${missing.map(printExpected).join(', ')}`] : []),
    ...(surplus.length > 0 ? [`alerted but not expected: ${surplus.map((alert) => printActual(alert, test.alerts)).join(', ')}`] : []),
  ];
  return { ...frame, passed: false, expected, actual, message: parts.join('; ') };
}

/** All alerts of one test, in the order in which they fired. */
function play(rule: TypedRule, schema: EventSchema, test: RuleTest, evaluation: EngineOptions['evaluation'], make: MakeEngine): readonly Alert[] {
  const options: EngineOptions = {
    ...defaultEngineOptions,
    evaluation,
    retentionMs: Math.max(defaultEngineOptions.retentionMs, rule.longestSpanMs),
    models: test.models,
  };
  const engine = make({ schema, rules: [{ rule, mode: 'live' }], options });
  const lists = listEntries(test);
  const events = asLogged(test, schema, options.maxOutOfOrdernessMs, lists.length + 1);
  return [...[...lists, ...events].flatMap((entry) => engine.apply(entry)), ...engine.end()];
}

/** The lists of a test are there from the first instant. */
function listEntries(test: RuleTest): readonly ListChange[] {
  return Object.entries(test.lists)
    .flatMap(([list, values]) => values.map((value) => ({ list, value })))
    .map(({ list, value }, index) => ({ kind: 'list', seq: index + 1, ts: 1, list, value, change: 'add' }));
}

/** The events as a log would hold them: seq in list order, late ones marked or restamped (rule-language §6). */
function asLogged(test: RuleTest, schema: EventSchema, maxOutOfOrdernessMs: number, firstSeq: number): readonly LogEvent[] {
  const restamped = new Set(schema.types.filter((type) => type.late === 'restamp').map((type) => type.name));
  let maxTs = 0;
  return test.events.map(({ id, type, ts, fields }, index) => {
    const event: LogEvent = { kind: 'event', seq: firstSeq + index, ts, id, type, fields: { ...fields } };
    const isLate = ts <= maxTs - maxOutOfOrdernessMs - 1;
    if (!isLate) {
      maxTs = Math.max(maxTs, ts);
      return event;
    }
    return restamped.has(type) ? { ...event, ts: maxTs, statedTs: ts } : { ...event, late: true };
  });
}

/** What is expected and did not come, and what came and is not expected, each alert used once. */
function difference(expected: readonly ExpectedAlert[], alerts: readonly Alert[]): { readonly missing: readonly ExpectedAlert[]; readonly surplus: readonly Alert[] } {
  const surplus = [...alerts];
  // Those that state a time first: the others may take any alert of their event.
  const strictFirst = [...expected].sort((a, b) => Number(isLoose(a)) - Number(isLoose(b)));
  const missing = strictFirst.filter((one) => {
    const found = surplus.findIndex((alert) => isMet(one, alert));
    if (found >= 0) surplus.splice(found, 1);
    return found < 0;
  });
  return { missing, surplus };
}

function isLoose(expected: ExpectedAlert): boolean { return 'event' in expected && expected.atTs === undefined; }

function isMet(expected: ExpectedAlert, alert: Alert): boolean {
  if ('event' in expected) return alert.trigger?.id === expected.event && (expected.atTs === undefined || alert.ts === expected.atTs);
  const key = alert.key.map((part) => keyText(part.value));
  return alert.trigger === undefined && alert.ts === expected.endTs && key.length === expected.key.length && key.every((text, index) => text === expected.key[index]);
}

function printExpected(expected: ExpectedAlert): string {
  if (!('event' in expected)) return `${expected.key.join(', ')} until ${printTs(expected.endTs)}`;
  return expected.atTs === undefined ? expected.event : `${expected.event} at ${printTs(expected.atTs)}`;
}

function printActual(alert: Alert, expected: readonly ExpectedAlert[]): string {
  if (alert.trigger === undefined) return `${alert.key.map((part) => keyText(part.value)).join(', ')} until ${printTs(alert.ts)}`;
  return expected.some((one) => !isLoose(one)) ? `${alert.trigger.id} at ${printTs(alert.ts)}` : alert.trigger.id;
}

function printTs(ts: number): string { return new Date(ts).toISOString(); }
