// `as` behind an index: places come from loops and lists of this file, so they are there; this runs per row, without a check.
import type { StatePlan } from '../plan/state-plan.js';
import { ConditionWriter, rulesPerChunk } from './generate-conditions.js';
import type { CodeConstants } from './generate-conditions.js';
import { IndexCatalog } from './index-atoms.js';
import type { Cover } from './index-atoms.js';
import { CoverFinder, measureNames } from './rule-covers.js';
import type { GeneratedRule } from './rule-covers.js';
import { RuleIndex } from './rule-index.js';

export type { GeneratedRule } from './rule-covers.js';

/** Evaluates rules on the current row. @returns how many fired; their indices are written to `fired`, ascending. */
export type RuleProgram = (fired: Int32Array) => number;

/** From this many rules on an index is asked which of them can be true; fewer cost less one after the other. */
const rulesWorthAnIndex = 48;

type Base = Omit<CodeConstants, 'table'>;
/** Computes the measures that are needed, by their place. */
type Reader = (values: Float64Array, needed: Uint8Array) => void;
/** Does the rule fire on a row? */
type RuleTest = (row: number) => boolean;

/**
 * Rules as generated JavaScript, in functions of at most {@link rulesPerChunk} rules. Identifiers are made of indices, literals
 * go through a table: no user text reaches `Function`. Many rules stand behind a {@link RuleIndex}.
 * @param indexFrom how many rules are worth an index.
 */
export function generateRules(plan: StatePlan, base: Base, rules: readonly GeneratedRule[], indexFrom = rulesWorthAnIndex): RuleProgram {
  return rules.length < indexFrom ? inTurn(plan, base, rules) : indexed(plan, base, rules);
}

function inTurn(plan: StatePlan, base: Base, rules: readonly GeneratedRule[]): RuleProgram {
  const chunks = chunksOf(rules).map((part): RuleProgram => {
    const table: unknown[] = [];
    const lines = part.map((rule) => { const { declarations, test } = testOf(plan, { ...base, table }, rule); return `{ ${declarations} if (${test}) fired[count++] = ${rule.index}; }`; });
    return compiled<RuleProgram>(base, table, `function (fired) { const row = rows.row; let count = 0;\n${lines.join('\n')}\nreturn count; }`);
  });
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return only;
  return (fired) => {
    let count = 0;
    for (const chunk of chunks) count += chunk(count === 0 ? fired : fired.subarray(count));
    return count;
  };
}

function indexed(plan: StatePlan, base: Base, rules: readonly GeneratedRule[]): RuleProgram {
  const catalog = new IndexCatalog();
  const table: unknown[] = [];
  const alternatives = coversOf(plan, { ...base, table }, catalog, rules);
  const { rows } = base;
  const index = new RuleIndex({ alternatives, costs: catalog.measures.map(({ cost }) => cost), rows });
  const values = new Float64Array(catalog.measures.length);
  const readers = chunksOf(catalog.measures.map((measure, place) => ({ ...measure, place }))).map((part) => {
    const lines = part.map(({ code, declarations, place }) => `if (needed[${place}] === 1) { ${declarations} values[${place}] = ${code}; }`);
    return compiled<Reader>(base, table, `function measures(values, needed) { const row = rows.row; ${measureNames}\n${lines.join('\n')} }`);
  });
  const tests = chunksOf(rules).flatMap((part) => singly(plan, base, part));
  const places = Int32Array.from(rules, (rule) => rule.index);
  return (fired) => {
    for (let i = 0; i < readers.length; i++) (readers[i] as Reader)(values, index.needed);
    const found = index.find(values, rows.row);
    const candidates = index.found;
    let count = 0;
    for (let i = 0; i < found; i++) {
      const rule = candidates[i] as number;
      if ((tests[rule] as RuleTest)(rows.row)) fired[count++] = places[rule] as number;
    }
    return count;
  };
}

/** Covers by columns and cells, and by conjuncts that closures evaluate once for all rules that have them. */
function coversOf(plan: StatePlan, constants: CodeConstants, catalog: IndexCatalog, rules: readonly GeneratedRule[]): readonly (readonly Cover[])[] {
  const found = rules.map((rule) => {
    const finder = new CoverFinder(catalog, plan, constants, rule);
    return { finder, covers: finder.alternatives(), conjuncts: new Map(finder.conjuncts().map((one) => [one.key, one])) };
  });
  const sharing = new Map<string, number>();
  for (const { conjuncts } of found) for (const key of conjuncts.keys()) sharing.set(key, (sharing.get(key) ?? 0) + 1);
  const made = new Map<string, Cover>();
  return found.map(({ finder, covers, conjuncts }) => [...covers, ...[...conjuncts.values()].filter(({ key }) => (sharing.get(key) ?? 0) > 1).map(({ key, expr, wanted }) => {
    const cover = made.get(key) ?? finder.conditionCover(expr, wanted);
    made.set(key, cover);
    return cover;
  })]);
}

/**
 * Each rule as a function of its own: most are asked seldom, and a function of many cases would be optimised anew for each
 * case that is reached for the first time.
 */
function singly(plan: StatePlan, base: Base, rules: readonly GeneratedRule[]): readonly RuleTest[] {
  const table: unknown[] = [];
  const tests = rules.map((rule) => { const { declarations, test } = testOf(plan, { ...base, table }, rule); return `function (row) { ${declarations} return ${test}; }`; });
  return compiled<readonly RuleTest[]>(base, table, `[${tests.join(',\n')}]`);
}

/** A rule fires where it has its key and its condition is true. */
function testOf(plan: StatePlan, constants: CodeConstants, { plan: rule, condition, closureOf }: GeneratedRule): { readonly declarations: string; readonly test: string } {
  const writer = new ConditionWriter(plan, constants, rule.rule, closureOf);
  const test = [...rule.by.map((slot) => writer.isPresent(slot)), writer.isTrue(condition)].join(' && ');
  return { declarations: writer.declarations, test };
}

/** The typed tree alone makes the text of `body`: indices, safe integers, operators. */
function compiled<F>(base: Base, table: readonly unknown[], body: string): F {
  const views = base.views.map((_, i) => `const v${i} = views[${i}];`).join(' ');
  const source = `'use strict'; const n = rows.numbers, s = rows.texts, g = rows.places, ts = rows.ts, W = ${Number.MAX_SAFE_INTEGER}; ${views}\nreturn ${body};`;
  // `as`: the shape of what the text makes is known here alone
  const make = new Function('rows', 'views', 'k', source) as (rows: unknown, views: unknown, k: readonly unknown[]) => F;
  return make(base.rows, base.views, table);
}

function chunksOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / rulesPerChunk) }, (_, i) => items.slice(i * rulesPerChunk, (i + 1) * rulesPerChunk));
}
