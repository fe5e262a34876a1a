// `as` behind an index: places of matches are those that were given out.
import type { LogEvent } from '@weir/contracts';
import type { Room, State } from '@weir/stream-core';
import { Places, Records } from './columns.js';
import { TakenChains } from './taken-chains.js';

/** A match that has taken its last event: in a state, with the link of that event in the chains. `firstTs`, `deadline`: epoch ms. */
export interface Taking { state: State<LogEvent>; link: number; firstTs: number; deadline: number }

/** A match's record: 16 words. Doubles by their index in it, then words by theirs. */
const shift = 4;
const at = { firstTs: 0, lastTs: 1, deadline: 2, state: 6, link: 7, next: 8, isTold: 9 } as const;

/** Matches under way in records, by place: those of a key are a list. */
export class MatchRecords<T> {
  readonly chains: TakenChains;
  private readonly records: Records;
  private readonly places = new Places((capacity) => { this.records.reserve(capacity); });
  /** Where something was told of a match. */
  private readonly told: (T | undefined)[] = [];

  constructor(room: Room) {
    this.chains = new TakenChains(room);
    this.records = new Records(16, room);
  }

  /** Id of the automaton's state. */
  stateOf(m: number): number { return this.word(m, at.state); }
  /** Link of the event taken last. */
  linkOf(m: number): number { return this.word(m, at.link); }
  /** The next match of the same key; 0: none. */
  nextOf(m: number): number { return this.word(m, at.next); }
  firstTsOf(m: number): number { return this.double(m, at.firstTs); }
  lastTsOf(m: number): number { return this.double(m, at.lastTs); }
  deadlineOf(m: number): number { return this.double(m, at.deadline); }
  toldOf(m: number): T | undefined { return this.word(m, at.isTold) === 1 ? this.told[m] : undefined; }

  /** What is told of a match. */
  tell(m: number, told: T | undefined): void {
    this.records.words[(m << shift) + at.isTold] = told === undefined ? 0 : 1;
    if (told !== undefined) this.told[m] = told;
  }

  /** A new match before others, which holds its link. @param head the first of those, 0: there are none. @returns its place. */
  add(head: number, { state, link, firstTs, deadline }: Taking): number {
    const { chains } = this;
    const m = this.places.take();
    chains.retain(link);
    const { words, doubles } = this.records;
    const [word, double] = [m << shift, m << shift - 1];
    words[word + at.state] = state.id;
    words[word + at.link] = link;
    words[word + at.next] = head;
    words[word + at.isTold] = 0;
    doubles[double + at.firstTs] = firstTs;
    doubles[double + at.lastTs] = chains.tsOf(link);
    doubles[double + at.deadline] = deadline;
    return m;
  }

  /** Puts a match before others. @returns its place. */
  before(head: number, m: number): number {
    this.records.words[(m << shift) + at.next] = head;
    return m;
  }

  /** Forgets those of a list that do not stay. @returns the first that does, 0: none. */
  sift(head: number, stays: (m: number) => boolean): number {
    let left = 0;
    for (let m = head, next = 0; m !== 0; m = next) {
      next = this.nextOf(m);
      if (stays(m)) left = this.before(left, m); else this.free(m);
    }
    return left;
  }

  /** Forgets a match; its place is given to another one. */
  free(m: number): void {
    this.chains.release(this.linkOf(m));
    if (this.toldOf(m) !== undefined) this.told[m] = undefined;
    this.places.give(m);
  }

  private word(m: number, i: number): number { return this.records.words[(m << shift) + i] as number; }
  private double(m: number, i: number): number { return this.records.doubles[(m << shift - 1) + i] as number; }
}
