import type { ConditionVerdict, ExplainedStep, LogEvent, NextStep, SequenceProgress } from '@weir/contracts';
import type { TypedStep } from '@weir/rule-lang';
import { openEdges } from '@weir/stream-core';
import type { State } from '@weir/stream-core';
import type { Evaluation } from '../interpret/evaluate.js';
import { isTrue } from '../interpret/aggregate.js';
import { evaluate } from '../interpret/evaluate.js';
import { Step } from '../sequence/match-step.js';
import { compareEvidence, isCandidate, stepsTaken, StepView, takenBy } from '../sequence/open-match.js';
import type { Candidate, OpenMatch, TakenLink } from '../sequence/open-match.js';
import { isNegative } from '../sequence/sequence-program.js';
import type { SequenceBody, SequenceProgram } from '../sequence/sequence-program.js';
import type { Told } from './build-alert.js';
import { verdictOf } from './condition-verdict.js';
import { explainSteps } from './explain-steps.js';
import { contributing } from './explanation.js';

export type Match = OpenMatch<Told>;
/** How a match ended before it was complete. */
export type Ending = NonNullable<SequenceProgress['ended']>;
/** The match that says the most about an event, as it was when the event came. */
export interface Subject { readonly match: Match; readonly tookEvent: boolean; readonly ended?: Ending | undefined; readonly completedBy?: LogEvent | undefined }

/** All that one match becomes by one event; nothing: the event ends it. The match runner's own step. */
export function successors(program: SequenceProgram, match: Match, event: LogEvent): readonly Match[] {
  const step = new Step<Told>(program, event);
  const offered = step.offer(match);
  return [...offered, ...step.latest()];
}

/** Does the event exist for the match? In arrival mode an event dated before the last one taken does not. */
export function isSeenBy({ last, state, deadline }: Match, event: LogEvent, { waits }: SequenceProgram): boolean {
  return last === undefined || (event.ts >= last.event.ts && (waits[state.id] !== true || event.ts < deadline));
}

/** Why an event that a match sees ends it. */
export function endingBy(program: SequenceProgram, match: Match, event: LogEvent): Ending {
  const edges = openEdges(match.state, event, new StepView(match, event.ts, program.stepIndex));
  const killer = edges.find(({ edge }) => edge.target.kind === 'stop');
  if (killer !== undefined) return { by: 'negativeStep', step: killer.edge.target.stage === '' ? killer.source.stage : killer.edge.target.stage, event: contributing(event, true) };
  if (edges.some(({ edge }) => edge.action === 'take')) return { by: 'within', at: event.ts };
  return { by: 'otherEvent', event: contributing(event, true) };
}

/** How far a match came: whole steps passed, and of the step it is in the share of the events it needs. */
export function progressOf({ steps }: SequenceBody, last: TakenLink | undefined): number {
  if (last === undefined) return 0;
  let count = 0;
  for (let link: TakenLink | undefined = last; link?.step === last.step; link = link.before) count += 1;
  const needed = steps[last.step]?.times.from ?? 1;
  return last.step + Math.min(1, count / needed);
}

/** The one that came further; at the same place one that is under way, then the later evidence. */
export function furthest(body: SequenceBody, subjects: readonly Subject[]): Subject | undefined {
  return subjects.reduce<Subject | undefined>((best, one) => (best === undefined || compareSubjects(body, one, best) > 0 ? one : best), undefined);
}
function compareSubjects(body: SequenceBody, a: Subject, b: Subject): number {
  const byProgress = progressOf(body, a.match.last) - progressOf(body, b.match.last);
  if (byProgress !== 0) return byProgress;
  const byLife = Number(a.ended === undefined) - Number(b.ended === undefined);
  if (byLife !== 0 || !isCandidate(a.match) || !isCandidate(b.match)) return byLife;
  return compareEvidence(a.match, b.match);
}

/** Steps of one match as they stood when the event came, and what could come next. */
export function describeProgress(program: SequenceProgram, { match, tookEvent, ended, completedBy }: Subject, evaluation: Evaluation, tookEventAs: readonly string[], maxContributing: number): SequenceProgress {
  const { body } = program.rule;
  const { event } = evaluation.evidence;
  const steps = stepsOf(body, match, ended, event, maxContributing);
  const positive = steps.filter((_, index) => !isNegativeAt(body, index));
  const { withinMs } = body;
  return {
    stepsDone: positive.filter(({ state }) => state === 'done').length,
    stepsNeeded: positive.length,
    steps: [...steps],
    ...(withinMs === undefined || match.first === undefined ? {} : { within: { limitMs: withinMs, usedMs: event.ts - match.first.ts, leftMs: withinMs - (event.ts - match.first.ts) } }),
    next: program.waits[match.state.id] === true ? [] : nextSteps(program, match, tookEvent, evaluation, maxContributing),
    tookEventAs: [...tookEventAs],
    ...(completedBy === undefined ? {} : { completedBy: contributing(completedBy, true) }),
    ...(ended === undefined ? {} : { ended }),
    ...(program.waits[match.state.id] === true && ended === undefined ? { waitsUntil: match.deadline } : {}),
  };
}

function isNegativeAt({ steps }: SequenceBody, index: number): boolean {
  const step = steps[index];
  return step !== undefined && isNegative(step);
}

type StepState = SequenceProgress['steps'][number]['state'];

function stepsOf(body: SequenceBody, { last }: Match, ended: Ending | undefined, event: LogEvent, maxContributing: number): SequenceProgress['steps'] {
  const shown: readonly ExplainedStep[] = last === undefined
    ? body.steps.map(({ name, contiguity }) => ({ name, contiguity, count: 0, events: [] }))
    : explainSteps(body, last, undefined, maxContributing);
  const killer = ended?.by === 'negativeStep' ? body.steps.findIndex(({ name }) => name === ended.step) : -1;
  return shown.map((step, index) => {
    const state = index === killer ? 'killed' : stateOf(body, index, step.count, last);
    // `noneSeen` of a step in force reaches up to the event, of one that is not in force yet nowhere.
    const { noneSeen, ...rest } = step;
    const until = noneSeen === undefined || last === undefined || last.step > index ? noneSeen : { afterTs: noneSeen.afterTs, untilTs: Math.max(noneSeen.afterTs, event.ts) };
    return { ...rest, state, ...(until === undefined || state !== 'clear' ? {} : { noneSeen: until }) };
  });
}

function stateOf({ steps }: SequenceBody, index: number, count: number, last: TakenLink | undefined): StepState {
  const step = steps[index];
  if (step === undefined || last === undefined) return step !== undefined && isNegative(step) ? 'ahead' : 'missing';
  if (isNegative(step)) {
    // In force from the step before on: what lies between may be left out.
    const isNext = steps.slice(last.step + 1, index).every((between) => isNegative(between) || between.optional);
    return last.step > index || isNext ? 'clear' : 'ahead';
  }
  if (count === 0) return last.step > index ? 'leftOut' : 'missing';
  return count >= step.times.from || last.step > index ? 'done' : 'open';
}

function nextSteps(program: SequenceProgram, match: Match, tookEvent: boolean, evaluation: Evaluation, maxContributing: number): NextStep[] {
  const { body } = program.rule;
  const names = takeableStages(match.state);
  const at = match.last?.step ?? -1;
  const isMore = (step: TypedStep): boolean => step === body.steps[at] && takenBy(match.last, at).length >= step.times.from;
  return body.steps.filter((step) => names.has(step.name) && !isNegative(step)).map((step) => ({
    name: step.name, contiguity: step.contiguity, on: [...step.on], span: step.span, optional: step.optional, ...(isMore(step) ? { more: true as const } : {}),
    ...(tookEvent ? {} : fitOf(program, match, step, evaluation, maxContributing)),
  }));
}

/**
 * The step that a match waits for: the first that it cannot do without, for a loop that has all it needs may go on or be left.
 * Undefined: none.
 */
export function awaitedStep(next: readonly NextStep[]): NextStep | undefined {
  return next.find(({ more, optional }) => more !== true && !optional) ?? next.find(({ more }) => more !== true) ?? next[0];
}

/** The step that an event is to be compared with: the awaited one, or where the event is of another type the first that is of its type. */
export function triedStep(next: readonly NextStep[]): NextStep | undefined {
  const awaited = awaitedStep(next);
  return awaited?.event === 'otherType' ? next.find(({ event }) => event !== undefined && event !== 'otherType') ?? awaited : awaited;
}

/** Stages for which a match in this state may take its next event, whatever the event. */
function takeableStages(from: State<LogEvent>): ReadonlySet<string> {
  const names = new Set<string>();
  const seen = new Set<State<LogEvent>>([from]);
  for (const state of seen) {
    for (const { action, target } of state.edges) {
      if (action === 'take' && target.kind !== 'stop') names.add(state.stage);
      if (action === 'proceed' && target.kind !== 'stop') seen.add(target);
    }
  }
  return names;
}

function fitOf(program: SequenceProgram, match: Match, step: TypedStep, evaluation: Evaluation, maxContributing: number): Pick<NextStep, 'event' | 'verdict'> {
  const { event } = evaluation.evidence;
  if (!step.on.includes(event.type)) return { event: 'otherType' };
  const asked: Evaluation = { ...evaluation, match: stepsTaken(program.rule.body.steps, match.last), stepCondition: step.where };
  const verdict: ConditionVerdict | undefined = step.where === undefined ? undefined : verdictOf(asked, maxContributing);
  const told = verdict === undefined ? {} : { verdict };
  if (step.where !== undefined && !isTrue(evaluate(step.where, asked))) return { event: 'condition', ...told };
  if (match.last !== undefined && event.ts < match.last.event.ts) return { event: 'earlier', ...told };
  if (!isInTime(program, match, program.stepIndex.get(step.name) ?? -1, event)) return { event: 'within', ...told };
  return { event: 'fits', ...told };
}

/** Less than `within` after the first event, and less than the step's own after the one taken before. */
function isInTime({ withinMs, stepWithinMs }: SequenceProgram, { first, last }: Match, step: number, { ts }: LogEvent): boolean {
  const own = stepWithinMs[step];
  return (first === undefined || withinMs === undefined || ts - first.ts < withinMs) && (last === undefined || own === undefined || ts - last.event.ts < own);
}

/** Matches under way that are no longer among the others, nor the beginning of one of them. */
export function gone(before: readonly Match[], after: readonly { readonly last: TakenLink | undefined }[]): readonly Candidate<Told>[] {
  const alive = new Set<TakenLink>();
  for (const { last } of after) for (let link = last; link !== undefined && !alive.has(link); link = link.before) alive.add(link);
  return before.filter(isCandidate).filter(({ last }) => !alive.has(last));
}
