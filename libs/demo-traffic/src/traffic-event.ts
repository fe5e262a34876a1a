/** The event types that the traffic contains; all are declared in rules/schema.yaml. */
export type TrafficType =
  | 'payment' | 'refund' | 'login' | 'profile_change' | 'payee_added' | 'transfer' | 'confirmation' | 'cash_deposit' | 'label';

/** Value of a field, as the API takes it. */
export type TrafficField = string | number | boolean | { readonly lat: number; readonly lon: number };

/**
 * An event as a payment system would send it: `JSON.stringify` of it is what `POST /v1/events` takes.
 * `ts` is epoch ms. Amounts are JSON numbers with at most two decimals, in whole units of the currency.
 */
export interface TrafficRecord {
  readonly id: string;
  readonly type: TrafficType;
  readonly ts: number;
  readonly [field: string]: TrafficField;
}

/** The kinds of fraud in the traffic. */
export const fraudScenarios = [
  'card-testing', 'bin-attack', 'account-takeover', 'password-spray', 'mule-fan-in', 'cash-forwarding', 'mule-herd', 'structuring', 'smurfing',
  'merchant-burst', 'refund-abuse', 'stolen-card-spree', 'cloned-card', 'sleeper-account',
  'limit-probing', 'bin-sweep', 'contactless-run', 'phished-login', 'sim-swap', 'pass-through', 'split-payout', 'smurf-ring', 'cash-layering', 'refund-to-own-card',
] as const;
/** Name of a kind of fraud. */
export type FraudScenario = (typeof fraudScenarios)[number];

/** The kinds of fraud that a pack of rules may be asked to catch; named as the shipped packs are. */
export const typologyOf: Readonly<Record<FraudScenario, string>> = {
  'card-testing': 'card-testing', 'bin-attack': 'card-testing', 'bin-sweep': 'card-testing', 'limit-probing': 'card-testing',
  'account-takeover': 'account-takeover', 'password-spray': 'account-takeover', 'phished-login': 'account-takeover', 'sim-swap': 'account-takeover',
  'mule-fan-in': 'mule-accounts', 'cash-forwarding': 'mule-accounts', 'mule-herd': 'mule-accounts', 'sleeper-account': 'mule-accounts', 'pass-through': 'mule-accounts',
  'merchant-burst': 'merchant-abuse', 'refund-abuse': 'merchant-abuse', 'refund-to-own-card': 'merchant-abuse',
  structuring: 'aml-structuring', smurfing: 'aml-structuring', 'split-payout': 'aml-structuring', 'smurf-ring': 'aml-structuring', 'cash-layering': 'aml-structuring',
  'stolen-card-spree': 'velocity-controls', 'cloned-card': 'velocity-controls', 'contactless-run': 'velocity-controls',
};

/** Honest behaviour that looks like fraud: what a rule must stay silent on. */
export const honestLookalikes = [
  'forgotten-password', 'new-home', 'family-tablet', 'parking-day', 'flash-sale', 'issuer-outage', 'traveller', 'rent-day', 'shop-takings', 'shopping-trip', 'sale-returns', 'office-network',
  'new-phone', 'bookkeeper', 'ticket-round', 'charity-evening', 'broken-reader', 'wedding-list', 'card-checks', 'daily-limit', 'kiosk-chain',
  'salary-day', 'flat-share', 'market-day', 'new-number', 'short-of-funds', 'importer',
] as const;
/** Name of something honest that looks like fraud. */
export type HonestLookalike = (typeof honestLookalikes)[number];

/** An event as the API takes it, with what the truth about it is. */
export interface TrafficEvent {
  readonly event: TrafficRecord;
  /** The fraud this event is part of; absent on honest traffic. Never in the event itself: no rule may see it. */
  readonly fraudScenario?: FraudScenario;
  /** The honest behaviour that looks like fraud, where the event is part of one. */
  readonly lookalike?: HonestLookalike;
  /** Names one telling of a fraud or lookalike, such as `bin-attack-17`: its events share it, no other has it. Absent on everyday traffic. */
  readonly story?: string;
}

/** An event that will happen: no id yet, ids are given in order of time. */
export interface Planned {
  readonly ts: number;
  readonly type: TrafficType;
  readonly fields: Readonly<Record<string, TrafficField>>;
  readonly fraud?: FraudScenario;
  readonly lookalike?: HonestLookalike;
  readonly story?: string;
  /** What follows once this event has its id: a refund, a confirmation, a chargeback. */
  readonly follow?: (id: string) => readonly Planned[];
}

/** Rounds to cents, at least one cent: shortest text of the result has at most two decimals. */
export function money(amount: number): number {
  return Math.max(1, Math.round(amount * 100)) / 100;
}
