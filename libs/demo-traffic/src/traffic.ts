import { everydayAction, eventsPerAction } from './habits.js';
import { createRandom, type Random } from './random.js';
import { Schedule } from './schedule.js';
import { chooseFraud, chooseLookalike, eventsPerFraud, fraudByName, lookalikePerAction, opening } from './scenarios/catalogue.js';
import { asStory } from './scenarios/stage.js';
import type { Planned, TrafficEvent } from './traffic-event.js';
import { World } from './world/world.js';

/** What a stream of demo traffic is made from: equal options, equal events. */
export interface TrafficOptions {
  /** Any text. The customers, shops and habits follow from it alone, so a restart with the same seed goes on with the same people. */
  readonly seed: string;
  /** Event time of the first moment, epoch ms. Part of every id: two streams of one seed share no id if they start at different ms. */
  readonly startTs: number;
  /** Mean number of events a second, all types together; at most a few per cent off in the long run. */
  readonly ratePerSecond: number;
  /** Size of the customer base. Default: 3,600 for each event a second (about one event an hour each), at least 500. */
  readonly customers?: number;
  /** Share of events that are part of fraud. Default 0.012. */
  readonly fraudShare?: number;
  /** Begin with one fraud of each quick kind in the first minute, so that there is something to see. Default true. */
  readonly opening?: boolean;
}

/** A stream of events that is drawn as far as its reader has come. */
export interface Traffic {
  /**
   * The events after those already taken, up to and including `untilTs` (event time, epoch ms), in order of ts.
   * Work and memory are proportional to what is returned: a caller that slept for a night should start a new stream
   * instead of asking for the night. An `untilTs` that lies back returns nothing.
   */
  next(untilTs: number): readonly TrafficEvent[];
}

/** How a stream unfolds: the same machinery for the live demo and for a month of history. */
interface Unfolding {
  readonly pace: 'live' | 'history';
  /** Mean gap between everyday actions at that time, ms. */
  readonly actionGapMs: (ts: number) => number;
  /** True if this customer would act at that time of their day; refused draws are drawn again a few times. */
  readonly isAwake: (utcHours: number, peakHour: number, ts: number, random: Random) => boolean;
  /** Delay after which a fraud becomes known, ms. */
  readonly labelDelayMs: (random: Random) => number;
}

/**
 * Everything that happens, in order of event time. Pure: a function of the options and the calls of `next`; how the time
 * is cut into calls changes nothing.
 */
export function unfold(options: TrafficOptions, unfolding: Unfolding): Traffic {
  const { seed, startTs, ratePerSecond } = options;
  if (!(ratePerSecond > 0)) throw new RangeError(`ratePerSecond must be above 0, got ${String(ratePerSecond)}`);
  if (!Number.isInteger(startTs) || startTs <= 0) throw new RangeError(`startTs must be epoch ms, got ${String(startTs)}`);
  const world = new World(seed, options.customers ?? Math.max(500, Math.round(ratePerSecond * 3_600)));
  const random = createRandom(`${seed}/stream/${String(startTs)}`);
  const schedule = new Schedule();
  const fraudPerAction = ((options.fraudShare ?? 0.012) * eventsPerAction) / eventsPerFraud;
  const idPrefix = `${createRandom(seed).hex(6)}-${startTs.toString(36)}`;
  let emitted = 0;
  let stories = 0;
  let actionTs = startTs;

  const plan = (events: readonly Planned[]): void => { for (const event of events) schedule.add(event); };
  const tell = (events: readonly Planned[]): void => plan(asStory(++stories, events));
  if (options.opening ?? unfolding.pace === 'live') {
    for (const { kind, afterMs } of opening) tell(fraudByName(kind)({ world, random, startTs: startTs + afterMs, pace: unfolding.pace }));
  }

  const act = (ts: number): void => {
    let customer = world.anyone(random);
    for (let tries = 0; tries < 4 && !unfolding.isAwake(customer.home.utcHours, customer.peakHour, ts, random); tries++) customer = world.anyone(random);
    plan(everydayAction(world, customer, ts, random));
    const stage = { world, random, startTs: ts, pace: unfolding.pace };
    if (random.chance(fraudPerAction)) tell(chooseFraud(random, unfolding.pace)(stage));
    if (random.chance(lookalikePerAction)) tell(chooseLookalike(random)(stage));
  };

  const emit = (planned: Planned): TrafficEvent => {
    const id = `${idPrefix}-${(emitted++).toString(36)}`;
    if (planned.follow !== undefined) plan(planned.follow(id));
    if (planned.fraud !== undefined && isDisputable(planned) && random.chance(0.8)) plan([labelOf(planned, id, planned.ts + unfolding.labelDelayMs(random))]);
    return {
      event: { id, type: planned.type, ts: planned.ts, ...planned.fields },
      ...(planned.fraud === undefined ? {} : { fraudScenario: planned.fraud }),
      ...(planned.lookalike === undefined ? {} : { lookalike: planned.lookalike }),
      ...(planned.story === undefined ? {} : { story: planned.story }),
    };
  };

  return {
    next: (untilTs) => {
      const events: TrafficEvent[] = [];
      while (Math.min(actionTs, schedule.nextTs()) <= untilTs) {
        if (actionTs <= schedule.nextTs()) {
          act(actionTs);
          actionTs += Math.max(1, Math.round(random.exponential(unfolding.actionGapMs(actionTs))));
          continue;
        }
        const planned = schedule.take();
        if (planned !== undefined) events.push(emit(planned));
      }
      return events;
    },
  };
}

/** Payments that went through and transfers are noticed by their owners; a declined probe or a login is not. */
function isDisputable(planned: Planned): boolean {
  return (planned.type === 'payment' && planned.fields['declined'] !== true) || planned.type === 'transfer';
}

function labelOf(planned: Planned, id: string, ts: number): Planned {
  const { account_id: account, merchant_id: merchant } = planned.fields;
  return { ts, type: 'label', fields: {
    event_id: id,
    ...(account === undefined ? {} : { account_id: account }),
    ...(merchant === undefined ? {} : { merchant_id: merchant }),
    fraud: true,
    source: planned.type === 'payment' ? 'chargeback' : 'customer',
  } };
}

const everyAction = 1_000 * eventsPerAction;

/**
 * Demo traffic for a running system: customers with habits, shops, fraud of every kind in {@link TrafficEvent}, and honest
 * behaviour that looks like it. Ids and events are a function of the options; `event.ts` never goes back; ids are unique
 * across restarts with another `startTs`. Labels (chargebacks, customers' complaints) come 1 to 30 minutes after the fraud.
 *
 * With `opening`, the first fraud begins one second after `startTs` and eight kinds within the first minute.
 */
export function createTraffic(options: TrafficOptions): Traffic {
  return unfold(options, {
    pace: 'live',
    actionGapMs: () => everyAction / options.ratePerSecond,
    // A demo at night is as busy as one at noon: only who acts follows the sun, not how many.
    isAwake: (utcHours, peakHour, ts, random) => random.chance(wakefulness(localHour(ts, utcHours), peakHour)),
    labelDelayMs: (random) => Math.round(Math.min(30 * 60_000, 60_000 + random.exponential(6 * 60_000))),
  });
}

/** How likely somebody acts at a local hour, 0.06 to 1: a bell of four hours around their peak, little at night. */
export function wakefulness(hour: number, peakHour: number): number {
  const away = Math.min(Math.abs(hour - peakHour), 24 - Math.abs(hour - peakHour));
  return Math.max(0.06, Math.exp(-((away / 4.5) ** 2)));
}

/** The hour of the day, 0 to below 24 with its fraction, `utcHours` east of UTC (-24 at least) at `ts` (epoch ms). */
export function localHour(ts: number, utcHours: number): number {
  return ((ts / 3_600_000) + utcHours + 24) % 24;
}

export { everyAction as actionGapAtOnePerSecondMs };
