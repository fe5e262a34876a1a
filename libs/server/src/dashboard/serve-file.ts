import { createReadStream } from 'node:fs';
import type { Stats } from 'node:fs';
import { extname } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Content types of what an exported dashboard holds; anything else is bytes. */
const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.mjs': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.json': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8', '.map': 'application/json; charset=utf-8', '.svg': 'image/svg+xml', '.png': 'image/png', '.jpg': 'image/jpeg', '.webp': 'image/webp', '.avif': 'image/avif',
  '.gif': 'image/gif', '.ico': 'image/x-icon', '.woff2': 'font/woff2', '.woff': 'font/woff', '.wasm': 'application/wasm', '.webmanifest': 'application/manifest+json', '.xml': 'application/xml',
};

/** Sends a file with its ETag (size and time of change), or 304 when the caller has it. */
export async function serveFile(request: FastifyRequest, reply: FastifyReply, path: string, found: Stats): Promise<FastifyReply> {
  const etag = `"${found.size.toString(16)}-${Math.floor(found.mtimeMs).toString(16)}"`;
  void reply.header('etag', etag).header('last-modified', found.mtime.toUTCString());
  if (request.headers['if-none-match']?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag) === true) return reply.status(304).send();
  void reply.header('content-type', contentTypes[extname(path).toLowerCase()] ?? 'application/octet-stream');
  if (request.method === 'HEAD') return reply.header('content-length', found.size).send();
  return reply.send(createReadStream(path));
}
