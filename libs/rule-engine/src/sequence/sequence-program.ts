import type { LogEvent } from '@weir/contracts';
import type { AfterMatch, TypedExpr, TypedRule, TypedStep } from '@weir/rule-lang';
import { sha256Hex, walkTyped } from '@weir/rule-lang';
import { compilePattern } from '@weir/stream-core';
import type { AfterMatchStrategy, Automaton, Condition, MatchView, Stage, State } from '@weir/stream-core';

export type SequenceBody = Extract<TypedRule['body'], { kind: 'sequence' }>;
export type SequenceRule = TypedRule & { readonly body: SequenceBody };
export function isSequence(rule: TypedRule): rule is SequenceRule { return rule.body.kind === 'sequence'; }

/**
 * The port to the evaluator of an engine: a step's `where` or `until` as a function of the candidate event, which the
 * evaluator already holds, and of what the match has taken. Only true counts: unknown is false here.
 */
export type CompileCondition = (expr: TypedExpr) => (match: MatchView<LogEvent>) => boolean;

/** A sequence rule made ready to run: shared by all keys. Immutable but for what conditions remember of the event at hand. */
export interface SequenceProgram {
  readonly rule: SequenceRule;
  readonly automaton: Automaton<LogEvent>;
  /** Names the automaton's states and edges: matches under way are stored by state, and hold for this shape only. */
  readonly shape: string;
  readonly afterMatch: AfterMatch;
  /** ms; undefined: no limit, since the match takes one event. */
  readonly withinMs: number | undefined;
  readonly stepIndex: ReadonlyMap<string, number>;
  /** By index of the step: ms after the event taken before, exclusive. */
  readonly stepWithinMs: readonly (number | undefined)[];
  /** By id of the state: a match there has all its events and waits for the absence at its end. */
  readonly waits: readonly boolean[];
  /** ms after the last event: the absence's own limit. */
  readonly absenceMs: number | undefined;
  /** By id of the state: the longest that a match there can wait for its next event, undefined without such a limit. */
  readonly patienceMs: readonly (number | undefined)[];
  /** Conditions look at the candidate and its windows only, and the rule wants each end once: a later start can do all that an earlier one can. */
  readonly latestStartDecides: boolean;
  readonly hasStepWithin: boolean;
}

/** @throws TypeError when the rule's pattern is one that the checker refuses. */
export function compileSequence(rule: SequenceRule, compile: CompileCondition): SequenceProgram {
  const { body } = rule;
  const stages = body.steps.map((step, index) => stageOf(rule, step, index === body.steps.length - 1, compile));
  const result = compilePattern({ stages, afterMatch: strategyOf(body.afterMatch), ...(body.withinMs === undefined ? {} : { withinMs: body.withinMs }) }, { negations: 'plain' });
  if (!result.ok) throw new TypeError(`rule ${rule.id}: ${result.problems.map(({ message }) => message).join('; ')}`);
  const stepIndex = new Map(body.steps.map(({ name }, index) => [name, index]));
  const stepWithinMs = body.steps.map(({ withinMs }) => withinMs);
  return {
    rule,
    automaton: result.automaton,
    shape: shapeOf(result.automaton),
    afterMatch: body.afterMatch,
    withinMs: body.withinMs,
    stepIndex,
    stepWithinMs,
    waits: result.automaton.states.map((state) => waitsForAbsence(state)),
    absenceMs: body.steps.at(-1)?.contiguity === 'notFollowedBy' ? body.steps.at(-1)?.withinMs : undefined,
    patienceMs: result.automaton.states.map((state) => patienceOf(state, stepIndex, stepWithinMs)),
    latestStartDecides: body.afterMatch.kind === 'eachEnd' && !body.steps.some(looksAtSteps),
    hasStepWithin: body.steps.some((step) => !isNegative(step) && step.withinMs !== undefined),
  };
}

export function isNegative({ contiguity }: Pick<TypedStep, 'contiguity'>): boolean { return contiguity === 'notNext' || contiguity === 'notFollowedBy'; }

/** The steps that may take the first event: the first one, and while those before may be left out the next. */
export function beginnings({ steps }: SequenceBody): readonly TypedStep[] {
  const needed = steps.findIndex((step) => !step.optional);
  return needed < 0 ? steps : steps.slice(0, needed + 1);
}

/** How other matches fare once one is reported; `eachEnd` wants every match and chooses among those of one end. */
export function strategyOf(afterMatch: AfterMatch): AfterMatchStrategy {
  switch (afterMatch.kind) {
    case 'eachEnd': return { kind: 'noSkip' };
    case 'skipToFirst': case 'skipToLast': return { kind: afterMatch.kind, stage: afterMatch.step, failIfMissing: false };
    default: return { kind: afterMatch.kind };
  }
}

function stageOf(rule: SequenceRule, step: TypedStep, isLast: boolean, compile: CompileCondition): Stage<LogEvent> {
  const { times } = step;
  const where = conditionOf(step.where, step.on, rule, compile);
  const until = step.until === undefined ? undefined : conditionOf(step.until, rule.on, rule, compile);
  const isOnce = times.from === 1 && times.to === 1;
  // A step's own `within` is checked as events are taken; only an absence without a limit of the whole needs it here.
  const ownLimit = isLast && isNegative(step) && rule.body.withinMs === undefined ? step.withinMs : undefined;
  return {
    kind: 'stage', name: step.name, contiguity: step.contiguity, optional: step.optional,
    ...(where === undefined ? {} : { where }),
    ...(until === undefined ? {} : { until }),
    ...(isOnce ? {} : { repetition: { from: times.from, to: times.to, inner: step.inner, greedy: step.greedy } }),
    ...(ownLimit === undefined ? {} : { withinPreviousMs: ownLimit }),
  };
}

/** Of an event that the sequence sees: is it of the step's types, and is the condition true? Undefined: always. */
function conditionOf(expr: TypedExpr | undefined, on: readonly string[], rule: SequenceRule, compile: CompileCondition): Condition<LogEvent> | undefined {
  const types = rule.on.every((type) => on.includes(type)) ? undefined : new Set(on);
  if (expr === undefined) return types === undefined ? undefined : ({ type }) => types.has(type);
  const isTrue = namesSteps(expr) ? compile(expr) : oncePerEvent(compile(expr));
  return types === undefined ? (event, match) => isTrue(match, event) : (event, match) => types.has(event.type) && isTrue(match, event);
}

/** A condition that looks at the candidate only has one answer for all matches. */
function oncePerEvent(condition: (match: MatchView<LogEvent>) => boolean): (match: MatchView<LogEvent>, event: LogEvent) => boolean {
  let known: LogEvent | undefined;
  let answer = false;
  return (match, event) => {
    if (event !== known) {
      answer = condition(match);
      known = event;
    }
    return answer;
  };
}

/** Does a condition look at what earlier steps have taken? */
export function namesSteps(expr: TypedExpr): boolean {
  let isFound = false;
  walkTyped(expr, ({ kind }) => { if (kind === 'step' || kind === 'stepAggregate') isFound = true; });
  return isFound;
}
function looksAtSteps({ where, until }: TypedStep): boolean { return [where, until].some((expr) => expr !== undefined && namesSteps(expr)); }

/** May a step take an event at `ts` after the first event of the match and the one that it took last? */
export function isInTime({ withinMs, stepWithinMs }: Pick<SequenceProgram, 'withinMs' | 'stepWithinMs'>, firstTs: number, lastTs: number, step: number, ts: number): boolean {
  const own = stepWithinMs[step];
  return (withinMs === undefined || ts - firstTs < withinMs) && (own === undefined || ts - lastTs < own);
}

/** When the time of a match in a state is over: by `within` of the whole, by the absence's own, or by that of every step it may go on with. */
export function deadlineOf(program: SequenceProgram, state: State<LogEvent>, first: LogEvent, last: LogEvent): number { return deadlineAfter(program, state, first.ts, last.ts); }

/** The same by the ts of the first event and of the last. */
export function deadlineAfter({ withinMs, absenceMs, patienceMs, waits }: SequenceProgram, { id }: State<LogEvent>, firstTs: number, lastTs: number): number {
  const whole = withinMs === undefined ? Infinity : firstTs + withinMs;
  const ownMs = waits[id] === true ? absenceMs : patienceMs[id];
  return ownMs === undefined ? whole : Math.min(whole, lastTs + ownMs);
}

function shapeOf({ states }: Automaton<LogEvent>): string {
  return sha256Hex(states.map(({ stage, kind, edges }) => `${stage} ${kind} ${edges.map(({ action, target }) => `${action} ${target.id}`).join(', ')}`).join('\n')).slice(0, 16);
}

/** The pending state, or a `notNext` right before it: of the next event, if one comes at all, both are asked. */
function waitsForAbsence(state: State<LogEvent>): boolean {
  if (state.kind === 'pending') return true;
  const isNotNext = state.kind === 'normal' && state.edges.every(({ action }) => action === 'proceed');
  return isNotNext && state.edges.some(({ target }) => target !== state && target.kind !== 'stop' && waitsForAbsence(target));
}

/** Over all events that a match in this state may take next: the longest `within` of their steps. */
function patienceOf(from: State<LogEvent>, stepIndex: ReadonlyMap<string, number>, stepWithinMs: readonly (number | undefined)[]): number | undefined {
  const seen = new Set<State<LogEvent>>([from]);
  let longest: number | undefined;
  for (const state of seen) {
    for (const { action, target } of state.edges) {
      if (action !== 'take') seen.add(target);
      else if (state.kind !== 'stop') {
        const ms = stepWithinMs[stepIndex.get(state.stage) ?? -1];
        if (ms === undefined) return undefined;
        longest = Math.max(longest ?? 0, ms);
      }
    }
  }
  return longest;
}
