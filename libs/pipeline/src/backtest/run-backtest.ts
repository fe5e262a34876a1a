import type { Alert, BacktestReport, LogEntry, LogEvent } from '@weir/contracts';
import { defaultEngineOptions, type EngineDefinition, type EngineOptions, type RuleEngine } from '@weir/rule-engine';
import type { EventSchema, TypedRule } from '@weir/rule-lang';
import { Tally, type Combination } from './tally.js';

/** One step of history. */
export interface HistoryItem {
  readonly entry: LogEntry;
  /** What the source says of the entry's event, where it says so beside the event. Rules never see it. */
  readonly isFraud?: boolean | undefined;
  /** What the entry, a label event of the source, says of another event. */
  readonly says?: { readonly eventId: string; readonly isFraud: boolean } | undefined;
  /** True: only builds up state. Not counted as an event, and alerts that it fires are dropped. */
  readonly warming?: boolean | undefined;
  /** True: made from another row (a label of its own date), so not counted among the events. */
  readonly derived?: boolean | undefined;
}

/** What a backtest plays: rules over a history. */
export interface BacktestRun {
  readonly rules: readonly TypedRule[];
  readonly schema: EventSchema;
  /** In seq order; batches of any size. */
  readonly events: AsyncIterable<readonly HistoryItem[]>;
  readonly combinations: readonly Combination[];
  readonly makeEngine: (definition: EngineDefinition) => RuleEngine;
  /** Monotonic clock in ms, for `tookMs` only. */
  readonly clock: () => number;
  readonly options?: Partial<EngineOptions> | undefined;
  /** Called after each batch with the events counted so far; may return a promise to slow the run down. */
  readonly onProgress?: ((events: number) => void | Promise<void>) | undefined;
  /** Called for each counted alert, in order; `isFraud` as far as known then. */
  readonly onAlert?: ((alert: Alert, isFraud: boolean | undefined) => void) | undefined;
  /** Called for each counted event, before the alerts that it sets off. */
  readonly onEvent?: ((event: LogEvent) => void) | undefined;
  /** Aborted: the run rejects with the signal's reason after the batch at hand. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs rules over history with the engine that also runs live, and counts.
 *
 * Evaluation is `arrival`, in the order given; evidence is off unless asked for. A labelled event is a true positive when the
 * alert's triggering event carries the label. `precision` and `recall` are null where nothing fired or nothing is labelled.
 * The end of the input is the end of time: absences and open windows fire.
 *
 * Memory: the engine's state and one reference per alert. Rejects when the source does.
 */
export async function runBacktest(run: BacktestRun): Promise<BacktestReport> {
  const started = run.clock();
  const tally = new Tally(run.rules.map((rule) => rule.id));
  const engine = run.makeEngine({
    schema: run.schema,
    rules: run.rules.map((rule) => ({ rule, mode: 'live' as const })),
    options: { ...defaultEngineOptions, evidence: 'none', ...run.options },
  });
  const count = (alerts: readonly Alert[]): void => {
    for (const alert of alerts) {
      tally.alert(alert);
      run.onAlert?.(alert, alert.trigger && tally.labelOf(alert.trigger.id));
    }
  };
  for await (const batch of run.events) {
    run.signal?.throwIfAborted();
    for (const item of batch) {
      if (item.isFraud !== undefined && item.entry.kind === 'event' && !item.warming) tally.label(item.entry.id, item.isFraud);
      if (item.says !== undefined && !item.warming) tally.label(item.says.eventId, item.says.isFraud);
      if (run.onEvent !== undefined && item.entry.kind === 'event' && !item.warming && !item.derived) run.onEvent(item.entry);
      const alerts = engine.apply(item.entry);
      if (item.warming) continue;
      if (item.entry.kind === 'event' && !item.derived) tally.countEvent();
      count(alerts);
    }
    await run.onProgress?.(tally.events);
  }
  run.signal?.throwIfAborted();
  count(engine.end());
  const tookMs = run.clock() - started;
  return {
    events: tally.events,
    positives: tally.positives(),
    tookMs: Math.round(tookMs),
    eventsPerSecond: Math.round(tally.events / Math.max(tookMs, 1) * 1000),
    rules: tally.rules(),
    combinations: tally.combinations(run.combinations),
  };
}
