import type { LogEvent } from '@weir/contracts';
import { openEdges, proceedTo } from '@weir/stream-core';
import type { OpenEdge, State } from '@weir/stream-core';
import { keepEvent } from './line-event.js';
import { compareEvidence, isCandidate, StepView } from './open-match.js';
import type { Candidate, OpenMatch, TakenLink } from './open-match.js';
import { deadlineOf, isInTime } from './sequence-program.js';
import type { SequenceProgram } from './sequence-program.js';

/**
 * One event offered to the matches of a key, one after the other.
 *
 * Where the latest start decides, conditions are asked once per state and not once per match, and of the matches that come
 * to one state by taking the event only the one with the later evidence is kept (all have the same last event): `latest`.
 */
export class Step<T> {
  /** By state: edges open to the event at hand, once asked for. */
  private readonly edges: (readonly OpenEdge<LogEvent>[] | undefined)[];
  private best: Candidate<T>[] = [];
  private hasEdges = false;
  private given: LogEvent | undefined;

  /** @param event the first; `begin` tells of the others. */
  constructor(private readonly program: SequenceProgram, event?: LogEvent) {
    this.edges = program.automaton.states.map(() => undefined);
    this.given = event;
    this.nothingYet = [{ state: program.automaton.start, last: undefined, first: undefined, deadline: Infinity }];
  }

  /** Of a key that has nothing under way: the start alone. */
  readonly nothingYet: readonly OpenMatch<T>[];

  /** The next event is at hand. */
  begin(event: LogEvent): void {
    this.given = event;
    if (this.hasEdges) this.edges.fill(undefined);
    this.hasEdges = false;
    if (this.best.length > 0) this.best = [];
  }

  private get event(): LogEvent {
    if (this.given === undefined) throw new Error('a step begins with an event');
    return this.given;
  }

  /** Can a match start here, or would nothing become of it? */
  startsWith(start: OpenMatch<T> | undefined): boolean { return start !== undefined && this.edgesOf(start).length > 0; }

  /** The event leaves the match as it is: known only where conditions are asked once per state. */
  isPassedBy(match: OpenMatch<T>): boolean {
    if (!this.program.latestStartDecides) return false;
    const edges = this.edgesOf(match);
    if (match.last === undefined) return edges.length === 0;
    const [only] = edges;
    return edges.length === 1 && only?.edge.action === 'ignore' && only.edge.target === match.state;
  }

  /** What becomes of a match, in the order of Flink's: nothing when the event kills it. Without those that `latest` gives. */
  offer(match: OpenMatch<T>): readonly OpenMatch<T>[] {
    const results: OpenMatch<T>[] = [];
    const edges = this.edgesOf(match);
    // One event may fit the step and a negative step: it kills.
    if (!edges.some(({ edge }) => edge.target.kind === 'stop')) {
      for (const { edge, source } of edges) {
        if (edge.action === 'take') this.take(match, edge.target, source, results);
        else if (isCandidate(match)) this.pass(match, edge.target, results);
      }
    }
    if (match.last === undefined) results.push(match);
    return results;
  }

  /** Of all that was offered: what has taken the event, the best for each state. */
  latest(): readonly Candidate<T>[] { return this.best; }

  private isWaiting({ id }: State<LogEvent>): boolean { return this.program.waits[id] === true; }

  private edgesOf(match: OpenMatch<T>): readonly OpenEdge<LogEvent>[] {
    const { program, event } = this;
    const known = program.latestStartDecides || match.last === undefined ? this.edges[match.state.id] : undefined;
    if (known !== undefined) return known;
    const edges = openEdges(match.state, event, this.viewOf(match));
    if (program.latestStartDecides || match.last === undefined) {
      this.edges[match.state.id] = edges;
      this.hasEdges = true;
    }
    return edges;
  }

  private viewOf(match: OpenMatch<T>): StepView<T> { return new StepView(match, this.event.ts, this.program.stepIndex); }

  private pass(match: Candidate<T>, target: State<LogEvent>, left: OpenMatch<T>[]): void {
    if (target === match.state) left.push(match);
    // What waits for an absence was there since its last event was taken: a detour to it is no second match.
    else if (target.kind !== 'pending' || this.isWaiting(match.state)) left.push({ ...match, state: target, deadline: deadlineOf(this.program, target, match.first, match.last.event) });
  }

  private take(match: OpenMatch<T>, target: State<LogEvent>, source: State<LogEvent>, results: OpenMatch<T>[]): void {
    const { program, event } = this;
    const step = program.stepIndex.get(source.stage) ?? -1;
    if (!this.isInTime(match, step)) return;
    const last: TakenLink = { step, event, before: match.last, length: (match.last?.length ?? 0) + 1 };
    this.add(match, target, last, results);
    if (target.kind === 'final' || this.isWaiting(target)) return;
    // What follows may all be left out: the match is complete, or complete but for the absence at its end.
    const reached = proceedTo(({ kind, id }) => kind === 'final' || program.waits[id] === true, target, event, this.viewOf(match));
    if (reached !== undefined) this.add(match, reached, last, results);
  }

  private isInTime({ first, last }: OpenMatch<T>, step: number): boolean {
    return first === undefined || last === undefined || isInTime(this.program, first.ts, last.event.ts, step, this.event.ts);
  }

  private add(match: OpenMatch<T>, state: State<LogEvent>, last: TakenLink, results: OpenMatch<T>[]): void {
    const first = match.first ?? this.event;
    keepEvent(this.event);
    const candidate: Candidate<T> = { state, last, first, deadline: deadlineOf(this.program, state, first, last.event) };
    if (!this.program.latestStartDecides) {
      results.push(candidate);
      return;
    }
    const place = this.best.findIndex((one) => one.state === state);
    if (place < 0) this.best.push(candidate);
    else if (compareEvidence(candidate, this.best[place] as Candidate<T>) > 0) this.best[place] = candidate;
  }
}
