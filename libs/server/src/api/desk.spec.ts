import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AlertDetail, AlertPage, AlertRow, BacktestJob, CaseDetail, CasePage, CaseRow, RuleCheck, RuleDetail } from '@weir/contracts';
import { compareQueueEntries, leaseMs } from '@weir/case-model';
import { verifyActivity } from '../audit/activity-log.js';
import { RuleList, SchemaAnswer } from '../rules/rules.controller.js';
import { startTestPostgres, type TestPostgres } from '../testing/test-database.js';
import { callerOf, largePayment, payment, raiseAlerts, signInAdmin, signInAs, startTestProduct, type Caller, type TestProduct } from '../testing/test-product.js';

let postgres: TestPostgres;
let product: TestProduct;
let admin: Caller;
let mira: Caller;
let jon: Caller;
let sara: Caller;
let rows: ReadonlyMap<string, AlertRow>;

beforeAll(async () => {
  postgres = await startTestPostgres();
  product = await startTestProduct({ databaseUrl: await postgres.newDatabase() });
  admin = await signInAdmin(product);
  mira = await signInAs(product, admin, 'mira.a', 'analyst');
  jon = await signInAs(product, admin, 'jon.a', 'analyst');
  sara = await signInAs(product, admin, 'sara', 'senior');
  rows = await raiseAlerts(product, admin, ['a-conflict', 'a-undo', 'a-late', 'a-label', 'a-claim', 'a-held', 'a-overturn', 'a-group', 'a-group', 'a-case', 'a-note']);
});
afterAll(async () => {
  await product?.stop();
  await postgres?.stop();
});

const idOf = (account: string): string => rows.get(account)?.id ?? '';
const detailOf = async (id: string, caller = admin): Promise<AlertDetail> => (await caller.call('GET', `/v1/alerts/${id}`)).as(AlertDetail);
const decide = (caller: Caller, id: string, version: number, body: object) => caller.call('POST', `/v1/alerts/${id}/disposition`, body, { 'if-match': String(version) });

describe('the queue', () => {
  const list = async (query: string): Promise<AlertPage> => (await mira.call('GET', `/v1/alerts${query}`)).as(AlertPage);

  it.each([
    { query: '?severity=high', total: 11 }, { query: '?severity=low,critical', total: 0 }, { query: '?rule=large-payment', total: 11 }, { query: '?rule=other', total: 0 }, { query: '?status=closed', total: 0 },
    { query: '?assignee=none', total: 11 }, { query: '?assignee=me', total: 0 }, { query: '?text=A-CONF', total: 1 }, { query: '?text=100%25', total: 0 }, { query: '?severity=', total: 11 }, { query: '?disposition=duplicate&status=all', total: 0 },
    { query: '?currency=EUR&minAmount=300&maxAmount=300.00', total: 11 }, { query: '?currency=EUR&minAmount=300.01', total: 0 }, { query: '?currency=EUR&maxAmount=299.99', total: 0 }, { query: '?currency=USD&minAmount=1', total: 0 },
    { query: '?currency=EUR', total: 11 }, { query: '?minAgeMs=0', total: 11 }, { query: '?minAgeMs=1', total: 0 },
  ])('finds $total for $query', async ({ query, total }) => {
    const page = await list(query);
    expect([page.total, page.items.length]).toEqual([total, total]);
  });

  it('finds the alerts of one subject by its token', async () => {
    const page = await list(`?subject=${rows.get('a-group')?.subject.token ?? ''}`);
    expect(page.items.map(({ subject, openOfSubject }) => [subject.label, openOfSubject])).toEqual([['a-group', 2], ['a-group', 2]]);
  });

  it('keeps a snapshot closed to what arrives later, window by window', async () => {
    const first = await list('?limit=4&sort=newest');
    await raiseAlerts(product, admin, ['a-later']);
    const second = await list(`?limit=200&offset=4&sort=newest&snapshot=${first.snapshot}`);
    expect([first.total, second.total, second.items.length]).toEqual([11, 11, 7]);
    expect(new Set([...first.items, ...second.items].map(({ id }) => id)).size).toBe(11);
    expect((await list('')).total).toBe(12);
  });

  it.each([['limit', '?limit=201'], ['limit', '?limit=x'], ['offset', '?offset=-1'], ['sort', '?sort=up'], ['severity', '?severity=grave'], ['status', '?status=lost'], ['snapshot', '?snapshot=1'], ['currency', '?minAmount=5'], ['minAmount', '?minAmount=1e3&currency=EUR'], ['minAmount', '?minAmount=-1&currency=EUR'], ['currency', '?currency=euro'], ['minAgeMs', '?minAgeMs=1h']])('refuses a wrong %s by name: %s', async (field, query) => {
    expect((await mira.call('GET', `/v1/alerts${query}`)).problem()).toMatchObject({ status: 400, field: expect.stringContaining(field) });
  });

  it('answers an unknown alert with 404', async () => {
    expect((await mira.call('GET', '/v1/alerts/none')).problem()).toMatchObject({ status: 404, code: 'not-found' });
  });
});

describe('two analysts and one alert', () => {
  it('lets one decision win and tells the other who made it and when', async () => {
    const id = idOf('a-conflict');
    const answers = await Promise.all([decide(mira, id, 1, { disposition: 'false_positive' }), decide(jon, id, 1, { disposition: 'confirmed_fraud', note: 'card stolen' })]);
    const won = answers.findIndex(({ status }) => status === 200);
    const [winner, loser] = [answers[won], answers[1 - won]];
    const name = ['mira.a', 'jon.a'][won];
    expect(winner?.as(AlertRow)).toMatchObject({ status: 'closed', decidedBy: name, version: 2 });
    expect(loser?.problem()).toMatchObject({ status: 409, code: 'already-decided', by: name, at: product.clock.now(), version: 2 });
    expect((await product.store.query('select 1 from decisions where alert_id = $1', [id])).length).toBe(1);
  });

  it('refuses a version that is not the newest, none at all, and nonsense', async () => {
    const id = idOf('a-note');
    await jon.call('POST', `/v1/alerts/${id}/notes`, { text: 'asked the customer' });
    expect((await decide(mira, id, 1, { disposition: 'no_action' })).problem()).toMatchObject({ status: 412, code: 'stale', by: 'jon.a', version: 2 });
    expect((await mira.call('POST', `/v1/alerts/${id}/disposition`, { disposition: 'no_action' })).problem()).toMatchObject({ status: 428, field: 'if-match' });
    expect((await mira.call('POST', `/v1/alerts/${id}/disposition`, { disposition: 'no_action' }, { 'if-match': 'two' })).status).toBe(400);
    expect((await decide(mira, id, 2, { disposition: 'maybe' })).problem()).toMatchObject({ status: 400, field: 'disposition' });
    expect((await detailOf(id)).activity.map(({ text }) => text)).toEqual(['asked the customer', 'large-payment fired']);
  });

  it('leases a claimed alert for twenty minutes, then gives it back by itself', async () => {
    const id = idOf('a-held');
    expect((await mira.call('POST', `/v1/alerts/${id}/claim`)).as(AlertRow)).toMatchObject({ assignee: 'mira.a', leaseUntil: product.clock.now() + leaseMs });
    expect((await jon.call('POST', `/v1/alerts/${id}/claim`)).problem()).toMatchObject({ status: 409, code: 'held', by: 'mira.a' });
    expect((await decide(jon, id, 2, { disposition: 'no_action' })).problem()).toMatchObject({ status: 409, code: 'held', by: 'mira.a' });
    expect((await jon.call('POST', `/v1/alerts/${id}/release`)).status).toBe(409);
    expect((await mira.call('GET', '/v1/alerts?assignee=me')).as(AlertPage)).toMatchObject({ total: 1, counts: { mine: 1 } });
    product.clock.advance(leaseMs);
    await product.server.beat();
    const { row } = await detailOf(id);
    expect([row.assignee, row.leaseUntil]).toEqual([undefined, undefined]);
    expect((await jon.call('POST', `/v1/alerts/${id}/claim`)).status).toBe(200);
    expect((await jon.call('POST', `/v1/alerts/${id}/release`)).as(AlertRow).assignee).toBeUndefined();
  });

  it('assigns to somebody who exists, without a lease', async () => {
    const id = idOf('a-claim');
    expect((await mira.call('POST', `/v1/alerts/${id}/assign`, { assignee: 'jon.a' })).as(AlertRow)).toMatchObject({ assignee: 'jon.a' });
    expect((await mira.call('POST', `/v1/alerts/${id}/assign`, { assignee: 'ghost' })).problem()).toMatchObject({ status: 422, field: 'assignee' });
    product.clock.advance(leaseMs * 2);
    await product.server.beat();
    expect((await detailOf(id)).row.assignee).toBe('jon.a');
    expect((await mira.call('POST', `/v1/alerts/${id}/assign`, { assignee: null })).as(AlertRow).assignee).toBeUndefined();
  });
});

describe('a disposition', () => {
  it('is undone within its time: alert, case and label are as before, and both acts are in the activity', async () => {
    const id = idOf('a-undo');
    const before = (await detailOf(id)).row;
    const decided = (await decide(mira, id, before.version, { disposition: 'confirmed_fraud', reason: 'card testing' })).as(AlertRow);
    expect(decided).toMatchObject({ status: 'closed', disposition: 'confirmed_fraud', dispositionReason: 'card testing', decidedBy: 'mira.a' });
    expect(await detailOf(id)).toMatchObject({ undoUntil: product.clock.now() + 600_000, labelled: false });
    expect((await mira.call('GET', `/v1/cases/${before.caseId}`)).as(CaseDetail).case.status).toBe('closed');
    expect((await jon.call('DELETE', `/v1/alerts/${id}/disposition`)).problem()).toMatchObject({ status: 403, code: 'not-yours' });

    const undone = (await mira.call('DELETE', `/v1/alerts/${id}/disposition`)).as(AlertRow);
    expect([undone.status, undone.disposition, undone.decidedBy, undone.version]).toEqual(['open', undefined, undefined, decided.version + 1]);
    expect((await mira.call('GET', `/v1/cases/${before.caseId}`)).as(CaseDetail).case.status).toBe('in_progress');
    expect((await mira.call('DELETE', `/v1/alerts/${id}/disposition`)).problem()).toMatchObject({ status: 409, code: 'not-decided' });
    product.clock.advance(600_000);
    await product.server.beat();
    expect((await product.entries()).filter((entry) => entry.kind === 'event' && entry.id.startsWith(`label-${id}`))).toEqual([]);
    expect((await detailOf(id)).activity.map(({ text }) => text)).toEqual(['took back confirmed fraud', 'decided confirmed fraud: card testing', 'large-payment fired']);
  });

  it('can not be undone when its time is over or when somebody changed the alert since', async () => {
    const id = idOf('a-late');
    const { row } = await detailOf(id);
    await decide(mira, id, row.version, { disposition: 'suspicious' });
    await jon.call('POST', `/v1/alerts/${id}/notes`, { text: 'looks odd' });
    expect((await mira.call('DELETE', `/v1/alerts/${id}/disposition`)).problem()).toMatchObject({ status: 409, code: 'changed', by: 'jon.a' });
    product.clock.advance(600_000);
    expect((await mira.call('DELETE', `/v1/alerts/${id}/disposition`)).problem()).toMatchObject({ status: 409 });
  });

  it('becomes one label in the log when its time is over, exactly then and only once', async () => {
    const id = idOf('a-label');
    const { row, alert } = await detailOf(id);
    await decide(mira, id, row.version, { disposition: 'confirmed_fraud' });
    const labels = async () => (await product.entries()).filter((entry) => entry.kind === 'event' && entry.type === 'label' && entry.fields['event_id'] === alert.trigger?.id);
    product.clock.advance(599_999);
    await product.server.beat();
    expect(await labels()).toEqual([]);
    product.clock.advance(1);
    await product.server.beat();
    const [sent] = await labels();
    expect(sent).toMatchObject({ id: `label-${id}-1`, type: 'label', channel: 'desk', fields: { account_id: 'a-label', fraud: true } });
    // A crash after the append and before the note: the outbox sends again, the log knows the id.
    await product.store.query('update label_outbox set sent_at = null where alert_id = $1', [id]);
    await product.server.beat();
    expect(await labels()).toHaveLength(1);
    expect(await detailOf(id)).toMatchObject({ labelled: true });
    expect((await detailOf(id)).undoUntil).toBeUndefined();
    expect((await mira.call('DELETE', `/v1/alerts/${id}/disposition`)).problem()).toMatchObject({ code: 'too-late' });
  });

  it('can be overturned by a senior with the newest version: a second label for the same event', async () => {
    const id = idOf('a-overturn');
    await decide(mira, id, 1, { disposition: 'false_positive' });
    product.clock.advance(600_000);
    await product.server.beat();
    expect((await decide(mira, id, 2, { disposition: 'confirmed_fraud' })).problem().code).toBe('already-decided');
    expect((await decide(sara, id, 2, { disposition: 'confirmed_fraud', reason: 'chargeback' })).as(AlertRow)).toMatchObject({ disposition: 'confirmed_fraud', decidedBy: 'sara', version: 3 });
    const undone = (await sara.call('DELETE', `/v1/alerts/${id}/disposition`)).as(AlertRow);
    expect(undone).toMatchObject({ status: 'closed', disposition: 'false_positive', decidedBy: 'mira.a' });
    await decide(sara, id, undone.version, { disposition: 'confirmed_fraud' });
    product.clock.advance(600_000);
    await product.server.beat();
    const labels = (await product.entries()).flatMap((entry) => (entry.kind === 'event' && entry.id.startsWith(`label-${id}`) ? [[entry.id, entry.fields['fraud']]] : []));
    expect(labels).toEqual([[`label-${id}-1`, false], [`label-${id}-3`, true]]);
  });

  it('takes the other open alerts of the subject along, and back', async () => {
    const group = (await mira.call('GET', `/v1/alerts?subject=${rows.get('a-group')?.subject.token ?? ''}`)).as(AlertPage).items;
    const [first, second] = group;
    const { siblings } = await detailOf(first?.id ?? '');
    expect(siblings.map(({ id }) => id)).toEqual([second?.id]);
    await decide(mira, first?.id ?? '', first?.version ?? 0, { disposition: 'confirmed_fraud', also: [second?.id, 'unknown'] });
    const story = async (): Promise<CaseDetail> => (await mira.call('GET', `/v1/cases/${first?.caseId ?? ''}`)).as(CaseDetail);
    expect((await story()).case).toMatchObject({ status: 'closed', alerts: 2, openAlerts: 0, exposure: [{ amount: '600', currency: 'EUR' }] });
    await mira.call('DELETE', `/v1/alerts/${second?.id ?? ''}/disposition`);
    expect((await story()).case).toMatchObject({ status: 'in_progress', openAlerts: 2 });
  });
});

describe('a case', () => {
  const caseOf = async (account: string): Promise<CaseRow> => (await mira.call('GET', `/v1/cases/${rows.get(account)?.caseId ?? ''}`)).as(CaseDetail).case;

  it('changes status, priority and owner by version, and shows conflicts', async () => {
    const found = await caseOf('a-case');
    const patch = (version: number, body: object) => mira.call('PATCH', `/v1/cases/${found.id}`, body, { 'if-match': `"${version}"` });
    expect((await patch(found.version, { status: 'escalated', priority: 'critical', owner: 'sara' })).as(CaseRow)).toMatchObject({ status: 'escalated', priority: 'critical', owner: 'sara', version: found.version + 1 });
    expect((await patch(found.version, { owner: null })).problem()).toMatchObject({ status: 412, by: 'mira.a', version: found.version + 1 });
    expect((await patch(found.version + 1, { status: 'open' })).problem()).toMatchObject({ status: 422, code: 'not-allowed' });
    expect((await patch(found.version + 1, { status: 'closed' })).problem()).toMatchObject({ status: 409, code: 'open-alerts' });
    expect((await patch(found.version + 1, { owner: 'ghost' })).problem()).toMatchObject({ status: 422, code: 'unknown-user' });
    expect((await mira.call('PATCH', `/v1/cases/${found.id}`, {})).status).toBe(428);
    expect((await mira.call('PATCH', '/v1/cases/C-1', {}, { 'if-match': '1' })).status).toBe(404);
  });

  it('keeps open what people wrote notes in, and tells its story newest first', async () => {
    const found = await caseOf('a-case');
    await mira.call('POST', `/v1/cases/${found.id}/notes`, { text: 'customer confirmed by phone' });
    const { row } = await detailOf(idOf('a-case'));
    await decide(sara, row.id, row.version, { disposition: 'confirmed_fraud' });
    const { case: after, story } = (await mira.call('GET', `/v1/cases/${found.id}`)).as(CaseDetail);
    expect([after.status, after.openAlerts]).toEqual(['escalated', 0]);
    expect(story.map(({ actor, text }) => `${actor}: ${text}`)).toEqual([
      'sara: decided confirmed fraud', 'mira.a: customer confirmed by phone', 'mira.a: status open -> escalated, priority high -> critical, owner nobody -> sara', 'engine: opened by large-payment', 'engine: alert joined: 300.00 EUR by a-case',
    ]);
    expect((await mira.call('PATCH', `/v1/cases/${found.id}`, { status: 'closed' }, { 'if-match': String(after.version) })).as(CaseRow).status).toBe('closed');
  });

  it('is opened again by the next alert of its subject', async () => {
    const before = await caseOf('a-case');
    expect(before.status).toBe('closed');
    await raiseAlerts(product, admin, ['a-case']);
    expect(await caseOf('a-case')).toMatchObject({ id: before.id, status: 'in_progress', openAlerts: 1, alerts: 2 });
  });

  it('is listed with a cursor, newest change first', async () => {
    const first = (await mira.call('GET', '/v1/cases?limit=3')).as(CasePage);
    const second = (await mira.call('GET', `/v1/cases?limit=200&cursor=${first.nextCursor ?? ''}`)).as(CasePage);
    const all = [...first.items, ...second.items];
    expect([all.length, new Set(all.map(({ id }) => id)).size, second.nextCursor]).toEqual([first.total, first.total, undefined]);
    expect(all.map(({ updatedAt }) => updatedAt)).toEqual(all.map(({ updatedAt }) => updatedAt).sort((a, b) => b - a));
    expect((await mira.call('GET', '/v1/cases?status=closed')).as(CasePage).items.every(({ status }) => status === 'closed')).toBe(true);
    expect((await mira.call('GET', '/v1/cases?status=all')).as(CasePage).total).toBeGreaterThan(first.total);
    expect((await mira.call('GET', '/v1/cases?cursor=x')).problem()).toMatchObject({ status: 400, field: 'cursor' });
  });
});

describe('rules', () => {
  it('are listed and read with their quality and releases', async () => {
    const [row] = (await mira.call('GET', '/v1/rules')).as(RuleList).items;
    expect(row).toMatchObject({ id: 'large-payment', mode: 'live', release: 1, changedBy: 'admin', severity: 'high', score: 80 });
    expect(row?.alertsPerDay.reduce((sum, n) => sum + n, 0)).toBe(row?.alerts30d);
    const detail = (await mira.call('GET', '/v1/rules/large-payment')).as(RuleDetail);
    expect([detail.text, detail.releases.map(({ release, by, why }) => [release, by, why])]).toEqual([largePayment, [[1, 'admin', 'test']]]);
    expect((await mira.call('GET', '/v1/rules/none')).status).toBe(404);
    const { row: alert } = await detailOf(idOf('a-conflict'));
    const tags = [await mira.call('GET', '/v1/rules/large-payment'), await mira.call('GET', `/v1/alerts/${alert.id}`), await mira.call('GET', `/v1/cases/${alert.caseId}`), await mira.call('GET', '/v1/alerts')];
    expect(tags.map(({ headers }) => headers.get('etag'))).toEqual(['"1"', `"${alert.version}"`, expect.stringMatching(/^"\d+"$/), null]);
  });

  it('are checked with findings by line, and their tests run', async () => {
    const good = (await mira.call('POST', '/v1/rules/check', { text: largePayment })).as(RuleCheck);
    expect([good.ok, good.tests.length, good.tests.every(({ passed }) => passed)]).toEqual([true, 2, true]);
    const bad = (await mira.call('POST', '/v1/rules/check', { text: largePayment.replace('amount > 200.00', 'amout > 200.00') })).as(RuleCheck);
    expect(bad).toMatchObject({ ok: false, diagnostics: [{ severity: 'error', line: 6 }], tests: [] });
    const failing = (await mira.call('POST', '/v1/rules/check', { text: largePayment.replace('alerts: [e1]', 'alerts: []') })).as(RuleCheck);
    expect([failing.ok, failing.diagnostics.filter(({ severity }) => severity === 'error'), failing.tests.some(({ passed }) => passed)]).toEqual([false, [], false]);
  });

  it('never replace one that runs by one that does not compile or fails its tests', async () => {
    const put = (text: string, release: number, id = 'large-payment') => admin.call('PUT', `/v1/rules/${id}`, { text, why: 'change' }, { 'if-match': String(release) });
    const before = await product.entries();
    expect((await put(largePayment.replace('amount >', 'amout >'), 1)).problem()).toMatchObject({ status: 422, code: 'rule-refused', diagnostics: [{ line: 6 }] });
    const failed = (await put(largePayment.replace('alerts: [e1]', 'alerts: []'), 1)).problem();
    expect([failed.status, failed.tests?.every(({ passed }) => passed)]).toEqual([422, false]);
    expect((await put(largePayment.replace('200.00', '201.00').replace('200.01', '201.01'), 0)).problem()).toMatchObject({ status: 412, by: 'admin', version: 1 });
    expect((await put(largePayment, 0, 'other-name')).status).toBe(422);
    expect((await admin.call('PUT', '/v1/rules/large-payment', { text: largePayment }, { 'if-match': '1' })).problem()).toMatchObject({ status: 400, field: 'why' });
    expect(await product.entries()).toEqual(before);
    expect((await mira.call('GET', '/v1/rules/large-payment')).as(RuleDetail).row.release).toBe(1);
  });

  it('are released as one entry of the log, with every rule in force', async () => {
    const author = await signInAs(product, admin, 'wanda', 'author');
    const text = largePayment.replace('200.00', '250.00').replace('200.01', '250.01');
    const saved = (await author.call('PUT', '/v1/rules/large-payment', { text, why: 'fewer false alarms', mode: 'shadow' }, { 'if-match': '1' })).as(RuleDetail);
    expect(saved.row).toMatchObject({ release: 2, mode: 'shadow', changedBy: 'wanda' });
    expect((await product.entries()).at(-1)).toMatchObject({ kind: 'rules', by: 'wanda', why: 'fewer false alarms', rules: [{ id: 'large-payment', mode: 'shadow', release: 2, text }] });
    expect(await product.server.rules.reconcile()).toBe(false);
  });

  it('keep shadow alerts apart: counted with the rule, never in the queue or a case', async () => {
    const open = (await mira.call('GET', '/v1/alerts')).as(AlertPage).total;
    const cases = (await mira.call('GET', '/v1/cases?status=all')).as(CasePage).total;
    const counted = (await mira.call('GET', '/v1/rules')).as(RuleList).items[0]?.alerts30d ?? 0;
    await admin.call('POST', '/v1/events', payment('shadow-1', product.clock.now(), { account_id: 'a-shadow' }));
    await product.pump();
    expect((await mira.call('GET', '/v1/alerts')).as(AlertPage).total).toBe(open);
    expect((await mira.call('GET', '/v1/cases?status=all')).as(CasePage).total).toBe(cases);
    expect((await mira.call('GET', '/v1/rules')).as(RuleList).items[0]?.alerts30d).toBe(counted + 1);
  });

  it('are applied from files in one entry; refused files change nothing', async () => {
    const files = [
      { pack: 'p', path: 'rules/p/large-payment.yaml', text: largePayment },
      { pack: 'p', path: 'rules/p/huge-payment.yaml', text: largePayment.replace('rule: large-payment', 'rule: huge-payment') },
      { pack: 'p', path: 'rules/p/broken.yaml', text: 'rule: broken\nwhen: 1 >' },
    ];
    const seqBefore = product.log.lastSeq();
    const result = await product.server.rules.apply(files, 'admin', 'packs');
    expect([result.released, result.unchanged, result.refused.map(({ path }) => path)]).toEqual([['large-payment', 'huge-payment'], [], ['rules/p/broken.yaml']]);
    expect(product.log.lastSeq()).toBe(seqBefore + 1);
    expect((await product.server.rules.apply(files, 'admin', 'packs')).unchanged).toEqual(['large-payment', 'huge-payment']);
    expect(product.log.lastSeq()).toBe(seqBefore + 1);
  });

  it('are brought in line with the log after a crash between the two', async () => {
    await product.store.query(`update rules set mode = 'off' where id = 'huge-payment'`);
    expect(await product.server.rules.reconcile()).toBe(true);
    expect((await product.entries()).at(-1)).toMatchObject({ kind: 'rules', rules: [{ id: 'large-payment' }] });
    expect(await product.server.rules.reconcile()).toBe(false);
  });

  it('are taken over from the log by a store that has none', async () => {
    await product.store.query('delete from rules');
    await product.store.query('delete from rule_releases');
    expect(await product.server.rules.reconcile()).toBe(false);
    expect((await mira.call('GET', '/v1/rules')).as(RuleList).items).toMatchObject([{ id: 'large-payment', mode: 'shadow', release: 3, changedBy: 'engine' }]);
  });

  it('come with the schema they are written against', async () => {
    expect((await mira.call('GET', '/v1/schema')).as(SchemaAnswer).schema.types.map(({ name }) => name)).toContain('payment');
  });

  it('are backtested by authors: started, read, cancelled, bounded', async () => {
    const start = (text: string) => admin.call('POST', '/v1/backtests', { text, days: 7 });
    const job = (await start(largePayment)).as(BacktestJob);
    expect((await admin.call('GET', `/v1/backtests/${job.id}`)).as(BacktestJob)).toMatchObject({ status: 'running', days: 7 });
    expect((await start('rule: x')).problem()).toMatchObject({ status: 422, code: 'rule-refused' });
    expect((await start(largePayment)).status).toBe(202);
    expect((await start(largePayment)).problem()).toMatchObject({ status: 429, code: 'too-many' });
    expect((await admin.call('DELETE', `/v1/backtests/${job.id}`)).as(BacktestJob).status).toBe('cancelled');
    expect((await admin.call('GET', '/v1/backtests/none')).status).toBe(404);
    expect((await admin.call('POST', '/v1/backtests', { text: largePayment, days: 0 })).problem()).toMatchObject({ field: 'days' });
    expect((await mira.call('POST', '/v1/backtests', { text: largePayment, days: 1 })).status).toBe(403);
  });
});

describe('take next', () => {
  it('gives twenty analysts at once one owner for every alert, in the order of the queue, until nothing is free', async () => {
    const fresh = await startTestProduct({ databaseUrl: await postgres.newDatabase() });
    try {
      const boss = await signInAdmin(fresh);
      await fresh.server.rules.apply([60, 70, 80].map((score) => ({ pack: 'p', path: `rules/p/score-${score}.yaml`, text: largePayment.replace('rule: large-payment', `rule: score-${score}`).replace('score: 80', `score: ${score}`) })), 'admin', 'test');
      for (let at = 0; at < 3; at += 1) {
        await boss.call('POST', '/v1/events', Array.from({ length: 20 }, (_, index) => payment(`n-${at}-${index}`, fresh.clock.now() - index * 7, { account_id: `a-${at}-${index}` })));
        await fresh.pump();
        fresh.clock.advance(70 * 60_000); // the first ones come near their SLA of four hours
      }
      fresh.clock.advance(30 * 60_000);
      const keys = await Promise.all(Array.from({ length: 20 }, async (_, index) => {
        const made = await boss.call('POST', '/v1/api-keys', { name: `analyst-${index}`, roles: ['analyst'] });
        return callerOf(fresh.server.url, { authorization: `Bearer ${(JSON.parse(made.text) as { key: string }).key}` });
      }));
      const expected = (await boss.call('GET', '/v1/alerts?limit=200')).as(AlertPage).items;
      expect(expected).toHaveLength(180);
      const sorted = [...expected].sort((a, b) => compareQueueEntries(a, b, fresh.clock.now()));
      expect(expected.map(({ id }) => id)).toEqual(sorted.map(({ id }) => id));

      const [alone] = keys;
      const firstTen: string[] = [];
      for (let n = 0; n < 10; n += 1) firstTen.push(((await alone?.call('POST', '/v1/queue/next'))?.as(AlertDetail).row.id) ?? '');
      expect(firstTen).toEqual(sorted.slice(0, 10).map(({ id }) => id));

      const taken = new Map<string, number>();
      await Promise.all(keys.map(async (analyst, who) => {
        for (;;) {
          const answer = await analyst.call('POST', '/v1/queue/next');
          if (answer.status === 204) return;
          const { row } = answer.as(AlertDetail);
          expect([row.assignee, taken.get(row.id)]).toEqual([`key:analyst-${who}`, undefined]);
          taken.set(row.id, who);
        }
      }));
      expect(taken.size).toBe(170);
      const owners = await fresh.store.query<{ assignee: string; n: number }[]>('select assignee, count(*)::int as n from alerts group by assignee');
      expect(owners.reduce((sum, { n }) => sum + n, 0)).toBe(180);

      const [released] = sorted;
      await alone?.call('POST', `/v1/alerts/${released?.id ?? ''}/release`);
      expect((await alone?.call('POST', '/v1/queue/next'))?.status).toBe(204); // just given back by the same person
      expect((await keys[1]?.call('POST', '/v1/queue/next'))?.as(AlertDetail).row.id).toBe(released?.id);
      expect(await verifyActivity(fresh.store.manager)).toMatchObject({ ok: true });
    } finally {
      await fresh.stop();
    }
  });
});

describe('the record of what people did', () => {
  it('is a chain that names the row somebody changed', async () => {
    expect(JSON.parse((await sara.call('GET', '/v1/audit/verify')).text)).toMatchObject({ ok: true, rows: expect.any(Number) });
    await product.store.query(`update activity set text = 'nothing' where n = 5`);
    expect(JSON.parse((await sara.call('GET', '/v1/audit/verify')).text)).toEqual({ ok: false, rows: 4, brokenAt: 5 });
  });
});
