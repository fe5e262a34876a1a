import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { AddNote, CaseStatus, ChangeCase } from '@weir/contracts';
import type { CaseDetail, CasePage, CaseRow } from '@weir/contracts';
import { z } from 'zod';
import { Allow, Caller } from '../access/access.decorator.js';
import { personalFields } from '../access/personal-fields.js';
import { isMasked } from '../access/viewer.js';
import type { Principal } from '../access/viewer.js';
import type { Audience } from '../alerts/alert-record.js';
import { notFoundProblem } from '../http/problem-error.js';
import { unwrap } from '../http/refusal-problem.js';
import { listOf, versionOfIfMatch, wholeNumber } from '../http/request-values.js';
import { serverOptionsToken } from '../server-options.js';
import type { ServerOptions } from '../server-options.js';
import { CaseDesk } from './case-desk.js';
import { presentCaseFor } from './case-record.js';

/** Query of GET /v1/cases. `status` left out: all that are not closed. */
export const CaseSearch = z.object({
  status: z.literal('all').or(listOf(CaseStatus)).optional(),
  cursor: z.string().regex(/^\d{1,15}\.C-\d{1,15}$/, 'not one of our cursors').optional(),
  limit: wholeNumber(1, 200).default(50),
});

@Controller('v1/cases')
export class CasesController {
  readonly #now: () => number;
  constructor(private readonly desk: CaseDesk, @Inject(serverOptionsToken) private readonly options: ServerOptions) { this.#now = options.now ?? Date.now; }

  @Get() @Allow('signed-in')
  async list(@Query() query: unknown, @Caller() caller: Principal): Promise<CasePage> {
    const { status, cursor, limit } = CaseSearch.parse(query);
    const [updatedAt, id] = cursor?.split('.') ?? [];
    return this.desk.list({
      status: status === 'all' ? CaseStatus.options : status, limit,
      ...(updatedAt === undefined || id === undefined ? {} : { cursor: { updatedAt: Number(updatedAt), id } }),
    }, this.#audience(caller));
  }

  @Get(':id') @Allow('signed-in')
  async one(@Param('id') id: string, @Caller() caller: Principal): Promise<CaseDetail> {
    const detail = await this.desk.detail(id, this.#now(), this.#audience(caller));
    if (detail === undefined) throw notFoundProblem('case');
    return detail;
  }

  @Patch(':id') @Allow(['analyst', 'senior'])
  async change(@Param('id') id: string, @Headers('if-match') ifMatch: string | undefined, @Body() body: unknown, @Caller() caller: Principal): Promise<CaseRow> {
    const change = ChangeCase.parse(body);
    return presentCaseFor(unwrap(await this.desk.change(id, versionOfIfMatch(ifMatch), change, caller)), this.#audience(caller));
  }

  @Post(':id/notes') @HttpCode(200) @Allow(['analyst', 'senior'])
  async note(@Param('id') id: string, @Body() body: unknown, @Caller() caller: Principal): Promise<CaseRow> {
    return presentCaseFor(unwrap(await this.desk.note(id, AddNote.parse(body).text, caller)), this.#audience(caller));
  }

  #audience(caller: Principal): Audience { return { masked: isMasked(caller), personal: personalFields(this.options.schema.current().schema) }; }
}
