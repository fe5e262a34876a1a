import { branchIn, cashDeposit, ownSeat, payeeAdded, payment, transfer } from '../moments.js';
import type { Planned } from '../traffic-event.js';
import { asFraud, dayMs, hourMs, minuteMs, pacer, secondMs, type Scenario } from './stage.js';

/** Cash kept just below the reporting threshold of 10,000, again and again. */
export const structuring: Scenario = ({ world, random, startTs, pace }) => {
  const launderer = world.anyone(random);
  const clock = pacer(startTs, random);
  const events: Planned[] = [];
  const careful = random.chance(0.3);
  for (let i = random.int(3, 5); i > 0; i--) {
    events.push(cashDeposit(launderer, clock.at(), branchIn(launderer, random.int(0, 3)), Math.round(random.between(careful ? 7_200 : 8_600, careful ? 9_200 : 9_950) / 10) * 10));
    clock.after(pace === 'live' ? 8 * secondMs : 8 * hourMs, pace === 'live' ? 25 * secondMs : 80 * hourMs);
  }
  return asFraud('structuring', events);
};

/** One day, several branches, sums that draw no question at any of them. */
export const smurfing: Scenario = ({ world, random, startTs, pace }) => {
  const launderer = world.anyone(random);
  const clock = pacer(startTs, random);
  const events = [0, 1, 2, 3].slice(0, random.int(3, 4)).map((branch) => {
    const deposit = cashDeposit(launderer, clock.at(), branchIn(launderer, branch), Math.round(random.between(2_400, 4_900) / 50) * 50);
    clock.after(pace === 'live' ? 10 * secondMs : 40 * minuteMs, pace === 'live' ? 35 * secondMs : 150 * minuteMs);
    return deposit;
  });
  return asFraud('smurfing', events);
};

/** Cash is paid in and sent abroad within the hour. */
export const cashForwarding: Scenario = ({ world, random, startTs, pace }) => {
  const mule = world.anyone(random);
  const seat = ownSeat(mule, random);
  const clock = pacer(startTs, random);
  const cash = Math.round(random.between(1_800, 6_500) / 50) * 50;
  const payeeId = `P${random.hex(8)}`;
  const country = world.farPlace(random).country;
  const slow = pace === 'live' ? 30 * secondMs : random.chance(0.7) ? 25 * minuteMs : 3 * hourMs;
  return asFraud('cash-forwarding', [
    cashDeposit(mule, startTs, branchIn(mule, random.int(0, 3)), cash),
    payeeAdded(mule.accountId, clock.after(5 * secondMs, slow), seat, payeeId),
    transfer(mule, clock.after(5 * secondMs, slow), seat, { payeeId, amount: cash * random.between(0.42, 0.47), payeeCountry: country }, random),
    transfer(mule, clock.after(5 * secondMs, slow), seat, { payeeId, amount: cash * random.between(0.46, 0.52), payeeCountry: country }, random),
  ]);
};

/** An account opened and left alone for weeks, then used once for a large sum. True pace only. */
export const sleeperAccount: Scenario = ({ world, random, startTs }) => {
  // Past the end of the customers who act: nobody else wakes it.
  const sleeper = world.customer(world.customers + random.int(1, 1_000_000));
  const seat = ownSeat(sleeper, random);
  const wakesTs = startTs + Math.round(random.between(15, 20) * dayMs);
  const opening = payment(sleeper, world.merchants.at(sleeper.home).choose(random), startTs, { amount: random.between(5, 25) });
  const payeeId = `P${random.hex(8)}`;
  // The opening is honest enough: nothing can be known of it until the account wakes.
  return [opening, ...asFraud('sleeper-account', [
    payeeAdded(sleeper.accountId, wakesTs, seat, payeeId),
    transfer(sleeper, wakesTs + random.int(30, 600) * secondMs, seat, { payeeId, amount: random.between(1_600, 7_500), payeeCountry: world.farPlace(random).country }, random),
  ])];
};
