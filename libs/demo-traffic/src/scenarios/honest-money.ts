import { branchIn, cashDeposit, login, ownSeat, payeeAdded, payment, profileChange, transfer, type Seat } from '../moments.js';
import type { Planned } from '../traffic-event.js';
import { asLookalike, dayMs, hourMs, minuteMs, pacer, secondMs, type Scenario } from './stage.js';

/** Honest movements of money that have the shape of laundering, and of takeover. */

/** Salaries: one employer pays many accounts in a minute, and each of them pays rent and bills within hours: in, and out again. */
export const salaryDay: Scenario = ({ world, random, startTs, pace }) => {
  const employer = world.anyone(random);
  const desk: Seat = { deviceId: employer.laptop, ip: employer.ip, ipCountry: employer.home.country, channel: 'web' };
  const clock = pacer(startTs, random);
  const events: Planned[] = [];
  for (const worker of world.several(random, random.int(5, 9))) {
    if (worker.index === employer.index) continue;
    const salary = Math.round(random.between(1_700, 3_900));
    events.push(transfer(employer, clock.after(secondMs, 6 * secondMs), desk, { payeeId: worker.accountId, amount: salary, payeeCountry: worker.home.country, isConfirmed: true }, random));
    if (random.chance(0.3)) continue;
    const paysTs = clock.at() + random.int(pace === 'live' ? 10 * secondMs : hourMs, pace === 'live' ? minuteMs : 20 * hourMs);
    events.push(transfer(worker, paysTs, ownSeat(worker, random), { payeeId: random.pick(worker.payees), amount: salary * random.between(0.25, 0.6), payeeCountry: worker.home.country, isConfirmed: true }, random));
  }
  return asLookalike('salary-day', events);
};

/** Three or four students send their share to the one who pays the rent, who passes it on the same day. */
export const flatShare: Scenario = ({ world, random, startTs, pace }) => {
  const [tenant, ...others] = world.several(random, random.int(4, 5));
  if (tenant === undefined) return [];
  const clock = pacer(startTs, random);
  const rent = Math.round(random.between(280, 460));
  const slow = pace === 'live' ? 20 * secondMs : 3 * hourMs;
  const landlord = `biller-${String(random.int(61, 80)).padStart(3, '0')}`;
  return asLookalike('flat-share', [
    ...others.map((each) => transfer(each, clock.after(5 * secondMs, slow), ownSeat(each, random), { payeeId: tenant.accountId, amount: rent, payeeCountry: tenant.home.country, isConfirmed: random.chance(0.5) }, random)),
    transfer(tenant, clock.after(10 * secondMs, slow), ownSeat(tenant, random), { payeeId: landlord, amount: rent * (others.length + 1), payeeCountry: tenant.home.country, isConfirmed: true }, random),
  ]);
};

/** The evening after the fair: stallholders bring their takings to the same counter. */
export const marketDay: Scenario = ({ world, random, startTs, pace }) => {
  const host = world.anyone(random);
  const branch = branchIn(host, random.int(0, 3));
  const opensTs = pace === 'live' ? startTs : Math.ceil(startTs / dayMs) * dayMs + random.int(8, 10) * hourMs;
  const clock = pacer(opensTs, random);
  return asLookalike('market-day', world.several(random, random.int(5, 8)).map((stallholder) =>
    cashDeposit(stallholder, clock.after(5 * secondMs, pace === 'live' ? 20 * secondMs : 30 * minuteMs), branch, random.between(700, 6_200))));
};

/** A new contract: the number is changed at a branch, the next login comes from the new phone, and bills go on being paid. */
export const newNumber: Scenario = ({ world, random, startTs, pace }) => {
  const customer = world.regular(random);
  const branch: Seat = { deviceId: `branch-${String(random.int(1, 64))}`, ip: '192.0.2.1', ipCountry: customer.home.country };
  const seat: Seat = { deviceId: `dev-${random.hex(10)}`, ip: customer.ip, ipCountry: customer.home.country, channel: 'app' };
  const clock = pacer(startTs, random);
  const slow = pace === 'live' ? 30 * secondMs : 9 * hourMs;
  const events: Planned[] = [
    profileChange(customer.accountId, startTs, branch, 'phone'),
    login(customer.accountId, clock.after(30 * secondMs, slow), seat, 'ok', true),
    transfer(customer, clock.after(minuteMs, slow), seat, { payeeId: customer.payees[0], amount: random.between(80, 1_500), payeeCountry: customer.home.country, isConfirmed: true }, random),
  ];
  if (random.chance(0.25)) {
    const payeeId = `P${random.hex(8)}`;
    events.push(payeeAdded(customer.accountId, clock.after(minuteMs, slow), seat, payeeId));
    events.push(transfer(customer, clock.after(30 * secondMs, 5 * minuteMs), seat, { payeeId, amount: random.between(150, 1_200), payeeCountry: customer.home.country, isConfirmed: true }, random));
  }
  return asLookalike('new-number', events);
};

/** End of the month: too dear, too dear, then something cheaper goes through. */
export const shortOfFunds: Scenario = ({ world, random, startTs }) => {
  const customer = world.regular(random);
  const merchant = world.merchants.online.choose(random);
  const clock = pacer(startTs, random);
  let amount = random.between(90, 420);
  const events: Planned[] = [];
  for (let i = random.int(1, 3); i > 0; i--) {
    events.push(payment(customer, merchant, clock.after(20 * secondMs, 2 * minuteMs), { amount, declined: true, declineReason: 'insufficient_funds' }));
    amount *= random.between(0.3, 0.7);
  }
  events.push(payment(customer, merchant, clock.after(30 * secondMs, 4 * minuteMs), { amount }));
  return asLookalike('short-of-funds', events);
};

/** Cash of a small business is paid in over the week, and on Friday the supplier abroad is paid out of it. */
export const importer: Scenario = ({ world, random, startTs, pace }) => {
  const owner = world.anyone(random);
  const clock = pacer(startTs, random);
  const seat = ownSeat(owner, random);
  const events: Planned[] = [];
  let paidIn = 0;
  for (let i = random.int(2, 4); i > 0; i--) {
    const amount = random.between(900, 4_200);
    paidIn += amount;
    events.push(cashDeposit(owner, clock.after(5 * secondMs, pace === 'live' ? 20 * secondMs : 24 * hourMs), branchIn(owner, owner.index), amount));
  }
  events.push(transfer(owner, clock.after(10 * secondMs, pace === 'live' ? 20 * secondMs : 30 * hourMs), seat, { payeeId: random.pick(owner.payees), amount: paidIn * random.between(0.3, 0.9), payeeCountry: world.farPlace(random).country, isConfirmed: true }, random));
  return asLookalike('importer', events);
};
