/**
 * Runs an automaton over the events of one key. A partial match is a state and a chain of taken events; chains share
 * their common beginnings, so a thousand partial matches of one start hold each event once (the shared match buffer).
 *
 * Laws: `advance(ts)` before `process` of an event of that ts; event time never goes back between calls of `advance`.
 * State is plain data: `snapshot` and `restore` lose nothing.
 */
import type { Automaton, State } from './automaton.js';
import { PartialMatchQueue } from './partial-match-queue.js';
import { openEdges, proceedTo } from './stepping.js';
import type { AfterMatchStrategy, MatchView } from './pattern.js';

/** The place of an event among all that one matcher has seen: by ts, then by arrival. */
interface Place { readonly ts: number; readonly order: number }
interface Taken<E> extends Place { readonly stage: string; readonly event: E; readonly before: Taken<E> | undefined }
interface PartialMatch<E> {
  readonly state: State<E>;
  /** Newest taken event first; undefined only at the start state. */
  readonly taken: Taken<E> | undefined;
  readonly start: Place | undefined;
}

/** Events by stage, stages in the order they took their first event; a stage without events is absent. */
export interface Match<E> { readonly stages: ReadonlyMap<string, readonly E[]> }
/** A partial match that ran out of time; `at` = the instant at which its limit was reached. */
export interface TimedOut<E> extends Match<E> { readonly at: number }
/** What time moving on has decided: matches that waited for it, and partial matches that ran out. */
export interface AdvanceResult<E> { readonly matches: readonly Match<E>[]; readonly timedOut: readonly TimedOut<E>[] }

/** Thrown where Flink fails too: skipping to a stage without events, or to the match's own first event. */
export class SkipError extends Error {}

/** State of a matcher as plain data: what a checkpoint stores. */
export interface MatcherSnapshot<E> {
  readonly version: 1;
  /** Each taken event once: stage, event, place, index of the one before or -1. */
  readonly taken: readonly { readonly stage: string; readonly event: E; readonly ts: number; readonly order: number; readonly before: number }[];
  readonly partial: readonly { readonly state: number; readonly taken: number }[];
  readonly completed: readonly { readonly state: number; readonly taken: number }[];
  readonly lastTs: number;
  readonly lastOrder: number;
}

const comparePlaces = (a: Place, b: Place): number => a.ts - b.ts || a.order - b.order;

function byStart<E>(a: PartialMatch<E>, b: PartialMatch<E>): number {
  if (a.start === undefined) return b.start === undefined ? 0 : 1;
  return b.start === undefined ? -1 : comparePlaces(a.start, b.start);
}

function startOf<E>(taken: Taken<E> | undefined): Place | undefined {
  let first = taken;
  while (first?.before !== undefined) first = first.before;
  return first;
}

function chainOf<E>(taken: Taken<E> | undefined): readonly Taken<E>[] {
  const chain: Taken<E>[] = [];
  for (let link = taken; link !== undefined; link = link.before) chain.push(link);
  return chain.reverse();
}

function toMatch<E>(taken: Taken<E> | undefined): Match<E> {
  const stages = new Map<string, E[]>();
  for (const { stage, event } of chainOf(taken)) {
    const events = stages.get(stage);
    if (events === undefined) stages.set(stage, [event]);
    else events.push(event);
  }
  return { stages };
}

class View<E> implements MatchView<E> {
  constructor(private readonly match: PartialMatch<E>, readonly ts: number) {}
  taken(stage: string): readonly E[] {
    const events: E[] = [];
    for (let link = this.match.taken; link !== undefined; link = link.before) if (link.stage === stage) events.push(link.event);
    return events.reverse();
  }
}

/** One key's matcher. Not shared between keys; the automaton is. */
export class Matcher<E> {
  private partial: PartialMatchQueue<PartialMatch<E>>;
  private completed: PartialMatchQueue<PartialMatch<E>>;
  private lastTs = Number.NEGATIVE_INFINITY;
  private lastOrder = -1;

  constructor(private readonly automaton: Automaton<E>, private readonly afterMatch: AfterMatchStrategy) {
    this.partial = new PartialMatchQueue<PartialMatch<E>>(byStart, [{ state: automaton.start, taken: undefined, start: undefined }]);
    this.completed = new PartialMatchQueue(byStart<E>);
  }

  /** Partial matches with at least one event, those held back included. */
  openMatches(): number {
    return this.partial.values().filter(({ start }) => start !== undefined).length + this.completed.size;
  }

  /** The earliest instant at which an open partial match expires; undefined when none can. O(open matches). */
  nextDeadline(): number | undefined {
    let earliest: number | undefined;
    for (const match of this.partial.values()) {
      const at = this.deadlineOf(match);
      if (at !== undefined && (earliest === undefined || at < earliest)) earliest = at;
    }
    return earliest;
  }

  /** Time has come to `ts`: limits that lie at or before it run out, absences at the end become matches. */
  advance(ts: number): AdvanceResult<E> {
    const timedOut: TimedOut<E>[] = [];
    const absent: PartialMatch<E>[] = [];
    const alive = new PartialMatchQueue(byStart<E>);
    for (const match of this.partial.values()) {
      const at = this.deadlineOf(match);
      if (at === undefined || at > ts) alive.add(match);
      else if (match.state.kind === 'pending') absent.push(match);
      else timedOut.push({ ...toMatch(match.taken), at });
    }
    this.partial = alive;
    return { matches: this.report(absent), timedOut };
  }

  /** Offers the next event; `advance(ts)` was called before. @returns the matches it completes, in the order they are reported. */
  process(event: E, ts: number): readonly Match<E>[] {
    this.lastOrder = ts === this.lastTs ? this.lastOrder + 1 : 0;
    this.lastTs = ts;
    const place: Place = { ts, order: this.lastOrder };
    const next = new PartialMatchQueue(byStart<E>);
    const found: PartialMatch<E>[] = [];
    const foundInOrder = new PartialMatchQueue(byStart<E>);
    for (const match of this.partial.values()) {
      const outcome = this.step(match, event, place);
      const isKilled = outcome.some(({ state }) => state.kind === 'stop');
      for (const result of outcome) {
        if (result.state.kind === 'final') foundInOrder.add(result);
        else if (result.state.kind !== 'stop' && !isKilled) next.add(result);
      }
    }
    found.push(...foundInOrder.values());
    this.partial = next;
    return this.report(found);
  }

  snapshot(): MatcherSnapshot<E> {
    const index = new Map<Taken<E>, number>();
    const taken: { stage: string; event: E; ts: number; order: number; before: number }[] = [];
    const indexOf = (link: Taken<E> | undefined): number => {
      if (link === undefined) return -1;
      for (const each of chainOf(link)) {
        if (index.has(each)) continue;
        index.set(each, taken.length);
        taken.push({ stage: each.stage, event: each.event, ts: each.ts, order: each.order, before: each.before === undefined ? -1 : index.get(each.before) ?? -1 });
      }
      return index.get(link) ?? -1;
    };
    const plain = (matches: readonly PartialMatch<E>[]) => matches.map((match) => ({ state: match.state.id, taken: indexOf(match.taken) }));
    return { version: 1, partial: plain(this.partial.values()), completed: plain(this.completed.values()), taken, lastTs: this.lastTs, lastOrder: this.lastOrder };
  }

  /** @throws when the snapshot names a state that the automaton does not have. */
  static restore<E>(automaton: Automaton<E>, afterMatch: AfterMatchStrategy, snapshot: MatcherSnapshot<E>): Matcher<E> {
    const links: Taken<E>[] = [];
    for (const each of snapshot.taken) links.push({ ...each, before: each.before < 0 ? undefined : links[each.before] });
    const revive = (plain: { readonly state: number; readonly taken: number }): PartialMatch<E> => {
      const state = automaton.states[plain.state];
      if (state === undefined) throw new Error(`the snapshot is in state ${plain.state}, which this automaton does not have`);
      const taken = plain.taken < 0 ? undefined : links[plain.taken];
      return { state, taken, start: startOf(taken) };
    };
    const matcher = new Matcher(automaton, afterMatch);
    matcher.partial = new PartialMatchQueue<PartialMatch<E>>(byStart, snapshot.partial.map(revive));
    matcher.completed = new PartialMatchQueue<PartialMatch<E>>(byStart, snapshot.completed.map(revive));
    matcher.lastTs = snapshot.lastTs;
    matcher.lastOrder = snapshot.lastOrder;
    return matcher;
  }

  private deadlineOf({ state, taken, start }: PartialMatch<E>): number | undefined {
    if (start === undefined || taken === undefined) return undefined;
    const whole = this.automaton.withinMs > 0 ? start.ts + this.automaton.withinMs : undefined;
    const step = state.withinPreviousMs === undefined ? undefined : taken.ts + state.withinPreviousMs;
    if (whole === undefined) return step;
    return step === undefined ? whole : Math.min(whole, step);
  }

  private step(match: PartialMatch<E>, event: E, place: Place): readonly PartialMatch<E>[] {
    const results: PartialMatch<E>[] = [];
    const isStart = match.state.kind === 'start';
    const view = new View(match, place.ts);
    for (const { edge, source } of openEdges(match.state, event, view)) {
      if (edge.action === 'ignore') {
        if (!isStart) results.push({ ...match, state: edge.target });
        continue;
      }
      const taken: Taken<E> = { ...place, stage: source.stage, event, before: match.taken };
      const start = match.start ?? place;
      results.push({ state: edge.target, taken, start });
      const final = proceedTo(({ kind }) => kind === 'final', edge.target, event, view);
      if (final !== undefined) results.push({ state: final, taken, start });
    }
    if (isStart) results.push(match);
    return results;
  }

  private report(found: readonly PartialMatch<E>[]): readonly Match<E>[] {
    if (this.afterMatch.kind === 'noSkip') return found.map(({ taken }) => toMatch(taken));
    for (const match of found) this.completed.add(match);
    const reported: Match<E>[] = [];
    for (let earliest = this.completed.peek(); earliest !== undefined; earliest = this.completed.peek()) {
      const earliestPartial = this.partial.peek();
      // Held back: a partial match that started earlier may still complete, and would come first.
      if (earliestPartial !== undefined && byStart(earliest, earliestPartial) > 0) break;
      this.completed.poll();
      const prune = this.pruning(earliest);
      this.partial.retain((match) => match.start === undefined || !prune(match.start));
      this.completed.retain((match) => match.start === undefined || !prune(match.start));
      reported.push(toMatch(earliest.taken));
    }
    return reported;
  }

  /** Which other matches a reported one discards, by their first event. */
  private pruning(match: PartialMatch<E>): (start: Place) => boolean {
    const chain = chainOf(match.taken);
    const [first] = chain;
    const last = chain.at(-1);
    if (first === undefined || last === undefined) return () => false;
    const { afterMatch } = this;
    if (!('stage' in afterMatch)) {
      const until = afterMatch.kind === 'skipPastLastEvent' ? last : first;
      return (start) => comparePlaces(start, until) <= 0;
    }
    const ofStage = chain.filter(({ stage }) => stage === afterMatch.stage);
    const target = afterMatch.kind === 'skipToFirst' ? ofStage[0] : ofStage.at(-1);
    if (target === undefined) {
      if (afterMatch.failIfMissing) throw new SkipError(`cannot skip to ${afterMatch.stage}: the match has no event there`);
      return () => false;
    }
    if (afterMatch.failIfMissing && comparePlaces(target, first) === 0) throw new SkipError(`cannot skip to ${afterMatch.stage}: it is the first event of the match`);
    return (start) => comparePlaces(start, target) < 0;
  }
}
