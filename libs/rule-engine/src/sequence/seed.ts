import type { LogEvent } from '@weir/contracts';
import { isCandidate } from './open-match.js';
import type { Candidate, OpenMatch } from './open-match.js';
import { deadlineOf } from './sequence-program.js';
import type { SequenceProgram } from './sequence-program.js';
import type { State } from '@weir/stream-core';

/** A key that has taken its first event and nothing since: most keys with a match under way. It grows into a matcher with the next event that matters. */
export class Seed {
  constructor(readonly event: LogEvent, readonly deadline: number) {}
}

/**
 * The state in which the first event of a match leaves it, where there is one such state whatever the event: the first step
 * must take it, and more events are needed.
 */
export function seedState({ automaton: { start }, waits }: Pick<SequenceProgram, 'automaton' | 'waits'>): State<LogEvent> | undefined {
  const [only] = start.edges;
  if (start.edges.length !== 1 || only?.action !== 'take') return undefined;
  const reached = new Set([only.target]);
  for (const state of reached) {
    if (state.kind !== 'normal' || waits[state.id] === true) return undefined;
    for (const { action, target } of state.edges) if (action === 'proceed' && target.kind !== 'stop') reached.add(target);
  }
  return only.target;
}

/** What a key's matches are after its first event, in a matcher's order. */
export function matchesOf<T>(program: SequenceProgram, state: State<LogEvent>, { event, deadline }: Seed, start: OpenMatch<T>): readonly OpenMatch<T>[] {
  const step = program.stepIndex.get(program.automaton.start.stage) ?? -1;
  const match: Candidate<T> = { state, last: { step, event, before: undefined, length: 1 }, first: event, deadline };
  return [match, start];
}

export function seedOf(program: SequenceProgram, state: State<LogEvent>, event: LogEvent): Seed {
  return new Seed(event, deadlineOf(program, state, event, event));
}

/** The seed that {@link matchesOf} gives these matches for, if there is one. */
export function sownAs<T>(state: State<LogEvent> | undefined, [match, start, ...others]: readonly OpenMatch<T>[]): Seed | undefined {
  const isOne = others.length === 0 && match !== undefined && isCandidate(match) && match.state === state && match.last.before === undefined && match.told === undefined && start !== undefined && start.last === undefined;
  return isOne ? new Seed(match.first, match.deadline) : undefined;
}
