/**
 * Pattern -> nondeterministic automaton. States have three kinds of edges: take (consumes the event at hand), ignore
 * (passes over it) and proceed (moves on without consuming). The construction goes from the last stage to the first,
 * as Flink's does, so that the same state graph, and with it the same quirks, comes out.
 *
 * Source: Agrawal, Diao, Gyllstrom, Immerman, "Efficient Pattern Matching over Event Streams" (SIGMOD 2008) for the
 * automaton; the treatment of optional, greedy, until and negated stages follows Flink CEP's documented behaviour.
 */
import { checkPattern, type Condition, type Pattern, type PatternProblem, type Repetition, type SingleStage, type Stage, type StageGroup } from './pattern.js';

/**
 * `final`: the match is complete; `stop`: it is dead; `pending`: it is complete unless something forbidden comes before
 * its time is over.
 */
type StateKind = 'normal' | 'start' | 'final' | 'stop' | 'pending';
/** A way out of a state, open to an event when its condition holds. */
export interface Edge<E> { readonly action: 'take' | 'ignore' | 'proceed'; readonly target: State<E>; /** Absent: always. */ when?: Condition<E> | undefined }
/** A place where partial matches wait. */
export interface State<E> {
  readonly id: number;
  /** Stage whose event a take edge of this state consumes. */
  readonly stage: string;
  kind: StateKind;
  readonly edges: Edge<E>[];
  /** ms: a partial match waiting here expires when time reaches its latest event + this. */
  withinPreviousMs?: number | undefined;
}
/** A compiled pattern. Shared by all keys; nothing in it changes while events pass. */
export interface Automaton<E> {
  readonly start: State<E>;
  /** By id. */
  readonly states: readonly State<E>[];
  readonly withinMs: number;
  readonly stageNames: readonly string[];
}
/** The automaton, or all that is wrong with the pattern. */
export type CompileResult<E> = { readonly ok: true; readonly automaton: Automaton<E> } | { readonly ok: false; readonly problems: readonly PatternProblem[] };

const always = <E>(): Condition<E> | undefined => undefined;
const not = <E>(condition: Condition<E> | undefined): Condition<E> => (condition === undefined ? () => false : (event, match) => !condition(event, match));
function both<E>(a: Condition<E> | undefined, b: Condition<E> | undefined): Condition<E> | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  return (event, match) => a(event, match) && b(event, match);
}

const isNegation = <E>({ contiguity }: Stage<E>): boolean => contiguity === 'notNext' || contiguity === 'notFollowedBy';

/** An ignore edge's condition, or `never`: the events must be adjacent. */
type IgnoreRule<E> = { readonly kind: 'never' } | { readonly kind: 'when'; readonly when: Condition<E> | undefined };

class Builder<E> {
  readonly states: State<E>[] = [];
  private readonly stopStates = new Map<string, State<E>>();
  /** Of a sink that a greedy loop with `until` narrowed: the copy from before. */
  private readonly beforeGreedy = new Map<State<E>, State<E>>();
  private readonly isFirstRound = new Map<StageGroup<E>, boolean>();
  /** Stages of the level being built, and where in it. */
  private level: readonly Stage<E>[];
  private at: number;
  private group: StageGroup<E> | undefined;
  private following: Stage<E> | undefined;
  readonly withinMs: number;

  constructor(pattern: Pattern<E>, private readonly isPlain: boolean) {
    this.level = pattern.stages;
    this.at = pattern.stages.length - 1;
    this.withinMs = pattern.withinMs ?? 0;
  }

  build(): State<E> {
    const start = this.convert(this.middle(this.state('', 'final')));
    start.kind = 'start';
    return start;
  }

  private get current(): Stage<E> {
    const stage = this.level[this.at];
    if (stage === undefined) throw new Error('the stage under construction is always there');
    return stage;
  }

  private state(stage: string, kind: StateKind, withinPreviousMs?: number): State<E> {
    const state: State<E> = { id: this.states.length, stage, kind, edges: [] };
    if (withinPreviousMs !== undefined) state.withinPreviousMs = withinPreviousMs;
    this.states.push(state);
    return state;
  }

  /** All stages of this level but the first, last to first. */
  private middle(sink: State<E>): State<E> {
    let next = sink;
    while (this.at > 0) {
      const stage = this.current;
      if (stage.contiguity === 'notFollowedBy') next = this.absenceAtEnd(stage, next);
      else if (stage.contiguity === 'notNext') next = this.notNext(stage, next);
      else next = this.convert(next);
      this.following = stage;
      this.at -= 1;
    }
    return next;
  }

  /** notFollowedBy in the middle lives on the edges of its neighbours; at the end a pending state waits for the time limit. */
  private absenceAtEnd(stage: Stage<E>, sink: State<E>): State<E> {
    const ownWithinMs = stage.kind === 'stage' ? stage.withinPreviousMs : undefined;
    if (sink.kind !== 'final' || (this.withinMs === 0 && ownWithinMs === undefined)) return sink;
    const { name } = this.single(stage);
    const pending = this.state(name, 'pending', ownWithinMs);
    const forbidden = this.takeCondition(stage);
    pending.edges.push({ action: 'proceed', target: this.stopState(name, forbidden), when: forbidden });
    if (this.isPlain) this.addStops(pending);
    pending.edges.push({ action: 'ignore', target: pending, when: not(forbidden) });
    return pending;
  }

  private notNext(stage: Stage<E>, sink: State<E>): State<E> {
    const { name } = this.single(stage);
    const state = this.state(name, 'normal', this.ownWindow(stage));
    const forbidden = this.takeCondition(stage);
    // To the final state by ignore: proceeding there would need no further event.
    state.edges.push({ action: sink.kind === 'final' ? 'ignore' : 'proceed', target: sink, when: not(forbidden) });
    state.edges.push({ action: 'proceed', target: this.stopState(name, forbidden), when: forbidden });
    return state;
  }

  private single(stage: Stage<E>): SingleStage<E> {
    if (stage.kind === 'group') throw new Error('a group cannot be negated');
    return stage;
  }

  private convert(sink: State<E>): State<E> {
    const stage = this.current;
    const { repetition } = stage;
    let entry: State<E>;
    if (repetition === undefined) entry = this.singleton(sink, sink, this.takeCondition(stage), this.ignoreRule(stage), this.isOptional(stage));
    else if (repetition.to === null) {
      this.setFirstRound(false);
      const afterLoop = this.withoutEarlierNegations(sink);
      const loop = this.loop(afterLoop, repetition);
      // Left out altogether, it may not leave what fits it to the next stage either.
      if (this.isPlain && repetition.greedy && afterLoop !== sink) this.narrowForGreedy(sink, this.takeCondition(stage));
      this.setFirstRound(true);
      entry = this.times(loop, sink, repetition, repetition.from);
    } else entry = this.times(sink, sink, repetition, repetition.to);
    this.addStops(entry);
    return entry;
  }

  private setFirstRound(isFirst: boolean): void {
    const stage = this.current;
    if (stage.kind === 'group') this.isFirstRound.set(stage, isFirst);
  }
  private get inFirstRound(): boolean { return this.group === undefined || (this.isFirstRound.get(this.group) ?? true); }
  private isHeadOfGroup(): boolean { return this.group !== undefined && this.at === 0; }
  private isOptional(stage: Stage<E>): boolean {
    return this.isHeadOfGroup() ? this.inFirstRound && this.group?.optional === true : stage.optional;
  }

  private stopState(name: string, forbidden: Condition<E> | undefined): State<E> {
    const existing = this.stopStates.get(name);
    if (existing !== undefined) return existing;
    const stop = this.state(name, 'stop');
    stop.edges.push({ action: 'take', target: stop, when: forbidden });
    this.stopStates.set(name, stop);
    return stop;
  }

  /** Negations in force while waiting for the current stage: those right before it, and before optional stages before it. */
  private earlierNegations(): readonly { readonly name: string; readonly when: Condition<E> | undefined }[] {
    const found: { name: string; when: Condition<E> | undefined }[] = [];
    for (let i = this.at - 1; i >= 0; i -= 1) {
      const stage = this.level[i];
      if (stage === undefined || !(stage.optional || stage.contiguity === 'notFollowedBy' || (this.isPlain && stage.contiguity === 'notNext'))) break;
      if (stage.contiguity === 'notFollowedBy') found.push({ name: this.single(stage).name, when: this.takeCondition(stage) });
    }
    return found;
  }

  private addStops(state: State<E>): void {
    for (const { name, when } of this.earlierNegations()) state.edges.push({ action: 'proceed', target: this.stopState(name, when), when });
  }

  /** A negation right after a loop is in force from the loop's first event on. */
  private addStopOfFollowing(state: State<E>): void {
    if (this.isPlain) {
      for (const stage of this.negationsAfter()) state.edges.push({ action: 'proceed', target: this.stopState(this.single(stage).name, this.takeCondition(stage)), when: this.takeCondition(stage) });
      return;
    }
    if (this.following?.contiguity !== 'notFollowedBy') return;
    const when = this.takeCondition(this.following);
    state.edges.push({ action: 'proceed', target: this.stopState(this.single(this.following).name, when), when });
  }

  /** The notFollowedBy among the negated stages right after the current one. */
  private negationsAfter(): readonly Stage<E>[] {
    const end = this.level.findIndex((stage, index) => index > this.at && !isNegation(stage));
    return this.level.slice(this.at + 1, end < 0 ? undefined : end).filter(({ contiguity }) => contiguity === 'notFollowedBy');
  }

  /** Once an optional stage has taken an event, the negations before it no longer hold on the way after it. */
  private withoutEarlierNegations(sink: State<E>): State<E> {
    const negations = this.earlierNegations();
    if (negations.length === 0 || !this.current.optional) return sink;
    const copy = this.state(sink.stage, sink.kind);
    for (const edge of sink.edges) {
      if (edge.action !== 'proceed') copy.edges.push({ ...edge, target: edge.target === sink ? copy : edge.target });
      else if (edge.target.kind !== 'stop') copy.edges.push({ ...edge, target: this.withoutEarlierNegations(edge.target) });
      else if (!negations.some(({ name }) => name === edge.target.stage)) copy.edges.push(edge);
    }
    return copy;
  }

  private copyOf(state: State<E>): State<E> {
    const copy = this.state(state.stage, state.kind);
    for (const edge of state.edges) copy.edges.push({ ...edge, target: edge.target === state ? copy : edge.target });
    return copy;
  }

  /** A greedy stage takes what fits it: whatever comes after may not. */
  private narrowForGreedy(sink: State<E>, take: Condition<E> | undefined): void {
    const isNotNext = sink.kind === 'normal' && sink.edges.every(({ action }) => action === 'proceed');
    for (const edge of sink.edges) {
      if (this.isPlain && edge.target.kind === 'stop') continue; // what is forbidden kills, whatever else it fits
      edge.when = both(edge.when, not(take));
      if (this.isPlain && isNotNext) this.narrowForGreedy(edge.target, take);
    }
  }

  private times(sink: State<E>, proceed: State<E>, repetition: Repetition, to: number): State<E> {
    const stage = this.current;
    let next = sink;
    this.setFirstRound(false);
    const inner = this.innerIgnoreRule(stage, repetition);
    const take = this.untilNot(this.takeCondition(stage), stage.until);
    const innerRule = this.ignoreUntilNot(inner, stage.until);
    if (repetition.greedy && repetition.from !== to) {
      if (stage.until !== undefined) this.beforeGreedy.set(proceed, this.copyOf(proceed));
      this.narrowForGreedy(proceed, take);
    }
    for (let i = repetition.from; i < to; i += 1) {
      next = this.singleton(next, proceed, take, innerRule, true, false);
      this.addStopOfFollowing(next);
    }
    for (let i = 0; i < repetition.from - 1; i += 1) {
      next = this.singleton(next, undefined, take, innerRule, false, false);
      this.addStopOfFollowing(next);
    }
    this.setFirstRound(true);
    return this.singleton(next, proceed, take, this.ignoreRule(stage), stage.optional);
  }

  /** Waits for one event. An optional one may be left; then a twin without the proceed edge waits on, so that no branch is made twice. */
  private singleton(sinkState: State<E>, proceed: State<E> | undefined, take: Condition<E> | undefined, ignore: IgnoreRule<E>, optional: boolean, isFirst = true): State<E> {
    const stage = this.current;
    if (stage.kind === 'group') return this.groupOnce(stage, sinkState, proceed, optional);
    const waiting = this.state(stage.name, 'normal', this.ownWindow(stage));
    const sink = this.withoutEarlierNegations(sinkState);
    waiting.edges.push({ action: 'take', target: sink, when: take });
    if (optional && proceed !== undefined && !this.isHeadOfGroup()) {
      const goOn = this.groupCondition();
      const { until } = stage;
      if (stage.repetition?.greedy === true && until !== undefined) {
        waiting.edges.push({ action: 'proceed', target: this.beforeGreedy.get(proceed) ?? proceed, when: both(goOn, until) });
        waiting.edges.push({ action: 'proceed', target: proceed, when: both(goOn, not(until)) });
      } else waiting.edges.push({ action: 'proceed', target: proceed, when: goOn });
    }
    if (ignore.kind === 'when') {
      let passing = waiting;
      if (optional) {
        passing = this.state(stage.name, 'normal');
        passing.edges.push({ action: 'take', target: sink, when: take }, { action: 'ignore', target: passing, when: ignore.when });
        if (this.isPlain && !isFirst) this.addStopOfFollowing(passing);
        else this.addStops(passing);
      }
      waiting.edges.push({ action: 'ignore', target: passing, when: ignore.when });
    }
    return waiting;
  }

  private loop(sink: State<E>, repetition: Repetition): State<E> {
    const stage = this.current;
    if (stage.kind === 'group') return this.groupLoop(stage, sink);
    const { until } = stage;
    const ignore = this.ignoreUntilNot(this.innerIgnoreRule(stage, repetition), until);
    const take = this.untilNot(this.takeCondition(stage), until);
    const goOn = this.groupCondition();
    const looping = this.state(stage.name, 'normal', this.ownWindow(stage));
    if (repetition.greedy) {
      if (until !== undefined) {
        const original = this.copyOf(sink);
        looping.edges.push({ action: 'proceed', target: original, when: both(goOn, until) });
        looping.edges.push({ action: 'proceed', target: sink, when: both(goOn, not(until)) });
        this.beforeGreedy.set(sink, original);
      } else looping.edges.push({ action: 'proceed', target: sink, when: goOn });
      this.narrowForGreedy(sink, this.takeCondition(stage));
    } else looping.edges.push({ action: 'proceed', target: sink, when: goOn });
    looping.edges.push({ action: 'take', target: looping, when: take });
    this.addStopOfFollowing(looping);
    if (ignore.kind === 'when') {
      const passing = this.state(stage.name, 'normal');
      passing.edges.push({ action: 'take', target: looping, when: take }, { action: 'ignore', target: passing, when: ignore.when });
      looping.edges.push({ action: 'ignore', target: passing, when: ignore.when });
      this.addStopOfFollowing(passing);
    }
    return looping;
  }

  /** Runs `build` with the stages of a group as the level under construction. */
  private within(group: StageGroup<E>, build: () => State<E>): State<E> {
    const outer = { level: this.level, at: this.at, group: this.group, following: this.following };
    this.level = group.stages;
    this.at = group.stages.length - 1;
    this.group = group;
    const entry = build();
    this.level = outer.level;
    this.at = outer.at;
    this.group = outer.group;
    this.following = outer.following;
    return entry;
  }

  private groupOnce(group: StageGroup<E>, sink: State<E>, proceed: State<E> | undefined, optional: boolean): State<E> {
    const goOn = this.groupCondition();
    return this.within(group, () => {
      const entry = this.convert(this.middle(sink));
      if (optional && proceed !== undefined) entry.edges.push({ action: 'proceed', target: proceed, when: goOn });
      return entry;
    });
  }

  private groupLoop(group: StageGroup<E>, sink: State<E>): State<E> {
    const goOn = this.groupCondition();
    const again = this.state('', 'normal');
    return this.within(group, () => {
      const entry = this.convert(this.middle(again));
      entry.edges.push({ action: 'proceed', target: sink, when: goOn });
      again.edges.push({ action: 'proceed', target: entry, when: goOn });
      return entry;
    });
  }

  private ownWindow(stage: Stage<E>): number | undefined {
    return stage.repetition?.withinPreviousMs ?? (stage.kind === 'stage' ? stage.withinPreviousMs : undefined);
  }

  private untilNot(condition: Condition<E> | undefined, until: Condition<E> | undefined): Condition<E> | undefined {
    return until === undefined ? condition : both(not(until), condition);
  }
  private ignoreUntilNot(rule: IgnoreRule<E>, until: Condition<E> | undefined): IgnoreRule<E> {
    return rule.kind === 'never' || until === undefined ? rule : { kind: 'when', when: both(not(until), rule.when) };
  }
  private groupCondition(): Condition<E> | undefined { return this.group?.until === undefined ? always() : not(this.group.until); }
  private takeCondition(stage: Stage<E>): Condition<E> | undefined {
    return this.untilNot(stage.kind === 'stage' ? stage.where : undefined, this.group?.until);
  }
  private ruleOf(contiguity: 'strict' | 'relaxed' | 'combinations', stage: Stage<E>): IgnoreRule<E> {
    if (contiguity === 'strict') return { kind: 'never' };
    const when = contiguity === 'combinations' ? undefined : not(stage.kind === 'stage' ? stage.where : undefined);
    return this.ignoreUntilNot({ kind: 'when', when }, this.group?.until);
  }
  private innerIgnoreRule(stage: Stage<E>, repetition: Repetition): IgnoreRule<E> {
    return this.ruleOf(this.isHeadOfGroup() ? this.group?.repetition?.inner ?? 'relaxed' : repetition.inner, stage);
  }
  private ignoreRule(stage: Stage<E>): IgnoreRule<E> {
    const outer = { begin: 'relaxed', next: 'strict', followedBy: 'relaxed', followedByAny: 'combinations', notNext: 'strict', notFollowedBy: 'relaxed' } as const;
    if (!this.isHeadOfGroup() || this.group === undefined) return this.ruleOf(stage.contiguity === 'begin' ? 'strict' : outer[stage.contiguity], stage);
    // The first stage of a group stands for the group: its contiguity at the first round, the inner one at later rounds.
    return this.ruleOf(this.inFirstRound ? (this.group.contiguity === 'begin' ? 'strict' : outer[this.group.contiguity]) : this.group.repetition?.inner ?? 'relaxed', stage);
  }
}

/** Where two readings of a pattern exist, which one is built. */
export interface CompileOptions {
  /**
   * `flink`: as Flink builds it, where some negations and greedy stages hold in some states of a repetition and not in others.
   * `plain`: a `notFollowedBy` holds from the last event of the stage before (a repeated one: from its first) up to the next
   * event taken, beside other negations too, and what fits a greedy stage is never left to what follows.
   */
  readonly negations: 'flink' | 'plain';
}

/** Compiles a pattern, or says everything that is wrong with it. */
export function compilePattern<E>(pattern: Pattern<E>, options: CompileOptions = { negations: 'flink' }): CompileResult<E> {
  const problems = checkPattern(pattern);
  if (problems.length > 0) return { ok: false, problems };
  const builder = new Builder(pattern, options.negations === 'plain');
  const start = builder.build();
  const names = (stages: readonly Stage<E>[]): readonly string[] => stages.flatMap((stage) => (stage.kind === 'stage' ? [stage.name] : names(stage.stages)));
  return { ok: true, automaton: { start, states: builder.states, withinMs: builder.withinMs, stageNames: names(pattern.stages) } };
}
