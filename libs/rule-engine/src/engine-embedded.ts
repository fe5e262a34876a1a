import type { Alert, LogEntry, LogEvent } from '@weir/contracts';
import type { EventLog } from './compile/event-log.js';
import { BatchStep } from './compile/kernel/batch-step.js';
import type { KnownIds } from './compile/kernel/batch-keys.js';
import type { DecodedBatch } from './compile/decoded-batch.js';
import { keepsCopies } from './engine.js';
import type { DecodedEvents, EngineDefinition, EngineRestore, EngineStats, LineEngine, LineParser, RestoreResult, RuleEngine, SnapshotSlices } from './engine.js';
import { keepPayload } from './engine-evidence.js';
import { EngineState } from './engine-state.js';
import type { TypeProgram } from './engine-state.js';
import { LineBatches } from './engine-lines.js';
import type { EventSource } from './engine-lines.js';
import { RowRules } from './engine-row-rules.js';
import type { EngineParts, EngineProgress } from './engine-snapshot.js';
import { SnapshotReader } from './engine-snapshot-read.js';
import { beginSnapshot, wholeSnapshot } from './engine-snapshot-write.js';
import { inOrderOfInstant } from './interpret/timed-alert.js';
import type { TimedAlert } from './interpret/timed-alert.js';
import type { StatePlan } from './plan/state-plan.js';
import type { SequenceRules } from './sequence/sequence-rules.js';
import { WindowRules } from './window-rules/window-rules.js';

/**
 * The embedded engine: columns, shared logs with one cursor per window length, rules as generated code or closures.
 * Alert for alert equal to the interpreter, in both evaluation modes.
 *
 * Cost per event: O(windows) amortised, whatever their length; an event out of order costs what its key's windows hold.
 */
export function createEngine(definition: EngineDefinition): LineEngine {
  return new EmbeddedEngine(definition);
}

/** The engine as it was when `snapshot()` gave these bytes: its later alerts are the same. Refused by name when damaged, foreign, of another version or rule set. */
export function restoreEngine(definition: EngineDefinition, bytes: Uint8Array): RestoreResult {
  const restore = beginRestore(definition);
  return restore.push(bytes) ?? restore.finish();
}

/** The same from chunks of any size, as they are read from a file: none is kept. */
export function beginRestore(definition: EngineDefinition): EngineRestore {
  const engine = new EmbeddedEngine(definition);
  const reader = new SnapshotReader(engine);
  return { push: (chunk) => reader.push(chunk), finish: () => reader.finish() ?? { ok: true, engine } };
}

/** What an engine of {@link createEngine} is made of; undefined for any other. For migration. */
export function partsOf(engine: RuleEngine): EngineParts | undefined { return engine instanceof EmbeddedEngine ? engine : undefined; }

/** Rows of a micro-batch from bytes. */
const batchRows = 256;
/** More chains than a mask has bits, or plans of thousands of columns, are stepped without kernels. */
const mostChains = 31;
const mostColumns = 4_000;

class EmbeddedEngine implements LineEngine, EngineParts {
  readonly state: EngineState;
  readonly progress: EngineProgress = { seq: 0, maxTs: 0, now: 0 };
  /** Watermark mode: events the watermark has not passed, in (ts, seq) order. */
  waiting: LogEvent[] = [];
  /** Rules over the current row. */
  private readonly rules: RowRules;
  private readonly lines: LineBatches;
  /** Kernels over the same state, from the first lines on; undefined where there are none. */
  private batch: BatchStep | undefined;
  private readonly isArrival: boolean;
  /** Some rule ends with time, not with an event. */
  private readonly waitsForTime: boolean;
  private readonly keepsEvidence: boolean;
  readonly windows: WindowRules;
  /** Alerts of the lines being applied: like the function below the same for all calls, so that one of a few lines leaves no garbage. */
  private found: Alert[] = [];
  private readonly takeRows = (count: number): void => { this.stepRows(count, this.found); };
  private current: EventSource = { event: () => { throw new TypeError('no line is being applied'); } };

  constructor(readonly definition: EngineDefinition) {
    this.definition = { ...definition, rules: [...definition.rules].sort((a, b) => (a.rule.id < b.rule.id ? -1 : a.rule.id > b.rule.id ? 1 : 0)) };
    this.state = new EngineState(this.definition, batchRows);
    this.isArrival = definition.options.evaluation === 'arrival';
    this.lines = new LineBatches(this.state, this.isArrival ? batchRows : 1, () => this.canStep());
    this.keepsEvidence = keepsCopies(definition.options);
    this.rules = new RowRules(this.state, () => (this.isArrival ? this.watermark() + 1 : Infinity));
    this.windows = new WindowRules(this.definition.rules, definition.options);
    this.waitsForTime = !this.sequences.isEmpty || !this.windows.isEmpty;
  }

  get sequences(): SequenceRules { return this.rules.sequences; }

  apply(entry: LogEntry): readonly Alert[] {
    const { progress } = this;
    if (!(entry.seq > progress.seq)) throw new RangeError(`seq ${entry.seq} after ${progress.seq}: entries come in seq order`);
    progress.seq = entry.seq;
    switch (entry.kind) {
      case 'event': return this.applyEvent(entry);
      case 'list': this.state.lists.change(entry); return none;
      case 'rules': return none;
      case 'heartbeat': return this.applyTime(entry.ts);
    }
  }

  end(): readonly Alert[] { return this.isArrival ? this.atInstants(Infinity) : this.release(Infinity); }

  snapshot(): Uint8Array { return wholeSnapshot(this); }

  beginSnapshot(): SnapshotSlices { return beginSnapshot(this); }

  stats(): EngineStats {
    const { dimensions, logs, memory } = this.state;
    let [keys, windowEvents, stateBytes] = [0, 0, 0];
    for (const { interner, rows, plan } of dimensions) {
      if (plan.stride > 0) keys += interner.size;
      stateBytes += interner.byteLength + rows.cells.byteLength;
    }
    for (const log of logs) {
      windowEvents += log.columns.length;
      stateBytes += log.byteLength;
    }
    return { seq: this.progress.seq, maxTs: this.progress.maxTs, keys, windowEvents: windowEvents + this.windows.eventCount, stateBytes, openMatches: this.sequences.openMatches, givenUpMatches: this.sequences.givenUp, ...(memory === undefined ? {} : { memoryBytes: memory.byteLength, memoryLimitBytes: 2 ** 32 }) };
  }

  private applyEvent(event: LogEvent): readonly Alert[] {
    const { state, progress } = this;
    if (event.late === true) {
      const late: Alert[] = [];
      if (state.load(event, 0)) this.rules.evaluate({ event: () => event }, this.program()?.stateless, event.seq, late);
      return late;
    }
    progress.maxTs = Math.max(progress.maxTs, event.ts);
    if (!this.windows.isEmpty) this.windows.add(event);
    if (this.isArrival) return this.evaluateOnArrival(event);
    this.wait(event);
    return this.release(this.watermark());
  }

  private applyTime(ts: number): readonly Alert[] {
    const { progress } = this;
    progress.maxTs = Math.max(progress.maxTs, ts);
    const alerts = this.isArrival ? this.atInstants(this.watermark()) : this.release(this.watermark());
    this.advance(this.watermark() + 1); // whatever is still to come in time is dated after the watermark
    return alerts;
  }

  private watermark(): number { return this.watermarkAt(this.progress.maxTs); }
  private watermarkAt(maxTs: number): number { return maxTs - this.definition.options.maxOutOfOrdernessMs - 1; }
  /** Has the watermark passed it, after events up to `maxTs` (0: none)? */
  private isLate(ts: number, maxTs: number): boolean { return maxTs > 0 && ts <= this.watermarkAt(maxTs); }
  private program(): TypeProgram | undefined { return this.state.programs[this.state.rows.type[this.state.rows.row] as number]; }

  /** Kept windows move on to `now`; what no event still to come can see is dropped. */
  private advance(now: number): void {
    const { progress, state: { logs } } = this;
    if (now > progress.now) progress.now = now;
    for (let i = 0; i < logs.length; i++) (logs[i] as EventLog).advance(progress.now);
    this.dropUnseen(progress.now);
  }

  private dropUnseen(now: number): void {
    const { progress, state, definition: { options } } = this;
    // The earliest ts that an event still to come may have: it sees back from there. Never ahead of the kept windows.
    const earliest = this.isArrival ? Math.min(now, progress.maxTs - options.maxOutOfOrdernessMs) : now;
    for (const log of state.logs) log.dropUnseen(earliest, state.needsRetention(log) ? options.retentionMs : 0);
  }

  applyLines(lines: Uint8Array, firstSeq: number, parse: LineParser): readonly Alert[] {
    if (!(firstSeq > this.progress.seq)) throw new RangeError(`seq ${firstSeq} after ${this.progress.seq}: entries come in seq order`);
    this.current = this.lines.source(parse);
    if (this.found.length > 0) this.found = []; // of a call that failed
    const lastSeq = this.lines.read(lines, firstSeq, parse, this.takeRows);
    this.progress.seq = Math.max(this.progress.seq, lastSeq);
    if (this.found.length === 0) return none;
    const alerts = this.found;
    this.found = [];
    return alerts;
  }

  decodeLines(lines: Uint8Array, firstSeq: number, parse: LineParser): DecodedEvents {
    const batches: DecodedBatch[] = [];
    const lastSeq = this.lines.read(lines, firstSeq, parse, (count) => { if (count > 0) batches.push(this.lines.take(count, this.idsOf(count))); });
    return new Decoded(this, lines, parse, batches, firstSeq, lastSeq);
  }

  /** Keys of rows that were read, looked up ahead; where some row came through the parser they are left for later. */
  private idsOf(count: number): KnownIds | undefined {
    const { batch, lines } = this;
    return batch !== undefined && lines.isReachable && !lines.hasTexts && batch.keys.canReadAhead ? batch.keys.read(count) : undefined;
  }

  applyDecoded(events: DecodedEvents): readonly Alert[] {
    const decoded = this.own(events);
    const { progress } = this;
    if (!(events.firstSeq > progress.seq)) throw new RangeError(`seq ${events.firstSeq} after ${progress.seq}: entries come in seq order`);
    decoded.isSpent = true;
    const alerts: Alert[] = [];
    this.current = this.lines.source(decoded.parse);
    for (const batch of decoded.batches) {
      this.lines.put(batch, decoded.lines);
      this.stepRows(batch.count, alerts, batch.ids);
    }
    progress.seq = Math.max(progress.seq, decoded.lastSeq);
    return alerts;
  }

  forgetDecoded(events: DecodedEvents): void {
    const decoded = this.own(events);
    decoded.isSpent = true;
    for (const { ids, count } of decoded.batches) if (ids !== undefined) this.batch?.keys.drop(ids, 0, count);
  }

  private own(events: DecodedEvents): Decoded {
    if (!(events instanceof Decoded) || events.owner !== this) throw new RangeError('these events were decoded by another engine');
    if (events.isSpent) throw new RangeError('these events were applied or forgotten before');
    return events;
  }

  /** Are there kernels for this plan? Made when first asked. */
  private canStep(): boolean {
    const { state } = this;
    const { memory, plan } = state;
    if (this.batch !== undefined) return true;
    if (memory === undefined || !this.isArrival || !isWithinReach(plan)) return false;
    this.batch = new BatchStep({ ...state, memory, viewsOfType: state.programs.map(({ kept }) => kept) });
    return true;
  }

  /** Applies the rows of a batch, in order: by kernels what is in time and in order, the rest one by one. @param known ids of the rows' keys. */
  private stepRows(count: number, alerts: Alert[], known?: KnownIds): void {
    const { batch } = this;
    if (batch === undefined || !this.lines.isReachable) {
      if (known !== undefined) batch?.keys.drop(known, 0, count);
      for (let row = 0; row < count; row++) this.stepLine(row, alerts);
      return;
    }
    // Rows whose known ids were given to kernels, which have given those back that were of no use.
    let taken = 0;
    for (let row = 0; row < count;) {
      const to = this.runOfRows(row, row < taken ? taken : count);
      const ready = to > row ? batch.prepare(row, to, this.lines.hasTexts, row < taken ? undefined : known) : row;
      taken = Math.max(taken, to);
      this.stepPrepared(batch, row, ready, alerts);
      const isApart = ready < to || to === row;
      if (isApart && known !== undefined && ready >= taken) {
        taken = ready + 1;
        batch.keys.drop(known, ready, taken);
      }
      if (isApart) this.stepLine(ready, alerts);
      row = isApart ? ready + 1 : to;
    }
    const { progress } = this;
    this.dropUnseen(progress.now);
  }

  /** From `from` on the rows that come in order of time; late ones, which enter no log, among them. Each gets its log. */
  private runOfRows(from: number, to: number): number {
    const { state: { rows, plan }, batch, progress } = this;
    let { maxTs, now } = progress;
    let row = from;
    for (; row < to; row++) {
      const ts = rows.ts[row] as number;
      const isLate = this.isLate(ts, maxTs);
      if (!isLate && ts < now) break;
      if (batch !== undefined) batch.columns.log[row] = isLate ? -1 : (plan.logOfType[rows.type[row] as number] ?? -1);
      if (isLate) continue;
      now = ts;
      if (ts > maxTs) maxTs = ts;
    }
    return row;
  }

  private stepPrepared(batch: BatchStep, from: number, to: number, alerts: Alert[]): void {
    for (let row = from; row < to;) {
      const done = batch.step(row, to);
      for (let each = row; each < done; each++) this.evaluateRow(batch, each, batch.unsettled && each === done - 1, alerts);
      if (done === row) {
        batch.keys.forget(row);
        this.stepLine(row, alerts);
      }
      row = done === row ? row + 1 : done;
    }
  }

  /** Evaluates a row that kernels have taken through the windows. @param isLive nothing has entered since: its views are the rows of its keys. */
  private evaluateRow(batch: BatchStep, row: number, isLive: boolean, alerts: Alert[]): void {
    if (!this.begin(row, alerts)) return;
    const { state: { rows }, progress } = this;
    if (this.waitsForTime) this.passInstants(alerts);
    progress.now = rows.ts[row] as number;
    const log = batch.columns.entered[row] === 1 ? this.logOfRow() : undefined;
    const n = log === undefined ? undefined : (batch.columns.n[row] as number);
    if (log !== undefined && n !== undefined && this.keepsEvidence) keepPayload(log, n, this.current.event());
    const program = this.program();
    if (program !== undefined && !program.isEmpty) {
      if (isLive) this.rules.resolve(program, log, n, { ts: progress.now, seq: progress.seq }, true);
      else this.rules.pointAt(program, batch, log, n);
      this.rules.evaluate(this.current, program.rules, progress.seq, alerts, program.sequences);
    }
    if (isLive && log !== undefined && n !== undefined) log.settle(n);
  }

  private stepLine(row: number, alerts: Alert[]): void {
    if (this.isArrival) {
      if (this.begin(row, alerts)) this.step(this.current, alerts);
      return;
    }
    const { state: { rows }, progress } = this;
    rows.row = row;
    progress.seq = rows.seq[row] as number;
    const event = this.current.event();
    alerts.push(...this.applyEvent(this.isLate(event.ts, progress.maxTs) ? { ...event, late: true } : event));
  }

  /** Arrival mode: the row is the current one from here on. @returns false: it is late, and the rules that keep nothing have seen it. */
  private begin(row: number, alerts: Alert[]): boolean {
    const { state, progress } = this;
    const { rows, plan } = state;
    rows.row = row;
    state.stamp.value++;
    const seq = rows.seq[row] as number;
    const ts = rows.ts[row] as number;
    progress.seq = seq;
    if (this.isLate(ts, progress.maxTs)) {
      this.rules.evaluate({ event: () => ({ ...this.current.event(), late: true }) }, this.program()?.stateless, seq, alerts);
      return false;
    }
    if (ts > progress.maxTs) progress.maxTs = ts;
    if (this.windows.looksAt(plan.types[rows.type[row] as number] ?? '')) this.windows.add(this.current.event());
    return true;
  }

  private evaluateOnArrival(event: LogEvent): readonly Alert[] {
    if (!this.state.load(event, 0)) {
      const timed = this.atInstants(this.watermark());
      this.advance(event.ts);
      return timed;
    }
    const alerts: Alert[] = [];
    this.step({ event: () => event }, alerts);
    return alerts;
  }

  /** The current row, an event in time, passes through the engine (arrival mode). */
  private step(source: EventSource, alerts: Alert[]): void {
    const { state, progress } = this;
    const { rows } = state;
    const ts = rows.ts[rows.row] as number;
    const seq = rows.seq[rows.row] as number;
    const isInOrder = ts >= progress.now;
    if (this.waitsForTime) this.passInstants(alerts);
    this.advance(ts);
    const log = this.logOfRow();
    const n = log?.enter();
    if (log !== undefined && n !== undefined && this.keepsEvidence) keepPayload(log, n, source.event());
    const program = this.program();
    if (program !== undefined && !program.isEmpty) {
      this.rules.resolve(program, log, n, { ts, seq }, isInOrder);
      this.rules.evaluate(source, program.rules, seq, alerts, program.sequences);
    }
    if (log !== undefined && n !== undefined) log.settle(n);
  }

  private logOfRow(): EventLog | undefined {
    const { plan, logs, rows } = this.state;
    return logs[plan.logOfType[rows.type[rows.row] as number] as number];
  }

  /** Alerts of the instants that the watermark has come to: for each event, so without a number or an array on the heap while nothing is due. */
  private passInstants(alerts: Alert[]): void {
    if (this.windows.isEmpty && this.sequences.nextDeadline > this.watermark() + 1) return;
    for (const alert of this.atInstants(this.watermark())) alerts.push(alert);
  }

  /** Arrival mode: what waited for the watermark to come this far, before the event that moved it is evaluated. */
  private atInstants(watermark: number): readonly Alert[] {
    if (!this.waitsForTime) return none;
    const { seq } = this.progress;
    const ended = this.windows.advance(watermark + 1, seq);
    const matched = this.sequences.advance(watermark + 1, seq);
    return ended.length === 0 && matched.length === 0 ? none : inOrderOfInstant([...ended, ...matched]);
  }

  private wait(event: LogEvent): void {
    let at = this.waiting.length;
    while (at > 0 && (this.waiting[at - 1] as LogEvent).ts > event.ts) at--;
    this.waiting.splice(at, 0, event);
  }

  /** Evaluates the waiting events that the watermark has passed; those of one ms see each other. */
  private release(until: number): readonly Alert[] {
    const { waiting } = this;
    let from = 0;
    const alerts: Alert[] = [];
    const timed: TimedAlert[] = [];
    while (from < waiting.length && (waiting[from] as LogEvent).ts <= until) {
      const { ts } = waiting[from] as LogEvent;
      timed.push(...this.sequences.advance(ts, this.progress.seq)); // what ends at its instant does not see it
      let to = from + 1;
      while (to < waiting.length && (waiting[to] as LogEvent).ts === ts) to++;
      alerts.push(...this.evaluatePeers(waiting.slice(from, to)));
      from = to;
    }
    if (from > 0) this.waiting = waiting.slice(from);
    timed.push(...this.windows.advance(until + 1, this.progress.seq), ...this.sequences.advance(until + 1, this.progress.seq));
    return timed.length === 0 ? alerts : [...inOrderOfInstant(timed), ...alerts];
  }

  private evaluatePeers(peers: readonly LogEvent[]): readonly Alert[] {
    const { state, progress } = this;
    this.advance((peers[0] as LogEvent).ts);
    const numbers = peers.map((event) => {
      if (!state.load(event, 0)) return undefined;
      const log = this.logOfRow();
      const n = log?.enter();
      if (log !== undefined && n !== undefined && this.keepsEvidence) keepPayload(log, n, event);
      return n;
    });
    const isAlone = peers.length === 1;
    const alerts: Alert[] = [];
    peers.forEach((event, i) => {
      if (!isAlone && !state.load(event, 0)) return;
      const program = this.program();
      if (program === undefined || state.typeOf(event.type) < 0) return;
      // Alone, the kept windows are exact; among peers `before` must leave out only the event itself.
      this.rules.resolve(program, this.logOfRow(), numbers[i], event, isAlone);
      this.rules.evaluate({ event: () => event }, program.rules, progress.seq, alerts, program.sequences);
    });
    peers.forEach((event, i) => {
      const n = numbers[i];
      const log = state.logs[state.plan.logOfType[state.typeOf(event.type)] ?? -1];
      if (log !== undefined && n !== undefined) log.settle(n);
    });
    return alerts;
  }
}

const none: readonly never[] = [];

/** What `decodeLines` gives: opaque to callers. */
class Decoded implements DecodedEvents {
  /** The references to keys have been used up. */
  isSpent = false;
  constructor(readonly owner: object, readonly lines: Uint8Array, readonly parse: LineParser, readonly batches: readonly DecodedBatch[], readonly firstSeq: number, readonly lastSeq: number) {}
  get count(): number { return this.batches.reduce((sum, { count }) => sum + count, 0); }
  get byteLength(): number { return this.batches.reduce((sum, batch) => sum + batch.byteLength, 0); }
}

function isWithinReach({ logs, dimensions }: StatePlan): boolean {
  const columns = logs.reduce((sum, { ids, numbers, predicates, accumulators }) => sum + ids.length + numbers.length + predicates.length + accumulators.length, dimensions.length);
  return columns <= mostColumns && logs.every(({ chains }) => chains.length <= mostChains);
}
