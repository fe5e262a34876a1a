import type { LogReader } from '@weir/stream-core';
import { defaultEngineOptions, type EngineOptions, type RuleEngine } from '@weir/rule-engine';
import type { EngineMaker } from './engine-maker.js';
import type { ListHistory } from './list-history.js';
import type { RuleSet } from './rule-set.js';

export interface WarmingStart {
  readonly ruleSet: RuleSet;
  readonly lists: ListHistory;
  /** Largest ts of the log up to where the warming is asked for. */
  readonly maxTs: number;
  readonly historySince: number;
  readonly options: Partial<EngineOptions>;
}

/**
 * An engine for another rule set, brought up to date by replaying the log over the longest span; what fires is dropped.
 *
 * The replay begins at the first entry that an event which is not late yet could still see:
 * largest ts - maxOutOfOrderness - longest span. List changes before that are told first, as they stand.
 */
export class Warming {
  readonly engine: RuleEngine;
  readonly ruleSet: RuleSet;
  /** Next entry this engine has to be given. */
  nextSeq: number;

  private constructor(engine: RuleEngine, ruleSet: RuleSet, nextSeq: number) {
    this.engine = engine;
    this.ruleSet = ruleSet;
    this.nextSeq = nextSeq;
  }

  static async begin(log: LogReader, maker: EngineMaker, start: WarmingStart): Promise<Warming> {
    const options = { ...defaultEngineOptions, ...start.options, historySince: start.historySince };
    const engine = maker.create({ schema: start.ruleSet.schema, rules: start.ruleSet.rules, options });
    const fromTs = start.maxTs - options.maxOutOfOrdernessMs - start.ruleSet.longestSpanMs - 1;
    const fromSeq = Math.max(log.firstSeq(), fromTs > 0 ? await log.seqAfterTs(fromTs) : 1);
    for (const change of start.lists.before(fromSeq)) engine.apply(change);
    return new Warming(engine, start.ruleSet, fromSeq);
  }

  /** Replays what is durable and lies before `endSeq`; `pause` is called after each batch of the log. */
  async replayBefore(log: LogReader, endSeq: number, pause: () => Promise<void>): Promise<void> {
    if (this.nextSeq >= endSeq) return;
    for await (const entries of log.read(this.nextSeq)) {
      for (const entry of entries) {
        if (entry.seq >= endSeq) return;
        this.engine.apply(entry);
        this.nextSeq = entry.seq + 1;
      }
      await pause();
    }
  }
}
