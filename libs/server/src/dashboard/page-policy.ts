import { createHash } from 'node:crypto';

/**
 * Content-Security-Policy of one page: scripts of our own files, and the inline ones of this very page by their hash.
 *
 * Styles may be inline (charts set style attributes). Sockets go to the same host.
 *
 * @param host the request's Host header; left out of the policy when it does not look like one.
 */
export function pagePolicy(html: string, host: string | undefined): string {
  const hashes = new Set<string>();
  for (const [, attributes = '', script = ''] of html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/gi)) {
    if (/\bsrc\s*=/i.test(attributes) || script === '') continue;
    hashes.add(`'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  }
  const sockets = host !== undefined && /^[a-z0-9.:[\]-]{1,255}$/i.test(host) ? ` ws://${host} wss://${host}` : '';
  return [
    "default-src 'none'", `script-src 'self' ${[...hashes].join(' ')}`.trim(), "style-src 'self' 'unsafe-inline'", "img-src 'self' data: blob:", "font-src 'self' data:",
    `connect-src 'self'${sockets}`, "worker-src 'self' blob:", "manifest-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
  ].join('; ');
}
