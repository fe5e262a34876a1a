import { IntakeState, type IntakeStateOptions } from '@weir/ingest';
import type { CheckpointStore, LogReader } from '@weir/stream-core';

/** How the memory of ids and of time was found again at start. */
export interface IntakeStartReport {
  /** Snapshot it began from; absent when the log of the last horizon was read instead. */
  readonly restoredFrom?: string | undefined;
  /** Log entries read behind it. */
  readonly replayed: number;
  /** Snapshots that could not be used, with the reason. */
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
}

type StartLog = LogReader & { stats(): { readonly maxTs: number } };

/** State of the intake as of the end of the log: newest good snapshot and the log from its seq, or the log of the last horizon. */
export async function startIntakeState(log: StartLog, states: CheckpointStore | undefined, options: Partial<IntakeStateOptions>): Promise<{ readonly state: IntakeState; readonly report: IntakeStartReport }> {
  const refused: { name: string; reason: string }[] = [];
  for (const { seq, name } of (await states?.list()) ?? []) {
    const restored = await restoreFrom(states, name, options).catch((error: unknown) => ({ ok: false as const, message: error instanceof Error ? error.message : String(error) }));
    if (!restored.ok) { refused.push({ name, reason: restored.message }); continue; }
    if (seq > log.lastSeq() || restored.state.lastSeq !== seq) { refused.push({ name, reason: `it reaches to seq ${seq}, the log to ${log.lastSeq()}` }); continue; }
    if (seq + 1 < log.firstSeq()) { refused.push({ name, reason: `the log begins at seq ${log.firstSeq()}, behind it` }); continue; }
    return { state: restored.state, report: { restoredFrom: name, replayed: await replay(log, restored.state, seq + 1), refused } };
  }
  const state = new IntakeState(options);
  const from = await log.seqAfterTs(log.stats().maxTs - state.horizonMs);
  return { state, report: { replayed: await replay(log, state, from), refused } };
}

async function restoreFrom(states: CheckpointStore | undefined, name: string, options: Partial<IntakeStateOptions>): Promise<ReturnType<typeof IntakeState.restore>> {
  return IntakeState.restore((await states?.load(name)) ?? new Uint8Array(0), options);
}

async function replay(log: StartLog, state: IntakeState, fromSeq: number): Promise<number> {
  let count = 0;
  for await (const batch of log.read(fromSeq)) {
    for (const entry of batch) state.replay(entry);
    count += batch.length;
  }
  return count;
}
