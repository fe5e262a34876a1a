import { Worker } from 'node:worker_threads';
import type { EngineOptions } from '@weir/rule-engine';
import type { TypedRule } from '@weir/rule-lang';
import type { ExplainFromLogResult } from './explain-from-log.js';

/** What the explaining thread is asked; plain data. */
export interface ExplainQuestion {
  readonly number: number;
  readonly rule: TypedRule;
  readonly eventId: string;
  readonly seqs: readonly number[];
  /** The log is durable up to here. */
  readonly endSeq: number;
  readonly engineOptions: Partial<EngineOptions>;
}
export type ExplainReply = { readonly number: number } & ({ readonly result: ExplainFromLogResult } | { readonly failure: string });

export interface ExplainThread {
  post(question: ExplainQuestion): void;
  onMessage(listener: (reply: ExplainReply) => void): void;
  onExit(listener: (error: Error | undefined) => void): void;
  terminate(): Promise<void>;
}

export type ExplainJobResult = ExplainFromLogResult | { readonly ok: false; readonly reason: 'busy'; readonly waiting: number };

export interface ExplainJobsOptions {
  readonly spawn: () => ExplainThread;
  /** Questions under way at one time; the next one is refused. Default 8. */
  readonly maxWaiting?: number | undefined;
}

interface Waiting { readonly resolve: (result: ExplainJobResult) => void; readonly reject: (error: Error) => void }

/**
 * Explains events in one thread of its own, so that a busy key costs the intake nothing. The thread starts with the first question
 * and answers them one after the other; when it ends before its time, what waits is refused and the next question starts another.
 */
export class ExplainJobs {
  private readonly waiting = new Map<number, Waiting>();
  private thread: ExplainThread | undefined;
  private last = 0;

  constructor(private readonly options: ExplainJobsOptions) {}

  ask(question: Omit<ExplainQuestion, 'number'>): Promise<ExplainJobResult> {
    const { maxWaiting = 8 } = this.options;
    if (this.waiting.size >= maxWaiting) return Promise.resolve({ ok: false, reason: 'busy', waiting: this.waiting.size });
    const thread = this.thread ?? this.start();
    const number = (this.last += 1);
    return new Promise((resolve, reject) => {
      this.waiting.set(number, { resolve, reject });
      thread.post({ ...question, number });
    });
  }

  async close(): Promise<void> { await this.thread?.terminate(); }

  private start(): ExplainThread {
    const thread = this.options.spawn();
    this.thread = thread;
    thread.onMessage((reply) => {
      const asked = this.waiting.get(reply.number);
      this.waiting.delete(reply.number);
      if ('result' in reply) asked?.resolve(reply.result);
      else asked?.reject(new Error(reply.failure));
    });
    thread.onExit((error) => {
      this.thread = undefined;
      for (const { reject } of this.waiting.values()) reject(error ?? new Error('the explaining thread has ended'));
      this.waiting.clear();
    });
    return thread;
  }
}

/** A worker thread; `entry` is the module that answers there. It does not keep the process alive. */
export function explainWorkerThread(entry: URL, workerData: unknown): ExplainThread {
  const worker = new Worker(entry, { workerData, name: 'weir-explain' });
  worker.unref();
  let failure: Error | undefined;
  worker.on('error', (error: unknown) => { failure = error instanceof Error ? error : new Error(String(error)); });
  return {
    post: (question) => worker.postMessage(question),
    onMessage: (listener) => { worker.on('message', listener); },
    onExit: (listener) => { worker.once('exit', () => listener(failure)); },
    terminate: async () => { await worker.terminate(); },
  };
}
