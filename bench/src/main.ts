import { fileURLToPath } from 'node:url';
import { median, spread } from './measure.js';
import type { Spread } from './measure.js';
import { race } from './race.js';
import type { Course, RacerResult } from './race.js';
import { startProgram } from './rival-host.js';
import type { Program } from './rival-host.js';
import { ruleTexts, watchedMerchants } from './workload/rule-pack.js';
import { Traffic, longestWindowMs, trafficOfSize } from './workload/traffic.js';
import type { TrafficShape } from './workload/traffic.js';

const isQuick = process.argv.includes('--quick');
const isJson = process.argv.includes('--json');
const sizeAsked = process.argv.indexOf('--size');
const size = sizeAsked > 0 ? Number(process.argv[sizeAsked + 1]) : isQuick ? 0.002 : 1;
const say = (text: string): void => { process.stderr.write(`${text}\n`); };

const shape: TrafficShape = { ...trafficOfSize(size), ...isQuick ? { fraudShare: 0.1 } : {} };
/** Fifteen minutes and a little: every window is full. */
const warmEvents = Math.ceil(shape.eventsPerSecond * longestWindowMs / 1000 * 1.01);
const course: Course = { warmEvents, rounds: 5, roundEvents: isQuick ? 1_000 : 20_000 };

function program(file: string, args: readonly string[], heapMb: number): Program {
  return { command: process.execPath, args: [`--max-old-space-size=${heapMb}`, fileURLToPath(new URL(file, import.meta.url)), ...args] };
}
const programs = {
  engine: program('./engine-main.js', [JSON.stringify(shape)], 4_000),
  oracle: program('./oracle-main.js', [JSON.stringify(shape)], 8_000),
  naive: program('../rivals/naive-main.js', watchedMerchants(), 8_000),
};

/** How often each rule of the pack fired. */
function firedCounts(alerts: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map(ruleTexts().map(({ id }) => [id, 0]));
  for (const alert of alerts) { const rule = alert.split(' ')[1] ?? ''; counts.set(rule, (counts.get(rule) ?? 0) + 1); }
  return counts;
}

async function raceOf(names: readonly (keyof typeof programs)[]): Promise<readonly RacerResult[]> {
  const racers = await Promise.all(names.map(async (name) => ({ name, program: await startProgram(programs[name]) })));
  try {
    return await race(racers, new Traffic(shape), course, say);
  } finally {
    await Promise.all(racers.map(({ program: one }) => one.close()));
  }
}

const sameTexts = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((text, i) => text === b[i]);

const results = await raceOf(['oracle', 'engine', 'naive']);
const [expected, engine, naive] = results;
if (expected === undefined || engine === undefined || naive === undefined) throw new Error('three racers give three results');
const counts = firedCounts(expected.alerts);
const alertsEqual = results.every(({ alerts }) => sameTexts(alerts, expected.alerts));
const spreads: Record<string, Spread> = Object.fromEntries(results.map(({ name, nsPerEvent }) => [name, spread(nsPerEvent)]));
const ratio = median(naive.nsPerEvent.map((ns, i) => ns / (engine.nsPerEvent[i] ?? NaN)));
const result = alertsEqual ? { alertsEqual, alerts: expected.alerts.length, fired: Object.fromEntries(counts), spreads, ratio, memory: Object.fromEntries(results.map(({ name, memoryMb }) => [name, memoryMb])) } : { alertsEqual };
if (!alertsEqual) for (const { name, alerts } of results) say(`${name}: ${alerts.filter((one) => !expected.alerts.includes(one)).slice(0, 5).join('; ')} too many, ${expected.alerts.filter((one) => !alerts.includes(one)).slice(0, 5).join('; ')} missing`);
process.stdout.write(`${JSON.stringify(result, undefined, isJson ? undefined : 2)}\n`);
process.exitCode = alertsEqual ? 0 : 1;
