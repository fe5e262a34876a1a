import type { LogEvent } from '@weir/contracts';
import { openEdges, PartialMatchQueue, proceedTo } from '@weir/stream-core';
import type { State } from '@weir/stream-core';
import { byStart, compareEvents, compareEvidence, isCandidate, StepView } from './open-match.js';
import type { Candidate, OpenMatch, TakenLink } from './open-match.js';
import type { SequenceProgram } from './sequence-program.js';

/** A match that is complete: `instant` is that of the absence at its end. */
export interface CompleteMatch<T> { readonly last: TakenLink; readonly first: LogEvent; readonly told: T; readonly instant?: number | undefined }

/** What the matchers of one rule share. `T`: what is told about a match, frozen as its last event is taken. */
export interface MatcherContext<T> {
  readonly program: SequenceProgram;
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
  private open: PartialMatchQueue<OpenMatch<T>>;
  /** Complete, held back while a match that started earlier lives. */
  private held: PartialMatchQueue<Candidate<T>>;
  /** Matches under way that were given up for want of room, since the last question. */
  private given = 0;

  /** @param open as `openMatches` gave them, the start among them. */
  constructor(private readonly context: MatcherContext<T>, open?: readonly OpenMatch<T>[], held: readonly Candidate<T>[] = []) {
    this.open = new PartialMatchQueue<OpenMatch<T>>(byStart, open ?? [{ state: context.program.automaton.start, last: undefined, first: undefined }]);
    this.held = new PartialMatchQueue<Candidate<T>>(byStart, held);
  }

  /** Matches under way and held back. */
  get size(): number { return this.open.size - 1 + this.held.size; }
  /** The start among them, in the order that decides among equals. */
  get openMatches(): readonly OpenMatch<T>[] { return this.open.values(); }
  get heldMatches(): readonly Candidate<T>[] { return this.held.values(); }
  get isEmpty(): boolean { return this.size === 0; }

  /** How many were given up since this was asked last. */
  takeGiven(): number {
    const { given } = this;
    this.given = 0;
    return given;
  }

  /** Offers the next event. @param earliest no later event can be dated before this ts. */
  process(event: LogEvent, earliest: number): readonly CompleteMatch<T>[] {
    const next = new PartialMatchQueue<OpenMatch<T>>(byStart);
    const found = new PartialMatchQueue<Candidate<T>>(byStart);
    const waiting: Candidate<T>[] = [];
    for (const match of this.open.values()) {
      if (!this.sees(match, event)) {
        next.add(match);
        continue;
      }
      for (const result of this.step(match, event)) {
        if (result.state.kind === 'final') found.add(result);
        else if (this.waits(result) && result.last.event === event) waiting.push(result);
        else next.add(result);
      }
      if (match.first === undefined) next.add(match);
    }
    for (const match of this.chosen(waiting)) next.add({ ...match, told: this.context.tell(match.last, this.deadlineOf(match)) });
    this.open = next;
    this.makeRoom(earliest);
    return this.report(this.chosen(found.values()).map((match) => ({ ...match, told: this.context.tell(match.last, undefined) })));
  }

  /** The earliest instant at which a match under way runs out of time; undefined when none can. */
  nextDeadline(): number | undefined {
    let earliest: number | undefined;
    for (const match of this.open.values()) {
      const at = this.deadlineOf(match);
      if (at !== undefined && (earliest === undefined || at < earliest)) earliest = at;
    }
    return earliest;
  }

  /** All events dated before `instant`, the next deadline, are in: absences that end there are matches, other matches that end there are given up. */
  expire(instant: number): readonly CompleteMatch<T>[] {
    const alive = new PartialMatchQueue<OpenMatch<T>>(byStart);
    const absent: Candidate<T>[] = [];
    for (const match of this.open.values()) {
      const at = this.deadlineOf(match);
      if (at === undefined || at > instant) alive.add(match);
      else if (this.waits(match) && isCandidate(match)) absent.push(match);
    }
    this.open = alive;
    return this.report(absent);
  }

  private sees(match: OpenMatch<T>, event: LogEvent): boolean {
    if (match.last === undefined) return true;
    if (event.ts < match.last.event.ts) return false;
    return !this.waits(match) || event.ts < (this.deadlineOf(match) ?? Infinity);
  }

  /** Has it all its events, and waits for the absence at its end? */
  private waits({ state }: Pick<OpenMatch<T>, 'state'>): boolean { return this.context.program.waits[state.id] === true; }

  private deadlineOf({ state, first, last }: OpenMatch<T>): number | undefined {
    if (first === undefined || last === undefined) return undefined;
    const { withinMs, absenceMs, patienceMs, waits } = this.context.program;
    const whole = withinMs === undefined ? undefined : first.ts + withinMs;
    const ownMs = waits[state.id] === true ? absenceMs : patienceMs[state.id];
    const own = ownMs === undefined ? undefined : last.event.ts + ownMs;
    if (whole === undefined) return own;
    return own === undefined ? whole : Math.min(whole, own);
  }

  /** What becomes of a match: nothing when the event kills it. */
  private step(match: OpenMatch<T>, event: LogEvent): readonly Candidate<T>[] {
    const { stepIndex, waits } = this.context.program;
    const view = new StepView(match, event.ts, stepIndex);
    const results: Candidate<T>[] = [];
    for (const { edge, source } of openEdges(match.state, event, view)) {
      // One event may fit the step and a negative step: it kills.
      if (edge.target.kind === 'stop') return noMatches;
      if (edge.action === 'ignore') {
        // What waits for an absence was there since its last event was taken: a detour to it is no second match.
        if (isCandidate(match) && (edge.target.kind !== 'pending' || this.waits(match))) results.push({ ...match, state: edge.target });
        continue;
      }
      const step = stepIndex.get(source.stage) ?? -1;
      if (!this.isInTime(match, step, event.ts)) continue;
      const last: TakenLink = { step, event, before: match.last, length: (match.last?.length ?? 0) + 1 };
      const first = match.first ?? event;
      const add = (state: State<LogEvent>): void => { results.push({ state, last, first }); };
      add(edge.target);
      // What follows may all be left out: the match is complete, or complete but for the absence at its end.
      if (this.waits({ state: edge.target })) continue;
      const reached = proceedTo(({ kind, id }) => kind === 'final' || waits[id] === true, edge.target, event, view);
      if (reached !== undefined) add(reached);
    }
    return results;
  }

  private isInTime({ first, last }: OpenMatch<T>, step: number, ts: number): boolean {
    const { withinMs, stepWithinMs } = this.context.program;
    if (first !== undefined && withinMs !== undefined && ts - first.ts >= withinMs) return false;
    const own = stepWithinMs[step];
    return last === undefined || own === undefined || ts - last.event.ts < own;
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
    if (this.open.size <= 2) return;
    if (program.latestStartDecides) {
      this.open = new PartialMatchQueue(byStart<T>, undominated(this.open.values(), program, earliest));
      if (!program.hasStepWithin) return;
    }
    while (this.open.size - 1 > maxOpen) {
      const oldest = this.open.peek()?.first;
      if (oldest === undefined) return;
      const before = this.open.size;
      this.open.retain((match) => match.first !== oldest);
      this.given += before - this.open.size;
    }
  }

  /** Skip strategies discard other matches and hold a match back while one that started earlier lives (Flink CEP's way). */
  private report(found: readonly Candidate<T>[]): readonly CompleteMatch<T>[] {
    const { afterMatch } = this.context.program;
    if (afterMatch.kind === 'noSkip' || afterMatch.kind === 'eachEnd') return [...found].sort(compareEvidence).map((match) => this.complete(match));
    for (const match of found) this.held.add(match);
    const reported: CompleteMatch<T>[] = [];
    for (let earliest = this.held.peek(); earliest !== undefined; earliest = this.held.peek()) {
      const earliestOpen = this.open.peek();
      if (earliestOpen !== undefined && byStart<T>(earliest, earliestOpen) > 0) break;
      this.held.poll();
      const isDiscarded = this.discarding(earliest);
      this.open.retain(({ first }) => first === undefined || !isDiscarded(first));
      this.held.retain(({ first }) => !isDiscarded(first));
      reported.push(this.complete(earliest));
    }
    return reported;
  }

  private complete(match: Candidate<T>): CompleteMatch<T> {
    const { last, first, told } = match;
    if (told === undefined) throw new Error('what is told about a match is told as its last event is taken');
    return { last, first, told, ...(this.waits(match) ? { instant: this.deadlineOf(match) } : {}) };
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

/**
 * Of the matches in one state, those that no other makes superfluous: a later start can do all that an earlier one can, if
 * both see the same events still to come, and with a step's own `within` if its last event is not the earlier.
 * What waits for an absence stays: each has an end of its own.
 */
function undominated<T>(open: readonly OpenMatch<T>[], { waits, hasStepWithin }: SequenceProgram, earliest: number): readonly OpenMatch<T>[] {
  const groups = new Map<string, Candidate<T>[]>();
  const kept: OpenMatch<T>[] = [];
  for (const match of open) {
    if (!isCandidate(match) || waits[match.state.id] === true) {
      kept.push(match);
      continue;
    }
    const name = `${match.state.id} ${Math.max(match.last.event.ts, earliest)}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [match]);
    else group.push(match);
  }
  for (const group of groups.values()) {
    group.sort((a, b) => compareEvidence(b, a));
    let latest = -Infinity;
    for (const match of group) {
      if (match.last.event.ts <= latest) continue;
      kept.push(match);
      latest = hasStepWithin ? match.last.event.ts : Infinity;
    }
  }
  return kept;
}
