import type { ComparisonDistance, ConditionVerdict, ExplainedNode, NextStep, RuleExplanation, SequenceProgress } from '@weir/contracts';
import { formatDecimal } from '../format/money';
import { formatSpan } from '../format/time';
import { outcomeOf, valueText } from './reading';
import type { Outcome } from './reading';

/** A row of the table of distances: a condition, or a comparison that it hangs on. */
export interface DistanceLine {
  readonly text: string;
  readonly line: number;
  readonly depth: number;
  readonly outcome: Outcome;
  readonly seen: string;
  readonly needs: string;
  /** `37.51 short (19 %)`, `1 to spare`; empty where there is no distance. */
  readonly distance: string;
  /** The first condition, in source order, that was not true. */
  readonly failsFirst: boolean;
}

/** Conditions in source order, each with the comparisons it hangs on below it, through its `let`s. */
export function distanceLines({ explanation, comparisons, failed }: ConditionVerdict): readonly DistanceLine[] {
  return explanation.conditions.flatMap((node, index) => {
    const own = comparisons.filter(({ condition }) => condition === index);
    const plain = own.length > 0 && own[0]?.text === node.text ? own[0] : undefined;
    const head: DistanceLine = { text: node.text, line: node.span.line, depth: 0, outcome: outcomeOf(node), failsFirst: index === failed?.index, ...(plain ? sidesOf(plain) : { seen: seenOf(node), needs: '', distance: '' }) };
    return [head, ...own.filter((one) => one !== plain).map((one): DistanceLine => ({ text: one.text, line: one.span.line, depth: 1, failsFirst: false, outcome: comparisonOutcome(one), ...sidesOf(one) }))];
  });
}

/** A comparison says nothing of its outcome where a side is not known, or is hidden from the reader. */
function comparisonOutcome({ holds, left, right }: ComparisonDistance): Outcome {
  if (holds !== undefined) return holds ? 'yes' : 'no';
  return left.hidden === true || right.hidden === true ? 'hidden' : 'not known';
}

function sidesOf({ operator, left, right, turn }: ComparisonDistance): Pick<DistanceLine, 'seen' | 'needs' | 'distance'> {
  return { seen: valueText(left), needs: `${operator} ${valueText(right)}`, distance: turn === undefined ? '' : distanceText(turn.text) };
}
function seenOf(node: ExplainedNode): string { return node.value.type === 'unknown' ? valueText(node.value) : ''; }

/** Numbers of a distance with thousands, as everywhere on the desk. */
export function distanceText(text: string): string {
  return text.replace(/^(more than )?(\d+(?:\.\d+)?)(?= )/, (_, before: string | undefined, number: string) => `${before ?? ''}${formatDecimal(number)}`);
}

export const outcomeWords: Readonly<Record<RuleExplanation['outcome'], string>> = { fired: 'Fired', notFired: 'Did not fire', notEvaluated: 'Not evaluated', undecided: 'Not decided yet' };

/** The summary without its first words, which the heading says. */
export function summaryRest({ summary, outcome }: Pick<RuleExplanation, 'summary' | 'outcome'>): string {
  const rest = summary.slice(outcomeWords[outcome].length).replace(/^[.:] */, '');
  return summary.startsWith(outcomeWords[outcome]) ? `${rest.slice(0, 1).toUpperCase()}${rest.slice(1)}` : summary;
}

export const stepWords: Readonly<Record<SequenceProgress['steps'][number]['state'], string>> = {
  done: 'done', open: 'under way', missing: 'missing', clear: 'none seen', killed: 'seen, ended the match', ahead: 'not yet', leftOut: 'left out',
};

/** `within 30 min: 12 min used, 18 min left`; over time says by how much. */
export function withinText({ limitMs, usedMs, leftMs }: NonNullable<SequenceProgress['within']>): string {
  return `within ${formatSpan(limitMs)}: ${formatSpan(usedMs)} used, ${leftMs > 0 ? `${formatSpan(leftMs)} left` : `over by ${formatSpan(-leftMs)}`}`;
}

/** What a step that could come next made of the event. */
export function fitText({ event, on, verdict }: NextStep): string {
  switch (event) {
    case 'otherType': return `needs an event of type ${on.join(' or ')}`;
    case 'condition': return verdict?.failed?.sentence ?? 'its condition was not true';
    case 'within': return 'the event fits, but came too late';
    case 'earlier': return 'the event fits, but is dated before the last one of the match';
    case 'fits': return 'the event fits';
    case undefined: return 'comes next';
  }
}
