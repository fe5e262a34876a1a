import { branchIn, cashDeposit, login, ownSeat, payeeAdded, payment, profileChange, refund, transfer, usualAmount } from '../moments.js';
import type { Planned } from '../traffic-event.js';
import { allBins } from '../world/customers.js';
import { asLookalike, dayMs, hourMs, minuteMs, pacer, secondMs, type Scenario } from './stage.js';

/** Five mistyped passwords from one's own device, then the right one. */
export const forgottenPassword: Scenario = ({ world, random, startTs }) => {
  const customer = world.regular(random);
  const seat = ownSeat(customer, random);
  const clock = pacer(startTs, random);
  const events = Array.from({ length: random.int(3, 6) }, () => login(customer.accountId, clock.after(4 * secondMs, 30 * secondMs), seat, 'failed', false));
  events.push(login(customer.accountId, clock.after(10 * secondMs, 2 * minuteMs), seat, 'ok', true));
  return asLookalike('forgotten-password', events);
};

/** Moving house: new address, new payee, a large transfer that the customer confirms. */
export const newHome: Scenario = ({ world, random, startTs, pace }) => {
  const customer = world.regular(random);
  const seat = ownSeat(customer, random);
  const clock = pacer(startTs, random);
  const slow = pace === 'live' ? minuteMs : 6 * hourMs;
  const payeeId = `P${random.hex(8)}`;
  return asLookalike('new-home', [
    login(customer.accountId, startTs, seat, 'ok', true),
    profileChange(customer.accountId, clock.after(10 * secondMs, minuteMs), seat, 'address'),
    payeeAdded(customer.accountId, clock.after(20 * secondMs, slow), seat, payeeId),
    transfer(customer, clock.after(20 * secondMs, slow), seat, { payeeId, amount: random.between(900, 3_500), payeeCountry: customer.home.country, isConfirmed: random.chance(0.85) }, random),
  ]);
};

/** One tablet on the kitchen table, three accounts. */
export const familyTablet: Scenario = ({ world, random, startTs }) => {
  const family = world.several(random, random.int(2, 3));
  const deviceId = `dev-${random.hex(10)}`;
  const clock = pacer(startTs, random);
  const events = family.map((member) => {
    const merchant = world.merchants.online.choose(random);
    return payment(member, merchant, clock.after(minuteMs, 12 * minuteMs), { amount: usualAmount(member, merchant, random), deviceId });
  });
  return asLookalike('family-tablet', events);
};

/** Parking, a locker, a coffee, parking again; then dinner for four. */
export const parkingDay: Scenario = ({ world, random, startTs }) => {
  const customer = world.regular(random);
  const shops = world.merchants.at(world.whereIs(customer, startTs));
  const clock = pacer(startTs, random);
  const events = Array.from({ length: random.int(3, 5) }, () => payment(customer, shops.choose(random), clock.after(minuteMs, 9 * minuteMs), { amount: random.between(0.8, 3.9) }));
  events.push(payment(customer, shops.choose(random), clock.after(20 * minuteMs, hourMs), { amount: random.between(55, 140) }));
  return asLookalike('parking-day', events);
};

/** A web shop sells one thing cheaply for ten minutes: everybody buys, hardly anybody is declined. */
export const flashSale: Scenario = ({ world, random, startTs }) => {
  const merchant = world.merchants.online.quiet(random);
  const price = random.pick([19.9, 24.95, 39, 49.9, 59]);
  const clock = pacer(startTs, random);
  return asLookalike('flash-sale', world.several(random, random.int(16, 26)).map((customer) =>
    payment(customer, merchant, clock.after(2 * secondMs, 20 * secondMs), { amount: price, declined: random.chance(0.06) })));
};

/** An issuer's computer is down: its cards are declined everywhere, at ordinary amounts. */
export const issuerOutage: Scenario = ({ world, random, startTs }) => {
  const bin = random.pick(allBins);
  const clock = pacer(startTs, random);
  const events: Planned[] = [];
  for (const customer of world.several(random, random.int(8, 14))) {
    const merchant = world.shopFor(customer, startTs, random);
    const card = { ...customer.cards[0], bin };
    const amount = usualAmount(customer, merchant, random);
    const ts = clock.after(3 * secondMs, 25 * secondMs);
    events.push(payment(customer, merchant, ts, { amount, card, declined: true, declineReason: 'issuer_unavailable' }));
    if (random.chance(0.5)) events.push(payment(customer, merchant, ts + random.int(8, 40) * secondMs, { amount, card, declined: true, declineReason: 'issuer_unavailable' }));
  }
  return asLookalike('issuer-outage', events);
};

/** A flight, long enough for a flight, and then days of paying there. */
export const traveller: Scenario = ({ world, random, startTs, pace }) => {
  const customer = world.regular(random);
  if (world.isTravelling(customer, startTs)) return [];
  const there = world.farPlace(random);
  const clock = pacer(startTs, random);
  const atHome = payment(customer, world.merchants.at(customer.home).choose(random), startTs, { amount: random.between(5, 40) });
  const daysAway = pace === 'live' ? 1 : random.between(3, 9);
  // The last payment abroad lies a flight's length before the first possible one at home.
  world.sendAway(customer, there, startTs + Math.round(daysAway * dayMs) + 26 * hourMs);
  const landedTs = clock.after(25 * hourMs, 27 * hourMs);
  const abroad = [0, 1].map((n) => payment(customer, world.merchants.at(there).choose(random), landedTs + n * random.int(1, 4) * hourMs, { amount: random.between(15, 160) }));
  return asLookalike('traveller', [atHome, ...abroad]);
};

/** The first of the month: many tenants, one landlord, each as every month and confirmed. */
export const rentDay: Scenario = ({ world, random, startTs, pace }) => {
  // Three landlords in ten bank here, where the tenants' bank sees them collect.
  const landlord = random.chance(0.3) ? world.anyone(random).accountId : `biller-${String(random.int(61, 80)).padStart(3, '0')}`;
  const clock = pacer(startTs, random);
  return asLookalike('rent-day', world.several(random, random.int(5, 9)).map((tenant) =>
    transfer(tenant, clock.after(5 * secondMs, pace === 'live' ? 30 * secondMs : 80 * minuteMs), ownSeat(tenant, random), { payeeId: landlord, amount: Math.round(random.between(480, 1_150)), payeeCountry: tenant.home.country, isConfirmed: true }, random)));
};

/** A good weekend in a shop: large takings, always the same branch, one of them close to ten thousand. */
export const shopTakings: Scenario = ({ world, random, startTs, pace }) => {
  const owner = world.anyone(random);
  const clock = pacer(startTs, random);
  return asLookalike('shop-takings', Array.from({ length: random.int(2, 4) }, (_, n) => {
    const amount = n === 0 && random.chance(0.6) ? random.between(8_500, 9_600) : random.between(1_800, 6_900);
    return cashDeposit(owner, clock.after(pace === 'live' ? 30 * secondMs : 20 * hourMs, pace === 'live' ? 3 * minuteMs : 28 * hourMs), branchIn(owner, owner.index), amount);
  }));
};

/** Saturday in town: six to nine shops in two hours. */
export const shoppingTrip: Scenario = ({ world, random, startTs }) => {
  const customer = world.regular(random);
  const shops = world.merchants.at(world.whereIs(customer, startTs));
  const clock = pacer(startTs, random);
  return asLookalike('shopping-trip', Array.from({ length: random.int(6, 9) }, () => {
    const merchant = shops.choose(random);
    return payment(customer, merchant, clock.after(4 * minuteMs, 18 * minuteMs), { amount: usualAmount(customer, merchant, random) });
  }));
};

/** What was bought in a sale comes back: real sales, refunded one after the other. */
export const saleReturns: Scenario = ({ world, random, startTs, pace }) => {
  const merchant = world.merchants.online.quiet(random);
  const clock = pacer(startTs, random);
  const backAfterMs = pace === 'live' ? 6 * minuteMs : 4 * dayMs;
  const events = world.several(random, random.int(6, 9)).map((customer, n): Planned => {
    const amount = random.between(25, 120);
    const ts = clock.after(20 * secondMs, pace === 'live' ? 50 * secondMs : 3 * hourMs);
    const sold = payment(customer, merchant, ts, { amount });
    if (n % 3 !== 0) return sold;
    return { ...sold, follow: (id) => [refund({
      accountId: customer.accountId, cardId: customer.cards[0].id, merchantId: merchant.id, amount: amount - 0.005, currency: customer.home.currency, paymentId: id,
    }, ts + backAfterMs)] };
  });
  return asLookalike('sale-returns', events);
};

/** Monday morning in an office: a dozen people, one address, everybody gets in, two after a typo. */
export const officeNetwork: Scenario = ({ world, random, startTs }) => {
  const ip = `198.19.${String(random.int(0, 255))}.${String(random.int(1, 254))}`;
  const clock = pacer(startTs, random);
  const events: Planned[] = [];
  for (const colleague of world.several(random, random.int(9, 14))) {
    const seat = { ...ownSeat(colleague, random), ip };
    const ts = clock.after(3 * secondMs, 30 * secondMs);
    if (random.chance(0.18)) events.push(login(colleague.accountId, ts - 2_000, seat, 'failed', false));
    events.push(login(colleague.accountId, ts, seat, 'ok', true));
  }
  return asLookalike('office-network', events);
};
