import type { Alert, FieldValue, ListChange, LogEntry, LogEvent } from '@weir/contracts';
import { compileRule, parseSchema } from '@weir/rule-lang';
import type { EventSchema, TypedRule } from '@weir/rule-lang';
import { defaultEngineOptions } from '../engine.js';
import type { EngineDefinition, EngineOptions } from '../engine.js';
import type { MakeEngine } from '../rule-test/run-rule-tests.js';
import { playAll } from './same-alerts.js';

/** The small schema that the hand-written tests of this library use. */
const plainSchemaText = `
version: 1
currency: EUR
events:
  payment:
    acct: { type: string }
    merchant: { type: string }
    amount: { type: decimal, scale: 2, currency: currency }
    currency: { type: string }
    tries: { type: int }
    score: { type: double }
    declined: { type: bool }
    place: { type: geo }
    seen_at: { type: timestamp }
  transfer:
    acct: { type: string }
    payee: { type: string }
    amount: { type: decimal, scale: 2 }
  label:
    late: restamp
    event_id: { type: string, required: true }
    merchant: { type: string }
    fraud: { type: bool, required: true }
`;

/** 2026-01-05T00:00:00Z, a Monday: 0 of the times below. */
export const testStart = Date.parse('2026-01-05T00:00:00Z');

/** The schema of {@link plainSchemaText}. */
export function plainSchema(): EventSchema {
  const { schema, diagnostics } = parseSchema(plainSchemaText, 'schema.yaml');
  if (schema === undefined) throw new Error(JSON.stringify(diagnostics));
  return schema;
}

/** A rule of the plain schema from the lines that matter; throws with the diagnostics when it is refused. */
export function ruleOf(lines: string, id = 'under-test'): TypedRule {
  const has = (key: string): boolean => new RegExp(`^${key}:`, 'm').test(lines);
  const head = [['rule', id], ['title', 'Under test'], ['description', 'For a test.'], ['owner', 'tests'], ['on', 'payment'], ['by', 'acct'], ['severity', 'low'], ['score', '1'], ['action', 'none']]
    .flatMap(([key = '', value = '']) => (has(key) ? [] : [`${key}: ${value}`]));
  const text = `${head.join('\n')}\n${lines.replace(/^by: none$/m, '').trim()}\n`;
  const { rule, diagnostics } = compileRule(text, `${id}.yaml`, { schema: plainSchema(), retentionMs: 400 * 86_400_000 });
  if (rule === undefined) throw new Error(`${JSON.stringify(diagnostics, undefined, 1)}\n${text}`);
  return rule;
}

/** An event of a test: `at` is ms after {@link testStart}; its place in the list is its seq. */
export interface PlayedEvent { readonly id: string; readonly at: number; readonly type?: string; readonly late?: true; readonly fields?: Readonly<Record<string, FieldValue>> }

/** Entries with seq 1, 2, 3, ...; events are payments of acct `a` unless they say otherwise. */
export function logOf(items: readonly (PlayedEvent | { readonly list: string; readonly value: string; readonly change: 'add' | 'remove'; readonly at: number } | { readonly heartbeat: number })[]): readonly LogEntry[] {
  return items.map((item, index): LogEntry => {
    const seq = index + 1;
    if ('heartbeat' in item) return { kind: 'heartbeat', seq, ts: testStart + item.heartbeat };
    if ('list' in item) return { kind: 'list', seq, ts: testStart + item.at, list: item.list, value: item.value, change: item.change } satisfies ListChange;
    const event: LogEvent = { kind: 'event', seq, ts: testStart + item.at, id: item.id, type: item.type ?? 'payment', fields: { acct: 'a', ...item.fields } };
    return item.late === true ? { ...event, late: true } : event;
  });
}

/** Definition of an engine over the plain schema. @param options on top of the defaults. */
export function definitionOf(rules: readonly TypedRule[], options: Partial<EngineOptions> = {}): EngineDefinition {
  return { schema: plainSchema(), rules: rules.map((rule) => ({ rule, mode: 'live' })), options: { ...defaultEngineOptions, retentionMs: 400 * 86_400_000, ...options } };
}

/** Alerts of one rule over a log, the end included. */
export function alertsOf(make: MakeEngine, lines: string, entries: readonly LogEntry[], options: Partial<EngineOptions> = {}): readonly Alert[] {
  return playAll(make(definitionOf([ruleOf(lines)], options)), entries);
}

/** Ids of the triggering events, in order. */
export function firedOn(alerts: readonly Alert[]): readonly string[] { return alerts.map((alert) => alert.trigger?.id ?? '-'); }
