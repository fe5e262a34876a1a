import type { BacktestJob } from '@weir/contracts';

export interface PreviewFigures {
  readonly alerts: number;
  readonly perDay: number;
  /** The version that is live now, over the same period; absent for a new rule. */
  readonly livePerDay?: number | undefined;
  readonly caught: number;
  readonly frauds: number;
  readonly hoursPerDay: number;
  readonly days: ReadonlyArray<{ readonly day: string; readonly alerts: number }>;
}

/** What a finished job says about the text, in the units of the panel; `undefined` until it is done. */
export function previewFigures(job: BacktestJob | undefined): PreviewFigures | undefined {
  const result = job?.result;
  if (!job || job.status !== 'done' || !result) return undefined;
  const [rule] = result.report.rules;
  const days = coveredDays(job);
  return {
    alerts: rule?.alerts ?? 0, perDay: (rule?.alerts ?? 0) / days, ...(result.liveAlerts === undefined ? {} : { livePerDay: result.liveAlerts / days }),
    caught: rule?.truePositives ?? 0, frauds: result.report.positives, hoursPerDay: result.analystHoursPerDay, days: result.perDay,
  };
}

/** Days that the log really covered: asked for 30 but filled for two hours, two hours count; never less than one hour, so that rates stay readable. */
function coveredDays(job: BacktestJob): number {
  const covered = job.fromTs !== undefined && job.toTs !== undefined ? (job.toTs - job.fromTs) / 86_400_000 : job.days;
  return Math.max(1 / 24, Math.min(job.days, covered));
}

/** `41 -> 33`, or the new number alone. One digit below ten. */
export function changeText(before: number | undefined, after: number): string {
  const write = (n: number): string => (n < 10 && !Number.isInteger(n) ? n.toFixed(1) : Math.round(n).toLocaleString('en-GB'));
  return before === undefined ? write(after) : `${write(before)} → ${write(after)}`;
}

/** How far a running job is, whole percent. */
export function progressOf(job: BacktestJob): number {
  return job.eventsTotal === 0 ? 0 : Math.min(100, Math.floor((100 * job.eventsDone) / job.eventsTotal));
}
