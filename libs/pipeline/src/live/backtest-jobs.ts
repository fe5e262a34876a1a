import type { BacktestJob } from '@weir/contracts';
import type { BacktestRequest, FromBacktest } from '../backtest/serve-backtest.js';

/** A thread that runs one backtest. */
export interface BacktestThread {
  onMessage(listener: (message: FromBacktest) => void): void;
  onExit(listener: (error: Error | undefined) => void): void;
  terminate(): Promise<void>;
}

export interface BacktestJobsOptions {
  readonly spawn: (request: BacktestRequest) => BacktestThread;
  readonly now: () => number;
  readonly newId: () => string;
  /** After every change of a job: progress, end. */
  readonly onChange?: ((job: BacktestJob) => void) | undefined;
  /** Jobs that run at one time; the next one is refused. Default 2. */
  readonly maxRunning?: number | undefined;
}

export type StartJobResult = { readonly ok: true; readonly job: BacktestJob } | { readonly ok: false; readonly reason: 'too-many'; readonly running: number };

const keptJobs = 50;

/**
 * Backtests over the log, each in a thread of its own. Jobs live in memory: a restart forgets them, and nothing else knows them.
 */
export class BacktestJobs {
  readonly #options: BacktestJobsOptions;
  readonly #jobs = new Map<string, BacktestJob>();
  readonly #threads = new Map<string, BacktestThread>();

  constructor(options: BacktestJobsOptions) { this.#options = options; }

  start(request: BacktestRequest): StartJobResult {
    const { maxRunning = 2, now, newId, spawn } = this.#options;
    if (this.#threads.size >= maxRunning) return { ok: false, reason: 'too-many', running: this.#threads.size };
    const id = newId();
    const job: BacktestJob = { id, status: 'running', startedAt: now(), days: request.days, toTs: Math.max(1, request.toTs), eventsDone: 0, eventsTotal: 0 };
    this.#jobs.set(id, job);
    this.#forgetOldest();
    const thread = spawn(request);
    this.#threads.set(id, thread);
    thread.onMessage((message) => this.#receive(id, message));
    thread.onExit((error) => this.#end(id, { status: 'failed', error: error?.message ?? 'The backtest ended without a result.' }));
    return { ok: true, job };
  }

  get(id: string): BacktestJob | undefined { return this.#jobs.get(id); }

  /** Newest first. */
  list(): readonly BacktestJob[] { return [...this.#jobs.values()].reverse(); }

  /** @returns the job as it is now; undefined when there is none. A job that has ended stays as it is. */
  async cancel(id: string): Promise<BacktestJob | undefined> {
    const thread = this.#threads.get(id);
    this.#end(id, { status: 'cancelled' });
    await thread?.terminate();
    return this.#jobs.get(id);
  }

  async close(): Promise<void> { await Promise.all([...this.#threads.keys()].map((id) => this.cancel(id))); }

  #receive(id: string, message: FromBacktest): void {
    switch (message.kind) {
      case 'progress':
        if (this.#threads.has(id)) this.#change(id, { eventsDone: message.eventsDone, eventsTotal: message.eventsTotal });
        break;
      case 'done': {
        const { fromTs, toTs, eventsDone, ...result } = message.result;
        this.#end(id, { status: 'done', fromTs, toTs, eventsDone, eventsTotal: eventsDone, result });
        break;
      }
      case 'failed': this.#end(id, { status: 'failed', error: message.message }); break;
    }
  }

  #end(id: string, change: Partial<BacktestJob>): void {
    if (this.#threads.delete(id)) this.#change(id, change);
  }

  #change(id: string, change: Partial<BacktestJob>): void {
    const job = this.#jobs.get(id);
    if (!job) return;
    const changed = { ...job, ...change };
    this.#jobs.set(id, changed);
    this.#options.onChange?.(changed);
  }

  #forgetOldest(): void {
    for (const [id, { status }] of this.#jobs) {
      if (this.#jobs.size <= keptJobs) return;
      if (status !== 'running') this.#jobs.delete(id);
    }
  }
}
