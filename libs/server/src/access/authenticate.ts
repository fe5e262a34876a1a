import type { IncomingHttpHeaders } from 'node:http';
import type { Access, Accounts } from './accounts.js';

export const sessionCookie = 'weir_session';

/** The value of one cookie of a Cookie header. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** Who a request or a socket comes from: its API key when it sends one, else its session cookie. */
export async function authenticate(headers: IncomingHttpHeaders, accounts: Accounts): Promise<Access | undefined> {
  const { authorization } = headers;
  if (authorization !== undefined) {
    const [, key] = /^Bearer (\S{1,200})$/i.exec(authorization) ?? [];
    return key === undefined ? undefined : accounts.accessOfKey(key);
  }
  const cookie = cookieOf(headers.cookie, sessionCookie);
  return cookie === undefined || cookie.length > 200 ? undefined : accounts.accessOfCookie(cookie);
}

/** True when a browser's Origin is this server (its Host header) or one of the public origins. No Origin: not a browser's cross-site call. */
export function isOwnOrigin(headers: IncomingHttpHeaders, publicOrigins: readonly string[]): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return true;
  if (publicOrigins.includes(origin)) return true;
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}
