import { Catch, HttpException } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { Problem } from '@weir/contracts';
import { IntakeFull, IntakeStopped } from '@weir/pipeline';
import type { FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { ZodError } from 'zod';
import { ProblemError } from './problem-error.js';

const titles: Readonly<Record<number, readonly [code: string, title: string]>> = {
  400: ['bad-request', 'Bad request'], 401: ['unauthorized', 'Sign in first'], 403: ['forbidden', 'Not allowed'], 404: ['not-found', 'Not found'], 405: ['method-not-allowed', 'Method not allowed'],
  406: ['not-acceptable', 'Not acceptable'], 408: ['timeout', 'The request took too long'], 413: ['too-large', 'The body is too large'], 414: ['too-long', 'The address is too long'],
  415: ['unsupported-media-type', 'Content type not supported'], 422: ['unprocessable', 'Not acceptable as it is'], 429: ['too-many-requests', 'Too many requests'], 431: ['headers-too-large', 'The headers are too large'],
};

/** Codes of the driver and the network that mean: the database can not be reached now. */
const storeCodes: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', '57P01', '57P02', '57P03', '53300', '08006', '08001']);

const codeOf = (error: unknown): string | undefined => (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : undefined);

function fromZod(error: ZodError): ProblemError {
  const [issue] = error.issues;
  return new ProblemError(400, 'invalid-request', 'The request is not valid', { detail: issue?.message ?? 'invalid', ...(issue === undefined || issue.path.length === 0 ? {} : { field: issue.path.map(String).join('.') }) });
}

/** Every error as a problem; undefined: one of ours, told to the log and not to the caller. */
export function toProblem(error: unknown): ProblemError | undefined {
  if (error instanceof ProblemError) return error;
  if (error instanceof ZodError) return fromZod(error);
  const status = error instanceof HttpException ? error.getStatus() : typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined;
  if (status !== undefined && status < 500) {
    const [code, title] = titles[status] ?? ['bad-request', 'Bad request'];
    return new ProblemError(status, code, title, error instanceof Error && status !== 404 ? { detail: error.message } : {});
  }
  if (error instanceof IntakeFull) {
    return new ProblemError(429, 'busy', 'Too many events wait', { detail: 'Send the same events again later; those already taken are answered as duplicates.', headers: { 'retry-after': String(Math.max(1, Math.ceil(error.retryAfterMs / 1000))) } });
  }
  if (error instanceof IntakeStopped) return new ProblemError(503, 'intake-stopped', 'Events are not taken now', { detail: error.message, headers: { 'retry-after': '5' } });
  const code = codeOf(error);
  const isLost = (code !== undefined && storeCodes.has(code)) || (error instanceof Error && /connection terminated|timeout exceeded when trying to connect/i.test(error.message));
  return isLost ? new ProblemError(503, 'store-unavailable', 'The database does not answer', { headers: { 'retry-after': '2' } }) : undefined;
}

/** The one place where errors become HTTP. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const known = toProblem(error);
    if (known === undefined) this.log.error({ err: error, url: reply.request.url.split('?')[0] }, 'request failed');
    const problem = known ?? new ProblemError(500, 'internal', 'Something failed here; nothing was changed');
    if (reply.sent) return;
    const { headers, ...more } = problem.more;
    const body: Problem = { type: `https://weir.invalid/problems/${problem.code}`, title: problem.title, status: problem.status, code: problem.code, ...more };
    void reply.status(problem.status).headers(headers ?? {}).header('content-type', 'application/problem+json; charset=utf-8').send(JSON.stringify(body));
  }
}
