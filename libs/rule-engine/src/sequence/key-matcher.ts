import type { LogEvent } from '@weir/contracts';
import { PartialMatchQueue } from '@weir/stream-core';
import { Step } from './match-step.js';
import { byStart, compareEvents, compareEvidence, isCandidate } from './open-match.js';
import type { Candidate, OpenMatch, TakenLink } from './open-match.js';
import type { SequenceProgram } from './sequence-program.js';
import { undominated } from './undominated.js';

/** A match that is complete: `instant` is that of the absence at its end. */
export interface CompleteMatch<T> { readonly last: TakenLink; readonly first: LogEvent; readonly told: T; readonly instant?: number | undefined }

/** What the matchers of one rule share. `T`: what is told about a match, frozen as its last event is taken. */
export interface MatcherContext<T> {
  readonly program: SequenceProgram;
  /** Used for every event of every key, one after the other; a matcher without makes its own. */
  readonly step?: Step<T>;
  /** Called while the match's last event is the event at hand. */
  readonly tell: (last: TakenLink, instant: number | undefined) => T;
  /** Most matches under way that a key may have where each must be kept. */
  readonly maxOpen: number;
}

const noMatches: readonly never[] = [];

/**
 * The sequence of one key. Events come in seq order (arrival mode) or (ts, seq) order (watermark mode).
 *
 * A match does not see an event dated before the last one that it has taken; one that waits for an absence does not see
 * events at or after its instant. What a match may take is less than `within` after its first event and less than the
 * step's own `within` after the event taken before.
 */
export class KeyMatcher<T> {
  private readonly step: Step<T>;
  /** In the order of a queue by start, which decides the order of what is reported; exactly as long as needed, since there are many. */
  private open: readonly OpenMatch<T>[];
  /** Complete, held back while a match that started earlier lives. */
  private held: PartialMatchQueue<Candidate<T>> | undefined;
  /** No match under way runs out of time before it. */
  private deadline = Infinity;
  /** Matches under way when the superfluous ones were dropped last. */
  private compacted = 1;
  /** Matches under way that were given up for want of room, since the last question. */
  private given = 0;

  /** @param open as `openMatches` gave them, the start among them. */
  constructor(private readonly context: MatcherContext<T>, open?: readonly OpenMatch<T>[], held: readonly Candidate<T>[] = []) {
    this.step = context.step ?? new Step<T>(context.program);
    this.open = open === undefined ? this.step.nothingYet : inOrder(open);
    for (const match of this.open) this.deadline = Math.min(this.deadline, match.deadline);
    if (held.length > 0) this.held = new PartialMatchQueue<Candidate<T>>(byStart, held);
  }

  /** Matches under way and held back. */
  get size(): number { return this.open.length - 1 + (this.held?.size ?? 0); }
  /** The start among them, in the order that decides among equals. */
  get openMatches(): readonly OpenMatch<T>[] { return this.open; }
  get heldMatches(): readonly Candidate<T>[] { return this.held?.values() ?? noMatches; }
  get isEmpty(): boolean { return this.size === 0; }

  /** How many were given up since this was asked last. */
  takeGiven(): number {
    const { given } = this;
    this.given = 0;
    return given;
  }

  /** Offers the next event. @param earliest no later event can be dated before this ts. */
  process(event: LogEvent, earliest: number): readonly CompleteMatch<T>[] {
    const { context: { program, tell }, step } = this;
    step.begin(event);
    if (this.open.length === 1 ? !step.startsWith(this.open[0]) : program.latestStartDecides && !this.isTouched(step, event)) return noMatches;
    const next = new PartialMatchQueue<OpenMatch<T>>(byStart);
    const found: Candidate<T>[] = [];
    const waiting: Candidate<T>[] = [];
    this.deadline = Infinity;
    const sort = (match: OpenMatch<T>): void => {
      if (!isCandidate(match) || match.last.event !== event) this.keep(match, next);
      else if (match.state.kind === 'final') found.push(match);
      else if (program.waits[match.state.id] !== true) this.keep(match, next);
      else if (program.afterMatch.kind === 'eachEnd') waiting.push(match);
      else this.keep({ ...match, told: tell(match.last, match.deadline) }, next);
    };
    for (const match of this.open) {
      if (!sees(match, event, program)) this.keep(match, next);
      else if (step.isPassedBy(match)) this.keep(match, next);
      else for (const result of step.offer(match)) sort(result);
    }
    for (const match of step.latest()) sort(match);
    for (const match of this.chosen(waiting)) this.keep({ ...match, told: tell(match.last, match.deadline) }, next);
    this.open = next.values().slice();
    this.makeRoom(earliest);
    return this.report(this.chosen(found.length < 2 ? found : inOrder(found)).map((match) => ({ ...match, told: tell(match.last, undefined) })));
  }

  /** Does the event change anything for a match under way, or begin one? */
  private isTouched(step: Step<T>, event: LogEvent): boolean {
    for (const match of this.open) if (!step.isPassedBy(match) && sees(match, event, this.context.program)) return true;
    return false;
  }

  /** No match under way runs out of time before this instant; Infinity when none can. */
  nextDeadline(): number { return this.deadline; }

  /** All events dated before `instant` are in: absences that end up to it are matches, other matches whose time is over are given up. */
  expire(instant: number): readonly CompleteMatch<T>[] {
    const alive = new PartialMatchQueue<OpenMatch<T>>(byStart);
    const absent: Candidate<T>[] = [];
    this.deadline = Infinity;
    for (const match of this.open) {
      if (match.deadline > instant) this.keep(match, alive);
      else if (isCandidate(match) && this.context.program.waits[match.state.id] === true) absent.push(match);
    }
    this.open = alive.values().slice();
    return this.report(absent);
  }

  private retain(keep: (match: OpenMatch<T>) => boolean): void {
    if (this.open.every(keep)) return;
    const rest = inOrder(this.open, keep);
    this.open = rest;
  }

  private keep(match: OpenMatch<T>, among: PartialMatchQueue<OpenMatch<T>>): void {
    among.add(match);
    if (match.deadline < this.deadline) this.deadline = match.deadline;
  }

  /** `eachEnd`: of the matches that end at one event the one whose evidence is the later. Otherwise all of them. */
  private chosen(ending: readonly Candidate<T>[]): readonly Candidate<T>[] {
    if (ending.length < 2) return ending;
    if (this.context.program.afterMatch.kind !== 'eachEnd') return ending;
    return [ending.reduce((best, match) => (compareEvidence(match, best) > 0 ? match : best))];
  }

  /** Drops matches under way that cannot matter any more, then, if there are still too many, those with the oldest start. */
  private makeRoom(earliest: number): void {
    const { program, maxOpen } = this.context;
    if (program.latestStartDecides && this.open.length > 2 * this.compacted + 8) {
      this.open = inOrder(undominated(this.open, program, earliest));
      this.compacted = this.open.length;
    }
    if (program.latestStartDecides && !program.hasStepWithin) return;
    while (this.open.length - 1 > maxOpen) {
      const oldest = this.open[0]?.first;
      if (oldest === undefined) return;
      const before = this.open.length;
      this.retain((match) => match.first !== oldest);
      this.given += before - this.open.length;
    }
  }

  /** Skip strategies discard other matches and hold a match back while one that started earlier lives (Flink CEP's way). */
  private report(found: readonly Candidate<T>[]): readonly CompleteMatch<T>[] {
    const { afterMatch } = this.context.program;
    if (afterMatch.kind === 'noSkip' || afterMatch.kind === 'eachEnd') return found.length === 0 ? noMatches : [...found].sort(compareEvidence).map((match) => this.complete(match));
    if (found.length === 0 && this.held === undefined) return noMatches;
    const held = (this.held ??= new PartialMatchQueue<Candidate<T>>(byStart));
    for (const match of found) held.add(match);
    const reported: CompleteMatch<T>[] = [];
    for (let earliest = held.peek(); earliest !== undefined; earliest = held.peek()) {
      const [earliestOpen] = this.open;
      if (earliestOpen !== undefined && byStart<T>(earliest, earliestOpen) > 0) break;
      held.poll();
      const isDiscarded = this.discarding(earliest);
      this.retain(({ first }) => first === undefined || !isDiscarded(first));
      held.retain(({ first }) => !isDiscarded(first));
      reported.push(this.complete(earliest));
    }
    return reported;
  }

  private complete(match: Candidate<T>): CompleteMatch<T> {
    const { last, first, told } = match;
    if (told === undefined) throw new Error('what is told about a match is told as its last event is taken');
    return { last, first, told, ...(this.context.program.waits[match.state.id] === true ? { instant: match.deadline } : {}) };
  }

  /** Which matches a reported one discards, by their first event. */
  private discarding({ first, last }: Candidate<T>): (start: LogEvent) => boolean {
    const { afterMatch, stepIndex } = this.context.program;
    if (!('step' in afterMatch)) {
      const until = afterMatch.kind === 'skipPastLastEvent' ? last.event : first;
      return (start) => compareEvents(start, until) <= 0;
    }
    const step = stepIndex.get(afterMatch.step) ?? -1;
    let target: LogEvent | undefined;
    for (let link: TakenLink | undefined = last; link !== undefined; link = link.before) {
      if (link.step !== step) continue;
      target = link.event;
      if (afterMatch.kind === 'skipToLast') break;
    }
    if (target === undefined) return () => false;
    const to = target;
    return (start) => compareEvents(start, to) < 0;
  }
}

/** Matches as a queue by start holds them: put in one after the other, then those left that shall stay. */
function inOrder<T, M extends OpenMatch<T>>(matches: readonly M[], keep?: (match: M) => boolean): readonly M[] {
  const queue = new PartialMatchQueue<M>(byStart<T>, matches);
  if (keep !== undefined) queue.retain(keep);
  return queue.values();
}

/** Does the event exist for a match under way? */
function sees<T>({ last, state, deadline }: OpenMatch<T>, event: LogEvent, { waits }: SequenceProgram): boolean {
  return last === undefined || (event.ts >= last.event.ts && (waits[state.id] !== true || event.ts < deadline));
}
