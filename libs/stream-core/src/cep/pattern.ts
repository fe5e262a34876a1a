/**
 * Patterns as data. Vocabulary and meaning are those of Apache Flink CEP
 * (https://nightlies.apache.org/flink/flink-docs-stable/docs/libs/cep/), quirks included.
 *
 * A definition is immutable and shared by every key; conditions are functions of the event at hand and of what the
 * partial match has taken so far.
 */

/** What a condition may ask of the partial match it is evaluated for. */
export interface MatchView<E> {
  /** Events taken so far by the stage, in order; the event at hand is not among them. O(taken events). */
  taken(stage: string): readonly E[];
  /** Event time of the event at hand, epoch ms. */
  readonly ts: number;
}
/** True: the event fits. An exception ends the run of the matcher; conditions of rules never throw. */
export type Condition<E> = (event: E, match: MatchView<E>) => boolean;

/** How far the first event of a stage may lie from the event taken before it. The negated two take no event. */
export type StageContiguity = 'begin' | 'next' | 'followedBy' | 'followedByAny' | 'notNext' | 'notFollowedBy';
/** Between the events of one stage: as `followedBy`, as `next`, as `followedByAny`. */
export type InnerContiguity = 'relaxed' | 'strict' | 'combinations';

/** How often a stage is repeated, and what may lie between its events. */
export interface Repetition {
  /** At least 1; a stage that may be left out is `optional`. */
  readonly from: number;
  /** null: open-ended. */
  readonly to: number | null;
  readonly inner: InnerContiguity;
  readonly greedy: boolean;
  /** ms; Flink's window inside a repetition: hung on single automaton states (see the matcher's README section). */
  readonly withinPreviousMs?: number | undefined;
}

interface StageBase<E> {
  readonly contiguity: StageContiguity;
  readonly optional: boolean;
  /** Absent: exactly one event. */
  readonly repetition?: Repetition | undefined;
  /** Open-ended repetitions only: an event satisfying it is not taken and ends the repetition. */
  readonly until?: Condition<E> | undefined;
}
/** A stage of one event, or of as many as its repetition says. */
export interface SingleStage<E> extends StageBase<E> {
  readonly kind: 'stage';
  readonly name: string;
  /** Absent: every event fits. */
  readonly where?: Condition<E> | undefined;
  /** ms; a partial match waiting in this stage expires when time reaches its latest event + this. */
  readonly withinPreviousMs?: number | undefined;
}
/** A sequence of stages that is repeated or left out as one. */
export interface StageGroup<E> extends StageBase<E> {
  readonly kind: 'group';
  readonly stages: readonly Stage<E>[];
}
/** One step of a pattern. */
export type Stage<E> = SingleStage<E> | StageGroup<E>;

/** What happens to other matches once one is reported. */
export type AfterMatchStrategy =
  | { readonly kind: 'noSkip' | 'skipToNext' | 'skipPastLastEvent' }
  | { readonly kind: 'skipToFirst' | 'skipToLast'; readonly stage: string; readonly failIfMissing: boolean };

/** A pattern over the events of one key. */
export interface Pattern<E> {
  readonly stages: readonly Stage<E>[];
  /** ms; first to last event strictly less than this apart. Absent or 0: no limit. */
  readonly withinMs?: number | undefined;
  readonly afterMatch: AfterMatchStrategy;
}

/** Why a pattern is refused. */
export interface PatternProblem { readonly code: PatternProblemCode; readonly message: string }
/** The closed list of what {@link checkPattern} finds. */
export type PatternProblemCode =
  | 'empty' | 'first-stage' | 'duplicate-name' | 'bad-times' | 'bad-window' | 'until-without-loop' | 'optional-negation' | 'repeated-negation' | 'negation-after-optional'
  | 'negation-last' | 'greedy-single' | 'greedy-combinations' | 'greedy-group' | 'skip-target' | 'inner-window-too-long';

const isNegated = (contiguity: StageContiguity): boolean => contiguity === 'notNext' || contiguity === 'notFollowedBy';

function* namesOf<E>(stages: readonly Stage<E>[]): Generator<string> {
  for (const stage of stages) {
    if (stage.kind === 'stage') yield stage.name;
    else yield* namesOf(stage.stages);
  }
}

function* checkStage<E>(stage: Stage<E>, before: Stage<E> | undefined): Generator<PatternProblem> {
  const label = stage.kind === 'stage' ? stage.name : 'group';
  const { repetition } = stage;
  if (repetition !== undefined) {
    if (!Number.isInteger(repetition.from) || repetition.from < 1) yield { code: 'bad-times', message: `${label}: repeated ${repetition.from} times; at least 1 is needed` };
    if (repetition.to !== null && repetition.to < repetition.from) yield { code: 'bad-times', message: `${label}: at most ${repetition.to} is less than at least ${repetition.from}` };
    if (repetition.withinPreviousMs !== undefined && repetition.withinPreviousMs <= 0) yield { code: 'bad-window', message: `${label}: a window must be longer than 0 ms` };
    if (repetition.greedy && repetition.inner === 'combinations') yield { code: 'greedy-combinations', message: `${label}: greedy and combinations exclude each other` };
    if (repetition.greedy && stage.kind === 'group') yield { code: 'greedy-group', message: 'a group cannot be greedy' };
  }
  if (stage.until !== undefined && (repetition === undefined || repetition.to !== null)) yield { code: 'until-without-loop', message: `${label}: until applies to an open-ended repetition only` };
  if (isNegated(stage.contiguity)) {
    if (stage.optional) yield { code: 'optional-negation', message: `${label}: a negated stage cannot be optional` };
    if (repetition !== undefined) yield { code: 'repeated-negation', message: `${label}: a negated stage cannot be repeated` };
    if (before?.optional === true) yield { code: 'negation-after-optional', message: `${label}: a negated stage right after an optional one is not supported` };
  }
  if (stage.kind === 'group') yield* checkStages(stage.stages);
}

function* checkStages<E>(stages: readonly Stage<E>[]): Generator<PatternProblem> {
  const [first] = stages;
  if (first === undefined) {
    yield { code: 'empty', message: 'a pattern needs a stage' };
    return;
  }
  for (const [index, stage] of stages.entries()) {
    if ((stage.contiguity === 'begin') !== (index === 0)) yield { code: 'first-stage', message: 'the first stage begins, and only the first' };
    yield* checkStage(stage, stages[index - 1]);
  }
}

/** Everything that is wrong with a pattern; empty when it can be compiled. */
export function checkPattern<E>(pattern: Pattern<E>): readonly PatternProblem[] {
  const problems = [...checkStages(pattern.stages)];
  const seen = new Set<string>();
  for (const name of namesOf(pattern.stages)) {
    if (seen.has(name)) problems.push({ code: 'duplicate-name', message: `two stages are called ${name}` });
    seen.add(name);
  }
  const last = pattern.stages.at(-1);
  const withinMs = pattern.withinMs ?? 0;
  if (withinMs < 0) problems.push({ code: 'bad-window', message: 'a window must be longer than 0 ms' });
  if (last?.kind === 'stage' && last.contiguity === 'notFollowedBy' && withinMs === 0 && last.withinPreviousMs === undefined) {
    problems.push({ code: 'negation-last', message: `${last.name}: notFollowedBy as the last stage needs a window` });
  }
  for (const stage of pattern.stages) {
    const innerMs = stage.kind === 'stage' ? stage.withinPreviousMs ?? stage.repetition?.withinPreviousMs : undefined;
    if (innerMs !== undefined && withinMs > 0 && innerMs > withinMs) problems.push({ code: 'inner-window-too-long', message: 'the window between two events is longer than that of the whole pattern' });
  }
  const { afterMatch } = pattern;
  if ('stage' in afterMatch && !seen.has(afterMatch.stage)) problems.push({ code: 'skip-target', message: `there is no stage ${afterMatch.stage} to skip to` });
  return problems;
}
