import { Body, Controller, Delete, Get, Headers, HttpCode, Inject, Param, Post, Put } from '@nestjs/common';
import { ExplainEvent, RuleRow, RuleText, SaveRule, StartBacktest } from '@weir/contracts';
import type { BacktestJob, RuleCheck, RuleDetail, RuleExplanation } from '@weir/contracts';
import { hideInExplanation } from '@weir/rule-engine';
import { z } from 'zod';
import { Allow, Caller } from '../access/access.decorator.js';
import { personalFields } from '../access/personal-fields.js';
import { isMasked } from '../access/viewer.js';
import type { Principal } from '../access/viewer.js';
import type { ExplainJobResult } from '@weir/pipeline';
import { ProblemError, notFoundProblem } from '../http/problem-error.js';
import { versionOfIfMatch } from '../http/request-values.js';
import { serverOptionsToken } from '../server-options.js';
import type { ServerOptions } from '../server-options.js';
import { RuleDesk } from './rule-desk.js';

export const RuleList = z.object({ items: z.array(RuleRow) });
/** The event schema as text and as read. */
export const SchemaAnswer = z.object({ text: z.string(), schema: z.looseObject({ version: z.number(), types: z.array(z.looseObject({ name: z.string() })), hash: z.string() }) });

/** Rules, their checks and releases, backtests, and the event schema they are written against. */
@Controller('v1')
export class RulesController {
  constructor(private readonly desk: RuleDesk, @Inject(serverOptionsToken) private readonly options: ServerOptions) {}

  @Get('rules') @Allow('signed-in')
  async list(): Promise<z.infer<typeof RuleList>> { return { items: [...(await this.desk.list())] }; }

  @Post('rules/check') @HttpCode(200) @Allow('signed-in')
  check(@Body() body: unknown): Promise<RuleCheck> { return this.desk.check(RuleText.parse(body).text); }

  /**
   * What a rule, or a draft, made of an event of the log. Somebody from whom personal values are masked may ask of stored rules
   * only: the answer to a draft of their own would give the values away, one comparison at a time.
   */
  @Post('rules/explain') @HttpCode(200) @Allow('signed-in')
  async explain(@Body() body: unknown, @Caller() caller: Principal): Promise<RuleExplanation> {
    const request = ExplainEvent.parse(body);
    const masked = isMasked(caller);
    if (masked && request.text !== undefined) throw new ProblemError(403, 'forbidden', 'Not allowed', { detail: 'A draft is explained to those who may see personal values. Name a stored rule by ruleId.', field: 'text' });
    const result = await this.options.explanations.explain(await this.desk.typedRule(request), request.eventId);
    if (!result.ok) throw explainProblem(result, request.eventId);
    return masked ? hideInExplanation(result.explanation, personalFields(this.options.schema.current().schema)) : result.explanation;
  }

  @Get('rules/:id') @Allow('signed-in')
  async one(@Param('id') id: string): Promise<RuleDetail> {
    const detail = await this.desk.detail(id);
    if (detail === undefined) throw notFoundProblem('rule');
    return detail;
  }

  @Put('rules/:id') @Allow(['author'])
  async save(@Param('id') id: string, @Headers('if-match') ifMatch: string | undefined, @Body() body: unknown, @Caller() caller: Principal): Promise<RuleDetail> {
    const save = SaveRule.parse(body);
    return this.desk.save(id, versionOfIfMatch(ifMatch), save, caller.name);
  }

  @Get('schema') @Allow('signed-in')
  schema(): { readonly text: string; readonly schema: unknown } { return this.options.schema.current(); }

  @Post('backtests') @HttpCode(202) @Allow(['author', 'approver'])
  async backtest(@Body() body: unknown, @Caller() caller: Principal): Promise<BacktestJob> {
    const request = StartBacktest.parse(body);
    await this.desk.requireCompiled(request.text);
    const result = await this.options.backtests.start(request, caller.name);
    if (result.ok) return result.job;
    throw new ProblemError(429, result.reason, 'Too many backtests run', { detail: `${result.running} run now. Cancel one, or wait for it.`, headers: { 'retry-after': '10' } });
  }

  @Get('backtests/:id') @Allow(['author', 'approver', 'senior'])
  job(@Param('id') id: string): BacktestJob { return known(this.options.backtests.get(id)); }

  @Delete('backtests/:id') @Allow(['author', 'approver'])
  async cancel(@Param('id') id: string): Promise<BacktestJob> { return known(await this.options.backtests.cancel(id)); }
}

function explainProblem(refused: Exclude<ExplainJobResult, { readonly ok: true }>, eventId: string): ProblemError {
  switch (refused.reason) {
    case 'unknown-event': return new ProblemError(404, 'unknown-event', 'There is no such event', { detail: `No event ${eventId} is in the log. Refused events are among the dead letters; old ones may have been deleted.`, field: 'eventId' });
    case 'too-much': return new ProblemError(422, 'too-much', 'Too much to look at', { detail: `For this event the rule looks at more than ${refused.maxEntries.toLocaleString('en-GB')} events. A key (by) or a shorter window makes them fewer.` });
    case 'busy': return new ProblemError(429, 'busy', 'Too many explanations are under way', { detail: `${refused.waiting} are asked for now. Try again in a moment.`, headers: { 'retry-after': '1' } });
  }
}

function known(job: BacktestJob | undefined): BacktestJob {
  if (job === undefined) throw notFoundProblem('backtest');
  return job;
}
