import type { Random } from '../random.js';
import { customerAt, type Customer } from './customers.js';
import { createMerchants, type Merchant, type Merchants } from './merchants.js';
import { farPlaces, type Place } from './places.js';

const mostKnown = 40_000;

interface Trip { readonly place: Place; readonly untilTs: number }

/** The people and shops behind the traffic. Everything but who is travelling is a function of the seed. */
export class World {
  readonly merchants: Merchants;
  readonly #trips = new Map<number, Trip>();
  /** Customers derived before: a cache, emptied when full, so memory stays bounded. */
  readonly #known = new Map<number, Customer>();

  constructor(readonly seed: string, readonly customers: number) {
    this.merchants = createMerchants(seed);
  }

  customer(index: number): Customer {
    const known = this.#known.get(index);
    if (known !== undefined) return known;
    const customer = customerAt(this.seed, index);
    if (this.#known.size >= mostKnown) this.#known.clear();
    this.#known.set(index, customer);
    return customer;
  }

  /** Somebody who acts now; low indexes act more often (mean activity of the first tenth is about twice the average). */
  anyone(random: Random): Customer {
    return this.customer(Math.floor(this.customers * random.unit() ** 1.35));
  }

  /** One of the active third: someone with a history. */
  regular(random: Random): Customer {
    return this.customer(random.int(0, Math.max(0, Math.floor(this.customers / 3))));
  }

  /** `count` different customers. */
  several(random: Random, count: number): readonly Customer[] {
    const found = new Map<number, Customer>();
    while (found.size < Math.min(count, this.customers)) {
      const customer = this.anyone(random);
      found.set(customer.index, customer);
    }
    return [...found.values()];
  }

  /** Up to `count` different customers who live in one place; fewer where few live there. */
  locals(random: Random, place: Place, count: number): readonly Customer[] {
    const found = new Map<number, Customer>();
    for (let tries = 0; tries < count * 60 && found.size < count; tries++) {
      const customer = this.anyone(random);
      if (customer.home === place) found.set(customer.index, customer);
    }
    return [...found.values()];
  }

  /** Where the customer shops at that time: at home unless travelling. */
  whereIs(customer: Customer, ts: number): Place {
    const trip = this.#trips.get(customer.index);
    if (trip === undefined) return customer.home;
    if (ts < trip.untilTs) return trip.place;
    this.#trips.delete(customer.index);
    return customer.home;
  }

  /** Sends a customer away; until then every shop they enter is there. */
  sendAway(customer: Customer, place: Place, untilTs: number): void {
    // Travellers who never act again would stay for ever: sweep the returned ones when the map has grown.
    if (this.#trips.size >= 2_000) for (const [index, trip] of this.#trips) if (trip.untilTs <= untilTs - 30 * 86_400_000) this.#trips.delete(index);
    this.#trips.set(customer.index, { place, untilTs });
  }

  isTravelling(customer: Customer, ts: number): boolean {
    return this.whereIs(customer, ts) !== customer.home;
  }

  shopFor(customer: Customer, ts: number, random: Random): Merchant {
    return this.merchants.at(this.whereIs(customer, ts)).choose(random);
  }

  farPlace(random: Random): Place {
    return random.pick(farPlaces);
  }
}
