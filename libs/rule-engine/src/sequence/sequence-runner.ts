import type { LogEvent } from '@weir/contracts';
import { heapRoom } from '@weir/stream-core';
import type { Room } from '@weir/stream-core';
import { Captures } from './capture.js';
import type { PartedState } from './capture.js';
import { DeadlineQueue } from './deadline-queue.js';
import type { CompleteMatch, MatcherContext } from './key-matcher.js';
import { freshSlot } from './keyed-matches.js';
import type { KeyedMatches } from './keyed-matches.js';
import { KeySlots, noSlot } from './key-slots.js';
import type { KeyBytes } from './key-slots.js';
import { LatestMatches } from './latest-matches.js';
import { ListedMatches } from './listed-matches.js';
import { chainOf, isCandidate } from './open-match.js';
import type { OpenMatch, TakenLink } from './open-match.js';
import { deadlineOf } from './sequence-program.js';

/** A match that time completed: `at` = the instant for which the watermark was waited for. */
export interface TimedMatch<T> { readonly at: number; readonly match: CompleteMatch<T> }

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

const noMatches: readonly never[] = [];

/** One sequence rule over all its keys. Keys without a match under way cost nothing. */
export class SequenceRunner<T> {
  private readonly slots: KeySlots;
  private readonly matches: KeyedMatches<T>;
  private readonly captures: Captures<KeyMatches<T>>;
  private readonly deadlines = new DeadlineQueue();
  private givenUp = 0;
  private openCount = 0;

  /** @param seed of the hashes of keys; no match depends on it. @param room where matches lie, if they can. */
  constructor(private readonly context: MatcherContext<T>, seed = 0, room: Room = heapRoom) {
    this.slots = new KeySlots(seed);
    this.matches = context.program.latestStartDecides ? new LatestMatches(context, room) : new ListedMatches(context);
    const { slots, matches } = this;
    this.captures = new Captures<KeyMatches<T>>({ get capacity() { return slots.capacity; }, store: (slot): KeyMatches<T> | undefined => (matches.sizeOf(slot) === 0 ? undefined : { key: slots.textOf(slot), open: matches.openMatches(slot).slice(), held: matches.heldMatches(slot).slice() }) });
  }

  /** Matches given up because a key had more than the bound. */
  get given(): number { return this.givenUp; }
  /** O(1): it is asked while events wait. */
  get openMatches(): number { return this.openCount; }
  get keyCount(): number { return this.slots.size; }

  /** Nothing ends by time before it. */
  get nextDeadline(): number { return this.deadlines.next; }

  /** Slot of a key that has a match under way; {@link noSlot}: only an event that may begin one matters to it. Holds until the rule is offered an event or time goes on. */
  slotOf(key: KeyBytes): number { return this.slots.find(key); }

  /** The bytes of a key's text, until the next are asked for. */
  bytesOf(text: string): KeyBytes { return this.slots.bytesOf(text); }

  /**
   * The next event of a key, which the engine's evaluator holds.
   * @param key its bytes as they lie now. @param slot what {@link slotOf} tells of it.
   * @param earliest no later event can be dated before this ts.
   */
  process(event: LogEvent, key: KeyBytes, slot: number, earliest: number): readonly CompleteMatch<T>[] {
    const { matches } = this;
    if (slot === noSlot) {
      const found = this.begin(event, earliest);
      if (matches.sizeOf(freshSlot) > 0) this.enter(key);
      this.givenUp += matches.takeGiven();
      return found;
    }
    this.captures.before(slot);
    const before = matches.sizeOf(slot);
    try {
      return matches.process(slot, event, earliest);
    } finally {
      this.openCount += matches.sizeOf(slot) - before;
      this.settle(slot);
    }
  }

  /** Offers an event to no key's matches; what a failure leaves of it is no other key's. */
  private begin(event: LogEvent, earliest: number): readonly CompleteMatch<T>[] {
    try {
      return this.matches.process(freshSlot, event, earliest);
    } catch (error) {
      this.matches.clear(freshSlot);
      throw error;
    }
  }

  /** What was begun belongs to a key that had nothing under way. */
  private enter(key: KeyBytes): void {
    const slot = this.slots.add(key);
    this.matches.adopt(slot);
    this.openCount += this.matches.sizeOf(slot);
    this.captures.added(slot);
    this.settle(slot);
  }

  /** All events dated before `until` are in: what ends at an instant up to it is decided, in order of instant. */
  advance(until: number): readonly TimedMatch<T>[] {
    const { deadlines, matches } = this;
    let timed: TimedMatch<T>[] | undefined;
    for (let at = deadlines.dueUntil(until); at !== undefined; at = deadlines.dueUntil(until)) {
      const slot = deadlines.take();
      this.captures.before(slot);
      const before = matches.sizeOf(slot);
      for (const match of matches.expire(slot, at)) (timed ??= []).push({ at, match });
      this.openCount += matches.sizeOf(slot) - before;
      this.settle(slot);
    }
    return timed ?? noMatches;
  }

  /** After a change: a key with nothing under way goes, another one is looked at again in time. */
  private settle(slot: number): void {
    this.givenUp += this.matches.takeGiven();
    if (this.matches.sizeOf(slot) === 0) {
      this.remove(slot);
      return;
    }
    const at = this.matches.nextDeadline(slot);
    if (at !== Infinity) this.deadlines.schedule(slot, at);
  }

  private remove(slot: number): void {
    this.matches.clear(slot);
    this.deadlines.forget(slot);
    this.slots.remove(slot);
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
    const { slots, matches } = this;
    for (let slot = noSlot + 1; slot < slots.capacity; slot++) {
      if (matches.sizeOf(slot) === 0) continue;
      this.captures.before(slot);
      this.remove(slot);
    }
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
    for (const { key, open, held } of keys) {
      const bytes = this.slots.bytesOf(key);
      if (this.slots.find(bytes) !== noSlot) throw new RangeError(`the matches of a key come twice: ${key}`);
      const slot = this.slots.add(bytes);
      this.matches.restore(slot, open.map(revive), held.map(revive).filter(isCandidate));
      this.openCount += this.matches.sizeOf(slot);
      this.settle(slot);
    }
    this.givenUp = given;
  }
}
