import { Body, Controller, Get, HttpCode, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { DeadLetter } from '@weir/contracts';
import type { OpsSnapshot, Overview } from '@weir/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Allow, Caller } from '../access/access.decorator.js';
import { refuseAccess } from '../access/access.guard.js';
import { Accounts } from '../access/accounts.js';
import { authenticate } from '../access/authenticate.js';
import { personalFields } from '../access/personal-fields.js';
import { hasRole, isMasked } from '../access/viewer.js';
import type { Principal } from '../access/viewer.js';
import { verifyActivity } from '../audit/activity-log.js';
import type { ChainState } from '../audit/activity-log.js';
import { notFoundProblem } from '../http/problem-error.js';
import { wholeNumber } from '../http/request-values.js';
import { serverOptionsToken } from '../server-options.js';
import type { ServerOptions } from '../server-options.js';
import { AlertMeter } from './alert-meter.js';
import { DeskPulse } from './desk-pulse.js';
import { Metrics } from './metrics.js';
import { readOverview } from './overview.js';

export const DeadLetterSearch = z.object({ cursor: z.string().max(40).optional(), limit: wholeNumber(1, 200).default(50) });
export const DeadLetterList = z.object({ items: z.array(DeadLetter), nextCursor: z.string().optional(), byCode: z.record(z.string(), z.number().int()) });
export const SetDemo = z.object({ running: z.boolean() });
export const Health = z.object({ status: z.enum(['ok', 'not-ready']), problems: z.array(z.string()).optional() });

const isLoopback = (address: string): boolean => address === '127.0.0.1' || address === '::1' || address === '::ffff:127.0.0.1';

/** The state of the product: for people, for Prometheus, for whoever restarts it. */
@Controller()
export class OpsController {
  readonly #now: () => number;
  constructor(
    private readonly pulse: DeskPulse, private readonly metrics: Metrics, private readonly meter: AlertMeter, private readonly accounts: Accounts,
    @Inject(serverOptionsToken) private readonly options: ServerOptions,
  ) { this.#now = options.now ?? Date.now; }

  @Get('healthz') @Allow('public')
  health(): z.infer<typeof Health> { return { status: 'ok' }; }

  /** 200 when events can be taken, evaluated and stored; else 503 with what is missing. */
  @Get('readyz') @Allow('public')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<z.infer<typeof Health>> {
    const problems: string[] = [];
    const { state } = this.options.ops.snapshot().engine;
    if (state !== 'running') problems.push(`the engine is ${state}`);
    await this.options.store.query('select 1').catch(() => problems.push('the database does not answer'));
    if (problems.length === 0) return { status: 'ok' };
    void reply.status(503);
    return { status: 'not-ready', problems };
  }

  @Get('metrics') @Allow('public')
  async prometheus(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    if (!(this.options.config.openMetrics === true && isLoopback(request.ip))) {
      const refusal = refuseAccess('signed-in', await authenticate(request.headers, this.accounts));
      if (refusal !== undefined) throw refusal;
    }
    const [queue] = await this.options.store.query<{ open: number; oldest: number | null }[]>(`select count(*)::int as open, min(received_at) as oldest from alerts where status = 'open' and mode = 'live'`);
    const text = await this.metrics.text(this.pulse.snapshot(), { open: queue?.open ?? 0, oldestAgeSeconds: (this.#now() - (queue?.oldest ?? this.#now())) / 1000 });
    await reply.header('content-type', this.metrics.contentType).send(text);
  }

  @Get('v1/overview') @Allow('signed-in')
  overview(@Caller() caller: Principal): Promise<Overview> {
    const now = this.#now();
    return readOverview(this.options.store, this.options.ops, this.meter.perMinute(now), now, { masked: isMasked(caller), personal: personalFields(this.options.schema.current().schema) });
  }

  @Get('v1/ops') @Allow('signed-in')
  ops(): OpsSnapshot { return this.pulse.snapshot(); }

  /** Newest first. The raw bytes only for operators and admins. */
  @Get('v1/dead-letters') @Allow('signed-in')
  async deadLetters(@Query() query: unknown, @Caller() caller: Principal): Promise<z.infer<typeof DeadLetterList>> {
    const page = await this.options.deadLetters.list(DeadLetterSearch.parse(query));
    const showsRaw = hasRole(caller, 'ops');
    return { ...page, byCode: { ...page.byCode }, items: page.items.map((letter) => (showsRaw ? letter : { ...letter, raw: '' })) };
  }

  @Post('v1/demo') @HttpCode(200) @Allow(['ops'])
  async demo(@Body() body: unknown): Promise<z.infer<typeof SetDemo>> {
    const { running } = SetDemo.parse(body);
    if (this.options.demo === undefined) throw notFoundProblem('demo');
    await this.options.demo.set(running);
    return { running: this.options.demo.running() };
  }

  /** Recomputes the chain of everything people did. */
  @Get('v1/audit/verify') @Allow(['senior', 'ops'])
  verify(): Promise<ChainState> { return verifyActivity(this.options.store.manager); }
}
