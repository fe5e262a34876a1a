import { createRandom } from '../random.js';
import { homePlaces, type Place } from './places.js';

/** A payment card: the first six digits of its number, and the issuer's country (ISO 3166 alpha-2). */
export interface Card { readonly id: string; readonly bin: string; readonly country: string }

/** A customer's habits. Derived from the seed and an index alone, so a million of them cost nothing until they act. */
export interface Customer {
  readonly index: number;
  readonly accountId: string;
  readonly cards: readonly [Card, ...Card[]];
  readonly home: Place;
  readonly phone: string;
  readonly laptop: string;
  readonly ip: string;
  /** Median of what they pay at an average merchant. */
  readonly usualAmount: number;
  /** Deviation of the logarithm of their amounts. */
  readonly spread: number;
  /** Hour of local time around which they are most active. */
  readonly peakHour: number;
  readonly payees: readonly [string, ...string[]];
  readonly hasShop: boolean;
}

/** Issuer prefixes by country; test ranges that no issuer uses for real cards. */
const binsByCountry: Readonly<Record<string, readonly string[]>> = {
  DE: ['999101', '999102', '999103', '999104'], FR: ['999111', '999112', '999113'], ES: ['999121', '999122'], IT: ['999131', '999132'],
  NL: ['999141', '999142'], BE: ['999151'], AT: ['999161'], PT: ['999171'], IE: ['999181'], FI: ['999191'], GB: ['999201', '999202', '999203'],
};

/** All issuer prefixes in the traffic. */
export const allBins: readonly string[] = Object.values(binsByCountry).flat();

/** An account number that is unique for each index below 89,999,999 and whose last digits look unrelated. */
function accountNumber(index: number): string {
  // 7,368,787 and 89,999,999 have no common factor, so the map is one-to-one.
  return `A${String(10_000_000 + ((index * 7_368_787 + 4_711) % 89_999_999))}`;
}

/** The customer of an index, always the same for one seed. */
export function customerAt(seed: string, index: number): Customer {
  const random = createRandom(`${seed}/customer/${String(index)}`);
  // Two neighbours in the list share a home: place, address, and sometimes a tablet.
  const household = createRandom(`${seed}/household/${String(index >> 1)}`);
  const home = household.pick(homePlaces);
  const ip = `198.${String(household.int(18, 19))}.${String(household.int(0, 255))}.${String(household.int(1, 254))}`;
  const tablet = household.chance(0.12) ? `dev-${household.hex(10)}` : undefined;
  const bins = binsByCountry[home.country] ?? ['999101'];
  const card = (): Card => ({ id: `card-${random.hex(12)}`, bin: random.pick(bins), country: home.country });
  return {
    index,
    accountId: accountNumber(index),
    cards: random.chance(0.12) ? [card(), card()] : [card()],
    home,
    phone: `dev-${random.hex(10)}`,
    laptop: tablet ?? `dev-${random.hex(10)}`,
    ip,
    usualAmount: Math.min(90, Math.max(9, random.logNormal(27, 0.45))),
    spread: random.between(0.35, 0.65),
    peakHour: random.between(10, 20),
    payees: [`P${random.hex(8)}`, `P${random.hex(8)}`, `biller-${String(random.int(1, 60)).padStart(3, '0')}`],
    hasShop: random.chance(0.03),
  };
}
