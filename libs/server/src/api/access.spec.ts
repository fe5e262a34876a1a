import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AlertDetail, AlertPage, CasePage, Me, OpsSnapshot, Overview } from '@weir/contracts';
import type { FastifyInstance } from 'fastify';
import { ApiKeyList, NewApiKeyAnswer, UserList } from '../access/access.controller.js';
import { operations } from '../openapi/operations.js';
import { DeadLetterList } from '../ops/ops.controller.js';
import { startTestPostgres, type TestPostgres } from '../testing/test-database.js';
import { callerOf, payment, raiseAlerts, sessionOf, signInAdmin, signInAs, startTestProduct, type Caller, type TestProduct } from '../testing/test-product.js';

let postgres: TestPostgres;
let product: TestProduct;
let admin: Caller;
let stranger: Caller;
let dashboard: string;

beforeAll(async () => {
  dashboard = mkdtempSync(join(tmpdir(), 'weir-out-'));
  postgres = await startTestPostgres();
  product = await startTestProduct({ databaseUrl: await postgres.newDatabase(), dashboardDir: join(dashboard, 'out') });
  stranger = callerOf(product.server.url);
  admin = await signInAdmin(product);
});
afterAll(async () => {
  await product?.stop();
  await postgres?.stop();
  rmSync(dashboard, { recursive: true, force: true });
});

/** Every route of the running server, from its own table. */
function routes(): readonly { method: string; path: string }[] {
  const fastify = product.server.app.getHttpAdapter().getInstance() as unknown as FastifyInstance; // as: Nest's generics
  const found: { method: string; path: string }[] = [];
  const stack: string[] = [];
  for (const line of fastify.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent = '', text = ''] = /^((?:[│ ] {3})*)[├└]── (.*)$/.exec(line) ?? [];
    if (text === '') continue;
    const depth = indent.length / 4;
    const [, part = '', methods] = /^(\S+)(?: \(([^)]*)\))?$/.exec(text) ?? [];
    stack.length = depth;
    stack[depth] = part;
    for (const method of methods?.split(', ') ?? []) found.push({ method, path: stack.join('').replace(/:(\w+)/g, '{$1}') });
  }
  return found;
}

describe('who may call what', () => {
  it('finds every route of the server in the OpenAPI document, and no other', () => {
    const served = routes().filter(({ method, path }) => method !== 'HEAD' && path !== '*' && path !== '/*').map(({ method, path }) => `${method.toLowerCase()} ${path}`);
    expect([...new Set(served)].sort()).toEqual(operations.map(({ method, path }) => `${method} ${path}`).sort());
  });

  it('refuses every route without session or key, but for health, signing in and files', async () => {
    const open = new Set(['get /healthz', 'get /readyz', 'post /v1/login', 'post /v1/login/setup']);
    for (const { method, path } of operations) {
      const answer = await stranger.call(method.toUpperCase(), path.replace('{id}', 'x'), method === 'get' || method === 'delete' ? undefined : {});
      if (open.has(`${method} ${path}`)) {
        expect([path, answer.status]).not.toEqual([path, 401]);
        continue;
      }
      expect([method, path, answer.status, answer.headers.get('content-type')]).toEqual([method, path, 401, 'application/problem+json; charset=utf-8']);
      expect(answer.problem()).toMatchObject({ code: 'unauthorized', status: 401 });
    }
  });

  it.each(['weir_live_wrong', 'x'.repeat(5_000), ''])('refuses a key that is none', async (key) => {
    expect((await callerOf(product.server.url, { authorization: `Bearer ${key}` }).call('GET', '/v1/alerts')).status).toBe(401);
  });

  it('refuses each route to roles that may not use it', async () => {
    const viewer = await signInAs(product, admin, 'vera', 'viewer');
    const forbidden: readonly (readonly [string, string])[] = [
      ['POST', '/v1/events'], ['POST', '/v1/decisions'], ['POST', '/v1/alerts/x/disposition'], ['DELETE', '/v1/alerts/x/disposition'], ['POST', '/v1/alerts/x/claim'], ['POST', '/v1/alerts/x/release'],
      ['POST', '/v1/alerts/x/assign'], ['POST', '/v1/alerts/x/notes'], ['POST', '/v1/queue/next'], ['PATCH', '/v1/cases/x'], ['POST', '/v1/cases/x/notes'], ['PUT', '/v1/rules/x'], ['POST', '/v1/backtests'],
      ['GET', '/v1/users'], ['POST', '/v1/users'], ['GET', '/v1/api-keys'], ['POST', '/v1/api-keys'], ['DELETE', '/v1/api-keys/x'], ['POST', '/v1/demo'], ['GET', '/v1/audit/verify'],
    ];
    for (const [method, path] of forbidden) expect([method, path, (await viewer.call(method, path, method === 'GET' ? undefined : {})).status]).toEqual([method, path, 403]);
    expect((await viewer.call('GET', '/v1/alerts')).status).toBe(200);
  });

  it('lets a channel key publish and nothing else, until it is revoked', async () => {
    const made = (await admin.call('POST', '/v1/api-keys', { name: 'till', roles: ['channel'] })).as(NewApiKeyAnswer);
    expect(made.key).toMatch(/^weir_live_[\w-]{43}$/);
    const till = callerOf(product.server.url, { authorization: `Bearer ${made.key}` });
    expect((await till.call('POST', '/v1/events', [])).status).toBe(200);
    expect((await till.call('GET', '/v1/alerts')).status).toBe(403);
    expect((await till.call('GET', '/v1/ops')).status).toBe(403);
    const listed = await admin.call('GET', '/v1/api-keys');
    expect(listed.text).not.toContain(made.key);
    expect(listed.as(ApiKeyList).items).toMatchObject([{ name: 'till', createdBy: 'admin', roles: ['channel'] }]);
    expect((await admin.call('DELETE', `/v1/api-keys/${made.row.id}`)).status).toBe(204);
    expect((await till.call('POST', '/v1/events', [])).status).toBe(401);
    expect((await admin.call('DELETE', `/v1/api-keys/${made.row.id}`)).status).toBe(404);
  });
});

describe('signing in', () => {
  it('takes the one-time link once, and asks for a password', async () => {
    expect((await admin.call('GET', '/v1/me')).as(Me)).toMatchObject({ user: { name: 'admin', roles: ['admin'] }, needsPassword: true, undoMs: 600_000 });
    const again = await stranger.call('POST', '/v1/login/setup', { token: product.setupToken });
    expect([again.status, again.problem().code]).toEqual([401, 'wrong-credentials']);
  });

  it('sets a cookie that scripts and other sites can not use', async () => {
    await signInAs(product, admin, 'cora', 'analyst');
    const signedIn = await stranger.call('POST', '/v1/login', { user: 'cora', password: 'password-of-cora' });
    expect(signedIn.headers.get('set-cookie')).toMatch(/^weir_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
  });

  it('answers a wrong password and an unknown user alike, and slows guessing down', async () => {
    await signInAs(product, admin, 'gina', 'analyst');
    const wrong = await stranger.call('POST', '/v1/login', { user: 'gina', password: 'not it at all' });
    const unknown = await stranger.call('POST', '/v1/login', { user: 'nobody-here', password: 'not it at all' });
    expect([wrong.status, wrong.text]).toEqual([unknown.status, unknown.text]);
    for (let attempt = 0; attempt < 9; attempt += 1) await stranger.call('POST', '/v1/login', { user: 'gina', password: `guess ${attempt}` });
    const slowed = await stranger.call('POST', '/v1/login', { user: 'gina', password: 'password-of-gina' });
    expect(slowed.status).toBe(429);
    expect(Number(slowed.headers.get('retry-after'))).toBeGreaterThan(0);
    product.clock.advance(300_000);
    expect((await stranger.call('POST', '/v1/login', { user: 'gina', password: 'password-of-gina' })).status).toBe(200);
  });

  it('changes a password only with the current one, and ends the other sessions then', async () => {
    const here = await signInAs(product, admin, 'pia', 'analyst');
    const there = sessionOf(product.server.url, await stranger.call('POST', '/v1/login', { user: 'pia', password: 'password-of-pia' }));
    expect((await here.call('POST', '/v1/me/password', { password: 'a new password' })).status).toBe(403);
    expect((await here.call('POST', '/v1/me/password', { current: 'password-of-pia', password: 'short' })).problem()).toMatchObject({ status: 400, field: 'password' });
    expect((await here.call('POST', '/v1/me/password', { current: 'password-of-pia', password: 'a new password' })).status).toBe(200);
    expect([(await here.call('GET', '/v1/me')).status, (await there.call('GET', '/v1/me')).status]).toEqual([200, 401]);
    expect((await stranger.call('POST', '/v1/login', { user: 'pia', password: 'a new password' })).status).toBe(200);
  });

  it('refuses an unsafe request of a session without its token or from another site', async () => {
    const { cookie = '', 'x-csrf-token': token = '' } = admin.headers;
    const withoutToken = callerOf(product.server.url, { cookie });
    expect((await withoutToken.call('POST', '/v1/demo', { running: true })).problem().code).toBe('csrf');
    expect((await withoutToken.call('GET', '/v1/me')).status).toBe(200);
    const foreign = callerOf(product.server.url, { cookie, 'x-csrf-token': token, origin: 'https://evil.example' });
    expect((await foreign.call('POST', '/v1/demo', { running: true })).problem().code).toBe('foreign-origin');
    expect((await stranger.call('POST', '/v1/login', { user: 'a', password: 'b' }, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await callerOf(product.server.url, { cookie, 'x-csrf-token': token, origin: product.server.url }).call('POST', '/v1/demo', { running: true })).status).toBe(200);
  });

  it('ends the session on logout and by itself after twelve hours', async () => {
    const brief = await signInAs(product, admin, 'lena', 'analyst');
    expect((await brief.call('POST', '/v1/logout')).status).toBe(204);
    expect((await brief.call('GET', '/v1/me')).status).toBe(401);
    const idle = sessionOf(product.server.url, await stranger.call('POST', '/v1/login', { user: 'lena', password: 'password-of-lena' }));
    product.clock.advance(12 * 3_600_000 + 1);
    expect((await idle.call('GET', '/v1/me')).status).toBe(401);
    admin = await freshAdmin();
  });

  it('acts as a person of the demo and back', async () => {
    expect((await admin.call('POST', '/v1/me/act-as', { user: 'mira' })).status).toBe(204);
    expect((await admin.call('GET', '/v1/me')).as(Me).user).toEqual({ name: 'mira', displayName: 'Mira', roles: ['analyst'] });
    expect((await admin.call('GET', '/v1/users')).status).toBe(403);
    expect((await admin.call('POST', '/v1/me/act-as', { user: 'lena' })).status).toBe(422);
    expect((await admin.call('POST', '/v1/me/act-as', { user: null })).status).toBe(204);
    expect((await admin.call('GET', '/v1/users')).as(UserList).items.map(({ name }) => name)).toContain('mira');
  });

  it.each([
    { name: 'a taken name', body: { name: 'admin', displayName: 'A', roles: ['viewer'], password: 'long enough it is' }, status: 409, field: 'name' },
    { name: 'a name that means something else', body: { name: 'none', displayName: 'A', roles: ['viewer'], password: 'long enough it is' }, status: 400, field: 'name' },
    { name: 'an unknown role', body: { name: 'x', displayName: 'A', roles: ['king'], password: 'long enough it is' }, status: 400, field: 'roles.0' },
    { name: 'a short password', body: { name: 'x', displayName: 'A', roles: ['viewer'], password: 'short' }, status: 400, field: 'password' },
  ])('refuses a user with $name', async ({ body, status, field }) => {
    expect((await admin.call('POST', '/v1/users', body)).problem()).toMatchObject({ status, field });
  });
});

/** A session that the clock has not ended: the admin has a password from here on. */
async function freshAdmin(): Promise<Caller> {
  const { ensureFirstAdmin } = await import('../access/accounts.js');
  const token = await ensureFirstAdmin(product.store, product.clock.now);
  return sessionOf(product.server.url, await stranger.call('POST', '/v1/login/setup', { token }));
}

describe('personal values', () => {
  it('never reach a viewer: rows, explanation, cases, dead letters', async () => {
    const account = 'acct-9987654321';
    await raiseAlerts(product, admin, [account]);
    await admin.call('POST', '/v1/events', [payment('bad', product.clock.now(), { account_id: account, amount: 'x' })]);
    const viewer = sessionOf(product.server.url, await stranger.call('POST', '/v1/login', { user: 'vera', password: 'password-of-vera' }));
    const list = await viewer.call('GET', '/v1/alerts?status=all');
    const [row] = list.as(AlertPage).items;
    expect(row).toMatchObject({ subject: { field: 'account_id', label: '••4321' }, reason: '300.00 EUR by ••4321' });
    const detail = await viewer.call('GET', `/v1/alerts/${row?.id ?? ''}`);
    expect(detail.as(AlertDetail).alert.trigger?.fields).toMatchObject({ account_id: '••4321', amount: '300' });
    const cases = await viewer.call('GET', '/v1/cases');
    expect(cases.as(CasePage).items[0]?.subject.label).toBe('••4321');
    const letters = await viewer.call('GET', '/v1/dead-letters');
    expect(letters.as(DeadLetterList)).toMatchObject({ items: [{ code: 'bad-format', raw: '' }], byCode: { 'bad-format': 1 } });
    const overview = await viewer.call('GET', '/v1/overview');
    const story = await viewer.call('GET', `/v1/cases/${row?.caseId ?? ''}`);
    for (const answer of [list, detail, cases, letters, overview, story]) expect(answer.text).not.toContain(account);
    expect((await admin.call('GET', '/v1/alerts')).text).toContain(account);
    const search = `/v1/alerts?status=all&text=${account}`;
    expect([(await admin.call('GET', search)).as(AlertPage).total, (await viewer.call('GET', search)).as(AlertPage).total]).toEqual([1, 0]);
    const [letter] = (await admin.call('GET', '/v1/dead-letters')).as(DeadLetterList).items;
    expect(Buffer.from(letter?.raw ?? '', 'base64').toString()).toContain(account);
  });
});

describe('the state of the product', () => {
  it('answers health and readiness to anybody', async () => {
    expect((await stranger.call('GET', '/healthz')).text).toBe('{"status":"ok"}');
    expect((await stranger.call('GET', '/readyz')).status).toBe(200);
  });

  it('shows overview, operations and figures for Prometheus that agree', async () => {
    const overview = (await admin.call('GET', '/v1/overview')).as(Overview);
    const ops = (await admin.call('GET', '/v1/ops')).as(OpsSnapshot);
    const metrics = await admin.call('GET', '/metrics');
    expect(overview.minutes).toHaveLength(60);
    expect(overview.minutes.at(-1)).toMatchObject({ events: 7, high: 1 });
    expect(metrics.headers.get('content-type')).toContain('text/plain');
    expect(metrics.text).toContain(`weir_dead_letters_total ${ops.deadLetterTotal}\n`);
    expect(metrics.text).toContain('weir_queue_open_alerts 1\n');
    expect(metrics.text).toMatch(/weir_http_request_seconds_count\{method="GET",route="\/v1\/alerts\/:id",status="200"\} \d+/);
  });

  it('starts and stops the demo traffic', async () => {
    expect((await admin.call('POST', '/v1/demo', { running: false })).text).toBe('{"running":false}');
    expect((await admin.call('GET', '/v1/me')).as(Me).demoRunning).toBe(false);
    expect((await admin.call('POST', '/v1/demo', { running: 'yes' })).problem()).toMatchObject({ status: 400, field: 'running' });
  });

  it('describes itself with schemas that resolve', async () => {
    const { text } = await admin.call('GET', '/v1/openapi.json');
    const document: { openapi: string; components: { schemas: Record<string, unknown> } } = JSON.parse(text);
    expect(document.openapi).toBe('3.1.0');
    const names = new Set(Object.keys(document.components.schemas));
    for (const [, name = ''] of text.matchAll(/"#\/components\/schemas\/([^"/]+)"/g)) expect([name, names.has(name)]).toEqual([name, true]);
    expect(text).toContain('#/components/schemas/Problem');
  });

  it('answers an unknown address of the API as a problem', async () => {
    expect((await admin.call('GET', '/v1/nothing')).problem()).toMatchObject({ status: 404, code: 'not-found' });
    expect((await admin.call('POST', '/nothing', {})).status).toBe(404);
  });
});

describe('the dashboard', () => {
  it('is a page that reloads itself until it is built, then the build, without a restart', async () => {
    const before = await stranger.call('GET', '/alerts/');
    expect([before.status, before.text.includes('http-equiv="refresh"')]).toEqual([503, true]);

    const out = join(dashboard, 'out');
    mkdirSync(join(out, 'alerts'), { recursive: true });
    mkdirSync(join(out, '_next', 'static'), { recursive: true });
    writeFileSync(join(out, 'index.html'), '<!doctype html><script>self.a=1</script><script src="/_next/static/a.js"></script><p>home</p>');
    writeFileSync(join(out, 'alerts', 'index.html'), '<!doctype html><script>self.b=2</script><p>queue</p>');
    writeFileSync(join(out, '404.html'), '<p>no page</p>');
    writeFileSync(join(out, '_next', 'static', 'a.js'), 'export {};');
    writeFileSync(join(out, '..', 'secret.txt'), 'secret');

    const home = await stranger.call('GET', '/?tab=report');
    expect([home.status, home.text.includes('home'), home.headers.get('content-type')]).toEqual([200, true, 'text/html; charset=utf-8']);
    const policy = home.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self' 'sha256-"); // the hash of `self.a=1`
    expect(policy.match(/sha256-/g)).toHaveLength(1);
    expect(policy).not.toContain("script-src 'self' 'unsafe-inline'");
    expect((await stranger.call('GET', '/alerts/')).text).toContain('queue');
    const folder = await stranger.call('GET', '/alerts?q=open');
    expect([folder.status, folder.headers.get('location')]).toEqual([308, '/alerts/?q=open']);
    const script = await stranger.call('GET', '/_next/static/a.js');
    expect([script.status, script.headers.get('content-type'), script.headers.get('cache-control')]).toEqual([200, 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable']);
    expect((await stranger.call('GET', '/_next/static/a.js', undefined, { 'if-none-match': script.headers.get('etag') ?? '' })).status).toBe(304);
    const missing = await stranger.call('GET', '/nowhere/');
    expect([missing.status, missing.text]).toEqual([404, '<p>no page</p>']);
    for (const path of ['/..%2fsecret.txt', '/%2e%2e/secret.txt', '/.hidden', '/%00', '/%']) {
      const answer = await stranger.call('GET', path);
      expect([path, answer.status >= 400, answer.text.includes('secret')]).toEqual([path, true, false]);
    }
  });
});
