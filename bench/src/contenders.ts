import type { Alert } from '@weir/contracts';
import { createEngine, createInterpreter } from '@weir/rule-engine';
import type { EngineDefinition } from '@weir/rule-engine';
import { createNaiveService } from './rivals/naive.js';
import { forEachLine, parsePayment } from './workload/parse-payment.js';

/** Something that turns NDJSON bytes into alerts. State stays from one call to the next. */
export interface Contender {
  /** Takes the next lines. */
  feed(lines: Uint8Array): void;
  /** Alerts so far, as `event id, rule id`; cleared by reading. */
  takeAlerts(): string[];
}
export type MakeContender = () => Contender;

export function interpreter(definition: EngineDefinition): MakeContender {
  return () => {
    const engine = createInterpreter(definition);
    const alerts: Alert[] = [];
    let seq = 0;
    return { feed: (lines) => forEachLine(lines, (line) => { for (const alert of engine.apply(parsePayment(line, ++seq))) alerts.push(alert); }), takeAlerts: () => named(alerts) };
  };
}

/** The engine fed with whole events, as the event log hands them over. */
export function engineByEntry(definition: EngineDefinition): MakeContender {
  return () => {
    const engine = createEngine(definition);
    const alerts: Alert[] = [];
    let seq = 0;
    return { feed: (lines) => forEachLine(lines, (line) => { for (const alert of engine.apply(parsePayment(line, ++seq))) alerts.push(alert); }), takeAlerts: () => named(alerts) };
  };
}

/** The engine fed with the bytes. */
export function engineByBytes(definition: EngineDefinition): MakeContender {
  return () => {
    const engine = createEngine(definition);
    const alerts: Alert[] = [];
    return { feed: (lines) => { for (const alert of engine.applyLines(lines, engine.stats().seq + 1, parsePayment)) alerts.push(alert); }, takeAlerts: () => named(alerts) };
  };
}

export function naive(): Contender {
  const alerts: string[] = [];
  const service = createNaiveService((event, rule) => { alerts.push(`${event} ${rule}`); });
  return { feed: (lines) => forEachLine(lines, (line) => service.apply(line)), takeAlerts: () => alerts.splice(0).sort() };
}

function named(alerts: Alert[]): string[] {
  return alerts.splice(0).map((alert) => `${alert.trigger?.id ?? ''} ${alert.rule}`).sort();
}
