import { Count, ExactSum, Extreme, f64, i32, queueTouches } from '@weir/stream-core';
import type { Accumulator, Callable, FunctionCode, I32, Local, ModuleCode } from '@weir/stream-core';
import type { EventLog } from '../event-log.js';
import type { CountedSpan } from '../kept-windows.js';
import type { Frame } from './frame.js';
import { KernelPlaces } from './kernel-places.js';
import { linkNewest } from './link-newest.js';
import { ExtremeWriter } from './step-extreme.js';
import type { Where } from './step-extreme.js';
import type { StepParts } from './step-parts.js';

/** What the kernel works on: one log and its kept windows. */
export interface RecountParts {
  readonly frame: Frame;
  /** Names of the arrays whose addresses the frame holds: the log's, as log 0, its queues by place among the spans, `joins`. */
  readonly arrays: readonly string[];
  readonly log: EventLog;
  /** What it counts; their bounds stand in the frame. */
  readonly spans: readonly CountedSpan[];
  readonly queues: StepParts['queues'];
  /** The host counts: `enter(accumulator by place, n)`. */
  readonly enterByHost: Callable;
}

/** Accumulators and chains under the keys of one id column. */
interface Group { readonly idColumn: number; readonly dimension: number; readonly chains: readonly { readonly chain: number; readonly head: number }[]; readonly places: readonly number[] }

const widest = f64.of(Number.MAX_SAFE_INTEGER);

/**
 * `recount(first, count)`: the events from `first` on, in order and behind all others of the log, join their chains, and every
 * kept window counts those dated within its bounds. The same as `EventLog.takeBack`. Room for `count` queue nodes must have been reserved.
 */
export function writeRecountKernel(module: ModuleCode<string>, parts: RecountParts): void {
  module.function(['i32', 'i32'], undefined, (code) => { new RecountWriter(code, parts).write(); }, 'recount');
}

class RecountWriter {
  private readonly places: KernelPlaces;
  private readonly extremes: ExtremeWriter;
  private readonly groups: readonly Group[];
  /** By place: is the event at hand within the bounds? */
  private readonly isWithin: readonly Local<'i32'>[];
  private readonly n: Local<'i32'>;
  private readonly at: Local<'i32'>;

  constructor(private readonly code: FunctionCode, private readonly parts: RecountParts) {
    this.groups = groupsOf(parts);
    this.places = new KernelPlaces(code, { frame: parts.frame, arrays: parts.arrays, logs: [parts.log] });
    this.extremes = new ExtremeWriter(code, this.places, parts.queues);
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
    const { code, groups, places, at, n, parts: { frame, log, spans } } = this;
    const [first, count] = [code.param(0, 'i32'), code.param(1, 'i32')];
    const end = code.local('i32', i32.add(first, count));
    this.eachEvent(first, end, () => this.touch());
    const appended = code.local('f64', frame.double('appended'));
    this.eachEvent(first, end, () => {
      code.set(appended, f64.add(appended, f64.of(1)));
      this.findWithin();
      const joins = code.local('i32', i32.load(places.at4('joins', i32.load16U(i32.add(places.address('log0.type'), i32.shl(at, i32.of(1)))))));
      for (const group of groups) {
        for (const { chain } of group.chains) code.store(places.at4(`log0.previous${chain}`, at), i32.of(0));
        const id = code.local('i32', i32.load(places.at4(`log0.ids${group.idColumn}`, at)));
        code.if(id, () => {
          const row = code.local('i32', places.keyRow(log, group.dimension, id));
          for (const { chain, head } of group.chains) {
            code.if(i32.and(i32.shrU(joins, i32.of(chain)), i32.of(1)), () => linkNewest(code, places, { l: 0, at, n, appended }, chain, code.local('i32', i32.add(row, i32.of(8 * head)))));
          }
          for (const [condition, counted] of byCondition(group.places, spans)) this.count(condition, counted, { row, id, at, n });
        });
      }
    });
  }

  private eachEvent(first: I32, end: I32, body: () => void): void {
    const { code } = this;
    code.set(this.n, first);
    code.while(i32.ne(this.n, end), () => {
      code.set(this.at, i32.and(this.n, this.places.word('log0.mask')));
      body();
      code.increase(this.n, i32.of(1));
    });
  }

  /** Which spans the event at hand is in. */
  private findWithin(): void {
    const { code, parts: { frame } } = this;
    const ts = code.local('f64', f64.load(this.places.at8('log0.ts', this.at)));
    const done = new Set<Local<'i32'>>();
    this.isWithin.forEach((within, place) => {
      if (done.has(within)) return;
      done.add(within);
      code.set(within, i32.and(f64.gt(ts, frame.double(`after${place}`)), f64.le(ts, frame.double(`until${place}`))));
    });
  }

  /** Loads what the event is about to be counted on, many cache lines at a time: rows, ends of queues. */
  private touch(): void {
    const { code, groups, places, parts: { log, spans } } = this;
    for (const { idColumn, dimension, places: counted } of groups) {
      const id = code.local('i32', i32.load(places.at4(`log0.ids${idColumn}`, this.at)));
      const row = code.local('i32', places.keyRow(log, dimension, id));
      code.touch(i32.load(row));
      if (log.strideOf(dimension) > 8) code.touch(i32.load(row, 64));
      for (const place of counted) {
        const accumulator = spans[place]?.accumulator;
        if (accumulator instanceof Extreme) queueTouches.enter.forEach((touch) => { touch(code, places.address(`queue${place}.nodes`), places.address(`queue${place}.ends`), id); });
      }
    }
  }

  private count({ within, bit }: Condition, places: readonly number[], where: Where): void {
    const { code } = this;
    const each = (): void => { for (const place of places) this.countOne(place, where); };
    code.if(this.isWithin[within] as I32, () => {
      if (bit < 0) each(); else code.if(i32.and(i32.load(this.places.at4(`log0.bits${bit >> 5}`, where.at)), i32.of(1 << (bit & 31))), each);
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
      const sum = code.local('f64', f64.add(cell, f64.load(this.places.at8(`log0.numbers${accumulator.column}`, where.at))));
      code.if(f64.le(f64.abs(sum), widest), () => code.storeF64(where.row, sum, offset), byHost);
    } else if (accumulator instanceof Extreme) {
      // A cell that holds a number beside it is the host's to clear; so is one that is about to.
      code.if(parts.frame.word('hasWide'), byHost, () => this.extremes.enter({ accumulator, l: 0, index: place, where, byHost }));
    } else byHost();
  }
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
