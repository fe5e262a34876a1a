import { actionGapAtOnePerSecondMs, localHour, unfold, wakefulness } from './traffic.js';
import type { TrafficEvent } from './traffic-event.js';

const dayMs = 86_400_000;
/** 2026-01-05T00:00:00Z, a Monday. */
const defaultStartTs = 1_767_571_200_000;

/** Whose history, and from when on; how much of it is fraud. */
export interface MonthOptions {
  /** Default 2026-01-05T00:00:00Z. */
  readonly startTs?: number;
  /** Default: a third of `eventsPerDay`, so about three events a day each. */
  readonly customers?: number;
  /** Default 0.012. */
  readonly fraudShare?: number;
}

/**
 * History for backtests: `days` days of about `eventsPerDay` events at their true pace, busy by day and quiet by night, with
 * labels that arrive one to fourteen days after the fraud (later ones than the last day are not yet known, so not there).
 * In order of ts; yields as it goes, so a year needs no more memory than what is still to happen. The same arguments give
 * the same events.
 */
export function* createMonth(seed: string, days: number, eventsPerDay: number, options: MonthOptions = {}): Generator<TrafficEvent, void, undefined> {
  const startTs = options.startTs ?? defaultStartTs;
  const ratePerSecond = eventsPerDay / 86_400;
  const traffic = unfold({
    seed, startTs, ratePerSecond, opening: false,
    customers: options.customers ?? Math.max(300, Math.round(eventsPerDay / 3)),
    ...(options.fraudShare === undefined ? {} : { fraudShare: options.fraudShare }),
  }, {
    pace: 'history',
    actionGapMs: (ts) => actionGapAtOnePerSecondMs / (ratePerSecond * activity(ts)),
    isAwake: (utcHours, peakHour, ts, random) => random.chance(wakefulness(localHour(ts, utcHours), peakHour)),
    labelDelayMs: (random) => Math.round(Math.min(14, 1 + random.exponential(4)) * dayMs),
  });
  const endTs = startTs + days * dayMs;
  for (let ts = startTs; ts < endTs; ts += dayMs / 24) yield* traffic.next(Math.min(endTs, ts + dayMs / 24) - 1);
}

/** Activity of a whole country by hour, mean 1 over a day: 0.25 at four in the morning, 1.75 at four in the afternoon. */
function activity(ts: number): number {
  return 1 - 0.75 * Math.cos(((localHour(ts, 0) - 4) / 24) * 2 * Math.PI);
}
