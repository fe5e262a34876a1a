import { login, payeeAdded, profileChange, transfer, type Seat } from '../moments.js';
import type { Random } from '../random.js';
import type { Planned } from '../traffic-event.js';
import type { Customer } from '../world/customers.js';
import { asFraud, fraudstersSeat, hourMs, minuteMs, pacer, secondMs, type Scenario } from './stage.js';

/** Once inside: change how the owner is reached, add a payee, send the money. */
function emptyTheAccount(victim: Customer, fromTs: number, seat: Seat, random: Random, pace: 'live' | 'history'): readonly Planned[] {
  const clock = pacer(fromTs, random);
  const events: Planned[] = [];
  // One in five changes nothing: a message about a changed number wakes the owner.
  if (random.chance(0.8)) events.push(profileChange(victim.accountId, clock.after(10 * secondMs, 90 * secondMs), seat, random.pick(['email', 'phone', 'password', 'second_factor'])));
  const payeeId = `P${random.hex(8)}`;
  events.push(payeeAdded(victim.accountId, clock.after(10 * secondMs, 60 * secondMs), seat, payeeId));
  // And one in four comes back at night, when the limits of the day and the short memory of rules are over.
  if (pace === 'history' && random.chance(0.25)) clock.after(3 * hourMs, 20 * hourMs);
  for (let i = random.int(1, 2); i > 0; i--) {
    events.push(transfer(victim, clock.after(10 * secondMs, 90 * secondMs), seat, { payeeId, amount: random.between(250, 4_800), payeeCountry: seat.ipCountry, isConfirmed: random.chance(0.2) }, random));
  }
  return events;
}

/** A password is guessed or tried from a leak, then the account is emptied. */
export const accountTakeover: Scenario = (stage) => {
  const { world, random, startTs, pace } = stage;
  const victim = world.regular(random);
  const seat = fraudstersSeat(stage);
  const clock = pacer(startTs, random);
  const events: Planned[] = [];
  for (let i = random.int(3, 8); i > 0; i--) {
    events.push(login(victim.accountId, clock.at(), seat, 'failed', false));
    clock.after(secondMs, pace === 'live' ? 3 * secondMs : 20 * secondMs);
  }
  events.push(login(victim.accountId, clock.at(), seat, 'ok', false), ...emptyTheAccount(victim, clock.at(), seat, random, pace));
  return asFraud('account-takeover', events);
};

/** One address tries leaked passwords on many accounts; one opens, or none. */
export const passwordSpray: Scenario = (stage) => {
  const { world, random, startTs, pace } = stage;
  const seat = fraudstersSeat(stage);
  const clock = pacer(startTs, random);
  const victims = world.several(random, random.int(7, 16));
  const events = victims.map((victim) => login(victim.accountId, clock.after(400, pace === 'live' ? 2_500 : 50 * secondMs), seat, 'failed', false));
  // Most lists are old: three in ten open nothing.
  if (pace === 'history' && random.chance(0.3)) return asFraud('password-spray', events);
  const opened = world.regular(random);
  events.push(login(opened.accountId, clock.after(secondMs, 3 * secondMs), seat, 'ok', false), ...emptyTheAccount(opened, clock.at(), seat, random, pace));
  return asFraud('password-spray', events);
};

/** A herd of mule accounts run from one phone: each logs in, adds the same payee, passes on a small sum. */
export const muleHerd: Scenario = (stage) => {
  const { world, random, startTs, pace } = stage;
  const seat: Seat = { ...fraudstersSeat(stage), channel: 'app' };
  const payeeId = `P${random.hex(8)}`;
  const clock = pacer(startTs, random);
  const step = pace === 'live' ? 8 * secondMs : 4 * minuteMs;
  const events: Planned[] = [];
  for (const mule of world.several(random, random.int(3, 7))) {
    events.push(login(mule.accountId, clock.after(secondMs, step), seat, 'ok', false));
    events.push(payeeAdded(mule.accountId, clock.after(secondMs, step), seat, payeeId));
    events.push(transfer(mule, clock.after(secondMs, step), seat, { payeeId, amount: random.between(180, 640), payeeCountry: seat.ipCountry }, random));
  }
  return asFraud('mule-herd', events);
};

/** Deceived people send to one account, whose holder passes it on to payees added minutes ago. */
export const muleFanIn: Scenario = (stage) => {
  const { world, random, startTs, pace } = stage;
  const mule = world.anyone(random);
  const clock = pacer(startTs, random);
  const gap = pace === 'live' ? 12 * secondMs : 100 * minuteMs;
  const events: Planned[] = [];
  let received = 0;
  for (const victim of world.several(random, random.int(4, 8))) {
    if (victim.index === mule.index) continue;
    const seat: Seat = { deviceId: victim.phone, ip: victim.ip, ipCountry: victim.home.country, channel: 'app' };
    const amount = Math.round(random.between(180, 780));
    received += amount;
    events.push(transfer(victim, clock.after(2 * secondMs, gap), seat, { payeeId: mule.accountId, amount, payeeCountry: mule.home.country }, random));
  }
  const muleSeat: Seat = { deviceId: mule.phone, ip: mule.ip, ipCountry: mule.home.country, channel: 'app' };
  const payees = [0, 1, 2].map(() => `P${random.hex(8)}`);
  clock.after(5 * secondMs, pace === 'live' ? 20 * secondMs : hourMs);
  for (const payeeId of payees) events.push(payeeAdded(mule.accountId, clock.after(3 * secondMs, 40 * secondMs), muleSeat, payeeId));
  for (const payeeId of payees) {
    events.push(transfer(mule, clock.after(3 * secondMs, 60 * secondMs), muleSeat, { payeeId, amount: (received * random.between(0.9, 0.97)) / 3, payeeCountry: world.farPlace(random).country }, random));
  }
  return asFraud('mule-fan-in', events);
};
