import type { EventLog } from '@weir/connectors';
import { ExplainJobs, explainWorkerThread, type Intake } from '@weir/pipeline';
import type { EngineOptions } from '@weir/rule-engine';
import type { ExplainPort } from '@weir/server';
import type { ExplainThreadData } from '../explain-thread.js';

/** What explanations read, and with which engine. */
interface ExplainPortOptions {
  readonly log: EventLog;
  readonly logDir: string;
  readonly intake: Pick<Intake, 'seqsOf'>;
  readonly engineOptions: Partial<EngineOptions>;
}

/** Explanations over the live log, in a thread of their own. The intake remembers where recent events lie. */
export function explainPort({ log, logDir, intake, engineOptions }: ExplainPortOptions): ExplainPort & { close(): Promise<void> } {
  const jobs = new ExplainJobs({ spawn: () => explainWorkerThread(new URL('../explain-thread.js', import.meta.url), { logDir } satisfies ExplainThreadData) });
  return {
    explain: (rule, eventId) => jobs.ask({ rule, eventId, seqs: intake.seqsOf(eventId), endSeq: log.lastSeq(), engineOptions }),
    close: () => jobs.close(),
  };
}
