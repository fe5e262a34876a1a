import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AlertPage, ListAnswer, ListIndex, ListPage, RuleCheck } from '@weir/contracts';
import type { ListChange } from '@weir/contracts';
import { pino } from 'pino';
import { verifyActivity } from '../audit/activity-log.js';
import { NewApiKeyAnswer } from '../access/access.controller.js';
import { ListDesk } from '../lists/list-desk.js';
import type { ListDeskOptions } from '../lists/list-desk.js';
import { sendListChanges } from '../lists/list-outbox.js';
import { ListsOfRules } from '../lists/lists-of-rules.js';
import { openCaseStore } from '../store/open-case-store.js';
import { startTestPostgres, type TestPostgres } from '../testing/test-database.js';
import { callerOf, payment, signInAdmin, signInAs, startTestProduct, type Caller, type TestProduct } from '../testing/test-product.js';

const listedMerchant = (list: string): string => `rule: listed-merchant
title: Listed merchant
owner: merchant-risk
on: payment
severity: high
score: 90
action: block
reason: "{amount} at {merchant_id}"
when: merchant_id in list("${list}")
tests:
  - name: alerts at the listed merchant only
    lists: { ${list}: [m1] }
    events:
      - { id: a, at: 0s, merchant_id: m1, amount: 1.00 }
      - { id: b, at: 1s, merchant_id: m2, amount: 1.00 }
    alerts: [a]
`;

let postgres: TestPostgres;
let product: TestProduct;
let admin: Caller;
let mira: Caller;
let jon: Caller;

beforeAll(async () => {
  postgres = await startTestPostgres();
  product = await startTestProduct({ databaseUrl: await postgres.newDatabase() });
  admin = await signInAdmin(product);
  mira = await signInAs(product, admin, 'mira.l', 'analyst');
  jon = await signInAs(product, admin, 'jon.l', 'author');
});
afterAll(async () => {
  await product?.stop();
  await postgres?.stop();
});

const add = (list: string, values: readonly string[], more: object = {}, caller = mira) => caller.call('POST', `/v1/lists/${list}/entries`, { values, why: 'card testing', ...more });
const remove = (list: string, values: readonly string[], caller = mira) => caller.call('DELETE', `/v1/lists/${list}/entries`, { values, why: 'cleared' });
const pageOf = async (list: string, query = ''): Promise<ListPage> => (await mira.call('GET', `/v1/lists/${list}${query}`)).as(ListPage);
const changesOf = async (list: string): Promise<readonly ListChange[]> => (await product.entries()).flatMap((entry) => (entry.kind === 'list' && entry.list === list ? [entry] : []));
const facts = (): Promise<{ actor: string; text: string; detail: unknown }[]> => product.store.query(`select actor, text, detail from activity where kind = 'list' order by n desc`);

describe('adding to a list', () => {
  it('makes the list, answers for each value, and puts the new ones into the event log in their order', async () => {
    const answer = (await add('watched', [' m-1 ', 'm-2', 'm-1', '', '   ', 'x'.repeat(201), 'a\u001fb', 'a\nb', 'a\ud800', 'x'.repeat(200), 'Zoë 🛒'])).as(ListAnswer);
    expect(answer.answers.map(({ value, status }) => [value, status])).toEqual([
      ['m-1', 'new'], ['m-2', 'new'], ['m-1', 'known'], ['', 'bad'], ['', 'bad'], [`${'x'.repeat(40)}…`, 'bad'], ['a\u001fb', 'bad'], ['a\nb', 'bad'], ['a\ufffd', 'bad'], ['x'.repeat(200), 'new'], ['Zoë 🛒', 'new'],
    ]);
    expect(answer.answers.flatMap(({ reason }) => reason ?? [])).toEqual(['empty', 'empty', 'too long: 201 characters, the limit is 200', 'holds a control character', 'holds a control character', 'is not well-formed Unicode text']);
    expect(answer.list).toMatchObject({ name: 'watched', entries: 4, usedBy: [], changedAt: product.clock.now(), changedBy: 'mira.l' });
    const changes = await changesOf('watched');
    expect(changes.map(({ value, change, by, why }) => [value, change, by, why])).toEqual(['m-1', 'm-2', 'x'.repeat(200), 'Zoë 🛒'].map((value) => [value, 'add', 'mira.l', 'card testing']));
    expect(answer.seq).toBe(changes.at(-1)?.seq);
  });

  it('changes nothing for what is known, and moves its end only when one is given', async () => {
    const end = product.clock.now() + 60_000;
    const before = await changesOf('watched');
    expect((await add('watched', ['m-1', 'm-2'])).as(ListAnswer)).toMatchObject({ answers: [{ status: 'known' }, { status: 'known' }] });
    expect((await add('watched', ['m-1'], { until: end })).as(ListAnswer).seq).toBeUndefined();
    expect((await pageOf('watched')).items.find(({ value }) => value === 'm-1')).toMatchObject({ until: end });
    expect((await add('watched', ['m-1'], { until: null })).status).toBe(200);
    expect((await pageOf('watched')).items.find(({ value }) => value === 'm-1')).not.toHaveProperty('until');
    expect(await changesOf('watched')).toEqual(before);
  });

  it('shows entries newest first, window by window', async () => {
    const first = await pageOf('watched', '?limit=3');
    expect(first.items.map(({ value }) => value)).toEqual(['Zoë 🛒', 'x'.repeat(200), 'm-2']);
    expect(first.items[0]).toMatchObject({ why: 'card testing', by: 'mira.l', addedAt: product.clock.now(), seq: (await changesOf('watched')).at(-1)?.seq });
    const rest = await pageOf('watched', `?limit=3&cursor=${first.nextCursor ?? ''}`);
    expect([rest.items.map(({ value }) => value), rest.nextCursor]).toEqual([['m-1'], undefined]);
  });

  it('takes a thousand values at once', async () => {
    const values = Array.from({ length: 1_000 }, (_, n) => `bulk-${n}`);
    const answer = (await add('bulk', values)).as(ListAnswer);
    expect([answer.list.entries, answer.answers.every(({ status }) => status === 'new')]).toEqual([1_000, true]);
    expect((await changesOf('bulk')).map(({ value }) => value)).toEqual(values);
  });

  it.each([
    { name: 'no values', body: { values: [], why: 'x' }, field: 'values' },
    { name: 'too many values', body: { values: Array.from({ length: 1_001 }, (_, n) => `v${n}`), why: 'x' }, field: 'values' },
    { name: 'a value that is no text', body: { values: [1], why: 'x' }, field: 'values.0' },
    { name: 'no reason', body: { values: ['a'], why: ' ' }, field: 'why' },
    { name: 'an end in the past', body: { values: ['a'], why: 'x', until: 1 }, field: 'until' },
  ])('refuses $name', async ({ body, field }) => {
    expect((await mira.call('POST', '/v1/lists/refused/entries', body)).problem()).toMatchObject({ status: 400, field });
    expect((await mira.call('GET', '/v1/lists/refused')).problem()).toMatchObject({ status: 404, code: 'not-found' });
  });

  it.each(['a%20b', '-a', 'a'.repeat(101), '%00'])('refuses the name %s, which no rule could write', async (name) => {
    expect((await add(name, ['a'])).problem()).toMatchObject({ status: 400, field: 'name' });
  });

  it('adds a value once when two people add it at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => add('raced', ['one', 'two'])));
    expect(answers.flatMap((answer) => answer.as(ListAnswer).answers.map(({ status }) => status)).sort()).toEqual([...Array<string>(14).fill('known'), 'new', 'new']);
    expect((await changesOf('raced')).map(({ value }) => value)).toEqual(['one', 'two']);
  });
});

describe('taking off a list', () => {
  it('answers for each value and keeps what was before in the record of acts', async () => {
    await add('leaving', ['m-1', 'm-2']);
    const answer = (await remove('leaving', ['m-2', 'm-9', '', 'm-2'])).as(ListAnswer);
    expect(answer).toMatchObject({ list: { entries: 1 }, answers: [{ value: 'm-2', status: 'removed' }, { value: 'm-9', status: 'absent' }, { value: '', status: 'bad' }, { value: 'm-2', status: 'absent' }] });
    expect((await changesOf('leaving')).at(-1)).toMatchObject({ value: 'm-2', change: 'remove', seq: answer.seq, by: 'mira.l', why: 'cleared' });
    expect((await facts())[0]).toMatchObject({ actor: 'mira.l', text: 'took 1 off leaving: cleared', detail: { list: 'leaving', change: 'remove', before: [{ value: 'm-2', why: 'card testing', by: 'mira.l', until: null }] } });
    expect(await verifyActivity(product.store.manager)).toMatchObject({ ok: true });
  });

  it('leaves an empty list there, and knows no list that never was', async () => {
    await remove('leaving', ['m-1']);
    expect((await pageOf('leaving')).list.entries).toBe(0);
    expect((await remove('never-was', ['a'])).status).toBe(404);
  });

  it('happens by itself when the time of an entry is over, as an entry of the log', async () => {
    await add('brief', ['stays', 'goes'], {});
    await add('brief', ['goes'], { until: product.clock.now() + 60_000 });
    product.clock.advance(59_999);
    await product.server.beat();
    expect((await pageOf('brief')).items).toHaveLength(2);
    product.clock.advance(1);
    await product.server.beat();
    expect((await pageOf('brief')).items.map(({ value }) => value)).toEqual(['stays']);
    expect((await changesOf('brief')).at(-1)).toMatchObject({ value: 'goes', change: 'remove', by: 'engine', why: 'its time was over' });
    expect((await facts())[0]).toMatchObject({ actor: 'engine', text: 'took 1 off brief: its time was over' });
  });
});

describe('a rule that looks at a list', () => {
  const send = async (id: string, merchant: string): Promise<void> => {
    await admin.call('POST', '/v1/events', payment(id, product.clock.now(), { merchant_id: merchant }));
    await product.pump();
  };
  const alerts = async (): Promise<number> => (await mira.call('GET', '/v1/alerts?status=all&rule=listed-merchant')).as(AlertPage).total;

  it('may name only a list that exists, and is told the nearest', async () => {
    const check = (await jon.call('POST', '/v1/rules/check', { text: listedMerchant('blocked') })).as(RuleCheck);
    expect([check.ok, check.diagnostics.map(({ code }) => code)]).toEqual([false, expect.arrayContaining(['unknown-list'])]);
    await add('blocked-merchants', ['m-0']);
    const near = (await jon.call('POST', '/v1/rules/check', { text: listedMerchant('blocked-merchant') })).as(RuleCheck);
    expect(near.diagnostics[0]).toMatchObject({ code: 'unknown-list', fix: '"blocked-merchants"' });
    expect((await jon.call('POST', '/v1/rules/check', { text: listedMerchant('blocked-merchants') })).as(RuleCheck)).toMatchObject({ ok: true, diagnostics: [] });
  });

  it('fires from the event after the entry on, and no more after its removal', async () => {
    expect((await jon.call('PUT', '/v1/rules/listed-merchant', { text: listedMerchant('blocked-merchants'), why: 'test' }, { 'if-match': '0' })).status).toBe(200);
    await send('before', 'm-77');
    expect(await alerts()).toBe(0);
    await add('blocked-merchants', ['m-77']);
    product.clock.advance(1_000);
    await send('listed', 'm-77');
    await send('other', 'm-78');
    expect(await alerts()).toBe(1);
    await remove('blocked-merchants', ['m-77']);
    product.clock.advance(1_000);
    await send('after', 'm-77');
    expect(await alerts()).toBe(1);
  });

  it('is named beside its list', async () => {
    const { items } = (await jon.call('GET', '/v1/lists')).as(ListIndex);
    expect(items.map(({ name }) => name)).toEqual([...items.map(({ name }) => name)].sort());
    expect(items.find(({ name }) => name === 'blocked-merchants')).toMatchObject({ entries: 1, usedBy: ['listed-merchant'] });
  });

  it('makes its list known before the first entry when it came from a file', async () => {
    const result = await product.server.rules.apply([{ pack: 'test', path: 'rules/test/listed-later.yaml', text: listedMerchant('not-yet').replaceAll('listed-merchant', 'listed-later') }], 'weir', 'test');
    expect(result).toMatchObject({ released: ['listed-later'], refused: [] });
    expect((await pageOf('not-yet'))).toMatchObject({ list: { entries: 0, usedBy: ['listed-later'] }, items: [] });
    expect((await jon.call('POST', '/v1/rules/check', { text: listedMerchant('not-yet') })).as(RuleCheck).ok).toBe(true);
  });
});

describe('who may', () => {
  it('reads and changes lists: not viewers, operators or channels; approvers read', async () => {
    const viewer = await signInAs(product, admin, 'vera.l', 'viewer');
    const operator = await signInAs(product, admin, 'olga.l', 'ops');
    const approver = await signInAs(product, admin, 'ana.l', 'approver');
    const { key } = (await admin.call('POST', '/v1/api-keys', { name: 'till-l', roles: ['channel'] })).as(NewApiKeyAnswer);
    for (const caller of [viewer, operator, callerOf(product.server.url, { authorization: `Bearer ${key}` })]) {
      const answers = await Promise.all([caller.call('GET', '/v1/lists'), caller.call('GET', '/v1/lists/watched'), add('watched', ['v'], {}, caller), remove('watched', ['m-1'], caller)]);
      expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
    }
    expect((await approver.call('GET', '/v1/lists/watched')).status).toBe(200);
    expect((await add('watched', ['v'], {}, approver)).status).toBe(403);
    expect((await add('watched', ['by-author'], {}, jon)).status).toBe(200);
  });
});

describe('another event log', () => {
  it('is told what stands on the lists, once, at the first start with it', async () => {
    const databaseUrl = await postgres.newDatabase();
    const former = await startTestProduct({ databaseUrl, logName: 'log-1' });
    const root = await signInAdmin(former);
    await root.call('POST', '/v1/lists/watched/entries', { values: ['m-1', 'm-2', 'm-3'], why: 'x' });
    await root.call('DELETE', '/v1/lists/watched/entries', { values: ['m-2'], why: 'x' });
    await former.store.query(`insert into list_changes (list, value, change, by, why, at) values ('watched', 'm-2', 'remove', 'admin', 'never sent', 1)`);
    await former.stop();
    for (const sent of [2, 0]) {
      const next = await startTestProduct({ databaseUrl, logName: 'log-2' });
      const entries = (await next.entries()).filter(({ kind }) => kind === 'list');
      expect(entries).toHaveLength(sent);
      if (sent > 0) expect(entries).toMatchObject([{ value: 'm-1', change: 'add', by: 'engine' }, { value: 'm-3', change: 'add' }]);
      expect(await next.store.query('select e.value, c.seq from list_entries e join list_changes c on c.n = e.change_n order by 1')).toEqual([{ value: 'm-1', seq: 1 }, { value: 'm-3', seq: 2 }]);
      await next.stop();
    }
  });
});

describe('a log that deletes its oldest entries', () => {
  it('is given again what still stands on a list and was added there', async () => {
    const store = await openCaseStore(await postgres.newDatabase(), 4);
    const schema = { current: () => ({ text: '', schema: product.schema }) };
    const sent: { seq: number; value: string; change: string }[] = [];
    let firstSeq = 1;
    const intake: ListDeskOptions['intake'] = { appendInternal: (entries) => Promise.resolve(entries.map((entry) => {
      const seq = sent.length + 1;
      if (entry.kind === 'list') sent.push({ seq, value: entry.value, change: entry.change });
      return { status: 'appended', seq };
    })) };
    const desk = new ListDesk({ store, intake, rules: new ListsOfRules(store, schema), logName: 'log-1', logFirstSeq: () => firstSeq, now: product.clock.now, log: pino({ level: 'silent' }) });
    await desk.add('watched', { values: ['a', 'b', 'c'], why: 'x' }, 'mira.l');
    await desk.remove('watched', { values: ['a'], why: 'x' }, 'mira.l');
    firstSeq = 3; // the addings of a and b are gone
    await desk.beat();
    await desk.beat();
    expect(sent.slice(4)).toEqual([{ seq: 5, value: 'b', change: 'add' }]);
    expect((await desk.page('watched', undefined, 10))?.items).toMatchObject([{ value: 'b', seq: 5, why: 'x', by: 'mira.l' }, { value: 'c', seq: 3 }]);
    await store.destroy();
  });
});

describe('a crash', () => {
  it('between the table and the log loses no change: the next beat sends it, in order', async () => {
    await product.store.query(`insert into list_changes (list, value, change, by, why, at) values ('crashed', 'a', 'add', 'mira.l', 'x', 1), ('crashed', 'b', 'add', 'mira.l', 'x', 1), ('crashed', 'a', 'remove', 'mira.l', 'x', 1)`);
    await product.server.beat();
    expect((await changesOf('crashed')).map(({ value, change }) => [value, change])).toEqual([['a', 'add'], ['b', 'add'], ['a', 'remove']]);
    await product.server.beat();
    expect(await changesOf('crashed')).toHaveLength(3);
  });

  it('between the log and its note repeats the batch, and every entry is as it was', async () => {
    await product.store.query(`update list_changes set seq = null where list = 'crashed'`);
    await product.server.beat();
    const changes = await changesOf('crashed');
    expect(changes).toHaveLength(6);
    const [first = 0] = changes.slice(3).map(({ seq }) => seq);
    expect(changes.slice(3).map(({ seq }) => seq - first)).toEqual([0, 1, 2]);
    const listed = new Map(changes.map(({ value, change }) => [value, change]));
    expect([...listed]).toEqual([['a', 'remove'], ['b', 'add']]);
  });

  it('of the log is answered without a place; the entry stands, and is sent with a later beat', async () => {
    const store = await openCaseStore(await postgres.newDatabase(), 4);
    let isFull = true;
    const intake: ListDeskOptions['intake'] = { appendInternal: (entries) => (isFull ? Promise.reject(new Error('the disk is full')) : Promise.resolve(entries.map(() => ({ status: 'appended', seq: 9 })))) };
    const desk = new ListDesk({ store, intake, rules: new ListsOfRules(store, { current: () => ({ text: '', schema: product.schema }) }), logName: 'log-1', logFirstSeq: () => 1, now: product.clock.now, log: pino({ level: 'silent' }) });
    expect(await desk.add('watched', { values: ['a'], why: 'x' }, 'mira.l')).toEqual({ list: expect.objectContaining({ entries: 1 }), answers: [{ value: 'a', status: 'new' }] });
    expect((await desk.page('watched', undefined, 10))?.items).toEqual([{ value: 'a', why: 'x', by: 'mira.l', addedAt: product.clock.now() }]);
    await expect(desk.beat()).rejects.toThrow('the disk is full');
    isFull = false;
    await desk.beat();
    expect((await desk.page('watched', undefined, 10))?.items).toMatchObject([{ value: 'a', seq: 9 }]);
    await store.destroy();
  });

  it('of the log leaves the changes waiting in their order', async () => {
    const store = await openCaseStore(await postgres.newDatabase(), 2); // no server, so nobody sends them meanwhile
    await store.query(`insert into list_changes (list, value, change, by, why, at) values ('stuck', 'a', 'add', 'mira.l', 'x', 1), ('stuck', 'b', 'add', 'mira.l', 'x', 1)`);
    const places = (): Promise<unknown> => store.query('select value, seq from list_changes order by n');
    await expect(sendListChanges(store, { appendInternal: () => Promise.reject(new Error('the disk is full')) })).rejects.toThrow('the disk is full');
    expect(await places()).toEqual([{ value: 'a', seq: null }, { value: 'b', seq: null }]);
    expect(await sendListChanges(store, { appendInternal: (entries) => Promise.resolve(entries.map((_, index) => ({ status: 'appended', seq: 7 + index }))) })).toBe(2);
    expect(await places()).toEqual([{ value: 'a', seq: 7 }, { value: 'b', seq: 8 }]);
    await store.destroy();
  });
});
