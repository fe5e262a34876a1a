import fc from 'fast-check';
import { arbExpression } from './arbitrary-expression.js';
import type { ExpressionScope, ExpressionType, LetName } from './arbitrary-expression.js';
import { fieldsOf, workloadTypes } from './workload-schema.js';
import type { WorkloadField, WorkloadType } from './workload-schema.js';

/** How deep the expressions of generated rules nest. */
const depth = 3;

const letOrder: readonly { readonly name: LetName; readonly type: ExpressionType }[] = [
  { name: 'let_exact', type: 'exact' }, { name: 'let_number', type: 'number' }, { name: 'let_double', type: 'double' }, { name: 'let_bool', type: 'bool' },
];

const arbTypes: fc.Arbitrary<readonly WorkloadType[]> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<readonly WorkloadType[]>(['payment']) },
  { weight: 2, arbitrary: fc.constantFrom(...workloadTypes).map((type) => [type]) },
  { weight: 1, arbitrary: fc.constant<readonly WorkloadType[]>(['payment', 'transfer']) },
);

const arbBy = fc.oneof(
  { weight: 4, arbitrary: fc.constant<readonly WorkloadField[]>(['acct']) },
  { weight: 1, arbitrary: fc.constantFrom<readonly WorkloadField[]>([], ['acct', 'amount']) },
);

/**
 * The text of a `when` rule over the generated schema. It may be refused for a constant condition that chance made; every
 * other refusal is a fault of generator or front end.
 */
export function arbRuleText(id: string): fc.Arbitrary<string> {
  return fc.tuple(arbTypes, arbBy, fc.subarray([...letOrder], { maxLength: 2 }), fc.boolean()).chain(([on, by, lets, hasReason]) => {
    const key = by.filter((field) => on.every((type) => fieldsOf(type).includes(field)));
    const scope = (before: readonly LetName[]): ExpressionScope => ({ types: on, rule: { on, by: key, lets: before, hasLists: true } });
    const names = lets.map((one) => one.name);
    const texts = lets.map(({ type }, index) => arbExpression(type, scope(names.slice(0, index)), depth - 1));
    const condition = (deep: number): fc.Arbitrary<string> => arbExpression('bool', scope(names), deep);
    const when = fc.oneof(
      { weight: 3, arbitrary: condition(depth) },
      { weight: 1, arbitrary: fc.tuple(condition(depth), condition(depth - 1)).map(([first, second]) => `(${first}) && (${second})`) },
      // fires always, so the explanation shows every value
      { weight: 1, arbitrary: condition(depth).map((first) => `(${first}) || ts > timestamp("1971-01-01T00:00:00Z")`) },
    );
    return fc.tuple(when, ...texts).map(([condition, ...values]) => ruleText({ id, on, key, condition, lets: names.map((name, index) => [name, values[index] ?? '']), hasReason }));
  });
}

interface RuleParts {
  readonly id: string;
  readonly on: readonly WorkloadType[];
  readonly key: readonly WorkloadField[];
  readonly condition: string;
  readonly lets: readonly (readonly [string, string])[];
  readonly hasReason: boolean;
}

function ruleText({ id, on, key, condition, lets, hasReason }: RuleParts): string {
  const values = [...lets.map(([name]) => name), fieldsOf(on[0] ?? 'payment')[0] ?? 'id', 'ts'].map((name) => `${name} = {${name}}`);
  return [
    `rule: ${id}`,
    `title: Generated rule ${id}`,
    'description: Made by a generator to compare two engines.',
    'owner: tests',
    `"on": ${on.length === 1 ? on[0] : `[${on.join(', ')}]`}`,
    ...(key.length === 0 ? [] : [`by: [${key.join(', ')}]`]),
    'severity: medium',
    'score: 10',
    'action: review',
    ...(hasReason ? [`reason: ${JSON.stringify(`{{fired}: ${values.join('; ')}`)}`] : []),
    ...(lets.length === 0 ? [] : ['let:', ...lets.map(([name, text]) => `  ${name}: |-\n    ${text}`)]),
    `when: |-\n  ${condition}`,
    '',
  ].join('\n');
}
