import { SourceWatermarks, type SourceStatus } from '@weir/stream-core';

export interface SourceGateOptions {
  readonly maxOutOfOrdernessMs: number;
  readonly idleAfterMs: number;
  /** The ingester's clock, epoch ms. */
  readonly clock: () => number;
}

/** Sources that wait for others to catch up. */
export interface SourceStall {
  /** Active sources that no other is behind: they send, or have sent lately, but nothing that is newer. */
  readonly behind: readonly string[];
  /** Event time up to which they have sent; undefined: nothing dated yet. */
  readonly upToTs?: number | undefined;
  readonly waiting: readonly string[];
  /** For how long, by the ingester's clock. Past the time after which a source is idle, a source is active and yet holds the others back. */
  readonly forMs: number;
}

/** Longest time between two looks at the clock while something is held, ms. */
const lookEveryMs = 1_000;

/**
 * Brings the events of several sources into the log in step: what a source has sent up to a time passes only when no other
 * active source is behind it. So the largest ts of the log, by which lateness is decided, is never ahead of the slowest of
 * them, and an event is late in the log only if it is so by Flink's watermark of several sources ({@link SourceWatermarks}).
 *
 * With one source nothing ever waits. A timer runs only while something waits.
 */
export class SourceGate {
  private readonly time: SourceWatermarks;
  private waiting: (() => void)[] = [];
  private readonly held = new Map<string, number>();
  /** When all came on last, or when one ran ahead after none was: by the ingester's clock. */
  private movedAt = -Infinity;

  constructor(private readonly options: SourceGateOptions) { this.time = new SourceWatermarks(options); }

  /** The source has sent events up to this ts. */
  sent(source: string, largestTs: number): void {
    this.moved(() => {
      const now = this.options.clock();
      this.time.touch(this.held.keys(), now);
      this.time.observe(source, largestTs, now);
    });
  }

  /** May events up to this ts go into the log? A source that is not known (too many are) waits for none. */
  isOpen(source: string, largestTs: number): boolean { return largestTs <= this.time.frontier || !this.time.knows(source); }

  /** Events of the source wait, so it is not idle, until {@link release}; several of its streams may. */
  hold(source: string): void { this.held.set(source, (this.held.get(source) ?? 0) + 1); }

  release(source: string): void {
    const left = (this.held.get(source) ?? 0) - 1;
    if (left > 0) this.held.set(source, left);
    else this.held.delete(source);
  }

  /** Largest ts that the log may be brought to without events: Infinity unless several sources are under way. */
  get heartbeatsUpTo(): number {
    return this.time.status().filter(({ isIdle }) => !isIdle).length > 1 ? this.time.frontier : Infinity;
  }

  /** Looks at the clock: a source may have become idle. */
  look(): void { this.moved(() => { this.time.touch(this.held.keys(), this.options.clock()); }); }

  /** Resolves when what was held may pass: a source moved on, became idle, or {@link wake} was called. */
  change(): Promise<void> {
    return new Promise((resolve) => {
      const inMs = (this.time.nextIdleAt ?? 0) - this.options.clock();
      const timer = setTimeout(() => {
        this.look();
        this.waiting = this.waiting.filter((one) => one !== end);
        end();
      }, Math.max(1, Math.min(lookEveryMs, inMs)));
      const end = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.waiting.push(end);
    });
  }

  wake(): void {
    const woken = this.waiting;
    this.waiting = [];
    for (const end of woken) end();
  }

  status(): readonly SourceStatus[] { return this.time.status(); }

  /** Who waits for whom, and for how long nothing has come on; undefined while nobody waits. */
  stall(): SourceStall | undefined {
    const waiting = this.ahead();
    if (waiting.length === 0) return undefined;
    const behind = this.time.status().filter(({ isIdle, maxTs }) => !isIdle && (maxTs ?? -Infinity) <= this.time.frontier);
    return { behind: behind.map(({ source }) => source), upToTs: behind[0]?.maxTs, waiting, forMs: Math.max(0, this.options.clock() - this.movedAt) };
  }

  /** Active sources that have sent what may not pass yet. */
  private ahead(): readonly string[] {
    return this.time.status().filter(({ isIdle, maxTs = -Infinity }) => !isIdle && maxTs > this.time.frontier).map(({ source }) => source);
  }

  private moved(step: () => void): void {
    const { frontier, isAhead: wasAhead } = this.time;
    step();
    const hasMoved = this.time.frontier > frontier;
    if (hasMoved || !wasAhead) this.movedAt = this.options.clock();
    if (hasMoved) this.wake();
  }
}
