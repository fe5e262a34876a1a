import type { LogReader } from '@weir/stream-core';
import { defaultEngineOptions, type EngineOptions, type Migration, type RuleEngine } from '@weir/rule-engine';
import type { EngineMaker } from './engine-maker.js';
import type { ListHistory } from './list-history.js';
import type { RuleSetSwitch } from './messages.js';
import type { RuleSet } from './rule-set.js';

export interface WarmingStart {
  readonly ruleSet: RuleSet;
  readonly lists: ListHistory;
  /** Largest ts of the log up to where the warming is asked for. */
  readonly maxTs: number;
  readonly historySince: number;
  readonly options: Partial<EngineOptions>;
  /** The engine that runs, whose state the new one may go on with. */
  readonly from?: RuleEngine | undefined;
}

/**
 * An engine for another rule set, brought up to date beside the running one; what fires is dropped.
 *
 * What both rule sets count is taken over from the running engine, bit by bit; the log is replayed only for what it lacks,
 * so a release that changes nothing but thresholds replays nothing. Where nothing can be taken over (another schema, the first
 * rule set) the replay begins at the first entry that an event which is not late yet could still see: largest ts -
 * maxOutOfOrderness - longest span. List changes before that are told first, as they stand.
 */
export class Warming {
  readonly engine: RuleEngine;
  readonly ruleSet: RuleSet;
  /** Next entry this engine has to be given. */
  nextSeq: number;
  #migration: Migration | undefined;
  readonly #taken: Pick<RuleSetSwitch, 'kept' | 'warmed' | 'freed'>;
  #replayed = 0;

  private constructor(engine: RuleEngine, ruleSet: RuleSet, nextSeq: number, migration: Migration | undefined) {
    this.engine = engine;
    this.ruleSet = ruleSet;
    this.nextSeq = nextSeq;
    this.#migration = migration;
    this.#taken = { kept: migration?.kept ?? [], warmed: migration?.warmed ?? [], freed: migration?.freed ?? [] };
  }

  static async begin(log: LogReader, maker: EngineMaker, start: WarmingStart): Promise<Warming> {
    const options = { ...defaultEngineOptions, ...start.options, historySince: start.historySince };
    const definition = { schema: start.ruleSet.schema, rules: start.ruleSet.rules, options };
    const firstSeqAfter = async (ts: number): Promise<number> => Math.max(log.firstSeq(), ts > 0 ? await log.seqAfterTs(ts) : 1);
    const migration = start.from && maker.beginMigration?.(start.from, definition);
    if (migration && migration.replayAfterTs !== -Infinity) {
      const nextSeq = migration.replayAfterTs === Infinity ? migration.seq + 1 : Math.min(migration.seq + 1, await firstSeqAfter(migration.replayAfterTs));
      migration.copyBefore(nextSeq);
      return new Warming(migration.engine, start.ruleSet, nextSeq, migration);
    }
    migration?.abandon();
    const engine = maker.create(definition);
    const fromSeq = await firstSeqAfter(start.maxTs - options.maxOutOfOrdernessMs - start.ruleSet.longestSpanMs - 1);
    for (const change of start.lists.before(fromSeq)) engine.apply(change);
    return new Warming(engine, start.ruleSet, fromSeq, undefined);
  }

  /** What became of the state: for the operator. */
  switchAt(seq: number): RuleSetSwitch { return { seq, ...this.#taken, replayed: this.#replayed }; }

  /** Takes over what can be, then replays what is durable and lies before `endSeq`; `pause` is called after each bit. */
  async replayBefore(log: LogReader, endSeq: number, pause: () => Promise<void>): Promise<void> {
    if (this.#migration) await this.#takeOver(this.#migration, log, pause);
    await this.#replay(log, endSeq, pause);
  }

  async #takeOver(migration: Migration, log: LogReader, pause: () => Promise<void>): Promise<void> {
    this.#migration = undefined;
    try {
      while (migration.copy()) await pause();
      await this.#replay(log, migration.seq + 1, pause);
      while (migration.takeOver()) await pause();
    } finally {
      migration.abandon(); // without effect when it is over
    }
  }

  async #replay(log: LogReader, endSeq: number, pause: () => Promise<void>): Promise<void> {
    if (this.nextSeq >= endSeq) return;
    for await (const entries of log.read(this.nextSeq)) {
      for (const entry of entries) {
        if (entry.seq >= endSeq) return;
        this.engine.apply(entry);
        this.nextSeq = entry.seq + 1;
        this.#replayed += 1;
      }
      await pause();
    }
  }
}
