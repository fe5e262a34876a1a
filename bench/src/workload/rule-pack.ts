import { merchantCount } from './traffic-shape.js';

/** The event schema of the benchmark's payments and transfers. */
export const schemaText = `version: 1
currency: EUR
events:
  payment:
    account_id: { type: string, required: true }
    card_id: { type: string, required: true }
    device_id: { type: string }
    ip: { type: string }
    merchant_id: { type: string }
    amount: { type: decimal, scale: 2, required: true, currency: currency }
    currency: { type: string }
    country: { type: string }
    card_country: { type: string }
    mcc: { type: string }
    channel: { type: string }
    card_present: { type: bool }
    declined: { type: bool }
  transfer:
    account_id: { type: string, required: true }
    payee_id: { type: string, required: true }
    device_id: { type: string }
    ip: { type: string }
    amount: { type: decimal, scale: 2, required: true, currency: currency }
    currency: { type: string }
    country: { type: string }
    payee_country: { type: string }
    payee_bank: { type: string }
    channel: { type: string }
    stage: { type: string }
    instant: { type: bool }
    purpose: { type: string }
`;

/** Rule id, key, condition over payments: velocity over card, account, device, address and merchant, distinct values, ratios to the mean, a maximum, filters. */
const conditions: readonly (readonly [id: string, by: string, when: string])[] = [
  ['card-count-1m', 'card_id', 'last("1m").count() > 84'],
  ['card-count-5m', 'card_id', 'last("5m").count() > 370'],
  ['card-sum-5m', 'card_id', 'last("5m").sum(amount) > 13500.00'],
  ['card-sum-15m', 'card_id', 'last("15m").sum(amount) > 18900.00'],
  ['account-count-15m', 'account_id', 'last("15m").count() > 2164'],
  ['account-sum-15m', 'account_id', 'last("15m").sum(amount) > 34000.00'],
  ['device-count-5m', 'device_id', 'last("5m").count() > 668'],
  ['device-sum-5m', 'device_id', 'last("5m").sum(amount) > 10450.00'],
  ['ip-count-1m', 'ip', 'last("1m").count() > 63'],
  ['ip-count-5m', 'ip', 'last("5m").count() > 273'],
  ['merchant-declines-1m', 'merchant_id', 'declined && last("1m").where(declined).count() > 74'],
  ['merchant-declines-5m', 'merchant_id', 'declined && last("5m").where(declined).count() > 105'],
  ['device-cards-15m', 'device_id', 'last("15m").distinct(card_id) >= 44'],
  ['ip-cards-15m', 'ip', 'last("15m").distinct(card_id) >= 38'],
  ['card-devices-15m', 'card_id', 'last("15m").distinct(device_id) >= 128'],
  ['card-merchants-15m', 'card_id', 'last("15m").distinct(merchant_id) >= 939'],
  ['card-ratio-15m', 'card_id', 'before("15m").count() >= 20 && amount > 44 * before("15m").avg(amount)'],
  ['card-declined-share-15m', 'card_id', 'last("15m").count() >= 30 && last("15m").share(declined) > 0.65'],
  ['card-new-maximum-15m', 'card_id', 'before("15m").count() >= 10 && amount > 14 * before("15m").max(amount)'],
  ['large-abroad', 'card_id', 'amount > 420.00 && country != card_country && country in ["US", "IE"]'],
  ['watched-merchant', 'card_id', 'merchant_id in list("watched-merchants") && amount > 22.00'],
];

/** Refusals, then a large payment; next to nothing, then a large transfer; a large transfer that no one confirms. */
const sequences: readonly (readonly [id: string, body: string])[] = [
  ['refused-then-large', `on: payment
by: card_id
sequence:
  within: 10m
  steps:
    - begin: refusals
      where: declined
      times: 3
    - followedBy: paid
      where: declined == false && amount > 400.00`],
  ['probe-then-transfer', `on: [payment, transfer]
by: account_id
sequence:
  within: 10m
  steps:
    - begin: probe
      on: payment
      where: amount < 1.00
    - followedBy: payout
      on: transfer
      where: stage == "sent" && amount > 3000.00`],
  ['unconfirmed-transfer', `on: transfer
by: [account_id, payee_id]
sequence:
  within: 5m
  steps:
    - begin: sent
      where: stage == "sent" && amount > 2500.00
    - notFollowedBy: confirmed
      where: stage == "confirmed"`],
];

/** A rule of the pack as its file's text. */
export interface RuleText { readonly id: string; readonly text: string }

/** The pack as rule files: the text a rule author would write. 20 conditions, one with a list, two sequences, one absence. */
export function ruleTexts(): readonly RuleText[] {
  const bodies = [...conditions.map(([id, by, when]) => [id, `on: payment\nby: ${by}\nwhen: ${when}`] as const), ...sequences];
  return bodies.map(([id, body]) => ({ id, text: `rule: ${id}\ntitle: ${id}\ndescription: Part of the benchmark pack.\nowner: bench\nseverity: medium\nscore: 10\naction: review\n${body}\n` }));
}

/** The merchants of the list `watched-merchants`: one of 200. */
export function watchedMerchants(): readonly string[] {
  const ids: string[] = [];
  for (let merchant = 7; merchant < merchantCount; merchant += 200) ids.push(`mer-${merchant.toString().padStart(8, '0')}`);
  return ids;
}
