import { describe, expect, it } from '@jest/globals';
import type { RuleExplanation } from '@weir/contracts';
import fc from 'fast-check';
import { definitionOf, logOf, ruleOf } from '../testing/play-rule.js';
import { explainRule } from './explain-rule.js';
import { hideInExplanation } from './hide-values.js';

const runs = Number(process.env['WEIR_PROPERTY_RUNS'] ?? 150);
const lets = 'let:\n  next_one: tries + 1\n  is_high: next_one > 30\n  high: last("1h").where(tries > 20).count()\n  total: last("1h").sum(tries)\n  paid: last("1h").sum(amount)\n';
const conditions = [
  'tries > 30', 'next_one > amount', '(is_high || amount > 5.00)', 'high >= 2', 'total > 100', 'previous.tries < tries', 'tries in [20, 30, 40]', '(tries > 50 ? 1.00 : 2.00) == amount', 'paid > 4.00',
  '!(tries == 40)', 'tries.orValue(3) % 7 == 0', 'abs(tries - 50) < 20', 'last("1h").avg(tries) > 40', 'last("1h").max(tries) - last("1h").min(tries) > 9', 'last("1h").exists(tries > 60)', 'last("1h").share(tries > 40) > 0.4',
  'lastEvents(2).latest(tries) > 30', '(amount > 3.00 || (tries > 10 && tries < 90))', 'has(tries)', 'by(acct).last("1h").count() >= 2',
];
const arbRule = fc.uniqueArray(fc.constantFrom(...conditions), { minLength: 1, maxLength: 4 }).map((parts) => ruleOf(`reason: "{tries} {next_one} {high} {total} {paid} {amount}"\n${lets}when: |-\n  ${parts.join(' && ')}`));
const arbEvents = fc.array(fc.record({ amount: fc.integer({ min: 0, max: 9 }), one: fc.integer({ min: 1, max: 99 }), other: fc.integer({ min: 1, max: 99 }) }), { minLength: 1, maxLength: 5 });

describe('an explanation with a field hidden', () => {
  it('is the same whatever the field\'s values were, as long as the rule came to the same and failed at the same place', () => {
    let compared = 0;
    fc.assert(fc.property(arbRule, arbEvents, (rule, events) => {
      const { options } = definitionOf([rule]);
      const told = (which: 'one' | 'other'): RuleExplanation => {
        const log = logOf(events.map((event, i) => ({ id: `e${i}`, at: i * 60_000, fields: { amount: String(event.amount), tries: event[which] } })));
        const last = log.at(-1);
        if (last?.kind !== 'event') throw new Error('the last is an event');
        return explainRule(rule, last, log, options, true);
      };
      const [one, other] = [told('one'), told('other')];
      if (one.outcome !== other.outcome || one.verdict?.failed?.index !== other.verdict?.failed?.index) return;
      compared += 1;
      const hiding = { hides: (field: string) => field === 'tries' };
      expect(JSON.stringify(hideInExplanation(one, hiding))).toBe(JSON.stringify(hideInExplanation(other, hiding)));
    }), { numRuns: runs });
    expect(compared).toBeGreaterThan(runs / 4);
  });
});
