export { createTraffic } from './traffic.js';
export type { Traffic, TrafficOptions } from './traffic.js';
export { createMonth } from './month.js';
export type { MonthOptions } from './month.js';
export { typologyOf } from './traffic-event.js';
export type { FraudScenario, HonestLookalike, TrafficEvent, TrafficField, TrafficRecord, TrafficType } from './traffic-event.js';
