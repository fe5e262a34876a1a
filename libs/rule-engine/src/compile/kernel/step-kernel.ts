import { callValue, Count, Distinct, emptyKey, ExactSum, Extreme, f64, i32, unknownKey, v128 } from '@weir/stream-core';
import type { Accumulator, F64, FunctionCode, I32, Label, Local, ModuleCode } from '@weir/stream-core';
import type { EventLog } from '../event-log.js';
import type { Work } from '../kept-windows.js';
import type { Group } from '../generate-entry.js';
import { KernelPlaces } from './kernel-places.js';
import { linkNewest } from './link-newest.js';
import { ExtremeWriter } from './step-extreme.js';
import type { Where } from './step-extreme.js';
import type { KernelView, StepParts } from './step-parts.js';
import { rowsAhead, touchAhead } from './touch-ahead.js';

const widest = f64.of(Number.MAX_SAFE_INTEGER);

/**
 * `step(from, to, single)`: takes the rows `from` to `to` of a batch, which are in time and in order, through the windows
 * of all logs: what has left is subtracted, the event is appended and counted, its views are copied to the features, and
 * windows that leave it out count it. The same as `EventLog.advance`, `enter` and `settle` one after the other.
 *
 * @returns the row after the last one taken. It stops before a row for which a displaced event is due, and after one where
 * a sum left the safe integers; with `single` after the first. `unsettled` in the frame is 1 when the last row has not
 * been settled: then its views are read from the rows themselves.
 *
 * Rooms must have been reserved: for an event a row in each log, for a pair a row in each count of pairs.
 */
export function writeStepKernel(module: ModuleCode<string>, parts: StepParts): void {
  module.function(['i32', 'i32', 'i32'], 'i32', (code) => new StepWriter(code, parts).write(), 'step');
}

class StepWriter {
  private readonly places: KernelPlaces;
  private readonly extremes: ExtremeWriter;
  private readonly row: Local<'i32'>;
  private readonly ts: Local<'f64'>;
  private readonly single: Local<'i32'>;
  private readonly to: Local<'i32'>;
  private readonly mains: Local<'i32'>[][] = [];
  private readonly nexts: Local<'i32'>[] = [];
  private readonly appended: Local<'f64'>[] = [];
  private readonly untils: Local<'f64'>[][] = [];

  constructor(private readonly code: FunctionCode, private readonly parts: StepParts) {
    this.row = code.local('i32', code.param(0, 'i32'));
    this.to = code.param(1, 'i32');
    this.single = code.param(2, 'i32');
    this.ts = code.local('f64');
    this.places = new KernelPlaces(code, parts);
    this.extremes = new ExtremeWriter(code, this.places, parts.queues);
  }

  write(): I32 {
    const { code, parts } = this;
    const { logs } = parts;
    logs.forEach((log, l) => {
      this.nexts.push(code.local('i32', this.places.word(`log${l}.next`)));
      this.appended.push(code.local('f64', this.parts.frame.double(`log${l}.appended`)));
      this.mains.push(log.work.map((_, w) => code.local('i32', this.places.word(`log${l}.work${w}.main`))));
      this.untils.push(log.work.map(() => code.local('f64')));
    });
    const ahead = code.local('i32');
    code.block((done) => {
      code.while(i32.ltS(this.row, this.to), () => {
        code.set(ahead, i32.add(this.row, i32.of(rowsAhead)));
        code.if(i32.gtS(ahead, this.to), () => code.set(ahead, this.to));
        touchAhead(code, parts, this.places, { from: this.row, to: ahead, mains: this.mains, nexts: this.nexts });
        code.while(i32.ltS(this.row, ahead), () => this.writeRow(done));
      });
    });
    logs.forEach((log, l) => {
      code.store(this.parts.frame.addressOf(`log${l}.next`), this.nexts[l] as I32);
      log.work.forEach((_, w) => code.store(this.parts.frame.addressOf(`log${l}.work${w}.main`), this.mains[l]?.[w] as I32));
    });
    return this.row;
  }

  private writeRow(done: Label): void {
    const { code, row, parts: { frame, logs, views } } = this;
    code.set(this.ts, f64.load(this.places.at8('rows.ts', row)));
    logs.forEach((log, l) => log.work.forEach(({ bound }, w) => {
      const until = this.untils[l]?.[w] as Local<'f64'>;
      code.set(until, bound.lagMs === undefined ? f64.load(this.places.at8(`log${l}.work${w}.until`, row)) : f64.sub(this.ts, f64.of(bound.lagMs)));
      code.jumpIf(f64.ge(until, this.places.double(`log${l}.work${w}.due`)), done);
    }));
    logs.forEach((log, l) => log.work.forEach((work, w) => this.advance(log, l, work, w)));
    code.store(this.places.at4('batch.entered', row), i32.of(0));
    logs.forEach((log, l) => {
      const body = (): void => this.enter(log, l);
      if (logs.length === 1) code.if(i32.eqz(i32.load(this.places.at4('batch.log', row))), body); else code.if(i32.eq(i32.load(this.places.at4('batch.log', row)), i32.of(l)), body);
    });
    for (const view of views) this.copyView(view);
    code.if(i32.or(this.places.word('stop'), this.single), () => {
      code.store(frame.addressOf('unsettled'), i32.of(1));
      code.increase(row, i32.of(1));
      code.jump(done);
    });
    logs.forEach((log, l) => {
      if (log.afterGroups.length === 0) return;
      code.if(i32.and(i32.load(this.places.at4('batch.entered', row)), i32.eq(i32.load(this.places.at4('batch.log', row)), i32.of(l))), () => {
        const n = code.local('i32', i32.sub(this.nexts[l] as I32, i32.of(1)));
        this.step(log, l, log.afterGroups, n, 'enter', f64.of(0));
      });
    });
    code.increase(row, i32.of(1));
    code.jumpIf(this.places.word('stop'), done);
  }

  /** Cursors of one bound: what lies in order and is dated at or before it. */
  private advance(log: EventLog, l: number, work: Work, w: number): void {
    const { code } = this;
    const main = this.mains[l]?.[w] as Local<'i32'>;
    const until = this.untils[l]?.[w] as Local<'f64'>;
    code.while(i32.ne(main, this.nexts[l] as I32), (leave) => {
      const at = code.local('i32', i32.and(main, this.places.word(`log${l}.mask`)));
      code.if(i32.eqz(i32.load8U(i32.add(this.places.address(`log${l}.displaced`), at))), () => {
        code.jumpIf(f64.gt(f64.load(this.places.at8(`log${l}.ts`, at)), until), leave);
        this.step(log, l, work.entering, main, 'enter', until);
        this.step(log, l, work.leaving, main, 'leave', until);
      });
      code.increase(main, i32.of(1));
    });
  }

  private enter(log: EventLog, l: number): void {
    const { code, row } = this;
    const next = this.nexts[l] as Local<'i32'>;
    const chainMask = code.local('i32', i32.load(this.places.at4(`batch${l}.chains`, row)));
    const joins = this.parts.logs[l]?.plan.chains.map(({ stream }, chain) => {
      const column = log.streamOf(stream).idColumn;
      return i32.and(i32.and(i32.shrU(chainMask, i32.of(chain)), i32.of(1)), i32.ne(i32.load(this.places.at4(`batch${l}.ids${column}`, row)), i32.of(emptyKey)));
    }) ?? [];
    code.if(joins.reduce((any, join) => i32.or(any, join), i32.of(0)), () => {
      const at = code.local('i32', i32.and(next, this.places.word(`log${l}.mask`)));
      code.storeF64(this.places.at8(`log${l}.ts`, at), this.ts);
      code.storeF64(this.places.at8(`log${l}.seq`, at), f64.load(this.places.at8('rows.seq', row)));
      code.store16(i32.add(this.places.address(`log${l}.type`), i32.shl(at, i32.of(1))), i32.load(this.places.at4('rows.type', row)));
      code.store8(i32.add(this.places.address(`log${l}.displaced`), at), i32.of(0));
      log.columns.bits.forEach((_, word) => code.store(this.places.at4(`log${l}.bits${word}`, at), i32.load(this.places.at4(`batch${l}.bits${word}`, row))));
      log.plan.ids.forEach((_, column) => code.store(this.places.at4(`log${l}.ids${column}`, at), i32.load(this.places.at4(`batch${l}.ids${column}`, row))));
      log.plan.numbers.forEach((_, column) => code.storeF64(this.places.at8(`log${l}.numbers${column}`, at), f64.load(this.places.at8(`batch${l}.numbers${column}`, row))));
      const appended = this.appended[l] as Local<'f64'>;
      code.set(appended, f64.add(appended, f64.of(1)));
      joins.forEach((join, chain) => this.link(log, l, chain, at, join, appended));
      code.store(this.places.at4('batch.n', row), next);
      code.store(this.places.at4('batch.entered', row), i32.of(1));
      const n = code.local('i32', next);
      code.increase(next, i32.of(1));
      this.step(log, l, log.arrivingGroups, n, 'enter', f64.of(0));
    });
  }

  /** If it joins a chain, the event becomes the newest of its key there. */
  private link(log: EventLog, l: number, chain: number, at: I32, join: I32, appended: F64): void {
    const { code } = this;
    const { idColumn, dimension, head } = log.streamOf(log.plan.chains[chain]?.stream ?? 0);
    code.store(this.places.at4(`log${l}.previous${chain}`, at), i32.of(0));
    code.if(join, () => {
      const cell = code.local('i32', i32.add(this.places.keyRow(log, dimension, i32.load(this.places.at4(`batch${l}.ids${idColumn}`, this.row))), i32.of(8 * head)));
      linkNewest(code, this.places, { l, at, n: this.nexts[l] as I32, appended }, chain, cell);
    });
  }

  /** Adds an event to accumulators or subtracts it. */
  private step(log: EventLog, l: number, groups: readonly Group[], n: Local<'i32'>, direction: 'enter' | 'leave', bound: F64): void {
    const { code } = this;
    if (groups.length === 0) return;
    const at = code.local('i32', i32.and(n, this.places.word(`log${l}.mask`)));
    for (const { idColumn, accumulators } of groups) {
      const id = code.local('i32', i32.load(this.places.at4(`log${l}.ids${idColumn}`, at)));
      code.if(id, () => {
        const row = code.local('i32', this.places.keyRow(log, log.plan.ids[idColumn]?.dimension ?? 0, id));
        for (const [bit, same] of byBit(accumulators)) {
          const each = (): void => { for (const accumulator of same) this.stepOne(l, accumulator, { row, id, at, n }, direction, bound); };
          if (bit < 0) each(); else code.if(i32.and(i32.load(this.places.at4(`log${l}.bits${bit >> 5}`, at)), i32.of(1 << (bit & 31))), each);
        }
      });
    }
  }

  private stepOne(l: number, accumulator: Accumulator, where: Where, direction: 'enter' | 'leave', bound: F64): void {
    const { code, parts } = this;
    const offset = 8 * accumulator.place.offset;
    const cell = f64.load(where.row, offset);
    const byHost = (): void => {
      const index = i32.of(parts.otherIndex(accumulator));
      if (direction === 'enter') code.call(parts.enterOther, index, where.n); else code.call(parts.leaveOther, index, where.n, bound);
    };
    const addOne = (row: I32, place: number): void => {
      const counted = code.local('i32', i32.add(row, i32.of(8 * place)));
      code.storeF64(counted, direction === 'enter' ? f64.add(f64.load(counted), f64.of(1)) : f64.sub(f64.load(counted), f64.of(1)));
    };
    if (accumulator instanceof Count) addOne(where.row, accumulator.place.offset);
    else if (accumulator instanceof ExactSum && !accumulator.squared) {
      const x = f64.load(this.places.at8(`log${l}.numbers${accumulator.column}`, where.at));
      const sum = code.local('f64', direction === 'enter' ? f64.add(cell, x) : f64.sub(cell, x));
      code.if(f64.le(f64.abs(sum), widest), () => code.storeF64(where.row, sum, offset), byHost);
    } else if (accumulator instanceof Distinct && !this.isDelayed(l, accumulator)) {
      const index = parts.otherIndex(accumulator);
      const value = code.local('i32', i32.load(this.places.at4(`log${l}.ids${accumulator.valueColumn}`, where.at)));
      code.if(callValue('i32', direction === 'enter' ? parts.pairs.add : parts.pairs.remove, this.places.address(`pairs${index}.counters`), this.places.address(`pairs${index}.table`), where.id, value), () => {
        addOne(where.row, accumulator.place.offset);
        if (accumulator.mirror !== undefined) addOne(this.rowOfColumn(l, accumulator.valueColumn, value), accumulator.mirror.offset);
      });
    } else if (accumulator instanceof Extreme && !this.isDelayed(l, accumulator)) {
      const extreme = { accumulator, l, index: parts.otherIndex(accumulator), where, byHost };
      code.if(this.single, byHost, () => { if (direction === 'enter') this.extremes.enter(extreme); else this.extremes.leave(extreme, bound); });
    } else byHost();
  }

  /** Row of an id that stands in an id column of a log. */
  private rowOfColumn(l: number, column: number, id: I32): I32 {
    const log = this.parts.logs[l];
    const dimension = log?.plan.ids[column]?.dimension;
    if (log === undefined || dimension === undefined) throw new RangeError(`log ${l} has no id column ${column}`);
    return this.places.keyRow(log, dimension, id);
  }

  /** Does it count events when they are of some age? Then many may enter at once, and the host makes room for their pairs. */
  private isDelayed(l: number, accumulator: Accumulator): boolean {
    return this.parts.logs[l]?.work.some(({ entering }) => entering.some(({ accumulators }) => accumulators.includes(accumulator))) === true;
  }

  private copyView({ index, view, own }: KernelView): void {
    const { code, row } = this;
    const { stride } = view.dimension.rows;
    const dimension = view.plan.dimension;
    const id = own === undefined ? i32.load(this.places.at4(`view${index}.ids`, row)) : i32.load(this.places.at4(`batch${own.log}.ids${own.column}`, row));
    const known = code.local('i32', id);
    if (own !== undefined) code.if(i32.eqz(known), () => code.set(known, i32.of(unknownKey)));
    const from = code.local('i32', i32.add(this.places.address(`dimension${dimension}.cells`), i32.mul(known, i32.of(8 * stride))));
    const target = code.local('i32', i32.add(this.places.address(`view${index}.features`), i32.mul(row, i32.of(8 * stride))));
    for (let at = 0; at + 16 <= 8 * stride; at += 16) code.storeV128(target, v128.load(from, at), at);
    if (stride % 2 === 1) code.storeF64(target, f64.load(from, 8 * (stride - 1)), 8 * (stride - 1));
  }
}

/** Accumulators by predicate bit, in their order. */
function byBit(accumulators: readonly Accumulator[]): Map<number, Accumulator[]> {
  const bits = new Map<number, Accumulator[]>();
  for (const one of accumulators) bits.set(one.place.bit, [...(bits.get(one.place.bit) ?? []), one]);
  return bits;
}
