import { callValue, Count, ExactSum, Extreme, f64, i32, nodeAt } from '@weir/stream-core';
import type { Accumulator, Callable, F64, FunctionCode, I32, Local, ModuleCode, QueueKernels, QueueKind } from '@weir/stream-core';
import type { EventLog } from '../event-log.js';
import type { CountedSpan } from '../kept-windows.js';
import type { Frame } from './frame.js';

/** What the kernel works on: one log and its kept windows. */
export interface RecountParts {
  readonly frame: Frame;
  readonly log: EventLog;
  /** What it counts; their bounds stand in the frame. */
  readonly spans: readonly CountedSpan[];
  readonly queues: Readonly<Record<QueueKind, QueueKernels>>;
  /** The host counts: `enter(accumulator by place, n)`. */
  readonly enterByHost: Callable;
}

/** Accumulators and chains under the keys of one id column. */
interface Group { readonly idColumn: number; readonly dimension: number; readonly chains: readonly { readonly chain: number; readonly head: number }[]; readonly places: readonly number[] }
/** An event that is counted: its key's row and id, its place in the columns, its number. */
interface Where { readonly row: I32; readonly id: I32; readonly at: I32; readonly n: I32 }

const widest = f64.of(Number.MAX_SAFE_INTEGER);

/**
 * `recount(first, count)`: the events from `first` on, in order and behind all others of the log, join their chains, and every
 * kept window counts those dated within its bounds. The same as `EventLog.takeBack`. Room for `count` queue nodes must have been reserved.
 */
export function writeRecountKernel(module: ModuleCode<string>, parts: RecountParts): void {
  module.function(['i32', 'i32'], undefined, (code) => { new RecountWriter(code, parts).write(); }, 'recount');
}

/** Names of the arrays and words that the host sets before each call; `after` and `until` are doubles by place among the spans. */
export function recountNames({ log, spans }: Pick<RecountParts, 'log' | 'spans'>): string[] {
  const names = ['first', 'mask', 'joins', 'ts', 'type', ...log.columns.bits.map((_, word) => `bits${word}`)];
  for (const [column, { dimension }] of log.plan.ids.entries()) names.push(`ids${column}`, `cells${dimension}`);
  log.plan.numbers.forEach((_, column) => names.push(`numbers${column}`));
  log.plan.chains.forEach((_, chain) => names.push(`previous${chain}`));
  spans.forEach(({ accumulator }, place) => {
    if (accumulator instanceof Extreme) names.push(`queueCounters${place}`, `queueNodes${place}`, `queueEnds${place}`);
  });
  return [...new Set(names)];
}

class RecountWriter {
  private readonly addresses = new Map<string, Local<'i32'>>();
  private readonly groups: readonly Group[];
  /** By place: is the event at hand within the bounds? */
  private readonly isWithin: readonly Local<'i32'>[];
  private readonly n: Local<'i32'>;
  private readonly at: Local<'i32'>;

  constructor(private readonly code: FunctionCode, private readonly parts: RecountParts) {
    this.groups = groupsOf(parts);
    this.n = code.local('i32');
    this.at = code.local('i32');
    // Windows of one span have one answer.
    const known = new Map<string, Local<'i32'>>();
    this.isWithin = parts.spans.map(({ name }) => {
      const local = known.get(name) ?? code.local('i32');
      known.set(name, local);
      return local;
    });
  }

  write(): void {
    const { code, groups, parts: { frame, log } } = this;
    const [first, count] = [code.param(0, 'i32'), code.param(1, 'i32')];
    for (const name of recountNames(this.parts)) this.addresses.set(name, code.local('i32', frame.word(name)));
    const end = code.local('i32', i32.add(first, count));
    this.eachEvent(first, end, () => this.touch());
    const appended = code.local('f64', frame.double('appended'));
    this.eachEvent(first, end, () => {
      code.set(appended, f64.add(appended, f64.of(1)));
      const joins = code.local('i32', i32.load(this.at4('joins', i32.load16U(i32.add(this.word('type'), i32.shl(this.at, i32.of(1)))))));
      for (const group of groups) {
        for (const { chain } of group.chains) code.store(this.at4(`previous${chain}`, this.at), i32.of(0));
        const id = code.local('i32', i32.load(this.at4(`ids${group.idColumn}`, this.at)));
        code.if(id, () => {
          const row = code.local('i32', this.rowOf(log, group.dimension, id));
          for (const { chain, head } of group.chains) this.link(chain, i32.add(row, i32.of(8 * head)), joins, appended);
          for (const [condition, places] of byCondition(group.places, this.parts.spans)) this.count(condition, places, { row, id, at: this.at, n: this.n });
        });
      }
    });
  }

  private eachEvent(first: I32, end: I32, body: () => void): void {
    const { code } = this;
    code.set(this.n, first);
    code.while(i32.ne(this.n, end), () => {
      code.set(this.at, i32.and(this.n, this.word('mask')));
      const ts = code.local('f64', f64.load(this.at8('ts', this.at)));
      const done = new Set<Local<'i32'>>();
      this.isWithin.forEach((within, place) => {
        if (done.has(within)) return;
        done.add(within);
        code.set(within, i32.and(f64.gt(ts, this.parts.frame.double(`after${place}`)), f64.le(ts, this.parts.frame.double(`until${place}`))));
      });
      body();
      code.increase(this.n, i32.of(1));
    });
  }

  /** Loads what the event is about to be counted on, many cache lines at a time: rows, ends of queues. */
  private touch(): void {
    const { code, groups, parts: { log, spans } } = this;
    for (const { idColumn, dimension, places } of groups) {
      const id = code.local('i32', i32.load(this.at4(`ids${idColumn}`, this.at)));
      const row = code.local('i32', this.rowOf(log, dimension, id));
      code.touch(i32.load(row));
      if (log.strideOf(dimension) > 8) code.touch(i32.load(row, 64));
      for (const place of places) {
        const accumulator = spans[place]?.accumulator;
        if (accumulator instanceof Extreme) code.touch(i32.load(i32.add(this.word(`queueNodes${place}`), i32.shl(i32.load(i32.add(this.word(`queueEnds${place}`), i32.shl(id, i32.of(3))), 4), i32.of(5)))));
      }
    }
  }

  /** The event becomes the newest of its key: see `SharedLog.link`, in order. */
  private link(chain: number, cell: I32, joins: I32, appended: F64): void {
    const { code } = this;
    code.if(i32.and(i32.shrU(joins, i32.of(chain)), i32.of(1)), () => {
      const distance = code.local('f64', f64.sub(appended, f64.load(cell)));
      const length = f64.ofI32(i32.add(i32.sub(this.n, this.word('first')), i32.of(1)));
      code.if(i32.and(f64.ne(f64.load(cell), f64.of(0)), f64.lt(distance, length)), () => code.store(this.at4(`previous${chain}`, this.at), f64.toI32(distance)));
      code.storeF64(cell, appended);
    });
  }

  private count({ within, bit }: Condition, places: readonly number[], where: Where): void {
    const { code } = this;
    const each = (): void => { for (const place of places) this.countOne(place, where); };
    code.if(this.isWithin[within] as I32, () => {
      if (bit < 0) each(); else code.if(i32.and(i32.load(this.at4(`bits${bit >> 5}`, where.at)), i32.of(1 << (bit & 31))), each);
    });
  }

  private countOne(place: number, where: Where): void {
    const { code, parts } = this;
    const accumulator = (parts.spans[place] as CountedSpan).accumulator;
    const offset = 8 * accumulator.place.offset;
    const cell = f64.load(where.row, offset);
    const byHost = (): void => code.call(parts.enterByHost, i32.of(place), where.n);
    if (accumulator instanceof Count) code.storeF64(where.row, f64.add(cell, f64.of(1)), offset);
    else if (accumulator instanceof ExactSum && !accumulator.squared) {
      const sum = code.local('f64', f64.add(cell, f64.load(this.at8(`numbers${accumulator.column}`, where.at))));
      code.if(f64.le(f64.abs(sum), widest), () => code.storeF64(where.row, sum, offset), byHost);
    } else if (accumulator instanceof Extreme) {
      // A cell that holds a number beside it is the host's to clear; so is one that is about to.
      code.if(this.parts.frame.word('hasWide'), byHost, () => this.countExtreme(place, accumulator, where, byHost));
    } else byHost();
  }

  private countExtreme(place: number, { picked, kind, place: { offset } }: Extreme, { row, id, at, n }: Where, byHost: () => void): void {
    const { code, parts } = this;
    const numbers = `numbers${picked.column}`;
    const value = code.local('f64', kind === 'min' || kind === 'max' ? f64.load(this.at8(numbers, at)) : f64.of(0));
    code.if(f64.eq(f64.sub(value, value), f64.of(0)), () => {
      const front = code.local('i32', callValue('i32', parts.queues[kind].enter, this.word(`queueCounters${place}`), this.word(`queueNodes${place}`), this.word(`queueEnds${place}`), id, n, value, f64.load(this.at8('ts', at))));
      const oldest = code.local('i32', i32.and(i32.load(front, 4 * nodeAt.event), this.word('mask')));
      if (picked.kind === 'id') {
        code.storeF64(row, f64.ofI32(i32.load(this.at4(`ids${picked.column}`, oldest))), 8 * offset);
        return;
      }
      const shown = code.local('f64', kind === 'min' || kind === 'max' ? f64.load(front, 4 * nodeAt.value) : f64.load(this.at8(numbers, oldest)));
      // Done again by the host it does no harm: the event makes its own node superfluous; of `first` both nodes leave at once.
      code.if(f64.eq(f64.sub(shown, shown), f64.of(0)), () => code.storeF64(row, shown, 8 * offset), byHost);
    }, byHost);
  }

  private rowOf(log: EventLog, dimension: number, id: I32): I32 { return i32.add(this.word(`cells${dimension}`), i32.mul(id, i32.of(8 * log.strideOf(dimension)))); }

  private word(name: string): I32 {
    const known = this.addresses.get(name);
    if (known === undefined) throw new RangeError(`no address ${name}`);
    return known;
  }
  private at4(name: string, index: I32): I32 { return i32.add(this.word(name), i32.shl(index, i32.of(2))); }
  private at8(name: string, index: I32): I32 { return i32.add(this.word(name), i32.shl(index, i32.of(3))); }
}

/** What an event must meet to be counted: the bounds of a span, by a place that has it, and a predicate bit; -1: none. */
interface Condition { readonly within: number; readonly bit: number }

/** Places of accumulators that ask for the same. */
function byCondition(places: readonly number[], spans: readonly CountedSpan[]): readonly (readonly [Condition, readonly number[]])[] {
  const found = new Map<string, [Condition, number[]]>();
  for (const place of places) {
    const { name, accumulator: { place: { bit } } } = spans[place] as CountedSpan;
    const key = `${bit} ${name}`;
    const known = found.get(key);
    if (known === undefined) found.set(key, [{ within: place, bit }, [place]]); else known[1].push(place);
  }
  return [...found.values()];
}

function groupsOf({ log, spans }: RecountParts): readonly Group[] {
  return log.plan.ids.map(({ dimension }, idColumn): Group => ({
    idColumn, dimension,
    chains: log.plan.chains.flatMap(({ stream }, chain) => (log.streamOf(stream).idColumn === idColumn ? [{ chain, head: log.streamOf(stream).head }] : [])),
    places: spans.flatMap(({ accumulator }: { readonly accumulator: Accumulator }, place) => (accumulator.place.idColumn === idColumn ? [place] : [])),
  })).filter(({ chains, places }) => chains.length + places.length > 0);
}
