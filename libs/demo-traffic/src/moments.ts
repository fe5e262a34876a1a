import type { Random } from './random.js';
import { money, type Planned, type TrafficField } from './traffic-event.js';
import type { Card, Customer } from './world/customers.js';
import type { Merchant } from './world/merchants.js';

/** Single moments of life, honest unless the caller changes fields. All amounts in the account's currency. */

interface PaymentDetails {
  readonly amount: number;
  readonly card?: Card;
  readonly declined?: boolean;
  readonly declineReason?: string;
  /** Online: the device and address used; the customer's own by default. */
  readonly deviceId?: string;
  readonly ip?: string;
  readonly ipCountry?: string;
}

/** A card payment of a customer at a merchant; online with device and address, in a shop with the terminal's place. */
export function payment(customer: Customer, merchant: Merchant, ts: number, details: PaymentDetails): Planned {
  const card = details.card ?? customer.cards[0];
  const declined = details.declined ?? false;
  return { ts, type: 'payment', fields: {
    account_id: customer.accountId, card_id: card.id, bin: card.bin, card_country: card.country,
    merchant_id: merchant.id, mcc: merchant.mcc, amount: money(details.amount), currency: customer.home.currency,
    channel: merchant.isOnline ? 'ecom' : 'pos', card_present: !merchant.isOnline, country: merchant.place.country,
    ...(merchant.location === undefined ? {} : { location: merchant.location }),
    ...(merchant.isOnline ? { device_id: details.deviceId ?? customer.phone, ip: details.ip ?? customer.ip, ip_country: details.ipCountry ?? customer.home.country } : {}),
    declined,
    ...(declined ? { decline_reason: details.declineReason ?? 'insufficient_funds' } : {}),
  } };
}

/** What the customer pays at such a merchant: log-normal around habit times the merchant's factor, below 2,500. */
export function usualAmount(customer: Customer, merchant: Merchant, random: Random): number {
  return Math.min(2_500, random.logNormal(customer.usualAmount * merchant.factor, customer.spread));
}

/** Where somebody sits: device, address and its country (ISO 3166 alpha-2); `channel` is `web` if absent. */
export interface Seat { readonly deviceId: string; readonly ip: string; readonly ipCountry: string; readonly channel?: 'web' | 'app' }

/** Where the customer banks from. */
export function ownSeat(customer: Customer, random: Random): Seat {
  const onPhone = random.chance(0.7);
  return { deviceId: onPhone ? customer.phone : customer.laptop, ip: customer.ip, ipCountry: customer.home.country, channel: onPhone ? 'app' : 'web' };
}

/** A stranger's device and address. Addresses are of the ranges reserved for documentation. */
export function strangersSeat(random: Random, ipCountry: string): Seat {
  const network = random.pick(['203.0.113', '198.51.100', '192.0.2']);
  return { deviceId: `dev-${random.hex(10)}`, ip: `${network}.${String(random.int(1, 254))}`, ipCountry, channel: 'web' };
}

/** A login at `ts` (epoch ms). `second_factor` is told only of one that succeeded. */
export function login(accountId: string, ts: number, seat: Seat, outcome: 'ok' | 'failed', secondFactor: boolean): Planned {
  return { ts, type: 'login', fields: {
    account_id: accountId, device_id: seat.deviceId, ip: seat.ip, ip_country: seat.ipCountry, channel: seat.channel ?? 'web', outcome,
    ...(outcome === 'ok' ? { second_factor: secondFactor } : {}),
  } };
}

/** A change of the customer's own record at `ts` (epoch ms). */
export function profileChange(accountId: string, ts: number, seat: Seat, changed: 'email' | 'phone' | 'password' | 'address' | 'second_factor'): Planned {
  return { ts, type: 'profile_change', fields: { account_id: accountId, device_id: seat.deviceId, ip: seat.ip, changed } };
}

/** A payee entered for an account at `ts` (epoch ms). */
export function payeeAdded(accountId: string, ts: number, seat: Seat, payeeId: string): Planned {
  return { ts, type: 'payee_added', fields: { account_id: accountId, payee_id: payeeId, device_id: seat.deviceId } };
}

/** A transfer's payee, and its amount in whole units of the customer's currency. */
interface TransferDetails { readonly payeeId: string; readonly amount: number; readonly payeeCountry: string; readonly isConfirmed?: boolean }

/** A transfer; confirmed by the customer 20 s to 4 min later where `isConfirmed`. */
export function transfer(customer: Customer, ts: number, seat: Seat, details: TransferDetails, random: Random): Planned {
  const confirmAfterMs = random.int(20_000, 240_000);
  const fields: Record<string, TrafficField> = {
    account_id: customer.accountId, payee_id: details.payeeId, device_id: seat.deviceId, ip: seat.ip, channel: seat.channel ?? 'web',
    payee_country: details.payeeCountry, amount: money(details.amount), currency: customer.home.currency,
  };
  if (details.isConfirmed !== true) return { ts, type: 'transfer', fields };
  return { ts, type: 'transfer', fields, follow: (id) => [
    { ts: ts + confirmAfterMs, type: 'confirmation', fields: { account_id: customer.accountId, transfer_id: id } },
  ] };
}

/** Cash paid in at a branch at `ts` (epoch ms); `amount` in whole units of the customer's currency, rounded to cents, at least one. */
export function cashDeposit(customer: Customer, ts: number, branchId: string, amount: number): Planned {
  return { ts, type: 'cash_deposit', fields: { account_id: customer.accountId, branch_id: branchId, amount: money(amount), currency: customer.home.currency } };
}

/** A refund at `ts` (epoch ms), of `paymentId` where that is known; `amount` in whole units of `currency`, rounded to cents. */
export function refund(fields: { readonly accountId: string; readonly cardId: string; readonly merchantId: string; readonly amount: number; readonly currency: string; readonly paymentId?: string }, ts: number): Planned {
  return { ts, type: 'refund', fields: {
    account_id: fields.accountId, card_id: fields.cardId, merchant_id: fields.merchantId,
    ...(fields.paymentId === undefined ? {} : { payment_id: fields.paymentId }),
    amount: money(fields.amount), currency: fields.currency,
  } };
}

/** A branch of the bank in a city: four each, named after the city. */
export function branchIn(customer: Customer, number: number): string {
  return `BR-${customer.home.city.slice(0, 3).toUpperCase()}-${String(1 + (number % 4))}`;
}
