import { readFile, stat } from 'node:fs/promises';
import { join, normalize, resolve, sep } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { notFoundProblem } from '../http/problem-error.js';
import { pagePolicy } from './page-policy.js';
import { serveFile } from './serve-file.js';

const buildingPage = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta http-equiv="refresh" content="2"><meta name="viewport" content="width=device-width"><title>Weir is building its dashboard</title>
<style>body{font:16px/24px system-ui,sans-serif;margin:20vh auto;max-width:36rem;padding:0 24px;color:#1a1f27;background:#f6f7f9}@media(prefers-color-scheme:dark){body{color:#e6e9ee;background:#0e1116}}</style></head>
<body><h1>The dashboard is being built</h1><p>Events are taken and evaluated already. This page becomes the dashboard by itself when it is ready, usually within a minute.</p></body>
</html>
`;

interface Page { readonly html: string; readonly modifiedMs: number }

/**
 * Serves the exported dashboard: folders as pages (`/alerts/` is `alerts/index.html`), files as they are.
 *
 * The folder may be absent or replaced while this runs: every request looks anew, so a finished build is picked up without a
 * restart. Until its index.html is there, every page is a small one that reloads itself.
 */
export function serveDashboard(fastify: FastifyInstance, folder: string): void {
  const root = resolve(folder);
  const pages = new Map<string, Page>();

  async function page(path: string): Promise<string | undefined> {
    const found = await stat(path).catch(() => undefined); // absent: not a page
    if (found === undefined || !found.isFile()) return undefined;
    const known = pages.get(path);
    if (known?.modifiedMs === found.mtimeMs) return known.html;
    const html = await readFile(path, 'utf8');
    pages.set(path, { html, modifiedMs: found.mtimeMs });
    return html;
  }

  const sendPage = (request: FastifyRequest, reply: FastifyReply, html: string, status: number): FastifyReply => reply
    .status(status).header('content-type', 'text/html; charset=utf-8').header('cache-control', 'no-cache')
    .header('content-security-policy', pagePolicy(html, request.headers.host)).send(html);

  async function answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const [path = '/', query] = request.url.split('?', 2);
    if (path === '/v1' || path.startsWith('/v1/')) throw notFoundProblem('address of the API');
    const inside = insidePath(root, path);
    if (inside !== undefined && !path.endsWith('/')) {
      const found = await stat(inside).catch(() => undefined); // absent: not a file
      if (found?.isDirectory() === true) return reply.redirect(`${path}/${query === undefined ? '' : `?${query}`}`, 308);
      if (found?.isFile() === true && !inside.endsWith('.html')) {
        const isHashed = path.startsWith('/_next/static/');
        return serveFile(request, reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache'), inside, found);
      }
    }
    const html = inside === undefined ? undefined : await page(path.endsWith('/') ? join(inside, 'index.html') : inside);
    if (html !== undefined) return sendPage(request, reply, html, 200);
    if ((await page(join(root, 'index.html'))) === undefined) return reply.header('retry-after', '2').header('cache-control', 'no-store').status(503).header('content-type', 'text/html; charset=utf-8').header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'").send(buildingPage);
    const missing = await page(join(root, '404.html'));
    return sendPage(request, reply, missing ?? '<!doctype html><title>Not found</title><p>There is no such page.</p>', 404);
  }

  fastify.route({ method: ['GET', 'HEAD'], url: '/*', handler: answer, exposeHeadRoute: false });
}

/** The file a path means, or undefined when it leaves the folder or is not a path. */
function insidePath(root: string, path: string): string | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return undefined; // a broken percent escape names no file
  }
  if (decoded.includes('\0') || decoded.split('/').some((part) => part.startsWith('.'))) return undefined;
  const file = normalize(join(root, decoded));
  return file === root || file.startsWith(root + sep) ? file : undefined;
}
