import type { ContributingEvent, ExplainedNode, ExplainedStep, Explanation } from '@weir/contracts';
import { formatSpan } from '../format/time';
import { nodesOf } from './reading';
import { labelEdges } from './timeline-layout';

/** Events of a step on the shared axis, `x` from 0 to 1; those too close to be told apart share a mark. A label that would overlap the one to its right is left out. */
export interface StepMark { readonly x: number; readonly isTrigger: boolean; readonly events: readonly ContributingEvent[]; readonly label: string | undefined }
/** Where a negative step saw nothing; `toEnd` when the alert fired because nothing came until then. */
export interface StepSilence { readonly x: number; readonly width: number; readonly afterTs: number; readonly untilTs: number; readonly toEnd: boolean }
export interface StepLane { readonly index: number; readonly step: ExplainedStep; readonly marks: readonly StepMark[]; readonly silence: StepSilence | undefined }
/** `within` from the first event on; `open` when it ends right of the axis. */
export interface WithinBracket { readonly width: number; readonly withinMs: number; readonly open: boolean }
export interface StepPicture { readonly fromTs: number; readonly untilTs: number; readonly lanes: readonly StepLane[]; readonly within: WithinBracket | undefined }

/** `labelWidth` and `markWidth` are shares of the axis. */
export interface StepPictureOptions {
  readonly triggerSeq: number | undefined;
  readonly withinMs: number | undefined;
  readonly labelOf: (fields: ContributingEvent['fields']) => string | undefined;
  readonly labelWidth: number;
  readonly markWidth: number;
}

/** A bracket of `within` that would squeeze the match into less than this share of the axis is cut off at the right instead. */
const leastShareOfMatch = 0.2;

/** The instants between which the match happened: from its first event to its last, or to the end of a silence. */
function matchSpan(steps: readonly ExplainedStep[]): readonly [number, number] | undefined {
  const instants = steps.flatMap((step) => [...step.events.map((e) => e.ts), ...(step.noneSeen ? [step.noneSeen.afterTs, step.noneSeen.untilTs] : [])]);
  return instants.length === 0 ? undefined : [instants.reduce((a, b) => Math.min(a, b)), instants.reduce((a, b) => Math.max(a, b))];
}

/**
 * One lane per step over one time axis, in source order.
 * @param options.withinMs of the rule's version that fired, where known. The axis runs to its end unless the match would then be squeezed.
 * @returns `undefined` when no step holds an instant.
 */
export function stepPicture(steps: readonly ExplainedStep[], options: StepPictureOptions): StepPicture | undefined {
  const span = matchSpan(steps);
  if (!span) return undefined;
  const [fromTs, lastTs] = span;
  const { withinMs } = options;
  const isSqueezed = withinMs !== undefined && lastTs - fromTs < withinMs * leastShareOfMatch;
  const untilTs = withinMs === undefined || isSqueezed ? lastTs : Math.max(lastTs, fromTs + withinMs);
  const length = untilTs - fromTs;
  const at = (ts: number): number => (length <= 0 ? 0 : (ts - fromTs) / length);
  const lanes = steps.map((step, index): StepLane => {
    const { noneSeen } = step;
    const isLast = index === steps.length - 1;
    return {
      index, step, marks: marksOf(step, at, options),
      silence: noneSeen && { x: at(noneSeen.afterTs), width: at(noneSeen.untilTs) - at(noneSeen.afterTs), ...noneSeen, toEnd: isLast },
    };
  });
  const open = withinMs !== undefined && fromTs + withinMs > untilTs;
  return { fromTs, untilTs, lanes, within: withinMs === undefined ? undefined : { width: open ? 1 : at(fromTs + withinMs), withinMs, open } };
}

function marksOf(step: ExplainedStep, at: (ts: number) => number, { triggerSeq, labelOf, labelWidth, markWidth }: StepPictureOptions): readonly StepMark[] {
  const groups: ContributingEvent[][] = [];
  for (const event of step.events) {
    const group = groups.at(-1);
    const first = group?.[0];
    if (group && first && at(event.ts) - at(first.ts) < markWidth) group.push(event);
    else groups.push([event]);
  }
  let taken = Infinity;
  return groups.reverse().flatMap((events): StepMark[] => {
    const [first] = events;
    if (!first) return [];
    const x = at(first.ts);
    const [left, right] = labelEdges(x, labelWidth);
    const label = right > taken ? undefined : events.length > 1 ? `${events.length}×` : labelOf(first.fields);
    if (label !== undefined) taken = left;
    return [{ x, isTrigger: events.some((e) => e.seq === triggerSeq), events, label }];
  }).reverse();
}

const contiguityMeaning: Readonly<Record<ExplainedStep['contiguity'], string>> = {
  begin: 'the match begins with it', next: 'with no other event of the rule in between', followedBy: 'after the step before, other events may lie between', followedByAny: 'each such event after the step before makes a match',
  notNext: 'must not be the very next event', notFollowedBy: 'must not come',
};

/** What a step's contiguity asks, for a tooltip. */
export function contiguityText(contiguity: ExplainedStep['contiguity']): string { return contiguityMeaning[contiguity]; }

/** What a step took, in few words: `3 events`, `none seen`, `left out`. */
export function stepCountText(step: ExplainedStep): string {
  if (step.noneSeen) return 'none seen';
  if (step.count === 0) return 'left out';
  return step.count === 1 ? '1 event' : `${step.count} events`;
}

/** The match in one line: `failures ×3, change, no verified, payout`. A negative step at the end tells how long nothing came. */
export function stepSentence(steps: readonly ExplainedStep[]): string {
  return steps.flatMap((step, index) => {
    if (!step.noneSeen) return step.count === 0 ? [] : [`${step.name}${step.count > 1 ? ` ×${step.count}` : ''}`];
    return [`no ${step.name}${index === steps.length - 1 ? ` in ${formatSpan(step.noneSeen.untilTs - step.noneSeen.afterTs)}` : ''}`];
  }).join(', ');
}

/** Steps that a name of the sentence shows: `failures.count`, `failures`, or a `let` that reads steps. Indexes, ascending. */
export function stepsOfName(name: string, explanation: Explanation): readonly number[] {
  const [head] = name.split('.');
  const named = (explanation.steps ?? []).findIndex((step) => step.name === head);
  if (named >= 0) return [named];
  const definition = explanation.lets.find((l) => l.name === name);
  return definition ? stepsOf(definition.node, explanation) : [];
}

/** Steps whose fields or counts a tree reads, through its `let`s too; indexes into `explanation.steps`, ascending. */
export function stepsOf(node: ExplainedNode, explanation: Explanation): readonly number[] {
  const { steps } = explanation;
  if (!steps) return [];
  const found = new Set<number>();
  const seen = new Set<string>();
  const walk = (root: ExplainedNode): void => {
    for (const n of nodesOf(root)) {
      for (const match of n.text.matchAll(/\b([A-Za-z_]\w*)\.\w/g)) {
        const index = steps.findIndex((step) => step.name === match[1]);
        if (index >= 0) found.add(index);
      }
      if (n.let === undefined || seen.has(n.let)) continue;
      seen.add(n.let);
      const definition = explanation.lets.find((l) => l.name === n.let);
      if (definition) walk(definition.node);
    }
  };
  walk(node);
  return [...found].sort((a, b) => a - b);
}
