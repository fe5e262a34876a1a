import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import fastifyCompress from '@fastify/compress';
import fastifyHelmet from '@fastify/helmet';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { defaultUndoMs } from '@weir/case-model';
import type { FastifyInstance } from 'fastify';
import { personalFields } from './access/personal-fields.js';
import { Accounts } from './access/accounts.js';
import { AlertDesk } from './alerts/alert-desk.js';
import { CaseDesk } from './cases/case-desk.js';
import { serveDashboard } from './dashboard/serve-dashboard.js';
import type { FeedDraft } from './feed/feed-draft.js';
import { FeedHub } from './feed/feed-hub.js';
import { FeedServer } from './feed/feed-server.js';
import { useBodyParsers } from './http/body-parsers.js';
import { NestLogger } from './http/nest-logger.js';
import { ProblemFilter } from './http/problem-filter.js';
import { VersionInterceptor } from './http/version-interceptor.js';
import { ListDesk } from './lists/list-desk.js';
import { ListsOfRules } from './lists/lists-of-rules.js';
import { AlertMeter } from './ops/alert-meter.js';
import { DeskPulse } from './ops/desk-pulse.js';
import { Metrics } from './ops/metrics.js';
import { RuleDesk } from './rules/rule-desk.js';
import type { ServerOptions } from './server-options.js';
import { ServerModule } from './server.module.js';

export interface RunningServer {
  readonly app: NestFastifyApplication;
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  /** Applies rule files and brings the log in line with the rule store. */
  readonly rules: RuleDesk;
  /** Runs what happens by the clock once, now; the server does it every second by itself. */
  beat(): Promise<void>;
  /** Takes no more requests, ends the sockets, finishes what runs. The store, intake and engine stay: they are the caller's. */
  close(): Promise<void>;
}

const bodyLimitBytes = 10 * 1024 * 1024;

/** Builds the API on its parts and listens. */
export async function createServer(options: ServerOptions): Promise<RunningServer> {
  const now = options.now ?? Date.now;
  const { store, config, log } = options;
  const hub = new FeedHub({ bootId: randomUUID().slice(0, 8), now, personal: () => personalFields(options.schema.current().schema) });
  const publish = (draft: FeedDraft): void => hub.publish(draft);
  const accounts = new Accounts(store, now);
  const alerts = new AlertDesk({ store, now, undoMs: config.undoMs ?? defaultUndoMs, publish });
  const cases = new CaseDesk({ store, now, publish });
  const lists = new ListDesk({ store, now, log, intake: options.intake, rules: new ListsOfRules(store, options.schema), logName: options.alertStore.source, logFirstSeq: () => options.ops.snapshot().log.firstSeq });
  const rules = new RuleDesk({ store, now, publish, schema: options.schema, releases: options.rules, listNames: () => lists.names() });
  const meter = new AlertMeter();
  const metrics = new Metrics();
  const pulse = new DeskPulse({ store, desk: alerts, lists, hub, intake: options.intake, ops: options.ops, meter, now, log });

  options.alertStore.onStored((stored) => {
    meter.add(stored.alerts.length, now());
    for (const record of stored.alerts) publish({ kind: 'alert', record });
    for (const record of stored.cases) publish({ kind: 'case-changed', record });
  });
  options.backtests.onUpdate((job) => publish({ kind: 'job', job }));

  const adapter = new FastifyAdapter({ bodyLimit: bodyLimitBytes, trustProxy: config.trustProxy ?? false, forceCloseConnections: true, logger: false, routerOptions: { maxParamLength: 200 } });
  const app = await NestFactory.create<NestFastifyApplication>(ServerModule.with(options, { accounts, alerts, cases, rules, lists, pulse, meter, metrics }), adapter, { bodyParser: false, logger: new NestLogger(log), abortOnError: false });
  // as: Nest types the instance with its own generics; it is a plain Fastify.
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  await prepare(fastify, options, metrics);
  app.useGlobalFilters(new ProblemFilter(log));
  app.useGlobalInterceptors(new VersionInterceptor());
  const feed = new FeedServer({ hub, accounts, publicOrigins: config.publicOrigins, log });
  await lists.reconcile();
  feed.attach(app.getHttpServer() as Server); // as: http, never https or http2
  await app.listen(config.port, config.host ?? '127.0.0.1');
  pulse.start();

  let closing: Promise<void> | undefined;
  return {
    app, url: urlOf(app, config.host ?? '127.0.0.1'), rules, beat: () => pulse.beat(),
    close: () => (closing ??= (async () => {
      feed.close();
      await app.close();
      await pulse.stop();
    })()),
  };
}

async function prepare(fastify: FastifyInstance, options: ServerOptions, metrics: Metrics): Promise<void> {
  useBodyParsers(fastify);
  await fastify.register(fastifyHelmet, { contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } }, hsts: options.config.secureCookies === true, crossOriginEmbedderPolicy: false });
  await fastify.register(fastifyCompress, { encodings: ['gzip', 'identity'], threshold: 4_096, globalDecompression: false });
  fastify.addHook('onSend', async (request, reply) => {
    if (request.url.startsWith('/v1/')) void reply.header('cache-control', 'no-store');
  });
  fastify.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    metrics.observe(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
    options.log.debug({ method: request.method, route, status: reply.statusCode, tookMs: Math.round(reply.elapsedTime) }, 'answered');
  });
  serveDashboard(fastify, options.dashboardDir);
}

function urlOf(app: NestFastifyApplication, host: string): string {
  const address: unknown = (app.getHttpServer() as Server).address(); // as: http, never https or http2
  const port = typeof address === 'object' && address !== null && 'port' in address ? String(address.port) : '';
  return `http://${host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${port}`;
}
