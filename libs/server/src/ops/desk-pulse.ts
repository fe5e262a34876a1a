import type { OpsSnapshot, Severity } from '@weir/contracts';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { openBySeverity } from '../alerts/alert-queries.js';
import type { AlertDesk } from '../alerts/alert-desk.js';
import type { FeedHub } from '../feed/feed-hub.js';
import { sendDueLabels } from '../labels/label-outbox.js';
import type { ListDesk } from '../lists/list-desk.js';
import type { IntakePort, OpsPort } from '../ports.js';
import type { AlertMeter } from './alert-meter.js';
import { CheckpointCount } from './checkpoint-count.js';

export interface DeskPulseOptions {
  readonly store: DataSource;
  readonly desk: AlertDesk;
  readonly lists: ListDesk;
  readonly hub: FeedHub;
  readonly intake: IntakePort;
  readonly ops: OpsPort;
  readonly meter: AlertMeter;
  readonly now: () => number;
  readonly log: Logger;
}

/**
 * What happens by the clock, once a second: the summed figures for the feed, labels that are due, list entries and leases whose time is over.
 *
 * Each part fails alone, is told to the log, and runs again with the next beat; a beat never overlaps the one before.
 */
export class DeskPulse {
  readonly #checkpoints = new CheckpointCount();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(private readonly options: DeskPulseOptions) {}

  start(): void {
    this.#timer = setInterval(() => { void this.beat(); }, 1_000);
    this.#timer.unref();
  }

  /** Ends after the beat at hand. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  /** One beat; callers at the same time share it. */
  beat(): Promise<void> { return (this.#running ??= this.#beat().finally(() => { this.#running = undefined; })); }

  /** The pipeline's figures with the feed's. */
  snapshot(): OpsSnapshot {
    const snapshot = this.options.ops.snapshot();
    this.#checkpoints.see(snapshot.checkpoint.lastAt);
    return { ...snapshot, checkpoint: { ...snapshot.checkpoint, taken: snapshot.checkpoint.taken ?? this.#checkpoints.taken }, feed: this.options.hub.stats() };
  }

  async #beat(): Promise<void> {
    const { store, desk, lists, hub, intake, ops, meter, now, log } = this.options;
    const attempt = async (what: string, work: () => Promise<unknown>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        log.warn({ err: error }, `${what} failed; it is tried again`);
      }
    };
    await attempt('sending labels', () => sendDueLabels(store, intake, now()));
    await attempt('changing lists', () => lists.beat());
    await attempt('ending leases', () => desk.endLeases());
    this.snapshot(); // sees each checkpoint
    if (hub.stats().clients === 0) return;
    await attempt('summing up for the feed', async () => {
      const open = await openBySeverity(store.manager);
      hub.tick({ kind: 'stats', eventsPerSecond: ops.snapshot().eventsPerSecond, alertsPerMinute: meter.perMinute(now()), open: sum(open), openBySeverity: open, at: now() });
      hub.tick({ kind: 'ops', ops: this.snapshot() });
    });
  }
}

const sum = (counts: Readonly<Record<Severity, number>>): number => Object.values(counts).reduce((total, n) => total + n, 0);
