import { Distinct, Extreme, f64, i32, pairTouches, queueTouches } from '@weir/stream-core';
import type { FunctionCode, I32, Local } from '@weir/stream-core';
import type { EventLog } from '../event-log.js';
import type { Group } from '../generate-entry.js';
import type { KernelPlaces } from './kernel-places.js';
import type { StepParts } from './step-parts.js';

/** Rows that are about to be stepped, and where the cursors of the logs stand. */
export interface RowsAhead {
  readonly from: I32;
  readonly to: I32;
  /** By log and work: the cursor. */
  readonly mains: readonly (readonly Local<'i32'>[])[];
  /** By log: number of the next event. */
  readonly nexts: readonly Local<'i32'>[];
}

/** Ids of an event's keys and values, by id column: of a row of the batch or of an event of the log. */
type IdsAt = (column: number) => I32;
/** One load for an event: of the first line, or of a line whose place another one told. `scratch`: address of the event's words that pass from loop to loop. */
type Touch = (idAt: IdsAt, scratch: I32) => void;

const lineBytes = 64;
/** Rows that are touched before they are stepped: what they load stays in the second cache and its pages in the TLB. */
export const rowsAhead = 32;
/** Rows and what leaves meanwhile: at most twice as many. */
const eventsAhead = 2 * rowsAhead;
/** Words of the room for what passes from loop to loop: one for each event and accumulator at most. */
export function scratchWords(accumulators: number): number { return eventsAhead * Math.max(1, accumulators); }

/**
 * Loads what rows are about to count on: rows, pairs and queues of what enters, and of what leaves meanwhile.
 *
 * A line that is waited for costs an order of magnitude more than one of many under way (measured: 263 against 14 ns in
 * 1.4 GB), and a core has as many under way as loads fit its reorder buffer. So lines are loaded in loops that do nothing
 * else, and a line whose place another one tells, in a loop after that one's.
 */
export function touchAhead(code: FunctionCode, parts: StepParts, places: KernelPlaces, ahead: RowsAhead): void {
  parts.logs.forEach((log, l) => {
    const entering = [...log.arrivingGroups, ...log.afterGroups];
    const row = code.local('i32');
    const scratch = code.local('i32');
    const columns = new Set([...keyColumns(entering), ...log.plan.chains.map(({ stream }) => log.streamOf(stream).idColumn)]);
    for (const touches of touchesOf(code, parts, places, log, entering, 'enter', columns)) {
      code.set(row, ahead.from);
      code.set(scratch, places.address('batch.scratch'));
      code.while(i32.ltS(row, ahead.to), () => {
        for (const touch of touches) touch((column) => i32.load(places.at4(`batch${l}.ids${column}`, row)), scratch);
        code.increase(row, i32.of(1));
        code.increase(scratch, i32.of(4 * touches.length));
      });
    }
    log.work.forEach(({ bound, leaving, entering: delayed }, w) => {
      const main = ahead.mains[l]?.[w];
      const next = ahead.nexts[l];
      if (bound.lagMs === undefined || main === undefined || next === undefined) return;
      const counted = [...leaving, ...delayed];
      const until = code.local('f64', f64.sub(f64.load(places.at8('rows.ts', i32.sub(ahead.to, i32.of(1)))), f64.of(bound.lagMs)));
      const [n, end, at] = [code.local('i32'), code.local('i32'), code.local('i32')];
      // As many events leave as enter, in the long run: twice as many rows are enough to look at.
      code.set(end, i32.add(main, i32.shl(i32.sub(ahead.to, ahead.from), i32.of(1))));
      code.if(i32.gtS(i32.sub(end, next), i32.of(0)), () => code.set(end, next));
      code.set(n, main);
      code.while(i32.ne(n, end), (leave) => {
        code.set(at, i32.and(n, places.word(`log${l}.mask`)));
        code.jumpIf(f64.gt(f64.load(places.at8(`log${l}.ts`, at)), until), leave);
        code.increase(n, i32.of(1));
      });
      code.set(end, n);
      for (const touches of touchesOf(code, parts, places, log, counted, 'leave', new Set(keyColumns(counted)))) {
        code.set(n, main);
        code.set(scratch, places.address('batch.scratch'));
        code.while(i32.ne(n, end), () => {
          code.set(at, i32.and(n, places.word(`log${l}.mask`)));
          for (const touch of touches) touch((column) => i32.load(places.at4(`log${l}.ids${column}`, at)), scratch);
          code.increase(n, i32.of(1));
          code.increase(scratch, i32.of(4 * touches.length));
        });
      }
    });
  });
}

/** Id columns of the keys whose rows some accumulator writes to. */
function keyColumns(groups: readonly Group[]): readonly number[] {
  return groups.flatMap(({ idColumn, accumulators }) => [idColumn, ...accumulators.flatMap((one) => (one instanceof Distinct && one.mirror !== undefined ? [one.valueColumn] : []))]);
}

/** Loops over events, each with what it touches for one of them. */
function touchesOf(code: FunctionCode, { otherIndex }: StepParts, places: KernelPlaces, log: EventLog, groups: readonly Group[], direction: 'enter' | 'leave', columns: ReadonlySet<number>): readonly (readonly Touch[])[] {
  // What counts events of some age is stepped by the host, which may move its arrays meanwhile.
  const delayed = new Set(log.work.flatMap(({ entering }) => entering.flatMap((group) => group.accumulators)));
  const accumulators = groups.flatMap((group) => group.accumulators).filter((one) => !delayed.has(one));
  const rows = [...columns].map((column): Touch => (idAt) => {
    const dimension = log.plan.ids[column]?.dimension ?? 0;
    const row = code.local('i32', places.keyRow(log, dimension, idAt(column)));
    for (let offset = 0; offset < 8 * log.strideOf(dimension); offset += lineBytes) code.touch(i32.load(row, offset));
  });
  const distinct = accumulators.filter((one) => one instanceof Distinct);
  const hashes = distinct.map((one, i): Touch => (idAt, scratch) => {
    code.store(scratch, pairTouches.hash(code, places.address(`pairs${otherIndex(one)}.counters`), idAt(one.place.idColumn), idAt(one.valueColumn)), 4 * i);
  });
  const buckets = distinct.map((one, i): Touch => (_, scratch) => {
    const index = otherIndex(one);
    pairTouches.bucket(code, places.address(`pairs${index}.counters`), places.address(`pairs${index}.table`), i32.load(scratch, 4 * i));
  });
  const queues = accumulators.filter((one) => one instanceof Extreme);
  const chains = queueTouches[direction].map((touch) => queues.map((one): Touch => (idAt) => {
    const index = otherIndex(one);
    touch(code, places.address(`queue${index}.nodes`), places.address(`queue${index}.ends`), idAt(one.place.idColumn));
  }));
  return [rows, hashes, buckets, ...chains].filter((touches) => touches.length > 0);
}
