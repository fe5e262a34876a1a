import type { LogEvent } from '@weir/contracts';
import type { State } from '@weir/stream-core';
import { freshSlot } from './keyed-matches.js';
import type { KeyedMatches } from './keyed-matches.js';
import { KeyMatcher } from './key-matcher.js';
import type { CompleteMatch, MatcherContext } from './key-matcher.js';
import { keepEvent } from './line-event.js';
import { Step } from './match-step.js';
import type { Candidate, OpenMatch } from './open-match.js';
import { matchesOf, Seed, seedOf, seedState, sownAs } from './seed.js';

const noMatches: readonly never[] = [];

/** The matches of all keys where each match under way counts for itself: a {@link KeyMatcher} for each key, or its first event alone. */
export class ListedMatches<T> implements KeyedMatches<T> {
  /** By slot. */
  private readonly held: (Seed | KeyMatcher<T> | undefined)[] = [];
  private readonly context: MatcherContext<T>;
  private readonly step: Step<T>;
  /** Where a first event leaves a match, when that is the same for all. */
  private readonly seedState: State<LogEvent> | undefined;
  private given = 0;

  constructor(context: MatcherContext<T>) {
    this.step = new Step<T>(context.program);
    this.context = { ...context, step: this.step };
    this.seedState = context.maxOpen < 1 ? undefined : seedState(context.program);
  }

  sizeOf(slot: number): number {
    const held = this.held[slot];
    return held instanceof Seed ? 1 : held?.size ?? 0;
  }

  openMatches(slot: number): readonly OpenMatch<T>[] {
    const held = this.held[slot];
    return held instanceof Seed ? this.grown(held) : held?.openMatches ?? this.step.nothingYet;
  }

  heldMatches(slot: number): readonly Candidate<T>[] {
    const held = this.held[slot];
    return held === undefined || held instanceof Seed ? noMatches : held.heldMatches;
  }

  process(slot: number, event: LogEvent, earliest: number): readonly CompleteMatch<T>[] {
    if (slot === freshSlot && this.seedState !== undefined) {
      this.sow(this.seedState, event);
      return noMatches;
    }
    const matcher = this.matcherAt(slot);
    const matches = matcher.process(event, earliest);
    this.given += matcher.takeGiven();
    return matches;
  }

  adopt(slot: number): void {
    this.held[slot] = this.held[freshSlot];
    this.held[freshSlot] = undefined;
  }

  nextDeadline(slot: number): number {
    const held = this.held[slot];
    return held instanceof Seed ? held.deadline : held?.nextDeadline() ?? Infinity;
  }

  expire(slot: number, instant: number): readonly CompleteMatch<T>[] {
    const held = this.held[slot];
    if (!(held instanceof Seed)) return held?.expire(instant) ?? noMatches;
    if (held.deadline <= instant) this.held[slot] = undefined;
    return noMatches;
  }

  clear(slot: number): void { this.held[slot] = undefined; }

  restore(slot: number, open: readonly OpenMatch<T>[], held: readonly Candidate<T>[]): void {
    this.held[slot] = (held.length > 0 ? undefined : sownAs(this.seedState, open)) ?? new KeyMatcher(this.context, open, held);
  }

  takeGiven(): number {
    const { given } = this;
    this.given = 0;
    return given;
  }

  /** The first event of a key, if it may be one. */
  private sow(state: State<LogEvent>, event: LogEvent): void {
    const { step, context: { program } } = this;
    step.begin(event);
    if (!step.startsWith(step.nothingYet[0])) return;
    keepEvent(event);
    this.held[freshSlot] = seedOf(program, state, event);
  }

  /** The matcher of a slot: made when a second event comes. */
  private matcherAt(slot: number): KeyMatcher<T> {
    const known = this.held[slot];
    if (known instanceof KeyMatcher) return known;
    const made = new KeyMatcher(this.context, known === undefined ? undefined : this.grown(known));
    this.held[slot] = made;
    return made;
  }

  private grown(seed: Seed): readonly OpenMatch<T>[] {
    const [start] = this.step.nothingYet;
    if (start === undefined || this.seedState === undefined) throw new Error('a rule without a state for first events sows none');
    return matchesOf(this.context.program, this.seedState, seed, start);
  }
}
