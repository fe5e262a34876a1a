// `as` behind an index: places of matches are those that were given out, slots lie below the room made for them.
import type { LogEvent } from '@weir/contracts';
import type { State } from '@weir/stream-core';
import { capacityFor, grown, Places } from './columns.js';
import { EventEffects } from './event-effect.js';
import type { EventTaking } from './event-effect.js';
import { freshSlot } from './keyed-matches.js';
import type { KeyedMatches } from './keyed-matches.js';
import type { CompleteMatch, MatcherContext } from './key-matcher.js';
import { compareChains, compareEvidence, firstOf, isCandidate } from './open-match.js';
import type { Candidate, OpenMatch, TakenLink } from './open-match.js';
import { deadlineAfter, isInTime } from './sequence-program.js';
import { TakenChains } from './taken-chains.js';
import { undominated } from './undominated.js';

/** A match that has just taken the event at hand. */
interface Taking { state: State<LogEvent>; link: number; firstTs: number; deadline: number }

/** A match under way, and its place. */
type Placed<T> = Candidate<T> & { readonly place: number };

const noMatches: readonly never[] = [];

/**
 * The matches of all keys where the latest start decides: of a {@link KeyMatcher} for each key the same matches, in columns, so
 * that an event reads few places of memory and there is nothing that a collector would have to walk over.
 *
 * A match goes as soon as another one makes it superfluous, so that mostly there is one for each state. The matches of a key are
 * a list in no order that means anything: of those that end at an event the one with the later evidence is reported.
 */
export class LatestMatches<T> implements KeyedMatches<T> {
  private readonly chains = new TakenChains();
  private readonly effects: EventEffects;
  private readonly places = new Places((capacity) => {
    this.state = grown(this.state, capacity);
    this.link = grown(this.link, capacity);
    this.next = grown(this.next, capacity);
    this.firstTs = grown(this.firstTs, capacity);
    this.lastTs = grown(this.lastTs, capacity);
    this.deadline = grown(this.deadline, capacity);
  });
  private state = new Int32Array(0);
  private link = new Int32Array(0);
  /** The next match of the same key; 0: none. */
  private next = new Int32Array(0);
  private firstTs = new Float64Array(0);
  private lastTs = new Float64Array(0);
  private deadline = new Float64Array(0);
  /** Where something was told of a match. */
  private readonly told: (T | undefined)[] = [];
  /** By slot: the first match. */
  private heads = new Int32Array(64);
  /** By slot: how many more matches there may be than when the superfluous ones were dropped last. */
  private compacted = new Int32Array(64);
  private readonly taking: Taking[] = [];
  /** The first so many are valid. */
  private takings = 0;
  /** The event at hand among the kept ones; 0 until a match takes it. */
  private keptEvent = 0;
  private given = 0;

  constructor(private readonly context: MatcherContext<T>) { this.effects = new EventEffects(context.program); }

  sizeOf(slot: number): number {
    let size = 0;
    for (let m = this.headOf(slot); m !== 0; m = this.next[m] as number) size++;
    return size;
  }

  openMatches(slot: number): readonly OpenMatch<T>[] {
    return [...this.matchesOf(slot), { state: this.context.program.automaton.start, last: undefined, first: undefined, deadline: Infinity }];
  }

  heldMatches(): readonly Candidate<T>[] { return noMatches; }

  takeGiven(): number {
    const { given } = this;
    this.given = 0;
    return given;
  }

  nextDeadline(slot: number): number {
    let earliest = Infinity;
    for (let m = this.headOf(slot); m !== 0; m = this.next[m] as number) earliest = Math.min(earliest, this.deadline[m] as number);
    return earliest;
  }

  process(slot: number, event: LogEvent, earliest: number): readonly CompleteMatch<T>[] {
    const { context: { program, tell }, effects, chains } = this;
    effects.begin(event);
    if (!this.isTouched(slot, event)) return noMatches;
    let head = this.passed(slot, event);
    const begun = effects.of(program.automaton.start.id);
    if (!begun.kills) for (const taking of begun.takes) this.take(taking, 0, event);
    let found: Taking | undefined;
    let waiting: Taking | undefined;
    for (let i = 0; i < this.takings; i++) {
      const match = this.taking[i] as Taking; // below the count
      if (match.state.kind === 'final') found = this.later(found, match);
      else if (program.waits[match.state.id] === true) waiting = this.later(waiting, match);
      else head = this.placeAmong(head, match, earliest);
    }
    if (waiting !== undefined) {
      head = this.add(head, waiting);
      this.told[head] = tell(chains.taken(waiting.link), waiting.deadline);
    }
    this.heads[slot] = head;
    this.makeRoom(slot, earliest);
    const last = found === undefined ? undefined : chains.taken(found.link);
    this.letGo();
    return last === undefined ? noMatches : [{ last, first: firstOf(last), told: tell(last, undefined) }];
  }

  settle(slot: number): void {
    this.reserve(slot);
    this.heads[slot] = this.heads[freshSlot] as number;
    this.compacted[slot] = 0;
    this.heads[freshSlot] = 0;
  }

  expire(slot: number, instant: number): readonly CompleteMatch<T>[] {
    const { context: { program: { waits } } } = this;
    let absent: Candidate<T>[] | undefined;
    let head = 0;
    for (let m = this.headOf(slot), next = 0; m !== 0; m = next) {
      next = this.next[m] as number;
      if ((this.deadline[m] as number) > instant) {
        head = this.before(head, m);
        continue;
      }
      if (waits[this.state[m] as number] === true) (absent ??= []).push(this.matchAt(m));
      this.free(m);
    }
    this.heads[slot] = head;
    return absent === undefined ? noMatches : absent.sort(compareEvidence).map((match) => this.complete(match));
  }

  clear(slot: number): void {
    for (let m = this.headOf(slot), next = 0; m !== 0; m = next) {
      next = this.next[m] as number;
      this.free(m);
    }
    if (slot < this.heads.length) this.heads[slot] = 0;
  }

  restore(slot: number, open: readonly OpenMatch<T>[], held: readonly Candidate<T>[]): void {
    if (held.length > 0) throw new RangeError(`rule ${this.context.program.rule.id} holds no complete matches back`);
    this.reserve(slot);
    const known = new Map<TakenLink, number>();
    let head = 0;
    for (const match of open) {
      if (!isCandidate(match)) continue;
      const { state, first, last, deadline, told } = match;
      const link = this.chains.kept(last, known);
      head = this.add(head, { state, link, firstTs: first.ts, deadline });
      this.chains.release(link);
      this.told[head] = told;
    }
    this.heads[slot] = head;
    this.compacted[slot] = 0;
  }

  private headOf(slot: number): number { return slot < this.heads.length ? this.heads[slot] as number : 0; }

  private reserve(slot: number): void {
    if (slot < this.heads.length) return;
    const capacity = capacityFor(slot, this.heads.length);
    this.heads = grown(this.heads, capacity);
    this.compacted = grown(this.compacted, capacity);
  }

  /** Does the event change anything for a match under way, or begin one? */
  private isTouched(slot: number, { ts }: LogEvent): boolean {
    const { effects, context: { program } } = this;
    if (!effects.of(program.automaton.start.id).passes) return true;
    for (let m = this.headOf(slot); m !== 0; m = this.next[m] as number) if (!effects.of(this.state[m] as number).passes && this.sees(m, ts)) return true;
    return false;
  }

  /** Does the event exist for a match under way? */
  private sees(m: number, ts: number): boolean {
    return ts >= (this.lastTs[m] as number) && (this.context.program.waits[this.state[m] as number] !== true || ts < (this.deadline[m] as number));
  }

  /** Offers the event to the matches of a key: what takes it is noted apart. @returns the first of those that go on without it. */
  private passed(slot: number, event: LogEvent): number {
    const { context: { program }, effects } = this;
    let head = 0;
    for (let m = this.headOf(slot), next = 0; m !== 0; m = next) {
      next = this.next[m] as number;
      const id = this.state[m] as number;
      const effect = effects.of(id);
      if (effect.passes || !this.sees(m, event.ts)) {
        head = this.before(head, m);
        continue;
      }
      if (!effect.kills) {
        for (const taking of effect.takes) this.take(taking, m, event);
        for (const target of effect.leavesIn) {
          const isMoved = target.id !== id;
          // What waits for an absence was there since its last event was taken: a detour to it is no second match.
          if (isMoved && target.kind === 'pending' && program.waits[id] !== true) continue;
          const firstTs = this.firstTs[m] as number;
          const deadline = isMoved ? deadlineAfter(program, target, firstTs, this.lastTs[m] as number) : this.deadline[m] as number;
          head = this.add(head, { state: target, link: this.link[m] as number, firstTs, deadline });
          this.told[head] = this.told[m];
        }
      }
      this.free(m);
    }
    return head;
  }

  /** Of the matches that come to one state by taking the event only the one with the later evidence is kept: all have the same last event. @param m the match that takes it; 0: it begins one. */
  private take({ step, target }: EventTaking, m: number, event: LogEvent): void {
    const { context: { program }, effects, chains } = this;
    const firstTs = m === 0 ? event.ts : this.firstTs[m] as number;
    if (m !== 0 && !isInTime(program, firstTs, this.lastTs[m] as number, step, event.ts)) return;
    if (this.keptEvent === 0) this.keptEvent = chains.keep(event);
    const link = chains.link(step, this.keptEvent, m === 0 ? 0 : this.link[m] as number);
    this.reach(target, link, firstTs, event.ts);
    const end = target.kind === 'final' || program.waits[target.id] === true ? undefined : effects.endFrom(target);
    if (end !== undefined) this.reach(end, link, firstTs, event.ts);
    chains.release(link);
  }

  private reach(state: State<LogEvent>, link: number, firstTs: number, ts: number): void {
    const { taking, chains } = this;
    let place = 0;
    while (place < this.takings && taking[place]?.state !== state) place++;
    const deadline = deadlineAfter(this.context.program, state, firstTs, ts);
    chains.retain(link);
    if (place === this.takings) {
      this.takings++;
      this.note(place, state, link, firstTs, deadline);
      return;
    }
    const known = taking[place] as Taking; // below the count
    const isLater = (firstTs - known.firstTs || this.compareChains(link, known.link)) > 0;
    chains.release(isLater ? known.link : link);
    if (isLater) this.note(place, state, link, firstTs, deadline);
  }

  private note(place: number, state: State<LogEvent>, link: number, firstTs: number, deadline: number): void {
    const known = this.taking[place];
    if (known === undefined) {
      this.taking[place] = { state, link, firstTs, deadline };
      return;
    }
    known.state = state;
    known.link = link;
    known.firstTs = firstTs;
    known.deadline = deadline;
  }

  /** The event is no longer at hand: what was noted of it has been placed or is forgotten. */
  private letGo(): void {
    for (let i = 0; i < this.takings; i++) this.chains.release((this.taking[i] as Taking).link); // below the count
    this.takings = 0;
    if (this.keptEvent !== 0) this.chains.releaseEvent(this.keptEvent);
    this.keptEvent = 0;
  }

  /** The one whose evidence is the later; both have just taken the same event. */
  private later(known: Taking | undefined, match: Taking): Taking {
    if (known === undefined) return match;
    return (match.firstTs - known.firstTs || this.compareChains(match.link, known.link)) > 0 ? match : known;
  }

  private compareChains(a: number, b: number): number {
    const { chains } = this;
    return chains.compareEvents(chains.firstOf(a), chains.firstOf(b)) || compareChains(chains, a, b);
  }

  /** Puts a match that has just taken its event among others, unless one of them makes it superfluous; those that it makes superfluous go. @returns the first of them then. */
  private placeAmong(first: number, match: Taking, earliest: number): number {
    const { id } = match.state;
    for (let m = first; m !== 0; m = this.next[m] as number) if (this.state[m] === id && this.outdoes(m, match, -1, earliest)) return first;
    let head = 0;
    for (let m = first, next = 0; m !== 0; m = next) {
      next = this.next[m] as number;
      if (this.state[m] === id && this.outdoes(m, match, 1, earliest)) this.free(m); else head = this.before(head, m);
    }
    return this.add(head, match);
  }

  /** Of two matches in one state that waits for no absence, does one (1: `match`, -1: the other) make the other superfluous? See {@link undominated}. */
  private outdoes(m: number, { link, firstTs }: Taking, sign: 1 | -1, earliest: number): boolean {
    const otherTs = this.lastTs[m] as number;
    const ts = this.chains.tsOf(link);
    if (sign * (Math.max(ts, earliest) - Math.max(otherTs, earliest)) > 0) return false;
    if (this.context.program.hasStepWithin && sign * (ts - otherTs) < 0) return false;
    return sign * (firstTs - (this.firstTs[m] as number) || this.compareChains(link, this.link[m] as number)) > 0;
  }

  /** A new match before others. @returns its place. */
  private add(head: number, { state, link, firstTs, deadline }: Taking): number {
    const { chains } = this;
    const m = this.places.take();
    chains.retain(link);
    this.state[m] = state.id;
    this.link[m] = link;
    this.firstTs[m] = firstTs;
    this.lastTs[m] = chains.tsOf(link);
    this.deadline[m] = deadline;
    return this.before(head, m);
  }

  private before(head: number, m: number): number {
    this.next[m] = head;
    return m;
  }

  private free(m: number): void {
    this.chains.release(this.link[m] as number);
    if (this.told[m] !== undefined) this.told[m] = undefined;
    this.places.give(m);
  }

  /** Drops matches that time has made superfluous, then, if there are still too many, those with the oldest start. */
  private makeRoom(slot: number, earliest: number): void {
    const { program, maxOpen } = this.context;
    const size = this.sizeOf(slot);
    const before = this.compacted[slot] as number;
    if (size >= 2 * (before + 1) + 8) {
      this.retain(slot, undominated(this.matchesOf(slot), program, earliest));
      this.compacted[slot] = this.sizeOf(slot);
    }
    if (!program.hasStepWithin) return;
    while (this.sizeOf(slot) > maxOpen) {
      let oldest = this.chains.firstOf(this.link[this.headOf(slot)] as number);
      for (let m = this.headOf(slot); m !== 0; m = this.next[m] as number) {
        const start = this.chains.firstOf(this.link[m] as number);
        if (this.chains.compareEvents(start, oldest) < 0) oldest = start;
      }
      const all = this.matchesOf(slot);
      const rest = all.filter(({ place }) => this.chains.compareEvents(this.chains.firstOf(this.link[place] as number), oldest) !== 0);
      this.given += all.length - rest.length;
      this.retain(slot, rest);
    }
  }

  private retain(slot: number, rest: readonly Placed<T>[]): void {
    const stay = new Set(rest.map(({ place }) => place));
    let head = 0;
    for (let m = this.headOf(slot), next = 0; m !== 0; m = next) {
      next = this.next[m] as number;
      if (stay.has(m)) head = this.before(head, m); else this.free(m);
    }
    this.heads[slot] = head;
  }

  private matchesOf(slot: number): readonly Placed<T>[] {
    const known = new Map<number, TakenLink>();
    const all: Placed<T>[] = [];
    for (let m = this.headOf(slot); m !== 0; m = this.next[m] as number) all.push(this.matchAt(m, known));
    return all;
  }

  private matchAt(m: number, known?: Map<number, TakenLink>): Placed<T> {
    const state = this.context.program.automaton.states[this.state[m] as number];
    if (state === undefined) throw new RangeError(`a match in state ${this.state[m] ?? ''}`);
    const last = this.chains.taken(this.link[m] as number, known);
    const told = this.told[m];
    return { place: m, state, last, first: firstOf(last), deadline: this.deadline[m] as number, ...(told === undefined ? {} : { told }) };
  }

  private complete(match: Candidate<T>): CompleteMatch<T> {
    const { last, first, told } = match;
    if (told === undefined) throw new Error('what is told about a match is told as its last event is taken');
    return { last, first, told, ...(this.context.program.waits[match.state.id] === true ? { instant: match.deadline } : {}) };
  }
}
