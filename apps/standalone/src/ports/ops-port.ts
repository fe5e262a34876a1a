import type { OpsSnapshot } from '@weir/contracts';
import type { EventLog } from '@weir/connectors';
import { stateTooLargeAdvice, type EngineProblem, type EngineWorker, type Intake } from '@weir/pipeline';
import type { OpsPort } from '@weir/server';
import { EventMinutes } from './event-minutes.js';
import { problemShownMs, standingProblems } from './standing-problems.js';

/** Whose figures the operations page shows. */
export interface OpsPortOptions {
  readonly intake: Intake;
  readonly log: EventLog;
  readonly engine: EngineWorker;
  readonly maxLagEvents: number;
  /** The intake's: a source that has sent nothing for so long holds nobody back. */
  readonly sourceIdleAfterMs: number;
  /** When the first event of the log was accepted; unknown on an empty log. */
  readonly since: () => number | undefined;
  readonly now: () => number;
}

type Problem = OpsSnapshot['problems'][number];

const rateOverMs = 5_000;
const sampleEveryMs = 1_000;

/** The pipeline's own figures for the ops page, /metrics and the overview. Call `stop` to end its once-a-second sampling. */
export function opsPort(options: OpsPortOptions): OpsPort & { stop(): void } {
  const minutes = new EventMinutes();
  const samples: { readonly at: number; readonly total: number }[] = [];
  const standing = new Map<string, number>();
  const sample = (): void => {
    const total = acceptedTotal(options.intake);
    minutes.update(total, options.now());
    samples.push({ at: options.now(), total });
    while ((samples[0]?.at ?? 0) < options.now() - rateOverMs) samples.shift();
  };
  const sampling = setInterval(sample, sampleEveryMs);
  sampling.unref();
  return {
    snapshot: () => snapshot(options, ratePerSecond(samples), standing),
    minutes: () => { sample(); return minutes.list(); },
    since: options.since,
    stop: () => clearInterval(sampling),
  };
}

function acceptedTotal(intake: Intake): number {
  const { accepted, late } = intake.counters();
  return accepted + late;
}

function ratePerSecond(samples: readonly { readonly at: number; readonly total: number }[]): number {
  const [first] = samples;
  const last = samples.at(-1);
  if (!first || !last || last.at === first.at) return 0;
  return Math.round((last.total - first.total) / (last.at - first.at) * 10_000) / 10;
}

function snapshot(options: OpsPortOptions, eventsPerSecond: number, standing: Map<string, number>): Omit<OpsSnapshot, 'feed'> {
  const counters = options.intake.counters();
  const status = options.intake.status();
  const log = options.log.stats();
  const engine = options.engine.stats();
  const now = options.now();
  return {
    at: now, eventsPerSecond, acceptedTotal: counters.accepted, lateTotal: counters.late, duplicateTotal: counters.duplicate,
    deadLetterTotal: counters.rejected, alertsTotal: engine.host?.alerts ?? 0, unknownFieldTotal: counters.unknownFields,
    log: { lastSeq: log.lastSeq, firstSeq: log.firstSeq, bytes: log.bytes, segments: log.segments },
    engine: {
      seq: engine.evaluatedSeq, lagEvents: engine.lagEvents, lagSeconds: engine.lagSeconds,
      ...(status.maxTs > 1 ? { watermark: Math.max(1, status.watermark), watermarkDelayMs: Math.max(0, now - status.watermark) } : {}),
      keys: engine.host?.keys ?? 0, windowEvents: engine.host?.windowEvents ?? 0, stateBytes: engine.host?.stateBytes ?? 0,
      ...(engine.host?.memoryBytes === undefined ? {} : { memoryBytes: engine.host.memoryBytes, memoryLimitBytes: engine.host.memoryLimitBytes }),
      openMatches: engine.host?.openMatches ?? 0, givenUpMatches: engine.host?.givenUpMatches ?? 0, rules: engine.host?.rules ?? 0,
      evalNsP50: engine.host?.evalNsP50 ?? 0, evalNsP99: engine.host?.evalNsP99 ?? 0, state: engine.state,
      ...(engine.problem === undefined ? {} : { problem: engine.problem }),
    },
    ...(engine.host?.ruleSetSwitch === undefined ? {} : { release: engine.host.ruleSetSwitch }),
    checkpoint: {
      failures: engine.checkpoint.failures,
      ...(engine.checkpoint.lastAt === undefined ? {} : { lastAt: engine.checkpoint.lastAt }),
      ...(engine.checkpoint.seq === undefined ? {} : { seq: engine.checkpoint.seq }),
      ...(engine.checkpoint.tookMs === undefined ? {} : { tookMs: engine.checkpoint.tookMs }),
      ...(engine.checkpoint.bytes === undefined ? {} : { bytes: engine.checkpoint.bytes }),
      ...(engine.checkpoint.worstStallMs === undefined ? {} : { worstStallMs: engine.checkpoint.worstStallMs }),
    },
    sources: { known: status.sources.length, idle: status.sources.filter(({ isIdle }) => isIdle).length, waiting: status.stall?.waiting.length ?? 0, stalledSeconds: (status.stall?.forMs ?? 0) / 1000 },
    store: { progressSeq: engine.storedSeq, pendingAlerts: engine.pendingAlerts },
    problems: [...standingProblems({ intake: status, engine, maxLagEvents: options.maxLagEvents, sourceIdleAfterMs: options.sourceIdleAfterMs }, standing, now), ...recentProblems(engine.problems, now)],
  };
}

const advice: Readonly<Record<EngineProblem['code'], string>> = {
  'crashed': 'It was started again from its newest checkpoint; no alert is lost or doubled.',
  'state-too-large': stateTooLargeAdvice,
  'gave-up': 'Restart Weir. If it happens again, take the newest rule change back.',
  'store-refuses': 'Alerts wait and are stored when the database answers again.',
  'checkpoint-failed': 'Check the disk of the data folder. Recovery takes longer until one succeeds.',
  'checkpoint-refused': 'The one before it was used, or the log was replayed. Nothing to do unless it repeats.',
  'rule-refused': 'Open the rule and mend it; the other rules run.',
  'log-gap': 'Entries of the event log are missing. Restore the data folder from a backup.',
};

function recentProblems(problems: readonly EngineProblem[], now: number): Problem[] {
  return problems.filter(({ at }) => now - at < problemShownMs).map(({ code, message, at }) => ({
    severity: code === 'gave-up' || code === 'state-too-large' || code === 'log-gap' ? 'error' : 'warning', text: message, since: at, advice: advice[code],
  }));
}
