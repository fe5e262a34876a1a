import { payment } from '../moments.js';
import type { Planned } from '../traffic-event.js';
import { allBins, type Card } from '../world/customers.js';
import { asFraud, fraudstersSeat, minuteMs, pacer, secondMs, type Scenario } from './stage.js';

/** Card fraud that stays below the marks of the old rules: slower, cheaper, spread over many shops. */

/** A stolen card whose limit nobody knows: the price falls until the issuer says yes. */
export const limitProbing: Scenario = (stage) => {
  const { world, random, pace } = stage;
  const victim = world.regular(random);
  const seat = fraudstersSeat(stage);
  const merchant = world.merchants.online.choose(random);
  const clock = pacer(stage.startTs, random);
  let amount = random.between(500, 1_400);
  const events: Planned[] = [];
  for (let i = random.int(2, 5); i > 0; i--) {
    events.push(payment(victim, merchant, clock.at(), { amount, declined: true, declineReason: random.chance(0.8) ? 'insufficient_funds' : 'do_not_honour', ...seat }));
    clock.after(pace === 'live' ? 3 * secondMs : 20 * secondMs, pace === 'live' ? 8 * secondMs : 6 * minuteMs);
    amount *= random.between(0.55, 0.85);
  }
  events.push(payment(victim, merchant, clock.at(), { amount, ...seat }));
  if (random.chance(0.6)) events.push(payment(victim, world.merchants.online.choose(random), clock.after(20 * secondMs, 5 * minuteMs), { amount: amount * random.between(0.7, 1), declined: random.chance(0.4), ...seat }));
  return asFraud('limit-probing', events);
};

/** Guessed numbers of one issuer, one or two tries a shop: no shop sees a wave, the issuer's range does. */
export const binSweep: Scenario = (stage) => {
  const { world, random, pace } = stage;
  const bin = random.pick(allBins);
  const shops = Array.from({ length: random.int(9, 14) }, () => world.merchants.online.quiet(random));
  const clock = pacer(stage.startTs, random);
  const events = Array.from({ length: random.int(20, 32) }, (): Planned => {
    const owner = world.anyone(random);
    const card: Card = { id: `card-${random.hex(12)}`, bin, country: owner.cards[0].country };
    const ts = clock.after(pace === 'live' ? 4 * secondMs : 30 * secondMs, pace === 'live' ? 15 * secondMs : 150 * secondMs);
    return payment(owner, random.pick(shops), ts, { amount: random.between(1, 9), card, declined: random.chance(0.8), declineReason: random.pick(['wrong_cvc', 'do_not_honour']), ...fraudstersSeat(stage) });
  });
  return asFraud('bin-sweep', events);
};

/** A lost card is held to every reader in the street, each time just below what asks for the PIN. */
export const contactlessRun: Scenario = ({ world, random, startTs }) => {
  const victim = world.regular(random);
  const shops = world.merchants.at(world.whereIs(victim, startTs));
  const clock = pacer(startTs, random);
  return asFraud('contactless-run', Array.from({ length: random.int(7, 14) }, () =>
    payment(victim, shops.choose(random), clock.after(90 * secondMs, 9 * minuteMs), { amount: random.between(28, 49.9), declined: random.chance(0.08), declineReason: 'do_not_honour' })));
};
