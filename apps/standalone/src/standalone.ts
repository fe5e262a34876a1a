import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCheckpoints, openDeadLetters, openEventLog, startPostgres, type EventLog } from '@weir/connectors';
import { createDecisions, createIntake, engineWorkerThread, lagBoundIntake, openRuleReleases, startEngineWorker, type EngineWorker, type Intake } from '@weir/pipeline';
import type { EngineOptions } from '@weir/rule-engine';
import { createServer, ensureDemoUsers, ensureFirstAdmin, openAlertStore, openCaseStore, type DeadLetterPort } from '@weir/server';
import { pino } from 'pino';
import type { StandaloneConfig } from './config.js';
import { sendDemoHistory } from './demo/demo-history.js';
import { startDemo } from './demo/demo-traffic.js';
import type { EngineThreadData } from './engine-thread.js';
import { startHeartbeats } from './heartbeats.js';
import { startHousekeeping } from './housekeeping.js';
import { logIdentity } from './log-identity.js';
import { backtestPort } from './ports/backtest-port.js';
import { explainPort } from './ports/explain-port.js';
import { opsPort } from './ports/ops-port.js';
import { releaseMarkFile } from './ports/release-mark-file.js';
import { applyShippedRules, schemaInForce } from './rule-packs.js';
import { Shutdown } from './shutdown.js';

/** A running Weir. */
export interface Standalone {
  readonly url: string;
  /** One-time link for the first admin; absent when somebody can sign in already. */
  readonly loginUrl?: string | undefined;
  /** Ends everything in order. Twice: once. */
  stop(): Promise<void>;
}

/** Who runs it and is told. */
export interface StandaloneHost {
  /** One line for people. */
  readonly tell: (line: string) => void;
  /** Something without which Weir cannot go on has ended. */
  readonly onFatal: (message: string) => void;
}

const engineStopMs = 20_000;
/** A named source of events that has sent nothing for so long holds the others back no longer. */
const sourceIdleAfterMs = 30_000;
/** Enough for a backtest to find something on every day, and sent within seconds. */
const demoHistoryPerDay = 1_500;

/**
 * The whole product in one process: API, intake, log writer and case store on this thread, the engine in a worker thread,
 * PostgreSQL as a child. Here ports meet implementations. When a step fails, those before it are undone.
 */
export async function startStandalone(config: StandaloneConfig, host: StandaloneHost): Promise<Standalone> {
  const shutdown = new Shutdown((step, cause) => host.tell(`While ending ${step}: ${cause instanceof Error ? cause.message : String(cause)}`));
  try {
    return await start(config, host, shutdown);
  } catch (cause) {
    await shutdown.run();
    throw cause;
  }
}

async function start(config: StandaloneConfig, { tell, onFatal }: StandaloneHost, shutdown: Shutdown): Promise<Standalone> {
  const at = (name: string): string => join(config.dataDir, name);
  const now = (): number => Date.now();
  const logger = pino({ level: config.logLevel }, pino.destination(2));
  // Drawn anew at each start: whoever knows the rules must not know which keys share a place in the hash tables.
  const seed = (): number => randomInt(2 ** 32);
  const engineOptions: Partial<EngineOptions> = { evaluation: 'arrival', maxOutOfOrdernessMs: config.maxOutOfOrdernessMs, retentionMs: config.retentionMs, seed: seed() | 0 };

  const postgres = await startPostgres({ dataDir: at('postgres'), databaseUrl: config.databaseUrl, log: (line) => logger.info(line), onUnexpectedExit: (message) => onFatal(`PostgreSQL has ended: ${message}`) });
  shutdown.add('PostgreSQL', () => postgres.stop());
  if (postgres.wasReused) tell('A PostgreSQL that an earlier, killed Weir left behind was taken over.');
  const store = await openCaseStore(postgres.url);
  shutdown.add('the case store', () => store.destroy());

  const logDir = at('log');
  const log = await openEventLog(logDir);
  shutdown.add('the event log', () => log.close());
  const logId = await logIdentity(logDir);
  const deadLetters = await openDeadLetters(at('dead-letters'));
  shutdown.add('the dead letters', () => deadLetters.close());

  // The intake appends what is released, and is itself opened with the schema in force: what is released is read first.
  const late: { intake?: Intake; engine?: EngineWorker } = {};
  const releases = await openRuleReleases({
    log, mark: releaseMarkFile(at('rule-set.json')),
    prepare: (draft) => required(late.engine, 'engine').prepare(draft),
    append: async (change) => {
      const [answer] = await required(late.intake, 'intake').appendInternal([change]);
      if (answer?.status !== 'appended') throw new Error('the rule set was not appended to the log');
      return answer.seq;
    },
  });
  const inForce = await schemaInForce(config.rulesDir, await releases.current(), config.retentionMs, tell);
  const schema = { current: () => inForce };

  const alertStore = await openAlertStore({ store, schema, now, source: `engine-${logId}` });
  const checkpointDir = join(at('checkpoints'), logId);
  const engine = await startEngineWorker({
    sink: alertStore, durableSeq: log.lastSeq(), now, random: () => randomInt(1_000_000) / 1_000_000,
    spawn: (start) => engineWorkerThread(new URL('./engine-thread.js', import.meta.url), {
      ...start, logDir, checkpointDir, engineOptions, checkpointRate: { everyMs: config.checkpointEveryMs, everyEntries: config.checkpointEveryEntries },
    } satisfies EngineThreadData),
    onProblem: (problem) => logger.warn(problem, 'engine'),
  });
  late.engine = engine;
  shutdown.add('the engine', () => engine.stop(engineStopMs));
  const intake = await createIntake({
    log, deadLetters, schema: inForce.schema, clock: now, onDurable: (seq) => engine.durable(seq),
    states: await openCheckpoints(join(at('intake'), logId)),
    onProblem: (message, cause) => logger.warn({ err: cause }, message),
    options: { maxOutOfOrdernessMs: config.maxOutOfOrdernessMs, maxFutureMs: config.maxFutureMs, horizonMs: config.dedupeMs, sourceIdleAfterMs, seed: [seed(), seed()] },
  });
  late.intake = intake;
  shutdown.add('the intake', () => intake.close());
  shutdown.add('housekeeping', startHousekeeping({ log, checkpoints: await openCheckpoints(checkpointDir), releases, config, onProblem: (cause) => logger.warn({ err: cause }, 'housekeeping') }));
  if (config.heartbeatMs > 0) shutdown.add('heartbeats', startHeartbeats({ intake, everyMs: config.heartbeatMs, behindMs: config.heartbeatBehindMs, now }));

  const bounded = lagBoundIntake(intake, { lagEvents: () => engine.stats().lagEvents, maxLagEvents: config.maxLagEvents });
  const isBusy = (): boolean => engine.stats().lagEvents > config.maxLagEvents / 4;
  if (config.demo && config.demoHistoryDays > 0 && log.lastSeq() === 0) {
    const sent = await sendDemoHistory({ intake, seed: 'weir', days: config.demoHistoryDays, eventsPerDay: demoHistoryPerDay, endTs: now() });
    tell(`${sent.toLocaleString('en-GB')} demo events of the last ${config.demoHistoryDays} days are in the log.`);
  }
  const demo = config.demo ? startDemo({ intake, isBusy, ratePerSecond: config.demoRate, seed: 'weir', now, onProblem: (cause) => logger.warn({ err: cause }, 'demo traffic') }) : undefined;
  if (demo) shutdown.add('demo traffic', () => demo.stop());
  const backtests = backtestPort({ log, logDir, schema, releases, engineOptions, now });
  shutdown.add('backtests', () => backtests.close());
  const explanations = explainPort({ log, logDir, intake, engineOptions });
  shutdown.add('explanations', () => explanations.close());
  const ops = opsPort({ intake, log, engine, maxLagEvents: config.maxLagEvents, sourceIdleAfterMs, since: await firstEventInstant(log), now });
  shutdown.add('figures', () => { ops.stop(); });

  const link = await ensureFirstAdmin(store, now);
  if (config.demo) await ensureDemoUsers(store, now);
  const server = await createServer({
    store, alertStore, rules: releases, schema, backtests, explanations, ops, dashboardDir: config.dashboardDir, log: logger, now, demo,
    intake: bounded,
    decisions: createDecisions({ accept: (items, channel) => bounded.acceptAll(items, channel, { whenFull: 'refuse' }), decide: (seq, budgetMs) => engine.decide(seq, budgetMs), defaultAction: config.decisionDefault, clock: () => performance.now() }),
    deadLetters: deadLetterPort(deadLetters),
    config: { host: config.host, port: config.port, version: await productVersion(), undoMs: config.undoMs, demo: config.demo, publicOrigins: [] },
  });
  shutdown.add('the server', () => server.close());
  await applyShippedRules(config.rulesDir, server.rules, releases, tell);
  return { url: server.url, ...(link === undefined ? {} : { loginUrl: `${server.url}/login/?setup=${link}` }), stop: () => shutdown.run() };
}

function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`the ${name} is not open yet`);
  return value;
}

function deadLetterPort(letters: Awaited<ReturnType<typeof openDeadLetters>>): DeadLetterPort {
  return {
    list: async ({ cursor, limit }) => {
      const before = cursor === undefined ? undefined : Number(cursor);
      const page = await letters.list({ limit, before: before !== undefined && Number.isInteger(before) ? before : undefined });
      return { items: page.items, byCode: countsByCode(letters), ...(page.next === undefined ? {} : { nextCursor: String(page.next) }) };
    },
  };
}

function countsByCode(letters: Awaited<ReturnType<typeof openDeadLetters>>): Record<string, number> {
  return Object.fromEntries(Object.entries(letters.counts().byCode).map(([code, count]) => [code, count]));
}

/** Event time of the log's first event. Asked again until there is one, then remembered. */
async function firstEventInstant(log: EventLog): Promise<() => number | undefined> {
  let known: number | undefined;
  let asking = false;
  const ask = async (): Promise<void> => {
    for (let seq = log.firstSeq(); seq <= Math.min(log.lastSeq(), log.firstSeq() + 100); seq += 1) {
      const entry = await log.get(seq);
      if (entry?.kind === 'event') {
        known = entry.ts;
        return;
      }
    }
  };
  await ask();
  return () => {
    if (known === undefined && !asking) {
      asking = true;
      void ask().catch(() => undefined).finally(() => { asking = false; });
    }
    return known;
  };
}

async function productVersion(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  const parsed: unknown = JSON.parse(text);
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed && typeof parsed.version === 'string' ? parsed.version : 'unknown';
}
