import { describe, expect, it } from '@jest/globals';
import type { Alert, LogEntry, LogEvent } from '@weir/contracts';
import { compileRule, parseSchema } from '@weir/rule-lang';
import fc from 'fast-check';
import type { EngineDefinition, EngineOptions, RuleEngine } from './engine.js';
import { defaultEngineOptions } from './engine.js';
import { createEngine, restoreEngine } from './engine-embedded.js';
import { explainRule } from './explain/explain-rule.js';
import { createInterpreter } from './interpret/interpreter.js';
import { alertDifference, playAll } from './testing/index.js';

const { schema } = parseSchema(`version: 1
events:
  payment:
    card: { type: string }
    amount: { type: decimal, scale: 2 }
  refund:
    payment_id: { type: string }
    card: { type: string }
    kind: { type: string }
    amount: { type: decimal, scale: 2 }
`);
const start = Date.parse('2026-01-05T00:00:00Z');

function definitionOf(conditions: readonly string[], options: Partial<EngineOptions> = {}): EngineDefinition {
  if (schema === undefined) throw new Error('the schema reads');
  const rules = conditions.map((when, i) => {
    const { rule, diagnostics } = compileRule(`rule: r${i}\non: [payment, refund]\nby: card\nwhen: ${JSON.stringify(when)}\n`, `r${i}.yaml`, { schema });
    if (rule === undefined) throw new Error(`${when} ${JSON.stringify(diagnostics)}`);
    return { rule, mode: 'live' as const };
  });
  return { schema, rules, options: { ...defaultEngineOptions, maxOutOfOrdernessMs: 3_000, ...options } };
}

const arbWindow = fc.tuple(
  fc.constantFrom('of(payment).by(id == payment_id)', 'of(payment).by(id == payment_id, card)', 'of(refund).by(payment_id == id)', 'of(refund).by(payment_id)', 'of(payment, refund).by(type)', 'of(payment, refund).by(card, type)', 'of(refund).by(kind == type)', 'of(payment, refund).by(type == kind)', 'of(payment).by(id)', 'of(payment, refund).by(id == payment_id, type == kind)', 'of(payment, refund).by(card, type, type == kind)'),
  fc.constantFrom('last("2s")', 'last("10s")', 'before("10s")', 'between("5s", "1s")', 'lastEvents(2)', 'since("day")'),
  fc.constantFrom('count() >= 1', 'count() >= 2', 'sum(amount) > 3.00', 'distinct(id) >= 2', 'exists(amount > 2.00)', 'latest(type) == "payment"', 'where(type == "refund").count() == 0', 'max(amount) > 2.00'),
).map((parts) => parts.join('.'));

const arbEvents = fc.array(fc.record({
  isRefund: fc.boolean(), about: fc.integer({ min: 1, max: 6 }), at: fc.integer({ min: 0, max: 1_500 }), back: fc.constantFrom(0, 0, 0, 1_000, 2_500),
  card: fc.constantFrom('a', 'b', undefined), kind: fc.constantFrom('payment', 'refund', 'é', undefined), amount: fc.constantFrom('1', '2.5', '3', undefined),
}), { minLength: 2, maxLength: 40 }).map((items): readonly LogEvent[] => {
  let now = start;
  return items.map(({ isRefund, about, at, back, card, kind, amount }, i): LogEvent => {
    now += at;
    const given = { ...(card === undefined ? {} : { card }), ...(amount === undefined ? {} : { amount }) };
    const fields = isRefund ? { ...given, payment_id: idOf(i - about), ...(kind === undefined ? {} : { kind }) } : given;
    return { kind: 'event', seq: i + 1, ts: now - back, id: idOf(i), type: isRefund ? 'refund' : 'payment', fields };
  });
});
/** Some ids are short, some long, one is no ASCII. */
function idOf(i: number): string { return i % 5 === 0 ? `é-${i}` : i % 3 === 0 ? `payment-of-some-length-${i}` : `p${i}`; }

function cutAndRestored(definition: EngineDefinition, entries: readonly LogEntry[]): readonly Alert[] {
  let engine: RuleEngine = createEngine(definition);
  const alerts = entries.flatMap((entry, i) => {
    const found = engine.apply(entry);
    if (i % 5 !== 2) return found;
    const restored = restoreEngine(definition, engine.snapshot());
    if (!restored.ok) throw new Error(restored.message);
    engine = restored.engine;
    return found;
  });
  return [...alerts, ...engine.end()];
}

/** All events in one or two calls as NDJSON; the first few teach the scanner their shapes. */
function asLines(definition: EngineDefinition, events: readonly LogEvent[], isDecoded: boolean): readonly Alert[] {
  const engine = createEngine(definition);
  const bytes = new TextEncoder().encode(events.map(({ id, type, ts, fields: { amount, ...fields } }) => `${JSON.stringify({ id, type, ts, ...fields }).slice(0, -1)}${amount === undefined ? '' : `,"amount":${String(amount)}`}}\n`).join(''));
  const parse = (_: Uint8Array, seq: number): LogEvent | undefined => events[seq - 1];
  return [...(isDecoded ? engine.applyDecoded(engine.decodeLines(bytes, 1, parse)) : engine.applyLines(bytes, 1, parse)), ...engine.end()];
}

describe('windows by the id or type of an event', () => {
  it.each(['arrival', 'watermark'] as const)('are the same to the interpreter, closures, generated code, a restored engine and the reader of lines (%s)', (evaluation) => {
    fc.assert(fc.property(fc.array(arbWindow, { minLength: 1, maxLength: 3 }), arbEvents, (windows, made) => {
      const definition = definitionOf(windows, { evaluation });
      // Lines carry no lateness: the engine decides it by the same rule.
      let largest = 0;
      const events = made.map((event): LogEvent => {
        if (largest > 0 && event.ts <= largest - definition.options.maxOutOfOrdernessMs - 1) return { ...event, late: true };
        largest = Math.max(largest, event.ts);
        return event;
      });
      const expected = playAll(createInterpreter(definition), events);
      const closures = { ...definition, options: { ...definition.options, codegen: false } };
      const seen = {
        generated: playAll(createEngine(definition), events), closures: playAll(createEngine(closures), events), restored: cutAndRestored(definition, events),
        lines: asLines(definition, events, false), decoded: asLines(definition, events, true), linesByClosures: asLines(closures, events, false),
      };
      for (const [way, alerts] of Object.entries(seen)) expect([way, alertDifference(alerts, expected)]).toEqual([way, undefined]);
    }), { numRuns: Number(process.env['WEIR_PROPERTY_RUNS'] ?? 40) });
  });

  it('tell a refund of a payment that was made with another card', () => {
    const definition = definitionOf(['type == "refund" && of(payment).by(id == payment_id).before("30d").count() == 1 && of(payment).by(id == payment_id, card).before("30d").count() == 0']);
    const event = (seq: number, type: string, fields: LogEvent['fields']): LogEvent => ({ kind: 'event', seq, ts: start + seq * 1_000, id: `e${seq}`, type, fields });
    const entries = [
      event(1, 'payment', { card: 'a', amount: '10' }), event(2, 'payment', { card: 'b', amount: '20' }),
      event(3, 'refund', { card: 'a', payment_id: 'e1' }), event(4, 'refund', { card: 'a', payment_id: 'e2' }), event(5, 'refund', { card: 'a', payment_id: 'e9' }), event(6, 'refund', { card: 'a' }),
    ];
    const [alert, ...others] = playAll(createEngine(definition), entries);
    expect(others).toEqual([]);
    expect(alert?.trigger?.id).toBe('e4');
    expect(alert?.explanation?.windows.map(({ key, size, events }) => [key, size, events.map(({ id }) => id)])).toEqual([[[{ field: 'id', value: 'e2' }], 1, ['e2']], [[{ field: 'card', value: 'a' }, { field: 'id', value: 'e2' }], 0, []]]);
    const [rule] = definition.rules;
    const asked = entries[3];
    if (rule === undefined || asked === undefined) throw new Error('no rule');
    expect(explainRule(rule.rule, asked, entries, definition.options)).toMatchObject({ outcome: 'fired', alertIds: [alert?.alertId] });
  });
});
