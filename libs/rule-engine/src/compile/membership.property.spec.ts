import { describe, expect, it } from '@jest/globals';
import type { FieldValue, LogEvent } from '@weir/contracts';
import fc from 'fast-check';
import { createEngine } from '../engine-embedded.js';
import { createInterpreter } from '../interpret/interpreter.js';
import { definitionOf, firedOn, logOf, ruleOf } from '../testing/play-rule.js';
import { alertDifference, playAll } from '../testing/same-alerts.js';
import { compileMembership } from './membership.js';
import type { Evaluator } from './evaluator.js';

/** Literals of each kind with an operand that meets them, and values of its field: equal in other spellings, near, absent. */
const kinds = [
  { operand: 'merchant', field: 'merchant', items: ['"a"', '"B"', '"é"', '"😀"', '"～"', '"\\u00e9"', '""', '"aa"', '"b"', '"c"', '"d"'], values: ['a', 'b', 'é', '😀', '～', '', 'zz'] },
  { operand: '(tries + 0)', field: 'tries', items: ['-3', '0', '1', '2.0', '35', '1e3', '9007199254740991', '90071992547409930', '7', '8', '9'], values: [-3, 0, 1, 2, 3, 1000, 9007199254740991, -9007199254740991] },
  { operand: 'tries * 10', field: 'tries', items: ['-30', '0', '10', '20.0', '35', '1e3', '90071992547409910', '90071992547409930', '7', '8', '9'], values: [-3, 0, 1, 2, 3, 100, 9007199254740991] },
  { operand: '(amount * 1)', field: 'amount', items: ['0', '1.5', '1.50', '-2.25', '12', '90071992547409.93', '900719925474099300000', '1e3', '3', '4', '5', '6'], values: ['0', '1.5', '-2.25', '12', '90071992547409.93', '900719925474099300000', '1000', '0.01'] },
  { operand: 'amount / 4', field: 'amount', items: ['0', '0.375', '-0.5625', '3', '0.3333333', '22517998136852.4825', '250.00', '5', '6', '7', '8'], values: ['0', '1.5', '-2.25', '12', '1', '90071992547409.93', '1000'] },
  { operand: 'amount / (amount - 12)', field: 'amount', items: ['0', '1', '2', '-1', '-0.5', '3', '4', '5', '6', '7', '1.5'], values: ['0', '6', '12', '18', '24', '4', '36'] },
  { operand: 'score', field: 'score', items: ['0', '-0.1', '0.1', '0.30000000000000004', '0.3', '1e50', '1', '2', '3', '4'], values: [0, -0, 0.1, 0.1 + 0.2, 0.3, 1e50, 5] },
  { operand: 'seen_at', field: 'seen_at', items: Array.from({ length: 12 }, (_, i) => `timestamp("2026-01-${String(i + 10)}T00:00:00Z")`), values: [Date.parse('2026-01-11T00:00:00Z'), Date.parse('2026-01-11T00:00:00.001Z')] },
] as const;

/** With items that are no literals in between; some are unknown where `tries`, `score` or `merchant` is absent. */
const others: Readonly<Record<string, readonly string[]>> = { merchant: ['currency'], tries: ['tries + 1', 'score', 'amount'], amount: ['tries', 'score * 2.0'], score: ['tries', 'amount'], seen_at: ['ts'] };

describe('x in a long list of literals', () => {
  it('says what x == a || x == b says, unknown included, in every form of the engine', () => {
    fc.assert(fc.property(
      fc.constantFrom(...kinds).chain((kind) => fc.record({
        kind: fc.constant(kind), items: fc.shuffledSubarray([...kind.items, ...(others[kind.field] ?? [])], { minLength: 9 }),
        values: fc.array(fc.option(fc.constantFrom<FieldValue>(...kind.values), { nil: undefined }), { minLength: 1, maxLength: 8 }),
        more: fc.array(fc.record({ tries: fc.constantFrom<FieldValue | undefined>(undefined, 0, 2), amount: fc.constantFrom<FieldValue | undefined>(undefined, '1', '2') }), { minLength: 8, maxLength: 8 }),
      })),
      ({ kind, items, values, more }) => {
        const list = `${kind.operand} in [${items.join(', ')}]`;
        const rules = [list, `!(${list})`, `has(acct) && (${list}).orValue(true)`].map((when, i) => ruleOf(`when: ${JSON.stringify(when)}`, `r${i}`));
        const definition = definitionOf(rules, { evidence: 'none' });
        const entries = logOf(values.map((value, i) => {
          const fields = { ...more[i], [kind.field]: value };
          return { id: `e${i}`, at: i, fields: Object.fromEntries(Object.entries(fields).flatMap(([name, one]) => (one === undefined ? [] : [[name, one] as const]))) };
        }));
        const expected = playAll(createInterpreter(definition), entries);
        for (const codegen of [true, false]) expect(alertDifference(playAll(createEngine({ ...definition, options: { ...definition.options, codegen } }), entries), expected)).toBeUndefined();
      },
    ), { numRuns: Number(process.env['WEIR_PROPERTY_RUNS'] ?? 80) });
  });

  it('asks nothing of its literals at an event', () => {
    let asked = 0;
    const literal = (value: string): Evaluator => ({ form: 'string', get: () => { asked += 1; return value; } });
    const items = Array.from({ length: 5_000 }, (_, i) => ({ expr: { kind: 'literal', type: 'string', value: { type: 'string', value: `m${i}` }, text: '', span: { line: 1, column: 1, endLine: 1, endColumn: 1 } } as const, evaluator: literal(`m${i}`) }));
    let value: string | undefined = 'm4999';
    const found = compileMembership({ form: 'string', get: () => value }, items);
    asked = 0;
    const seen = ['m4999', 'm0', 'x', undefined].map((one) => { value = one; return found.form === 'bool' ? found.get() : undefined; });
    expect({ seen, asked }).toEqual({ seen: [true, true, false, undefined], asked: 0 });
  });

  it('takes a rule with thousands of values', () => {
    const rule = ruleOf(`when: merchant in [${Array.from({ length: 3_000 }, (_, i) => `"m${i * 2}"`).join(', ')}]`);
    const entries = logOf(Array.from({ length: 300 }, (_, i) => ({ id: `e${i}`, at: i, fields: { merchant: `m${i * 20 + (i % 2)}` } })));
    const wanted = entries.flatMap((entry) => (Number((entry as LogEvent).fields['merchant']?.toString().slice(1)) % 2 === 0 ? [(entry as LogEvent).id] : [])); // as: all entries are events
    for (const codegen of [true, false]) expect(firedOn(playAll(createEngine(definitionOf([rule], { evidence: 'none', codegen })), entries))).toEqual(wanted);
  });
});
