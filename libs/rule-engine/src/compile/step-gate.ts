import type { TypedExpr, TypedStep } from '@weir/rule-lang';
import type { RulePlan, StatePlan } from '../plan/state-plan.js';
import { beginnings, namesSteps } from '../sequence/sequence-program.js';
import type { SequenceRule } from '../sequence/sequence-program.js';
import { ConditionWriter } from './generate-conditions.js';
import type { CodeConstants } from './generate-conditions.js';

/** Sequences that one number tells about, two bits each. */
export const sequencesPerGate = 15;
/** The row may begin a match. */
export const mayBegin = 1;
/** The row may matter to a match under way. */
export const mayMatter = 2;

/** A sequence rule as events of one type meet it. */
export interface GatedSequence {
  readonly plan: RulePlan;
  readonly rule: SequenceRule;
  /** A step's condition as a closure over the row, asked for a match that has taken nothing. */
  readonly closureOf: (expr: TypedExpr) => () => boolean | undefined;
  readonly isPresent: (slot: number) => () => boolean;
}

/** What the current row may do to each sequence, by its own values and windows alone: bits by place, {@link mayBegin} and {@link mayMatter}. */
export type StepGate = (row: number) => number;

interface GateConditions { readonly begin: readonly (TypedExpr | undefined)[]; readonly matter: readonly (TypedExpr | undefined)[] | 'always' }

/**
 * The gate of at most {@link sequencesPerGate} sequences. A row without a bit changes nothing: it fits no step, positive or
 * negative, and no `until`, and no step wants adjacent events. Conditions on earlier steps pass for fitting.
 * @param constants absent: closures instead of generated code.
 */
export function stepGate(plan: StatePlan, type: string, sequences: readonly GatedSequence[], constants: Omit<CodeConstants, 'table'> | undefined): StepGate {
  if (sequences.length > sequencesPerGate) throw new RangeError(`${sequences.length} sequences behind one gate`);
  return constants === undefined ? closureGate(type, sequences) : generatedGate(plan, type, sequences, constants);
}

/** `undefined` among the conditions: every event of the type. */
function conditionsOf({ body, on }: SequenceRule, type: string): GateConditions {
  const ofType = (step: TypedStep): boolean => step.on.includes(type);
  const begin = beginnings(body).filter(ofType).map(({ where }) => where);
  if (body.steps.some((step) => step.contiguity === 'next' || step.contiguity === 'notNext' || step.inner === 'strict')) return { begin, matter: 'always' };
  const untils = body.steps.flatMap(({ until }) => (until === undefined || !on.includes(type) ? [] : [until]));
  const fitting = [...body.steps.filter(ofType).map(({ where }) => where), ...untils];
  return { begin, matter: fitting.map((expr) => (expr === undefined || namesSteps(expr) ? undefined : expr)) };
}

function closureGate(type: string, sequences: readonly GatedSequence[]): StepGate {
  const gates = sequences.map(({ plan, rule, closureOf, isPresent }) => {
    const { begin, matter } = conditionsOf(rule, type);
    const all = (exprs: readonly (TypedExpr | undefined)[]): readonly (() => boolean | undefined)[] => exprs.map((expr) => (expr === undefined ? () => true : closureOf(expr)));
    return { present: plan.by.map(isPresent), begin: all(begin), matter: matter === 'always' ? [() => true] : all(matter) };
  });
  return () => {
    let bits = 0;
    gates.forEach(({ present, begin, matter }, place) => {
      if (!present.every((has) => has())) return;
      if (begin.some((holds) => holds() === true)) bits |= mayBegin << (2 * place);
      if (matter.some((holds) => holds() === true)) bits |= mayMatter << (2 * place);
    });
    return bits;
  };
}

function generatedGate(plan: StatePlan, type: string, sequences: readonly GatedSequence[], base: Omit<CodeConstants, 'table'>): StepGate {
  const constants: CodeConstants = { ...base, table: [] };
  const lines = sequences.map(({ plan: { by }, rule, closureOf }, place) => {
    const writer = new ConditionWriter(plan, constants, rule, closureOf);
    const any = (exprs: readonly (TypedExpr | undefined)[]): string => (exprs.length === 0 ? 'false' : exprs.includes(undefined) ? 'true' : exprs.map((expr) => (expr === undefined ? 'true' : writer.isTrue(expr))).join(' || '));
    const { begin, matter } = conditionsOf(rule, type);
    const guards = ['true', ...by.map((slot) => writer.isPresent(slot))].join(' && ');
    const tests = `if (${any(begin)}) bits |= ${mayBegin << (2 * place)}; if (${matter === 'always' ? 'true' : any(matter)}) bits |= ${mayMatter << (2 * place)};`;
    return `if (${guards}) { ${writer.declarations} ${tests} }`;
  });
  const views = base.views.map((_, i) => `const v${i} = views[${i}];`).join(' ');
  // The typed tree alone makes this text: indices, safe integers, operators.
  const source = `'use strict'; const n = rows.numbers, s = rows.texts, g = rows.places, ts = rows.ts, W = ${Number.MAX_SAFE_INTEGER}; ${views}
return function gate(row) { let bits = 0;\n${lines.join('\n')}\nreturn bits; };`;
  // as: `source` above returns such a function
  return (new Function('rows', 'views', 'k', source) as (rows: unknown, views: unknown, k: readonly unknown[]) => StepGate)(base.rows, base.views, constants.table);
}

