import type { Alert, LogEvent } from '@weir/contracts';
import type { EventNumber } from '@weir/stream-core';
import type { EventLog } from './compile/event-log.js';
import type { RuleProgram } from './compile/generate-rules.js';
import type { BatchStep } from './compile/kernel/batch-step.js';
import { mayBegin, mayMatter, sequencesPerGate } from './compile/step-gate.js';
import type { StepGate } from './compile/step-gate.js';
import type { Standpoint, WindowView } from './compile/window-view.js';
import { evidenceOf } from './engine-evidence.js';
import type { EventSource } from './engine-lines.js';
import { sequencesOn } from './engine-sequences.js';
import type { EngineState, SequenceEntry, TypeProgram, TypeSequences } from './engine-state.js';
import { buildAlert } from './explain/build-alert.js';
import { noSlot } from './sequence/key-slots.js';
import type { SequenceRules } from './sequence/sequence-rules.js';

/** Rules and sequences over the current row of an engine's state, which has passed its windows. Its indices are those of arrays made for the plan. */
export class RowRules {
  readonly sequences: SequenceRules;
  /** Rules that fired on the current row. */
  private readonly fired: Int32Array;
  /** Sequences that look at the current row, the first {@link concernedCount} of them: one array for all rows. */
  private readonly concerned: SequenceEntry[] = [];
  private concernedCount = 0;
  /** The event that sequences look at: the current row's. */
  private candidate: LogEvent | undefined;

  /** @param earliest no event later in the log can be dated before it. */
  constructor(private readonly state: EngineState, private readonly earliest: () => number) {
    this.fired = new Int32Array(state.definition.rules.length);
    this.sequences = sequencesOn(state, () => this.candidate);
  }

  /** Views for the rules of the row's type, as the row sees them. @param isInOrder kept windows are exact for it; else they are computed from the events. */
  resolve(program: TypeProgram, log: EventLog | undefined, n: EventNumber | undefined, from: Standpoint, isInOrder: boolean): void {
    const { kept, computed } = program;
    for (let i = 0; i < kept.length; i++) {
      const view = kept[i] as WindowView;
      view.resolve(n === undefined || log === undefined ? 0 : log.ownId(view.plan, n));
      if (!isInOrder) view.compute(from);
    }
    for (const view of computed) {
      view.resolve(n === undefined || log === undefined ? 0 : log.ownId(view.plan, n));
      view.compute(from);
    }
  }

  /** The same after a kernel has stepped the row: kept views as copied when it had entered. */
  pointAt({ kept, computed }: TypeProgram, batch: BatchStep, log: EventLog | undefined, n: EventNumber | undefined): void {
    const { state: { rows } } = this;
    const { row } = rows;
    for (let i = 0; i < kept.length; i++) {
      const view = kept[i] as WindowView;
      view.pointAt(batch.columns.features[view.index] as Float64Array, row * view.dimension.rows.stride);
    }
    for (const view of computed) {
      view.resolve(n === undefined || log === undefined ? 0 : log.ownId(view.plan, n));
      view.compute({ ts: rows.ts[row] as number, seq: rows.seq[row] as number });
    }
  }

  /**
   * Asks the rules, and the sequences that the row may matter to; in order of rule id.
   * @param alerts told of what fired.
   */
  evaluate(source: EventSource, rules: RuleProgram | undefined, seq: number, alerts: Alert[], sequences?: TypeSequences): void {
    const count = rules?.(this.fired) ?? 0;
    this.concernedCount = 0;
    if (sequences !== undefined && sequences.gates.length > 0) this.findConcerned(sequences);
    if (count > 0 || this.concernedCount > 0) this.tell(source, count, seq, alerts);
  }

  /** A function of its own, for its closures take room on the heap each time it is entered. */
  private tell(source: EventSource, count: number, seq: number, alerts: Alert[]): void {
    const { options, rules: inForceByIndex } = this.state.definition;
    // Sequences get an event of their own: a match keeps its line, not what was read from it.
    const taken = this.concernedCount === 0 ? undefined : source.deferred?.();
    const event = count === 0 ? taken ?? source.event() : source.event();
    let next = 0;
    for (let i = 0; i < count; i++) {
      const index = this.fired[i] as number;
      next = this.evaluateSequences(taken ?? event, next, index, seq, alerts);
      const inForce = inForceByIndex[index];
      if (inForce !== undefined) alerts.push(buildAlert({ inForce, event, seq, options, evidence: () => evidenceOf(this.state, event) }));
    }
    this.evaluateSequences(taken ?? event, next, Infinity, seq, alerts);
  }

  /** Sequences that the current row may begin a match of, or in which its key has one under way that it may matter to. */
  private findConcerned({ entries, gates }: TypeSequences): void {
    for (let g = 0; g < gates.length; g++) {
      let bits = (gates[g] as StepGate)(this.state.rows.row);
      for (let i = g * sequencesPerGate; bits !== 0; i++, bits >>>= 2) {
        if ((bits & (mayBegin | mayMatter)) === 0) continue;
        const entry = entries[i] as SequenceEntry;
        if (entry.key !== undefined) entry.slot = this.sequences.slotOf(entry.place, entry.key.locate());
        if ((bits & mayBegin) !== 0 || entry.key === undefined || entry.slot !== noSlot) this.concerned[this.concernedCount++] = entry;
      }
    }
  }

  /** Sequences from `next` on that come before the rule `before`: alerts of one event are in order of rule id. @returns the first one left. */
  private evaluateSequences(event: LogEvent, next: number, before: number, seq: number, alerts: Alert[]): number {
    let at = next;
    for (; at < this.concernedCount; at++) {
      const entry = this.concerned[at] as SequenceEntry; // below the count
      if (entry.index >= before) break;
      this.candidate = event;
      const { key, place, slot, ruleId } = entry;
      const found = key === undefined ? this.sequences.evaluate(ruleId, event, this.earliest(), seq) : this.sequences.evaluateAt(place, event, key, slot, this.earliest(), seq);
      for (const alert of found) alerts.push(alert);
    }
    return at;
  }
}
