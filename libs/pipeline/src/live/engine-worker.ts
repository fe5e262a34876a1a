import type { Alert } from '@weir/contracts';
import { isStateTooLarge } from '../engine-host/state-too-large.js';
import type { FromEngine, HostStats, RuleSetDraft } from '../engine-host/messages.js';
import type { AlertSink } from './alert-sink.js';
import { AlertWriter } from './alert-writer.js';
import type { EngineThread, SpawnEngine } from './engine-thread.js';
import { LagClock } from './lag-clock.js';

export interface EngineWorkerOptions {
  readonly spawn: SpawnEngine;
  readonly sink: AlertSink;
  /** Highest durable seq of the log now. */
  readonly durableSeq: number;
  /** Wall clock, epoch ms. */
  readonly now: () => number;
  readonly random: () => number;
  /** A crashed engine is started again at most this often within `restartWindowMs`. Default 5 within 10 minutes. */
  readonly maxRestarts?: number | undefined;
  readonly restartWindowMs?: number | undefined;
  /** Wait before the first restart; doubles with each further one. Default 200 ms. */
  readonly restartDelayMs?: number | undefined;
  readonly onProblem?: ((problem: EngineProblem) => void) | undefined;
}

export interface EngineProblem { readonly code: 'crashed' | 'state-too-large' | 'gave-up' | 'store-refuses' | 'checkpoint-failed' | 'checkpoint-refused' | 'rule-refused' | 'log-gap'; readonly message: string; readonly at: number }

export type DecisionAnswer =
  | { readonly kind: 'decided'; readonly alerts: readonly Alert[] }
  /** The budget ran out, or the event was evaluated too long ago: it is evaluated and alerted all the same. */
  | { readonly kind: 'timeout' };

export interface EngineWorkerStats {
  readonly state: 'starting' | 'warming' | 'running' | 'stopped' | 'failed';
  readonly problem?: string | undefined;
  readonly host?: HostStats | undefined;
  readonly durableSeq: number;
  readonly evaluatedSeq: number;
  readonly lagEvents: number;
  /** For how long the next entry has waited, s. */
  readonly lagSeconds: number;
  readonly storedSeq: number;
  readonly pendingAlerts: number;
  readonly restarts: number;
  readonly checkpoint: { readonly lastAt?: number | undefined; readonly seq?: number | undefined; readonly tookMs?: number | undefined; readonly bytes?: number | undefined; readonly worstStallMs?: number | undefined; readonly failures: number };
  /** Newest last, at most 50. */
  readonly problems: readonly EngineProblem[];
}

export interface EngineWorker {
  /** Resolves when recovery is over. Rejects when the engine gives up. */
  readonly ready: Promise<void>;
  /** The log is durable up to here; never falls. */
  durable(seq: number): void;
  /** Alerts that the event `seq` fires, as soon as it is evaluated. */
  decide(seq: number, budgetMs: number): Promise<DecisionAnswer>;
  /** Warms an engine for a rule set beside the running one, so that its entry in the log switches at once. Resolves with what does not compile. */
  prepare(draft: RuleSetDraft): Promise<readonly string[]>;
  stats(): EngineWorkerStats;
  /** Stores what has fired, writes a last checkpoint, ends the thread. After `timeoutMs` it is ended without them. Twice: once. */
  stop(timeoutMs: number): Promise<void>;
}

/**
 * Runs the engine in a thread of its own and carries its alerts into the case store.
 *
 * When the thread dies, it is started again from the newest checkpoint that the case store covers; what it fired and was not
 * stored fires again. After too many deaths it stays down: alerts stop, events are still taken up to the lag bound.
 */
export async function startEngineWorker(options: EngineWorkerOptions): Promise<EngineWorker> {
  const worker = new SupervisedEngine(options);
  await worker.start();
  return worker;
}

class SupervisedEngine implements EngineWorker {
  readonly ready: Promise<void>;
  readonly #options: EngineWorkerOptions;
  readonly #lag: LagClock;
  readonly #decisions = new Map<number, Set<(answer: DecisionAnswer) => void>>();
  readonly #preparations = new Map<number, { readonly draft: RuleSetDraft; readonly resolve: (problems: readonly string[]) => void }>();
  readonly #problems: EngineProblem[] = [];
  readonly #crashes: number[] = [];
  #thread: EngineThread | undefined;
  #writer: AlertWriter | undefined;
  #host: HostStats | undefined;
  #state: EngineWorkerStats['state'] = 'starting';
  #problem: string | undefined;
  #durableSeq: number;
  #evaluatedSeq = 0;
  #storedSeq = 0;
  #restarts = 0;
  #tokens = 0;
  #checkpoint: EngineWorkerStats['checkpoint'] = { failures: 0 };
  #stopping: Promise<void> | undefined;
  #markReady: () => void = () => undefined;
  #markFailed: (error: Error) => void = () => undefined;
  #markEnded: () => void = () => undefined;

  constructor(options: EngineWorkerOptions) {
    this.#options = options;
    this.#durableSeq = options.durableSeq;
    this.#lag = new LagClock(options.now);
    this.ready = new Promise((resolve, reject) => {
      this.#markReady = resolve;
      this.#markFailed = reject;
    });
    // Whoever does not wait for it is told by `stats`.
    this.ready.catch(() => undefined);
  }

  async start(): Promise<void> {
    const storedSeq = await this.#options.sink.progress();
    this.#storedSeq = storedSeq;
    this.#evaluatedSeq = 0;
    this.#state = 'starting';
    const thread = this.#options.spawn({ storedSeq, durableSeq: this.#durableSeq });
    const writer = new AlertWriter({
      sink: this.#options.sink,
      random: this.#options.random,
      onStored: (batch, throughSeq) => {
        this.#storedSeq = Math.max(this.#storedSeq, throughSeq);
        thread.post({ kind: 'stored', batch, throughSeq });
      },
      onTrouble: (message) => {
        this.#problem = message === undefined ? undefined : `The case store refuses alerts: ${message}`;
        if (message !== undefined) this.#report('store-refuses', message);
      },
    });
    this.#thread = thread;
    this.#writer = writer;
    thread.onMessage((message) => { if (this.#thread === thread) this.#receive(message, writer); });
    thread.onExit((error) => { if (this.#thread === thread) this.#exited(error); });
    for (const seq of this.#decisions.keys()) thread.post({ kind: 'decide', seq });
    for (const [token, { draft }] of this.#preparations) thread.post({ kind: 'prepare', token, draft });
  }

  durable(seq: number): void {
    if (seq <= this.#durableSeq) return;
    this.#durableSeq = seq;
    this.#lag.durable(seq);
    this.#thread?.post({ kind: 'durable', seq });
  }

  decide(seq: number, budgetMs: number): Promise<DecisionAnswer> {
    if (this.#thread === undefined) return Promise.resolve({ kind: 'timeout' });
    return new Promise((resolve) => {
      const waiting = this.#decisions.get(seq) ?? new Set();
      const settle = (answer: DecisionAnswer): void => {
        clearTimeout(timer);
        waiting.delete(settle);
        if (waiting.size === 0) this.#decisions.delete(seq);
        resolve(answer);
      };
      const timer = setTimeout(() => settle({ kind: 'timeout' }), budgetMs);
      waiting.add(settle);
      this.#decisions.set(seq, waiting);
      this.#thread?.post({ kind: 'decide', seq });
    });
  }

  prepare(draft: RuleSetDraft): Promise<readonly string[]> {
    if (this.#thread === undefined) return Promise.resolve([]);
    this.#tokens += 1;
    const token = this.#tokens;
    return new Promise((resolve) => {
      this.#preparations.set(token, { draft, resolve });
      this.#thread?.post({ kind: 'prepare', token, draft });
    });
  }

  stats(): EngineWorkerStats {
    return {
      state: this.#state === 'running' && this.#host?.state === 'warming' ? 'warming' : this.#state,
      problem: this.#problem, host: this.#host, durableSeq: this.#durableSeq, evaluatedSeq: this.#evaluatedSeq,
      lagEvents: Math.max(0, this.#durableSeq - this.#evaluatedSeq), lagSeconds: this.#lag.secondsBehind(this.#evaluatedSeq),
      storedSeq: this.#storedSeq, pendingAlerts: this.#writer?.pendingAlerts ?? 0, restarts: this.#restarts,
      checkpoint: this.#checkpoint, problems: this.#problems,
    };
  }

  stop(timeoutMs: number): Promise<void> {
    this.#stopping ??= this.#stop(timeoutMs);
    return this.#stopping;
  }

  async #stop(timeoutMs: number): Promise<void> {
    const thread = this.#thread;
    if (thread) {
      let giveUp: () => void = () => undefined;
      const timeUp = new Promise<void>((resolve) => { giveUp = resolve; });
      const timer = setTimeout(() => giveUp(), timeoutMs);
      const ended = new Promise<void>((resolve) => { this.#markEnded = resolve; });
      thread.post({ kind: 'stop' });
      await Promise.race([ended, timeUp]);
      this.#thread = undefined;
      // A store that does not answer must not keep the process: what it has not committed fires again.
      await Promise.race([this.#writer?.close(), timeUp]);
      clearTimeout(timer);
      await thread.terminate();
    }
    this.#state = 'stopped';
    this.#settleAll();
  }

  #receive(message: FromEngine, writer: AlertWriter): void {
    switch (message.kind) {
      case 'alerts':
        this.#evaluatedSeq = Math.max(this.#evaluatedSeq, message.throughSeq);
        writer.add(message);
        break;
      case 'decided':
        for (const settle of [...this.#decisions.get(message.seq) ?? []]) settle(message.alerts ? { kind: 'decided', alerts: message.alerts } : { kind: 'timeout' });
        break;
      case 'prepared':
        this.#preparations.get(message.token)?.resolve(message.problems);
        this.#preparations.delete(message.token);
        break;
      case 'ready':
        this.#state = 'running';
        this.#evaluatedSeq = Math.max(this.#evaluatedSeq, message.seq);
        this.#markReady();
        break;
      case 'stats':
        this.#host = message.stats;
        this.#evaluatedSeq = Math.max(this.#evaluatedSeq, message.stats.seq);
        break;
      case 'checkpoint':
        this.#checkpoint = { ...this.#checkpoint, lastAt: this.#options.now(), seq: message.seq, tookMs: message.tookMs, bytes: message.bytes, worstStallMs: message.worstStallMs };
        break;
      case 'checkpoint-failed':
        this.#checkpoint = { ...this.#checkpoint, failures: this.#checkpoint.failures + 1 };
        this.#report('checkpoint-failed', message.message);
        break;
      case 'problem': this.#report(message.code, message.message); break;
      case 'stopped': this.#markEnded(); break;
    }
  }

  #exited(error: Error | undefined): void {
    this.#thread = undefined;
    if (this.#stopping) {
      this.#markEnded();
      return;
    }
    const reason = error?.message ?? 'it ended without a reason';
    this.#state = 'failed';
    this.#problem = `The engine stopped: ${reason}`;
    this.#report(isStateTooLarge(reason) ? 'state-too-large' : 'crashed', reason);
    void this.#restart(reason);
  }

  async #restart(reason: string): Promise<void> {
    const { now, maxRestarts = 5, restartWindowMs = 600_000, restartDelayMs = 200 } = this.#options;
    // What is being written is finished first, so that the progress read next is the last word.
    await this.#writer?.close();
    this.#crashes.push(now());
    const recent = this.#crashes.filter((at) => now() - at < restartWindowMs).length;
    // From a checkpoint the state lies packed, which may make room once; it is the same state all the same.
    if (recent > (isStateTooLarge(reason) ? Math.min(1, maxRestarts) : maxRestarts)) {
      const crashes = recent === 1 ? '1 crash' : `${recent} crashes`;
      this.#report('gave-up', `${crashes} within ${restartWindowMs / 60_000} minutes, the last: ${reason}`);
      this.#problem = `The engine stays down after ${crashes}: ${reason}`;
      this.#markFailed(new Error(this.#problem));
      this.#settleAll();
      return;
    }
    await new Promise((resolve) => { setTimeout(resolve, restartDelayMs * 2 ** (recent - 1)); });
    if (this.#stopping) return;
    this.#restarts += 1;
    try {
      await this.start();
      this.#problem = undefined;
    } catch (cause) {
      await this.#restart(cause instanceof Error ? cause.message : String(cause));
    }
  }

  #settleAll(): void {
    for (const waiting of [...this.#decisions.values()]) for (const settle of [...waiting]) settle({ kind: 'timeout' });
    for (const { resolve } of this.#preparations.values()) resolve([]);
    this.#preparations.clear();
  }

  #report(code: EngineProblem['code'], message: string): void {
    const problem = { code, message, at: this.#options.now() };
    this.#problems.push(problem);
    if (this.#problems.length > 50) this.#problems.shift();
    this.#options.onProblem?.(problem);
  }
}
