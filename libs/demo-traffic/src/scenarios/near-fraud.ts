import { branchIn, cashDeposit, login, ownSeat, payeeAdded, payment, profileChange, transfer, usualAmount, type Seat } from '../moments.js';
import type { Planned } from '../traffic-event.js';
import { asLookalike, hourMs, minuteMs, pacer, secondMs, type Scenario } from './stage.js';

/** Honest behaviour that a rule over events cannot tell from fraud: the false positives an analyst meets every day. */

/** A new phone, a forgotten password, and then the phone number is put right; some pay a craftsman afterwards. */
export const newPhone: Scenario = ({ world, random, startTs }) => {
  const customer = world.regular(random);
  const seat: Seat = { deviceId: `dev-${random.hex(10)}`, ip: customer.ip, ipCountry: customer.home.country, channel: 'app' };
  const clock = pacer(startTs, random);
  const events = Array.from({ length: random.int(4, 5) }, () => login(customer.accountId, clock.after(5 * secondMs, 40 * secondMs), seat, 'failed', false));
  events.push(login(customer.accountId, clock.after(10 * secondMs, minuteMs), seat, 'ok', random.chance(0.5)));
  if (random.chance(0.6)) events.push(profileChange(customer.accountId, clock.after(20 * secondMs, 2 * minuteMs), seat, 'phone'));
  if (random.chance(0.4)) {
    const payeeId = `P${random.hex(8)}`;
    events.push(payeeAdded(customer.accountId, clock.after(minuteMs, 4 * minuteMs), seat, payeeId));
    events.push(transfer(customer, clock.after(20 * secondMs, 2 * minuteMs), seat, { payeeId, amount: random.between(350, 1_400), payeeCountry: customer.home.country, isConfirmed: random.chance(0.8) }, random));
  }
  return asLookalike('new-phone', events);
};

/** A bookkeeper pays the bills of three or four clubs from one computer. */
export const bookkeeper: Scenario = ({ world, random, startTs, pace }) => {
  const deviceId = `dev-${random.hex(10)}`;
  const clock = pacer(startTs, random);
  const slow = pace === 'live' ? 40 * secondMs : 6 * minuteMs;
  const events: Planned[] = [];
  for (const club of world.several(random, random.int(3, 5))) {
    const seat: Seat = { deviceId, ip: club.ip, ipCountry: club.home.country, channel: 'web' };
    events.push(login(club.accountId, clock.after(5 * secondMs, slow), seat, 'ok', true));
    events.push(transfer(club, clock.after(10 * secondMs, slow), seat, { payeeId: random.pick(club.payees), amount: random.logNormal(180, 0.6), payeeCountry: club.home.country, isConfirmed: true }, random));
  }
  return asLookalike('bookkeeper', events);
};

/** Friends round a table buy tickets on one phone, each with a card of their own. */
export const ticketRound: Scenario = ({ world, random, startTs }) => {
  const deviceId = `dev-${random.hex(10)}`;
  const merchant = world.merchants.online.choose(random);
  const clock = pacer(startTs, random);
  const price = random.between(25, 90);
  return asLookalike('ticket-round', world.several(random, random.int(3, 6)).map((friend) =>
    payment(friend, merchant, clock.after(30 * secondMs, 3 * minuteMs), { amount: price, deviceId, declined: random.chance(0.15), declineReason: 'wrong_cvc' })));
};

/** A charity evening: round gifts, one after the other, at one terminal. */
export const charityEvening: Scenario = ({ world, random, startTs }) => {
  const city = world.anyone(random).home;
  const merchant = world.merchants.at(city).quiet(random);
  const clock = pacer(startTs, random);
  return asLookalike('charity-evening', world.locals(random, city, random.int(6, 11)).map((guest) =>
    payment(guest, merchant, clock.after(20 * secondMs, 3 * minuteMs), { amount: random.pick([50, 100, 100, 150, 200, 250]), declined: random.chance(0.05) })));
};

/** A terminal's reader is broken: the same customers try again and again. */
export const brokenReader: Scenario = ({ world, random, startTs }) => {
  const city = world.anyone(random).home;
  const merchant = world.merchants.at(city).quiet(random);
  const clock = pacer(startTs, random);
  const events: Planned[] = [];
  for (const customer of world.locals(random, city, random.int(5, 8))) {
    const amount = usualAmount(customer, merchant, random);
    for (let i = random.int(2, 4); i > 0; i--) events.push(payment(customer, merchant, clock.after(4 * secondMs, 25 * secondMs), { amount, declined: true, declineReason: 'do_not_honour' }));
    if (random.chance(0.3)) events.push(payment(customer, merchant, clock.after(5 * secondMs, 30 * secondMs), { amount }));
  }
  return asLookalike('broken-reader', events);
};

/** Guests of a wedding add the couple's account and send a gift. */
export const weddingList: Scenario = ({ world, random, startTs, pace }) => {
  const couple = world.anyone(random).accountId;
  const clock = pacer(startTs, random);
  const slow = pace === 'live' ? 40 * secondMs : 4 * hourMs;
  const events: Planned[] = [];
  for (const guest of world.several(random, random.int(3, 6))) {
    const seat = ownSeat(guest, random);
    events.push(payeeAdded(guest.accountId, clock.after(5 * secondMs, slow), seat, couple));
    events.push(transfer(guest, clock.after(10 * secondMs, 60 * secondMs), seat, { payeeId: couple, amount: random.pick([30, 50, 50, 80, 100, 150]), payeeCountry: guest.home.country, isConfirmed: true }, random));
  }
  return asLookalike('wedding-list', events);
};

/** A travel site checks the card with small holds before it takes the price of the trip. */
export const cardChecks: Scenario = ({ world, random, startTs }) => {
  const customer = world.regular(random);
  const merchant = world.merchants.online.choose(random);
  const clock = pacer(startTs, random);
  const events = Array.from({ length: random.int(3, 5) }, () => payment(customer, merchant, clock.after(5 * secondMs, minuteMs), { amount: random.pick([1, 1, 0.5, 2]) }));
  events.push(payment(customer, merchant, clock.after(20 * secondMs, 4 * minuteMs), { amount: random.between(120, 700) }));
  return asLookalike('card-checks', events);
};

/** A car is paid in two parts because of the daily limit of the app. */
export const dailyLimit: Scenario = ({ world, random, startTs, pace }) => {
  const customer = world.regular(random);
  const seat = ownSeat(customer, random);
  const clock = pacer(startTs, random);
  const payeeId = `P${random.hex(8)}`;
  const slow = pace === 'live' ? minuteMs : 5 * hourMs;
  return asLookalike('daily-limit', [
    login(customer.accountId, startTs, seat, 'ok', random.chance(0.8)),
    payeeAdded(customer.accountId, clock.after(20 * secondMs, minuteMs), seat, payeeId),
    ...[0, 1].map(() => transfer(customer, clock.after(20 * secondMs, slow), seat, { payeeId, amount: random.between(2_200, 4_900), payeeCountry: customer.home.country, isConfirmed: random.chance(0.85) }, random)),
  ]);
};

/** The owner of three kiosks brings the takings of each to the branch round its corner. */
export const kioskChain: Scenario = ({ world, random, startTs, pace }) => {
  const owner = world.anyone(random);
  const clock = pacer(startTs, random);
  return asLookalike('kiosk-chain', [0, 1, 2].map((branch) =>
    cashDeposit(owner, clock.after(pace === 'live' ? 15 * secondMs : 30 * minuteMs, pace === 'live' ? 60 * secondMs : 2 * hourMs), branchIn(owner, branch), random.between(900, 3_600))));
};
