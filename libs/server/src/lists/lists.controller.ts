import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { AddListEntries, ListName, RemoveListEntries } from '@weir/contracts';
import type { ListAnswer, ListIndex, ListPage } from '@weir/contracts';
import { z } from 'zod';
import { Allow, Caller } from '../access/access.decorator.js';
import type { Principal } from '../access/viewer.js';
import { ProblemError, notFoundProblem } from '../http/problem-error.js';
import { wholeNumber } from '../http/request-values.js';
import { serverOptionsToken } from '../server-options.js';
import type { ServerOptions } from '../server-options.js';
import { ListDesk } from './list-desk.js';

/** Query of GET /v1/lists/:name. */
export const ListSearch = z.object({ cursor: z.string().regex(/^\d{1,15}$/, 'not one of our cursors').optional(), limit: wholeNumber(1, 1000).default(100) });

/** Named lists. Their values may be personal, so only roles that see those may read them. */
@Controller('v1/lists')
export class ListsController {
  readonly #now: () => number;
  constructor(private readonly desk: ListDesk, @Inject(serverOptionsToken) options: ServerOptions) { this.#now = options.now ?? Date.now; }

  @Get() @Allow(['analyst', 'senior', 'author', 'approver'])
  async all(): Promise<ListIndex> { return { items: [...(await this.desk.all())] }; }

  @Get(':name') @Allow(['analyst', 'senior', 'author', 'approver'])
  async one(@Param('name') name: string, @Query() query: unknown): Promise<ListPage> {
    const { cursor, limit } = ListSearch.parse(query);
    return known(await this.desk.page(name, cursor === undefined ? undefined : Number(cursor), limit));
  }

  @Post(':name/entries') @HttpCode(200) @Allow(['analyst', 'senior', 'author'])
  async add(@Param('name') name: string, @Body() body: unknown, @Caller() caller: Principal): Promise<ListAnswer> {
    const request = AddListEntries.parse(body);
    if (typeof request.until === 'number' && request.until <= this.#now()) throw new ProblemError(400, 'invalid-request', 'The end is in the past', { detail: 'until is the instant at which the entries leave the list; null means never.', field: 'until' });
    return this.desk.add(z.object({ name: ListName }).parse({ name }).name, request, caller.name);
  }

  @Delete(':name/entries') @HttpCode(200) @Allow(['analyst', 'senior', 'author'])
  async remove(@Param('name') name: string, @Body() body: unknown, @Caller() caller: Principal): Promise<ListAnswer> {
    return known(await this.desk.remove(name, RemoveListEntries.parse(body), caller.name));
  }
}

function known<T>(found: T | undefined): T {
  if (found === undefined) throw notFoundProblem('list');
  return found;
}
