import { Count, ExactSum } from '@weir/stream-core';
import type { Accumulator, EventNumber, KeyRows, SharedLog } from '@weir/stream-core';
import type { TypedExpr } from '@weir/rule-lang';
import type { LogPlan, StatePlan } from '../plan/state-plan.js';
import { isEveryEvents } from '../plan/field-slots.js';
import { ConditionWriter } from './generate-conditions.js';
import type { EventRows } from './event-rows.js';

/** Accumulators whose events share a key column. */
export interface Group { readonly idColumn: number; readonly accumulators: Accumulator[] }

/** Adds an event to accumulators, or subtracts it; the bound up to which events leave stands in `bound[0]`. */
export type Step = (n: EventNumber, at: number) => void;

/** The same as a loop over the accumulators: for hosts without code generation. */
export function steppedByLoop(log: SharedLog, groups: readonly Group[], direction: 'enter' | 'leave', bound: Float64Array): Step {
  return (n, at) => {
    for (const { idColumn, accumulators } of groups) {
      if (log.ids[idColumn]?.[at] === 0) continue;
      for (const accumulator of accumulators) if (direction === 'enter') accumulator.enter(n); else accumulator.leave(n, bound[0] as number); // as: its one cell
    }
  };
}

/** Counts and sums spelled out, the rest as calls. Only indices and powers of two make the text. */
export function generateStep(log: SharedLog, groups: readonly Group[], direction: 'enter' | 'leave', bound: Float64Array): Step {
  const rows: KeyRows[] = [];
  const others: Accumulator[] = [];
  const lines = groups.map(({ idColumn, accumulators }) => {
    const body = accumulators.map((accumulator) => stepOf(accumulator, direction, others));
    const first = accumulators[0];
    const r = first === undefined ? 0 : rows.push(first.place.rows) - 1;
    return `{ const id = I[${idColumn}][at]; if (id !== 0) { const c = R[${r}].cells, b = id * ${first?.place.rows.stride ?? 0}; ${body.join(' ')} } }`;
  });
  if (lines.length === 0) return () => undefined;
  const source = `'use strict'; const W = ${Number.MAX_SAFE_INTEGER}; return function (n, at) { const I = L.ids, N = L.numbers, B = L.bits; ${lines.join('\n')} };`;
  // as: `source` above returns such a function
  const make = new Function('L', 'R', 'A', 'Q', source) as (log: SharedLog, rows: readonly KeyRows[], others: readonly Accumulator[], bound: Float64Array) => Step;
  return make(log, rows, others, bound);
}

function stepOf(accumulator: Accumulator, direction: 'enter' | 'leave', others: Accumulator[]): string {
  const { offset, bit } = accumulator.place;
  const guard = bit < 0 ? '' : `if ((B[${bit >> 5}][at] & ${1 << (bit & 31)}) !== 0) `;
  const cell = `c[b + ${offset}]`;
  if (accumulator instanceof Count) return `${guard}${cell} ${direction === 'enter' ? '+=' : '-='} 1;`;
  const call = `A[${others.push(accumulator) - 1}].${direction}(${direction === 'enter' ? 'n' : 'n, Q[0]'});`;
  if (accumulator instanceof ExactSum && !accumulator.squared) {
    return `${guard}{ const x = ${cell} ${direction === 'enter' ? '+' : '-'} N[${accumulator.column}][at]; if (x <= W && x >= -W) ${cell} = x; else ${call} }`;
  }
  return `${guard}${call}`;
}

/** Writes the number columns and predicate bits of the current row, an event of one type. */
export type ColumnWrite = (n: EventNumber, at: number) => void;

/** What generated column writes need besides the plan. */
interface EntryParts {
  /** Columns that are written: those of a log, or of a batch on its way there. */
  readonly log: Pick<SharedLog, 'ids' | 'numbers' | 'bits'>;
  readonly rows: EventRows;
  /** Evaluates number column `column` for the current row and stores it: for all that is no plain field. */
  readonly writeNumber: (column: number, n: EventNumber, at: number) => void;
  readonly closureOf: (expr: TypedExpr) => () => unknown;
}

/**
 * Generates the write of one type's events: plain fields are copied, predicates spelled out, all else goes through
 * `writeNumber`. Ids must stand in their columns before it runs.
 */
export function generateColumnWrite(plan: StatePlan, logPlan: LogPlan, type: number, parts: EntryParts): ColumnWrite {
  const table: unknown[] = [];
  const writer = new ConditionWriter(plan, { rows: parts.rows, views: [], table }, undefined, parts.closureOf);
  const lines = [...numberLines(plan, logPlan, type), ...bitLines(logPlan, type, writer)];
  const source = `'use strict'; const n = rows.numbers, s = rows.texts, g = rows.places, ts = rows.ts, W = ${Number.MAX_SAFE_INTEGER};
return function (e, at) { const row = rows.row, I = L.ids, N = L.numbers, B = L.bits; ${writer.declarations}
${lines.join('\n')} };`;
  // as: `source` above returns such a function
  const make = new Function('L', 'rows', 'k', 'writeNumber', source) as (log: EntryParts['log'], rows: EventRows, k: readonly unknown[], writeNumber: EntryParts['writeNumber']) => ColumnWrite;
  return make(parts.log, parts.rows, table, parts.writeNumber);
}

function numberLines(plan: StatePlan, { numbers }: LogPlan, type: number): string[] {
  return numbers.map(({ expr, types }, column) => {
    if (!types.includes(type)) return `N[${column}][at] = NaN;`;
    const slot = expr.kind === 'field' && !isEveryEvents(expr.name) ? plan.slots.findIndex((one) => one.name === expr.name && one.type === expr.type) : -1;
    return slot >= 0 && plan.slots[slot]?.isMixed === false ? `N[${column}][at] = n[${slot}][row];` : `writeNumber(${column}, e, at);`;
  });
}

function bitLines({ predicates }: LogPlan, type: number, writer: ConditionWriter): string[] {
  const words = Math.ceil(predicates.length / 32);
  const lines: string[] = [];
  for (let word = 0; word < words; word++) {
    lines.push(`let w${word} = 0;`);
    predicates.slice(32 * word, 32 * word + 32).forEach((predicate, i) => {
      if (!predicate.streamTypes.includes(type)) return;
      const { known, where, condition } = predicate;
      const tests = [
        ...(known === undefined ? [] : [known.kind === 'id' ? `I[${known.column}][at] !== 0` : `N[${known.column}][at] === N[${known.column}][at]`]),
        ...(where === undefined ? [] : [writer.isTrue(where)]),
        ...(condition === undefined ? [] : [condition.wanted ? writer.isTrue(condition.expr) : writer.isFalse(condition.expr)]),
      ];
      lines.push(`${tests.length === 0 ? '' : `if (${tests.join(' && ')}) `}w${word} |= ${1 << i};`);
    });
    lines.push(`B[${word}][at] = w${word};`);
  }
  return lines;
}
