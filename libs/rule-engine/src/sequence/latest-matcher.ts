import type { LogEvent } from '@weir/contracts';
import type { State } from '@weir/stream-core';
import type { EventEffects, EventTaking } from './event-effect.js';
import type { CompleteMatch, Matcher, MatcherContext } from './key-matcher.js';
import { keepEvent } from './line-event.js';
import { compareEvents, compareEvidence, firstOf, isCandidate } from './open-match.js';
import type { Candidate, OpenMatch, TakenLink } from './open-match.js';
import { deadlineAfter, isInTime } from './sequence-program.js';
import type { SequenceProgram } from './sequence-program.js';
import { undominated } from './undominated.js';

/** What the latest matchers of one rule share. */
export interface LatestContext<T> extends MatcherContext<T> { readonly effects: EventEffects; readonly scratch: Scratch<T> }

/** Numbers of a match: the id of its state, ts of its first and of its last event, its deadline. */
const [stateAt, firstTsAt, lastTsAt, deadlineAt, width] = [0, 1, 2, 3, 4];

/** A match that has just taken the event at hand. */
interface Taking { readonly state: State<LogEvent>; readonly last: TakenLink; readonly firstTs: number; readonly deadline: number }

/** Where the matches of a key are put together while an event is at hand; arrays keep their room. */
export class Scratch<T> {
  readonly numbers: number[] = [];
  readonly last: (TakenLink | undefined)[] = [];
  readonly told: (T | undefined)[] = [];
  /** The first so many are valid. */
  readonly taking: (Taking | undefined)[] = [];
  takings = 0;
}

const noMatches: readonly never[] = [];

/**
 * The sequence of one key where the latest start decides: of a {@link KeyMatcher} the same matches, in less room.
 *
 * Most that has to be known of a match under way lies in one array of numbers, so that an event reads few places of memory.
 * A match goes as soon as another one makes it superfluous, so that mostly there is one for each state. The order of matches
 * means nothing: of those that end at an event the one with the later evidence is reported.
 */
export class LatestMatcher<T> implements Matcher<T> {
  key = '';
  dueAt = Infinity;
  private numbers: readonly number[] = [];
  /** Of each match the last event taken. */
  private last: readonly TakenLink[] = [];
  /** Of each match, where something was told of one. */
  private told: (T | undefined)[] | undefined;
  private deadline = Infinity;
  /** Matches under way when all superfluous ones were dropped last. */
  private compacted = 1;
  private given = 0;

  /** @param open as `openMatches` gave them. */
  constructor(private readonly context: LatestContext<T>, open: readonly OpenMatch<T>[] = []) {
    if (open.length > 0) this.hold(open.filter(isCandidate));
  }

  get size(): number { return this.last.length; }
  get isEmpty(): boolean { return this.last.length === 0; }
  get openMatches(): readonly OpenMatch<T>[] {
    const { program: { automaton } } = this.context;
    return [...this.last.map((_, i) => this.matchAt(i)), { state: automaton.start, last: undefined, first: undefined, deadline: Infinity }];
  }
  get heldMatches(): readonly Candidate<T>[] { return noMatches; }

  takeGiven(): number {
    const { given } = this;
    this.given = 0;
    return given;
  }

  nextDeadline(): number { return this.deadline; }

  process(event: LogEvent, earliest: number): readonly CompleteMatch<T>[] {
    const { context: { program, effects, scratch, tell }, numbers, last, told } = this;
    effects.begin(event);
    if (!this.isTouched(event)) return noMatches;
    let count = 0;
    for (let i = 0; i < last.length; i++) {
      const at = i * width;
      const id = numbers[at + stateAt] as number;
      const effect = effects.of(id);
      const isLeft = effect.passes || !this.sees(i, event);
      if (!isLeft && effect.kills) continue;
      if (!isLeft) {
        const link = last[i] as TakenLink;
        for (let t = 0; t < effect.takes.length; t++) this.take(effect.takes[t] as EventTaking, numbers[at + firstTsAt] as number, numbers[at + lastTsAt] as number, link, event);
      }
      const states = isLeft ? 1 : effect.leavesIn.length;
      for (let s = 0; s < states; s++) {
        const target = isLeft ? undefined : effect.leavesIn[s];
        const isMoved = target !== undefined && target.id !== id;
        // What waits for an absence was there since its last event was taken: a detour to it is no second match.
        if (isMoved && target.kind === 'pending' && program.waits[id] !== true) continue;
        put(scratch, count++, isMoved ? target.id : id, numbers, at, last[i] as TakenLink, told?.[i]);
        if (isMoved) scratch.numbers[(count - 1) * width + deadlineAt] = deadlineAfter(program, target, numbers[at + firstTsAt] as number, numbers[at + lastTsAt] as number);
      }
    }
    const begun = effects.of(program.automaton.start.id);
    if (!begun.kills) for (let t = 0; t < begun.takes.length; t++) this.take(begun.takes[t] as EventTaking, event.ts, event.ts, undefined, event);
    let found: Taking | undefined;
    let waiting: Taking | undefined;
    for (let i = 0; i < scratch.takings; i++) {
      const match = scratch.taking[i] as Taking;
      if (match.state.kind === 'final') found = later(found, match);
      else if (program.waits[match.state.id] === true) waiting = later(waiting, match);
      else count = placeAmong(scratch, count, match, program, earliest);
    }
    if (waiting !== undefined) add(scratch, count++, waiting, tell(waiting.last, waiting.deadline));
    this.keep(count);
    this.makeRoom(earliest);
    return found === undefined ? noMatches : [{ last: found.last, first: firstOf(found.last), told: tell(found.last, undefined) }];
  }

  expire(instant: number): readonly CompleteMatch<T>[] {
    const { context: { program: { waits }, scratch }, numbers, last, told } = this;
    let absent: Candidate<T>[] | undefined;
    let count = 0;
    for (let i = 0; i < last.length; i++) {
      const at = i * width;
      if ((numbers[at + deadlineAt] as number) > instant) put(scratch, count++, numbers[at + stateAt] as number, numbers, at, last[i] as TakenLink, told?.[i]);
      else if (waits[numbers[at + stateAt] as number] === true) (absent ??= []).push(this.matchAt(i));
    }
    this.keep(count);
    return absent === undefined ? noMatches : absent.sort(compareEvidence).map((match) => this.complete(match));
  }

  /** Does the event change anything for a match under way, or begin one? */
  private isTouched(event: LogEvent): boolean {
    const { context: { effects, program }, numbers } = this;
    if (!effects.of(program.automaton.start.id).passes) return true;
    for (let i = 0; i * width < numbers.length; i++) if (!effects.of(numbers[i * width + stateAt] as number).passes && this.sees(i, event)) return true;
    return false;
  }

  /** Does the event exist for a match under way? */
  private sees(i: number, { ts }: LogEvent): boolean {
    const { numbers, context: { program: { waits } } } = this;
    const at = i * width;
    return ts >= (numbers[at + lastTsAt] as number) && (waits[numbers[at + stateAt] as number] !== true || ts < (numbers[at + deadlineAt] as number));
  }

  /** Of the matches that come to one state by taking the event only the one with the later evidence is kept: all have the same last event. */
  private take({ step, target }: EventTaking, firstTs: number, lastTs: number, before: TakenLink | undefined, event: LogEvent): void {
    const { context: { program, effects } } = this;
    if (before !== undefined && !isInTime(program, firstTs, lastTs, step, event.ts)) return;
    const link: TakenLink = { step, event, before, length: (before?.length ?? 0) + 1 };
    this.reach(target, link, firstTs);
    if (target.kind === 'final' || program.waits[target.id] === true) return;
    const end = effects.endFrom(target);
    if (end !== undefined) this.reach(end, link, firstTs);
  }

  private reach(state: State<LogEvent>, last: TakenLink, firstTs: number): void {
    const { scratch, program } = this.context;
    keepEvent(last.event);
    let place = 0;
    while (place < scratch.takings && scratch.taking[place]?.state !== state) place++;
    const known = scratch.taking[place] as Taking; // read only where there is one
    if (place < scratch.takings && (known.firstTs > firstTs || (known.firstTs === firstTs && compareChains(last, known.last) <= 0))) return;
    scratch.taking[place] = { state, last, firstTs, deadline: deadlineAfter(program, state, firstTs, last.event.ts) };
    if (place === scratch.takings) scratch.takings++;
  }

  /** Takes over what was put together. */
  private keep(count: number): void {
    const { scratch } = this.context;
    const { numbers, last, told, taking } = scratch;
    this.numbers = numbers.slice(0, count * width);
    this.last = last.slice(0, count) as TakenLink[]; // all places up to the count are written
    let hasTold = false;
    let deadline = Infinity;
    for (let i = 0; i < count; i++) {
      if (told[i] !== undefined) hasTold = true;
      deadline = Math.min(deadline, numbers[i * width + deadlineAt] as number);
    }
    this.told = hasTold ? told.slice(0, count) : undefined;
    this.deadline = deadline;
    // The scratch outlives the matches.
    for (let i = 0; i < count; i++) last[i] = told[i] = undefined;
    for (let i = 0; i < scratch.takings; i++) taking[i] = undefined;
    scratch.takings = 0;
  }

  private hold(matches: readonly Candidate<T>[]): void {
    const { scratch } = this.context;
    matches.forEach(({ state, first, last, deadline, told }, i) => add(scratch, i, { state, last, firstTs: first.ts, deadline }, told));
    this.keep(matches.length);
  }

  /** Drops matches that time has made superfluous, then, if there are still too many, those with the oldest start. */
  private makeRoom(earliest: number): void {
    const { program, maxOpen } = this.context;
    if (this.size >= 2 * this.compacted + 8) {
      this.hold(undominated(this.candidates(), program, earliest));
      this.compacted = this.size + 1;
    }
    if (!program.hasStepWithin) return;
    while (this.size > maxOpen) {
      const matches = this.candidates();
      const oldest = matches.reduce((a, b) => (compareEvents(b.first, a.first) < 0 ? b : a)).first;
      const rest = matches.filter(({ first }) => first !== oldest);
      this.given += matches.length - rest.length;
      this.hold(rest);
    }
  }

  private candidates(): readonly Candidate<T>[] { return this.last.map((_, i) => this.matchAt(i)); }

  private matchAt(i: number): Candidate<T> {
    const { context: { program: { automaton } }, numbers, last: links, told } = this;
    const last = links[i];
    const state = automaton.states[numbers[i * width + stateAt] as number];
    if (last === undefined || state === undefined) throw new RangeError(`match ${i} of ${this.size}`);
    const known = told?.[i];
    return { state, last, first: firstOf(last), deadline: numbers[i * width + deadlineAt] as number, ...(known === undefined ? {} : { told: known }) };
  }

  private complete(match: Candidate<T>): CompleteMatch<T> {
    const { last, first, told } = match;
    if (told === undefined) throw new Error('what is told about a match is told as its last event is taken');
    return { last, first, told, ...(this.context.program.waits[match.state.id] === true ? { instant: match.deadline } : {}) };
  }
}

/** The one whose evidence is the later; both have just taken the same event. */
function later(known: Taking | undefined, match: Taking): Taking {
  if (known === undefined) return match;
  return (match.firstTs - known.firstTs || compareChains(match.last, known.last)) > 0 ? match : known;
}

function compareChains(a: TakenLink, b: TakenLink): number { return compareEvidence({ last: a, first: firstOf(a) }, { last: b, first: firstOf(b) }); }

function put<T>({ numbers, last, told }: Scratch<T>, place: number, state: number, from: readonly number[], at: number, link: TakenLink, known: T | undefined): void {
  const to = place * width;
  numbers[to + stateAt] = state;
  numbers[to + firstTsAt] = from[at + firstTsAt] as number;
  numbers[to + lastTsAt] = from[at + lastTsAt] as number;
  numbers[to + deadlineAt] = from[at + deadlineAt] as number;
  last[place] = link;
  told[place] = known;
}

function add<T>({ numbers, last, told }: Scratch<T>, place: number, { state, firstTs, last: link, deadline }: Taking, known: T | undefined): void {
  const to = place * width;
  numbers[to + stateAt] = state.id;
  numbers[to + firstTsAt] = firstTs;
  numbers[to + lastTsAt] = link.event.ts;
  numbers[to + deadlineAt] = deadline;
  last[place] = link;
  told[place] = known;
}

/** Puts a match that has just taken its event among others, unless one of them makes it superfluous; those that it makes superfluous go. @returns how many there are then. */
function placeAmong<T>(scratch: Scratch<T>, count: number, match: Taking, program: SequenceProgram, earliest: number): number {
  const { numbers, last, told } = scratch;
  const { id } = match.state;
  for (let i = 0; i < count; i++) if (numbers[i * width + stateAt] === id && outdoes(numbers, i, last[i] as TakenLink, match, -1, program, earliest)) return count;
  let kept = 0;
  for (let i = 0; i < count; i++) {
    if (numbers[i * width + stateAt] === id && outdoes(numbers, i, last[i] as TakenLink, match, 1, program, earliest)) continue;
    if (kept < i) put(scratch, kept, numbers[i * width + stateAt] as number, numbers, i * width, last[i] as TakenLink, told[i]);
    kept++;
  }
  for (let i = kept; i < count; i++) last[i] = told[i] = undefined;
  add(scratch, kept, match, undefined);
  return kept + 1;
}

/** Of two matches in one state that waits for no absence, does one (1: `match`, -1: the other) make the other superfluous? See {@link undominated}. */
function outdoes(numbers: readonly number[], i: number, otherLast: TakenLink, { last, firstTs }: Taking, sign: 1 | -1, { hasStepWithin }: SequenceProgram, earliest: number): boolean {
  const otherTs = numbers[i * width + lastTsAt] as number;
  const { ts } = last.event;
  if (sign * (Math.max(ts, earliest) - Math.max(otherTs, earliest)) > 0) return false;
  if (hasStepWithin && sign * (ts - otherTs) < 0) return false;
  return sign * (firstTs - (numbers[i * width + firstTsAt] as number) || compareChains(last, otherLast)) > 0;
}
