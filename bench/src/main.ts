import { cpus, loadavg, totalmem } from 'node:os';
import { engineByEntry, interpreter, naive } from './contenders.js';
import type { MakeContender } from './contenders.js';
import { cpuNs, spread } from './measure.js';
import type { Spread } from './measure.js';
import { benchDefinition } from './workload/definition.js';
import { PaymentStream, usualShape } from './workload/payments.js';

const rounds = 5;
/** Events of the range that the oracle can bear: it scans its windows anew for every rule. */
const oracleEvents = 8_000;
/** Runs of the engine over the oracle's range in one measurement, each from empty: one alone is shorter than the clock's tick. */
const engineRepeats = 8;
/** 15 minutes at the shape's rate: from here on every window is full. */
const warmEvents = 360_000;
const measuredEvents = 60_000;

const isJson = process.argv.includes('--json');
const say = (text: string): void => { process.stderr.write(`${text}\n`); };

interface Scenario { readonly name: string; readonly events: number; readonly alerts: number; readonly alertsEqual: boolean; readonly leastFired: { readonly rule: string; readonly alerts: number }; readonly nsPerEvent: Readonly<Record<string, Spread>> }

/** Both over the same range from an empty state; interleaved rounds. */
function againstOracle(engine: MakeContender, oracle: MakeContender): Scenario {
  const lines = new PaymentStream(usualShape).lines(oracleEvents);
  const run = (make: MakeContender): string[] => { const one = make(); one.feed(lines); return one.takeAlerts(); };
  const expected = run(oracle);
  const isEqual = sameTexts(run(engine), expected);
  const [engineNs, oracleNs]: [number[], number[]] = [[], []];
  for (let round = 0; isEqual && round < rounds; round++) {
    oracleNs.push(measured(oracle, lines, 1) / oracleEvents);
    engineNs.push(measured(engine, lines, engineRepeats) / (engineRepeats * oracleEvents));
    say(`oracle range, round ${round + 1}: oracle ${Math.round(oracleNs.at(-1) ?? 0)} ns, engine ${Math.round(engineNs.at(-1) ?? 0)} ns an event`);
  }
  return { name: 'empty windows, oracle range', events: oracleEvents, alerts: expected.length, alertsEqual: isEqual, leastFired: leastFired(expected), nsPerEvent: { engine: spread(engineNs), oracle: spread(oracleNs) } };
}

function measured(make: MakeContender, lines: Uint8Array, repeats: number): number {
  const made = Array.from({ length: repeats }, make); // what is compiled once is not measured
  return cpuNs(() => { for (const one of made) one.feed(lines); });
}

/** All windows full: each contender is fed 15 minutes of traffic, then measured on the same stretches in turn. */
function fullWindows(contenders: Readonly<Record<string, MakeContender>>): Scenario {
  const stream = new PaymentStream(usualShape);
  const running = Object.entries(contenders).map(([name, make]) => ({ name, contender: make(), ns: [] as number[] }));
  for (let fed = 0; fed < warmEvents; fed += 20_000) {
    const lines = stream.lines(20_000);
    for (const { contender } of running) contender.feed(lines);
  }
  for (const { contender } of running) contender.takeAlerts();
  const all: string[] = [];
  let isEqual = true;
  for (let round = 0; round < rounds; round++) {
    const lines = stream.lines(measuredEvents / rounds);
    const found = running.map((one) => {
      one.ns.push(cpuNs(() => one.contender.feed(lines)) / (measuredEvents / rounds));
      return one.contender.takeAlerts();
    });
    all.push(...(found[0] ?? []));
    isEqual &&= found.every((alerts) => sameTexts(alerts, found[0] ?? []));
    say(`full windows, round ${round + 1}: ${running.map((one) => `${one.name} ${Math.round(one.ns.at(-1) ?? 0)} ns`).join(', ')}`);
  }
  return { name: 'full windows', events: measuredEvents, alerts: all.length, alertsEqual: isEqual, leastFired: leastFired(all), nsPerEvent: Object.fromEntries(running.map((one) => [one.name, spread(one.ns)])) };
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean { return a.length === b.length && a.every((text, i) => text === b[i]); }

function leastFired(alerts: readonly string[]): Scenario['leastFired'] {
  const counts = new Map(benchDefinition().rules.map(({ rule }) => [rule.id, 0]));
  for (const alert of alerts) { const rule = alert.split(' ')[1] ?? ''; counts.set(rule, (counts.get(rule) ?? 0) + 1); }
  const [rule = '', least = 0] = [...counts].sort((a, b) => a[1] - b[1])[0] ?? [];
  return { rule, alerts: least };
}

function main(): number {
  const definition = benchDefinition();
  const compared = againstOracle(engineByEntry(definition), interpreter(definition));
  const full = fullWindows({ engine: engineByEntry(definition), naive });
  const alertsEqual = compared.alertsEqual && full.alertsEqual;
  const engineNsPerEvent = Math.round(compared.nsPerEvent['engine']?.median ?? NaN);
  const oracleNsPerEvent = Math.round(compared.nsPerEvent['oracle']?.median ?? NaN);
  const result = alertsEqual
    ? { alertsEqual, engineNsPerEvent, oracleNsPerEvent, ratio: Math.round((10 * oracleNsPerEvent) / engineNsPerEvent) / 10, scenarios: [compared, full], host: { cpu: cpus()[0]?.model ?? '', cores: cpus().length, memoryGb: Math.round(totalmem() / 2 ** 30), node: process.version, load: loadavg()[0] } }
    : { alertsEqual, scenarios: [compared, full].map(({ name, alertsEqual: isEqual }) => ({ name, alertsEqual: isEqual })) };
  process.stdout.write(isJson ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, undefined, 2)}\n`);
  return alertsEqual ? 0 : 1;
}

process.exitCode = main();
