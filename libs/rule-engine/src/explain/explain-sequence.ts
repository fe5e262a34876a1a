import type { Alert, LogEvent, RuleExplanation } from '@weir/contracts';
import { isTrue } from '../interpret/aggregate.js';
import { evaluate, startEvaluation } from '../interpret/evaluate.js';
import type { Evaluation } from '../interpret/evaluate.js';
import type { EventHistory } from '../interpret/event-history.js';
import { KeyMatcher } from '../sequence/key-matcher.js';
import type { CompleteMatch } from '../sequence/key-matcher.js';
import { stepsTaken } from '../sequence/open-match.js';
import type { TakenLink } from '../sequence/open-match.js';
import { compileSequence } from '../sequence/sequence-program.js';
import type { SequenceProgram, SequenceRule } from '../sequence/sequence-program.js';
import { defaultMaxOpenMatches } from '../sequence/sequence-rules.js';
import { buildSequenceAlert, tellMatch } from './build-alert.js';
import type { Told } from './build-alert.js';
import { verdictOf } from './condition-verdict.js';
import type { ExplainOptions } from './explain-rule.js';
import { toldReason } from './reason.js';
import { describeProgress, endingBy, furthest, gone, isSeenBy, progressOf, successors, triedStep } from './sequence-progress.js';
import type { Match, Subject } from './sequence-progress.js';

export type SequencePart = Pick<RuleExplanation, 'outcome' | 'because' | 'alertIds' | 'verdict' | 'sequence' | 'reason'>;

/**
 * The sequence of one key, replayed by the engine's own matcher up to one event and on until it is clear what became of it;
 * remembered is how far matches came and what ended them. Events come in the order in which the engine evaluates them.
 */
export class ExplainedSequence {
  private readonly program: SequenceProgram;
  private readonly matcher: KeyMatcher<Told>;
  private readonly alerts: Alert[] = [];
  private evaluation: Evaluation;
  /** What came the furthest of all that ended before the event. */
  private ended: Subject | undefined;
  /** What became of the event. */
  private seen: { readonly subjects: readonly Subject[]; readonly tookEventAs: readonly string[]; readonly evaluation: Evaluation } | undefined;
  /** Events of matches that were completed before the event, by the event that completed them. */
  private readonly completions = new WeakMap<TakenLink, LogEvent>();
  /** The newest of them that began less than `within` before the event. */
  private completed: CompleteMatch<Told> | undefined;
  /** How the match that the event completed but for its absence ended. */
  private lateEnding: Subject | undefined;

  constructor(private readonly rule: SequenceRule, private readonly event: LogEvent, private readonly history: EventHistory, private readonly options: ExplainOptions) {
    const compile = (expr: Parameters<typeof evaluate>[0]) => (match: NonNullable<Evaluation['match']>): boolean => isTrue(evaluate(expr, { ...this.evaluation, match }));
    this.program = compileSequence(rule, compile);
    this.matcher = new KeyMatcher<Told>({
      program: this.program,
      tell: (last, instant) => tellMatch(rule, last, instant, { ...options, evidence: last.event.seq === event.seq ? 'full' : 'none' }, () => this.evaluation),
      maxOpen: options.maxOpenMatches ?? defaultMaxOpenMatches,
    });
    this.evaluation = this.evaluationOf(event);
  }

  /** The event has been evaluated, and no match that it completed waits for anything. */
  get isDecided(): boolean { return this.seen !== undefined && this.pending() === undefined; }

  /** The next event of the key. @param earliest no later event can be dated before this ts. @param seq of the entry applied. */
  offer(event: LogEvent, earliest: number, seq: number): void {
    this.evaluation = this.evaluationOf(event);
    const before = this.matcher.openMatches;
    const isAsked = event.seq === this.event.seq;
    // Asked before the matcher moves on; its conditions remember the event at hand.
    const asked = isAsked ? before.map((match) => ({ match, sees: isSeenBy(match, event, this.program), after: isSeenBy(match, event, this.program) ? successors(this.program, match, event) : [] })) : [];
    const complete = this.matcher.process(event, earliest);
    this.report(complete, seq);
    const isCut = this.matcher.takeGiven() > 0;
    if (isAsked) this.seen = this.look(asked);
    const endings = this.endingsOf(before, complete, event, isCut);
    if (!isAsked) this.remember(endings);
    this.rememberComplete(complete);
  }

  /** All events dated before `until` are in. */
  advance(until: number, seq: number): void {
    for (let at = this.matcher.nextDeadline(); at <= until && at !== Infinity; at = this.matcher.nextDeadline()) {
      const before = this.matcher.openMatches;
      const complete = this.matcher.expire(at);
      this.report(complete, seq);
      this.rememberComplete(complete);
      const left = gone(before, [...this.matcher.openMatches, ...this.matcher.heldMatches, ...complete]);
      this.remember(left.map((match) => ({ match, tookEvent: false, ended: { by: match.deadline <= at ? 'within' : 'skipped', at } })));
    }
  }

  result(): SequencePart {
    const { seen } = this;
    if (this.alerts.length > 0) return this.fired();
    if (seen === undefined) return { outcome: 'undecided', because: 'watermark', alertIds: [], ...this.closest(this.current()) };
    const pending = this.pending();
    if (pending !== undefined) return { outcome: 'undecided', because: pending.isHeld ? 'heldBack' : 'absence', alertIds: [], ...this.closest({ ...seen, subjects: [{ match: pending.match, tookEvent: true }] }) };
    // What a reported match took with it says less than that match itself.
    const ended = this.ended?.ended?.by === 'skipped' && this.completed !== undefined ? undefined : this.ended;
    const subjects = this.lateEnding === undefined ? [...seen.subjects, ...(ended === undefined ? [] : [ended])] : [this.lateEnding];
    return { outcome: 'notFired', alertIds: [], ...this.closest({ ...seen, subjects }) };
  }

  private evaluationOf(event: LogEvent): Evaluation { return startEvaluation(this.rule, this.history.evidenceFor(event, this.options)); }

  private report(complete: readonly CompleteMatch<Told>[], seq: number): void {
    for (const match of complete) {
      if (match.last.event.seq !== this.event.seq) continue;
      const alert = buildSequenceAlert({ rule: this.rule, mode: 'live' }, match, seq, { ...this.options, evidence: 'full' });
      if (!this.alerts.some(({ alertId }) => alertId === alert.alertId)) this.alerts.push(alert);
    }
  }

  private look(asked: readonly { readonly match: Match; readonly sees: boolean; readonly after: readonly Match[] }[]): NonNullable<typeof this.seen> {
    const took = new Set<string>();
    const subjects = asked.flatMap(({ match, sees, after }): readonly Subject[] => {
      const taking = after.filter(({ last }) => last?.event.seq === this.event.seq);
      for (const { last } of taking) if (last !== undefined) took.add(this.rule.body.steps[last.step]?.name ?? '');
      if (taking.length > 0) return taking.map((one) => ({ match: one, tookEvent: true }));
      return [{ match, tookEvent: false, ...(sees && after.length === 0 ? { ended: endingBy(this.program, match, this.event) } : {}) }];
    });
    return { subjects, tookEventAs: [...took], evaluation: this.evaluation };
  }

  /** Matches that this event ended, or that a match reported now took with it. */
  private endingsOf(before: readonly Match[], complete: readonly CompleteMatch<Told>[], event: LogEvent, isCut: boolean): readonly Subject[] {
    const left = gone(before, [...this.matcher.openMatches, ...this.matcher.heldMatches, ...complete]);
    return left.flatMap((match): readonly Subject[] => {
      if (isSeenBy(match, event, this.program) && successors(this.program, match, event).length === 0) return [{ match, tookEvent: false, ended: endingBy(this.program, match, event) }];
      if (isCut) return [{ match, tookEvent: false, ended: { by: 'bound' } }];
      // Otherwise another match does as well, or one that overlaps was reported.
      return this.program.afterMatch.kind.startsWith('skip') && complete.length > 0 ? [{ match, tookEvent: false, ended: { by: 'skipped' } }] : [];
    });
  }

  private remember(endings: readonly Subject[]): void {
    if (this.seen === undefined) {
      this.ended = furthest(this.rule.body, [...(this.ended === undefined ? [] : [this.ended]), ...endings.filter((ending) => this.mayMatter(ending))]);
      return;
    }
    for (const ending of endings) if (this.isOfEvent(ending.match.last)) this.lateEnding = { ...ending, tookEvent: true };
  }

  /** Matches that are complete before the event has been evaluated. */
  private rememberComplete(complete: readonly CompleteMatch<Told>[]): void {
    if (this.seen !== undefined) return;
    const { withinMs } = this.program;
    for (const match of complete) {
      for (let link: TakenLink | undefined = match.last; link !== undefined; link = link.before) this.completions.set(link, match.last.event);
      if (withinMs !== undefined && this.event.ts - match.first.ts < withinMs) this.completed = match;
    }
  }

  /** Which event before it completed the match that is told of; where none is under way, the newest that was completed. */
  private completedBy({ match: { last }, ended }: Subject): LogEvent | undefined {
    if (last === undefined) return this.completed?.last.event;
    return ended === undefined ? this.completions.get(last) : undefined;
  }

  /** Could it have had the event, or would have, had its time not run out less than `within` before? */
  private mayMatter({ match: { first }, ended }: Subject): boolean {
    const { withinMs } = this.program;
    return first !== undefined && withinMs !== undefined && this.event.ts - first.ts < (ended?.by === 'within' ? 2 : 1) * withinMs;
  }

  /** A match that took the event as its last one and waits: for an absence, or held back. */
  private pending(): { readonly match: Match; readonly isHeld: boolean } | undefined {
    const open = this.matcher.openMatches.find(({ last, state }) => this.isOfEvent(last) && this.program.waits[state.id] === true);
    if (open !== undefined) return { match: open, isHeld: false };
    const held = this.matcher.heldMatches.find(({ last }) => this.isOfEvent(last));
    return held === undefined ? undefined : { match: held, isHeld: true };
  }
  private isOfEvent(last: TakenLink | undefined): boolean { return last?.event.seq === this.event.seq; }

  /** The event waits for the watermark: matches as they are by now. */
  private current(): NonNullable<typeof this.seen> {
    return { subjects: this.matcher.openMatches.map((match) => ({ match, tookEvent: false })), tookEventAs: [], evaluation: this.evaluationOf(this.event) };
  }

  private closest({ subjects, tookEventAs, evaluation }: NonNullable<typeof this.seen>): Pick<SequencePart, 'sequence' | 'verdict'> {
    const subject = furthest(this.rule.body, preferringFits(this.rule.body, subjects));
    if (subject === undefined) return {};
    const sequence = describeProgress(this.program, { ...subject, completedBy: this.completedBy(subject) }, evaluation, tookEventAs, this.options.maxContributing);
    const { last } = subject.match;
    const taken = subject.tookEvent && last !== undefined ? this.takenVerdict(last, evaluation) : undefined;
    const verdict = taken ?? triedStep(sequence.next)?.verdict ?? sequence.next.find((one) => one.verdict !== undefined)?.verdict;
    return { sequence, ...(verdict === undefined ? {} : { verdict }) };
  }

  /** Of the step that took the event, asked before it took it. */
  private takenVerdict(last: TakenLink, evaluation: Evaluation): SequencePart['verdict'] {
    const { steps } = this.rule.body;
    return verdictOf({ ...evaluation, match: stepsTaken(steps, last.before), stepCondition: steps[last.step]?.where }, this.options.maxContributing);
  }

  private fired(): SequencePart {
    const [alert] = this.alerts;
    const subject = this.seen?.subjects.find(({ tookEvent }) => tookEvent);
    const evaluation = this.seen?.evaluation ?? this.evaluation;
    const taken = subject?.match.last === undefined ? undefined : this.takenVerdict(subject.match.last, evaluation);
    const { explanation } = alert ?? {};
    const steps = explanation?.steps ?? [];
    return {
      outcome: 'fired', ...(alert === undefined ? {} : { reason: toldReason(alert) }), alertIds: this.alerts.map(({ alertId }) => alertId),
      ...(explanation === undefined ? {} : { verdict: { explanation, comparisons: taken?.comparisons ?? [] } }),
      sequence: {
        stepsDone: steps.filter(({ noneSeen }) => noneSeen === undefined).length, stepsNeeded: steps.filter(({ noneSeen }) => noneSeen === undefined).length,
        steps: steps.map((step) => ({ ...step, state: step.noneSeen !== undefined ? 'clear' : step.count === 0 ? 'leftOut' : 'done' })),
        next: [], tookEventAs: [...(this.seen?.tookEventAs ?? [])],
      },
    };
  }
}

/** What ended long before matters only where it came further than all that is under way. */
function preferringFits(body: SequenceRule['body'], subjects: readonly Subject[]): readonly Subject[] {
  const living = subjects.filter(({ ended }) => ended === undefined);
  const best = Math.max(0, ...living.map(({ match }) => progressOf(body, match.last)));
  return subjects.filter(({ ended, match }) => ended === undefined || progressOf(body, match.last) > best);
}
