import type { EngineStats } from '@weir/rule-engine';
import type { BenchmarkPlan } from './benchmark-plan.js';
import type { Checkpoint } from './checkpoint.js';
import type { Latency } from './latency.js';
import { median, spread } from './measure.js';
import type { Spread } from './measure.js';
import { engineProgram, jvmProgram, naiveProgram, oracleProgram, redisProgram } from './programs.js';
import type { Availability } from './programs.js';
import { race } from './race.js';
import type { Course, Entrant, Result } from './race.js';
import { ProgramEnded } from './rival-host.js';
import type { RunningProgram } from './rival-host.js';
import { slowdown } from './workload/rule-variants.js';
import { ruleTexts } from './workload/rule-pack.js';
import type { Traffic } from './workload/traffic.js';

export const rivalNames = ['naive', 'redis', 'java', 'esper', 'siddhi'] as const;
export type RivalName = (typeof rivalNames)[number];

export interface Scenario {
  readonly name: string;
  readonly events: number;
  readonly alerts: number;
  readonly alertsEqual: boolean;
  /** Median of the rounds. */
  readonly engineNsPerEvent: number;
  readonly engineSpread: Spread;
  /** Median of the rounds, ns per event; null: not run, see `absent`. */
  readonly rivals: Readonly<Record<RivalName, number | null>>;
  readonly rivalSpreads: Readonly<Partial<Record<RivalName, Spread>>>;
  /** Rival to engine, round by round, in the race of those two. */
  readonly ratios: Readonly<Partial<Record<RivalName, Spread>>>;
  readonly absent: Readonly<Partial<Record<RivalName, string>>>;
  readonly memoryMb: Readonly<Record<string, number>>;
  /** What the engine costs here in terms of another task, round by round. */
  readonly cost?: { readonly comparedWith: string; readonly times: Spread; readonly atMost: number };
  /** Alerts by rule, of the first scenario. */
  readonly fired?: Readonly<Record<string, number>>;
}

export interface BenchmarkResult {
  readonly alertsEqual: boolean;
  readonly everyRuleFires: boolean;
  readonly scenarios: readonly Scenario[];
  readonly latencyUs?: Latency;
  readonly memory?: { readonly bytesPerLiveEvent: number; readonly stateBytes: number; readonly liveEvents: number; readonly keys: number; readonly rssMb: number };
  readonly checkpoint?: Checkpoint;
}

type Say = (text: string) => void;
/** Where two sides found different alerts. */
interface Comparison { readonly isEqual: boolean; readonly difference: string }

/**
 * All scenarios, one after the other, each in processes of its own. Figures of a scenario whose alerts differ are left out, and no later
 * one is run.
 */
export async function runBenchmark(plan: BenchmarkPlan, say: Say): Promise<BenchmarkResult> {
  const measured: Pick<BenchmarkResult, 'latencyUs' | 'memory' | 'checkpoint'>[] = [];
  const scenarios: Scenario[] = [];
  let everyRuleFires = true;
  for (const make of [fullWindows, manyRules, manyCards, longWindows]) {
    const made = await make(plan, say);
    if (made.scenarios.some(({ alertsEqual }) => !alertsEqual)) return { alertsEqual: false, everyRuleFires, scenarios: [] };
    for (const scenario of made.scenarios) {
      const silent = Object.entries(scenario.fired ?? {}).filter(([, alerts]) => alerts < plan.leastFired);
      for (const [rule, alerts] of silent) say(`  ${rule} fired ${alerts} times, less than ${plan.leastFired}: its equality proves nothing`);
      everyRuleFires = silent.length === 0;
      if (!everyRuleFires) return { alertsEqual: true, everyRuleFires, scenarios: [] };
      scenarios.push(scenario);
      sayFigures(scenario, say);
    }
    if (made.figures !== undefined) measured.push(made.figures);
  }
  return { alertsEqual: true, everyRuleFires, scenarios, ...measured[0] };
}

/** Alerts are equal, so the figures may be told. */
function sayFigures({ name, alerts, engineSpread, ratios, cost }: Scenario, say: Say): void {
  say(`  ${name}: ${alerts.toLocaleString('en')} alerts, equal; engine ${engineSpread.median.toLocaleString('en')} ns an event (${engineSpread.min.toLocaleString('en')} to ${engineSpread.max.toLocaleString('en')})`);
  for (const [rival, { median: middle, min, max }] of Object.entries(ratios)) say(`  ${rival}: ${middle} times that (${min} to ${max})`);
  if (cost !== undefined) say(`  ${cost.times.median} times ${cost.comparedWith} (${cost.times.min} to ${cost.times.max}), at most ${cost.atMost}`);
}

interface Made { readonly scenarios: readonly Scenario[]; readonly figures?: Pick<BenchmarkResult, 'latencyUs' | 'memory' | 'checkpoint'> }

/** The pack over full windows, from bytes and from columns, beside the oracle and all rivals. */
async function fullWindows(plan: BenchmarkPlan, say: Say): Promise<Made> {
  const { shape } = plan;
  const name = 'full windows, 20+4 rules';
  const engine: Entrant = { name: 'engine', shape, program: engineProgram({ shape, pack: 'usual', from: 'bytes' }) };
  let figures: Made['figures'];
  say(`${name}: engine and naive service, the oracle as judge`);
  const results = await race([
    { name: 'oracle', shape, program: oracleProgram({ shape, pack: 'usual', from: 'bytes' }), isJudge: true },
    engine,
    { name: 'columns', shape, program: engineProgram({ shape, pack: 'usual', from: 'columns' }) },
    { name: 'naive', shape, program: naiveProgram() },
  ], { warmEvents: plan.warmEvents, judgedEvents: 0, rounds: plan.rounds, roundEvents: plan.roundEvents, judgesAll: true }, say,
  async (programs, traffic) => { figures = await engineFigures(programs.get('engine'), traffic, plan); });
  const [oracle, own, columns, naive] = results as [Result, Result, Result, Result]; // in order of the entrants
  const comparisons = [compare(own, oracle), compare(columns, oracle), compare(naive, oracle)];
  const others = await otherRaces(plan, engine, oracle, comparisons, say);
  for (const { difference } of comparisons) if (difference !== '') say(`  ${difference}`);
  const alerts = oracle.alerts.flat();
  const common = { events: plan.rounds * plan.roundEvents, alerts: alerts.length, isEqual: comparisons.every(({ isEqual }) => isEqual) };
  const scenarios = [
    { ...scenarioOf({ ...common, name: `${name}, from bytes`, own, rivals: { naive: raced(naive, own), ...others.rivals }, absent: others.absent, memoryMb: { engine: own.memoryMb } }), fired: firedCounts(alerts) },
    scenarioOf({ ...common, name: `${name}, from decoded columns`, own: columns, rivals: { naive: raced(naive, columns) }, absent: Object.fromEntries(rivalNames.filter((one) => one !== 'naive').map((one) => [one, 'raced from bytes'])), memoryMb: { engine: columns.memoryMb } }),
  ];
  return { scenarios, ...figures === undefined ? {} : { figures } };
}

/** The rivals that run beside the engine alone, one after the other. Their comparisons are added to those so far; none runs once one has failed. */
async function otherRaces(plan: BenchmarkPlan, engine: Entrant, oracle: Result, comparisons: Comparison[], say: Say): Promise<{ readonly rivals: Readonly<Record<string, Raced>>; readonly absent: Readonly<Partial<Record<RivalName, string>>> }> {
  const rivals: Record<string, Raced> = {};
  const absent: Partial<Record<RivalName, string>> = {};
  for (const { name, availability, isThinned } of otherRivals(plan)) {
    if ('absent' in availability) {
      absent[name] = availability.absent;
      say(`  ${name}: not run, ${availability.absent}`);
      continue;
    }
    if (comparisons.some(({ isEqual }) => !isEqual)) break;
    say(`engine and ${name}`);
    const course: Course = { warmEvents: plan.warmEvents, judgedEvents: 0, rounds: plan.rounds, roundEvents: isThinned ? plan.slowRoundEvents : plan.roundEvents, judgesAll: false };
    let results: readonly Result[];
    try {
      results = await race([engine, { name, shape: plan.shape, program: availability.program, isThinned }], course, say);
    } catch (error) {
      if (!(error instanceof ProgramEnded) || error.program !== availability.program) throw error;
      absent[name] = error.message;
      say(`  ${name}: no figures, ${error.message}`);
      continue;
    }
    const [beside, other] = results as [Result, Result]; // in order of the entrants
    comparisons.push(compare(other, beside));
    if (!isThinned) comparisons.push(compare(beside, oracle));
    rivals[name] = raced(other, beside);
  }
  return { rivals, absent };
}

function otherRivals({ withJvm }: BenchmarkPlan): readonly { name: RivalName; availability: Availability; isThinned: boolean }[] {
  return [
    { name: 'redis', availability: redisProgram(), isThinned: true },
    { name: 'java', availability: jvmProgram('java', withJvm), isThinned: false },
    { name: 'esper', availability: jvmProgram('esper', withJvm), isThinned: true },
    { name: 'siddhi', availability: jvmProgram('siddhi', withJvm), isThinned: true },
  ];
}

/** 2,000 rules against the pack: same traffic, same alerts of the pack's rules. */
async function manyRules(plan: BenchmarkPlan, say: Say): Promise<Made> {
  const { shape } = plan;
  const name = `${plan.manyRules.toLocaleString('en')} rules`;
  say(`${name} against the pack`);
  const [few, many] = await race([
    { name: 'pack', shape, program: engineProgram({ shape, pack: 'usual', from: 'bytes' }) },
    { name: 'many', shape, program: engineProgram({ shape, pack: plan.manyRules, from: 'bytes' }) },
  ], { warmEvents: plan.warmEvents, judgedEvents: 0, rounds: plan.rounds, roundEvents: plan.roundEvents, judgesAll: false }, say) as [Result, Result]; // in order of the entrants
  const ofPack = new Set(ruleTexts().map(({ id }) => id));
  const { isEqual, difference } = compare({ ...many, alerts: many.alerts.map((some) => some.filter((alert) => ofPack.has(alert.split(' ')[1] ?? ''))) }, few);
  if (!isEqual) say(`  ${difference}`);
  return { scenarios: [{ ...scenarioOf({ name, own: many, events: plan.rounds * plan.roundEvents, alerts: many.alerts.flat().length, isEqual, memoryMb: { engine: many.memoryMb } }), cost: { comparedWith: 'the 24 rules of the pack', times: times(many, few), atMost: 3 } }] };
}

/** Ten times the cards at the same rate: the same windows over colder memory. */
async function manyCards(plan: BenchmarkPlan, say: Say): Promise<Made> {
  const shape = { ...plan.shape, cards: plan.shape.cards * 10 };
  const name = `${shape.cards.toLocaleString('en')} cards`;
  say(`${name} against ${plan.shape.cards.toLocaleString('en')}`);
  const entrants: readonly Entrant[] = [
    { name: 'fewer', shape: plan.shape, program: engineProgram({ shape: plan.shape, pack: 'usual', from: 'bytes' }) },
    { name: 'more', shape, program: engineProgram({ shape, pack: 'usual', from: 'bytes' }) },
    { name: 'oracle', shape, program: oracleProgram({ shape, pack: 'usual', from: 'bytes' }), isThinned: true, isJudge: true },
  ];
  const [few, many, oracle] = await race(entrants, judgedCourse(plan), say) as [Result, Result, Result]; // in order of the entrants
  const { isEqual, difference } = compare(many, oracle);
  if (!isEqual) say(`  ${difference}`);
  return { scenarios: [{ ...scenarioOf({ name, own: many, events: plan.rounds * plan.roundEvents, alerts: many.alerts.flat().length, isEqual, memoryMb: { engine: many.memoryMb } }), cost: { comparedWith: `${plan.shape.cards.toLocaleString('en')} cards`, times: times(many, few), atMost: 2.5 } }] };
}

/** The same events on a clock 8,640 times as slow under windows 8,640 times as long: 5 minutes become 30 days, as many events are live. */
async function longWindows(plan: BenchmarkPlan, say: Say): Promise<Made> {
  const shape = { ...plan.shape, slowdown };
  const name = '30-day windows (6, 30, 90 days)';
  say(`${name} against 1, 5, 15 minutes`);
  const entrants: readonly Entrant[] = [
    { name: 'minutes', shape: plan.shape, program: engineProgram({ shape: plan.shape, pack: 'usual', from: 'bytes' }) },
    { name: 'days', shape, program: engineProgram({ shape, pack: 'slowed', from: 'bytes' }) },
    { name: 'oracle', shape, program: oracleProgram({ shape, pack: 'slowed', from: 'bytes' }), isThinned: true, isJudge: true },
  ];
  const [minutes, days, oracle] = await race(entrants, judgedCourse(plan), say) as [Result, Result, Result]; // in order of the entrants
  const { isEqual, difference } = compare(days, oracle);
  if (!isEqual) say(`  ${difference}`);
  return { scenarios: [{ ...scenarioOf({ name, own: days, events: plan.rounds * plan.roundEvents, alerts: days.alerts.flat().length, isEqual, memoryMb: { engine: days.memoryMb } }), cost: { comparedWith: 'windows of 1, 5, 15 minutes', times: times(days, minutes), atMost: 1.3 } }] };
}

function judgedCourse({ warmEvents, judgedEvents, rounds, roundEvents }: BenchmarkPlan): Course {
  return { warmEvents, judgedEvents, rounds, roundEvents, judgesAll: false };
}

/** Memory, latency at half of what was measured, and a checkpoint of the full state. */
async function engineFigures(engine: RunningProgram | undefined, traffic: Traffic, plan: BenchmarkPlan): Promise<NonNullable<Made['figures']>> {
  if (engine === undefined) throw new Error('the engine takes part');
  const trial = await engine.feed(traffic.next(plan.roundEvents).bytes);
  const ratePerSecond = 1e9 / (trial.cpuNs / plan.roundEvents) / 2;
  const stats = await engine.ask('stats') as EngineStats & { readonly rssMb: number }; // what `engine-main` answers, here and below
  const latencyUs = await engine.ask('latency', traffic.next(Math.ceil(ratePerSecond * plan.latencySeconds)).bytes, String(ratePerSecond)) as Latency;
  const checkpoint = await engine.ask('checkpoint', traffic.next(20 * plan.roundEvents).bytes) as Checkpoint;
  const { stateBytes, windowEvents, keys, rssMb } = stats;
  return { latencyUs, checkpoint, memory: { bytesPerLiveEvent: Math.round(stateBytes / windowEvents), stateBytes, liveEvents: windowEvents, keys, rssMb } };
}

interface Raced { readonly ns: Spread; readonly ratio: Spread; readonly memoryMb: number }
function raced(rival: Result, engine: Result): Raced { return { ns: spread(rival.nsPerEvent), ratio: times(rival, engine), memoryMb: rival.memoryMb }; }
function times(one: Result, other: Result): Spread { return spread(one.nsPerEvent.map((ns, i) => ns / (other.nsPerEvent[i] ?? NaN)), 2); }

function scenarioOf({ name, own, events, alerts, isEqual, rivals = {}, absent = {}, memoryMb }: { name: string; own: Result; events: number; alerts: number; isEqual: boolean; rivals?: Readonly<Record<string, Raced>>; absent?: Readonly<Partial<Record<RivalName, string>>>; memoryMb: Readonly<Record<string, number>> }): Scenario {
  const entries = Object.entries(rivals);
  return {
    name, events, alerts, alertsEqual: isEqual,
    engineNsPerEvent: Math.round(median(own.nsPerEvent)), engineSpread: spread(own.nsPerEvent),
    rivals: Object.fromEntries(rivalNames.map((rival) => [rival, rivals[rival]?.ns.median ?? null])) as Scenario['rivals'], // each name once
    rivalSpreads: Object.fromEntries(entries.map(([rival, { ns }]) => [rival, ns])),
    ratios: Object.fromEntries(entries.map(([rival, { ratio }]) => [rival, ratio])),
    absent, memoryMb: { ...memoryMb, ...Object.fromEntries(entries.map(([rival, { memoryMb: own }]) => [rival, own])) },
  };
}

/** Of the stretches that both took. */
function compare(one: Result, other: Result): Comparison {
  for (let i = 0; i < Math.min(one.alerts.length, other.alerts.length); i++) {
    const [own, expected] = [new Set(one.alerts[i]), new Set(other.alerts[i])];
    if ((one.alerts[i]?.length ?? 0) === (other.alerts[i]?.length ?? 0) && [...own].every((alert) => expected.has(alert))) continue;
    const more = [...own].filter((alert) => !expected.has(alert));
    const less = [...expected].filter((alert) => !own.has(alert));
    return { isEqual: false, difference: `${one.name} and ${other.name} differ in stretch ${i}: ${more.length} more (${more.slice(0, 3).join('; ')}), ${less.length} missing (${less.slice(0, 3).join('; ')})` };
  }
  return { isEqual: true, difference: '' };
}

function firedCounts(alerts: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map(ruleTexts().map(({ id }) => [id, 0]));
  for (const alert of alerts) { const rule = alert.split(' ')[1] ?? ''; counts.set(rule, (counts.get(rule) ?? 0) + 1); }
  return Object.fromEntries(counts);
}
