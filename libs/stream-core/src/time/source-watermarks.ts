/** How far events may be out of order, and when a source counts as idle, ms. */
export interface SourceWatermarksOptions {
  /** ms; a source's watermark trails its largest ts by this plus 1 ms. */
  readonly maxOutOfOrdernessMs: number;
  /** ms of the processing clock without an event after which a source holds nothing back. */
  readonly idleAfterMs: number;
  /** Sources known at one time, at most; default 1,024. Past it the one that is idle longest is forgotten. */
  readonly maxSources?: number | undefined;
}

/** How one source stands. `maxTs` is absent before its first event. */
export interface SourceStatus {
  readonly source: string;
  readonly maxTs?: number | undefined;
  readonly isIdle: boolean;
  /** ms of the processing clock since its last event, or since it was added. */
  readonly quietForMs: number;
}

/** Plain JSON: what a checkpoint stores. Null where there is no instant yet. */
export interface SourceWatermarksState {
  readonly version: 1;
  readonly frontier: number | null;
  readonly now: number | null;
  readonly sources: readonly { readonly source: string; readonly maxTs: number | null; readonly activeAt: number | null }[];
}

interface Source { maxTs: number; activeAt: number }

const noTime = Number.NEGATIVE_INFINITY;

/** JSON knows no infinity. */
function instant(time: number): number | null { return time === noTime ? null : time; }

/**
 * The watermark of a stream that is merged from several sources (partitions, files, senders), each with its own order.
 *
 * A source's watermark is (its largest ts) - `maxOutOfOrdernessMs` - 1 ms; the stream's is the least of its active sources'.
 * A source is idle, and holds nothing back, once the processing clock has run `idleAfterMs` since its last event; the clock
 * is an argument of every step. When all are idle nothing more is waited for: the watermark is that of the source that is
 * furthest. A source that wakes behind the watermark finds it where it is; what it then sends at or before it is late.
 *
 * Laws: the watermark never goes back; with one source it is (largest ts) - `maxOutOfOrdernessMs` - 1, whatever the clock
 * says; while every source was added before the first event and none goes idle, it is at most that of each, and an event is
 * late only if it is so in its own source.
 *
 * After Flink's "Generating Watermarks" (dealing with idle sources; watermark strategies and the Kafka connector: one
 * watermark for each partition, merged as on a shuffle) and `StatusWatermarkValve` (all idle: the greatest). Here idleness
 * begins exactly `idleAfterMs` after the last event, as `withIdleness` says; Flink's timer starts at its first quiet probe.
 *
 * O(sources) a step; 1,024 sources at most unless said otherwise.
 */
export class SourceWatermarks {
  private readonly sources = new Map<string, Source>();
  private reached = noTime;
  private clock = noTime;
  private readonly maxSources: number;

  constructor(private readonly options: SourceWatermarksOptions) {
    this.maxSources = options.maxSources ?? 1_024;
  }

  /** Largest ts that no active source is behind; -Infinity before all of them have sent. */
  get frontier(): number { return this.reached; }
  /** Has an active source sent beyond the frontier, so that another holds it back? Asked for each event, so without a list as {@link status} makes it. */
  get isAhead(): boolean {
    for (const one of this.sources.values()) if (!this.isIdle(one) && one.maxTs > this.reached) return true;
    return false;
  }
  /** Epoch ms: no event at or before it is in time. -Infinity as long as {@link frontier} is. */
  get watermark(): number { return this.reached - this.options.maxOutOfOrdernessMs - 1; }

  /**
   * Makes a source known: it holds the watermark where it is until its first event, or until it is idle. For partitions that
   * are known before they send; a source that is not added is known from its first event on.
   * @returns false when there are `maxSources` active ones already: the source is not known, and holds nothing back.
   */
  add(source: string, now: number): boolean {
    this.passTime(now);
    return this.known(source) !== undefined;
  }

  /**
   * Takes the next event of a source: first it is late or not by the watermark so far, then it moves its source's.
   * @returns true when it is late: ts <= watermark.
   */
  observe(source: string, ts: number, now: number): boolean {
    this.passTime(now);
    const isLate = ts <= this.watermark;
    const known = this.known(source);
    if (known !== undefined) {
      known.maxTs = Math.max(known.maxTs, ts);
      known.activeAt = this.clock;
    }
    this.move();
    return isLate;
  }

  /** Is the source known? One that is not holds nothing back and is not waited for. */
  knows(source: string): boolean { return this.sources.has(source); }

  /** The clock runs on to `now`, and these sources are not idle: they have events that wait to be taken. */
  touch(sources: Iterable<string>, now: number): void {
    this.passTime(now);
    for (const source of sources) {
      const known = this.sources.get(source);
      if (known !== undefined) known.activeAt = this.clock;
    }
    this.move();
  }

  /** The processing clock runs on to `now` (never back): sources may become idle. @returns the watermark. */
  advance(now: number): number {
    this.passTime(now);
    this.move();
    return this.watermark;
  }

  /** The source has ended: it holds nothing back and is forgotten. Of the last one the largest ts counts. */
  remove(source: string): void {
    const ended = this.sources.get(source);
    if (ended === undefined) return;
    this.sources.delete(source);
    if (this.sources.size === 0) this.reached = Math.max(this.reached, ended.maxTs);
    this.move();
  }

  /** Instant of the processing clock at which the next active source becomes idle if nothing comes; undefined when none is active. */
  get nextIdleAt(): number | undefined {
    const times = [...this.sources.values()].filter((one) => !this.isIdle(one)).map(({ activeAt }) => activeAt + this.options.idleAfterMs);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** All sources, in the order in which they became known. */
  status(): readonly SourceStatus[] {
    return [...this.sources].map(([source, one]) => ({
      source, isIdle: this.isIdle(one), quietForMs: this.clock - one.activeAt, ...(one.maxTs === noTime ? {} : { maxTs: one.maxTs }),
    }));
  }

  state(): SourceWatermarksState {
    return { version: 1, frontier: instant(this.reached), now: instant(this.clock), sources: [...this.sources].map(([source, { maxTs, activeAt }]) => ({ source, maxTs: instant(maxTs), activeAt: instant(activeAt) })) };
  }

  static restore(options: SourceWatermarksOptions, state: SourceWatermarksState): SourceWatermarks {
    const restored = new SourceWatermarks(options);
    restored.reached = state.frontier ?? noTime;
    restored.clock = state.now ?? noTime;
    for (const { source, maxTs, activeAt } of state.sources) restored.sources.set(source, { maxTs: maxTs ?? noTime, activeAt: activeAt ?? noTime });
    return restored;
  }

  private passTime(now: number): void { if (now > this.clock) this.clock = now; }

  private isIdle({ activeAt }: Source): boolean { return this.clock - activeAt >= this.options.idleAfterMs; }

  private known(name: string): Source | undefined {
    const found = this.sources.get(name);
    if (found !== undefined) return found;
    if (this.sources.size >= this.maxSources && !this.forgetIdle()) return undefined;
    const added: Source = { maxTs: noTime, activeAt: this.clock };
    this.sources.set(name, added);
    return added;
  }

  private forgetIdle(): boolean {
    let longest: readonly [string, Source] | undefined;
    for (const one of this.sources) if (this.isIdle(one[1]) && (longest === undefined || one[1].activeAt < longest[1].activeAt)) longest = one;
    if (longest === undefined) return false;
    this.move(); // what it had reached still counts where all are idle
    return this.sources.delete(longest[0]);
  }

  private move(): void {
    let least = Infinity;
    let greatest = noTime;
    for (const one of this.sources.values()) {
      greatest = Math.max(greatest, one.maxTs);
      if (!this.isIdle(one)) least = Math.min(least, one.maxTs);
    }
    this.reached = Math.max(this.reached, least === Infinity ? greatest : least);
  }
}
