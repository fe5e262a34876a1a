import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Decision, IngestAnswer } from '@weir/contracts';
import { NewApiKeyAnswer } from '../access/access.controller.js';
import { ArrayAnswer } from '../events/events.controller.js';
import { DeadLetterList } from '../ops/ops.controller.js';
import { startTestPostgres, type TestPostgres } from '../testing/test-database.js';
import { callerOf, largePayment, payment, signInAdmin, startTestProduct, type Caller, type TestProduct } from '../testing/test-product.js';

let postgres: TestPostgres;
let product: TestProduct;
let admin: Caller;
let till: Caller;

beforeAll(async () => {
  postgres = await startTestPostgres();
  product = await startTestProduct({ databaseUrl: await postgres.newDatabase() });
  admin = await signInAdmin(product);
  const { key } = (await admin.call('POST', '/v1/api-keys', { name: 'till', roles: ['channel'] })).as(NewApiKeyAnswer);
  till = callerOf(product.server.url, { authorization: `Bearer ${key}` });
  await admin.call('PUT', '/v1/rules/large-payment', { text: largePayment, why: 'test' }, { 'if-match': '0' });
});
afterAll(async () => {
  await product?.stop();
  await postgres?.stop();
});

const lines = (text: string): readonly IngestAnswer[] => text.trim().split('\n').map((line) => IngestAnswer.parse(JSON.parse(line)));
const stream = (body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}) => till.call('POST', '/v1/events', body, { 'content-type': 'application/x-ndjson', ...headers });

describe('one event', () => {
  it('is accepted with its seq once it is durable, and a duplicate after that', async () => {
    const event = payment('one-1', product.clock.now());
    const first = (await till.call('POST', '/v1/events', event)).as(IngestAnswer);
    expect(first).toMatchObject({ status: 'accepted', id: 'one-1' });
    expect((await product.entries()).at(-1)).toMatchObject({ kind: 'event', id: 'one-1', seq: first.status === 'accepted' ? first.seq : 0 });
    expect((await till.call('POST', '/v1/events', event)).as(IngestAnswer)).toEqual({ ...first, status: 'duplicate' });
  });

  it('is late with its delay when it is older than the watermark', async () => {
    expect((await till.call('POST', '/v1/events', payment('one-late', product.clock.now() - 120_000))).as(IngestAnswer)).toMatchObject({ status: 'late', delayMs: expect.any(Number) });
  });

  it.each([
    { name: 'a wrong type', event: () => payment('r1', product.clock.now(), { declined: 'yes' }), code: 'bad-type', field: 'declined' },
    { name: 'a missing field', event: () => ({ id: 'r2', type: 'payment', ts: product.clock.now(), account_id: 'a' }), code: 'missing-field', field: 'amount' },
    { name: 'an unknown type', event: () => ({ ...payment('r3', product.clock.now()), type: 'paymint' }), code: 'unknown-type', field: 'type' },
    { name: 'a clock far in the future', event: () => payment('r4', product.clock.now() + 3_600_000), code: 'future', field: 'ts' },
    { name: 'other content under a known id', event: () => payment('one-1', product.clock.now(), { amount: 1 }), code: 'conflict', field: undefined },
  ])('is rejected with code and field for $name', async ({ event, code, field }) => {
    const answer = (await till.call('POST', '/v1/events', event())).as(IngestAnswer);
    expect(answer).toMatchObject({ status: 'rejected', code, deadLetterId: expect.any(Number), ...(field === undefined ? {} : { field }) });
  });

  it.each([
    { name: 'no JSON', body: '{"id": "x", ', status: 400, code: 'malformed-json' },
    { name: 'NaN', body: '{"id":"x","type":"payment","ts":1,"account_id":"a","amount":NaN}', status: 400, code: 'malformed-json' },
    { name: 'no object', body: '"payment"', status: 400, code: 'not-an-object' },
    { name: 'an empty body', body: '', status: 400, code: 'malformed-json' },
  ])('is a bad request when the body is $name', async ({ body, status, code }) => {
    const answer = await till.call('POST', '/v1/events', body, { 'content-type': 'application/json' });
    expect([answer.status, answer.problem().code]).toEqual([status, code]);
  });

  it('is refused as a whole with the wrong content type or over ten megabytes', async () => {
    expect((await till.call('POST', '/v1/events', 'id,ts', { 'content-type': 'text/csv' })).status).toBe(415);
    expect((await till.call('POST', '/v1/events', `{"id":"${'x'.repeat(11 * 1024 * 1024)}"}`, { 'content-type': 'application/json' })).problem()).toMatchObject({ status: 413, code: 'too-large' });
  });
});

describe('an array of events', () => {
  it('is answered one by one, in order, and bad ones do not stop the rest', async () => {
    const now = product.clock.now();
    const body = `[${JSON.stringify(payment('a1', now))}, {"id":"a2","type":"payment","ts":${now},"account_id":"a","amount":NaN}, {"id":"a3","id":"a4"},
      ${JSON.stringify(payment('a5', now, { amount: '-0' }))}, {"id":"a6","type":"payment","ts":${now},"account_id":"\\ud800","amount":1}, ${JSON.stringify(payment('a7', now, { merchant_id: 'm'.repeat(1_000_000) }))},
      ${JSON.stringify(payment('a8', now, { colour: 'red' }))}, 7, ${JSON.stringify(payment('a1', now))}]`;
    const { answers } = (await till.call('POST', '/v1/events', body, { 'content-type': 'application/json' })).as(ArrayAnswer);
    expect(answers.map((answer) => (answer.status === 'rejected' ? answer.code : answer.status))).toEqual(
      ['accepted', 'malformed-json', 'duplicate-key', 'accepted', 'bad-text', 'too-long', 'accepted', 'not-an-object', 'duplicate']);
    expect(answers[5]).toMatchObject({ field: 'merchant_id' });
    expect((await product.entries()).find((entry) => entry.kind === 'event' && entry.id === 'a8')).toMatchObject({ extra: { colour: 'red' } });
    const letters = (await admin.call('GET', '/v1/dead-letters?limit=3')).as(DeadLetterList);
    expect(letters.items).toHaveLength(3);
    expect(Buffer.from(letters.items[0]?.raw ?? '', 'base64').toString().trim()).toBe('7');
    const next = (await admin.call('GET', `/v1/dead-letters?limit=3&cursor=${letters.nextCursor ?? ''}`)).as(DeadLetterList);
    expect(next.items[0]?.id).toBe((letters.items[2]?.id ?? 0) - 1);
  });

  it('may be empty', async () => {
    expect((await till.call('POST', '/v1/events', [])).as(ArrayAnswer)).toEqual({ answers: [] });
  });
});

describe('a stream of lines', () => {
  it('is answered line by line, in order, empty lines apart', async () => {
    const now = product.clock.now();
    const body = [JSON.stringify(payment('s1', now)), '', '{"oops"', JSON.stringify(payment('s2', now)), JSON.stringify(payment('s1', now))].join('\r\n');
    const answer = await stream(body);
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(lines(answer.text).map((line) => (line.status === 'rejected' ? line.code : `${line.status} ${line.id}`))).toEqual(['accepted s1', 'malformed-json', 'accepted s2', 'duplicate s1']);
  });

  it('may be gzipped, and nothing else', async () => {
    const body = JSON.stringify(payment('z1', product.clock.now()));
    expect(lines((await stream(gzipSync(body), { 'content-encoding': 'gzip' })).text)).toMatchObject([{ status: 'accepted', id: 'z1' }]);
    expect((await stream(body, { 'content-encoding': 'br' })).status).toBe(415);
  });

  it('may name the source that it is one of; no other body may', async () => {
    const body = JSON.stringify(payment('src-1', product.clock.now()));
    const send = (source: string, type: string) => till.call('POST', `/v1/events?source=${encodeURIComponent(source)}`, body, { 'content-type': type });
    expect(lines((await send('payments-3', 'application/x-ndjson')).text)).toMatchObject([{ status: 'accepted', id: 'src-1' }]);
    expect(await send('no spaces', 'application/x-ndjson')).toMatchObject({ status: 400 });
    expect(await send('payments-3', 'application/json')).toMatchObject({ status: 400 });
  });

  it('is answered while it is still being sent', async () => {
    const url = new URL('/v1/events', product.server.url);
    const sent = httpRequest(url, { method: 'POST', headers: { ...till.headers, 'content-type': 'application/x-ndjson' } });
    const response = new Promise<import('node:http').IncomingMessage>((resolve, reject) => sent.once('response', resolve).once('error', reject));
    sent.write(`${JSON.stringify(payment('live-1', product.clock.now()))}\n`);
    const answers = (await response).setEncoding('utf8')[Symbol.asyncIterator]() as AsyncIterator<string>;
    expect(lines(String((await answers.next()).value))).toMatchObject([{ status: 'accepted', id: 'live-1' }]);
    sent.end(`${JSON.stringify(payment('live-2', product.clock.now()))}\n`);
    expect(lines(String((await answers.next()).value))).toMatchObject([{ status: 'accepted', id: 'live-2' }]);
  });

  it('takes a sender that reads nothing until it has sent everything, without keeping the answers in memory', async () => {
    const count = 60_000;
    const now = product.clock.now();
    const url = new URL('/v1/events', product.server.url);
    const sent = httpRequest(url, { method: 'POST', headers: { ...till.headers, 'content-type': 'application/x-ndjson' } });
    const response = new Promise<import('node:http').IncomingMessage>((resolve, reject) => sent.once('response', (message) => {
      message.pause();
      resolve(message);
    }).once('error', reject));
    for (let at = 0; at < count; at += 1_000) {
      const piece = Array.from({ length: 1_000 }, (_, index) => JSON.stringify(payment(`bulk-${at + index}`, now, { amount: 1 }))).join('\n');
      if (!sent.write(`${piece}\n`)) await new Promise((resolve) => sent.once('drain', resolve));
    }
    sent.end();
    let answered = 0;
    let rest = '';
    for await (const text of (await response).setEncoding('utf8')) {
      const parts = (rest + String(text)).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) expect(JSON.parse(part)).toMatchObject({ id: `bulk-${answered++}`, status: 'accepted' });
    }
    expect([answered, rest]).toEqual([count, '']);
  });
});

describe('a sender, when too much waits already,', () => {
  it('is told when to come back', async () => {
    product.setBusy(true);
    const answers = [await till.call('POST', '/v1/events', []), await till.call('POST', '/v1/events', payment('busy', 1)), await till.call('POST', '/v1/decisions', payment('busy', 1))];
    product.setBusy(false);
    for (const refused of answers) expect([refused.status, refused.headers.get('retry-after'), refused.problem().code]).toEqual([429, '1', 'busy']);
  });
});

describe('an in-line decision', () => {
  it('answers with what the event fires', async () => {
    const answer = (await till.call('POST', '/v1/decisions', payment('d1', product.clock.now()))).as(Decision);
    expect(answer).toMatchObject({ id: 'd1', decision: 'review', score: 80, late: false, alerts: [{ rule: 'large-payment', reason: '300.00 EUR by acct-00000001' }] });
    expect((await till.call('POST', '/v1/decisions', payment('d2', product.clock.now(), { amount: 2 }))).as(Decision)).toMatchObject({ decision: 'none', alerts: [] });
  });

  it('answers by default when the budget is over', async () => {
    expect((await till.call('POST', '/v1/decisions', payment('d3', product.clock.now()), { 'x-weir-budget-ms': '1' })).as(Decision)).toMatchObject({ decision: 'none', reason: 'timeout' });
  });

  it.each([
    { name: 'a bad event', body: { id: 'd4', type: 'payment', ts: 1, account_id: 'a' }, headers: {}, status: 422, field: 'amount' },
    { name: 'no JSON', body: '{', headers: { 'content-type': 'application/json' }, status: 400, field: undefined },
    { name: 'a bad budget', body: {}, headers: { 'x-weir-budget-ms': 'soon' }, status: 400, field: 'x-weir-budget-ms' },
  ])('refuses $name with the field', async ({ body, headers, status, field }) => {
    const problem = (await till.call('POST', '/v1/decisions', body, headers)).problem();
    expect([problem.status, problem.field]).toEqual([status, field]);
  });
});
