import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AlertPage, AlertRow, FeedMessage } from '@weir/contracts';
import { WebSocket } from 'ws';
import { startTestPostgres, type TestPostgres } from '../testing/test-database.js';
import { payment, raiseAlerts, signInAdmin, signInAs, startTestProduct, type Caller, type TestProduct } from '../testing/test-product.js';

let postgres: TestPostgres;
let product: TestProduct;
let admin: Caller;

beforeAll(async () => {
  postgres = await startTestPostgres();
  product = await startTestProduct({ databaseUrl: await postgres.newDatabase() });
  admin = await signInAdmin(product);
});
afterAll(async () => {
  await product?.stop();
  await postgres?.stop();
});

/** A desk's socket: messages are waited for one by one. */
class Desk {
  readonly socket: WebSocket;
  readonly #messages: FeedMessage[] = [];
  readonly #waiting: ((message: FeedMessage) => void)[] = [];
  readonly closed: Promise<number>;

  constructor(headers: Readonly<Record<string, string>>, url = product.server.url) {
    this.socket = new WebSocket(`${url.replace('http', 'ws')}/v1/feed`, { headers: { ...headers } });
    this.socket.on('message', (data) => {
      const message = FeedMessage.parse(JSON.parse(String(data)));
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#messages.push(message);
      else waiting(message);
    });
    this.socket.on('error', () => undefined); // refusals show in `closed` and in the response
    this.closed = new Promise((resolve) => this.socket.once('close', resolve));
  }

  async next(): Promise<FeedMessage> { return this.#messages.shift() ?? new Promise((resolve) => this.#waiting.push(resolve)); }
  async nextOf<K extends FeedMessage['kind']>(kind: K): Promise<Extract<FeedMessage, { kind: K }>> {
    for (;;) {
      const message = await this.next();
      if (message.kind === kind) return message as Extract<FeedMessage, { kind: K }>; // as: the kind was compared
    }
  }
  subscribe(topics: readonly string[], from?: string): void { this.socket.send(JSON.stringify({ kind: 'subscribe', topics, ...(from === undefined ? {} : { from }) })); }
}

const refusal = (headers: Readonly<Record<string, string>>, path = '/v1/feed'): Promise<number> => new Promise((resolve) => {
  const socket = new WebSocket(`${product.server.url.replace('http', 'ws')}${path}`, { headers: { ...headers } });
  socket.once('unexpected-response', (_, response) => {
    resolve(response.statusCode ?? 0);
    socket.terminate();
  });
  socket.once('open', () => resolve(101));
  socket.on('error', () => undefined); // the refusal itself
});

describe('the feed', () => {
  it('lets nobody in without a session, from another site, or with a channel key', async () => {
    const { cookie = '' } = admin.headers;
    const { key } = JSON.parse((await admin.call('POST', '/v1/api-keys', { name: 'till', roles: ['channel'] })).text) as { key: string };
    expect(await refusal({})).toBe(401);
    expect(await refusal({ cookie: 'weir_session=wrong' })).toBe(401);
    expect(await refusal({ cookie, origin: 'https://evil.example' })).toBe(403);
    expect(await refusal({ authorization: `Bearer ${key}` })).toBe(403);
    expect(await refusal({ cookie }, '/v1/other')).toBe(404);
  });

  it('tells of alerts, cases, decisions and releases after their commit, in order', async () => {
    const desk = new Desk(admin.headers);
    expect((await desk.next()).kind).toBe('hello');
    desk.subscribe(['alerts', 'cases', 'rules']);
    const rows = await raiseAlerts(product, admin, ['acct-00000042']);
    expect((await desk.next()).kind).toBe('rules-changed');
    const alert = await desk.nextOf('alert');
    expect(alert.row).toEqual(rows.get('acct-00000042'));
    expect((await desk.nextOf('case-changed')).row).toMatchObject({ id: alert.row.caseId, alerts: 1 });
    const decided = (await admin.call('POST', `/v1/alerts/${alert.row.id}/disposition`, { disposition: 'no_action' }, { 'if-match': '1' })).as(AlertRow);
    expect((await desk.nextOf('alert-changed')).row).toEqual(decided);
    expect((await desk.nextOf('case-changed')).row.status).toBe('closed');
    desk.socket.close();
  });

  it('resumes after a reconnect where it was, and says gap for a cursor of another run', async () => {
    const first = new Desk(admin.headers);
    const { cursor } = await first.nextOf('hello');
    first.socket.close();
    await admin.call('POST', '/v1/events', [1, 2, 3].map((n) => payment(`resume-${n}`, product.clock.now(), { account_id: `acct-0000010${n}` })));
    await product.pump();
    const second = new Desk(admin.headers);
    await second.nextOf('hello');
    second.subscribe(['alerts'], cursor);
    const seen = [await second.nextOf('alert'), await second.nextOf('alert'), await second.nextOf('alert')];
    expect(seen.map(({ row }) => row.subject.label).sort()).toEqual(['acct-00000101', 'acct-00000102', 'acct-00000103']);
    second.subscribe(['alerts'], 'another:1');
    const { cursor: after } = await second.nextOf('gap');
    expect(after).toBe(seen[2]?.cursor.replace(/\d+$/, (n) => String(Number(n) + 3))); // three alerts, then their three cases
    second.socket.close();
  });

  it('sends summed figures once a second to those who asked', async () => {
    const desk = new Desk(admin.headers);
    desk.subscribe = desk.subscribe.bind(desk);
    await desk.nextOf('hello');
    desk.subscribe(['stats', 'ops']);
    const { total } = (await admin.call('GET', '/v1/alerts')).as(AlertPage);
    expect(await desk.nextOf('stats')).toMatchObject({ open: total, eventsPerSecond: 3 });
    expect((await desk.nextOf('ops')).ops.feed.clients).toBeGreaterThan(0);
    desk.socket.close();
  });

  it('masks personal values for viewers', async () => {
    const viewer = await signInAs(product, admin, 'vera', 'viewer');
    const desk = new Desk(viewer.headers);
    await desk.nextOf('hello');
    desk.subscribe(['alerts', 'cases']);
    await raiseAlerts(product, admin, ['acct-123456789']);
    const { row } = await desk.nextOf('alert');
    expect([row.subject.label, row.reason]).toEqual(['••6789', '300.00 EUR by ••6789']);
    expect((await desk.nextOf('case-changed')).row.subject.label).toBe('••6789');
    desk.socket.close();
  });

  it('sends nothing of a write that was rolled back', async () => {
    const desk = new Desk(admin.headers);
    const { cursor } = await desk.nextOf('hello');
    await product.store.query(`create function refuse_progress() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`);
    await product.store.query('create constraint trigger refuse_progress after update on progress deferrable initially deferred for each row execute function refuse_progress()');
    await admin.call('POST', '/v1/events', payment('rolled-back', product.clock.now(), { account_id: 'acct-rollback' }));
    await expect(product.pump()).rejects.toThrow('no');
    await product.store.query('drop trigger refuse_progress on progress');
    desk.subscribe(['alerts', 'cases', 'rules'], cursor);
    desk.subscribe(['alerts'], 'another:1');
    expect((await desk.next()).kind).toBe('gap');
    desk.socket.close();
  });

  it('closes what sends it anything but commands', async () => {
    for (const text of ['nonsense', '{"kind":"subscribe","topics":["everything"]}', `{"kind":"subscribe","topics":[],"from":"${'x'.repeat(20_000)}"}`]) {
      const desk = new Desk(admin.headers);
      await desk.nextOf('hello');
      desk.socket.send(text);
      expect([4400, 1009]).toContain(await desk.closed);
    }
  });

  it('ends with its session', async () => {
    const brief = await signInAs(product, admin, 'lena', 'analyst');
    const desk = new Desk(brief.headers);
    await desk.nextOf('hello');
    await brief.call('POST', '/v1/logout');
    expect(await desk.closed).toBe(4401);
  });
});
