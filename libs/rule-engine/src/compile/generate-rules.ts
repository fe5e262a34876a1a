import type { TypedExpr } from '@weir/rule-lang';
import type { RulePlan, StatePlan } from '../plan/state-plan.js';
import { ConditionWriter, rulesPerChunk } from './generate-conditions.js';
import type { CodeConstants } from './generate-conditions.js';

/** Evaluates rules on the current row. @returns how many fired; their indices are written to `fired`. */
export type RuleProgram = (fired: Int32Array) => number;

/** One rule to be generated, with the closures for the parts that are not spelled out. */
export interface GeneratedRule { readonly plan: RulePlan; readonly index: number; readonly condition: TypedExpr; readonly closureOf: (expr: TypedExpr) => () => unknown }

/**
 * Rules as generated JavaScript, in functions of at most {@link rulesPerChunk} rules. Identifiers are made of indices, literals
 * go through a table: no user text reaches `Function`.
 */
export function generateRules(plan: StatePlan, base: Omit<CodeConstants, 'table'>, rules: readonly GeneratedRule[]): RuleProgram {
  const chunks: RuleProgram[] = [];
  for (let from = 0; from < rules.length; from += rulesPerChunk) chunks.push(generateChunk(plan, base, rules.slice(from, from + rulesPerChunk)));
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return only;
  return (fired) => {
    let count = 0;
    for (const chunk of chunks) count += chunk(count === 0 ? fired : fired.subarray(count));
    return count;
  };
}

function generateChunk(plan: StatePlan, base: Omit<CodeConstants, 'table'>, rules: readonly GeneratedRule[]): RuleProgram {
  const constants: CodeConstants = { ...base, table: [] };
  const lines: string[] = [];
  for (const { plan: rule, index, condition, closureOf } of rules) {
    const writer = new ConditionWriter(plan, constants, rule.rule, closureOf);
    const guards = rule.by.map((slot) => writer.isPresent(slot));
    const test = [...guards, writer.isTrue(condition)].join(' && ');
    lines.push(`{ ${writer.declarations} if (${test}) fired[count++] = ${index}; }`);
  }
  const views = base.views.map((_, i) => `const v${i} = views[${i}];`).join(' ');
  const source = `'use strict'; const n = rows.numbers, s = rows.texts, g = rows.places, ts = rows.ts, W = ${Number.MAX_SAFE_INTEGER}; ${views}
return function (fired) { const row = rows.row; let count = 0;
${lines.join('\n')}
return count; };`;
  // The typed tree alone makes this text: indices, safe integers, operators.
  const make = new Function('rows', 'views', 'k', source) as (rows: unknown, views: unknown, k: readonly unknown[]) => RuleProgram;
  return make(base.rows, base.views, constants.table);
}
