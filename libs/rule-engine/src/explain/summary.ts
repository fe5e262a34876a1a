import type { NextStep, RuleExplanation, SequenceProgress } from '@weir/contracts';
import type { TypedRule } from '@weir/rule-lang';
import { awaitedStep, triedStep } from './sequence-progress.js';

type Explained = Omit<RuleExplanation, 'summary'>;

/** What a rule made of an event, in one or two sentences for people. */
export function summaryOf(rule: TypedRule, explained: Explained): string {
  switch (explained.outcome) {
    case 'fired': return `Fired: ${explained.reason?.text ?? rule.title}`;
    case 'notEvaluated': return `Not evaluated: ${refusal(rule, explained)}`;
    case 'undecided': return `Not decided yet: ${waiting(explained)}`;
    case 'notFired': return `Did not fire. ${failure(explained)}`;
  }
}

function refusal(rule: TypedRule, { because, event, missing }: Explained): string {
  switch (because) {
    case 'otherType': return `the event is of type ${event.type}, the rule looks at ${rule.on.join(', ')}.`;
    case 'missingKey': return `the event has no ${(missing ?? []).join(', ')}, by which the rule groups events.`;
    default: return 'the event was late, and the rule looks at more than the event itself and lists.';
  }
}

function waiting({ because, sequence }: Explained): string {
  switch (because) {
    case 'absence': return `all steps are done; it fires unless an event that the last step forbids comes before ${instant(sequence?.waitsUntil)}.`;
    case 'heldBack': return 'the match is complete and held back while one that began earlier is under way.';
    case 'window': return 'the watermark has not passed the end of the window, so more events may come.';
    default: return 'the watermark has not passed the event, so events dated before it may come.';
  }
}

function failure({ verdict, sequence, windows }: Explained): string {
  if (sequence !== undefined) return sequenceFailure(sequence);
  const failed = verdict?.failed;
  const conditions = verdict?.explanation.conditions.length ?? 0;
  const where = windows !== undefined && windows.length > 1 ? ` in the nearest of ${windows.length} windows` : '';
  if (failed === undefined) return '';
  return `${conditions > 1 ? `Condition ${failed.index + 1} of ${conditions} fails first${where}: ` : where === '' ? '' : `${where.trim()}: `}${failed.sentence}.`;
}

function sequenceFailure(sequence: SequenceProgress): string {
  const { stepsDone, stepsNeeded, steps, tookEventAs, next, ended, completedBy } = sequence;
  const begun = steps.some(({ count }) => count > 0);
  const furthest = !begun ? 'No match was under way' : stepsDone === 0 ? `The furthest match is in its first step of ${stepsNeeded}` : `The furthest match has ${stepsDone} of ${stepsNeeded} steps`;
  const took = tookEventAs.length > 0 ? ` The event was taken as ${tookEventAs.join(', ')}.` : '';
  const came = completedBy === undefined ? furthest
    : begun ? `${furthest}, and was completed by event ${completedBy.id} at ${instant(completedBy.ts)}`
      : `${furthest}: the last one was completed by event ${completedBy.id} at ${instant(completedBy.ts)}`;
  if (ended !== undefined) return `${came}.${took} It was ended ${endingText(ended)}.`;
  return `${came}.${took}${missingText(next)}`;
}

function endingText({ by, step, event, at }: NonNullable<SequenceProgress['ended']>): string {
  switch (by) {
    case 'negativeStep': return `by ${step ?? 'a negative step'}: event ${event?.id ?? ''} at ${instant(event?.ts)}`;
    case 'otherEvent': return `by event ${event?.id ?? ''} at ${instant(event?.ts)}, which came in between`;
    case 'within': return `by time: \`within\` was over at ${instant(at)}`;
    case 'skipped': return 'by an overlapping match that was reported';
    case 'bound': return 'since its key had too many matches under way';
  }
}

function missingText(next: readonly NextStep[]): string {
  const awaited = awaitedStep(next);
  const tried = triedStep(next);
  if (awaited === undefined || tried === undefined) return '';
  const names = [awaited, ...next.filter((one) => one !== awaited)].map(({ name, more }) => (more === true ? `more ${name}` : name)).join(' or ');
  switch (tried.event) {
    case undefined: return ` It waits for ${names}.`;
    case 'otherType': return ` It waited for ${names}, of type ${[...new Set(next.flatMap(({ on }) => on))].join(', ')}.`;
    case 'within': return ` The event fits ${tried.name}, but came too late.`;
    case 'earlier': return ` The event fits ${tried.name}, but is dated before the last event of the match.`;
    case 'fits': return ` The event fits ${tried.name}.`;
    case 'condition': return ` It waited for ${names}; for ${tried.name}, ${tried.verdict?.failed?.sentence ?? 'its condition was not true'}.`;
  }
}

function instant(ts: number | undefined): string { return ts === undefined ? 'an instant' : new Date(ts).toISOString(); }
