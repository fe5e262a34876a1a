import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createEngine } from '../engine-embedded.js';
import { alertDifference, arbEntries, arbRuleText, playAll, schemaText, workloadOf } from '../testing/index.js';
import type { Workload } from '../testing/index.js';
import { defaultEngineOptions } from '../engine.js';

/** More rules than are worth an index. */
const ruleCount = 56;

const tests = [
  'amount > 5', 'amount >= 10.01', '30.03 <= amount', '!(amount <= 0.3)', 'amount == 5', 'amount < 0', 'tries in [1, 3]', 'tries > 9007199254740990', 'tries * amount > 4', 'score > 0.3', 'score <= 0.1',
  'declined', '!declined', 'declined == true', 'declined != true', 'merchant == "m1"', '"m2" == merchant', 'merchant in ["m1", "m3", "x"]', 'note in ["é", "😀b"]', 'merchant in list("watched")', 'note.startsWith("a")', 'has(device)',
  'last("5s").count() >= 2', 'last("10s").count() > 3', 'last("5s").sum(amount) > 10', 'last("5s").sum(tries) > 9007199254740991', 'by(device).last("10s").distinct(merchant) >= 2', 'last("10s").exists(declined)', '!last("5s").exists(declined)',
  'before("10s").avg(amount) > 3', 'last("10s").avg(tries) <= 1000000000000', 'last("10s").share(declined) >= 0.5', 'amount > 2 * before("10s").avg(amount)', 'last("2s").count() * 2 > last("10s").count()', '3 * last("10s").max(amount) > amount * 4',
  'last("5s").min(amount) < 0.2', 'amount - tries > 3', 'let_many', 'previous.amount > 1',
] as const;
const arbTest = fc.constantFrom(...tests);
const arbCondition = fc.oneof(
  { weight: 3, arbitrary: fc.array(arbTest, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(' && ')) },
  { weight: 1, arbitrary: fc.tuple(arbTest, arbTest, arbTest).map(([a, b, c]) => `(${a} || ${b}) && ${c}`) },
  { weight: 1, arbitrary: fc.tuple(arbTest, arbTest, arbTest).map(([a, b, c]) => `!(${a} && ${b}) && ${c}`) },
);

function ruleText(id: string, condition: string): string {
  return [`rule: ${id}`, `title: ${id}`, 'description: One of many.', 'owner: tests', 'on: payment', 'by: acct', 'severity: low', 'score: 1', 'action: none', 'let:', '  let_many: last("10s").count() >= 3', `when: |-\n  ${condition}`, ''].join('\n');
}

const arbManyRules: fc.Arbitrary<Workload> = fc.record({ amount: fc.integer({ min: 1, max: 4 }), fee: fc.integer({ min: 1, max: 3 }) }).chain((scales) => fc.tuple(
  fc.tuple(...Array.from({ length: ruleCount }, (_, i) => { const id = `generated-${i}`; return i % 5 === 4 ? arbRuleText(id) : arbCondition.map((condition) => ruleText(id, condition)); })),
  arbEntries(scales, 5_000, 60),
  fc.constantFrom('arrival' as const, 'watermark' as const),
).map(([texts, entries, evaluation]) => workloadOf(schemaText(scales), texts, { ...defaultEngineOptions, evaluation, maxOutOfOrdernessMs: 5_000, retentionMs: 367 * 86_400_000, evidence: 'none' }, entries)));

describe('many rules', () => {
  it('fire behind an index as they do one after the other', () => {
    let fired = 0;
    fc.assert(fc.property(arbManyRules, ({ definition, entries }) => {
      const expected = playAll(createEngine({ ...definition, options: { ...definition.options, codegen: false } }), entries);
      fired += expected.length;
      const difference = alertDifference(playAll(createEngine(definition), entries), expected);
      if (difference !== undefined) throw new Error(difference);
    }), { numRuns: Number(process.env['WEIR_PROPERTY_RUNS'] ?? 12) });
    expect(fired).toBeGreaterThan(500);
  });
});
