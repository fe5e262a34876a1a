// `as` behind an index: the index is one that the plan or the log has given out, so the column is there; no check per event.
import { emptyKey } from '@weir/stream-core';
import type { EventNumber, SharedLog } from '@weir/stream-core';
import type { TypedExpr } from '@weir/rule-lang';
import type { LogPlan, PredicatePlan, StatePlan } from '../plan/state-plan.js';
import type { Evaluator } from './evaluator.js';
import type { EventRows } from './event-rows.js';
import { generateColumnWrite } from './generate-entry.js';
import type { ColumnWrite } from './generate-entry.js';

/** Compiled parts of a log: one evaluator for each number column and predicate condition. */
export interface LogCode {
  /** Generates code for what runs per event; false: loops and closures. */
  readonly generates: boolean;
  readonly closureOf: (expr: TypedExpr) => () => unknown;
  readonly numbers: readonly Evaluator[];
  readonly predicates: readonly { readonly where?: () => boolean | undefined; readonly condition?: () => boolean | undefined }[];
  /** Are the bytes of events kept for evidence? */
  readonly keepsPayload: boolean;
}

/** Columns of a micro-batch on its way into a log, by row. */
export interface EntryColumns { readonly ids: Int32Array[]; readonly bits: Int32Array[]; readonly numbers: Float64Array[] }

/** Writes what a log keeps of an event beside its key ids: number columns and predicate bits, evaluated on the current row of `rows`. */
export class EntryWriter {
  /** By type of the event: writes its columns at a place of the log. Ids must stand there already. */
  readonly ofType: readonly ColumnWrite[];

  constructor(private readonly statePlan: StatePlan, private readonly plan: LogPlan, private readonly rows: EventRows, private readonly code: LogCode, private readonly columns: SharedLog) {
    const writeNumber = (column: number, n: EventNumber, at: number): void => this.writeNumber(column, n, at);
    this.ofType = statePlan.types.map((_, type) => (code.generates && plan.types.includes(type)
      ? generateColumnWrite(statePlan, plan, type, { log: columns, rows, closureOf: code.closureOf, writeNumber })
      : (n, at) => { this.writeNumbers(n, at, type); this.writeBits(at, type); }));
  }

  /** Writes number columns and predicate bits of a batch's current row, an event of type `type`, at its place in the batch. @param wideAt told of a number that no column holds. */
  toBatch(columns: EntryColumns, type: number, wideAt: (row: number) => void): () => void {
    const { statePlan, plan, rows, code } = this;
    const write = generateColumnWrite(statePlan, plan, type, { log: columns, rows, closureOf: code.closureOf, writeNumber: (column, _, at) => {
      const value = this.numberOf(column);
      if (typeof value === 'bigint') wideAt(at);
      (columns.numbers[column] as Float64Array)[at] = typeof value === 'bigint' ? 0 : value;
    } });
    return () => write(0, rows.row);
  }

  private writeNumbers(n: EventNumber, at: number, type: number): void {
    this.plan.numbers.forEach(({ types }, column) => {
      if (types.includes(type)) this.writeNumber(column, n, at); else (this.columns.numbers[column] as Float64Array)[at] = NaN;
    });
  }

  /** A number column's value for the current row; one that is no safe integer goes to the side. */
  private writeNumber(column: number, n: EventNumber, at: number): void {
    const value = this.numberOf(column);
    const numbers = this.columns.numbers[column] as Float64Array;
    if (typeof value === 'bigint') {
      this.columns.wide[column]?.set(n, value);
      numbers[at] = value > 0n ? Infinity : -Infinity;
    } else numbers[at] = value;
  }

  private numberOf(column: number): number | bigint {
    const evaluator = this.code.numbers[column];
    const value = evaluator === undefined || evaluator.form === 'list' || evaluator.form === 'ratio' ? undefined : evaluator.get();
    if (typeof value === 'bigint') return value;
    return typeof value === 'number' ? value + 0 : typeof value === 'boolean' ? Number(value) : NaN;
  }

  private writeBits(at: number, type: number): void {
    const { columns, plan, code } = this;
    for (const word of columns.bits) word[at] = 0;
    for (let bit = 0; bit < plan.predicates.length; bit++) {
      const predicate = plan.predicates[bit] as PredicatePlan;
      if (!predicate.streamTypes.includes(type)) continue;
      const { known, condition } = predicate;
      if (known !== undefined && !(known.kind === 'id' ? columns.ids[known.column]?.[at] !== emptyKey : !Number.isNaN(columns.numbers[known.column]?.[at]))) continue;
      const compiled = code.predicates[bit];
      if (compiled?.where !== undefined && compiled.where() !== true) continue;
      if (condition !== undefined && compiled?.condition?.() !== condition.wanted) continue;
      const word = columns.bits[bit >> 5] as Int32Array;
      word[at] = (word[at] as number) | (1 << (bit & 31));
    }
  }
}
