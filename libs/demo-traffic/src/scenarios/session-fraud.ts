import { login, payeeAdded, profileChange, strangersSeat, transfer, type Seat } from '../moments.js';
import type { Planned } from '../traffic-event.js';
import { asFraud, dayMs, fraudstersSeat, hourMs, minuteMs, pacer, secondMs, type Scenario } from './stage.js';

/** Takeovers without a guessed password: the stranger comes with the right one. */

/** The password was phished: no failure, no changed detail; a new payee, and what the account holds goes in one or two pieces. */
export const phishedLogin: Scenario = (stage) => {
  const { world, random, startTs, pace } = stage;
  const victim = world.regular(random);
  const seat = fraudstersSeat(stage);
  const clock = pacer(startTs, random);
  const payeeId = `P${random.hex(8)}`;
  const events: Planned[] = [login(victim.accountId, startTs, seat, 'ok', random.chance(0.25))];
  events.push(payeeAdded(victim.accountId, clock.after(30 * secondMs, 3 * minuteMs), seat, payeeId));
  // Some let the payee rest until nobody remembers the message that told of it.
  if (pace === 'history' && random.chance(0.3)) clock.after(2 * hourMs, 22 * hourMs);
  // Some owners are talked into confirming.
  for (let i = random.int(1, 2); i > 0; i--) {
    events.push(transfer(victim, clock.after(15 * secondMs, 4 * minuteMs), seat, { payeeId, amount: random.between(180, 3_900), payeeCountry: random.chance(0.5) ? seat.ipCountry : victim.home.country, isConfirmed: random.chance(0.35) }, random));
  }
  return asFraud('phished-login', events);
};

/** The phone number is moved to the stranger's card first, so the second factor is theirs: nothing fails, everything is proven. */
export const simSwap: Scenario = ({ world, random, startTs, pace }) => {
  const victim = world.regular(random);
  const seat: Seat = { ...strangersSeat(random, victim.home.country), channel: 'app' };
  const branch: Seat = { deviceId: `branch-${String(random.int(1, 64))}`, ip: '192.0.2.1', ipCountry: victim.home.country };
  const clock = pacer(startTs, random);
  const slow = pace === 'live' ? 20 * secondMs : 5 * hourMs;
  const payeeId = `P${random.hex(8)}`;
  const events: Planned[] = [
    profileChange(victim.accountId, startTs, branch, random.chance(0.7) ? 'phone' : 'second_factor'),
    login(victim.accountId, clock.after(5 * secondMs, slow), seat, 'ok', true),
    payeeAdded(victim.accountId, clock.after(20 * secondMs, 2 * minuteMs), seat, payeeId),
  ];
  for (let i = random.int(1, 3); i > 0; i--) {
    // The stranger holds the phone that is asked for the confirmation, so some of these are confirmed.
    events.push(transfer(victim, clock.after(15 * secondMs, 3 * minuteMs), seat, { payeeId, amount: random.between(700, 4_900), payeeCountry: victim.home.country, isConfirmed: random.chance(0.5) }, random));
  }
  return asFraud('sim-swap', events.filter(({ ts }) => ts < startTs + 2 * dayMs));
};
