import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { formatSpanMs, parseSpanMs } from '@weir/rule-lang';
import { z } from 'zod';

const span = (fallback: string): z.ZodType<number, string | undefined> => z.string().default(fallback).transform((text, context) => {
  const ms = parseSpanMs(text);
  if (ms !== undefined) return ms;
  context.addIssue({ code: 'custom', message: `"${text}" is not a span such as 500ms, 10m or 35d` });
  return z.NEVER;
});
const whole = (fallback: number, min: number, max: number): z.ZodType<number, string | undefined> =>
  z.string().default(String(fallback)).transform((text, context) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    context.addIssue({ code: 'custom', message: `"${text}" is not a whole number from ${min} to ${max}` });
    return z.NEVER;
  });
const flag = (fallback: boolean): z.ZodType<boolean, string | undefined> => z.string().default(String(fallback)).transform((text, context) => {
  if (['true', '1', 'yes', 'on'].includes(text)) return true;
  if (['false', '0', 'no', 'off'].includes(text)) return false;
  context.addIssue({ code: 'custom', message: `"${text}" is not true or false` });
  return z.NEVER;
});

/** Everything that can be set, by environment. Spans are texts such as `10m`; what is left out has its default here. */
const Environment = z.object({
  WEIR_PORT: whole(8080, 0, 65_535).describe('port of API, feed and dashboard; 0: any free one'),
  WEIR_HOST: z.string().min(1).default('127.0.0.1').describe('address to listen on'),
  WEIR_DATA: z.string().min(1).optional().describe('folder where everything is kept; default .weir/data'),
  WEIR_DEMO: flag(true).describe('demo traffic and demo users'),
  WEIR_DEMO_RATE: whole(20, 1, 100_000).describe('demo events per second'),
  WEIR_DEMO_HISTORY_DAYS: whole(31, 0, 365).describe('days of demo events that a new data folder begins with; 0: none'),
  WEIR_OPEN: flag(false).describe('open the browser at the login link'),
  WEIR_RULES: z.string().min(1).optional().describe('folder of rule packs and schema.yaml; default rules'),
  WEIR_DASHBOARD: z.string().min(1).optional().describe('folder of the dashboard files; default apps/dashboard/out'),
  DATABASE_URL: z.string().min(1).optional().describe('PostgreSQL to use instead of the embedded one'),
  WEIR_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('warn'),
  WEIR_UNDO_MS: whole(600_000, 0, 86_400_000).describe('how long a disposition can be undone before it becomes a label, ms'),
  WEIR_MAX_OUT_OF_ORDERNESS: span('1m').describe('events that trail the newest by more are late'),
  WEIR_MAX_FUTURE: span('10s').describe('events dated further ahead of the clock are refused'),
  WEIR_DEDUPE: span('7d').describe('event ids are remembered for this long'),
  WEIR_RETENTION: span('35d').describe('longest span a rule may look back; the log keeps at least that'),
  WEIR_LOG_MAX_AGE: span('400d').describe('older log segments are deleted'),
  WEIR_LOG_MAX_BYTES: whole(20 * 1024 ** 3, 64 * 1024 ** 2, Number.MAX_SAFE_INTEGER).describe('above this size the oldest log segments are deleted'),
  WEIR_CHECKPOINT_EVERY: span('30s').describe('a checkpoint at least this often while events come'),
  WEIR_CHECKPOINT_EVENTS: whole(200_000, 1_000, 100_000_000).describe('and after this many events'),
  WEIR_MAX_LAG_EVENTS: whole(200_000, 1_000, 100_000_000).describe('past this lag of the engine, intake answers 429'),
  WEIR_DECISION_DEFAULT: z.enum(['none', 'review', 'challenge', 'block']).default('none').describe('decision when the budget of a request runs out'),
  WEIR_HEARTBEAT_MS: whole(0, 0, 60_000).describe('a heartbeat in the log this often on a quiet stream; 0: none'),
  WEIR_HEARTBEAT_BEHIND: span('30s').describe('how far heartbeats trail the clock'),
});

/** Names of all settings. */
export const settings: readonly string[] = Object.keys(Environment.shape);

/** Everything that can be set of one Weir process; times in ms, sizes in bytes where their name says so. */
export interface StandaloneConfig {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly rulesDir: string;
  readonly dashboardDir: string;
  readonly databaseUrl?: string | undefined;
  readonly demo: boolean;
  readonly demoRate: number;
  readonly demoHistoryDays: number;
  readonly open: boolean;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  readonly undoMs: number;
  readonly maxOutOfOrdernessMs: number;
  readonly maxFutureMs: number;
  readonly dedupeMs: number;
  readonly retentionMs: number;
  readonly logMaxAgeMs: number;
  readonly logMaxBytes: number;
  readonly checkpointEveryMs: number;
  readonly checkpointEveryEntries: number;
  readonly maxLagEvents: number;
  readonly decisionDefault: 'none' | 'review' | 'challenge' | 'block';
  /** 0: no heartbeats. */
  readonly heartbeatMs: number;
  readonly heartbeatBehindMs: number;
}

/** The configuration, or one sentence that names what is wrong. */
export type ConfigResult = { readonly ok: true; readonly config: StandaloneConfig } | { readonly ok: false; readonly message: string };

/**
 * Reads flags over environment over defaults. Folders are relative to `root` (the repository) when they are defaults, else to the
 * working folder. A wrong value is answered with one sentence that names it.
 */
export function readConfig(args: readonly string[], environment: NodeJS.ProcessEnv, root: string): ConfigResult {
  const flags = readFlags(args);
  if (!flags.ok) return flags;
  const parsed = Environment.safeParse({ ...withoutEmpty(environment), ...flags.values });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { ok: false, message: `${issue?.path.join('.') ?? 'Configuration'}: ${issue?.message ?? 'not valid'}.` };
  }
  const env = parsed.data;
  if (env.WEIR_MAX_FUTURE >= env.WEIR_MAX_OUT_OF_ORDERNESS) {
    return { ok: false, message: `WEIR_MAX_FUTURE (${formatSpanMs(env.WEIR_MAX_FUTURE)}) must be below WEIR_MAX_OUT_OF_ORDERNESS (${formatSpanMs(env.WEIR_MAX_OUT_OF_ORDERNESS)}): else one wrong clock makes the whole stream late.` };
  }
  return {
    ok: true,
    config: {
      port: env.WEIR_PORT, host: env.WEIR_HOST,
      dataDir: env.WEIR_DATA === undefined ? join(root, '.weir', 'data') : resolve(env.WEIR_DATA),
      rulesDir: env.WEIR_RULES === undefined ? join(root, 'rules') : resolve(env.WEIR_RULES),
      dashboardDir: env.WEIR_DASHBOARD === undefined ? join(root, 'apps', 'dashboard', 'out') : resolve(env.WEIR_DASHBOARD),
      databaseUrl: env.DATABASE_URL, demo: env.WEIR_DEMO, demoRate: env.WEIR_DEMO_RATE, demoHistoryDays: env.WEIR_DEMO_HISTORY_DAYS, open: env.WEIR_OPEN,
      logLevel: env.WEIR_LOG_LEVEL, undoMs: env.WEIR_UNDO_MS, maxOutOfOrdernessMs: env.WEIR_MAX_OUT_OF_ORDERNESS, maxFutureMs: env.WEIR_MAX_FUTURE,
      dedupeMs: env.WEIR_DEDUPE, retentionMs: env.WEIR_RETENTION, logMaxAgeMs: env.WEIR_LOG_MAX_AGE, logMaxBytes: env.WEIR_LOG_MAX_BYTES,
      checkpointEveryMs: env.WEIR_CHECKPOINT_EVERY, checkpointEveryEntries: env.WEIR_CHECKPOINT_EVENTS, maxLagEvents: env.WEIR_MAX_LAG_EVENTS,
      decisionDefault: env.WEIR_DECISION_DEFAULT, heartbeatMs: env.WEIR_HEARTBEAT_MS, heartbeatBehindMs: env.WEIR_HEARTBEAT_BEHIND,
    },
  };
}

function readFlags(args: readonly string[]): { readonly ok: true; readonly values: Record<string, string> } | { readonly ok: false; readonly message: string } {
  try {
    const { values } = parseArgs({
      args: [...args],
      allowPositionals: false,
      options: { port: { type: 'string' }, host: { type: 'string' }, data: { type: 'string' }, 'no-demo': { type: 'boolean' }, open: { type: 'boolean' } },
    });
    return {
      ok: true,
      values: {
        ...(values.port === undefined ? {} : { WEIR_PORT: values.port }),
        ...(values.host === undefined ? {} : { WEIR_HOST: values.host }),
        ...(values.data === undefined ? {} : { WEIR_DATA: values.data }),
        ...(values['no-demo'] === true ? { WEIR_DEMO: 'false' } : {}),
        ...(values.open === true ? { WEIR_OPEN: 'true' } : {}),
      },
    };
  } catch (cause) {
    const reason = (typeof cause === 'object' && cause !== null && 'message' in cause ? String(cause.message) : String(cause)).split('. ')[0];
    return { ok: false, message: `${reason}. npm start -- --help lists the options.` };
  }
}

/** `WEIR_PORT=` in a .env file means: not set. */
function withoutEmpty(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]])));
}
