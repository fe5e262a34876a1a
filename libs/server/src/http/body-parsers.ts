import type { FastifyInstance } from 'fastify';
import { ProblemError } from './problem-error.js';

/** Routes that hand their bytes on unread: the ingester reads them once, with places of its own. */
const rawRoutes: ReadonlySet<string> = new Set(['/v1/events', '/v1/decisions']);

/** JSON as value, or as bytes for the ingester; NDJSON as a stream of any length. Every other content type is a 415. */
export function useBodyParsers(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body);
    if (rawRoutes.has(request.routeOptions.url ?? '')) return done(null, bytes);
    if (bytes.length === 0) return done(null, undefined);
    try {
      done(null, JSON.parse(bytes.toString('utf8')));
    } catch (error) {
      done(new ProblemError(400, 'malformed-json', 'The body is not JSON', { detail: error instanceof Error ? error.message : 'not JSON' }));
    }
  });
  fastify.addContentTypeParser(['application/x-ndjson', 'application/ndjson'], (request, stream, done) => {
    if (request.routeOptions.url !== '/v1/events') return done(new ProblemError(415, 'unsupported-media-type', 'Content type not supported', { detail: 'Send application/json.' }));
    done(null, stream);
  });
}
