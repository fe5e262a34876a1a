import type { OpsSnapshot } from '@weir/contracts';
import { stateTooLargeAdvice, type EngineWorkerStats, type Intake } from '@weir/pipeline';

type Problem = OpsSnapshot['problems'][number];

/** For how long something that is over is still shown, ms. */
export const problemShownMs = 3_600_000;
/** Share of the engine's memory from which on it is told. Its arrays double as they grow: what takes half of it may find no room the next time, and the engine stops. */
const warnedShare = 0.5;
const gib = 1024 ** 3;

/** The state of the parts that problems are told of. */
export interface Standing {
  readonly intake: Pick<ReturnType<Intake['status']>, 'failure' | 'sources' | 'stall'>;
  readonly engine: Pick<EngineWorkerStats, 'problem' | 'lagEvents' | 'host'>;
  readonly maxLagEvents: number;
  /** A source that sends nothing for so long holds nobody back; one that sends and does not come on is told after as long. */
  readonly sourceIdleAfterMs: number;
}

type Found = readonly { readonly key: string; readonly problem: Omit<Problem, 'since'> }[];

/** What is wrong at this moment. @param standing when each was first seen; kept up to date. */
export function standingProblems(now: Standing, standing: Map<string, number>, at: number): Problem[] {
  const found = [...pipelineProblems(now), ...sourceProblems(now), ...stateProblems(now)];
  for (const key of standing.keys()) if (!found.some((one) => one.key === key)) standing.delete(key);
  return found.map(({ key, problem }) => {
    const since = standing.get(key) ?? at;
    standing.set(key, since);
    return { ...problem, since };
  });
}

function pipelineProblems({ intake: { failure }, engine, maxLagEvents }: Standing): Found {
  return [
    ...(failure === undefined ? [] : [{ key: 'intake', problem: { severity: 'error' as const, text: `Intake has stopped: ${failure}`, advice: 'Events are refused. Check the disk, then restart Weir: what was acknowledged is safe.' } }]),
    ...(engine.problem === undefined ? [] : [{ key: 'engine', problem: { severity: 'error' as const, text: engine.problem, advice: 'Events are kept and will be evaluated. If it does not recover by itself, look at the log output and restart Weir.' } }]),
    ...(engine.lagEvents > maxLagEvents / 2 ? [{ key: 'lag', problem: { severity: 'warning' as const, text: `The engine is ${engine.lagEvents.toLocaleString('en-GB')} events behind.`, advice: 'Senders are slowed down when it reaches its bound. Look for a costly rule or a sudden load.' } }] : []),
  ];
}

function sourceProblems({ intake: { sources, stall }, sourceIdleAfterMs }: Standing): Found {
  const idle = sources.filter(({ isIdle, quietForMs }) => isIdle && quietForMs < problemShownMs).map(({ source }) => source);
  return [
    // While all are idle there is simply nothing to do.
    ...(idle.length > 0 && idle.length < sources.length ? [{ key: 'idle-sources', problem: { severity: 'warning' as const, text: `${idle.length} of ${sources.length} sources of events send nothing: ${named(idle)}.`, advice: 'The others go on without them. What they send later than the watermark allows is late: look at their senders.' } }] : []),
    ...(stall !== undefined && stall.forMs > sourceIdleAfterMs ? [{ key: 'stalled-sources', problem: {
      severity: 'warning' as const,
      text: `${named(stall.behind)} ${stall.behind.length === 1 ? 'sends' : 'send'} events, but none dated after ${stall.upToTs === undefined ? 'the beginning' : new Date(stall.upToTs).toISOString()}, and ${stall.behind.length === 1 ? 'holds' : 'hold'} back ${named(stall.waiting)}.`,
      advice: `Look at the clock or the order of the sender. Stop it, and the others go on after ${sourceIdleAfterMs / 1000} seconds; or send its events without a source.`,
    } }] : []),
  ];
}

function stateProblems({ engine: { host } }: Standing): Found {
  const { memoryBytes = 0, memoryLimitBytes = Infinity, givenUpMatches = 0, openMatches = 0, keys = 0, windowEvents = 0 } = host ?? {};
  return [
    ...(memoryBytes > warnedShare * memoryLimitBytes ? [{ key: 'memory', problem: {
      severity: 'warning' as const,
      text: `The state of the engine takes ${(memoryBytes / gib).toFixed(2)} of the ${(memoryLimitBytes / gib).toFixed(0)} GiB that it can have: ${keys.toLocaleString('en-GB')} keys, ${windowEvents.toLocaleString('en-GB')} events held for windows, ${openMatches.toLocaleString('en-GB')} unfinished matches of sequences. Arrays double as they grow: the next time they may find no room, and the engine stops.`,
      advice: stateTooLargeAdvice,
    } }] : []),
    ...(givenUpMatches > 0 ? [{ key: 'matches', problem: { severity: 'warning' as const, text: `${givenUpMatches.toLocaleString('en-GB')} unfinished matches of sequences were given up: a key had more than 1,000 of one rule.`, advice: 'A sequence that looks back at an earlier step may have missed alerts there. Make its first step rarer or its `within` shorter.' } }] : []),
  ];
}

function named(sources: readonly string[]): string { return `${sources.slice(0, 5).join(', ')}${sources.length > 5 ? ' and more' : ''}`; }
