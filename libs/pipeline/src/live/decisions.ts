import type { Action, Alert, Decision, IngestAnswer } from '@weir/contracts';
import type { IntakeItem } from '../intake/intake-item.js';
import type { DecisionAnswer } from './engine-worker.js';

export interface DecisionsOptions {
  readonly accept: (events: readonly IntakeItem[], channel: string) => Promise<readonly IngestAnswer[]>;
  readonly decide: (seq: number, budgetMs: number) => Promise<DecisionAnswer>;
  /** Answered when the budget runs out. */
  readonly defaultAction: Action;
  /** Monotonic, ms. */
  readonly clock: () => number;
}

export type InlineDecision = { readonly ok: true; readonly decision: Decision } | { readonly ok: false; readonly answer: Extract<IngestAnswer, { status: 'rejected' }> };

const strength: readonly Action[] = ['none', 'review', 'challenge', 'block'];

/** The strongest action and the sum of scores, up to 100, of the live alerts that the event itself triggered (rule-language §7). */
export function judge(alerts: readonly Alert[]): Pick<Decision, 'decision' | 'score' | 'alerts'> {
  const own = alerts.filter(({ mode, trigger, seq }) => mode === 'live' && trigger?.seq === seq);
  const strongest = Math.max(0, ...own.map(({ action }) => strength.indexOf(action)));
  return {
    decision: strength[strongest] ?? 'none',
    score: Math.min(100, own.reduce((sum, { score }) => sum + score, 0)),
    alerts: own.map(({ alertId, rule, title, severity, action, score, reason }) => ({ alertId, rule, title, severity, action, score, reason })),
  };
}

/**
 * The in-line decision: the event goes the way of every event, and its answer is given as soon as the engine has evaluated it.
 *
 * The budget covers everything, the wait for the disk included. When it runs out the default action is answered with
 * `reason: "timeout"`; the event is evaluated and alerted all the same. A repeat of an event is answered as the first time while
 * its alerts are remembered, else as a timeout.
 */
export function createDecisions(options: DecisionsOptions): { decide(event: IntakeItem, budgetMs: number): Promise<InlineDecision> } {
  return {
    async decide(event, budgetMs) {
      const started = options.clock();
      const tookMs = (): number => Math.round((options.clock() - started) * 1000) / 1000;
      const timedOut = (id: string, known: Partial<Decision>): InlineDecision => ({
        ok: true,
        decision: { id, decision: options.defaultAction, score: 0, alerts: [], late: false, duplicate: false, ...known, reason: 'timeout', tookMs: tookMs() },
      });
      const answers = await withinBudget(options.accept([event], 'decision'), budgetMs);
      if (answers === 'timeout') return timedOut(idOf(event), {});
      const [answer] = answers;
      if (answer === undefined) throw new Error('intake gave no answer for the event');
      if (answer.status === 'rejected') return { ok: false, answer };
      const { id, seq } = answer;
      const known = { seq, late: answer.status === 'late', duplicate: answer.status === 'duplicate' };
      const outcome = await options.decide(seq, Math.max(0, budgetMs - tookMs()));
      if (outcome.kind === 'timeout') return timedOut(id, known);
      return { ok: true, decision: { id, ...judge(outcome.alerts), ...known, tookMs: tookMs() } };
    },
  };
}

function withinBudget<T>(work: Promise<T>, budgetMs: number): Promise<T | 'timeout'> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve('timeout'), budgetMs);
    work.then((value) => { clearTimeout(timer); resolve(value); }, (error: unknown) => { clearTimeout(timer); reject(error instanceof Error ? error : new Error(String(error))); });
  });
}

/** The id as the sender wrote it; empty when the text is not an event. Only for an answer that could not wait for intake. */
function idOf(event: IntakeItem): string {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(event.raw));
    return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string' ? value.id : '';
  } catch {
    return ''; // intake will refuse it by name and keep it as a dead letter
  }
}
