/**
 * The service a team writes in an afternoon: JSON.parse, a Map of arrays per key, windows filtered anew for each event,
 * rules as closures. Amounts as cents, so that its answers are exact and can be compared. Arrival order, in-order input.
 */
interface Payment {
  readonly id: string; readonly ts: number; readonly account_id: string; readonly card_id: string; readonly device_id: string; readonly ip: string; readonly merchant_id: string;
  readonly amount: number; readonly country: string; readonly card_country: string; readonly declined: boolean; readonly cents: number;
}
type KeyField = 'account_id' | 'card_id' | 'device_id' | 'ip' | 'merchant_id';

const minute = 60_000;
const longest = 15 * minute;
const keyFields: readonly KeyField[] = ['account_id', 'card_id', 'device_id', 'ip', 'merchant_id'];
const decoder = new TextDecoder();

/** The events after `ts`, found from the newest back: they lie in order of time. */
function since(history: readonly Payment[], ts: number): readonly Payment[] {
  let from = history.length;
  while (from > 0 && (history[from - 1]?.ts ?? ts) > ts) from--;
  return from === 0 ? history : history.slice(from);
}

type NaiveRule = readonly [string, (payment: Payment, window: (field: KeyField, spanMs: number) => readonly Payment[]) => boolean];

const sum = (payments: readonly Payment[]): number => payments.reduce((total, one) => total + one.cents, 0);
const distinct = (payments: readonly Payment[], field: KeyField): number => new Set(payments.map((one) => one[field])).size;
const before = (payments: readonly Payment[]): readonly Payment[] => payments.slice(0, -1);
const declines = (payments: readonly Payment[]): number => payments.filter((one) => one.declined).length;

const rules: readonly NaiveRule[] = [
  ['card-count-1m', (_, window) => window('card_id', minute).length > 45],
  ['card-count-5m', (_, window) => window('card_id', 5 * minute).length > 48],
  ['card-sum-5m', (_, window) => sum(window('card_id', 5 * minute)) > 1_000_000],
  ['card-sum-15m', (_, window) => sum(window('card_id', longest)) > 1_100_000],
  ['account-count-15m', (_, window) => window('account_id', longest).length > 52],
  ['account-sum-15m', (_, window) => sum(window('account_id', longest)) > 1_100_000],
  ['device-count-5m', (_, window) => window('device_id', 5 * minute).length > 50],
  ['device-sum-5m', (_, window) => sum(window('device_id', 5 * minute)) > 800_000],
  ['ip-count-1m', (_, window) => window('ip', minute).length > 48],
  ['ip-count-5m', (_, window) => window('ip', 5 * minute).length > 50],
  ['merchant-declines-1m', (_, window) => declines(window('merchant_id', minute)) > 38],
  ['merchant-declines-5m', (_, window) => declines(window('merchant_id', 5 * minute)) > 42],
  ['device-cards-15m', (_, window) => distinct(window('device_id', longest), 'card_id') >= 50],
  ['ip-cards-15m', (_, window) => distinct(window('ip', longest), 'card_id') >= 50],
  ['card-devices-15m', (_, window) => distinct(window('card_id', longest), 'device_id') >= 50],
  ['card-merchants-15m', (_, window) => distinct(window('card_id', longest), 'merchant_id') >= 50],
  ['card-ratio-15m', (payment, window) => { const earlier = before(window('card_id', longest)); return earlier.length >= 20 && payment.cents * earlier.length > 5 * sum(earlier); }],
  ['card-declined-share-15m', (_, window) => { const all = window('card_id', longest); return all.length >= 48 && declines(all) * 10 > 9 * all.length; }],
  ['card-new-maximum-15m', (payment, window) => { const earlier = before(window('card_id', longest)); return earlier.length >= 10 && payment.cents > 8 * earlier.reduce((most, one) => Math.max(most, one.cents), 0); }],
  ['large-abroad', (payment) => payment.cents > 90_000 && payment.country !== payment.card_country && ['US', 'IE'].includes(payment.country)],
];

export interface NaiveService { apply(line: Uint8Array): void }

/** @param alert called with event id and rule id. */
export function createNaiveService(alert: (event: string, rule: string) => void): NaiveService {
  const histories = new Map<KeyField, Map<string, Payment[]>>(keyFields.map((field) => [field, new Map<string, Payment[]>()]));

  function remember(payment: Payment): void {
    for (const field of keyFields) {
      const byKey = histories.get(field);
      const history = byKey?.get(payment[field]);
      if (history === undefined) byKey?.set(payment[field], [payment]);
      else {
        history.push(payment);
        const kept = history.findIndex((one) => one.ts > payment.ts - longest);
        if (kept > 0) history.splice(0, kept);
      }
    }
  }

  return {
    apply(line) {
      const parsed = JSON.parse(decoder.decode(line)) as Payment; // the generator's own lines
      const payment: Payment = { ...parsed, cents: Math.round(parsed.amount * 100) };
      remember(payment);
      const window = (field: KeyField, spanMs: number): readonly Payment[] => since(histories.get(field)?.get(payment[field]) ?? [], payment.ts - spanMs);
      for (const [id, holds] of rules) if (holds(payment, window)) alert(payment.id, id);
    },
  };
}
