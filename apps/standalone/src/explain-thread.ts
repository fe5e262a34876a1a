/** Entry of the thread that explains events: reads the live log beside its writer and changes nothing. */
import { parentPort, workerData } from 'node:worker_threads';
import { openLogReader } from '@weir/connectors';
import { explainFromLog, type ExplainQuestion, type ExplainReply } from '@weir/pipeline';

/** What the thread that explains is started with. */
export interface ExplainThreadData { readonly logDir: string }

const port = parentPort;
if (!port) throw new Error('This module is the entry of a worker thread.');
// Sent by `main` of the same build.
const { logDir } = workerData as ExplainThreadData;
const log = await openLogReader(logDir);

async function answer({ number, endSeq, ...question }: ExplainQuestion): Promise<ExplainReply> {
  try {
    log.advance(endSeq);
    return { number, result: await explainFromLog({ log, ...question }) };
  } catch (cause) {
    return { number, failure: cause instanceof Error ? cause.message : String(cause) };
  }
}

let turn = Promise.resolve();
port.on('message', (question: ExplainQuestion) => { turn = turn.then(async () => { port.postMessage(await answer(question)); }); });
