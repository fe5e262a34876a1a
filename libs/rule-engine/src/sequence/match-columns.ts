// `as` behind an index: places of matches are those that were given out.
import type { State } from '@weir/stream-core';
import type { LogEvent } from '@weir/contracts';
import { grown, Places } from './columns.js';
import { TakenChains } from './taken-chains.js';

/** A match that has taken its last event: in a state, with the link of that event in the chains. `firstTs`, `deadline`: epoch ms. */
export interface Taking { state: State<LogEvent>; link: number; firstTs: number; deadline: number }

/** Matches under way in columns, by place: those of a key are a list. Columns are read anew after {@link add}, for they grow. */
export class MatchColumns<T> {
  readonly chains = new TakenChains();
  /** Id of the automaton's state. */
  state = new Int32Array(0);
  /** Of the event taken last. */
  link = new Int32Array(0);
  /** The next match of the same key; 0: none. */
  next = new Int32Array(0);
  firstTs = new Float64Array(0);
  lastTs = new Float64Array(0);
  deadline = new Float64Array(0);
  /** Where something was told of a match. */
  readonly told: (T | undefined)[] = [];
  private readonly places = new Places((capacity) => {
    for (const name of ['state', 'link', 'next'] as const) this[name] = grown(this[name], capacity);
    for (const name of ['firstTs', 'lastTs', 'deadline'] as const) this[name] = grown(this[name], capacity);
  });

  /** A new match before others, which holds its link. @param head the first of those, 0: there are none. @returns its place. */
  add(head: number, { state, link, firstTs, deadline }: Taking): number {
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

  /** Puts a match before others. @returns its place. */
  before(head: number, m: number): number {
    this.next[m] = head;
    return m;
  }

  /** Forgets those of a list that do not stay. @returns the first that does, 0: none. */
  sift(head: number, stays: (m: number) => boolean): number {
    let left = 0;
    for (let m = head, next = 0; m !== 0; m = next) {
      next = this.next[m] as number;
      if (stays(m)) left = this.before(left, m); else this.free(m);
    }
    return left;
  }

  /** Forgets a match; its place is given to another one. */
  free(m: number): void {
    this.chains.release(this.link[m] as number);
    if (this.told[m] !== undefined) this.told[m] = undefined;
    this.places.give(m);
  }
}
