import { Controller, Headers, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { Decision } from '@weir/contracts';
import type { FastifyRequest } from 'fastify';
import { Allow } from '../access/access.decorator.js';
import { ProblemError } from '../http/problem-error.js';
import { serverOptionsToken } from '../server-options.js';
import type { ServerOptions } from '../server-options.js';

const defaultBudgetMs = 200;
const maxBudgetMs = 10_000;

/** The in-line decision. */
@Controller('v1/decisions')
export class DecisionsController {
  constructor(@Inject(serverOptionsToken) private readonly options: ServerOptions) {}

  /** One event in, the verdict of the same engine out, within `x-weir-budget-ms` (default 200, at most 10,000). */
  @Post() @HttpCode(200) @Allow(['channel', 'author', 'ops'])
  async decide(@Req() request: FastifyRequest, @Headers('x-weir-budget-ms') budget: string | undefined): Promise<Decision> {
    const { body } = request;
    if (!Buffer.isBuffer(body) || body.length === 0) throw new ProblemError(400, 'malformed-json', 'The body is empty', { detail: 'Send one event.' });
    const answer = await this.options.decisions.decide({ raw: body, position: '[0]' }, budgetOf(budget));
    if (answer.ok) return answer.decision;
    const { code, field, message } = answer.answer;
    const status = code === 'malformed-json' || code === 'not-an-object' ? 400 : code === 'too-large' ? 413 : 422;
    throw new ProblemError(status, code, 'The event was refused', { detail: message, ...(field === undefined ? {} : { field }) });
  }
}

function budgetOf(header: string | undefined): number {
  if (header === undefined) return defaultBudgetMs;
  const budgetMs = Number(header);
  if (!Number.isInteger(budgetMs) || budgetMs < 1 || budgetMs > maxBudgetMs) throw new ProblemError(400, 'invalid-request', 'The budget is not valid', { detail: `A whole number of ms from 1 to ${maxBudgetMs}.`, field: 'x-weir-budget-ms' });
  return budgetMs;
}
