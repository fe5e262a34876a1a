import { Body, Controller, Delete, Get, Headers, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { AddNote, AssignAlert, Disposition, DisposeAlert, Severity } from '@weir/contracts';
import type { AlertDetail, AlertPage, AlertRow } from '@weir/contracts';
import { defaultUndoMs } from '@weir/case-model';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Allow, Caller } from '../access/access.decorator.js';
import { personalFields } from '../access/personal-fields.js';
import { isMasked } from '../access/viewer.js';
import type { Principal } from '../access/viewer.js';
import { ProblemError, notFoundProblem } from '../http/problem-error.js';
import { unwrap } from '../http/refusal-problem.js';
import { listOf, versionOfIfMatch, wholeNumber } from '../http/request-values.js';
import { serverOptionsToken } from '../server-options.js';
import type { ServerOptions } from '../server-options.js';
import { AlertDesk } from './alert-desk.js';
import { findAlertDetail, findAlerts, parseSnapshot } from './alert-queries.js';
import { presentFor } from './alert-record.js';
import type { AlertRecord, Audience } from './alert-record.js';

const AmountText = z.string().regex(/^\d{1,15}(\.\d{1,6})?$/, 'a decimal number such as 12.50');

/** Query of GET /v1/alerts; every parameter may be left out. */
export const AlertSearch = z.object({
  status: z.enum(['open', 'closed', 'all']).default('open'),
  severity: listOf(Severity).optional(),
  rule: z.string().min(1).max(200).optional(),
  assignee: z.string().min(1).max(100).optional(),
  disposition: Disposition.optional(),
  subject: z.string().min(1).max(100).optional(),
  text: z.string().min(1).max(200).optional(),
  /** Needed with an amount: amounts of different currencies are not compared. */
  currency: z.string().regex(/^[A-Z]{3}$/, 'three capital letters').optional(),
  /** Decimal text in whole units, inclusive. */
  minAmount: AmountText.optional(),
  maxAmount: AmountText.optional(),
  /** Alerts that have waited at least this long since they arrived, ms. */
  minAgeMs: z.string().regex(/^\d{1,13}$/, 'milliseconds').transform(Number).optional(),
  sort: z.enum(['priority', 'newest', 'score']).default('priority'),
  snapshot: z.string().max(40).optional(),
  offset: wholeNumber(0, 10_000_000).default(0),
  limit: wholeNumber(1, 200).default(50),
});

@Controller('v1')
export class AlertsController {
  readonly #now: () => number;
  constructor(private readonly desk: AlertDesk, @Inject(serverOptionsToken) private readonly options: ServerOptions) { this.#now = options.now ?? Date.now; }

  @Get('alerts') @Allow('signed-in')
  async list(@Query() query: unknown, @Caller() caller: Principal): Promise<AlertPage> {
    const { snapshot: text, assignee, ...search } = AlertSearch.parse(withoutEmpty(query));
    if ((search.minAmount ?? search.maxAmount) !== undefined && search.currency === undefined) throw new ProblemError(400, 'invalid-request', 'An amount needs its currency', { detail: 'Send currency with minAmount and maxAmount.', field: 'currency' });
    const snapshot = text === undefined ? undefined : parseSnapshot(text);
    if (text !== undefined && snapshot === undefined) throw new ProblemError(400, 'invalid-request', 'The snapshot is not one of ours', { field: 'snapshot' });
    return findAlerts(this.options.store, { ...search, assignee: assignee === 'me' ? caller.name : assignee, snapshot }, caller.name, this.#now(), this.#audience(caller));
  }

  @Get('alerts/:id') @Allow('signed-in')
  async one(@Param('id') id: string, @Caller() caller: Principal): Promise<AlertDetail> { return this.#detail(id, caller); }

  @Post('alerts/:id/disposition') @HttpCode(200) @Allow(['analyst', 'senior'])
  async dispose(@Param('id') id: string, @Headers('if-match') ifMatch: string | undefined, @Body() body: unknown, @Caller() caller: Principal): Promise<AlertRow> {
    const decide = DisposeAlert.parse(body);
    return this.#row(unwrap(await this.desk.decide(id, versionOfIfMatch(ifMatch), decide, caller)), caller);
  }

  @Delete('alerts/:id/disposition') @Allow(['analyst', 'senior'])
  async undo(@Param('id') id: string, @Caller() caller: Principal): Promise<AlertRow> { return this.#row(unwrap(await this.desk.undo(id, caller)), caller); }

  @Post('alerts/:id/claim') @HttpCode(200) @Allow(['analyst', 'senior'])
  async claim(@Param('id') id: string, @Caller() caller: Principal): Promise<AlertRow> { return this.#row(unwrap(await this.desk.claim(id, caller)), caller); }

  @Post('alerts/:id/release') @HttpCode(200) @Allow(['analyst', 'senior'])
  async release(@Param('id') id: string, @Caller() caller: Principal): Promise<AlertRow> { return this.#row(unwrap(await this.desk.release(id, caller)), caller); }

  @Post('alerts/:id/assign') @HttpCode(200) @Allow(['analyst', 'senior'])
  async assign(@Param('id') id: string, @Body() body: unknown, @Caller() caller: Principal): Promise<AlertRow> {
    return this.#row(unwrap(await this.desk.assign(id, AssignAlert.parse(body).assignee, caller)), caller);
  }

  @Post('alerts/:id/notes') @HttpCode(200) @Allow(['analyst', 'senior'])
  async note(@Param('id') id: string, @Body() body: unknown, @Caller() caller: Principal): Promise<AlertRow> {
    return this.#row(unwrap(await this.desk.note(id, AddNote.parse(body).text, caller)), caller);
  }

  /** One free alert, leased to the caller for 20 minutes; 204 when nothing is free. */
  @Post('queue/next') @HttpCode(200) @Allow(['analyst', 'senior'])
  async next(@Caller() caller: Principal, @Res({ passthrough: true }) reply: FastifyReply): Promise<AlertDetail | undefined> {
    const taken = await this.desk.takeNext(caller);
    if (taken === undefined) {
      void reply.status(204);
      return undefined;
    }
    return this.#detail(taken.id, caller);
  }

  async #detail(id: string, caller: Principal): Promise<AlertDetail> {
    const detail = await findAlertDetail(this.options.store, id, this.#now(), this.options.config.undoMs ?? defaultUndoMs, this.#audience(caller));
    if (detail === undefined) throw notFoundProblem('alert');
    return detail;
  }

  #row(record: AlertRecord, caller: Principal): AlertRow { return presentFor(record, this.#now(), this.#audience(caller)); }

  #audience(caller: Principal): Audience { return { masked: isMasked(caller), personal: personalFields(this.options.schema.current().schema) }; }
}

/** `?severity=` means no filter, as an emptied form sends it. */
const withoutEmpty = (query: unknown): Record<string, unknown> => Object.fromEntries(Object.entries(typeof query === 'object' && query !== null ? query : {}).filter(([, value]) => value !== ''));
