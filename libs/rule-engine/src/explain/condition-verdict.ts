import type { ComparisonDistance, ConditionVerdict, ExplainedNode, Explanation, FailedCondition } from '@weir/contracts';
import { isTrue } from '../interpret/aggregate.js';
import { evaluate } from '../interpret/evaluate.js';
import type { Evaluation } from '../interpret/evaluate.js';
import { explain, topLevelConditions } from './explanation.js';

/**
 * What the condition of a rule, a step or a window made of its event: the whole explanation, the distance of every comparison,
 * and the first of the top-level `&&` parts, in source order, that was not true (rule-language §7). No condition: nothing failed.
 */
export function verdictOf(evaluation: Evaluation, maxContributing: number): ConditionVerdict {
  const explanation = explain(evaluation, maxContributing);
  const comparisons = explanation.conditions.flatMap((node, condition) => comparisonsIn(node, explanation).map((one) => ({ condition, ...one })));
  const index = topLevelConditions(evaluation).findIndex((condition) => !isTrue(evaluate(condition, evaluation)));
  const node = explanation.conditions[index];
  if (node === undefined) return { explanation, comparisons };
  const failed: FailedCondition = { index, text: node.text, span: node.span, value: node.value, node, sentence: sentenceOf(node, comparisons.filter(({ condition }) => condition === index)) };
  return { explanation, comparisons, failed };
}

type Distance = Omit<ComparisonDistance, 'condition'>;

/** Comparisons that a condition is made of, through `let`s, in source order. */
function comparisonsIn(node: ExplainedNode, explanation: Explanation): readonly Distance[] {
  const named = node.let === undefined ? undefined : explanation.lets.find(({ name }) => name === node.let);
  const parts = [...(node.children ?? []), ...(named === undefined ? [] : [named.node])].flatMap((part) => comparisonsIn(part, explanation));
  const { comparison } = node;
  if (comparison === undefined) return parts;
  const { operator, left, right, turn } = comparison;
  const own: Distance = {
    text: node.text, span: node.span, operator, left, right,
    ...(node.value.type === 'unknown' ? {} : { holds: node.value.text === 'true' }),
    ...(turn === undefined ? {} : { turn }),
  };
  return [own, ...parts];
}

function sentenceOf(node: ExplainedNode, comparisons: readonly Distance[]): string {
  const { missing } = node.value;
  if (node.value.type === 'unknown') return `${node.text} is not known: ${(missing ?? []).join(', ')}`;
  const nearest = nearestOf(comparisons);
  if (nearest?.turn === undefined) return `${node.text} is false`;
  const seen = nearest.turn.side === 'left' ? nearest.left : nearest.right;
  const distance = `${seen.text}, ${nearest.turn.text}`;
  return nearest.text === node.text ? `${node.text} is false: ${distance}` : `${node.text} is false; nearest is ${nearest.text}: ${distance}`;
}

/** The comparison that was the least from turning, relative to its larger side. */
export function nearestOf<T extends Pick<ComparisonDistance, 'turn' | 'holds'>>(comparisons: readonly T[]): T | undefined {
  return comparisons.reduce<T | undefined>((best, one) => {
    if (one.turn === undefined || one.holds === undefined) return best;
    return best?.turn === undefined || one.turn.relative < best.turn.relative ? one : best;
  }, undefined);
}
