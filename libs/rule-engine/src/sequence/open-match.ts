import type { LogEvent } from '@weir/contracts';
import type { MatchView, State } from '@weir/stream-core';

/** One event that a match has taken, newest first: matches of one start share their common beginnings. */
export interface TakenLink {
  /** Index of the step in the rule. */
  readonly step: number;
  readonly event: LogEvent;
  readonly before: TakenLink | undefined;
  /** Events up to this one, itself included. */
  readonly length: number;
}

/** A match under way, `T`: what was told about it when it was complete but for time. The start has taken nothing. */
export interface OpenMatch<T> {
  readonly state: State<LogEvent>;
  readonly last: TakenLink | undefined;
  readonly first: LogEvent | undefined;
  readonly told?: T | undefined;
  /** All events dated before it are in: then its time is over. Infinity: never. */
  readonly deadline: number;
}

/** A match with at least one event. */
export interface Candidate<T> extends OpenMatch<T> { readonly last: TakenLink; readonly first: LogEvent }

export function isCandidate<T>(match: OpenMatch<T>): match is Candidate<T> { return match.last !== undefined && match.first !== undefined; }

/** Oldest first. */
export function chainOf(last: TakenLink | undefined): readonly TakenLink[] {
  const chain: TakenLink[] = [];
  for (let link = last; link !== undefined; link = link.before) chain.push(link);
  return chain.reverse();
}

/** The event that a chain begins with. */
export function firstOf(last: TakenLink): LogEvent {
  let link = last;
  while (link.before !== undefined) link = link.before;
  return link.event;
}

/** Events that a step has taken, oldest first. */
export function takenBy(last: TakenLink | undefined, step: number): readonly LogEvent[] {
  const events: LogEvent[] = [];
  for (let link = last; link !== undefined && link.step >= step; link = link.before) if (link.step === step) events.push(link.event);
  return events.reverse();
}

/** < 0: `a` is the earlier by (ts, seq). */
export function compareEvents(a: LogEvent, b: LogEvent): number { return a.ts - b.ts || a.seq - b.seq; }

/** < 0: `a` began earlier; what has not begun comes last. */
export function byStart<T>(a: OpenMatch<T>, b: OpenMatch<T>): number {
  if (a.first === undefined) return b.first === undefined ? 0 : 1;
  return b.first === undefined ? -1 : compareEvents(a.first, b.first);
}

/**
 * Which of two matches is the better evidence (rule-language §4): > 0 when `a`'s events, compared first to first, second
 * to second, are the later, or, with the same events, when its earlier steps took more.
 *
 * Also orders matches under way: one whose events are a beginning of the other's is the later, since its next event is still
 * to come. So the order of two matches in one state is that of all that can become of both by the same further events.
 */
export function compareEvidence(a: Pick<Candidate<unknown>, 'first' | 'last'>, b: Pick<Candidate<unknown>, 'first' | 'last'>): number {
  return compareEvents(a.first, b.first) || compareChains(takenLinks, a.last, b.last);
}

/** Chains of taken events, however they are kept: `L` is the link of one event. */
export interface Chains<L> {
  before(link: L): L | undefined;
  /** Events up to the link, its own included. */
  lengthOf(link: L): number;
  stepOf(link: L): number;
  /** Of the links' events: < 0 when that of `a` is the earlier by (ts, seq). */
  compareEvents(a: L, b: L): number;
}

/** {@link compareEvidence} of two chains that begin at the same event. */
export function compareChains<L>(chains: Chains<L>, a: L, b: L): number {
  let [left, right]: [L | undefined, L | undefined] = [a, b];
  while (left !== undefined && chains.lengthOf(left) > chains.lengthOf(b)) left = chains.before(left);
  while (right !== undefined && chains.lengthOf(right) > chains.lengthOf(a)) right = chains.before(right);
  let order = 0;
  let steps = 0;
  while (left !== undefined && right !== undefined && left !== right) {
    const here = chains.compareEvents(left, right);
    if (here !== 0) order = here;
    const [step, other] = [chains.stepOf(left), chains.stepOf(right)];
    if (step !== other) steps = other - step;
    left = chains.before(left);
    right = chains.before(right);
  }
  return order !== 0 ? order : chains.lengthOf(b) - chains.lengthOf(a) || steps;
}

const takenLinks: Chains<TakenLink> = {
  before: ({ before }) => before,
  lengthOf: ({ length }) => length,
  stepOf: ({ step }) => step,
  compareEvents: (a, b) => compareEvents(a.event, b.event),
};

/** The steps of a chain by their names. */
export function stepsTaken(steps: readonly { readonly name: string }[], last: TakenLink | undefined): { taken(step: string): readonly LogEvent[] } {
  return { taken: (name) => takenBy(last, steps.findIndex((step) => step.name === name)) };
}

/** What a step's condition may ask of the match that it is evaluated for. */
export class StepView<T> implements MatchView<LogEvent> {
  constructor(private readonly match: OpenMatch<T>, readonly ts: number, private readonly stepOf: ReadonlyMap<string, number>) {}
  taken(step: string): readonly LogEvent[] { return takenBy(this.match.last, this.stepOf.get(step) ?? -1); }
}
