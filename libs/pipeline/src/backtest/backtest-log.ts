import type { Alert, BacktestJob } from '@weir/contracts';
import type { EngineDefinition, EngineOptions, RuleEngine } from '@weir/rule-engine';
import type { EventSchema, TypedRule } from '@weir/rule-lang';
import type { LogReader } from '@weir/stream-core';
import { historyOfLog, labelsOfLog, type LogRange } from './history-of-log.js';
import { runBacktest } from './run-backtest.js';

/** A backtest over a stretch of a log. */
interface LogBacktest {
  readonly log: LogReader;
  readonly schema: EventSchema;
  readonly rule: TypedRule;
  /** The version of the same rule that is live now, run along to compare. */
  readonly liveRule?: TypedRule | undefined;
  /** Counted are events of the last `days` * 24 h before the newest event of the log. */
  readonly days: number;
  /** Largest ts of the log, and the last entry to look at. */
  readonly toTs: number;
  readonly endSeq: number;
  readonly engineOptions: Partial<EngineOptions>;
  readonly makeEngine: (definition: EngineDefinition) => RuleEngine;
  readonly clock: () => number;
  readonly onProgress?: ((eventsDone: number, eventsTotal: number) => void | Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What it found, and over what time (epoch ms). */
export type LogBacktestResult = NonNullable<BacktestJob['result']> & { readonly fromTs: number; readonly toTs: number; readonly eventsDone: number };

const dayMs = 86_400_000;
const samplesKept = 20;
/** Until a rule has been handled 20 times, an alert is taken to cost this much of an analyst's time. */
const handlingMinutes = 6;

/**
 * Runs a rule over the last days of the event log, with full windows from the first counted event on.
 *
 * The newest alerts are kept as samples. Labels are those that the log holds by now, whenever they came.
 */
export async function backtestLog(run: LogBacktest): Promise<LogBacktestResult> {
  const fromTs = Math.max(1, run.toTs - run.days * dayMs + 1);
  const liveId = `${run.rule.id} live`;
  const rules = run.liveRule ? [run.rule, { ...run.liveRule, id: liveId }] : [run.rule];
  const maxOutOfOrdernessMs = run.engineOptions.maxOutOfOrdernessMs ?? 60_000;
  const range: LogRange = {
    fromTs, maxOutOfOrdernessMs, endSeq: run.endSeq,
    spanMs: Math.max(...rules.map((rule) => rule.longestSpanMs)),
    needsLists: rules.some((rule) => /\blist\s*\(/.test(rule.source)),
  };
  const labels = await labelsOfLog(run.log, range);
  const firstSeq = await run.log.seqAfterTs(Math.max(0, fromTs - 1));
  const total = Math.max(0, run.endSeq - firstSeq + 1);
  // A log younger than the range has no days before its first event.
  const firstTs = (await run.log.get(firstSeq))?.ts ?? fromTs;
  const perDay = emptyDays(Math.max(fromTs, firstTs), run.toTs);
  const samples: Alert[] = [];
  let done = 0;
  const report = await runBacktest({
    rules, schema: run.schema, combinations: [], makeEngine: run.makeEngine, clock: run.clock, signal: run.signal,
    options: { ...run.engineOptions, evidence: 'full', maxContributing: 1 },
    events: historyOfLog(run.log, range, labels),
    onProgress: (events) => {
      done = events;
      return run.onProgress?.(Math.min(events, total), total);
    },
    onAlert: (alert) => {
      if (alert.rule === liveId) return;
      const day = dayOf(alert.ts);
      perDay.set(day, (perDay.get(day) ?? 0) + 1);
      samples.push(alert);
      if (samples.length > samplesKept) samples.shift();
    },
  });
  const own = report.rules.filter(({ rule }) => rule !== liveId);
  const alerts = own[0]?.alerts ?? 0;
  return {
    fromTs, toTs: run.toTs, eventsDone: done,
    report: { ...report, rules: own },
    perDay: [...perDay].map(([day, count]) => ({ day, alerts: count })),
    ...(run.liveRule ? { liveAlerts: report.rules.find(({ rule }) => rule === liveId)?.alerts ?? 0 } : {}),
    analystHoursPerDay: alerts * handlingMinutes / 60 / Math.max(1, perDay.size),
    samples: samples.reverse().map((alert) => ({
      alertId: alert.alertId, ts: alert.ts, ...(alert.trigger === undefined ? {} : { eventId: alert.trigger.id }), reason: alert.reason, key: alert.key.map(({ value }) => String(value)).join(' / '),
      fraud: alert.trigger === undefined ? null : labels.get(alert.trigger.id) ?? null,
    })),
  };
}

/** Every UTC day of the range, so that a day without alerts is a zero and not a gap. */
function emptyDays(fromTs: number, toTs: number): Map<string, number> {
  const days = new Map<string, number>();
  for (let ts = fromTs; dayOf(ts) <= dayOf(toTs); ts += dayMs) days.set(dayOf(ts), 0);
  return days;
}

function dayOf(ts: number): string { return new Date(ts).toISOString().slice(0, 10); }
