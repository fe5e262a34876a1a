import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AlertDetail, AlertPage, IngestAnswer, RuleExplanation } from '@weir/contracts';
import { NewApiKeyAnswer } from '../access/access.controller.js';
import { startTestPostgres, type TestPostgres } from '../testing/test-database.js';
import { callerOf, largePayment, payment, signInAdmin, signInAs, startTestProduct, type Answer, type Caller, type TestProduct } from '../testing/test-product.js';

let postgres: TestPostgres;
let product: TestProduct;
let admin: Caller;
let mira: Caller;

beforeAll(async () => {
  postgres = await startTestPostgres();
  product = await startTestProduct({ databaseUrl: await postgres.newDatabase() });
  admin = await signInAdmin(product);
  mira = await signInAs(product, admin, 'mira.x', 'analyst');
  await product.server.rules.apply([{ pack: 'test', path: 'rules/test/large-payment.yaml', text: largePayment }], 'weir', 'test');
});
afterAll(async () => {
  await product?.stop();
  await postgres?.stop();
});

const explain = (body: object, caller = mira): Promise<Answer> => caller.call('POST', '/v1/rules/explain', body);
const send = async (id: string, amount: string): Promise<void> => {
  expect((await admin.call('POST', '/v1/events', { ...payment(id, product.clock.now()), account_id: 'account-20260105', amount })).as(IngestAnswer).status).toBe('accepted');
  product.clock.advance(1_000);
};

describe('explaining an event', () => {
  it('says for a stored rule what failed first and by how much, and that it fired', async () => {
    await send('small', '162.50');
    await send('large', '300.00');
    const small = (await explain({ ruleId: 'large-payment', eventId: 'small' })).as(RuleExplanation);
    expect(small).toMatchObject({ outcome: 'notFired', key: [{ field: 'account_id', value: 'account-20260105' }], verdict: { failed: { text: 'amount > 200.00', sentence: 'amount > 200.00 is false: 162.50, 37.51 short (19 %)' } } });
    const large = (await explain({ ruleId: 'large-payment', eventId: 'large' })).as(RuleExplanation);
    expect(large).toMatchObject({ outcome: 'fired', summary: 'Fired: 300.00 EUR by account-20260105', alertIds: [expect.any(String)] });
  });

  it('takes a draft, and refuses one that does not compile with its findings', async () => {
    const draft = largePayment.replace('when: amount > 200.00', 'when: amount > 100.00 && last("1h").count() >= 2');
    expect((await explain({ text: draft, eventId: 'small' })).as(RuleExplanation)).toMatchObject({ outcome: 'notFired', verdict: { failed: { index: 1, sentence: 'last("1h").count() >= 2 is false: 1, 1 short (50 %)' } } });
    expect((await explain({ text: draft.replace('amount', 'amout'), eventId: 'small' })).problem()).toMatchObject({ status: 422, code: 'rule-refused', diagnostics: expect.any(Array) });
  });

  it('refuses what it does not know, and asks for one rule', async () => {
    expect((await explain({ ruleId: 'large-paymnt', eventId: 'small' })).problem()).toMatchObject({ status: 404, code: 'unknown-rule', detail: 'There is no rule large-paymnt. Did you mean large-payment?' });
    expect((await explain({ ruleId: 'large-payment', eventId: 'nope' })).problem()).toMatchObject({ status: 404, code: 'unknown-event', field: 'eventId' });
    expect((await explain({ eventId: 'small' })).problem()).toMatchObject({ status: 400, field: 'ruleId' });
    expect((await explain({ ruleId: 'large-payment', text: largePayment, eventId: 'small' })).problem()).toMatchObject({ status: 400, field: 'ruleId' });
  });

  it('masks personal values for a viewer, who may not try drafts on them; channels may not ask', async () => {
    const viewer = await signInAs(product, admin, 'vera.x', 'viewer');
    const masked = await explain({ ruleId: 'large-payment', eventId: 'small' }, viewer);
    expect(masked.text).not.toContain('account-20260105');
    expect(masked.as(RuleExplanation)).toMatchObject({ outcome: 'notFired', event: { id: 'small', fields: { amount: '162.5', account_id: '••0105' } }, verdict: { comparisons: [{ turn: { by: '37.51' } }] } });
    expect((await explain({ text: largePayment, eventId: 'small' }, viewer)).problem()).toMatchObject({ status: 403, field: 'text' });
    const { key } = (await admin.call('POST', '/v1/api-keys', { name: 'till-x', roles: ['channel'] })).as(NewApiKeyAnswer);
    expect((await explain({ ruleId: 'large-payment', eventId: 'small' }, callerOf(product.server.url, { authorization: `Bearer ${key}` }))).status).toBe(403);
    expect((await explain({ ruleId: 'large-payment', eventId: 'small' }, callerOf(product.server.url))).status).toBe(401);
  });

  it('masks what is made from personal values, in the explanation, in the alert, in its row and in its sentence', async () => {
    const derived = `rule: derived
title: Made from a personal value
owner: o
on: payment
by: account_id
severity: low
score: 1
action: none
reason: "{amount}: {tag}, {length} characters"
let:
  tag: account_id + "-x"
  length: size(account_id) + 70
when: amount > 250.00 && length > 80 && (account_id != "account-00000000" || amount > 1000.00) && length < 500
`;
    await product.server.rules.apply([{ pack: 'test', path: 'rules/test/derived.yaml', text: derived }], 'weir', 'test');
    for (const [id, amount] of [['derived-1', '300.00'], ['derived-2', '100.00']] as const) expect((await admin.call('POST', '/v1/events', { ...payment(id, product.clock.now()), account_id: 'account-77701234', amount })).as(IngestAnswer).status).toBe('accepted');
    await product.pump();
    const viewer = await signInAs(product, admin, 'vito.x', 'viewer');
    const shown = (await explain({ ruleId: 'derived', eventId: 'derived-1' })).as(RuleExplanation);
    expect(shown.summary).toBe('Fired: 300.00: account-77701234-x, 86 characters');
    const answers = [await explain({ ruleId: 'derived', eventId: 'derived-1' }, viewer), await explain({ ruleId: 'derived', eventId: 'derived-2' }, viewer)];
    expect(answers.map((answer) => answer.as(RuleExplanation).summary)).toEqual(['Fired: 300.00: ••••, •••• characters', 'Did not fire. Condition 1 of 4 fails first: amount > 250.00 is false: 100.00, 150.01 short (60 %).']);
    expect(answers[1]?.as(RuleExplanation).verdict?.comparisons.map(({ text, holds, turn }) => [text, holds, turn?.by])).toEqual([
      ['amount > 250.00', false, '150.01'], ['length > 80', undefined, undefined], ['account_id != "account-00000000"', undefined, undefined], ['amount > 1000.00', false, '900.01'], ['length < 500', undefined, undefined],
    ]);
    const row = (await admin.call('GET', '/v1/alerts?status=all&rule=derived')).as(AlertPage).items[0];
    expect(row?.reason).toBe('300.00: account-77701234-x, 86 characters');
    const alert = await viewer.call('GET', `/v1/alerts/${row?.id ?? ''}`);
    expect(alert.as(AlertDetail)).toMatchObject({ row: { reason: '300.00: ••••, •••• characters' }, alert: { reason: '300.00: ••••, •••• characters', explanation: { lets: [{ node: { value: { text: '••••', hidden: true } } }, { node: { value: { text: '••••', hidden: true } } }] } } });
    const list = await viewer.call('GET', '/v1/alerts?status=all');
    for (const { text } of [...answers, alert, list]) expect(text).not.toMatch(/account-77701234|"86"|6 to spare|414 to spare/);
  });

  it('refuses a rule that would look at too much', async () => {
    for (let n = 0; n < 60; n += 1) await send(`many-${n}`, '1.00');
    expect((await explain({ text: largePayment.replace('when: amount > 200.00', 'when: last("1h").count() > 1000'), eventId: 'many-59' })).problem()).toMatchObject({ status: 422, code: 'too-much' });
  });
});
