import type { ConditionVerdict, LogEvent, RuleExplanation, WindowVerdict } from '@weir/contracts';
import { startEvaluation } from '../interpret/evaluate.js';
import { EventHistory } from '../interpret/event-history.js';
import { closedWindows, evidenceForWindow } from '../interpret/window-rule.js';
import type { RuleWindow, WindowRule } from '../interpret/window-rule.js';
import { buildWindowAlert } from './build-alert.js';
import { nearestOf, verdictOf } from './condition-verdict.js';
import type { ExplainOptions } from './explain-rule.js';
import { reasonOf, toldReason } from './reason.js';

export type WindowsPart = Pick<RuleExplanation, 'outcome' | 'because' | 'alertIds' | 'verdict' | 'windows' | 'reason'>;

/** The windows of a window rule that hold one event, as they are when the watermark has passed their end. */
export class ExplainedWindows {
  /** Of the event's key; of aligned windows only what can lie in one with it. */
  private readonly events: LogEvent[] = [];
  private readonly inForce: WindowRule;

  constructor(private readonly rule: WindowRule['rule'], private readonly event: LogEvent, private readonly options: ExplainOptions) {
    this.inForce = { rule, mode: 'live' };
  }

  /** An event in time of the rule's types and the event's key. */
  add(event: LogEvent): void {
    const { window } = this.rule.body;
    if (window.kind === 'session' || Math.abs(event.ts - this.event.ts) < window.sizeMs) this.events.push(event);
  }

  /** No event can come any more for a window that holds the event. @param watermark every event still to come is dated after it. */
  isDecidedAt(watermark: number): boolean {
    const { window } = this.rule.body;
    if (window.kind !== 'session') {
      const everyMs = window.kind === 'hop' ? window.everyMs : window.sizeMs;
      return Math.floor(this.event.ts / everyMs) * everyMs + window.sizeMs - 1 <= watermark;
    }
    return this.event.ts + window.gapMs - 1 <= watermark && Math.max(0, ...this.holding().map(({ end }) => end)) - 1 <= watermark;
  }

  result(watermark: number, seq: number): WindowsPart {
    const windows = this.holding().map((window) => this.verdictOn(window, watermark, seq));
    const fired = windows.find(({ shown }) => shown.state === 'fired');
    const open = windows.find(({ shown }) => shown.state === 'open');
    const told = fired ?? nearest(windows);
    return {
      outcome: fired !== undefined ? 'fired' : open === undefined ? 'notFired' : 'undecided',
      ...(fired === undefined && open !== undefined ? { because: 'window' as const } : {}),
      alertIds: windows.flatMap(({ shown }) => shown.alertId ?? []),
      ...(told === undefined ? {} : { verdict: told.shown.verdict }),
      windows: windows.map(({ shown }) => shown),
      ...(fired === undefined ? {} : { reason: fired.reason }),
    };
  }

  private holding(): readonly RuleWindow[] {
    return closedWindows([this.inForce], new EventHistory(this.events), -Infinity, Infinity).filter(({ start, end }) => start <= this.event.ts && this.event.ts < end);
  }

  private verdictOn(window: RuleWindow, watermark: number, seq: number): { readonly shown: WindowVerdict; readonly reason: NonNullable<RuleExplanation['reason']> } {
    const { start, end, inForce } = window;
    const { options } = this;
    const evidence = evidenceForWindow(window, options.retentionMs);
    const evaluation = startEvaluation(this.rule, evidence);
    const verdict = verdictOf(evaluation, options.maxContributing);
    const state = end - 1 > watermark ? 'open' : verdict.failed === undefined ? 'fired' : 'notFired';
    const alertId = state === 'fired' ? buildWindowAlert({ inForce, start, end, seq, options: { ...options, evidence: 'none' }, evidence }).alertId : undefined;
    return { shown: { start, end, state, ...(alertId === undefined ? {} : { alertId }), verdict }, reason: toldReason(reasonOf(evaluation)) };
  }
}

/** Of windows that did not fire: where the later condition failed, then where the failing one was nearer to turning. */
function nearest<T extends { readonly shown: WindowVerdict }>(windows: readonly T[]): T | undefined {
  return windows.reduce<T | undefined>((best, one) => (best === undefined || nearness(one.shown.verdict, best.shown.verdict) > 0 ? one : best), undefined);
}
function nearness(a: ConditionVerdict, b: ConditionVerdict): number {
  const failed = (verdict: ConditionVerdict): number => verdict.failed?.index ?? Infinity;
  if (failed(a) !== failed(b)) return failed(a) - failed(b);
  return distance(b) - distance(a);
}
function distance({ comparisons, failed }: ConditionVerdict): number {
  return nearestOf(comparisons.filter(({ condition }) => condition === failed?.index))?.turn?.relative ?? Infinity;
}
