import { cpus, loadavg, totalmem } from 'node:os';
import { startContender } from './contender-process.js';
import type { ContenderName } from './contender-process.js';
import { engineByBytes, interpreter } from './contenders.js';
import type { MakeContender } from './contenders.js';
import { cpuNs, spread } from './measure.js';
import type { Spread } from './measure.js';
import { benchDefinition } from './workload/definition.js';
import { PaymentStream, usualShape } from './workload/payments.js';

const rounds = 5;
/** Events of the range that the oracle can bear: it scans its windows anew for every rule. Denser in fraud, so that every rule fires in it. */
const oracleEvents = 20_000;
/** Copies of that range in one measurement of the engine: one alone is short. */
const engineCopies = 4;
/** Between two copies, so that each meets empty windows. */
const copyApartMs = 3_600_000;
/** 15 minutes and the lateness bound at the stream's rate, and some: from here on every window is full and events leave as they come. */
const warmEvents = 400_000;
const measuredEvents = 100_000;

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

/**
 * Both over the same range from empty windows; interleaved rounds. The engine takes copies of the range an hour apart, as one
 * long run: its generated code is then as warm as the oracle's, and every copy must give the oracle's alerts.
 */
function againstOracle(makeEngine: MakeContender, makeOracle: MakeContender): Scenario {
  const copy = (hours: number): Uint8Array => new PaymentStream({ ...usualShape, fraudShare: 0.03, startTs: usualShape.startTs + hours * copyApartMs }).lines(oracleEvents);
  const lines = copy(0);
  const engine = makeEngine();
  const found: string[][] = [];
  let hours = 0;
  const runEngine = (): number => {
    const next = copy(hours++);
    const ns = cpuNs(() => engine.feed(next));
    found.push(engine.takeAlerts());
    return ns;
  };
  let expected: readonly string[] = [];
  const [engineNs, oracleNs]: [number[], number[]] = [[], []];
  for (let i = 0; i < engineCopies; i++) runEngine();
  for (let round = 0; round < rounds; round++) {
    const oracle = makeOracle();
    oracleNs.push(cpuNs(() => oracle.feed(lines)) / oracleEvents);
    expected = oracle.takeAlerts();
    let ns = 0;
    for (let i = 0; i < engineCopies; i++) ns += runEngine();
    engineNs.push(ns / (engineCopies * oracleEvents));
    say(`against the oracle, round ${round + 1}: oracle ${Math.round(oracleNs.at(-1) ?? 0)} ns, engine ${Math.round(engineNs.at(-1) ?? 0)} ns an event`);
  }
  const alertsEqual = found.every((alerts) => sameTexts(alerts, expected));
  return { name: 'against the oracle, windows filling', events: oracleEvents, alerts: expected.length, alertsEqual, leastFired: leastFired(expected), nsPerEvent: { engine: spread(engineNs), oracle: spread(oracleNs) } };
}

/** All windows full: each contender takes 15 minutes of traffic in its own process, then they are measured on the same stretches in turn. */
async function fullWindows(names: readonly ContenderName[]): Promise<Scenario> {
  const running = names.map((name) => ({ name, process: startContender(name), ns: [] as number[], memoryMb: 0 }));
  const all: string[] = [];
  let isEqual = true;
  try {
    for (const one of running) for (let fed = 0; fed < warmEvents; fed += 20_000) await one.process.feed(20_000);
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
  const compared = againstOracle(engineByBytes(definition), interpreter(definition));
  const full = await fullWindows(['engine', 'engineByEntry', 'naive']);
  const alertsEqual = compared.alertsEqual && full.alertsEqual;
  const engineNsPerEvent = Math.round(compared.nsPerEvent['engine']?.median ?? NaN);
  const oracleNsPerEvent = Math.round(compared.nsPerEvent['oracle']?.median ?? NaN);
  const host = { cpu: cpus()[0]?.model ?? '', cores: cpus().length, memoryGb: Math.round(totalmem() / 2 ** 30), node: process.version, load: loadavg()[0] };
  const result = alertsEqual
    ? { alertsEqual, engineNsPerEvent, oracleNsPerEvent, ratio: Math.round((10 * oracleNsPerEvent) / engineNsPerEvent) / 10, scenarios: [compared, full], host }
    : { alertsEqual, scenarios: [compared, full].map(({ name, alertsEqual: isEqual }) => ({ name, alertsEqual: isEqual })) };
  process.stdout.write(isJson ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, undefined, 2)}\n`);
  return alertsEqual ? 0 : 1;
}

process.exitCode = await main();
