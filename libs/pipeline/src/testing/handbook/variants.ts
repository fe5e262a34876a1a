import { createHash, type Hash } from 'node:crypto';
import type { LogEvent } from '@weir/contracts';
import { createEngine, createInterpreter, restoreEngine, restoreInterpreter, type EngineDefinition, type EngineOptions, type RuleEngine } from '@weir/rule-engine';
import { runBacktest, type HistoryItem } from '../../backtest/run-backtest.js';
import type { EngineMaker } from '../../engine-host/engine-maker.js';
import type { HandbookRun } from './read-handbook.js';
import type { KnownAnswer, KnownAnswers } from './known-answers.js';

/** One way of running the rules that must not change their alerts. */
export interface Variant {
  readonly name: string;
  readonly engine: 'generated' | 'closures' | 'interpreter';
  readonly evaluation: EngineOptions['evaluation'];
  /** After these seqs the engine is written to bytes and a new one made from them. */
  readonly cutAfter?: ReadonlySet<number> | undefined;
  /** Order of arrival, as indexes of the run's items; default: as they stand. Seq is counted anew. */
  readonly order?: Int32Array | undefined;
  /** Bound of the order of arrival; default 1 minute. */
  readonly maxOutOfOrdernessMs?: number | undefined;
}

/** What a variant gave: counts by rule and combination; for each rule the SHA-256 over its alerts' ids in order, and its triggering events. */
export interface VariantResult {
  readonly answers: ReadonlyMap<string, KnownAnswer>;
  readonly digests: ReadonlyMap<string, string>;
  readonly triggers: ReadonlyMap<string, readonly LogEvent['id'][]>;
  /** CPU time of the process. */
  readonly cpuMs: number;
  /** Bytes of the snapshots it was restored from. */
  readonly snapshotBytes: readonly number[];
}

const makers: Readonly<Record<Variant['engine'], EngineMaker>> = {
  generated: { create: createEngine, restore: restoreEngine },
  closures: { create: (definition) => createEngine(withoutCodegen(definition)), restore: (definition, bytes) => restoreEngine(withoutCodegen(definition), bytes) },
  interpreter: { create: createInterpreter, restore: restoreInterpreter },
};

function withoutCodegen(definition: EngineDefinition): EngineDefinition { return { ...definition, options: { ...definition.options, codegen: false } }; }

const batchSize = 4_096;

/** Plays a run by the driver behind `weir backtest`. Alerts carry no evidence, as there. */
export async function playVariant(run: HandbookRun, known: KnownAnswers, variant: Variant): Promise<VariantResult> {
  const hashes = new Map<string, Hash>(known.rules.map((rule) => [rule, createHash('sha256')]));
  const triggers = new Map<string, string[]>(known.rules.map((rule) => [rule, []]));
  const snapshotBytes: number[] = [];
  const began = process.cpuUsage();
  const report = await runBacktest({
    rules: run.rules, schema: run.schema, combinations: known.combinations,
    options: { evaluation: variant.evaluation, maxOutOfOrdernessMs: variant.maxOutOfOrdernessMs ?? 60_000 },
    makeEngine: (definition) => cutEngine(makers[variant.engine], definition, variant.cutAfter ?? new Set(), (bytes) => { snapshotBytes.push(bytes); }),
    events: inBatches(run.items, variant.order),
    clock: () => performance.now(),
    onAlert: ({ rule, alertId, trigger }) => {
      hashes.get(rule)?.update(`${alertId}\n`);
      if (trigger !== undefined) triggers.get(rule)?.push(trigger.id);
    },
  });
  const { user, system } = process.cpuUsage(began);
  return {
    answers: new Map([...report.rules, ...report.combinations].map(({ rule, alerts, truePositives }) => [rule, { name: rule, alerts, fraud: truePositives }])),
    digests: new Map([...hashes].map(([rule, hash]) => [rule, hash.digest('hex')])),
    triggers, cpuMs: (user + system) / 1_000, snapshotBytes,
  };
}

async function* inBatches(items: readonly HistoryItem[], order: Int32Array | undefined): AsyncGenerator<readonly HistoryItem[]> {
  for (let from = 0; from < items.length; from += batchSize) {
    const to = Math.min(from + batchSize, items.length);
    yield await Promise.resolve(order === undefined ? items.slice(from, to) : Array.from(order.subarray(from, to), (index, i) => sequenced(items[index], from + i + 1)));
  }
}

function sequenced(item: HistoryItem | undefined, seq: number): HistoryItem {
  if (item === undefined) throw new RangeError(`seq ${seq}: the order names no entry`);
  return { ...item, entry: { ...item.entry, seq } };
}

/** An engine that is thrown away after each of the given seqs and goes on from its bytes. */
function cutEngine(maker: EngineMaker, definition: EngineDefinition, after: ReadonlySet<number>, onCut: (bytes: number) => void = () => undefined): RuleEngine {
  let engine = maker.create(definition);
  return {
    apply: (entry) => {
      const alerts = engine.apply(entry);
      if (after.has(entry.seq)) {
        const bytes = Uint8Array.from(engine.snapshot());
        onCut(bytes.length);
        const restored = maker.restore(definition, bytes);
        if (!restored.ok) throw new Error(`seq ${entry.seq}: ${restored.message}`);
        engine = restored.engine;
      }
      return alerts;
    },
    end: () => engine.end(),
    snapshot: () => engine.snapshot(),
    stats: () => engine.stats(),
  };
}
