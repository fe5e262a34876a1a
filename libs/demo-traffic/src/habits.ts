import type { Random } from './random.js';
import { branchIn, cashDeposit, login, ownSeat, payeeAdded, payment, profileChange, refund, transfer, usualAmount } from './moments.js';
import type { Planned } from './traffic-event.js';
import type { Customer } from './world/customers.js';
import type { World } from './world/world.js';

/** Mean number of events that one honest action yields, labels and follow-ups included; keeps the stream at its rate. */
export const eventsPerAction = 1.135;

/** One everyday action of one customer: a payment, a visit to the bank's app, takings brought to the branch. */
export function everydayAction(world: World, customer: Customer, ts: number, random: Random): readonly Planned[] {
  const roll = random.unit();
  if (customer.hasShop && roll < 0.12) return [cashDeposit(customer, ts, branchIn(customer, customer.index), takings(random))];
  if (roll < 0.8) return [everydayPayment(world, customer, ts, random)];
  return bankingVisit(customer, ts, random);
}

/** What a small shop brings to the branch: mostly 300 to 4,000. */
function takings(random: Random): number {
  return Math.min(7_900, random.logNormal(1_100, 0.6));
}

function everydayPayment(world: World, customer: Customer, ts: number, random: Random): Planned {
  const isOnline = random.chance(0.34);
  const merchant = isOnline ? world.merchants.online.choose(random) : world.shopFor(customer, ts, random);
  const amount = usualAmount(customer, merchant, random);
  const card = random.chance(0.8) ? customer.cards[0] : random.pick(customer.cards);
  const declined = random.chance(0.035);
  const seat = ownSeat(customer, random);
  const paid = payment(customer, merchant, ts, {
    amount, card, declined, deviceId: seat.deviceId, ipCountry: world.whereIs(customer, ts).country,
    declineReason: random.pick(['insufficient_funds', 'insufficient_funds', 'do_not_honour', 'wrong_cvc']),
  });
  if (declined || !isOnline || !random.chance(0.05)) return paid;
  const share = random.chance(0.7) ? 1 : random.between(0.2, 0.9);
  const afterMs = Math.round(random.exponential(2 * 86_400_000)) + 60_000;
  return { ...paid, follow: (id) => [
    refund({ accountId: customer.accountId, cardId: card.id, merchantId: merchant.id, amount: amount * share - 0.005, currency: customer.home.currency, paymentId: id }, ts + afterMs),
  ] };
}

/** A login, rarely mistyped once, sometimes followed by a transfer, a new payee or a changed detail. */
function bankingVisit(customer: Customer, ts: number, random: Random): readonly Planned[] {
  const seat = ownSeat(customer, random);
  const secondFactor = random.chance(0.6);
  const events: Planned[] = [];
  let at = ts;
  if (random.chance(0.05)) {
    events.push(login(customer.accountId, at, seat, 'failed', false));
    at += random.int(4_000, 20_000);
  }
  events.push(login(customer.accountId, at, seat, 'ok', secondFactor));
  const next = random.unit();
  if (next < 0.012) return [...events, profileChange(customer.accountId, at + random.int(20_000, 120_000), seat, random.pick(['email', 'phone', 'password', 'address']))];
  if (next < 0.035) {
    const payeeId = `P${random.hex(8)}`;
    at += random.int(30_000, 90_000);
    events.push(payeeAdded(customer.accountId, at, seat, payeeId));
    events.push(transfer(customer, at + random.int(20_000, 90_000), seat, { payeeId, amount: random.logNormal(90, 1), payeeCountry: customer.home.country, isConfirmed: random.chance(0.9) }, random));
    return events;
  }
  if (next < 0.38) {
    const amount = Math.min(1_900, random.logNormal(120, 0.9));
    events.push(transfer(customer, at + random.int(15_000, 120_000), seat, { payeeId: random.pick(customer.payees), amount, payeeCountry: customer.home.country, isConfirmed: amount > 500 && random.chance(0.96) }, random));
  }
  return events;
}
