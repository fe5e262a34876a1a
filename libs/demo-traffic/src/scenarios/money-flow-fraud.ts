import { branchIn, cashDeposit, login, ownSeat, payeeAdded, transfer, type Seat } from '../moments.js';
import type { Planned } from '../traffic-event.js';
import { asFraud, dayMs, hourMs, minuteMs, pacer, secondMs, type Scenario } from './stage.js';

/** Money that is moved on or cut up. */

/** One deceived person sends a large sum; the account passes nearly all of it on within hours, to a payee it has never paid. */
export const passThrough: Scenario = ({ world, random, startTs, pace }) => {
  const [victim, mule] = world.several(random, 2);
  if (victim === undefined || mule === undefined) return [];
  const seat = ownSeat(mule, random);
  const clock = pacer(startTs, random);
  // Most run; some let the money lie for a night and a day.
  const slow = pace === 'live' ? 25 * secondMs : random.chance(0.8) ? 4 * hourMs : 40 * hourMs;
  const received = Math.round(random.between(1_200, 6_000));
  const payeeId = `P${random.hex(8)}`;
  const country = random.chance(0.6) ? world.farPlace(random).country : mule.home.country;
  const pieces = random.int(1, 3);
  const kept = random.between(0.03, 0.22);
  const events: Planned[] = [
    transfer(victim, startTs, ownSeat(victim, random), { payeeId: mule.accountId, amount: received, payeeCountry: mule.home.country, isConfirmed: true }, random),
    login(mule.accountId, clock.after(5 * secondMs, slow), seat, 'ok', true),
    payeeAdded(mule.accountId, clock.after(20 * secondMs, 5 * minuteMs), seat, payeeId),
  ];
  for (let i = 0; i < pieces; i++) {
    events.push(transfer(mule, clock.after(20 * secondMs, pace === 'live' ? 10 * secondMs : hourMs), seat, { payeeId, amount: (received * (1 - kept)) / pieces, payeeCountry: country, isConfirmed: random.chance(0.7) }, random));
  }
  // What follows from them (confirmations) is the victim's own doing.
  return asFraud('pass-through', events);
};

/** A sum that would be looked at is sent in three or four parts just below the mark, over a day. */
export const splitPayout: Scenario = ({ world, random, startTs, pace }) => {
  const sender = world.anyone(random);
  const seat = ownSeat(sender, random);
  const clock = pacer(startTs, random);
  const payeeId = `P${random.hex(8)}`;
  const country = random.chance(0.7) ? world.farPlace(random).country : sender.home.country;
  const events: Planned[] = [payeeAdded(sender.accountId, clock.after(10 * secondMs, 40 * secondMs), seat, payeeId)];
  for (let i = random.int(3, 5); i > 0; i--) {
    events.push(transfer(sender, clock.after(pace === 'live' ? 5 * secondMs : 10 * minuteMs, pace === 'live' ? 20 * secondMs : 6 * hourMs), seat, { payeeId, amount: Math.round(random.between(3_600, 4_990)), payeeCountry: country, isConfirmed: true }, random));
  }
  return asFraud('split-payout', events);
};

/** Five to eight helpers bring cash of one source to one branch on one day, each below the mark. */
export const smurfRing: Scenario = ({ world, random, startTs, pace }) => {
  const organiser = world.anyone(random);
  const branch = branchIn(organiser, random.int(0, 3));
  // Counters are open from nine to four; a ring that would come after hours comes next morning.
  const opensTs = pace === 'live' ? startTs : Math.ceil(startTs / dayMs) * dayMs + random.int(9, 11) * hourMs;
  const clock = pacer(opensTs, random);
  const slow = pace === 'live' ? 20 * secondMs : 45 * minuteMs;
  return asFraud('smurf-ring', world.several(random, random.int(5, 8)).map((helper) =>
    cashDeposit(helper, clock.after(5 * secondMs, slow), branch, Math.round(random.between(3_400, 9_400) / 50) * 50)));
};

/** Cash in two or three pieces over two days, and then most of it leaves in one transfer to a payee added for it. */
export const cashLayering: Scenario = ({ world, random, startTs, pace }) => {
  const launderer = world.anyone(random);
  const seat: Seat = ownSeat(launderer, random);
  const clock = pacer(startTs, random);
  const payeeId = `P${random.hex(8)}`;
  const events: Planned[] = [];
  let paidIn = 0;
  for (let i = random.int(2, 4); i > 0; i--) {
    const amount = Math.round(random.between(2_300, 7_800) / 50) * 50;
    paidIn += amount;
    events.push(cashDeposit(launderer, clock.after(5 * secondMs, pace === 'live' ? 15 * secondMs : 18 * hourMs), branchIn(launderer, random.int(0, 3)), amount));
  }
  events.push(payeeAdded(launderer.accountId, clock.after(10 * secondMs, pace === 'live' ? 20 * secondMs : 12 * hourMs), seat, payeeId));
  events.push(transfer(launderer, clock.after(10 * secondMs, 10 * minuteMs), seat, { payeeId, amount: paidIn * random.between(0.7, 0.95), payeeCountry: world.farPlace(random).country, isConfirmed: true }, random));
  return asFraud('cash-layering', events);
};
