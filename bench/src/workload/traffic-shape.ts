/** How a stream of card payments and transfers is drawn. */
export interface TrafficShape {
  readonly seed: number;
  readonly cards: number;
  /** Events per second of event time. */
  readonly eventsPerSecond: number;
  /** Levels the head of the cards' activity: (rank + 1 + flat)^-0.8. */
  readonly flat: number;
  /** Share of events that belong to a fraud under way. */
  readonly fraudShare: number;
  /** Event time of the beginning, epoch ms. */
  readonly startTs: number;
  /** How much slower the clock of the events goes; all else is drawn as with 1. */
  readonly slowdown: number;
}

/** 100,000 cards and 10,000 events a second, times `size`: every card is as busy in a small world as in the large one. */
export function trafficOfSize(size: number): TrafficShape {
  return { seed: 20_260_105, cards: Math.round(100_000 * size), eventsPerSecond: 10_000 * size, flat: 1_000 * size, fraudShare: 0.01, startTs: Date.UTC(2026, 0, 5), slowdown: 1 };
}

/** A world of seconds: few cards, so uneven that the busiest are as busy as in the large world, and much fraud, so that every rule of the pack fires. */
export const smallTraffic: TrafficShape = { ...trafficOfSize(0.002), seed: 8, eventsPerSecond: 25, flat: 0.2, fraudShare: 0.1 };

/** Devices that honest payments come from. */
export function devicesOf(cards: number): number { return Math.max(1_000, Math.floor(0.8 * cards)); }

/** As many in a small world as in the large one. */
export const merchantCount = 5_000;

/** The longest window of the pack, ms. */
export const longestWindowMs = 15 * 60_000;

/** One drawn event; a transfer when `stage` is set, else a payment. Reused from event to event. */
export interface Draw {
  card: number; account: number; device: number; ip: number; merchant: number; cents: number; declined: boolean; foreign: boolean;
  stage: '' | 'sent' | 'confirmed'; payee: number;
}
