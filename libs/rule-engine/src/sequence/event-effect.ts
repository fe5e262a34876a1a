import type { LogEvent } from '@weir/contracts';
import { openEdges, proceedTo } from '@weir/stream-core';
import type { Edge, MatchView, State } from '@weir/stream-core';
import type { SequenceProgram } from './sequence-program.js';

/** A step, by index, takes the event, and the state that this leads to. */
export interface EventTaking { readonly step: number; readonly target: State<LogEvent> }

/** What one event does to every match in one state, where conditions look at the event and its windows only. */
export interface EventEffect {
  /** It leaves the match as it is. */
  readonly passes: boolean;
  /** It ends the match, whatever else it fits. */
  readonly kills: boolean;
  readonly takes: readonly EventTaking[];
  /** States that the match goes on in without it. */
  readonly leavesIn: readonly State<LogEvent>[];
}

/** A take or ignore edge, and all that must be true for it to be open. */
interface Path { readonly conditions: readonly NonNullable<Edge<LogEvent>['when']>[]; readonly edge: Edge<LogEvent>; readonly source: State<LogEvent> }

/** As many as a number has bits to spare; a state with more is asked edge by edge. */
const mostPaths = 20;

/** The edges of one automaton's states as the event at hand opens them: asked once per event and state, known by which of them are open. */
export class EventEffects {
  private readonly paths: readonly (readonly Path[] | undefined)[];
  private readonly known: readonly Map<number, EventEffect>[];
  /** By state: what was found, and for the how manieth event. */
  private readonly found: (EventEffect | undefined)[];
  private readonly foundAt: number[];
  private count = 0;
  private event: LogEvent | undefined;
  /** Nothing of the match is asked for. */
  private readonly view: { ts: number } & MatchView<LogEvent> = { ts: 0, taken: () => [] };
  /** By state: may what follows be left out up to the end, or up to the absence at the end? */
  private readonly mayEnd: readonly boolean[];

  /** @param program one in which the latest start decides. */
  constructor(private readonly program: SequenceProgram) {
    const { states } = program.automaton;
    this.paths = states.map((state) => pathsFrom(state));
    this.known = states.map(() => new Map<number, EventEffect>());
    this.found = states.map(() => undefined);
    this.foundAt = states.map(() => 0);
    this.mayEnd = states.map((state) => reachesEnd(state, program));
  }

  /** The next event is at hand. */
  begin(event: LogEvent): void {
    this.event = event;
    this.view.ts = event.ts;
    this.count++;
  }

  /** What the event at hand does to a match in the state. */
  of(id: number): EventEffect {
    const known = this.found[id];
    if (known !== undefined && this.foundAt[id] === this.count) return known;
    const effect = this.find(id);
    this.found[id] = effect;
    this.foundAt[id] = this.count;
    return effect;
  }

  /** The final state, or the one that waits for the absence at the end, where all that lies between may be left out. */
  endFrom(target: State<LogEvent>): State<LogEvent> | undefined {
    const { event, program: { waits } } = this;
    if (event === undefined || !this.mayEnd[target.id]) return undefined;
    return proceedTo(({ kind, id }) => kind === 'final' || waits[id] === true, target, event, this.view);
  }

  private find(id: number): EventEffect {
    const { event, view } = this;
    const state = this.program.automaton.states[id];
    if (event === undefined || state === undefined) throw new Error('an event is at hand, and the state is one of the automaton');
    const paths = this.paths[id];
    if (paths === undefined) return this.effect(state, openEdges(state, event, view));
    let open = 0;
    for (let i = 0; i < paths.length; i++) if (isOpen(paths[i] as Path, event, view)) open |= 1 << i;
    const known = this.known[id]?.get(open);
    if (known !== undefined) return known;
    const effect = this.effect(state, paths.filter((_, i) => (open & (1 << i)) !== 0));
    this.known[id]?.set(open, effect);
    return effect;
  }

  private effect(state: State<LogEvent>, open: readonly Pick<Path, 'edge' | 'source'>[]): EventEffect {
    const { stepIndex, automaton: { start } } = this.program;
    const ignored = open.filter(({ edge }) => edge.action === 'ignore').map(({ edge }) => edge.target);
    return {
      passes: state === start ? open.length === 0 : open.length === 1 && ignored[0] === state,
      kills: open.some(({ edge }) => edge.target.kind === 'stop'),
      takes: open.flatMap(({ edge, source }) => (edge.action === 'take' ? [{ step: stepIndex.get(source.stage) ?? -1, target: edge.target }] : [])),
      leavesIn: ignored,
    };
  }
}

function isOpen({ conditions }: Path, event: LogEvent, view: MatchView<LogEvent>): boolean {
  for (let i = 0; i < conditions.length; i++) if (conditions[i]?.(event, view) === false) return false;
  return true;
}

/** All take and ignore edges within reach; undefined when there are too many ways. */
function pathsFrom(from: State<LogEvent>): readonly Path[] | undefined {
  const paths: Path[] = [];
  const stack: { readonly state: State<LogEvent>; readonly conditions: Path['conditions'] }[] = [{ state: from, conditions: [] }];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    for (const edge of at.state.edges) {
      const conditions = edge.when === undefined ? at.conditions : [...at.conditions, edge.when];
      if (edge.action === 'proceed') stack.push({ state: edge.target, conditions });
      else paths.push({ conditions, edge, source: at.state });
      if (paths.length + stack.length > mostPaths) return undefined;
    }
  }
  return paths;
}

function reachesEnd(from: State<LogEvent>, { waits }: SequenceProgram): boolean {
  const seen = new Set([from]);
  for (const state of seen) {
    for (const { action, target } of state.edges) {
      if (action !== 'proceed') continue;
      if (target.kind === 'final' || waits[target.id] === true) return true;
      seen.add(target);
    }
  }
  return false;
}
