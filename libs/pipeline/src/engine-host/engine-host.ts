import type { Alert, LogEntry, RuleSetChange } from '@weir/contracts';
import { defaultEngineOptions, type EngineOptions, type RuleEngine } from '@weir/rule-engine';
import type { CheckpointStore, LogReader } from '@weir/stream-core';
import { AlertOutbox } from './alert-outbox.js';
import { CheckpointSchedule, type CheckpointRate } from './checkpoint-schedule.js';
import type { EngineMaker } from './engine-maker.js';
import { EvalTimes } from './eval-times.js';
import { ListHistory } from './list-history.js';
import type { FromEngine, HostStats, RuleSetDraft, RuleSetSwitch, ToEngine } from './messages.js';
import { RecentAlerts } from './recent-alerts.js';
import { recover } from './recover.js';
import { compileRuleSet, isSameRuleSet, type RuleCompiler, type RuleSet } from './rule-set.js';
import { explainedFailure } from './state-too-large.js';
import { Warming } from './warming.js';

/** A log that somebody else writes: `advance` passes on what the writer says is durable. */
export interface FollowedLog extends LogReader { advance(seq: number): void }

export interface EngineHostDefinition {
  readonly log: FollowedLog;
  readonly checkpoints: CheckpointStore;
  readonly maker: EngineMaker;
  readonly compiler: RuleCompiler;
  readonly engineOptions: Partial<EngineOptions>;
  readonly checkpointRate: CheckpointRate;
  /** Alerts up to here are in the case store. A checkpoint beyond it is not used: its alerts would be missing. */
  readonly storedSeq: number;
  /** Last durable entry when the host starts. */
  readonly durableSeq: number;
  readonly post: (message: FromEngine) => void;
  /** Monotonic, ms with fractions. */
  readonly clock: () => number;
  /** Lets messages and finished I/O in, then goes on. */
  readonly nextTurn: () => Promise<void>;
}

const entriesPerTurn = 256;
const turnMs = 5;
const statsEveryMs = 1_000;

/**
 * The engine's side of the live pipeline: follows the log, evaluates, sends alerts, keeps checkpoints.
 *
 * One loop owns all state; messages only set what the loop looks at between two turns. Memory is bounded: at most a few
 * alert batches are under way, then the loop stops reading the log until the case store has caught up.
 *
 * A `rules` entry switches engines between two events: the new one was prepared beside the old one, or is warmed there
 * and then. So state at seq is a function of the log up to seq.
 */
export class EngineHost {
  readonly #definition: EngineHostDefinition;
  readonly #options: EngineOptions;
  readonly #outbox: AlertOutbox;
  readonly #checkpoints: CheckpointSchedule;
  readonly #recent = new RecentAlerts();
  readonly #times = new EvalTimes();
  #lists = new ListHistory();
  #engine: RuleEngine | undefined;
  #ruleSet: RuleSet | undefined;
  #ruleSetEntry: RuleSetChange | undefined;
  #prepared: { readonly draft: RuleSetDraft; readonly warming: Warming } | undefined;
  #toPrepare: { readonly token: number; readonly draft: RuleSetDraft } | undefined;
  #historySince: number | undefined;
  #ruleSetSwitch: HostStats['ruleSetSwitch'];
  #state: HostStats['state'] = 'starting';
  #appliedSeq = 0;
  #maxTs = 0;
  #durableSeq = 0;
  #evaluated = 0;
  #alerts = 0;
  #statsAt = -Infinity;
  #stopping = false;
  #wake: (() => void) | undefined;

  constructor(definition: EngineHostDefinition) {
    this.#definition = definition;
    this.#options = { ...defaultEngineOptions, ...definition.engineOptions };
    this.#outbox = new AlertOutbox(definition.post, definition.clock, definition.storedSeq);
    this.#checkpoints = new CheckpointSchedule(definition.checkpointRate, definition.checkpoints, definition.post, definition.clock, () => this.#wake?.());
  }

  /** Takes a message of the main thread; never blocks. */
  receive(message: ToEngine): void {
    switch (message.kind) {
      case 'durable': this.#advance(message.seq); break;
      case 'stored':
        this.#outbox.stored(message.batch, message.throughSeq);
        this.#checkpoints.stored(message.throughSeq);
        break;
      case 'decide': this.#decide(message.seq); break;
      case 'prepare': this.#toPrepare = message; break;
      case 'stop': this.#stopping = true; break;
    }
    this.#wake?.();
  }

  /** Called about once a second: what is due by time happens on a quiet log too. */
  tick(): void { this.#wake?.(); }

  /** Recovers, then follows the log until told to stop. Rejects on a failure that the thread does not survive. */
  async run(): Promise<void> {
    try {
      await this.#run();
    } catch (cause) {
      throw explainedFailure(cause, this.#engine?.stats());
    }
  }

  async #run(): Promise<void> {
    await this.#recover();
    this.#state = 'running';
    this.#sendStats();
    while (!this.#stopping) {
      if (this.#toPrepare) await this.#prepare();
      if (this.#appliedSeq < this.#durableSeq) await this.#followLog();
      this.#outbox.flush();
      this.#maintain();
      if (this.#appliedSeq < this.#durableSeq || this.#toPrepare || this.#stopping) continue;
      await (this.#checkpoints.wantsSlice ? this.#definition.nextTurn() : this.#sleep());
    }
    await this.#finish();
  }

  #advance(seq: number): void {
    if (seq <= this.#durableSeq) return;
    this.#durableSeq = seq;
    this.#definition.log.advance(seq);
  }

  stats(): HostStats {
    const stats = this.#engine?.stats();
    const { p50, p99 } = this.#times.quantiles();
    return {
      state: this.#state, seq: this.#appliedSeq, maxTs: this.#maxTs, keys: stats?.keys ?? 0, windowEvents: stats?.windowEvents ?? 0, stateBytes: stats?.stateBytes ?? 0,
      memoryBytes: stats?.memoryBytes, memoryLimitBytes: stats?.memoryLimitBytes,
      openMatches: stats?.openMatches ?? 0, givenUpMatches: stats?.givenUpMatches ?? 0,
      rules: this.#ruleSet?.rules.length ?? 0, evaluated: this.#evaluated, alerts: this.#alerts, evalNsP50: p50, evalNsP99: p99, ruleSetSwitch: this.#ruleSetSwitch,
    };
  }

  async #recover(): Promise<void> {
    const started = this.#definition.clock();
    this.#advance(this.#definition.durableSeq);
    const found = await recover(this.#definition, this.#options);
    if (found) {
      this.#engine = found.engine;
      this.#ruleSet = found.ruleSet;
      this.#ruleSetEntry = found.head.ruleSet;
      this.#lists = new ListHistory(found.head.lists);
      this.#historySince = found.head.historySince;
      this.#maxTs = found.head.maxTs;
      this.#appliedSeq = found.head.seq;
      this.#checkpoints.startAt(found.head.seq);
    }
    const firstSeq = this.#definition.log.firstSeq();
    if (firstSeq > this.#appliedSeq + 1) {
      this.#definition.post({ kind: 'problem', code: 'log-gap', message: `The log begins at ${firstSeq}; entries from ${this.#appliedSeq + 1} on are gone and no checkpoint covers them.` });
      this.#appliedSeq = firstSeq - 1;
    }
    const from = this.#appliedSeq;
    this.#sendStats();
    const target = this.#durableSeq;
    while (this.#appliedSeq < target && !this.#stopping) await this.#followLog();
    const replayed = this.#appliedSeq - from;
    this.#definition.post({ kind: 'ready', seq: this.#appliedSeq, checkpointSeq: found?.head.seq, replayed, tookMs: Math.round(this.#definition.clock() - started) });
  }

  /** Applies what is durable, in turns; returns when all is applied, or when something else wants the loop. */
  async #followLog(): Promise<void> {
    let turn = this.#definition.clock();
    let inTurn = 0;
    for await (const entries of this.#definition.log.read(this.#appliedSeq + 1)) {
      for (const entry of entries) {
        if (entry.seq > this.#durableSeq) return;
        const waits = this.#step(entry);
        if (waits) await waits;
        inTurn += 1;
        if (inTurn < entriesPerTurn && (inTurn % 16 !== 0 || this.#definition.clock() - turn < turnMs)) continue;
        this.#maintain();
        await this.#definition.nextTurn();
        while (this.#outbox.isFull && !this.#stopping) await this.#sleep();
        // During recovery a preparation waits: it is done when the log has been caught up with.
        if (this.#stopping || (this.#toPrepare && this.#state === 'running')) return;
        turn = this.#definition.clock();
        inTurn = 0;
      }
    }
  }

  /** Everything one entry changes. Only a `rules` entry waits; for events there is no promise on the way. */
  #step(entry: LogEntry): Promise<void> | undefined {
    if (entry.kind === 'rules') return this.#switchRules(entry);
    if (entry.kind === 'event' && this.#historySince === undefined) this.#historySince = entry.ts;
    if (entry.kind === 'list') this.#lists.add(entry);
    if (this.#engine === undefined && this.#ruleSet !== undefined && this.#historySince !== undefined) return this.#warmThenApply(this.#ruleSet, entry);
    this.#apply(entry);
    return undefined;
  }

  #apply(entry: LogEntry): void {
    // One in eight is timed: reading the clock costs a good part of an evaluation.
    const begun = this.#evaluated % 8 === 0 ? this.#definition.clock() : undefined;
    const alerts = this.#engine?.apply(entry) ?? [];
    if (begun !== undefined) this.#times.add((this.#definition.clock() - begun) * 1e6);
    this.#applyPrepared(entry);
    this.#pass(entry, alerts);
  }

  #pass(entry: LogEntry, alerts: readonly Alert[]): void {
    this.#appliedSeq = entry.seq;
    this.#maxTs = Math.max(this.#maxTs, entry.ts);
    this.#evaluated += 1;
    this.#alerts += alerts.length;
    this.#outbox.add(entry.seq, alerts);
    const waiting = this.#recent.evaluated(entry.seq, alerts);
    if (waiting) this.#definition.post({ kind: 'decided', seq: entry.seq, alerts });
  }

  #decide(seq: number): void {
    const answer = this.#recent.ask(seq, this.#appliedSeq);
    if (answer.kind === 'known') this.#definition.post({ kind: 'decided', seq, alerts: answer.alerts });
    else if (answer.kind === 'forgotten') this.#definition.post({ kind: 'decided', seq });
  }

  /** The first event of the log is here: only now is it known since when there is history. */
  async #warmThenApply(ruleSet: RuleSet, entry: LogEntry): Promise<void> {
    this.#engine = (await this.#warm(ruleSet, entry.seq)).engine;
    this.#apply(entry);
  }

  async #switchRules(entry: RuleSetChange): Promise<void> {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    if (prepared && isSameRuleSet(prepared.draft, entry) && prepared.warming.nextSeq >= entry.seq) {
      this.#ruleSet = prepared.warming.ruleSet;
      this.#engine = prepared.warming.engine;
      this.#ruleSetSwitch = counted(prepared.warming.switchAt(entry.seq));
    } else {
      this.#ruleSet = compileRuleSet(entry, this.#definition.compiler, this.#options.retentionMs);
      // Without an event there is nothing to warm, and no history to speak of.
      const warming = this.#historySince === undefined ? undefined : await this.#warm(this.#ruleSet, entry.seq);
      this.#engine = warming?.engine;
      this.#ruleSetSwitch = warming && counted(warming.switchAt(entry.seq));
    }
    this.#ruleSetEntry = entry;
    for (const message of this.#ruleSet.problems) this.#definition.post({ kind: 'problem', code: 'rule-refused', message });
    this.#engine?.apply(entry);
    this.#pass(entry, []);
  }

  async #warm(ruleSet: RuleSet, endSeq: number): Promise<Warming> {
    const before = this.#state;
    this.#state = 'warming';
    this.#sendStats();
    const warming = await this.#beginWarming(ruleSet);
    await warming.replayBefore(this.#definition.log, endSeq, this.#definition.nextTurn);
    this.#state = before;
    this.#sendStats();
    return warming;
  }

  #beginWarming(ruleSet: RuleSet): Promise<Warming> {
    return Warming.begin(this.#definition.log, this.#definition.maker, {
      ruleSet, lists: this.#lists, maxTs: this.#maxTs, historySince: this.#historySince ?? 0, options: this.#definition.engineOptions, from: this.#engine,
    });
  }

  /** Builds the asked-for engine beside the running one: replay and live evaluation take turns. */
  async #prepare(): Promise<void> {
    const asked = this.#toPrepare;
    this.#toPrepare = undefined;
    if (!asked) return;
    const ruleSet = compileRuleSet(asked.draft, this.#definition.compiler, this.#options.retentionMs);
    if (this.#historySince !== undefined) {
      const warming = await this.#beginWarming(ruleSet);
      const behind = async (): Promise<void> => {
        await this.#definition.nextTurn();
        this.#maintain();
        if (this.#appliedSeq < this.#durableSeq && !this.#outbox.isFull && !this.#stopping) await this.#applySome();
      };
      // At least once: an engine that lacks no entry has still to take the state over.
      do await warming.replayBefore(this.#definition.log, this.#appliedSeq + 1, behind);
      while (warming.nextSeq <= this.#appliedSeq && !this.#stopping);
      this.#prepared = { draft: asked.draft, warming };
    }
    this.#definition.post({ kind: 'prepared', token: asked.token, problems: ruleSet.problems });
  }

  /** One batch of live entries, while another engine is being warmed. A `rules` entry waits until that is done. */
  async #applySome(): Promise<void> {
    for await (const entries of this.#definition.log.read(this.#appliedSeq + 1)) {
      for (const entry of entries.slice(0, entriesPerTurn)) {
        if (entry.seq > this.#durableSeq || entry.kind === 'rules') return;
        await this.#step(entry);
      }
      break;
    }
    this.#outbox.flush();
  }

  #applyPrepared(entry: LogEntry): void {
    const warming = this.#prepared?.warming;
    if (!warming || entry.seq < warming.nextSeq) return;
    warming.engine.apply(entry);
    warming.nextSeq = entry.seq + 1;
  }

  /** What is due between two turns. */
  #maintain(): void {
    this.#outbox.flushIfDue();
    if (this.#definition.clock() - this.#statsAt >= statsEveryMs) this.#sendStats();
    if (this.#checkpoints.isDue(this.#appliedSeq)) this.#beginCheckpoint();
    else this.#checkpoints.step();
  }

  /** The alerts up to here leave first: the file becomes a checkpoint once the case store has them. */
  #beginCheckpoint(): void {
    this.#outbox.flush(true);
    this.#lists.forgetBefore(this.#maxTs - this.#options.retentionMs - this.#options.maxOutOfOrdernessMs);
    this.#checkpoints.begin({
      version: 1, seq: this.#appliedSeq, ruleSet: this.#ruleSetEntry, lists: [...this.#lists.all()], historySince: this.#historySince,
      maxTs: this.#maxTs, hasEngine: this.#engine !== undefined,
    }, this.#engine, this.#outbox.storedSeq);
  }

  async #finish(): Promise<void> {
    await this.#drain();
    // One under way would be older: it is given up for one of the end.
    if (this.#appliedSeq > this.#checkpoints.lastSeq) this.#beginCheckpoint();
    await this.#checkpoints.finish(this.#definition.nextTurn);
    this.#sendStats();
    this.#definition.post({ kind: 'stopped', seq: this.#appliedSeq });
  }

  /** Until everything that fired is in the case store. */
  async #drain(): Promise<void> { for (this.#outbox.flush(true); this.#outbox.hasUnstored; this.#outbox.flush(true)) await this.#sleep(); }

  #sendStats(): void {
    this.#statsAt = this.#definition.clock();
    this.#definition.post({ kind: 'stats', stats: this.stats() });
  }

  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }
}

function counted({ seq, kept, warmed, freed, replayed }: RuleSetSwitch): HostStats['ruleSetSwitch'] {
  return { seq, kept: kept.length, warmed: warmed.length, freed: freed.length, replayed };
}
