import { cpus, loadavg, totalmem } from 'node:os';
import { contenderNames, startContender } from './contender-process.js';
import type { ContenderName } from './contender-process.js';
import { engineByBytes, interpreter } from './contenders.js';
import type { MakeContender } from './contenders.js';
import { cpuNs, spread } from './measure.js';
import type { Spread } from './measure.js';
import { resultsTable, writeResults } from './results-table.js';
import { benchDefinition } from './workload/definition.js';
import { PaymentStream, usualShape } from './workload/payments.js';

const rounds = 5;
/** A short range dense in fraud, from empty windows: every rule of the pack fires in it. */
const denseEvents = 20_000;
/** 15 minutes and the lateness bound at the stream's rate, and some: from here on every window is full and events leave as they come. */
const warmEvents = 400_000;
/** Of the windows-full stretch; the oracle takes a tenth of a millisecond and more for each. */
const measuredEvents = 50_000;

const isJson = process.argv.includes('--json');
const say = (text: string): void => { process.stderr.write(`${text}\n`); };

interface Scenario {
  readonly name: string;
  readonly events: number;
  readonly alerts: number;
  readonly alertsEqual: boolean;
  /** The rule of the pack that fired least: one that never fires proves nothing. */
  readonly leastFired: { readonly rule: string; readonly alerts: number };
  readonly nsPerEvent: Readonly<Record<string, Spread>>;
  readonly memoryMb?: Readonly<Record<string, number>>;
}

/** Engine and oracle over the dense range: are the alerts the same? */
function denseRange(makeEngine: MakeContender, makeOracle: MakeContender): Scenario {
  const lines = new PaymentStream({ ...usualShape, fraudShare: 0.05 }).lines(denseEvents);
  const [engine, oracle] = [makeEngine(), makeOracle()];
  engine.feed(lines);
  const oracleNs = cpuNs(() => oracle.feed(lines)) / denseEvents;
  const expected = oracle.takeAlerts();
  say(`dense range: ${expected.length} alerts of the oracle, ${Math.round(oracleNs)} ns an event`);
  return { name: 'dense in fraud, from empty windows', events: denseEvents, alerts: expected.length, alertsEqual: sameTexts(engine.takeAlerts(), expected), leastFired: leastFired(expected), nsPerEvent: { oracle: spread([oracleNs]) } };
}

/** All windows full: each contender takes 15 minutes of traffic in its own process, then they are measured on the same stretches in turn. */
async function fullWindows(names: readonly ContenderName[]): Promise<Scenario> {
  const running = names.map((name) => ({ name, process: startContender(name), ns: [] as number[], memoryMb: 0 }));
  const all: string[] = [];
  let isEqual = true;
  try {
    await Promise.all(running.map(async (one) => { for (let fed = 0; fed < warmEvents; fed += 20_000) await one.process.feed(20_000); }));
    say('all windows are full');
    for (let round = 0; round < rounds; round++) {
      let expected: readonly string[] | undefined;
      for (const one of running) {
        const { nsPerEvent, alerts, memoryMb } = await one.process.feed(measuredEvents / rounds);
        one.ns.push(nsPerEvent);
        one.memoryMb = memoryMb;
        expected ??= alerts;
        isEqual &&= sameTexts(alerts, expected);
      }
      all.push(...(expected ?? []));
      say(`full windows, round ${round + 1}: ${running.map((one) => `${one.name} ${Math.round(one.ns.at(-1) ?? 0)} ns`).join(', ')}`);
    }
  } finally {
    for (const one of running) one.process.close();
  }
  return {
    name: 'full windows', events: measuredEvents, alerts: all.length, alertsEqual: isEqual, leastFired: leastFired(all),
    nsPerEvent: Object.fromEntries(running.map((one) => [one.name, spread(one.ns)])), memoryMb: Object.fromEntries(running.map((one) => [one.name, one.memoryMb])),
  };
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean { return a.length === b.length && a.every((text, i) => text === b[i]); }

function leastFired(alerts: readonly string[]): Scenario['leastFired'] {
  const counts = new Map(benchDefinition().rules.map(({ rule }) => [rule.id, 0]));
  for (const alert of alerts) { const rule = alert.split(' ')[1] ?? ''; counts.set(rule, (counts.get(rule) ?? 0) + 1); }
  const [rule = '', least = 0] = [...counts].sort((a, b) => a[1] - b[1])[0] ?? [];
  return { rule, alerts: least };
}

async function main(): Promise<number> {
  const definition = benchDefinition();
  const dense = denseRange(engineByBytes(definition), interpreter(definition));
  const full = await fullWindows(contenderNames);
  const alertsEqual = dense.alertsEqual && full.alertsEqual;
  const engineNsPerEvent = Math.round(full.nsPerEvent['engine']?.median ?? NaN);
  const oracleNsPerEvent = Math.round(full.nsPerEvent['oracle']?.median ?? NaN);
  const host = { cpu: cpus()[0]?.model ?? '', cores: cpus().length, memoryGb: Math.round(totalmem() / 2 ** 30), node: process.version, load: loadavg()[0] };
  const result = alertsEqual
    ? { alertsEqual, engineNsPerEvent, oracleNsPerEvent, ratio: Math.round((10 * oracleNsPerEvent) / engineNsPerEvent) / 10, scenarios: [dense, full], host }
    : { alertsEqual, scenarios: [dense, full].map(({ name, alertsEqual: isEqual }) => ({ name, alertsEqual: isEqual })) };
  if (alertsEqual && process.argv.includes('--readme')) writeResults(new URL('../README.md', import.meta.url), resultsTable([dense, full], host));
  process.stdout.write(isJson ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, undefined, 2)}\n`);
  return alertsEqual ? 0 : 1;
}

process.exitCode = await main();
