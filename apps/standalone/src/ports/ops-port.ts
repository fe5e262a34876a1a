import type { OpsSnapshot } from '@weir/contracts';
import type { EventLog } from '@weir/connectors';
import type { EngineProblem, EngineWorker, EngineWorkerStats, Intake } from '@weir/pipeline';
import type { OpsPort } from '@weir/server';
import { EventMinutes } from './event-minutes.js';

export interface OpsPortOptions {
  readonly intake: Intake;
  readonly log: EventLog;
  readonly engine: EngineWorker;
  readonly maxLagEvents: number;
  /** When the first event of the log was accepted; unknown on an empty log. */
  readonly since: () => number | undefined;
  readonly now: () => number;
}

type Problem = OpsSnapshot['problems'][number];

const rateOverMs = 5_000;
const sampleEveryMs = 1_000;
const problemShownMs = 3_600_000;

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
    store: { progressSeq: engine.storedSeq, pendingAlerts: engine.pendingAlerts },
    problems: [...standingProblems(options, engine, standing, now), ...recentProblems(engine.problems, now)],
  };
}

/** What is wrong at this moment; `since` is when it was first seen. */
function standingProblems(options: OpsPortOptions, engine: EngineWorkerStats, standing: Map<string, number>, now: number): Problem[] {
  const { failure, sources } = options.intake.status();
  const idle = sources.filter(({ isIdle, quietForMs }) => isIdle && quietForMs < problemShownMs).map(({ source }) => source);
  const givenUp = engine.host?.givenUpMatches ?? 0;
  const found: { readonly key: string; readonly problem: Omit<Problem, 'since'> }[] = [
    ...(failure === undefined ? [] : [{ key: 'intake', problem: { severity: 'error' as const, text: `Intake has stopped: ${failure}`, advice: 'Events are refused. Check the disk, then restart Weir: what was acknowledged is safe.' } }]),
    ...(engine.problem === undefined ? [] : [{ key: 'engine', problem: { severity: 'error' as const, text: engine.problem, advice: 'Events are kept and will be evaluated. If it does not recover by itself, look at the log output and restart Weir.' } }]),
    ...(engine.lagEvents > options.maxLagEvents / 2 ? [{ key: 'lag', problem: { severity: 'warning' as const, text: `The engine is ${engine.lagEvents.toLocaleString('en-GB')} events behind.`, advice: 'Senders are slowed down when it reaches its bound. Look for a costly rule or a sudden load.' } }] : []),
    // While all are idle there is simply nothing to do.
    ...(idle.length > 0 && idle.length < sources.length ? [{ key: 'idle-sources', problem: { severity: 'warning' as const, text: `${idle.length} of ${sources.length} sources of events send nothing: ${idle.slice(0, 5).join(', ')}${idle.length > 5 ? ' and more' : ''}.`, advice: 'The others go on without them. What they send later than the watermark allows is late: look at their senders.' } }] : []),
    ...(givenUp > 0 ? [{ key: 'matches', problem: { severity: 'warning' as const, text: `${givenUp.toLocaleString('en-GB')} unfinished matches of sequences were given up: a key had more than 1,000 of one rule.`, advice: 'A sequence that looks back at an earlier step may have missed alerts there. Make its first step rarer or its `within` shorter.' } }] : []),
  ];
  for (const key of standing.keys()) if (!found.some((one) => one.key === key)) standing.delete(key);
  return found.map(({ key, problem }) => {
    const since = standing.get(key) ?? now;
    standing.set(key, since);
    return { ...problem, since };
  });
}

const advice: Readonly<Record<EngineProblem['code'], string>> = {
  'crashed': 'It was started again from its newest checkpoint; no alert is lost or doubled.',
  'gave-up': 'Restart Weir. If it happens again, take the newest rule change back.',
  'store-refuses': 'Alerts wait and are stored when the database answers again.',
  'checkpoint-failed': 'Check the disk of the data folder. Recovery takes longer until one succeeds.',
  'checkpoint-refused': 'The one before it was used, or the log was replayed. Nothing to do unless it repeats.',
  'rule-refused': 'Open the rule and mend it; the other rules run.',
  'log-gap': 'Entries of the event log are missing. Restore the data folder from a backup.',
};

function recentProblems(problems: readonly EngineProblem[], now: number): Problem[] {
  return problems.filter(({ at }) => now - at < problemShownMs).map(({ code, message, at }) => ({
    severity: code === 'gave-up' || code === 'log-gap' ? 'error' : 'warning', text: message, since: at, advice: advice[code],
  }));
}
