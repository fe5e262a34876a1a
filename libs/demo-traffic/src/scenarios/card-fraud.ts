import { payment, refund } from '../moments.js';
import type { Planned } from '../traffic-event.js';
import { kilometres } from '../world/places.js';
import { allBins, type Card } from '../world/customers.js';
import { asFraud, fraudstersSeat, hourMs, minuteMs, pacer, secondMs, type Scenario } from './stage.js';

/** A stolen card is tried with cents at a quiet web shop, then used for all it is worth at another. */
export const cardTesting: Scenario = (stage) => {
  const { world, random } = stage;
  const victim = world.regular(random);
  const seat = fraudstersSeat(stage);
  const clock = pacer(stage.startTs, random);
  const probed = world.merchants.online.quiet(random);
  const events: Planned[] = [];
  const probes = random.int(2, 7);
  // Some probe with the price of a game or a gift, and some wait until the next day: rules with a short memory miss them.
  const dearest = random.chance(0.7) ? 1.9 : 4.9;
  const waits = stage.pace === 'history' && random.chance(0.25);
  for (let i = 0; i < probes; i++) {
    // The last probe goes through: that is what the fraudster waits for.
    events.push(payment(victim, probed, clock.at(), { amount: random.between(0.1, dearest), declined: i < probes - 1 && random.chance(0.35), declineReason: 'wrong_cvc', ...seat }));
    clock.after(stage.pace === 'live' ? secondMs : 3 * secondMs, stage.pace === 'live' ? 2 * secondMs : 40 * secondMs);
  }
  if (waits) clock.after(2 * hourMs, 20 * hourMs);
  for (let i = random.int(1, 2); i > 0; i--) {
    events.push(payment(victim, world.merchants.online.choose(random), clock.after(2 * secondMs, stage.pace === 'live' ? 6 * secondMs : 3 * minuteMs), { amount: random.between(70, 900), declined: random.chance(0.15), ...seat }));
  }
  return asFraud('card-testing', events);
};

/** Card numbers of one issuer are guessed and tried by a program at one merchant; a guess that works is used. */
export const binAttack: Scenario = (stage) => {
  const { world, random } = stage;
  const merchant = world.merchants.online.quiet(random);
  const bin = random.pick(allBins);
  const seats = [fraudstersSeat(stage), fraudstersSeat(stage)];
  const clock = pacer(stage.startTs, random);
  const events: Planned[] = [];
  for (let i = random.int(10, 20); i > 0; i--) {
    const owner = world.anyone(random);
    const card: Card = { id: `card-${random.hex(12)}`, bin, country: owner.cards[0].country };
    const declined = random.chance(0.86);
    events.push(payment(owner, merchant, clock.after(300, 2_000), { amount: random.between(0.5, 3), card, declined, declineReason: 'wrong_cvc', ...random.pick(seats) }));
    if (!declined && random.chance(0.5)) {
      events.push(payment(owner, world.merchants.online.choose(random), clock.at() + random.int(20 * secondMs, 2 * minuteMs), { amount: random.between(150, 600), card, ...random.pick(seats) }));
    }
  }
  return asFraud('bin-attack', events);
};

/** A stolen wallet: as many purchases as the card gives before it is blocked. */
export const stolenCardSpree: Scenario = ({ world, random, startTs }) => {
  const victim = world.regular(random);
  const place = world.whereIs(victim, startTs);
  const clock = pacer(startTs, random);
  const events: Planned[] = [];
  const purchases = random.int(5, 12);
  for (let i = 0; i < purchases; i++) {
    events.push(payment(victim, world.merchants.at(place).choose(random), clock.at(), { amount: random.between(45, 190), declined: i > 6 && random.chance(0.6) }));
    clock.after(15 * secondMs, 150 * secondMs);
  }
  return asFraud('stolen-card-spree', events);
};

/** A copy of a card pays in a shop far away, soon after its owner paid at home. */
export const clonedCard: Scenario = ({ world, random, startTs, pace }) => {
  const victim = world.regular(random);
  const here = world.whereIs(victim, startTs);
  const farPlaces = [0, 1, 2, 3].map(() => world.farPlace(random));
  const there = farPlaces.find((place) => kilometres(here, place) > 3_000) ?? world.farPlace(random);
  const owners = payment(victim, world.merchants.at(here).choose(random), startTs, { amount: random.between(8, 60) });
  const clock = pacer(startTs, random);
  const copies = Array.from({ length: random.int(1, 3) }, () =>
    payment(victim, world.merchants.at(there).choose(random), clock.after(pace === 'live' ? 10 * secondMs : 3 * minuteMs, pace === 'live' ? 40 * secondMs : 30 * minuteMs), { amount: random.between(120, 480) }));
  // The owner knows nothing of it and goes on paying at home.
  const later = payment(victim, world.merchants.at(here).choose(random), clock.at() + random.int(2 * minuteMs, pace === 'live' ? 5 * minuteMs : 2 * hourMs), { amount: random.between(5, 45) });
  return [owners, ...asFraud('cloned-card', copies), ...(random.chance(0.6) ? [later] : [])];
};

/**
 * A merchant set up to cash out stolen cards: a quiet terminal suddenly takes round sums; half of them come back for a
 * second round, when the first complaints are in, with sums that are no longer round.
 */
export const merchantBurst: Scenario = ({ world, random, startTs, pace }) => {
  const city = world.anyone(random).home;
  const merchant = world.merchants.at(city).quiet(random);
  const clock = pacer(startTs, random);
  const events: Planned[] = [];
  // Two in three are lazy and take round sums; the others have read about it.
  const isRound = random.chance(0.65);
  for (const victim of world.several(random, random.int(7, 18))) {
    events.push(payment(victim, merchant, clock.at(), { amount: isRound ? random.pick([150, 200, 250, 300, 350, 400]) : random.between(120, 420), declined: random.chance(0.4), declineReason: 'do_not_honour' }));
    clock.after(4 * secondMs, 35 * secondMs);
  }
  if (random.chance(0.5)) {
    clock.after(pace === 'live' ? 25 * minuteMs : 60 * hourMs, pace === 'live' ? 40 * minuteMs : 120 * hourMs);
    for (const victim of world.several(random, random.int(6, 9))) {
      events.push(payment(victim, merchant, clock.after(20 * secondMs, 4 * minuteMs), { amount: random.between(110, 460), declined: random.chance(0.2), declineReason: 'do_not_honour' }));
    }
  }
  return asFraud('merchant-burst', events);
};

/** An insider sends refunds for sales that never were to a card of his own. */
export const refundAbuse: Scenario = ({ world, random, startTs, pace }) => {
  const insider = world.customer(random.int(0, world.customers - 1));
  const merchant = world.merchants.at(insider.home).quiet(random);
  const clock = pacer(startTs, random);
  const events: Planned[] = [];
  for (let i = random.int(2, 7); i > 0; i--) {
    const ts = clock.after(pace === 'live' ? 10 * secondMs : hourMs, pace === 'live' ? 90 * secondMs : 20 * hourMs);
    events.push({ ts, type: 'refund', fields: {
      account_id: insider.accountId, card_id: insider.cards[0].id, merchant_id: merchant.id,
      amount: Math.round(random.between(80, 420) * 100) / 100, currency: insider.home.currency,
    } });
  }
  return asFraud('refund-abuse', events);
};

/** A cashier refunds real sales to a card of his own: the sale is named, only the card is another. */
export const refundToOwnCard: Scenario = ({ world, random, startTs, pace }) => {
  const cashier = world.customer(random.int(0, world.customers - 1));
  const merchant = world.merchants.at(cashier.home).quiet(random);
  const clock = pacer(startTs, random);
  return world.several(random, random.int(3, 6)).map((customer): Planned => {
    const amount = random.between(60, 260);
    const soldTs = clock.after(pace === 'live' ? 5 * secondMs : hourMs, pace === 'live' ? 30 * secondMs : 14 * hourMs);
    const backTs = soldTs + random.int(pace === 'live' ? 10 * secondMs : 2 * hourMs, pace === 'live' ? minuteMs : 30 * hourMs);
    // The sale is honest; what follows from it is not.
    return { ...payment(customer, merchant, soldTs, { amount }), follow: (id) => asFraud('refund-to-own-card', [
      refund({ accountId: cashier.accountId, cardId: cashier.cards[0].id, merchantId: merchant.id, amount: amount - 0.005, currency: customer.home.currency, paymentId: id }, backTs),
    ]) };
  });
};
