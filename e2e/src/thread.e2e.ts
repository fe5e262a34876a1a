import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AlertDetail, AlertRow, BacktestJob, Decision, IngestAnswer, LogEntry } from '@weir/contracts';
import { openFeed } from './support/feed.js';
import { runWeir } from './support/run-weir.js';
import { until, WeirApi } from './support/weir-api.js';
import { cleanUp, newDataFolder, startWeir, type WeirProcess } from './support/weir-process.js';

/** One rule of ours: what it says and when it fires is known here, whatever packs are shipped. */
const ruleText = `rule: e2e-large-after-small
title: Small probes, then a large payment
description: Two payments of 5.00 or less within ten minutes before one above 200.00.
owner: e2e
on: payment
by: account_id
severity: high
score: 80
action: challenge
reason: "{amount} after {probes} small payments"
let:
  probes: last("10m").where(amount <= 5.00).count()
when: amount > 200.00 && probes >= 2
tests:
  - name: fires on the third
    events:
      - { id: a, at: 0s, account_id: c1, amount: 1.00 }
      - { id: b, at: 60s, account_id: c1, amount: 2.00 }
      - { id: c, at: 90s, account_id: c1, amount: 250.00 }
    alerts: [c]
`;

/** A budget that holds on a busy machine too: speed is not what is tested here. */
const patient = { 'x-weir-budget-ms': '10000' };

let dataDir: string;
let weir: WeirProcess;
let key: string;
let api: WeirApi;
const start = Date.now();
const payment = (id: string, afterMs: number, amount: string, account = 'e2e-account'): Record<string, unknown> => ({ id, type: 'payment', ts: start + afterMs, account_id: account, merchant_id: 'e2e-shop', amount, currency: 'EUR' });

beforeAll(async () => {
  dataDir = await newDataFolder();
  weir = await startWeir({ dataDir, environment: { WEIR_UNDO_MS: '500' } });
  key = await (await WeirApi.byLink(weir.loginUrl)).api.newKey('thread test');
  api = WeirApi.withKey(weir.url, key);
}, 90_000);
afterAll(cleanUp);

describe('from a payment to a label', () => {
  it('refuses everything but health, login and files without a session', async () => {
    const nobody = new WeirApi(weir.url, {});
    for (const path of ['/v1/alerts', '/v1/rules', '/v1/ops', '/v1/cases', '/v1/me', '/v1/schema', '/metrics']) {
      expect({ path, status: (await nobody.send('GET', path, undefined)).status }).toEqual({ path, status: 401 });
    }
    expect((await nobody.send('POST', '/v1/events', '{}', { 'content-type': 'application/json' })).status).toBe(401);
    expect((await nobody.send('GET', '/healthz', undefined)).status).toBe(200);
  });

  it('releases a rule, and it counts from then on', async () => {
    await api.json('PUT', '/v1/rules/e2e-large-after-small', { text: ruleText, why: 'for the test', pack: 'e2e' }, { 'if-match': '"0"' });
    const ops = await until('the rule in the engine', () => api.ops(), ({ engine }) => engine.state === 'running' && engine.lagEvents === 0);
    expect(ops.problems).toEqual([]);
  });

  it('answers one event, an array and a stream per event', async () => {
    expect(IngestAnswer.parse(await api.json('POST', '/v1/events', payment('e2e-1', 0, '1.00')))).toMatchObject({ status: 'accepted', id: 'e2e-1' });
    expect(await api.json('POST', '/v1/events', [payment('e2e-2', 1_000, '2.50'), payment('e2e-1', 0, '1.00'), { ...payment('e2e-bad', 0, '1.00'), amount: '1.001' }])).toMatchObject({
      answers: [{ status: 'accepted' }, { status: 'duplicate' }, { status: 'rejected', code: 'too-fine', field: 'amount' }],
    });
    const stream = await api.send('POST', '/v1/events', `${JSON.stringify(payment('e2e-3', 1_500, '3.00', 'other'))}\nnot json\n`, { 'content-type': 'application/x-ndjson' });
    expect((await stream.text()).trim().split('\n').map((line) => IngestAnswer.parse(JSON.parse(line)).status)).toEqual(['accepted', 'rejected']);
  });

  it('raises an explained alert that arrives over the feed and stands in the queue, and takes a disposition that becomes a label', async () => {
    const feed = await openFeed(weir.url, { authorization: `Bearer ${key}` }, ['alerts']);
    const published = IngestAnswer.parse(await api.json('POST', '/v1/events', payment('e2e-large', 2_000, '812.00')));
    const message = await feed.next('the alert', (one) => one.kind === 'alert' && one.row.rule === 'e2e-large-after-small');
    const row = AlertRow.parse('row' in message ? message.row : undefined);
    expect(row).toMatchObject({ title: 'Small probes, then a large payment', severity: 'high', score: 80, reason: '812.00 after 2 small payments', status: 'open' });

    const { alert } = AlertDetail.parse(await api.json('GET', `/v1/alerts/${row.id}`));
    expect(alert.trigger).toMatchObject({ id: 'e2e-large', seq: published.status === 'accepted' ? published.seq : -1 });
    expect(alert.explanation?.conditions.map(({ text, value }) => [text, value.text])).toEqual([['amount > 200.00', 'true'], ['probes >= 2', 'true']]);
    expect(alert.explanation?.windows[0]?.events.filter(({ counted }) => counted).map(({ id }) => id)).toEqual(['e2e-1', 'e2e-2']);

    await api.json('POST', `/v1/alerts/${row.id}/disposition`, { disposition: 'confirmed_fraud', note: 'seen in the test' }, { 'if-match': `"${row.version}"` });
    const changed = await feed.next('the decision', (one) => one.kind === 'alert-changed' && one.row.id === row.id && one.row.status === 'closed');
    expect(changed).toMatchObject({ row: { disposition: 'confirmed_fraud' } });
    feed.close();
    await until('the label', async () => AlertDetail.parse(await api.json('GET', `/v1/alerts/${row.id}`)), ({ labelled }) => labelled);
  });

  it('answers a decision in line from the same engine', async () => {
    const decided = Decision.parse(await api.json('POST', '/v1/decisions', payment('e2e-decided', 3_000, '500.00'), patient));
    expect(decided).toMatchObject({ id: 'e2e-decided', decision: 'challenge', late: false, duplicate: false, alerts: [{ rule: 'e2e-large-after-small' }] });
    expect(decided.reason).toBeUndefined();
    const calm = Decision.parse(await api.json('POST', '/v1/decisions', payment('e2e-calm', 3_100, '10.00', 'calm'), patient));
    expect(calm).toMatchObject({ decision: 'none', score: 0, alerts: [] });
  });

  it('backtests a rule over the last days of the log, beside its live version', async () => {
    const started = BacktestJob.parse(await api.json('POST', '/v1/backtests', { text: ruleText.replace('amount > 200.00', 'amount > 600.00'), days: 1 }));
    const job = await until('the backtest', async () => BacktestJob.parse(await api.json('GET', `/v1/backtests/${started.id}`)), ({ status }) => status !== 'running');
    expect(job).toMatchObject({ status: 'done', result: { report: { rules: [{ rule: 'e2e-large-after-small', alerts: 1, truePositives: 1, precision: 1 }] }, liveAlerts: 2 } });
    expect(job.result?.samples).toMatchObject([{ reason: '812.00 after 2 small payments', fraud: true }]);
  });

  it('never lets a rule that does not compile replace one that runs', async () => {
    const response = await api.send('PUT', '/v1/rules/e2e-large-after-small', JSON.stringify({ text: ruleText.replace('amount > 200.00', 'amout > 200.00'), why: 'a slip' }), { 'content-type': 'application/json', 'if-match': '"1"' });
    expect(response.status).toBe(422);
    expect(await response.text()).toContain('amout');
    expect(Decision.parse(await api.json('POST', '/v1/decisions', payment('e2e-still', 3_200, '300.00'), patient)).alerts.map(({ rule }) => rule)).toContain('e2e-large-after-small');
  });

  it('sends a file of events of another year with counts by status, and a second time as duplicates', async () => {
    const args = ['ingest', 'e2e/fixtures/payments.csv', '--map', 'e2e/fixtures/payments.map.yaml', '--url', weir.url, '--key', key, '--json'];
    const first = await runWeir(args);
    expect({ code: first.code, counts: JSON.parse(first.stdout) }).toEqual({ code: 1, counts: { accepted: 0, duplicate: 0, late: 3, rejected: 1 } });
    expect(first.stderr).toContain('line 4: too-fine: amount: ');
    const again = await runWeir(args);
    expect(JSON.parse(again.stdout)).toEqual({ accepted: 0, duplicate: 3, late: 0, rejected: 1 });
    expect((await runWeir(['ingest', 'e2e/fixtures/payments.csv', '--map', 'e2e/fixtures/payments.map.yaml', '--url', weir.url, '--key', 'wrong'])).stderr).toContain('Is the API key right?');
  });

  it('has every event, the release and the label in the log, once', async () => {
    expect(await weir.end('SIGTERM')).toBe(0);
    const { stdout } = await runWeir(['log', 'print', join(dataDir, 'log')]);
    const entries = stdout.trim().split('\n').map((line) => LogEntry.parse(JSON.parse(line)));
    const labels = entries.filter((entry) => entry.kind === 'event' && entry.type === 'label');
    expect(labels).toMatchObject([{ fields: { event_id: 'e2e-large', account_id: 'e2e-account', fraud: true } }]);
    expect(entries.filter(({ kind }) => kind === 'rules').length).toBe(2);
    const ids = entries.flatMap((entry) => (entry.kind === 'event' ? [entry.id] : []));
    expect(new Set(ids).size).toBe(ids.length);
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, i) => i + 1));
  });
});
