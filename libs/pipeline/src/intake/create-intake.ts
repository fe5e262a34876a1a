import type { IngestAnswer, RejectCode } from '@weir/contracts';
import { defaultIntakeStateOptions, eventValidator, readJson, type EventLimits, type EventValidator, type IntakeState, type IntakeStateOptions, type Refusal, type ValidEvent } from '@weir/ingest';
import type { EventSchema } from '@weir/rule-lang';
import type { CheckpointStore, LogReader, LogWriter, SourceStatus } from '@weir/stream-core';
import { BatchDecisions, type InternalEntry, type Outcome } from './batch-decisions.js';
import { IntakeTally, type IntakeCounters } from './intake-counters.js';
import { InFlight } from './in-flight.js';
import type { IntakeItem } from './intake-item.js';
import { startIntakeState, type IntakeStartReport } from './intake-start.js';
import { SourceGate, type SourceStall } from './source-gate.js';

/** Where refused events go; `openDeadLetters` of the connectors is one. */
export interface DeadLetterSink {
  append(letters: readonly {
    readonly receivedAt: number; readonly channel: string; readonly position: string; readonly code: RejectCode; readonly field?: string | undefined;
    readonly message: string; readonly eventId?: string | undefined; readonly raw: Uint8Array; readonly rawBytes?: number | undefined;
  }[]): Promise<readonly number[]>;
}

export interface IntakeOptions extends IntakeStateOptions {
  readonly limits: Partial<EventLimits>;
  /** Raw bytes taken and not yet answered, over all requests; default 64 MiB. Past it new requests are refused or wait. */
  readonly maxInFlightBytes: number;
  /** Log entries between two snapshots of the state; default 200,000. */
  readonly saveEvery: number;
  /** A named source that has sent nothing for so long, ms of the clock, holds the others back no longer; default 30,000. */
  readonly sourceIdleAfterMs: number;
}

export interface IntakeParts {
  readonly log: LogReader & LogWriter & { stats(): { readonly maxTs: number } };
  readonly deadLetters: DeadLetterSink;
  readonly schema: EventSchema;
  /** The ingester's clock, epoch ms. */
  readonly clock: () => number;
  /** Snapshots of the memory of ids, so that a start need not read the log of the last horizon. */
  readonly states?: CheckpointStore | undefined;
  /** Called with the highest durable seq after each append, before the answers leave. */
  readonly onDurable?: ((seq: number) => void) | undefined;
  /** Told of what went wrong beside the events: a snapshot that could not be written. */
  readonly onProblem?: ((message: string, cause: unknown) => void) | undefined;
  readonly options?: Partial<IntakeOptions> | undefined;
}

export type InternalAnswer =
  | { readonly status: 'appended'; readonly seq: number }
  | { readonly status: 'duplicate'; readonly seq: number }
  | { readonly status: 'conflict'; readonly seq: number | undefined; readonly message: string }
  /** A heartbeat that would not move time. */
  | { readonly status: 'skipped' };

/** Too much is waiting for its answer: come back after `retryAfterMs`. */
export class IntakeFull extends Error {
  override readonly name = 'IntakeFull';
  readonly retryAfterMs = 1_000;
  constructor(readonly inFlightBytes: number) { super(`${inFlightBytes} bytes of events wait for their answer`); }
}

/** The intake takes nothing (more): it was closed, or a write to the log failed. */
export class IntakeStopped extends Error {
  override readonly name = 'IntakeStopped';
}

export interface AcceptOptions {
  /** When too much is in flight at the start: `refuse` throws {@link IntakeFull} (a request), `wait` holds the channel back (a stream, a file). Default `wait`. */
  readonly whenFull?: 'refuse' | 'wait' | undefined;
  /**
   * One of several sources (partitions, files) of one stream of events, each in order by itself: what it sends waits until no
   * other source that is not idle is behind it in event time. Without it nothing waits, and with a single source neither.
   */
  readonly source?: string | undefined;
}
export type IntakeItems = Iterable<IntakeItem> | AsyncIterable<readonly IntakeItem[]>;

export interface Intake {
  readonly startReport: IntakeStartReport;
  /**
   * Takes the events of one request or stream and gives their answers in order, in batches, each after it is durable.
   * An answer does not wait for later events; memory is bounded for any length of the stream. Throws {@link IntakeStopped}
   * or the log's error when the log fails: events without an answer may or may not be in the log, sending them again is safe.
   */
  accept(items: IntakeItems, channel: string, options?: AcceptOptions): AsyncGenerator<readonly IngestAnswer[]>;
  /** All answers of a bounded request at once. */
  acceptAll(items: IntakeItems, channel: string, options?: AcceptOptions): Promise<readonly IngestAnswer[]>;
  /** Lists, rule sets, labels, heartbeats: durable, in one append, in order; ts = largest so far. */
  appendInternal(entries: readonly InternalEntry[]): Promise<readonly InternalAnswer[]>;
  /** Places in the log where an event with this id may lie, oldest first: of ids within the memory of ids, else none. The caller looks there. */
  seqsOf(id: string): readonly number[];
  /** The schema for events read from now on. */
  setSchema(schema: EventSchema): void;
  counters(): IntakeCounters;
  status(): { readonly maxTs: number; readonly watermark: number; readonly lastSeq: number; readonly knownIds: number; readonly idsForgottenEarly: number; readonly inFlightBytes: number; readonly isFull: boolean; readonly failure: string | undefined; readonly sources: readonly SourceStatus[]; readonly stall: SourceStall | undefined };
  /** Waits for what is under way, refuses more, saves the state. The log and the dead letters stay open: they are the caller's. */
  close(): Promise<void>;
}

interface Prepared { readonly item: IntakeItem; readonly checked: ValidEvent | Refusal }
type Unit =
  | { readonly kind: 'events'; readonly events: readonly Prepared[]; readonly channel: string; readonly resolve: (answers: readonly IngestAnswer[]) => void; readonly reject: (error: unknown) => void }
  | { readonly kind: 'internal'; readonly entries: readonly InternalEntry[]; readonly resolve: (answers: readonly InternalAnswer[]) => void; readonly reject: (error: unknown) => void };

const defaults = { maxInFlightBytes: 64 * 1024 * 1024, saveEvery: 200_000, sourceIdleAfterMs: 30_000, limits: {} };
/** Events read in one go, entries written in one go, and events of one stream under way: they bound latency and memory, nothing hangs on their values. */
const eventsPerUnit = 512;
const entriesPerAppend = 4_096;
const eventsPerStream = 4_096;

/**
 * Opens the intake over its log: every event and every entry of the host goes through one queue, so duplicates, lateness
 * and seq are decided one after the other. While one batch is being made durable the next one gathers (no timer: an idle
 * intake writes at once, a busy one writes large groups).
 */
export async function createIntake(parts: IntakeParts): Promise<Intake> {
  const { state, report } = await startIntakeState(parts.log, parts.states, parts.options ?? {});
  return new QueuedIntake(parts, state, report);
}

class QueuedIntake implements Intake {
  private readonly tally = new IntakeTally();
  private readonly inFlight: InFlight;
  private readonly gate: SourceGate;
  private readonly saveEvery: number;
  private validate: EventValidator;
  private queue: Unit[] = [];
  private running: Promise<void> | undefined;
  private saving: Promise<void> | undefined;
  private savedSeq: number;
  private failure: unknown;
  private isClosed = false;

  constructor(private readonly parts: IntakeParts, private readonly state: IntakeState, readonly startReport: IntakeStartReport) {
    const options = { ...defaults, ...parts.options };
    this.inFlight = new InFlight(options.maxInFlightBytes);
    this.gate = new SourceGate({ maxOutOfOrdernessMs: options.maxOutOfOrdernessMs ?? defaultIntakeStateOptions.maxOutOfOrdernessMs, idleAfterMs: options.sourceIdleAfterMs, clock: parts.clock });
    this.saveEvery = options.saveEvery;
    this.savedSeq = state.lastSeq;
    this.validate = eventValidator(parts.schema, options.limits);
  }

  async *accept(items: IntakeItems, channel: string, options: AcceptOptions = {}): AsyncGenerator<readonly IngestAnswer[]> {
    this.requireRunning();
    if (options.whenFull === 'refuse' && this.inFlight.isFull) throw new IntakeFull(this.inFlight.bytes);
    const source = batchesOf(items)[Symbol.asyncIterator]();
    const waiting: Promise<readonly IngestAnswer[]>[] = [];
    let eventsWaiting = 0;
    const oldestAnswers = async (): Promise<readonly IngestAnswer[]> => {
      const answers = (await waiting.shift()) ?? [];
      eventsWaiting -= answers.length;
      return answers;
    };
    try {
      let next = source.next();
      for (;;) {
        const [oldest] = waiting;
        const came = oldest === undefined ? 'events' : await Promise.race([next.then(() => 'events' as const), oldest.then(() => 'answers' as const)]);
        if (came === 'answers') {
          yield await oldestAnswers();
          continue;
        }
        const batch = await next;
        if (batch.done === true) break;
        for (let at = 0; at < batch.value.length; at += eventsPerUnit) {
          while (eventsWaiting >= eventsPerStream) yield await oldestAnswers();
          const unit = this.prepare(batch.value.slice(at, at + eventsPerUnit));
          await this.inFlight.room();
          if (options.source !== undefined) yield* this.turnOf(options.source, unit, () => waiting[0], oldestAnswers);
          eventsWaiting += unit.length;
          waiting.push(this.submit(unit, channel));
        }
        next = source.next();
      }
      while (waiting.length > 0) yield await oldestAnswers();
    } finally {
      // Not awaited: a source that waits for its client would hold this up; a failure of it was thrown above already.
      source.return?.(undefined).catch(() => undefined);
    }
  }

  /** Ends when it is the unit's turn among the sources; meanwhile gives the answers that come. Nothing may come between its end and the queue. */
  private async *turnOf(source: string, unit: readonly Prepared[], oldest: () => Promise<unknown> | undefined, oldestAnswers: () => Promise<readonly IngestAnswer[]>): AsyncGenerator<readonly IngestAnswer[]> {
    const largestTs = this.largestTs(unit);
    this.gate.sent(source, largestTs);
    while (!this.gate.isOpen(source, largestTs)) {
      this.requireRunning();
      let isAnswered = false;
      this.gate.hold(source);
      try {
        const changed = this.gate.change();
        await Promise.race([changed, oldest()?.then(() => { isAnswered = true; }) ?? changed]);
      } finally {
        this.gate.release(source); // a sender that does not take its answers may become idle
      }
      if (isAnswered) yield await oldestAnswers();
    }
  }

  async acceptAll(items: IntakeItems, channel: string, options: AcceptOptions = {}): Promise<readonly IngestAnswer[]> {
    const all: IngestAnswer[] = [];
    for await (const answers of this.accept(items, channel, options)) for (const answer of answers) all.push(answer);
    return all;
  }

  appendInternal(entries: readonly InternalEntry[]): Promise<readonly InternalAnswer[]> {
    return new Promise((resolve, reject) => {
      this.requireRunning();
      this.gate.look();
      this.enqueue({ kind: 'internal', entries, resolve, reject });
    });
  }

  seqsOf(id: string): readonly number[] { return this.state.candidates(id); }

  setSchema(schema: EventSchema): void { this.validate = eventValidator(schema, this.parts.options?.limits ?? {}); }

  counters(): IntakeCounters { return this.tally.counters(); }

  status(): ReturnType<Intake['status']> {
    const { maxTs, watermark, lastSeq, ids } = this.state;
    return {
      maxTs, watermark, lastSeq, knownIds: ids.known, idsForgottenEarly: ids.forgottenEarly, inFlightBytes: this.inFlight.bytes, isFull: this.inFlight.isFull,
      failure: this.failure === undefined ? undefined : textOf(this.failure),
      sources: this.gate.status(),
      stall: this.gate.stall(),
    };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.gate.wake();
    await this.running;
    await this.saving;
    if (this.failure === undefined && this.state.lastSeq > this.savedSeq) await this.save();
  }

  /** Reads and checks the events now, in the caller's turn; only what needs the log's order waits in the queue. */
  private prepare(items: readonly IntakeItem[]): readonly Prepared[] {
    return items.map((item) => ({ item, checked: this.check(item) }));
  }

  /** Of the events that can be accepted: one that is dated too far ahead is refused and moves no source. -Infinity when there is none. */
  private largestTs(events: readonly Prepared[]): number {
    const until = this.parts.clock() + this.state.maxFutureMs;
    return events.reduce((largest, { checked }) => (checked.ok && checked.event.ts > largest && checked.event.ts <= until ? checked.event.ts : largest), -Infinity);
  }

  private submit(events: readonly Prepared[], channel: string): Promise<readonly IngestAnswer[]> {
    const bytes = events.reduce((sum, { item }) => sum + item.raw.length, 0);
    this.tally.bytes += events.reduce((sum, { item }) => sum + (item.rawBytes ?? item.raw.length), 0);
    this.inFlight.take(bytes);
    const answers = new Promise<readonly IngestAnswer[]>((resolve, reject) => {
      this.requireRunning();
      this.enqueue({ kind: 'events', events, channel, resolve, reject });
    }).finally(() => { this.inFlight.give(bytes); });
    answers.catch(() => undefined); // whoever awaits it has the failure; a stream that was dropped must not end the process
    return answers;
  }

  private check(item: IntakeItem): ValidEvent | Refusal {
    if (item.refusal !== undefined) return item.refusal;
    const read = readJson(item.raw);
    return read.ok ? this.validate(read.value) : read;
  }

  private enqueue(unit: Unit): void {
    this.queue.push(unit);
    this.running ??= this.run();
  }

  private async run(): Promise<void> {
    await Promise.resolve(); // what comes in this turn of the event loop goes into the first write
    while (this.queue.length > 0) {
      const units = this.takeUnits();
      try {
        if (this.failure !== undefined) throw this.stopped();
        await this.process(units);
      } catch (error) {
        for (const unit of units) unit.reject(error);
      }
    }
    this.running = undefined;
  }

  private takeUnits(): readonly Unit[] {
    let count = 0;
    let entries = 0;
    for (const unit of this.queue) {
      const size = unit.kind === 'events' ? unit.events.length : unit.entries.length;
      if (count > 0 && entries + size > entriesPerAppend) break;
      entries += size;
      count += 1;
    }
    return this.queue.splice(0, count);
  }

  private async process(units: readonly Unit[]): Promise<void> {
    const now = this.parts.clock();
    const decisions = new BatchDecisions(this.state, this.parts.log, now, this.gate.heartbeatsUpTo);
    const outcomes = await this.decideAll(units, decisions);
    const letters = this.lettersOf(units, outcomes, now);
    const [logged, kept] = await Promise.allSettled([
      decisions.entries.length === 0 ? [] : this.parts.log.append(decisions.entries),
      letters.length === 0 ? [] : this.parts.deadLetters.append(letters),
    ]);
    if (logged.status === 'rejected') {
      this.failure = logged.reason; // time and ids have moved on without the log: only a new start brings them together
      this.gate.wake();
      throw logged.reason;
    }
    decisions.record(logged.value);
    this.tally.restamped += decisions.restamped;
    if (logged.value.length > 0) this.parts.onDurable?.(logged.value.at(-1) ?? 0);
    let letter = 0;
    units.forEach((unit, i) => {
      const decided = outcomes[i] ?? [];
      if (unit.kind === 'internal') { unit.resolve(decided.map((outcome) => internalAnswer(outcome, logged.value))); return; }
      const refused = decided.filter((outcome) => outcome.kind === 'refused').length;
      if (refused > 0 && kept.status === 'rejected') { unit.reject(kept.reason); return; } // a refusal is answered only when its letter is kept
      const answers = decided.map((outcome, k) => eventAnswer(outcome, unit.events[k], logged.value, () => (kept.status === 'fulfilled' ? kept.value[letter++] : undefined)));
      for (const answer of answers) this.tally.count(answer);
      for (const { checked } of unit.events) if (checked.ok) this.tally.unknownFields += checked.unknownFields;
      unit.resolve(answers);
    });
    if (this.state.lastSeq - this.savedSeq >= this.saveEvery) this.saving ??= this.save().finally(() => { this.saving = undefined; });
  }

  private async decideAll(units: readonly Unit[], decisions: BatchDecisions): Promise<readonly (readonly Outcome[])[]> {
    const all: Outcome[][] = [];
    for (const unit of units) {
      const outcomes: Outcome[] = [];
      const steps = unit.kind === 'internal'
        ? unit.entries.map((entry) => () => decisions.decideInternal(entry))
        : unit.events.map(({ checked }) => () => (checked.ok ? decisions.decide(checked, unit.channel) : { kind: 'refused' as const, refusal: checked }));
      for (const step of steps) {
        const outcome = step();
        outcomes.push(outcome instanceof Promise ? await outcome : outcome);
      }
      all.push(outcomes);
    }
    return all;
  }

  private lettersOf(units: readonly Unit[], outcomes: readonly (readonly Outcome[])[], now: number): Parameters<DeadLetterSink['append']>[0] {
    return units.flatMap((unit, i) => (unit.kind === 'internal' ? [] : (outcomes[i] ?? []).flatMap((outcome, k) => {
      const item = unit.events[k]?.item;
      if (outcome.kind !== 'refused' || item === undefined) return [];
      const { code, field, message, id } = outcome.refusal;
      return [{ receivedAt: now, channel: unit.channel, position: item.position, code, field, message, eventId: id, raw: item.raw, rawBytes: item.rawBytes }];
    })));
  }

  private async save(): Promise<void> {
    if (this.parts.states === undefined) return;
    const seq = this.state.lastSeq;
    try {
      await this.parts.states.save(seq, this.state.snapshot());
    } catch (error) {
      // Nothing is lost by it: the next start reads more of the log. Told, and tried again after as many entries.
      this.parts.onProblem?.('the snapshot of the intake could not be written', error);
    }
    this.savedSeq = seq;
  }

  private requireRunning(): void {
    if (this.failure !== undefined) throw this.stopped();
    if (this.isClosed) throw new IntakeStopped('the intake is closed');
  }

  private stopped(): IntakeStopped { return new IntakeStopped(`the intake stopped: ${textOf(this.failure)}`, { cause: this.failure }); }
}

function eventAnswer(outcome: Outcome, event: Prepared | undefined, seqs: readonly number[], nextLetter: () => number | undefined): IngestAnswer {
  const id = event?.checked.ok === true ? event.checked.event.id : '';
  switch (outcome.kind) {
    case 'append': {
      const seq = seqs[outcome.index] ?? 0;
      return outcome.delayMs === undefined ? { status: 'accepted', id, seq } : { status: 'late', id, seq, delayMs: outcome.delayMs };
    }
    case 'same-batch': return { status: 'duplicate', id, seq: seqs[outcome.index] ?? 0 };
    case 'known': return { status: 'duplicate', id, seq: outcome.seq };
    case 'refused': {
      const { code, field, message, id: refusedId } = outcome.refusal;
      const deadLetterId = nextLetter();
      return { status: 'rejected', code, message, ...(refusedId === undefined ? undefined : { id: refusedId }), ...(field === undefined ? undefined : { field }), ...(deadLetterId === undefined ? undefined : { deadLetterId }) };
    }
    case 'skipped': throw new RangeError('an event of a channel is never skipped');
  }
}

function internalAnswer(outcome: Outcome, seqs: readonly number[]): InternalAnswer {
  switch (outcome.kind) {
    case 'append': return { status: 'appended', seq: seqs[outcome.index] ?? 0 };
    case 'same-batch': return { status: 'duplicate', seq: seqs[outcome.index] ?? 0 };
    case 'known': return { status: 'duplicate', seq: outcome.seq };
    case 'refused': return { status: 'conflict', seq: outcome.seq, message: outcome.refusal.message };
    case 'skipped': return { status: 'skipped' };
  }
}

async function* batchesOf(items: IntakeItems): AsyncGenerator<readonly IntakeItem[]> {
  if (Symbol.asyncIterator in items) {
    yield* items;
    return;
  }
  let batch: IntakeItem[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < eventsPerUnit) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
