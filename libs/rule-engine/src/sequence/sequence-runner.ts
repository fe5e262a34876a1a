import type { LogEvent } from '@weir/contracts';
import type { State } from '@weir/stream-core';
import { Captures } from './capture.js';
import type { PartedState } from './capture.js';
import { KeyFilter } from './key-filter.js';
import { KeyMatcher } from './key-matcher.js';
import type { CompleteMatch, Matcher, MatcherContext } from './key-matcher.js';
import { LatestMatcher, Scratch } from './latest-matcher.js';
import { DeadlineQueue } from './deadline-queue.js';
import { EventEffects } from './event-effect.js';
import { keepEvent } from './line-event.js';
import { Step } from './match-step.js';
import { matchesOf, Seed, seedOf, seedState, sownAs } from './seed.js';
import { chainOf, isCandidate } from './open-match.js';
import type { Candidate, OpenMatch, TakenLink } from './open-match.js';
import { deadlineOf } from './sequence-program.js';

/** A match that time completed: `at` = the instant for which the watermark was waited for. */
export interface TimedMatch<T> { readonly at: number; readonly key: string; readonly match: CompleteMatch<T> }

/** Matches under way, as plain data: events by seq, links of chains by their place in the list. */
export interface SequenceState<T> {
  /** Of the automaton that the states of the matches are of. */
  readonly shape: string;
  readonly events: readonly LogEvent[];
  readonly links: readonly (readonly [step: number, event: number, before: number])[];
  readonly keys: readonly { readonly key: string; readonly open: readonly StoredMatch<T>[]; readonly held: readonly StoredMatch<T>[] }[];
  /** Matches under way given up for want of room since the first entry. */
  readonly given: number;
}
/** `last` -1: the start, which has taken nothing. */
interface StoredMatch<T> { readonly state: number; readonly last: number; readonly told?: T | undefined }

/** The matches of one key. */
interface KeyMatches<T> { readonly key: string; readonly open: readonly OpenMatch<T>[]; readonly held: readonly OpenMatch<T>[] }

type Held<T> = Seed | Matcher<T>;
const noMatches: readonly never[] = [];

/** One sequence rule over all its keys. Keys without a match under way cost nothing. */
export class SequenceRunner<T> {
  private readonly keys = new Map<string, Held<T>>();
  private readonly filter = new KeyFilter(this.keys);
  private readonly captures = new Captures<Held<T>, KeyMatches<T>>(this.keys, (key, held) => (held instanceof Seed ? { key, open: this.grown(held), held: [] } : { key, open: [...held.openMatches], held: [...held.heldMatches] }));
  private readonly deadlines = new DeadlineQueue<Held<T>>();
  private givenUp = 0;
  private openCount = 0;
  /** Offered to events of keys that have nothing under way. */
  private fresh: Matcher<T>;

  private readonly context: MatcherContext<T>;
  private readonly step: Step<T>;
  private readonly matcherOf: (open?: readonly OpenMatch<T>[], held?: readonly Candidate<T>[]) => Matcher<T>;
  /** Where a first event leaves a match, when that is the same for all. */
  private readonly seedState: State<LogEvent> | undefined;

  constructor(context: MatcherContext<T>) {
    this.step = new Step<T>(context.program);
    this.context = { ...context, step: this.step };
    this.seedState = context.maxOpen < 1 ? undefined : seedState(context.program);
    this.matcherOf = this.maker();
    this.fresh = this.matcherOf();
  }

  /** Makes the matcher of a key: the smaller form where the latest start decides. */
  private maker(): (open?: readonly OpenMatch<T>[], held?: readonly Candidate<T>[]) => Matcher<T> {
    const { context } = this;
    if (!context.program.latestStartDecides) return (open, held) => new KeyMatcher(context, open, held);
    const latest = { ...context, effects: new EventEffects(context.program), scratch: new Scratch<T>() };
    return (open, held = []) => (held.length === 0 ? new LatestMatcher(latest, open) : new KeyMatcher(context, open, held));
  }

  /** Matches given up because a key had more than the bound. */
  get given(): number { return this.givenUp; }
  /** O(1): it is asked while events wait. */
  get openMatches(): number { return this.openCount; }
  get keyCount(): number { return this.keys.size; }

  /** Nothing ends by time before it. */
  get nextDeadline(): number { return this.deadlines.next; }

  /** Has the key a match under way? If not, only an event that may begin one matters. */
  isOpen(key: string): boolean { return this.heldAt(key) !== undefined; }

  /** False: no key of this hash has a match under way. */
  mayBeOpen(hash: number): boolean { return this.filter.mayHold(hash); }

  private askedKey: string | undefined;
  private asked: Held<T> | undefined;

  /** The same key is asked for twice in a row: whether it is open, and then for what is held. */
  private heldAt(key: string): Held<T> | undefined {
    if (key !== this.askedKey) {
      this.askedKey = key;
      this.asked = this.keys.get(key);
    }
    return this.asked;
  }

  /**
   * The next event of a key, which the engine's evaluator holds.
   * @param earliest no later event can be dated before this ts.
   */
  process(event: LogEvent, key: string, earliest: number): readonly CompleteMatch<T>[] {
    const found = this.heldAt(key);
    if (found === undefined && this.seedState !== undefined) {
      this.sow(this.seedState, event, key);
      return noMatches;
    }
    const known = found instanceof Seed ? this.grow(found) : found;
    const matcher = known ?? this.fresh;
    if (known !== undefined) this.captures.before(key, known);
    const before = matcher.size;
    const matches = matcher.process(event, earliest);
    this.openCount += matcher.size - before;
    if (known === undefined && !matcher.isEmpty) {
      matcher.key = key;
      this.enter(key, matcher);
      this.asked = matcher;
      this.fresh = this.matcherOf();
    }
    this.settle(matcher);
    return matches;
  }

  /** The first event of a key, if it may be one. */
  private sow(state: State<LogEvent>, event: LogEvent, key: string): void {
    const { step, context: { program } } = this;
    step.begin(event);
    if (!step.startsWith(step.nothingYet[0])) return;
    keepEvent(event);
    const seed = seedOf(program, state, key, event);
    this.enter(key, seed);
    this.openCount++;
    this.asked = seed;
    if (seed.deadline !== Infinity) this.deadlines.schedule(seed, seed.deadline);
  }

  private grown(seed: Seed): readonly OpenMatch<T>[] {
    const [start] = this.step.nothingYet;
    if (start === undefined || this.seedState === undefined) throw new Error('a rule without a state for first events sows none');
    return matchesOf(this.context.program, this.seedState, seed, start);
  }

  /** The matcher of a key whose second event has come: one match still. */
  private grow(seed: Seed): Matcher<T> {
    const { key } = seed;
    this.captures.before(key, seed);
    this.deadlines.forget(seed);
    const matcher = this.matcherOf(this.grown(seed));
    matcher.key = key;
    this.keys.set(key, matcher);
    this.asked = matcher;
    this.captures.added(matcher);
    return matcher;
  }

  /** All events dated before `until` are in: what ends at an instant up to it is decided, in order of instant and key. */
  advance(until: number): readonly TimedMatch<T>[] {
    const timed: TimedMatch<T>[] = [];
    for (let entry = this.deadlines.takeUntil(until); entry !== undefined; entry = this.deadlines.takeUntil(until)) {
      const { at, due: held } = entry;
      const { key } = held;
      this.captures.before(key, held);
      if (held instanceof Seed) {
        this.remove(key);
        this.openCount--;
        continue;
      }
      const before = held.size;
      for (const match of held.expire(at)) timed.push({ at, key, match });
      this.openCount += held.size - before;
      this.settle(held);
    }
    return timed;
  }

  private settle(matcher: Matcher<T>): void {
    this.givenUp += matcher.takeGiven();
    if (matcher.isEmpty) {
      if (matcher === this.fresh) return;
      this.remove(matcher.key);
      this.deadlines.forget(matcher);
      return;
    }
    const at = matcher.nextDeadline();
    if (at !== Infinity) this.deadlines.schedule(matcher, at);
  }

  /** A key that was not held. */
  private enter(key: string, held: Held<T>): void {
    this.keys.set(key, held);
    this.filter.add(key);
    this.captures.added(held);
  }

  private remove(key: string): void {
    this.keys.delete(key);
    this.filter.remove(key);
    this.askedKey = undefined;
  }

  /** All matches as they are now. */
  state(): SequenceState<T> {
    const parts = this.capture();
    const whole = parts.next(Infinity);
    parts.end();
    return whole ?? this.stateOf([], 0);
  }

  /** All matches as they are now, in parts that are asked for while the runner goes on; each can be restored by itself, beside the others. */
  capture(): PartedState<SequenceState<T>> {
    const given = this.givenUp;
    const capture = this.captures.begin();
    let isFirst = true;
    return {
      next: (most) => {
        const keys: KeyMatches<T>[] = [];
        let count = 0;
        for (let one = count < most ? capture.next() : undefined; one !== undefined; one = count < most ? capture.next() : undefined) {
          keys.push(one);
          for (const { last } of [...one.open, ...one.held]) count += last?.length ?? 0;
        }
        if (keys.length === 0 && !isFirst) return undefined;
        isFirst = false;
        return this.stateOf(keys, given);
      },
      end: () => capture.end(),
    };
  }

  private stateOf(all: readonly KeyMatches<T>[], given: number): SequenceState<T> {
    const events: LogEvent[] = [];
    const eventAt = new Map<LogEvent, number>();
    const links: (readonly [number, number, number])[] = [];
    const linkAt = new Map<TakenLink, number>();
    const numberOf = (event: LogEvent): number => {
      const known = eventAt.get(event) ?? events.push(event) - 1;
      eventAt.set(event, known);
      return known;
    };
    const place = (last: TakenLink): number => {
      for (const link of chainOf(last)) {
        if (linkAt.has(link)) continue;
        linkAt.set(link, links.length);
        links.push([link.step, numberOf(link.event), link.before === undefined ? -1 : linkAt.get(link.before) ?? -1]);
      }
      return linkAt.get(last) ?? -1;
    };
    const stored = (matches: readonly OpenMatch<T>[]): readonly StoredMatch<T>[] =>
      matches.map(({ state, last, told }) => ({ state: state.id, last: last === undefined ? -1 : place(last), ...(told === undefined ? {} : { told }) }));
    const keys = all.map(({ key, open, held }) => ({ key, open: stored(open), held: stored(held) }));
    return { shape: this.context.program.shape, events, links, keys, given };
  }

  /** False: the state is of a program that builds another automaton for the rule. */
  fits({ shape }: SequenceState<T>): boolean { return shape === this.context.program.shape; }

  /** Forgets all matches. */
  clear(): void {
    for (const [key, matcher] of this.keys) {
      this.captures.before(key, matcher);
      this.deadlines.forget(matcher);
    }
    this.keys.clear();
    this.filter.clear();
    this.askedKey = undefined;
    this.givenUp = 0;
    this.openCount = 0;
  }

  /** Fills a fresh runner with what `state` gave, or with the parts of a capture one after the other. @throws RangeError when the state is not one of this rule's. */
  restore({ events, links, keys, given }: SequenceState<T>): void {
    const revived: TakenLink[] = [];
    for (const [step, at, beforeAt] of links) {
      const event = events[at];
      const before = beforeAt < 0 ? undefined : revived[beforeAt];
      if (event === undefined) throw new RangeError(`a taken event is missing: ${at} of ${events.length}`);
      revived.push({ step, event, before, length: (before?.length ?? 0) + 1 });
    }
    const revive = ({ state: id, last: at, told }: StoredMatch<T>): OpenMatch<T> => {
      const state = this.context.program.automaton.states[id];
      const last = at < 0 ? undefined : revived[at];
      const first = chainOf(last)[0]?.event;
      if (state === undefined || (state.kind === 'start') !== (first === undefined)) throw new RangeError(`a match in state ${id} does not belong to rule ${this.context.program.rule.id}`);
      const deadline = first === undefined || last === undefined ? Infinity : deadlineOf(this.context.program, state, first, last.event);
      return { state, last, first, deadline, ...(told === undefined ? {} : { told }) };
    };
    for (const { key, open: stored, held } of keys) {
      const open = stored.map(revive);
      const seed = held.length > 0 ? undefined : sownAs(this.seedState, key, open);
      if (seed !== undefined) {
        this.enter(key, seed);
        this.openCount++;
        if (seed.deadline !== Infinity) this.deadlines.schedule(seed, seed.deadline);
        continue;
      }
      const matcher = this.matcherOf(open, held.map(revive).filter(isCandidate));
      matcher.key = key;
      this.enter(key, matcher);
      this.openCount += matcher.size;
      this.settle(matcher);
    }
    this.askedKey = undefined;
    this.givenUp = given;
  }
}
