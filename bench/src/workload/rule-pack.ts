/** The event schema of the benchmark's payments. */
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
`;

/** Rule id, key, condition. Velocity over card, account, device, address and merchant, distinct values, ratios to the mean, a maximum, a filter. */
const pack: readonly (readonly [string, string, string])[] = [
  ['card-count-1m', 'card_id', 'last("1m").count() > 45'],
  ['card-count-5m', 'card_id', 'last("5m").count() > 48'],
  ['card-sum-5m', 'card_id', 'last("5m").sum(amount) > 10000.00'],
  ['card-sum-15m', 'card_id', 'last("15m").sum(amount) > 11000.00'],
  ['account-count-15m', 'account_id', 'last("15m").count() > 52'],
  ['account-sum-15m', 'account_id', 'last("15m").sum(amount) > 11000.00'],
  ['device-count-5m', 'device_id', 'last("5m").count() > 50'],
  ['device-sum-5m', 'device_id', 'last("5m").sum(amount) > 8000.00'],
  ['ip-count-1m', 'ip', 'last("1m").count() > 48'],
  ['ip-count-5m', 'ip', 'last("5m").count() > 50'],
  ['merchant-declines-1m', 'merchant_id', 'last("1m").where(declined).count() > 38'],
  ['merchant-declines-5m', 'merchant_id', 'last("5m").where(declined).count() > 42'],
  ['device-cards-15m', 'device_id', 'last("15m").distinct(card_id) >= 50'],
  ['ip-cards-15m', 'ip', 'last("15m").distinct(card_id) >= 50'],
  ['card-devices-15m', 'card_id', 'last("15m").distinct(device_id) >= 50'],
  ['card-merchants-15m', 'card_id', 'last("15m").distinct(merchant_id) >= 50'],
  ['card-ratio-15m', 'card_id', 'before("15m").count() >= 20 && amount > 5 * before("15m").avg(amount)'],
  ['card-declined-share-15m', 'card_id', 'last("15m").count() >= 48 && last("15m").share(declined) > 0.9'],
  ['card-new-maximum-15m', 'card_id', 'before("15m").count() >= 10 && amount > 8 * before("15m").max(amount)'],
  ['large-abroad', 'card_id', 'amount > 900.00 && country != card_country && country in ["US", "IE"]'],
];

/** The pack as rule files: the text a rule author would write. */
export function ruleTexts(): readonly { readonly id: string; readonly text: string }[] {
  return pack.map(([id, by, when]) => ({
    id,
    text: [`rule: ${id}`, `title: ${id}`, 'description: Part of the benchmark pack.', 'owner: bench', 'on: payment', `by: ${by}`, 'severity: medium', 'score: 10', 'action: review', `when: ${when}`, ''].join('\n'),
  }));
}
