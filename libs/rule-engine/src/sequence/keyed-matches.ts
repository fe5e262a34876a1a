import type { LogEvent } from '@weir/contracts';
import type { CompleteMatch } from './key-matcher.js';
import type { Candidate, OpenMatch } from './open-match.js';

/** Matches under way of what holds no key yet: an event that no key's matches wait for is offered there. */
export const freshSlot = 0;

/** The matches of one rule over all keys, by the slot of the key. */
export interface KeyedMatches<T> {
  /** Matches of a key under way and held back. O(1) for most keys. */
  sizeOf(slot: number): number;
  /** The start among them. */
  openMatches(slot: number): readonly OpenMatch<T>[];
  /** Complete ones that are held back while a match that started earlier lives. */
  heldMatches(slot: number): readonly Candidate<T>[];
  /**
   * Offers the next event of a key.
   * @param slot the key's; {@link freshSlot} for one that has nothing under way.
   * @param earliest no later event can be dated before this ts.
   */
  process(slot: number, event: LogEvent, earliest: number): readonly CompleteMatch<T>[];
  /** What was begun in {@link freshSlot} belongs to a key from now on. */
  adopt(slot: number): void;
  /** Nothing of the slot ends by time before this instant; Infinity when nothing can. */
  nextDeadline(slot: number): number;
  /** All events dated before `instant` are in: absences that end up to it are matches, other matches whose time is over are given up. */
  expire(slot: number, instant: number): readonly CompleteMatch<T>[];
  /** Forgets a slot's matches. */
  clear(slot: number): void;
  /** What `openMatches` and `heldMatches` gave becomes an empty slot's. @throws RangeError when the rule has no such matches. */
  restore(slot: number, open: readonly OpenMatch<T>[], held: readonly Candidate<T>[]): void;
  /** Matches that were given up since this was asked last, for a key had more than the bound. */
  takeGiven(): number;
}
