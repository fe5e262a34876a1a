// `as` behind an index: places of matches are those that were given out, slots lie below the room made for them.
import type { LogEvent } from '@weir/contracts';
import { heapRoom } from '@weir/stream-core';
import type { Room } from '@weir/stream-core';
import { capacityFor, grown } from './columns.js';
import { EventEffects } from './event-effect.js';
import { freshSlot } from './keyed-matches.js';
import type { KeyedMatches } from './keyed-matches.js';
import type { CompleteMatch, MatcherContext } from './key-matcher.js';
import { MatchRecords } from './match-records.js';
import type { Taking } from './match-records.js';
import { compareEvidence, firstOf, isCandidate } from './open-match.js';
import type { Candidate, OpenMatch } from './open-match.js';
import { deadlineAfter } from './sequence-program.js';
import type { KnownKept, KnownTaken } from './taken-chains.js';
import { Takings } from './takings.js';
import { undominated } from './undominated.js';

/** A match under way, and its place. */
type Placed<T> = Candidate<T> & { readonly place: number };

const noMatches: readonly never[] = [];

/** Words of a slot: its first match, how many it has, how many were left when the superfluous ones were dropped last. */
const slotWords = 4;
const ofSlot = { head: 0, size: 1, compacted: 2 } as const;

/**
 * The matches of all keys where the latest start decides: of a {@link KeyMatcher} for each key the same matches, in records, so
 * that an event reads few places of memory and there is nothing that a collector would have to walk over.
 *
 * A match goes as soon as another one makes it superfluous, so that mostly there is one for each state. The matches of a key are
 * a list in no order that means anything: of those that end at an event the one with the later evidence is reported.
 */
export class LatestMatches<T> implements KeyedMatches<T> {
  private readonly effects: EventEffects;
  private readonly records: MatchRecords<T>;
  private readonly takings: Takings;
  /** By slot, side by side: see {@link ofSlot}. */
  private slots = new Int32Array(slotWords * 64);
  private given = 0;

  /** @param room where the matches lie. */
  constructor(private readonly context: MatcherContext<T>, room: Room = heapRoom) {
    this.records = new MatchRecords<T>(room);
    this.effects = new EventEffects(context.program);
    this.takings = new Takings(context.program, this.effects, this.records.chains);
  }

  sizeOf(slot: number): number { return slotWords * slot < this.slots.length ? this.slots[slotWords * slot + ofSlot.size] as number : 0; }

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
    for (let m = this.headOf(slot); m !== 0; m = this.records.nextOf(m)) earliest = Math.min(earliest, this.records.deadlineOf(m));
    return earliest;
  }

  process(slot: number, event: LogEvent, earliest: number): readonly CompleteMatch<T>[] {
    const { context: { program, tell }, effects, takings, records: { chains } } = this;
    effects.begin(event);
    if (!this.isTouched(slot, event)) return noMatches;
    this.setHead(slot, this.passed(slot, event));
    const begun = effects.of(program.automaton.start.id);
    if (!begun.kills) for (const taking of begun.takes) takings.begin(taking, event);
    try {
      const { found, waiting } = this.place(slot, earliest);
      if (waiting !== undefined) {
        const told = tell(chains.taken(waiting.link), waiting.deadline);
        const m = this.records.add(this.headOf(slot), waiting);
        this.records.tell(m, told);
        this.setHead(slot, m);
      }
      this.makeRoom(slot, earliest);
      if (found === undefined) return noMatches;
      const last = chains.taken(found.link);
      return [{ last, first: firstOf(last), told: tell(last, undefined) }];
    } catch (error) {
      this.count(slot); // some were placed
      throw error;
    } finally {
      takings.letGo();
    }
  }

  /** Puts what has taken the event among the matches of its key, but for what is complete or waits for an absence: of each of those the one with the later evidence. */
  private place(slot: number, earliest: number): { readonly found: Taking | undefined; readonly waiting: Taking | undefined } {
    const { context: { program }, takings } = this;
    let found: Taking | undefined;
    let waiting: Taking | undefined;
    for (let i = 0; i < takings.count; i++) {
      const match = takings.at(i);
      if (match.state.kind === 'final') found = takings.later(found, match);
      else if (program.waits[match.state.id] === true) waiting = takings.later(waiting, match);
      else this.setHead(slot, this.placeAmong(this.headOf(slot), match, earliest));
    }
    return { found, waiting };
  }

  adopt(slot: number): void {
    this.reserve(slot);
    this.setHead(slot, this.headOf(freshSlot));
    this.setHead(freshSlot, 0);
    this.slots[slotWords * slot + ofSlot.compacted] = 0;
    this.count(slot);
    this.count(freshSlot);
  }

  expire(slot: number, instant: number): readonly CompleteMatch<T>[] {
    const { context: { program: { waits } }, records } = this;
    let absent: Candidate<T>[] | undefined;
    this.setHead(slot, records.sift(this.headOf(slot), (m) => {
      const stays = records.deadlineOf(m) > instant;
      if (!stays && waits[records.stateOf(m)] === true) (absent ??= []).push(this.matchAt(m));
      return stays;
    }));
    this.count(slot);
    return absent === undefined ? noMatches : absent.sort(compareEvidence).map((match) => this.complete(match));
  }

  clear(slot: number): void {
    if (this.headOf(slot) === 0) return;
    this.setHead(slot, this.records.sift(this.headOf(slot), () => false));
    this.count(slot);
  }

  restore(slot: number, open: readonly OpenMatch<T>[], held: readonly Candidate<T>[]): void {
    if (held.length > 0) throw new RangeError(`rule ${this.context.program.rule.id} holds no complete matches back`);
    this.reserve(slot);
    const known: KnownKept = { links: new Map(), events: new Map() };
    let head = 0;
    for (const match of open) {
      if (!isCandidate(match)) continue;
      const { state, first, last, deadline, told } = match;
      const link = this.records.chains.kept(last, known);
      head = this.records.add(head, { state, link, firstTs: first.ts, deadline });
      this.records.chains.release(link);
      this.records.tell(head, told);
    }
    this.setHead(slot, head);
    this.slots[slotWords * slot + ofSlot.compacted] = 0;
    this.count(slot);
  }

  private headOf(slot: number): number { return slotWords * slot < this.slots.length ? this.slots[slotWords * slot + ofSlot.head] as number : 0; }
  private setHead(slot: number, m: number): void { this.slots[slotWords * slot + ofSlot.head] = m; }

  private reserve(slot: number): void {
    if (slotWords * slot >= this.slots.length) this.slots = grown(this.slots, capacityFor(slotWords * slot, this.slots.length));
  }

  /** The list of a slot has changed. @returns how many matches it has. */
  private count(slot: number): number {
    let size = 0;
    for (let m = this.headOf(slot); m !== 0; m = this.records.nextOf(m)) size++;
    this.slots[slotWords * slot + ofSlot.size] = size;
    return size;
  }

  /** Does the event change anything for a match under way, or begin one? */
  private isTouched(slot: number, { ts }: LogEvent): boolean {
    const { effects, context: { program } } = this;
    if (!effects.of(program.automaton.start.id).passes) return true;
    for (let m = this.headOf(slot); m !== 0; m = this.records.nextOf(m)) if (!effects.of(this.records.stateOf(m)).passes && this.sees(m, ts)) return true;
    return false;
  }

  /** Does the event exist for a match under way? */
  private sees(m: number, ts: number): boolean {
    return ts >= this.records.lastTsOf(m) && (this.context.program.waits[this.records.stateOf(m)] !== true || ts < this.records.deadlineOf(m));
  }

  /** Offers the event to the matches of a key: what takes it is noted apart. @returns the first of those that go on without it. */
  private passed(slot: number, event: LogEvent): number {
    const { context: { program }, effects } = this;
    let head = 0;
    for (let m = this.headOf(slot), next = 0; m !== 0; m = next) {
      next = this.records.nextOf(m);
      const id = this.records.stateOf(m);
      const effect = effects.of(id);
      if (effect.passes || !this.sees(m, event.ts)) {
        head = this.records.before(head, m);
        continue;
      }
      if (!effect.kills) {
        for (const taking of effect.takes) this.takings.goOn(taking, event, this.records.linkOf(m), this.records.firstTsOf(m), this.records.lastTsOf(m));
        for (const target of effect.leavesIn) {
          const isMoved = target.id !== id;
          // What waits for an absence was there since its last event was taken: a detour to it is no second match.
          if (isMoved && target.kind === 'pending' && program.waits[id] !== true) continue;
          const firstTs = this.records.firstTsOf(m);
          const deadline = isMoved ? deadlineAfter(program, target, firstTs, this.records.lastTsOf(m)) : this.records.deadlineOf(m);
          head = this.records.add(head, { state: target, link: this.records.linkOf(m), firstTs, deadline });
          this.records.tell(head, this.records.toldOf(m));
        }
      }
      this.records.free(m);
    }
    return head;
  }

  /** Puts a match that has just taken its event among others, unless one of them makes it superfluous; those that it makes superfluous go. @returns the first of them then. */
  private placeAmong(first: number, match: Taking, earliest: number): number {
    const { id } = match.state;
    for (let m = first; m !== 0; m = this.records.nextOf(m)) if (this.records.stateOf(m) === id && this.outdoes(m, match, -1, earliest)) return first;
    const head = this.records.sift(first, (m) => this.records.stateOf(m) !== id || !this.outdoes(m, match, 1, earliest));
    return this.records.add(head, match);
  }

  /** Of two matches in one state that waits for no absence, does one (1: `match`, -1: the other) make the other superfluous? See {@link undominated}. */
  private outdoes(m: number, { link, firstTs }: Taking, sign: 1 | -1, earliest: number): boolean {
    const otherTs = this.records.lastTsOf(m);
    const ts = this.records.chains.tsOf(link);
    if (sign * (Math.max(ts, earliest) - Math.max(otherTs, earliest)) > 0) return false;
    if (this.context.program.hasStepWithin && sign * (ts - otherTs) < 0) return false;
    return sign * (firstTs - this.records.firstTsOf(m) || this.takings.compare(link, this.records.linkOf(m))) > 0;
  }

  /** Drops matches that time has made superfluous, then, if there are still too many, those with the oldest start. */
  private makeRoom(slot: number, earliest: number): void {
    const { program, maxOpen } = this.context;
    const size = this.count(slot);
    const before = this.slots[slotWords * slot + ofSlot.compacted] as number;
    if (size >= 2 * (before + 1) + 8) {
      const stay = new Set(undominated(this.matchesOf(slot), program, earliest).map(({ place }) => place));
      this.setHead(slot, this.records.sift(this.headOf(slot), (m) => stay.has(m)));
      this.slots[slotWords * slot + ofSlot.compacted] = this.count(slot);
    }
    if (!program.hasStepWithin) return;
    for (let left = this.sizeOf(slot); left > maxOpen; left = this.sizeOf(slot)) {
      this.dropOldest(slot);
      this.given += left - this.count(slot);
    }
  }

  /** Drops the matches with the oldest start. */
  private dropOldest(slot: number): void {
    const { records, records: { chains } } = this;
    const startOf = (m: number): number => chains.firstOf(records.linkOf(m));
    let oldest = this.headOf(slot);
    for (let m = oldest; m !== 0; m = records.nextOf(m)) if (chains.compareEvents(startOf(m), startOf(oldest)) < 0) oldest = m;
    const first = startOf(oldest);
    chains.retain(first);
    this.setHead(slot, records.sift(this.headOf(slot), (m) => chains.compareEvents(startOf(m), first) !== 0));
    chains.release(first);
  }

  private matchesOf(slot: number): readonly Placed<T>[] {
    const known: KnownTaken = { links: new Map(), events: new Map() };
    const all: Placed<T>[] = [];
    for (let m = this.headOf(slot); m !== 0; m = this.records.nextOf(m)) all.push(this.matchAt(m, known));
    return all;
  }

  private matchAt(m: number, known?: KnownTaken): Placed<T> {
    const state = this.context.program.automaton.states[this.records.stateOf(m)];
    if (state === undefined) throw new RangeError(`a match in state ${this.records.stateOf(m)}`);
    const last = this.records.chains.taken(this.records.linkOf(m), known);
    const told = this.records.toldOf(m);
    return { place: m, state, last, first: firstOf(last), deadline: this.records.deadlineOf(m), ...(told === undefined ? {} : { told }) };
  }

  private complete(match: Candidate<T>): CompleteMatch<T> {
    const { last, first, told } = match;
    if (told === undefined) throw new Error('what is told about a match is told as its last event is taken');
    return { last, first, told, ...(this.context.program.waits[match.state.id] === true ? { instant: match.deadline } : {}) };
  }
}
