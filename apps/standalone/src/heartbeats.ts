import type { Intake } from '@weir/pipeline';

/** How often time is told to the log while no event comes. */
interface HeartbeatOptions {
  readonly intake: Intake;
  readonly everyMs: number;
  /** How far a heartbeat trails the clock: events that come so late must still be in time. */
  readonly behindMs: number;
  readonly now: () => number;
}

/** Appends heartbeats while the stream is quiet; the intake leaves out those that would not move time. Returns what ends it. */
export function startHeartbeats({ intake, everyMs, behindMs, now }: HeartbeatOptions): () => Promise<void> {
  let appending: Promise<unknown> = Promise.resolve();
  const ticking = setInterval(() => {
    // A failed log is told by the intake itself.
    appending = appending.then(() => intake.appendInternal([{ kind: 'heartbeat', ts: Math.max(1, now() - behindMs) }])).catch(() => undefined);
  }, everyMs);
  return async () => {
    clearInterval(ticking);
    await appending;
  };
}
