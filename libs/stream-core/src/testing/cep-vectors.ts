/**
 * Apache Flink CEP's own tests as data: reads a vector (`conformance/flink-cep/FORMAT.md` describes it), builds the
 * pattern, runs the matcher and compares. The engine knows nothing of vectors; all knowledge of them is here.
 */
import { compilePattern, type Automaton } from '../cep/automaton.js';
import { Matcher, type Match, type TimedOut } from '../cep/matcher.js';
import type { AfterMatchStrategy, Condition, InnerContiguity, MatchView, Pattern, Repetition, Stage, StageContiguity } from '../cep/pattern.js';
import { ReorderBuffer } from '../time/reorder-buffer.js';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
interface VectorEvent { readonly ts: number; readonly [field: string]: Json }
interface VectorCondition { readonly op: string; readonly [key: string]: Json }
interface VectorQuantifier { readonly kind: string; readonly from: number; readonly to: number | null; readonly optional: boolean; readonly greedy: boolean; readonly innerContiguity?: InnerContiguity; readonly within?: { readonly ms: number; readonly mode: string } }
interface VectorStage { readonly name?: string; readonly group?: readonly VectorStage[]; readonly contiguity: StageContiguity; readonly where?: VectorCondition; readonly quantifier?: VectorQuantifier; readonly until?: VectorCondition }
type VectorStep = { readonly event: number } | { readonly watermark: number | 'max' } | { readonly checkpoint: true };
/** A conformance vector as its file has it: a pattern, events, and the matches that must come. */
export interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly events?: readonly VectorEvent[];
  readonly keyBy?: string;
  readonly tieBreak?: string;
  readonly feed?: readonly VectorStep[];
  readonly checkpointsBefore?: readonly number[];
  readonly pattern: readonly VectorStage[];
  readonly skip: { readonly strategy: string; readonly patternName?: string; readonly throwOnMiss?: boolean };
  readonly within?: { readonly ms: number; readonly mode: string; readonly stage?: string };
  readonly asserted?: string;
  readonly ordered?: boolean;
  readonly expected?: readonly (readonly number[])[];
  readonly expectedStages?: readonly Readonly<Record<string, readonly number[]>>[];
  readonly emittedAt?: readonly number[];
  readonly keyOrder?: readonly string[];
  readonly expectedTimeouts?: readonly { readonly stages: Readonly<Record<string, readonly number[]>>; readonly at: number }[];
  readonly expectedLate?: readonly number[];
  readonly openPartials?: { readonly advanceTo: number | null; readonly count: number };
  readonly indistinct?: readonly (readonly number[])[];
}
/** How a vector came out; `unsupported` names the feature that patterns here do not have. */
export type VectorResult = { readonly outcome: 'passed' } | { readonly outcome: 'failed'; readonly expected: string; readonly actual: string } | { readonly outcome: 'unsupported'; readonly feature: string };

/** Thrown where a vector asks for something that has no place in the pattern language here. */
class Unsupported extends Error {}

interface Numbered { readonly index: number; readonly event: VectorEvent }

const isRecord = (value: Json | undefined): value is { readonly [key: string]: Json } => typeof value === 'object' && value !== null && !Array.isArray(value);

function operand(source: Json | undefined): (event: Numbered, match: MatchView<Numbered>) => Json {
  if (!isRecord(source)) throw new Unsupported(`operand ${JSON.stringify(source)}`);
  if ('value' in source) return () => source['value'] ?? null;
  if (typeof source['ctx'] === 'string') {
    if (source['ctx'] !== 'timestamp') throw new Unsupported(`operand ctx ${source['ctx']}`);
    return (_event, match) => match.ts;
  }
  const add = source['add'];
  if (Array.isArray(add)) {
    const parts = add.map(operand);
    return (event, match) => parts.reduce((sum, part) => sum + Number(part(event, match)), 0);
  }
  const stage = String(source['of']);
  const first = source['first'];
  const last = source['last'];
  if (typeof first === 'string' || typeof last === 'string') {
    return (_event, match) => {
      const taken = match.taken(stage);
      const chosen = typeof first === 'string' ? taken[0] : taken.at(-1);
      if (chosen === undefined) throw new Error(`stage ${stage} has no event`);
      return chosen.event[typeof first === 'string' ? first : String(last)] ?? null;
    };
  }
  const field = source['field'];
  if (typeof source['agg'] === 'string') {
    const values = (match: MatchView<Numbered>) => match.taken(stage).map(({ event }) => Number(event[String(field)]));
    switch (source['agg']) {
      case 'count': return (_event, match) => match.taken(stage).length;
      case 'sum': return (_event, match) => values(match).reduce((sum, value) => sum + value, 0);
      case 'min': return (_event, match) => Math.min(...values(match));
      case 'max': return (_event, match) => Math.max(...values(match));
      case 'avg': return (_event, match) => values(match).reduce((sum, value) => sum + value, 0) / match.taken(stage).length;
      default: throw new Unsupported(`aggregate ${source['agg']}`);
    }
  }
  if (typeof field === 'string') return ({ event }) => event[field] ?? null;
  throw new Unsupported(`operand ${JSON.stringify(source)}`);
}

const comparisons: Readonly<Record<string, (a: Json, b: Json) => boolean>> = {
  eq: (a, b) => a === b, ne: (a, b) => a !== b,
  lt: (a, b) => Number(a) < Number(b), le: (a, b) => Number(a) <= Number(b), gt: (a, b) => Number(a) > Number(b), ge: (a, b) => Number(a) >= Number(b),
};

const conditionsOf = (value: Json | undefined): readonly VectorCondition[] => {
  if (!Array.isArray(value)) throw new Unsupported('and/or without args');
  return value as unknown as readonly VectorCondition[]; // the vector's own format: args are conditions
};

function condition(source: VectorCondition): Condition<Numbered> {
  const { op } = source;
  const compare = comparisons[op];
  if (compare !== undefined) {
    const left = 'left' in source ? operand(source['left']) : operand({ field: source['field'] ?? null });
    const right = 'right' in source ? operand(source['right']) : operand({ value: source['value'] ?? null });
    return (event, match) => compare(left(event, match), right(event, match));
  }
  switch (op) {
    case 'true': return () => true;
    case 'false': return () => false;
    case 'and': { const parts = conditionsOf(source['args']).map(condition); return (event, match) => parts.every((part) => part(event, match)); }
    case 'or': { const parts = conditionsOf(source['args']).map(condition); return (event, match) => parts.some((part) => part(event, match)); }
    case 'not': { const [part] = conditionsOf([source['arg'] ?? null]).map(condition); return (event, match) => part !== undefined && !part(event, match); }
    case 'startsWith': return ({ event }) => String(event[String(source['field'])]).startsWith(String(source['value']));
    case 'endsWith': return ({ event }) => String(event[String(source['field'])]).endsWith(String(source['value']));
    case 'contains': return ({ event }) => String(event[String(source['field'])]).includes(String(source['value']));
    case 'type': return ({ event }) => event['type'] === source['value'];
    default: throw new Unsupported(`condition ${op}`);
  }
}

function repetitionOf(quantifier: VectorQuantifier): Repetition | undefined {
  if (quantifier.kind === 'one') return undefined;
  if (!['oneOrMore', 'times', 'timesOrMore'].includes(quantifier.kind)) throw new Unsupported(`quantifier ${quantifier.kind}`);
  return { from: quantifier.from, to: quantifier.to, inner: quantifier.innerContiguity ?? 'relaxed', greedy: quantifier.greedy, withinPreviousMs: quantifier.within?.ms };
}

function stageOf(source: VectorStage, within: Vector['within']): Stage<Numbered> {
  const repetition = source.quantifier === undefined ? undefined : repetitionOf(source.quantifier);
  const base = { contiguity: source.contiguity, optional: source.quantifier?.optional === true, repetition, until: source.until === undefined ? undefined : condition(source.until) };
  if (source.group !== undefined) return { ...base, kind: 'group', stages: source.group.map((inner) => stageOf(inner, within)) };
  const ownWindow = within?.mode === 'PREVIOUS_AND_CURRENT' && within.stage === source.name ? within.ms : undefined;
  return { ...base, kind: 'stage', name: source.name ?? '', where: source.where === undefined ? undefined : condition(source.where), withinPreviousMs: ownWindow };
}

function afterMatchOf({ strategy, patternName, throwOnMiss }: Vector['skip']): AfterMatchStrategy {
  if (strategy === 'skipToFirst' || strategy === 'skipToLast') return { kind: strategy, stage: patternName ?? '', failIfMissing: throwOnMiss === true };
  if (strategy === 'noSkip' || strategy === 'skipToNext' || strategy === 'skipPastLastEvent') return { kind: strategy };
  throw new Unsupported(`skip strategy ${strategy}`);
}

function patternOf(vector: Vector): Pattern<Numbered> {
  const whole = vector.within?.mode === 'PREVIOUS_AND_CURRENT' ? undefined : vector.within?.ms;
  if (vector.within !== undefined && !['FIRST_AND_LAST', 'PREVIOUS_AND_CURRENT'].includes(vector.within.mode)) throw new Unsupported(`within ${vector.within.mode}`);
  return { stages: vector.pattern.map((stage) => stageOf(stage, vector.within)), withinMs: whole, afterMatch: afterMatchOf(vector.skip) };
}

interface Run { readonly matches: { readonly match: Match<Numbered>; readonly at: number }[]; readonly timeouts: TimedOut<Numbered>[]; readonly late: number[]; open: number }

/** All keys' matchers; a checkpoint goes through text and back, so nothing but plain data can survive. */
class Matchers {
  private byKey = new Map<string, Matcher<Numbered>>();
  constructor(private readonly automaton: Automaton<Numbered>, private readonly vector: Vector, private readonly run: Run) {}

  private of(event: VectorEvent): Matcher<Numbered> {
    const key = this.vector.keyBy === undefined ? '' : JSON.stringify(event[this.vector.keyBy]);
    let matcher = this.byKey.get(key);
    if (matcher === undefined) this.byKey.set(key, matcher = new Matcher(this.automaton, afterMatchOf(this.vector.skip)));
    return matcher;
  }
  offer(numbered: Numbered, ts: number): void {
    const matcher = this.of(numbered.event);
    this.collect(matcher, ts);
    for (const match of matcher.process(numbered, ts)) this.run.matches.push({ match, at: ts });
  }
  advance(ts: number): void {
    for (const matcher of this.byKey.values()) this.collect(matcher, ts);
  }
  private collect(matcher: Matcher<Numbered>, ts: number): void {
    const { matches, timedOut } = matcher.advance(ts);
    for (const match of matches) this.run.matches.push({ match, at: ts });
    this.run.timeouts.push(...timedOut);
  }
  checkpoint(): void {
    for (const [key, matcher] of this.byKey) {
      const copy = JSON.parse(JSON.stringify(matcher.snapshot())) as ReturnType<Matcher<Numbered>['snapshot']>; // what was just written
      this.byKey.set(key, Matcher.restore(this.automaton, afterMatchOf(this.vector.skip), copy));
    }
  }
  open(): number { return [...this.byKey.values()].reduce((sum, matcher) => sum + matcher.openMatches(), 0); }
}

function runMatch(vector: Vector, matchers: Matchers): void {
  for (const [index, event] of (vector.events ?? []).entries()) {
    if (vector.checkpointsBefore?.includes(index) === true) matchers.checkpoint();
    matchers.offer({ index, event }, event.ts);
  }
}

function runEventTime(vector: Vector, matchers: Matchers, run: Run): void {
  const events = vector.events ?? [];
  const { tieBreak } = vector;
  const buffer = new ReorderBuffer<Numbered>((a, b) => (tieBreak === undefined ? 0 : Number(a.event[tieBreak]) - Number(b.event[tieBreak])));
  for (const step of vector.feed ?? []) {
    if ('event' in step) {
      const event = events[step.event];
      if (event !== undefined && !buffer.add({ index: step.event, event }, event.ts)) run.late.push(step.event);
    } else if ('watermark' in step) {
      const watermark = step.watermark === 'max' ? Number.POSITIVE_INFINITY : step.watermark;
      for (const { ts, event } of buffer.advance(watermark)) matchers.offer(event, ts);
      matchers.advance(watermark);
    } else matchers.checkpoint();
  }
}

const sorted = (values: readonly string[]): readonly string[] => [...values].sort();

function compare(vector: Vector, run: Run): VectorResult {
  const lowest = new Map<number, number>();
  for (const group of vector.indistinct ?? []) for (const index of group) lowest.set(index, Math.min(...group));
  const plain = (index: number): number => lowest.get(index) ?? index;
  const stagesText = (entries: Iterable<readonly [string, readonly number[]]>): string => JSON.stringify([...entries].map(([stage, indices]) => [stage, indices.map(plain)] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
  const ofMatch = (match: Match<Numbered>) => stagesText([...match.stages].map(([stage, events]) => [stage, events.map(({ index }) => index)] as const));
  const claims: { readonly what: string; readonly expected: readonly string[]; readonly actual: readonly string[] }[] = [];
  const order = vector.ordered === true ? (values: readonly string[]) => values : sorted;
  claims.push({ what: 'matches', expected: order((vector.expectedStages ?? []).map((stages) => stagesText(Object.entries(stages)))), actual: order(run.matches.map(({ match }) => ofMatch(match))) });
  if (vector.emittedAt !== undefined) {
    claims.push({ what: 'emittedAt', expected: sorted((vector.expectedStages ?? []).map((stages, i) => `${vector.emittedAt?.[i]} ${stagesText(Object.entries(stages))}`)), actual: sorted(run.matches.map(({ match, at }) => `${at} ${ofMatch(match)}`)) });
  }
  if (vector.keyOrder !== undefined) claims.push({ what: 'keyOrder', expected: run.matches.map(() => JSON.stringify(vector.keyOrder)), actual: run.matches.map(({ match }) => JSON.stringify([...match.stages.keys()])) });
  if (vector.expectedTimeouts !== undefined) {
    claims.push({ what: 'timeouts', expected: sorted(vector.expectedTimeouts.map(({ stages, at }) => `${at} ${stagesText(Object.entries(stages))}`)), actual: sorted(run.timeouts.map((timeout) => `${timeout.at} ${ofMatch(timeout)}`)) });
  }
  if (vector.expectedLate !== undefined) claims.push({ what: 'late', expected: sorted(vector.expectedLate.map(String)), actual: sorted(run.late.map(String)) });
  if (vector.openPartials !== undefined) claims.push({ what: 'open partial matches', expected: [String(vector.openPartials.count)], actual: [String(run.open)] });
  const wrong = claims.find(({ expected, actual }) => JSON.stringify(expected) !== JSON.stringify(actual));
  return wrong === undefined ? { outcome: 'passed' } : { outcome: 'failed', expected: `${wrong.what} ${wrong.expected.join(' ')}`, actual: `${wrong.what} ${wrong.actual.join(' ')}` };
}

/** Runs one vector. Never throws. */
export function runVector(vector: Vector): VectorResult {
  try {
    const pattern = patternOf(vector);
    const compiled = compilePattern(pattern);
    if (vector.kind === 'invalid') return compiled.ok ? { outcome: 'failed', expected: 'refused', actual: 'compiled' } : { outcome: 'passed' };
    if (!compiled.ok) return { outcome: 'failed', expected: 'a valid pattern', actual: compiled.problems.map(({ message }) => message).join('; ') };
    const run: Run = { matches: [], timeouts: [], late: [], open: 0 };
    const matchers = new Matchers(compiled.automaton, vector, run);
    try {
      if (vector.kind === 'eventTime') runEventTime(vector, matchers, run);
      else if (vector.kind === 'match' || vector.kind === 'runtimeError') runMatch(vector, matchers);
      else throw new Unsupported(`kind ${vector.kind}`);
    } catch (error) {
      if (error instanceof Unsupported || vector.kind !== 'runtimeError') throw error;
      return { outcome: 'passed' };
    }
    if (vector.kind === 'runtimeError') return { outcome: 'failed', expected: 'an error while feeding', actual: 'no error' };
    if (vector.openPartials?.advanceTo !== undefined && vector.openPartials.advanceTo !== null) {
      const before = { matches: run.matches.length, timeouts: run.timeouts.length };
      matchers.advance(vector.openPartials.advanceTo);
      run.matches.length = before.matches;
      run.timeouts.length = before.timeouts;
    }
    run.open = matchers.open();
    return compare(vector, run);
  } catch (error) {
    if (error instanceof Unsupported) return { outcome: 'unsupported', feature: error.message };
    return { outcome: 'failed', expected: 'a result', actual: error instanceof Error ? error.message : String(error) };
  }
}
