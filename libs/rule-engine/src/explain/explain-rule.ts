import type { LogEntry, LogEvent, RuleExplanation } from '@weir/contracts';
import type { TypedRule } from '@weir/rule-lang';
import type { EngineOptions } from '../engine.js';
import { startEvaluation } from '../interpret/evaluate.js';
import { EventHistory } from '../interpret/event-history.js';
import { isWindowRule } from '../interpret/window-rule.js';
import { byTimeAndSeq } from '../interpret/window-span.js';
import { keyText } from '../interpret/value.js';
import { isSequence } from '../sequence/sequence-program.js';
import { buildAlert, isWarm } from './build-alert.js';
import { verdictOf } from './condition-verdict.js';
import { entriesNeeded, isNeeded } from './entries-needed.js';
import type { EntryNeed } from './entries-needed.js';
import { ExplainedSequence } from './explain-sequence.js';
import { ExplainedWindows } from './explain-windows.js';
import { reasonOf, toldReason } from './reason.js';
import { summaryOf } from './summary.js';

export type ExplainOptions = Pick<EngineOptions, 'evaluation' | 'maxOutOfOrdernessMs' | 'retentionMs' | 'maxContributing' | 'historySince' | 'maxOpenMatches' | 'models'>;

/**
 * What a rule makes of one event of the log, fired or not: a fold over the log's entries, fed until {@link isDecided}.
 *
 * Nothing is evaluated in a way of its own: conditions go through the interpreter, sequences through the engine's matcher. An
 * alert is found exactly when the engine fires one for the event, in both evaluation modes.
 */
export class RuleExplainer {
  private readonly history = new EventHistory();
  private readonly needs: readonly EntryNeed[];
  private readonly sequence: ExplainedSequence | undefined;
  private readonly windows: ExplainedWindows | undefined;
  private readonly refusal: Pick<RuleExplanation, 'because' | 'missing'> | undefined;
  private seq = 0;
  private maxTs = 0;
  private hasEvent = false;
  private isOver = false;
  /** Watermark mode, sequences: events of the key that the watermark has not passed. */
  private waiting: LogEvent[] = [];

  /** @param event as it lies in the log. */
  constructor(private readonly rule: TypedRule, private readonly event: LogEvent, private readonly options: ExplainOptions) {
    this.refusal = refusalOf(rule, event);
    this.needs = entriesNeeded(rule, event);
    if (isSequence(rule)) this.sequence = new ExplainedSequence(rule, event, this.history, options);
    const inForce = { rule, mode: 'live' as const };
    if (isWindowRule(inForce)) this.windows = new ExplainedWindows(inForce.rule, event, options);
  }

  /** Nothing that comes later in the log changes the answer. */
  get isDecided(): boolean {
    if (this.refusal !== undefined) return true;
    if (!this.hasEvent) return false;
    if (this.event.late === true || this.isOver) return true;
    if (this.sequence !== undefined) return this.sequence.isDecided;
    if (this.windows !== undefined) return this.windows.isDecidedAt(this.watermark());
    return this.options.evaluation === 'arrival' || this.watermark() >= this.event.ts;
  }

  /**
   * The next entry, in seq order. May be left out: events that {@link entriesNeeded} does not name, and what lies further back than
   * {@link explainSpanMs} before the event; but event time has to move as in the log (a heartbeat in their place does it).
   */
  apply(entry: LogEntry): void {
    if (this.isDecided) return;
    this.seq = entry.seq;
    switch (entry.kind) {
      case 'event': this.applyEvent(entry); return;
      case 'list': this.history.change(entry); return;
      case 'heartbeat': this.moveTime(entry.ts); return;
      case 'rules': return;
    }
  }

  /** The log is a bounded input and this was its end: the watermark becomes infinite. */
  end(): void {
    if (this.isDecided) return;
    this.isOver = true;
    this.release(Infinity);
  }

  result(): RuleExplanation {
    const { rule, event, options } = this;
    const explanation = {
      version: 1 as const, rule: rule.id, ruleVersion: rule.version, title: rule.title, kind: rule.body.kind, evaluation: options.evaluation,
      event: { seq: event.seq, id: event.id, type: event.type, ts: event.ts, fields: event.fields, late: event.late === true },
      key: rule.by.flatMap((field) => {
        const value = event.fields[field];
        return value === undefined ? [] : [{ field, value }];
      }),
      warm: this.refusal !== undefined || isWarm(rule, event.ts, options.historySince),
      ...this.told(),
    };
    return { ...explanation, summary: summaryOf(rule, explanation) };
  }

  private told(): Omit<RuleExplanation, 'version' | 'rule' | 'ruleVersion' | 'title' | 'kind' | 'evaluation' | 'event' | 'key' | 'warm' | 'summary'> {
    if (this.refusal !== undefined) return { outcome: 'notEvaluated', alertIds: [], ...this.refusal };
    if (this.sequence !== undefined) return this.sequence.result();
    if (this.windows !== undefined) return this.windows.result(this.isOver ? Infinity : this.watermark(), this.seq);
    return this.condition();
  }

  private condition(): ReturnType<RuleExplainer['told']> {
    const { rule, event, options, seq } = this;
    const evidence = this.history.evidenceFor(event, options);
    const evaluation = startEvaluation(rule, evidence);
    const verdict = verdictOf(evaluation, options.maxContributing);
    if (!this.isDecided) return { outcome: 'undecided', because: 'watermark', alertIds: [], verdict };
    if (verdict.failed !== undefined) return { outcome: 'notFired', alertIds: [], verdict };
    const { alertId } = buildAlert({ inForce: { rule, mode: 'live' }, event, seq, options: { ...options, evidence: 'none' }, evidence: () => evidence });
    return { outcome: 'fired', alertIds: [alertId], verdict, reason: toldReason(reasonOf(evaluation)) };
  }

  private watermark(): number { return this.isOver ? Infinity : this.maxTs - this.options.maxOutOfOrdernessMs - 1; }

  private applyEvent(event: LogEvent): void {
    const isAsked = event.seq === this.event.seq;
    if (isAsked) this.hasEvent = true;
    if (event.late === true) return;
    const isOwn = this.isOwn(event);
    if (isOwn || isNeeded(event, this.needs)) this.history.add(event);
    if (isOwn) this.windows?.add(event);
    if (this.sequence !== undefined && isOwn && this.options.evaluation === 'watermark') this.waiting.push(event);
    this.moveTime(event.ts);
    if (this.sequence !== undefined && isOwn && this.options.evaluation === 'arrival') this.sequence.offer(event, this.watermark() + 1, this.seq);
  }

  /** Of the rule's types and of the event's key. */
  private isOwn(event: LogEvent): boolean {
    const { rule } = this;
    return rule.on.includes(event.type) && rule.by.every((name) => {
      const [own, wanted] = [event.fields[name], this.event.fields[name]];
      return own !== undefined && wanted !== undefined && keyText(own) === keyText(wanted);
    });
  }

  private moveTime(ts: number): void {
    this.maxTs = Math.max(this.maxTs, ts);
    this.release(this.watermark());
  }

  /** As the engine does: what waits for an instant before what waits for its turn at it. */
  private release(until: number): void {
    const { sequence } = this;
    if (sequence === undefined) return;
    const passed = this.waiting.filter(({ ts }) => ts <= until).sort(byTimeAndSeq);
    this.waiting = this.waiting.filter(({ ts }) => ts > until);
    for (const event of passed) {
      sequence.advance(event.ts, this.seq);
      sequence.offer(event, Infinity, this.seq);
    }
    sequence.advance(until + 1, this.seq);
  }
}

/** Why the rule does not evaluate the event at all. */
function refusalOf(rule: TypedRule, event: LogEvent): Pick<RuleExplanation, 'because' | 'missing'> | undefined {
  if (!rule.on.includes(event.type)) return { because: 'otherType' };
  const missing = rule.by.filter((name) => event.fields[name] === undefined);
  if (missing.length > 0) return { because: 'missingKey', missing };
  return event.late === true && !rule.isStateless ? { because: 'late' } : undefined;
}

/**
 * How far before the event the log has to be read, ms, so that nothing the rule looks at is left out: its longest span, of a
 * sequence once more its `within`, for matches that ran out of time before the event; and in a rule with skip strategies or
 * sessions, whose past has no bound, the retention.
 */
export function explainSpanMs(rule: TypedRule, { retentionMs, maxOutOfOrdernessMs }: Pick<EngineOptions, 'retentionMs' | 'maxOutOfOrdernessMs'>): number {
  const { body } = rule;
  const isUnbounded = (body.kind === 'window' && body.window.kind === 'session') || (body.kind === 'sequence' && body.afterMatch.kind.startsWith('skip'));
  const withinMs = body.kind === 'sequence' ? body.withinMs ?? 0 : 0;
  return (isUnbounded ? retentionMs : rule.longestSpanMs) + withinMs + maxOutOfOrdernessMs + 1;
}

/**
 * What a rule makes of one event, from the entries of the log in seq order: as many as {@link RuleExplainer.apply} asks for; more do no harm.
 * @param isEnded true: the entries are a bounded input, whose end decides what waits.
 */
export function explainRule(rule: TypedRule, event: LogEvent, entries: Iterable<LogEntry>, options: ExplainOptions, isEnded = false): RuleExplanation {
  const explainer = new RuleExplainer(rule, event, options);
  for (const entry of entries) {
    if (explainer.isDecided) break;
    explainer.apply(entry);
  }
  if (isEnded) explainer.end();
  return explainer.result();
}
