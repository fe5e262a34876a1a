import { randomUUID } from 'node:crypto';
import type { BacktestJob } from '@weir/contracts';
import type { EventLog } from '@weir/connectors';
import { backtestWorkerThread, BacktestJobs, ruleIdOf } from '@weir/pipeline';
import type { EngineOptions } from '@weir/rule-engine';
import type { BacktestPort, RuleReleasePort, SchemaPort } from '@weir/server';
import type { BacktestThreadData } from '../backtest-thread.js';

/** What backtests read, and with which engine. */
interface BacktestPortOptions {
  readonly log: EventLog;
  readonly logDir: string;
  readonly schema: SchemaPort;
  readonly releases: RuleReleasePort;
  readonly engineOptions: Partial<EngineOptions>;
  readonly now: () => number;
}

/** Backtests over the live log, each in a thread of its own, beside the version of the rule that is live. */
export function backtestPort(options: BacktestPortOptions): BacktestPort & { close(): Promise<void> } {
  const listeners: ((job: BacktestJob) => void)[] = [];
  const jobs = new BacktestJobs({
    now: options.now,
    newId: randomUUID,
    spawn: (request) => backtestWorkerThread(new URL('../backtest-thread.js', import.meta.url), { logDir: options.logDir, request } satisfies BacktestThreadData),
    onChange: (job) => { for (const listener of listeners) listener(job); },
  });
  return {
    start: async ({ text, days }) => {
      const id = ruleIdOf(text);
      const live = (await options.releases.current())?.rules.find((rule) => rule.id === id);
      const { lastSeq, maxTs } = options.log.stats();
      return jobs.start({ ruleText: text, liveText: live?.text, schemaText: options.schema.current().text, days, toTs: Math.max(1, maxTs), endSeq: lastSeq, engineOptions: options.engineOptions });
    },
    get: (id) => jobs.get(id),
    cancel: (id) => jobs.cancel(id),
    onUpdate: (listener) => { listeners.push(listener); },
    close: () => jobs.close(),
  };
}
