import type { EventLog } from '@weir/connectors';
import type { RuleReleases } from '@weir/pipeline';
import type { CheckpointStore } from '@weir/stream-core';
import type { StandaloneConfig } from './config.js';

/** What is tidied, and what must stay. */
interface HousekeepingOptions {
  readonly log: EventLog;
  readonly checkpoints: CheckpointStore;
  readonly releases: RuleReleases;
  readonly config: Pick<StandaloneConfig, 'retentionMs' | 'maxOutOfOrdernessMs' | 'logMaxAgeMs' | 'logMaxBytes'>;
  readonly onProblem: (cause: unknown) => void;
}

const everyMs = 600_000;

/**
 * Deletes log segments that nobody can need any more: never within the rules' retention, nor behind the oldest kept checkpoint.
 * Returns what ends it; that also notes where the newest rule set was last looked for.
 */
export function startHousekeeping(options: HousekeepingOptions): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  const ticking = setInterval(() => { running = running.then(() => tidy(options)).catch(options.onProblem); }, everyMs);
  ticking.unref();
  return async () => {
    clearInterval(ticking);
    await running;
    await options.releases.seen(options.log.lastSeq());
  };
}

async function tidy({ log, checkpoints, releases, config }: HousekeepingOptions): Promise<void> {
  await releases.seen(log.lastSeq());
  const oldest = (await checkpoints.list()).at(-1);
  // Without a checkpoint a restart reads the whole log.
  if (oldest === undefined) return;
  const neededTs = log.stats().maxTs - config.retentionMs - config.maxOutOfOrdernessMs - 1;
  const neededSeq = neededTs > 0 ? await log.seqAfterTs(neededTs) : log.firstSeq();
  await log.retain({ maxAgeMs: config.logMaxAgeMs, maxBytes: config.logMaxBytes, floorSeq: Math.min(neededSeq, oldest.seq) });
}
