import type { Alert } from '@weir/contracts';
import { createEngine, createInterpreter } from '@weir/rule-engine';
import type { EngineDefinition, LineEngine } from '@weir/rule-engine';
import { createNaiveService } from '../rivals/naive.js';
import { forEachLine } from '../rivals/rival-process.js';
import type { Rival } from '../rivals/rival-process.js';
import { listEntries } from './workload/definition.js';
import { parseEvent } from './workload/parse-event.js';
import { watchedMerchants } from './workload/rule-pack.js';
import type { TrafficShape } from './workload/traffic-shape.js';

/** A rival that answers at once: in this process. */
export interface Contender extends Rival {
  fill(lines: Uint8Array): void;
  feed(lines: Uint8Array): readonly string[];
}

/** The engine with the lists of the traffic in place. */
export function startEngine(definition: EngineDefinition, shape: TrafficShape): LineEngine {
  const engine = createEngine(definition);
  for (const entry of listEntries(shape)) engine.apply(entry);
  return engine;
}

/** No line of the traffic is shorter. */
const leastLineBytes = 128;

/** A first seq for each piece of lines that is above all before. It leaves gaps: nobody counts lines while time is measured. */
function seqsFrom(engine: LineEngine): (lines: Uint8Array) => number {
  let next = engine.stats().seq + 1;
  return ({ length }) => {
    const first = next;
    next += Math.ceil(length / leastLineBytes);
    return first;
  };
}

/** The engine from bytes to columns to alerts. */
export function engineFromBytes(engine: LineEngine): Contender {
  const seqs = seqsFrom(engine);
  const take = (lines: Uint8Array): readonly Alert[] => engine.applyLines(lines, seqs(lines), parseEvent);
  return { fill: (lines) => { take(lines); }, feed: (lines) => named(take(lines)) };
}

/** The engine from columns that were decoded before, their keys looked up: what is left is windows and rules. */
export function engineFromColumns(engine: LineEngine): Contender & { prepare(lines: Uint8Array): void } {
  const seqs = seqsFrom(engine);
  const decode = (lines: Uint8Array): ReturnType<LineEngine['decodeLines']> => engine.decodeLines(lines, seqs(lines), parseEvent);
  let decoded: ReturnType<typeof decode> | undefined;
  return {
    fill: (lines) => { engine.applyDecoded(decode(lines)); },
    prepare: (lines) => {
      decoded = decode(lines);
      // What decoding leaves is not collected while events are applied. Of a collection of all spaces the sweeping would be.
      globalThis.gc?.({ type: 'minor' });
    },
    feed: () => {
      if (decoded === undefined) throw new Error('lines are decoded before they are fed');
      return named(engine.applyDecoded(decoded));
    },
  };
}

/** The reference interpreter from empty windows. */
export function interpreter(definition: EngineDefinition, shape: TrafficShape): Contender {
  const judge = createInterpreter(definition);
  let seq = 0;
  for (const entry of listEntries(shape)) { judge.apply(entry); seq = entry.seq; }
  const take = (lines: Uint8Array): readonly Alert[] => {
    const alerts: Alert[] = [];
    forEachLine(lines, (line) => { alerts.push(...judge.apply(parseEvent(line, ++seq))); });
    return alerts;
  };
  return { fill: (lines) => { take(lines); }, feed: (lines) => named(take(lines)) };
}

export function naive(): Contender {
  let alerts: string[] = [];
  const service = createNaiveService((event, rule) => { alerts.push(`${event} ${rule}`); }, new Set(watchedMerchants()));
  return {
    fill: (lines) => { forEachLine(lines, (line) => { service.remember(line); }); alerts = []; },
    feed: (lines) => { forEachLine(lines, (line) => { service.apply(line); }); const found = alerts; alerts = []; return found; },
  };
}

/** `event id, rule id` of each. An alert belongs to its triggering event: of an absence the last event that was taken. */
export function named(alerts: readonly Alert[]): string[] {
  return alerts.map((alert) => `${alert.trigger?.id ?? ''} ${alert.rule}`);
}
