import { pipeline as pipeStreams } from 'node:stream';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { IngestAnswer, SourceName } from '@weir/contracts';
import { jsonItems, ndjsonItems } from '@weir/pipeline';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Allow } from '../access/access.decorator.js';
import { ProblemError } from '../http/problem-error.js';
import { serverOptionsToken } from '../server-options.js';
import type { ServerOptions } from '../server-options.js';
import { AnswerStream } from './answer-stream.js';

export const ArrayAnswer = z.object({ answers: z.array(IngestAnswer) });
/** `source`: a stream of lines is one of several (partitions, files) that come into the log in step; see the intake. */
export const EventSearch = z.object({ source: SourceName.optional() });

const openBracket = 0x5b;
const isArray = (body: Buffer): boolean => body.find((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0xef && byte !== 0xbb && byte !== 0xbf) === openBracket;
const isReadable = (body: unknown): body is Readable => typeof body === 'object' && body !== null && 'pipe' in body && typeof body.pipe === 'function';

/** Events from outside, by HTTP. */
@Controller('v1/events')
export class EventsController {
  constructor(@Inject(serverOptionsToken) private readonly options: ServerOptions) {}

  /** One event or an array (`application/json`), or a stream (`application/x-ndjson`). Answered per event after it is durable. */
  @Post() @HttpCode(200) @Allow(['channel', 'author', 'ops'])
  async accept(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { body } = request;
    const { source } = EventSearch.parse(request.query);
    if (isReadable(body)) return this.#stream(request, body, reply, source);
    if (source !== undefined) throw new ProblemError(400, 'invalid-request', 'Only a stream of lines has a source', { detail: 'Send application/x-ndjson, or leave the source out.', field: 'source' });
    if (!Buffer.isBuffer(body) || body.length === 0) throw new ProblemError(400, 'malformed-json', 'The body is empty', { detail: 'Send one event, an array of events, or a stream of lines.' });
    await reply.send(isArray(body) ? await this.#array(body) : await this.#single(body));
  }

  async #single(body: Buffer): Promise<IngestAnswer> {
    const [answer] = await this.options.intake.acceptAll([{ raw: body, position: '[0]' }], 'http', { whenFull: 'refuse' });
    if (answer === undefined) throw new Error('intake did not answer');
    // Not an event at all: the sender's program is wrong, not its data. The bytes are kept as a dead letter all the same.
    if (answer.status === 'rejected' && (answer.code === 'malformed-json' || answer.code === 'not-an-object')) throw new ProblemError(400, answer.code, 'The body is not a JSON object', { detail: answer.message });
    return answer;
  }

  async #array(body: Buffer): Promise<z.infer<typeof ArrayAnswer>> {
    return { answers: [...(await this.options.intake.acceptAll(jsonItems([body]), 'http', { whenFull: 'refuse' }))] };
  }

  async #stream(request: FastifyRequest, body: Readable, reply: FastifyReply, source: string | undefined): Promise<void> {
    const lines = contentOf(request, body);
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'application/x-ndjson; charset=utf-8', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    const answers = new AnswerStream(reply.raw);
    try {
      for await (const batch of this.options.intake.accept(ndjsonItems(lines), 'ndjson', { source })) await answers.write(batch.map((answer) => `${JSON.stringify(answer)}\n`).join(''));
      await answers.end();
    } catch (error) {
      // Answers so far are true; the missing rest tells the sender where to begin again.
      this.options.log.warn({ err: error }, 'an event stream ended early');
      await answers.discard();
      reply.raw.destroy();
    }
  }
}

/** The lines of a request, unpacked when they come gzipped. */
function contentOf(request: FastifyRequest, body: Readable): Readable {
  const encoding = request.headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity') return body;
  if (encoding !== 'gzip') throw new ProblemError(415, 'unsupported-media-type', 'Content encoding not supported', { detail: 'Send the lines plain or gzipped.', field: 'content-encoding' });
  return pipeStreams(body, createGunzip(), () => undefined); // errors of either side reach the reader of the last one
}
