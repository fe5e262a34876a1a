import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AlertPage, Me, Problem } from '@weir/contracts';
import type { Alert, AlertRow, BacktestJob, LogEntry, OpsSnapshot, ReleasedRule, Role } from '@weir/contracts';
import { openDeadLetters, openEventLog } from '@weir/connectors';
import type { EventLog } from '@weir/connectors';
import { IntakeFull, createIntake, explainFromLog } from '@weir/pipeline';
import { createInterpreter, defaultEngineOptions } from '@weir/rule-engine';
import type { RuleEngine } from '@weir/rule-engine';
import { compileRule, parseSchema } from '@weir/rule-lang';
import type { EventSchema } from '@weir/rule-lang';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import type { z } from 'zod';
import { openAlertStore } from '../alerts/alert-store.js';
import type { AlertStore } from '../alerts/alert-store.js';
import { ensureDemoUsers, ensureFirstAdmin } from '../access/accounts.js';
import { createServer } from '../create-server.js';
import type { RunningServer } from '../create-server.js';
import type { ServerOptions } from '../server-options.js';
import { openCaseStore } from '../store/open-case-store.js';

const schemaPath = new URL('../../../../rules/schema.yaml', import.meta.url);

/** A rule of the tests: alerts on every large payment. */
export const largePayment = `rule: large-payment
title: Large payment
owner: cards-risk
on: payment
by: account_id
when: amount > 200.00
severity: high
score: 80
action: review
reason: "{amount} {currency} by {account_id}"
tests:
  - name: fires above 200
    events:
      - { at: 0s, id: e1, type: payment, account_id: a1, amount: 200.01, currency: EUR }
    alerts: [e1]
`;

/** A clock that tests move by hand. Starts at a fixed instant. */
export class HandClock {
  #at = 1_790_000_000_000;
  readonly now = (): number => this.#at;
  advance(ms: number): void { this.#at += ms; }
}

/**
 * The product without threads: real log, real intake, real PostgreSQL, the reference interpreter pumped by hand.
 * `pump()` evaluates what is durable and stores its alerts.
 */
export interface TestProduct {
  readonly server: RunningServer;
  readonly store: DataSource;
  readonly alertStore: AlertStore;
  readonly log: EventLog;
  readonly clock: HandClock;
  readonly schema: EventSchema;
  /** The one-time token of the first admin. */
  readonly setupToken: string;
  readonly jobs: { emit(job: BacktestJob): void };
  pump(): Promise<void>;
  /** While true, requests with events are refused as if too much waited. */
  setBusy(busy: boolean): void;
  entries(): Promise<readonly LogEntry[]>;
  stop(): Promise<void>;
}

export interface TestProductOptions { readonly databaseUrl: string; readonly dashboardDir?: string | undefined; readonly config?: Partial<ServerOptions['config']> | undefined; readonly maxInFlightBytes?: number | undefined; /** Name of the event log. */ readonly logName?: string | undefined }

export async function startTestProduct({ databaseUrl, dashboardDir, config, maxInFlightBytes, logName }: TestProductOptions): Promise<TestProduct> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-server-'));
  const clock = new HandClock();
  const schemaText = readFileSync(schemaPath, 'utf8');
  const { schema } = parseSchema(schemaText, 'schema.yaml');
  if (schema === undefined) throw new Error('rules/schema.yaml does not read');
  const store = await openCaseStore(databaseUrl, 24);
  const log = await openEventLog(join(folder, 'log'));
  const deadLetters = await openDeadLetters(join(folder, 'dead'));
  const intake = await createIntake({ log, deadLetters, schema, clock: clock.now, options: maxInFlightBytes === undefined ? {} : { maxInFlightBytes } });
  const schemaPort = { current: () => ({ text: schemaText, schema }) };
  const alertStore = await openAlertStore({ store, schema: schemaPort, now: clock.now, source: logName });

  let rules: readonly ReleasedRule[] = [];
  let engine: RuleEngine | undefined;
  let seq = 0;
  let alertsTotal = 0;
  let isBusy = false;
  let isDemoRunning = true;
  let notifyJob: (job: BacktestJob) => void = () => undefined;
  const jobs = new Map<string, BacktestJob>();

  async function evaluate(): Promise<readonly Alert[]> {
    const fired: Alert[] = [];
    for await (const batch of log.read(seq + 1)) {
      for (const entry of batch) {
        if (entry.kind === 'rules') {
          const compiled = entry.rules.flatMap(({ text, id, mode }) => {
            const { rule } = compileRule(text, `${id}.yaml`, { schema: schema as EventSchema }); // as: checked above
            return rule === undefined ? [] : [{ rule, mode }];
          });
          engine = createInterpreter({ schema: schema as EventSchema, rules: compiled, options: defaultEngineOptions }); // as: checked above
        } else if (engine !== undefined) fired.push(...engine.apply(entry));
        seq = entry.seq;
      }
    }
    alertsTotal += fired.length;
    return fired;
  }

  const acceptAll: typeof intake.acceptAll = async (items, channel, options) => {
    if (isBusy && options?.whenFull === 'refuse') throw new IntakeFull(1);
    return intake.acceptAll(items, channel, options);
  };

  async function pump(): Promise<void> {
    const alerts = await evaluate();
    await alertStore.write(alerts, seq);
  }

  const ops = (): Omit<OpsSnapshot, 'feed'> => ({
    at: clock.now(), eventsPerSecond: 3, acceptedTotal: log.lastSeq(), lateTotal: 0, duplicateTotal: 0, deadLetterTotal: deadLetters.counts().total, alertsTotal, unknownFieldTotal: 0,
    log: { lastSeq: log.lastSeq(), firstSeq: 1, bytes: 1, segments: 1 },
    engine: { seq, lagEvents: log.lastSeq() - seq, lagSeconds: 0, keys: 1, windowEvents: 1, stateBytes: 1, rules: rules.length, evalNsP50: 1, evalNsP99: 2, state: 'running' },
    checkpoint: { failures: 0 }, store: { progressSeq: seq, pendingAlerts: 0 }, problems: [],
  });

  const setupToken = (await ensureFirstAdmin(store, clock.now)) ?? '';
  await ensureDemoUsers(store, clock.now);
  const server = await createServer({
    store, alertStore, intake: { accept: (...args) => intake.accept(...args), acceptAll, appendInternal: (entries) => intake.appendInternal(entries) }, schema: schemaPort, now: clock.now, log: pino({ level: process.env['WEIR_TEST_LOG'] ?? 'silent' }),
    dashboardDir: dashboardDir ?? join(folder, 'no-dashboard'),
    decisions: {
      decide: async (event, budgetMs) => {
        const [answer] = await acceptAll([event], 'http', { whenFull: 'refuse' });
        if (answer === undefined) throw new Error('no answer');
        if (answer.status === 'rejected') return { ok: false, answer };
        const common = { id: answer.id, seq: answer.seq, late: answer.status === 'late', duplicate: answer.status === 'duplicate', tookMs: 1 };
        if (budgetMs === 1) return { ok: true, decision: { ...common, decision: 'none', score: 0, alerts: [], reason: 'timeout' } };
        const fired = await evaluate();
        await alertStore.write(fired, seq);
        const own = fired.filter((alert) => alert.trigger?.seq === answer.seq);
        return { ok: true, decision: { ...common, decision: own[0]?.action ?? 'none', score: own[0]?.score ?? 0, alerts: own.map(({ alertId, rule, title, severity, action, score, reason }) => ({ alertId, rule, title, severity, action, score, reason })) } };
      },
    },
    rules: {
      release: async (set) => {
        const [answer] = await intake.appendInternal([{ kind: 'rules', schemaText: set.schemaText, rules: [...set.rules], by: set.by, why: set.why }]);
        if (answer?.status !== 'appended') throw new Error('the rule set was not appended');
        rules = set.rules;
        return { seq: answer.seq };
      },
      current: async () => {
        let last: { schemaText: string; rules: readonly ReleasedRule[] } | undefined;
        for await (const batch of log.read(1)) for (const entry of batch) if (entry.kind === 'rules') last = entry;
        return last;
      },
    },
    backtests: {
      start: async (request) => {
        if (jobs.size >= 2) return { ok: false, reason: 'too-many', running: jobs.size };
        const job: BacktestJob = { id: `b-${jobs.size + 1}`, status: 'running', startedAt: clock.now(), days: request.days, eventsDone: 0, eventsTotal: 10 };
        jobs.set(job.id, job);
        return { ok: true, job };
      },
      get: (id) => jobs.get(id),
      cancel: async (id) => {
        const job = jobs.get(id);
        if (job === undefined) return undefined;
        const cancelled: BacktestJob = { ...job, status: 'cancelled' };
        jobs.set(id, cancelled);
        notifyJob(cancelled);
        return cancelled;
      },
      onUpdate: (listener) => { notifyJob = listener; },
    },
    explanations: { explain: (rule, eventId) => explainFromLog({ log, rule, eventId, seqs: intake.seqsOf(eventId), engineOptions: {}, maxEntries: 50 }) },
    ops: { snapshot: ops, minutes: () => [{ at: Math.floor(clock.now() / 60_000) * 60_000, events: 7 }], since: () => clock.now() - 60_000 },
    deadLetters: {
      list: async ({ cursor, limit }) => {
        const page = await deadLetters.list({ limit, ...(cursor === undefined ? {} : { before: Number(cursor) }) });
        return { items: page.items, ...(page.next === undefined ? {} : { nextCursor: String(page.next) }), byCode: deadLetters.counts().byCode as Record<string, number> }; // as: partial of the same
      },
    },
    demo: { running: () => isDemoRunning, set: async (running) => { isDemoRunning = running; } },
    config: { port: 0, version: '0.1.0-test', demo: true, publicOrigins: [], ...config },
  });

  return {
    server, store, alertStore, log, clock, schema, setupToken, pump,
    jobs: { emit: (job) => notifyJob(job) },
    setBusy: (busy) => { isBusy = busy; },
    entries: async () => {
      const all: LogEntry[] = [];
      for await (const batch of log.read(1)) all.push(...batch);
      return all;
    },
    stop: async () => {
      await server.close();
      await intake.close();
      await deadLetters.close();
      await log.close();
      await store.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Somebody who calls the API over HTTP. */
export interface Caller {
  readonly headers: Readonly<Record<string, string>>;
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}
export interface Answer {
  readonly status: number; readonly headers: Headers; readonly text: string;
  /** The body as its contract says, or an error that shows it. */
  as<T>(schema: z.ZodType<T>): T;
  /** The body of an error. */
  problem(): Problem;
}

function answerOf(status: number, headers: Headers, text: string): Answer {
  const as = <T>(schema: z.ZodType<T>): T => {
    const read = schema.safeParse(text === '' ? undefined : JSON.parse(text));
    if (!read.success) throw new Error(`${status} ${text.slice(0, 500)} is not as its contract says: ${read.error.message}`);
    return read.data;
  };
  return { status, headers, text, as, problem: () => as(Problem) };
}

export function callerOf(url: string, headers: Readonly<Record<string, string>> = {}): Caller {
  return {
    headers,
    call: async (method, path, body, more) => {
      const isText = typeof body === 'string' || body instanceof Uint8Array;
      const response = await fetch(url + path, {
        method, redirect: 'manual',
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers, ...more },
        ...(body === undefined ? {} : { body: isText ? body as string : JSON.stringify(body) }), // as: text or bytes
      });
      return answerOf(response.status, response.headers, await response.text());
    },
  };
}

/** Headers of a session out of the answer to a sign-in. */
export function sessionOf(url: string, signedIn: Answer): Caller {
  const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  return callerOf(url, { cookie, 'x-csrf-token': signedIn.as(Me).csrfToken });
}

/** The first admin, signed in by the one-time link. */
export async function signInAdmin(product: TestProduct): Promise<Caller> {
  const { url } = product.server;
  return sessionOf(url, await callerOf(url).call('POST', '/v1/login/setup', { token: product.setupToken }));
}

/** A new person with a password, signed in. */
export async function signInAs(product: TestProduct, admin: Caller, name: string, ...roles: readonly Role[]): Promise<Caller> {
  const { url } = product.server;
  const password = `password-of-${name}`;
  const added = await admin.call('POST', '/v1/users', { name, displayName: name, roles, password });
  if (added.status !== 201) throw new Error(`user ${name}: ${added.text}`);
  return sessionOf(url, await callerOf(url).call('POST', '/v1/login', { user: name, password }));
}

/** A payment as it is sent. */
export const payment = (id: string, ts: number, more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> => ({ id, type: 'payment', ts, account_id: 'acct-00000001', amount: 300, currency: 'EUR', ...more });

/** Releases the large-payment rule and sends one large payment for each account; answers with the alerts' rows by account. */
export async function raiseAlerts(product: TestProduct, admin: Caller, accounts: readonly string[]): Promise<ReadonlyMap<string, AlertRow>> {
  await admin.call('PUT', '/v1/rules/large-payment', { text: largePayment, why: 'test' }, { 'if-match': '0' });
  const first = (await product.entries()).length;
  await admin.call('POST', '/v1/events', accounts.map((account, index) => payment(`p-${first + index}`, product.clock.now(), { account_id: account })));
  await product.pump();
  const page = (await admin.call('GET', '/v1/alerts?limit=200&status=all')).as(AlertPage);
  return new Map(page.items.map((row) => [row.subject.label, row]));
}
