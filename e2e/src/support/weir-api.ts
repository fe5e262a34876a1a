import { Me, OpsSnapshot } from '@weir/contracts';
import { z } from 'zod';

const NewKey = z.object({ key: z.string() });

/** A signed-in person's or a machine's way to the API of one running Weir. */
export class WeirApi {
  constructor(readonly url: string, private readonly headers: Readonly<Record<string, string>>) {}

  static withKey(url: string, key: string): WeirApi { return new WeirApi(url, { authorization: `Bearer ${key}` }); }

  /** Signs in by the one-time link that Weir printed. */
  static async byLink(loginUrl: string | undefined): Promise<{ readonly api: WeirApi; readonly me: Me }> {
    if (loginUrl === undefined) throw new Error('Weir printed no login link');
    const { origin, searchParams } = new URL(loginUrl);
    const response = await fetch(`${origin}/v1/login/setup`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token: searchParams.get('setup') }) });
    if (!response.ok) throw new Error(`the link was refused: ${response.status} ${await response.text()}`);
    const me = Me.parse(await response.json());
    const cookie = response.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ');
    return { me, api: new WeirApi(origin, { cookie, 'x-csrf-token': me.csrfToken, origin }) };
  }

  async json(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const response = await this.send(method, path, body === undefined ? undefined : JSON.stringify(body), { 'content-type': 'application/json', ...headers });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  send(method: string, path: string, body: string | undefined, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    const { 'content-type': type, ...others } = headers;
    return fetch(new URL(path, this.url), {
      method, headers: { ...this.headers, ...others, ...(body === undefined || type === undefined ? {} : { 'content-type': type }) }, ...(body === undefined ? {} : { body }),
    });
  }

  async ops(): Promise<OpsSnapshot> { return OpsSnapshot.parse(await this.json('GET', '/v1/ops')); }

  /** A key that may do what the tests do. */
  async newKey(name: string): Promise<string> {
    return NewKey.parse(await this.json('POST', '/v1/api-keys', { name, roles: ['channel', 'ops', 'analyst', 'author', 'admin'] })).key;
  }
}

/** Asks again until the answer fits; fails with what it last saw. */
export async function until<T>(what: string, ask: () => Promise<T>, fits: (value: T) => boolean, timeoutMs = 60_000): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await ask();
    if (fits(value)) return value;
    if (Date.now() > end) throw new Error(`${what} did not come within ${timeoutMs / 1000} s; last: ${JSON.stringify(value)?.slice(0, 2_000)}`);
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}
