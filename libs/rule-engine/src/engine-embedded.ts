import type { Alert, LogEntry, LogEvent } from '@weir/contracts';
import type { EventNumber } from '@weir/stream-core';
import type { EventLog } from './compile/event-log.js';
import type { RuleProgram } from './compile/generate-rules.js';
import type { EngineDefinition, EngineStats, RestoreResult, RuleEngine } from './engine.js';
import { evidenceOf, keepPayload } from './engine-evidence.js';
import { EngineState } from './engine-state.js';
import type { TypeProgram } from './engine-state.js';
import { readSnapshot, writeSnapshot } from './engine-snapshot.js';
import type { EngineProgress } from './engine-snapshot.js';
import { buildAlert } from './explain/build-alert.js';
import { UnsupportedRuleError } from './interpret/interpreter.js';

/**
 * The embedded engine: columns, shared logs with one cursor per window length, rules as generated code or closures.
 * Alert for alert equal to the interpreter, in both evaluation modes.
 *
 * Cost per event: O(windows) amortised, whatever their length; an event out of order costs what its key's windows hold.
 * Throws {@link UnsupportedRuleError} on sequences and window rules.
 */
export function createEngine(definition: EngineDefinition): RuleEngine {
  return new EmbeddedEngine(definition);
}

/** The engine as it was when `snapshot()` gave these bytes: its later alerts are the same. Refused by name when damaged, foreign, of another version or rule set. */
export function restoreEngine(definition: EngineDefinition, bytes: Uint8Array): RestoreResult {
  const engine = new EmbeddedEngine(definition);
  const refusal = engine.restore(bytes);
  return refusal === undefined ? { ok: true, engine } : refusal;
}

class EmbeddedEngine implements RuleEngine {
  private readonly state: EngineState;
  private readonly progress: EngineProgress = { seq: 0, maxTs: 0, now: 0 };
  /** Watermark mode: events the watermark has not passed, in (ts, seq) order. */
  private waiting: LogEvent[] = [];
  /** Rules that fired on the current row. */
  private readonly fired: Int32Array;
  private readonly isArrival: boolean;
  private readonly keepsEvidence: boolean;

  constructor(private readonly definition: EngineDefinition) {
    const unsupported = definition.rules.find(({ rule }) => rule.body.kind !== 'when');
    if (unsupported !== undefined) throw new UnsupportedRuleError(unsupported.rule.id, unsupported.rule.body.kind);
    this.definition = { ...definition, rules: [...definition.rules].sort((a, b) => (a.rule.id < b.rule.id ? -1 : a.rule.id > b.rule.id ? 1 : 0)) };
    this.state = new EngineState(this.definition, 1);
    this.fired = new Int32Array(definition.rules.length);
    this.isArrival = definition.options.evaluation === 'arrival';
    this.keepsEvidence = definition.options.evidence === 'full';
  }

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

  end(): readonly Alert[] { return this.isArrival ? none : this.release(Infinity); }

  snapshot(): Uint8Array { return writeSnapshot(this.definition, this.state, this.progress, this.waiting); }

  restore(bytes: Uint8Array): Extract<RestoreResult, { ok: false }> | undefined {
    const read = readSnapshot(this.definition, this.state, bytes);
    if (!read.ok) return read;
    Object.assign(this.progress, read.progress);
    this.waiting = [...read.waiting];
    return undefined;
  }

  stats(): EngineStats {
    const { dimensions, logs } = this.state;
    let [keys, windowEvents, stateBytes] = [0, 0, 0];
    for (const { interner, rows, plan } of dimensions) {
      if (plan.stride > 0) keys += interner.size;
      stateBytes += interner.byteLength + rows.cells.byteLength;
    }
    for (const log of logs) {
      windowEvents += log.columns.length;
      stateBytes += log.byteLength;
    }
    return { seq: this.progress.seq, maxTs: this.progress.maxTs, keys, windowEvents, stateBytes };
  }

  private applyEvent(event: LogEvent): readonly Alert[] {
    const { state, progress } = this;
    if (event.late === true) {
      if (!state.load(event, 0)) return none;
      return this.evaluate(event, this.program()?.stateless, event.seq);
    }
    progress.maxTs = Math.max(progress.maxTs, event.ts);
    if (this.isArrival) return this.evaluateOnArrival(event);
    this.wait(event);
    return this.release(this.watermark());
  }

  private applyTime(ts: number): readonly Alert[] {
    const { progress } = this;
    progress.maxTs = Math.max(progress.maxTs, ts);
    const alerts = this.isArrival ? none : this.release(this.watermark());
    this.advance(this.watermark());
    return alerts;
  }

  private watermark(): number { return this.progress.maxTs - this.definition.options.maxOutOfOrdernessMs - 1; }
  private program(): TypeProgram | undefined { return this.state.programs[this.state.rows.type[0] as number]; }

  /** Kept windows move on to `now`; what no event still to come can see is dropped. */
  private advance(now: number): void {
    const { progress, state, definition: { options } } = this;
    if (now > progress.now) progress.now = now;
    // The earliest ts that an event still to come may have: it sees back from there.
    const earliest = this.isArrival ? progress.maxTs - options.maxOutOfOrdernessMs : progress.now;
    for (const log of state.logs) {
      log.advance(progress.now);
      log.dropUntil(Math.min(log.reach(earliest), state.needsRetention(log) ? earliest - options.retentionMs : Infinity));
    }
  }

  private evaluateOnArrival(event: LogEvent): readonly Alert[] {
    const { state, progress } = this;
    const isInOrder = event.ts >= progress.now;
    this.advance(event.ts);
    if (!state.load(event, 0)) return none;
    const log = this.logOfRow();
    const n = log?.enter();
    if (log !== undefined && n !== undefined && this.keepsEvidence) keepPayload(log, n, event);
    const program = this.program();
    if (program === undefined || program.isEmpty) {
      if (log !== undefined && n !== undefined) log.settle(n);
      return none;
    }
    this.resolve(program, log, n, event, isInOrder);
    const alerts = this.evaluate(event, program.rules, event.seq);
    if (log !== undefined && n !== undefined) log.settle(n);
    return alerts;
  }

  private logOfRow(): EventLog | undefined {
    const { plan, logs, rows } = this.state;
    return logs[plan.logOfType[rows.type[0] as number] ?? -1];
  }

  private resolve(program: TypeProgram, log: EventLog | undefined, n: EventNumber | undefined, at: { readonly ts: number; readonly seq: number }, isInOrder: boolean): void {
    for (const view of program.kept) {
      view.resolve(log !== undefined && n !== undefined ? this.knownId(view.plan, log, n) : 0);
      if (!isInOrder) view.compute(at);
    }
    for (const view of program.computed) {
      view.resolve(log !== undefined && n !== undefined ? this.knownId(view.plan, log, n) : 0);
      view.compute(at);
    }
  }

  /** The id under which the event has just entered, when the view's key is that very key. */
  private knownId(view: { readonly dimension: number; readonly isOwnKey: boolean }, log: EventLog, n: EventNumber): number {
    if (!view.isOwnKey) return 0;
    const column = log.plan.ids.findIndex((one) => one.dimension === view.dimension);
    return column < 0 ? 0 : (log.columns.ids[column]?.[n & log.columns.mask] ?? 0);
  }

  private evaluate(event: LogEvent, rules: RuleProgram | undefined, seq: number): readonly Alert[] {
    const count = rules?.(this.fired) ?? 0;
    if (count === 0) return none;
    const { options, rules: inForceByIndex } = this.definition;
    const alerts: Alert[] = [];
    for (let i = 0; i < count; i++) {
      const inForce = inForceByIndex[this.fired[i] as number];
      if (inForce !== undefined) alerts.push(buildAlert({ inForce, event, seq, options, evidence: () => evidenceOf(this.state, event) }));
    }
    return alerts;
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
    while (from < waiting.length && (waiting[from] as LogEvent).ts <= until) {
      const { ts } = waiting[from] as LogEvent;
      let to = from + 1;
      while (to < waiting.length && (waiting[to] as LogEvent).ts === ts) to++;
      alerts.push(...this.evaluatePeers(waiting.slice(from, to)));
      from = to;
    }
    if (from > 0) this.waiting = waiting.slice(from);
    return alerts;
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
    const alerts = peers.flatMap((event, i) => {
      if (!isAlone && !state.load(event, 0)) return [];
      const program = this.program();
      const log = this.logOfRow();
      if (program === undefined || state.typeOf(event.type) < 0) return [];
      // Alone, the kept windows are exact; among peers `before` must leave out only the event itself.
      this.resolve(program, log, numbers[i], event, isAlone);
      return this.evaluate(event, program.rules, progress.seq);
    });
    peers.forEach((event, i) => {
      const n = numbers[i];
      const log = state.logs[state.plan.logOfType[state.typeOf(event.type)] ?? -1];
      if (log !== undefined && n !== undefined) log.settle(n);
    });
    return alerts;
  }
}

const none: readonly Alert[] = [];
