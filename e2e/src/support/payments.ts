import { seededRandom } from './seeded-random.js';

/**
 * Payments, logins and transfers over some hours of event time, in order but for a few that come up to half a minute late, with
 * keys few enough that the shipped rules fire. JSON texts, one per event.
 */
export function paymentLines(count: number, seed: number): readonly { readonly id: string; readonly line: string }[] {
  const random = seededRandom(seed);
  const oneOf = <T>(...values: readonly [T, ...T[]]): T => values[Math.floor(random() * values.length)] ?? values[0];
  let ts = Date.parse('2026-02-02T06:00:00Z');
  return Array.from({ length: count }, (_, i) => {
    ts += Math.floor(random() * 900);
    const id = `crash-${seed}-${i}`;
    const person = Math.floor(random() ** 2 * 5_000);
    const account = `A${person}`;
    const common = { id, ts: random() < 0.05 ? ts - Math.floor(random() * 30_000) : ts, account_id: account, device_id: random() < 0.03 ? `S${Math.floor(random() * 40)}` : `D${person}` };
    const kind = random();
    const event = kind < 0.86
      ? {
        ...common, type: 'payment', card_id: `K${person}`, bin: oneOf('411111', '520000', '999122'), merchant_id: `M${Math.floor(random() * 2_000)}`,
        amount: (random() < 0.2 ? 0.5 + Math.floor(random() * 400) / 100 : Math.floor(random() ** 3 * 90_000) / 100 + 1).toFixed(2), currency: 'EUR',
        channel: oneOf('ecom', 'pos'), country: oneOf('GB', 'DE', 'FR'), card_country: 'GB', ip: `10.${person % 250}.${Math.floor(person / 250)}.9`, declined: random() < 0.12,
      }
      : kind < 0.95
        ? { ...common, type: 'login', ip: random() < 0.1 ? `10.0.9.${Math.floor(random() * 20)}` : `10.${person % 250}.${Math.floor(person / 250)}.9`, outcome: oneOf('ok', 'ok', 'failed') }
        : { ...common, type: 'transfer', payee_id: `A${Math.floor(random() * 600)}`, amount: (Math.floor(random() ** 2 * 500_000) / 100 + 1).toFixed(2), currency: 'EUR' };
    return { id, line: JSON.stringify(event) };
  });
}
