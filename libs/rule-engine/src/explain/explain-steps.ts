import type { ExplainedStep } from '@weir/contracts';
import { chainOf } from '../sequence/open-match.js';
import type { TakenLink } from '../sequence/open-match.js';
import { isNegative } from '../sequence/sequence-program.js';
import type { SequenceBody } from '../sequence/sequence-program.js';
import { contributing } from './explanation.js';

/**
 * Every step with the events that the match took for it, and where a negative step saw none.
 * @param instant of the absence at the end.
 * @param maxContributing newest events kept per step; `count` tells how many there were.
 */
export function explainSteps({ steps }: SequenceBody, last: TakenLink, instant: number | undefined, maxContributing: number): readonly ExplainedStep[] {
  const chain = chainOf(last);
  return steps.map((step, index) => {
    const events = chain.filter((link) => link.step === index).map((link) => contributing(link.event, true));
    const shown = { name: step.name, contiguity: step.contiguity, count: events.length, events: events.slice(Math.max(0, events.length - maxContributing)) };
    if (!isNegative(step)) return shown;
    const before = steps[index - 1];
    const ofStepBefore = chain.filter((link) => link.step < index);
    // Right after a step that takes several events it is in force from the first of them.
    const isAfterLoop = step.contiguity === 'notFollowedBy' && before !== undefined && before.times.to !== 1;
    const from = (isAfterLoop ? ofStepBefore.find((link) => link.step === index - 1) : undefined) ?? ofStepBefore.at(-1);
    const next = chain.find((link) => link.step > index);
    return { ...shown, noneSeen: { afterTs: (from ?? last).event.ts, untilTs: next?.event.ts ?? instant ?? last.event.ts } };
  });
}
