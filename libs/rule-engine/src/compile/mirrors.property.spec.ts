import { describe, expect, it } from '@jest/globals';
import type { Alert, LogEvent } from '@weir/contracts';
import fc from 'fast-check';
import { createEngine, partsOf, restoreEngine } from '../engine-embedded.js';
import type { EngineDefinition, LineEngine, RuleEngine } from '../engine.js';
import { beginMigration } from '../engine-migration.js';
import { createInterpreter } from '../interpret/interpreter.js';
import { alertDifference } from '../testing/index.js';
import { definitionOf, ruleOf, testStart } from '../testing/play-rule.js';
import { mirrorsOf } from './mirrors.js';

const outOfOrder = 20_000;
const windows = ['last("1m")', 'before("1m")', 'between("1m", "10s")', 'last("1m").where(amount > 20.00)'];
/** For each window the accounts of a merchant and the merchants of an account, and a window that has no counterpart. */
const conditions = windows.flatMap((window) => [`by: merchant\nwhen: ${window}.distinct(acct) > 2`, `by: acct\nwhen: ${window}.distinct(merchant) > 1`]);
const unpaired = ['by: merchant\nwhen: last("2m").distinct(acct) > 2', 'by: acct\nwhen: last("1m").where(amount > 30.00).distinct(merchant) > 1', 'by: acct\nwhen: last("1m").distinct(acct) > 0 && amount > 98.00'];
const rules = [...conditions, ...unpaired].map((lines, i) => ruleOf(lines, `rule-${String(i).padStart(2, '0')}`));

/** Payments: most in order of time, some a little back, some too late; key or value may be absent. */
const arbEvents = fc.array(fc.record({
  acct: fc.constantFrom('a', 'b', 'c', 'd', undefined), merchant: fc.constantFrom('m', 'n', 'o', undefined), back: fc.constantFrom(0, 0, 0, 5_000, 15_000, 100_000), gap: fc.constantFrom(0, 0, 1_000, 7_000, 30_000),
  amount: fc.constantFrom('1.00', '25.00', '99.00'),
}), { minLength: 5, maxLength: 150, size: 'max' }).map((payments) => {
  let [now, maxTs] = [testStart, 0];
  return payments.map(({ back, gap, acct, merchant, amount }, i): LogEvent => {
    now += gap;
    const ts = now - back;
    const isLate = maxTs > 0 && ts <= maxTs - outOfOrder - 1;
    if (!isLate) maxTs = Math.max(maxTs, ts);
    return { kind: 'event', seq: i + 1, id: `e${i}`, type: 'payment', ts, fields: { ...(acct === undefined ? {} : { acct }), ...(merchant === undefined ? {} : { merchant }), amount }, ...(isLate ? { late: true as const } : {}) };
  });
});

function lineOf({ id, type, ts, fields }: LogEvent): string { return `${JSON.stringify({ id, type, ts, ...fields }).replace(/"amount":"([0-9.]+)"/, '"amount":$1')}\n`; }

/** The alerts of the events by their lines, `most` at once, decoded first or not. */
function byLines(engine: LineEngine, events: readonly LogEvent[], most: number, decodes = false): readonly Alert[] {
  const parse = (_: Uint8Array, seq: number): LogEvent | undefined => { const event = events[seq - 1]; return event === undefined ? undefined : { kind: 'event', seq, id: event.id, type: event.type, ts: event.ts, fields: event.fields }; };
  const alerts: Alert[] = [];
  for (let from = 0; from < events.length; from += most) {
    const lines = new TextEncoder().encode(events.slice(from, from + most).map(lineOf).join(''));
    alerts.push(...(decodes ? engine.applyDecoded(engine.decodeLines(lines, from + 1, parse)) : engine.applyLines(lines, from + 1, parse)));
  }
  return alerts;
}

/** Once everything has expired: no key is held, and the row of every key that was is as if none had been. */
function expectEmpty(engine: RuleEngine): void {
  const { seq, maxTs } = engine.stats();
  engine.apply({ kind: 'heartbeat', seq: seq + 1, ts: maxTs + 500 * 86_400_000 });
  expect(engine.stats()).toMatchObject({ keys: 0, windowEvents: 0 });
  for (const { rows, plan: { stride } } of partsOf(engine)?.state.dimensions ?? []) {
    if (stride > 0) for (let id = 2; id < rows.cells.length / rows.stride; id++) expect(rows.isEmpty(id)).toBe(true);
  }
}

/** The alerts of the events from `at` on, when the rules of `to` take over there from those of `from`. */
function afterMigration(from: EngineDefinition, to: EngineDefinition, events: readonly LogEvent[], at: number): readonly Alert[] {
  const old = createEngine(from);
  for (const event of events.slice(0, at)) old.apply(event);
  const migration = beginMigration(old, to);
  if (migration === undefined) throw new Error('no migration');
  const first = migration.replayAfterTs === Infinity ? at : events.findIndex((_, i) => Math.max(...events.slice(0, i + 1).map(({ ts }) => ts)) > migration.replayAfterTs);
  const replayed = first < 0 ? at : Math.min(first, at);
  migration.copyBefore(replayed + 1);
  while (migration.copy());
  for (const event of events.slice(replayed, at)) migration.engine.apply(event);
  while (migration.takeOver());
  const alerts = events.slice(at).flatMap((event) => migration.engine.apply(event));
  expectEmpty(migration.engine);
  return alerts;
}

/** The alerts of the events, the engine replaced now and then by one restored from its snapshot. */
function withRestores(definition: EngineDefinition, events: readonly LogEvent[], every: number): readonly Alert[] {
  let engine: RuleEngine = createEngine(definition);
  return events.flatMap((event, i) => {
    if (i % every === every - 1) {
      const restored = restoreEngine(definition, engine.snapshot());
      if (!restored.ok) throw new Error(restored.message);
      engine = restored.engine;
    }
    return engine.apply(event);
  });
}

describe('distinct windows that count the same pairs the other way round', () => {
  it('are found: same span, same condition, key and value changed about', () => {
    const state = partsOf(createEngine(definitionOf(rules)))?.state;
    const found = state?.plan.logs.flatMap((log) => [...mirrorsOf(log, state.plan.streams)].map(([one, other]) => [one.span, other.span]));
    expect(found).toHaveLength(windows.length);
    for (const [one, other] of found ?? []) expect(other).toEqual(one);
    const pairs = state?.logs.flatMap((log) => log.keptAccumulators.filter(({ accumulator }) => 'mirror' in accumulator && accumulator.mirror !== undefined));
    expect(pairs).toHaveLength(windows.length);
  });

  for (const evaluation of ['arrival', 'watermark'] as const) {
    it(`give the interpreter's alerts: event by event, by lines, without generated code, after restores (${evaluation})`, () => {
      fc.assert(fc.property(arbEvents, fc.integer({ min: 1, max: 150 }), fc.integer({ min: 2, max: 60 }), (events, most, every) => {
        const definition = definitionOf(rules, { maxOutOfOrdernessMs: outOfOrder, evaluation });
        const plain = { ...definition, options: { ...definition.options, codegen: false } };
        const judge = createInterpreter(definition);
        const expected = events.flatMap((event) => judge.apply(event));
        const [engine, closures] = [createEngine(definition), createEngine(plain)];
        expect(alertDifference(events.flatMap((event) => engine.apply(event)), expected)).toBeUndefined();
        expect(alertDifference(events.flatMap((event) => closures.apply(event)), expected)).toBeUndefined();
        const [lines, decoded] = [createEngine(definition), createEngine(definition)];
        expect(alertDifference(byLines(lines, events, most), expected)).toBeUndefined();
        expect(alertDifference(byLines(decoded, events, most, true), expected)).toBeUndefined();
        for (const one of [engine, closures, lines, decoded]) expectEmpty(one);
        expect(alertDifference(withRestores(definition, events, every), expected)).toBeUndefined();
      }), { numRuns: 20 });
    });
  }

  it('go on when a release brings one of two, takes it or changes the order of the rules', () => {
    const half = (keep: (by: string) => boolean): EngineDefinition => definitionOf(rules.filter(({ by }) => keep(by[0] ?? '')), { maxOutOfOrdernessMs: outOfOrder });
    const sets = [half(() => true), half((by) => by === 'acct'), half((by) => by === 'merchant')];
    fc.assert(fc.property(arbEvents, fc.nat(150), fc.constantFrom(...sets), fc.constantFrom(...sets), (events, place, from, to) => {
      const at = Math.min(place, events.length);
      const fresh = createEngine(to);
      const expected = events.flatMap((event, i) => { const alerts = fresh.apply(event); return i < at ? [] : alerts; });
      expect(alertDifference(afterMigration(from, to, events, at), expected)).toBeUndefined();
    }), { numRuns: 40 });
  });
});
