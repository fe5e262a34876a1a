import { describe, expect, it } from '@jest/globals';
import type { LogEntry } from '@weir/contracts';
import { Distinct, Extreme } from '@weir/stream-core';
import { compileRule, parseSchema } from '@weir/rule-lang';
import fc from 'fast-check';
import { defaultEngineOptions } from './engine.js';
import type { EngineDefinition, RuleEngine } from './engine.js';
import { createEngine, partsOf, restoreEngine } from './engine-embedded.js';
import { arbWorkload } from './testing/index.js';

const runs = Number(process.env['WEIR_PROPERTY_RUNS'] ?? 60);

/**
 * What every window of every key counts, and the events of every chain, by the keys' bytes: ids and places are an engine's own affair.
 *
 * Events leave by arrival, and only when nothing can see them any more. One that came out of order may so be held although
 * a later one of its key, behind which its chain lies, has gone: it is dated before that one, so out of sight, and left out here.
 */
function countsOf(engine: RuleEngine, entries: readonly LogEntry[]): readonly string[] {
  const state = partsOf(engine)?.state;
  if (state === undefined) throw new Error('an engine without state');
  const textOf = (dimension: number, id: number): string => [...(state.dimensions[dimension]?.interner.bytesOf(id) ?? [])].join();
  return state.logs.flatMap(({ columns, accumulators, keptAccumulators, plan, streamOf }, log) => {
    const counts = [...accumulators.values()].flatMap((accumulator, i) => {
      const { place: { rows, offset, idColumn } } = accumulator;
      const dimension = plan.ids[idColumn]?.dimension ?? -1;
      const shown = (value: number): string => (accumulator instanceof Extreme && accumulator.picked.kind === 'id' && value === value ? textOf(plan.ids[accumulator.picked.column]?.dimension ?? -1, value) : `${value + 0}`);
      const pairs = accumulator instanceof Distinct && keptAccumulators.some((one) => one.accumulator === accumulator) ? [`${log}.${i} has ${accumulator.pairs.size} pairs`] : [];
      const found: string[] = [];
      state.dimensions[dimension]?.interner.forEach((id) => {
        const cell = id * rows.stride + offset;
        found.push(`${log}.${i} of ${textOf(dimension, id)}: ${rows.wide.get(cell) ?? shown(rows.cells[cell] as number)}`);
      });
      return [...pairs, ...found];
    });
    const chains = plan.chains.flatMap(({ stream }, chain) => {
      const { dimension } = streamOf.call(state.logs[log], stream);
      const found: string[] = [];
      const firstHeld = columns.seq[columns.first & columns.mask] ?? 0;
      const outOfSight = Math.max(...entries.map((entry) => (entry.kind === 'event' && entry.seq < firstHeld && plan.types.includes(state.typeOf(entry.type)) ? entry.ts : -Infinity)));
      state.dimensions[dimension]?.interner.forEach((id) => {
        const seqs: number[] = [];
        for (let n = columns.newest(chain, id); n !== undefined && (columns.ts[n & columns.mask] as number) > outOfSight; n = columns.older(chain, n)) seqs.push(columns.seq[n & columns.mask] as number);
        found.push(`${log} chain ${chain} of ${textOf(dimension, id)}: ${seqs.join()}`);
      });
      return found;
    });
    return [...counts, ...chains];
  }).sort();
}

function applied(definition: EngineDefinition, entries: readonly LogEntry[]): RuleEngine {
  const engine = createEngine(definition);
  for (const entry of entries) engine.apply(entry);
  return engine;
}

function difference(definition: EngineDefinition, entries: readonly LogEntry[]): string | undefined {
  const before = applied(definition, entries);
  const restored = restoreEngine(definition, before.snapshot());
  if (!restored.ok) return restored.message;
  const [expected, found] = [countsOf(before, entries), countsOf(restored.engine, entries)];
  const at = expected.findIndex((line, i) => line !== found[i]);
  return at >= 0 ? `${expected[at] ?? ''} is ${found[at] ?? 'missing'}` : found[expected.length];
}

describe('what is counted after a restore', () => {
  for (const codegen of [true, false]) {
    it(`is what was counted before, for every window and key, ${codegen ? 'by kernels' : 'without generated code'}`, () => {
      fc.assert(fc.property(arbWorkload({ kinds: ['when'], maxEntries: 80, maxRules: 5 }), ({ definition, entries }) => {
        const own = { ...definition, options: { ...definition.options, codegen } };
        expect(difference(own, entries)).toBeUndefined();
      }), { numRuns: runs });
    });
  }

  it('is the same for thousands of events in and out of order, with sums and extremes beyond safe integers', () => {
    const { schema } = parseSchema('version: 1\nevents:\n  payment:\n    card: { type: string }\n    shop: { type: string }\n    amount: { type: decimal, scale: 2 }\n    score: { type: double }\n  refund:\n    card: { type: string }\n    amount: { type: decimal, scale: 4 }\n');
    if (schema === undefined) throw new Error('the test schema does not compile');
    const conditions = [
      'last("5m").count() > 900', 'last("5m").sum(amount) > 9000000.00', 'last("1m").where(amount > 5.00).count() > 900', 'last("5m").distinct(shop) > 900',
      'before("5m").max(amount) > 900000.00', 'last("1m").min(amount) < -9.00', 'last("5m").stddev(amount) > 1000000.00', 'last("5m").avg(score) > 10.0',
      'last("2m").first(shop) == "none"', 'between("5m", "1m").count() > 900', 'between("5m", "1m").distinct(shop) > 900', 'last("5m").latest(shop) == "none"', 'last("5m").max(score) > 10.0',
      'last("5m").latest(amount) > 900000.00', 'last("5m").first(amount) > 900000.00',
      ...Array.from({ length: 40 }, (_, i) => `last("5m").where(amount > ${i}.50).count() > 900`), // two words of predicates
    ];
    // The cards of a shop mirror the shops of a card.
    const keyed = [...conditions.map((when) => ['card', when] as const), ['shop', 'last("5m").distinct(card) > 900'] as const];
    const rules = keyed.map(([by, when], i) => {
      const { rule, diagnostics } = compileRule(`rule: r${i}\ntitle: T\ndescription: D\nowner: o\non: payment\nby: ${by}\nseverity: low\nscore: 1\naction: none\nwhen: |-\n  ${when}\n`, `r${i}.yaml`, { schema });
      if (rule === undefined) throw new Error(JSON.stringify(diagnostics));
      return { rule, mode: 'live' as const };
    });
    const definition: EngineDefinition = { schema, rules, options: { ...defaultEngineOptions, evidence: 'none' } };
    const entries = Array.from({ length: 24_000 }, (_, i): LogEntry => {
      const n = Math.imul(i + 1, 0x9e3779b1) >>> 0;
      const amount = n % 500 === 0 ? '90071992547409.25' : n % 700 === 1 ? '-90071992547409.5' : `${n % 90}.25`;
      return { kind: 'event', seq: i + 1, id: `e${i}`, type: n % 9 === 0 ? 'refund' : 'payment', ts: 1_795_200_000_000 + 10 * i - (n % 20 === 3 ? n % 4_000 : 0), fields: { card: `c${n % 300}`, shop: `s${(n >>> 8) % 700}`, amount, ...(n % 4 === 0 ? {} : { score: (n % 1000) / 7 }) } };
    });
    expect(difference(definition, entries)).toBeUndefined();
  });
});
