import type { ExplainedNode, Explanation } from '@weir/contracts';
import type { TypedExpr, TypedRule } from '@weir/rule-lang';
import { isTrue } from '../interpret/aggregate.js';
import { evaluate, letOf, startEvaluation } from '../interpret/evaluate.js';
import type { Evaluation } from '../interpret/evaluate.js';
import type { EvidenceSource } from './evidence.js';
import { explain, topLevelConditions } from './explanation.js';
import { relativeDistance } from './margin.js';

/**
 * What a rule makes of an event: hit, no hit, or not evaluated with the reason. `sequence`: what a sequence makes of one event
 * depends on those before it; its alerts show their steps.
 */
export type EventExplanation =
  | { readonly outcome: 'not-evaluated'; readonly because: 'other-type' | 'missing-key' | 'sequence'; readonly missing: readonly string[] }
  | { readonly outcome: 'fired'; readonly explanation: Explanation }
  | {
    readonly outcome: 'not-fired';
    readonly explanation: Explanation;
    /** The first top-level condition that was not true, in source order: index into `explanation.conditions`. */
    readonly failed: number;
    readonly condition: ExplainedNode;
    /** False: the condition was unknown, not false. */
    readonly isKnown: boolean;
    /** Distance of each comparison in the failed condition from turning, relative to its larger side, the nearest first; empty without numbers. */
    readonly nearest: readonly { readonly text: string; readonly relativeDistance: number }[];
  };

/**
 * The explanation of an event for a rule that did not fire on it (or did): the first condition that failed and how far each
 * comparison was from turning (rule-language §7).
 */
export function explainEvent(rule: TypedRule, evidence: EvidenceSource, maxContributing = 100): EventExplanation {
  const { event } = evidence;
  if (!rule.on.includes(event.type)) return { outcome: 'not-evaluated', because: 'other-type', missing: [] };
  const missing = rule.by.filter((name) => event.fields[name] === undefined);
  if (missing.length > 0) return { outcome: 'not-evaluated', because: 'missing-key', missing };
  if (rule.body.kind === 'sequence') return { outcome: 'not-evaluated', because: 'sequence', missing: [] };
  const evaluation = startEvaluation(rule, evidence);
  const explanation = explain(evaluation, maxContributing);
  const conditions = topLevelConditions(evaluation);
  const failed = conditions.findIndex((condition) => !isTrue(evaluate(condition, evaluation)));
  const expr = conditions[failed];
  const condition = explanation.conditions[failed];
  if (expr === undefined || condition === undefined) return { outcome: 'fired', explanation };
  return { outcome: 'not-fired', explanation, failed, condition, isKnown: condition.value.type !== 'unknown', nearest: distances(expr, evaluation) };
}

function distances(expr: TypedExpr, evaluation: Evaluation): readonly { readonly text: string; readonly relativeDistance: number }[] {
  return comparisonsIn(expr, evaluation)
    .flatMap((one) => {
      const distance = relativeDistance(evaluate(one.left, evaluation), evaluate(one.right, evaluation));
      return distance === undefined ? [] : [{ text: one.text, relativeDistance: distance }];
    })
    .sort((a, b) => a.relativeDistance - b.relativeDistance);
}

/** Comparisons that the truth of a condition is made of, through `let`s. */
function comparisonsIn(expr: TypedExpr, evaluation: Evaluation): readonly Extract<TypedExpr, { kind: 'compare' }>[] {
  switch (expr.kind) {
    case 'compare': return [expr];
    case 'not': return comparisonsIn(expr.operand, evaluation);
    case 'and': case 'or': return [...comparisonsIn(expr.left, evaluation), ...comparisonsIn(expr.right, evaluation)];
    case 'conditional': return [expr.condition, expr.then, expr.otherwise].flatMap((part) => comparisonsIn(part, evaluation));
    case 'let': return comparisonsIn(letOf(expr.name, evaluation.rule).expr, evaluation);
    default: return [];
  }
}
