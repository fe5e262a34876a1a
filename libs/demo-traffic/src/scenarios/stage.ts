import type { Random } from '../random.js';
import { strangersSeat, type Seat } from '../moments.js';
import type { FraudScenario, HonestLookalike, Planned } from '../traffic-event.js';
import type { World } from '../world/world.js';

/** What a scenario is played on. */
interface Stage {
  readonly world: World;
  readonly random: Random;
  readonly startTs: number;
  /** `live`: what takes days in truth is told in minutes, so that a watcher sees it; `history`: at its true pace. */
  readonly pace: 'live' | 'history';
}

/** A scenario returns all it will do, in any order; the schedule sorts. */
export type Scenario = (stage: Stage) => readonly Planned[];

/** Lengths of time, ms. */
export const secondMs = 1_000;
export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 86_400_000;

/** Marks events as part of one fraud. */
export function asFraud(kind: FraudScenario, events: readonly Planned[]): readonly Planned[] {
  return events.map((event) => ({ ...event, fraud: kind }));
}

/** Marks honest events that look like fraud, and what follows from them. */
export function asLookalike(kind: HonestLookalike, events: readonly Planned[]): readonly Planned[] {
  return events.map((event) => {
    const { follow } = event;
    return { ...event, lookalike: kind, ...(follow === undefined ? {} : { follow: (id: string) => asLookalike(kind, follow(id)) }) };
  });
}

/** Gives the events of one telling, and what follows from them, a name of their own. */
export function asStory(number: number, events: readonly Planned[]): readonly Planned[] {
  return events.map((event) => {
    const kind = event.fraud ?? event.lookalike;
    const { follow } = event;
    return { ...event, ...(kind === undefined ? {} : { story: `${kind}-${String(number)}` }), ...(follow === undefined ? {} : { follow: (id: string) => asStory(number, follow(id)) }) };
  });
}

/** Where the fraudster sits: a device and address nobody else uses, in a country far away. */
export function fraudstersSeat({ world, random }: Stage): Seat {
  return strangersSeat(random, world.farPlace(random).country);
}

/** A clock that moves forward by random gaps. */
export function pacer(startTs: number, random: Random): { at(): number; after(fromMs: number, toMs: number): number } {
  let ts = startTs;
  return { at: () => ts, after: (fromMs, toMs) => (ts += random.int(fromMs, toMs)) };
}
