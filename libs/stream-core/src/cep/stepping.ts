/** One event against one automaton state: shared by every runner of automata. Pure. */
import type { Edge, State } from './automaton.js';
import type { MatchView } from './pattern.js';

/** An edge that is open to the event at hand. */
export interface OpenEdge<E> { readonly edge: Edge<E>; /** Its stage is the one that a take edge takes for. */ readonly source: State<E> }

/** The take and ignore edges that are open to the event, through open proceed edges. */
export function openEdges<E>(from: State<E>, event: E, view: MatchView<E>): readonly OpenEdge<E>[] {
  const open: OpenEdge<E>[] = [];
  const stack: State<E>[] = [from];
  for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
    for (const edge of state.edges) {
      if (edge.when !== undefined && !edge.when(event, view)) continue;
      if (edge.action === 'proceed') stack.push(edge.target);
      else open.push({ edge, source: state });
    }
  }
  return open;
}

/** The wanted state that can be proceeded to from here without a further event: all that lies between is optional. */
export function proceedTo<E>(isWanted: (state: State<E>) => boolean, from: State<E>, event: E, view: MatchView<E>): State<E> | undefined {
  const stack: State<E>[] = [from];
  for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
    for (const edge of state.edges) {
      if (edge.action !== 'proceed' || (edge.when !== undefined && !edge.when(event, view))) continue;
      if (isWanted(edge.target)) return edge.target;
      stack.push(edge.target);
    }
  }
  return undefined;
}
