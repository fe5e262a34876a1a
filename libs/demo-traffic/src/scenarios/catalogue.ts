import type { Random } from '../random.js';
import type { FraudScenario, HonestLookalike } from '../traffic-event.js';
import { accountTakeover, muleFanIn, muleHerd, passwordSpray } from './account-fraud.js';
import { binAttack, cardTesting, clonedCard, merchantBurst, refundAbuse, refundToOwnCard, stolenCardSpree } from './card-fraud.js';
import { binSweep, contactlessRun, limitProbing } from './card-guessing.js';
import { cashForwarding, sleeperAccount, smurfing, structuring } from './cash-fraud.js';
import { flatShare, importer, marketDay, newNumber, salaryDay, shortOfFunds } from './honest-money.js';
import {
  familyTablet, flashSale, forgottenPassword, issuerOutage, newHome, officeNetwork, parkingDay, rentDay, saleReturns, shoppingTrip, shopTakings, traveller,
} from './lookalikes.js';
import { cashLayering, passThrough, smurfRing, splitPayout } from './money-flow-fraud.js';
import { bookkeeper, brokenReader, cardChecks, charityEvening, dailyLimit, kioskChain, newPhone, ticketRound, weddingList } from './near-fraud.js';
import { phishedLogin, simSwap } from './session-fraud.js';
import { secondMs, type Scenario } from './stage.js';

/** How often each fraud happens against the others. */
const frauds: Readonly<Record<FraudScenario, { readonly play: Scenario; readonly weight: number; readonly historyOnly?: true }>> = {
  'card-testing': { play: cardTesting, weight: 20 },
  'bin-attack': { play: binAttack, weight: 6 },
  'account-takeover': { play: accountTakeover, weight: 14 },
  'password-spray': { play: passwordSpray, weight: 7 },
  'mule-fan-in': { play: muleFanIn, weight: 8 },
  'cash-forwarding': { play: cashForwarding, weight: 8 },
  'mule-herd': { play: muleHerd, weight: 6 },
  structuring: { play: structuring, weight: 8 },
  smurfing: { play: smurfing, weight: 7 },
  'merchant-burst': { play: merchantBurst, weight: 6 },
  'refund-abuse': { play: refundAbuse, weight: 6 },
  'stolen-card-spree': { play: stolenCardSpree, weight: 12 },
  'cloned-card': { play: clonedCard, weight: 12 },
  'sleeper-account': { play: sleeperAccount, weight: 10, historyOnly: true },
  'limit-probing': { play: limitProbing, weight: 10 },
  'bin-sweep': { play: binSweep, weight: 4 },
  'contactless-run': { play: contactlessRun, weight: 8 },
  'phished-login': { play: phishedLogin, weight: 12 },
  'sim-swap': { play: simSwap, weight: 7 },
  'pass-through': { play: passThrough, weight: 12 },
  'split-payout': { play: splitPayout, weight: 6 },
  'smurf-ring': { play: smurfRing, weight: 5 },
  'cash-layering': { play: cashLayering, weight: 7 },
  'refund-to-own-card': { play: refundToOwnCard, weight: 6 },
};

const lookalikes: Readonly<Record<HonestLookalike, { readonly play: Scenario; readonly weight: number }>> = {
  'forgotten-password': { play: forgottenPassword, weight: 16 },
  'new-home': { play: newHome, weight: 8 },
  'family-tablet': { play: familyTablet, weight: 10 },
  'parking-day': { play: parkingDay, weight: 12 },
  'flash-sale': { play: flashSale, weight: 4 },
  'issuer-outage': { play: issuerOutage, weight: 4 },
  traveller: { play: traveller, weight: 10 },
  'rent-day': { play: rentDay, weight: 6 },
  'shop-takings': { play: shopTakings, weight: 8 },
  'shopping-trip': { play: shoppingTrip, weight: 12 },
  'sale-returns': { play: saleReturns, weight: 5 },
  'office-network': { play: officeNetwork, weight: 5 },
  'new-phone': { play: newPhone, weight: 12 },
  bookkeeper: { play: bookkeeper, weight: 5 },
  'ticket-round': { play: ticketRound, weight: 8 },
  'charity-evening': { play: charityEvening, weight: 4 },
  'broken-reader': { play: brokenReader, weight: 3 },
  'wedding-list': { play: weddingList, weight: 5 },
  'card-checks': { play: cardChecks, weight: 9 },
  'daily-limit': { play: dailyLimit, weight: 7 },
  'kiosk-chain': { play: kioskChain, weight: 6 },
  'salary-day': { play: salaryDay, weight: 5 },
  'flat-share': { play: flatShare, weight: 8 },
  'market-day': { play: marketDay, weight: 5 },
  'new-number': { play: newNumber, weight: 9 },
  'short-of-funds': { play: shortOfFunds, weight: 14 },
  importer: { play: importer, weight: 7 },
};

/** Mean number of events of one fraud, labels left out; keeps the share of fraud where it was asked for. */
export const eventsPerFraud = 6.7;

function weighted<T extends { readonly weight: number }>(random: Random, items: readonly T[]): T {
  let left = random.unit() * items.reduce((sum, item) => sum + item.weight, 0);
  for (const item of items) {
    left -= item.weight;
    if (left < 0) return item;
  }
  return random.pick(items);
}

/** How a kind of fraud unfolds. */
export function fraudByName(kind: FraudScenario): Scenario {
  return frauds[kind].play;
}

/** Chance that a lookalike begins with an everyday action. */
export const lookalikePerAction = 0.0023;

/** A fraud at random, by how often each kind happens; `live` leaves out those that need weeks. */
export function chooseFraud(random: Random, pace: 'live' | 'history'): Scenario {
  return weighted(random, Object.values(frauds).filter((fraud) => pace === 'history' || fraud.historyOnly !== true)).play;
}

/** Something honest that looks like fraud, at random, by how often each kind happens. */
export function chooseLookalike(random: Random): Scenario {
  return weighted(random, Object.values(lookalikes)).play;
}

/** What a watcher sees first: the kinds that tell their story within seconds, one after the other. */
export const opening: readonly { readonly kind: FraudScenario; readonly afterMs: number }[] = [
  { kind: 'card-testing', afterMs: 1 * secondMs },
  { kind: 'bin-attack', afterMs: 5 * secondMs },
  { kind: 'account-takeover', afterMs: 11 * secondMs },
  { kind: 'cloned-card', afterMs: 17 * secondMs },
  { kind: 'structuring', afterMs: 22 * secondMs },
  { kind: 'password-spray', afterMs: 28 * secondMs },
  { kind: 'mule-herd', afterMs: 36 * secondMs },
  { kind: 'cash-forwarding', afterMs: 44 * secondMs },
  { kind: 'card-testing', afterMs: 52 * secondMs },
];
