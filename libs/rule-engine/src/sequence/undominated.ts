import { compareEvidence, isCandidate } from './open-match.js';
import type { Candidate, OpenMatch } from './open-match.js';
import type { SequenceProgram } from './sequence-program.js';

/**
 * Of the matches in one state, those that no other makes superfluous: a later start can do all that an earlier one can, if
 * both see the same events still to come, and with a step's own `within` if its last event is not the earlier.
 * What waits for an absence stays: each has an end of its own.
 */
export function undominated<T, M extends OpenMatch<T>>(open: readonly M[], { waits, hasStepWithin }: SequenceProgram, earliest: number): readonly M[] {
  const groups = new Map<string, (M & Candidate<T>)[]>();
  const kept: M[] = [];
  for (const match of open) {
    if (!isCandidate<T>(match) || waits[match.state.id] === true) {
      kept.push(match);
      continue;
    }
    const name = `${match.state.id} ${Math.max(match.last.event.ts, earliest)}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [match]);
    else group.push(match);
  }
  for (const group of groups.values()) {
    group.sort((a, b) => compareEvidence(b, a));
    let latest = -Infinity;
    for (const match of group) {
      if (match.last.event.ts <= latest) continue;
      kept.push(match);
      latest = hasStepWithin ? match.last.event.ts : Infinity;
    }
  }
  return kept;
}
