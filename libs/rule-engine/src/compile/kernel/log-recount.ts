import { Distinct, Extreme, ModuleCode, writeQueueKernels } from '@weir/stream-core';
import type { EventNumber, Kernels, LinearMemory } from '@weir/stream-core';
import type { EventLog } from '../event-log.js';
import type { CountedSpan } from '../kept-windows.js';
import type { KeyDimension } from '../key-dimension.js';
import { Frame } from './frame.js';
import { recountNames, writeRecountKernel } from './recount-kernel.js';

/** Events that one call takes: as many as have their cache lines loaded together. */
export const recountedAtOnce = 256;
/** A mask has no more bits. */
const mostChains = 31;
/** Plans of more columns are counted without a kernel. */
const mostColumns = 4_000;

/** Takes events of a checkpoint back into one log by a kernel: what `EventLog.takeBack` does, several times as fast. */
export class LogRecount {
  private readonly frame: Frame;
  private readonly kernels: Kernels<'recount'>;
  private readonly spans: readonly CountedSpan[];
  /** By type: the chains that its events join, a bit each. */
  private readonly joins: Int32Array;
  private readonly hasWide: number;
  private readonly appended: number;
  private readonly addresses: readonly (readonly [place: number, address: () => number])[];

  private constructor(private readonly log: EventLog, private readonly dimensions: readonly KeyDimension[], memory: LinearMemory) {
    this.spans = log.countedSpans().filter(({ accumulator }) => !(accumulator instanceof Distinct));
    const names = recountNames({ log, spans: this.spans });
    this.frame = new Frame(memory, names.length + 2 * this.spans.length + 4);
    this.joins = memory.i32(log.chainsOfType.length);
    log.chainsOfType.forEach((chains, type) => { this.joins[type] = chains.reduce((mask, { chain }) => mask | (1 << chain), 0); });
    this.hasWide = this.frame.placeOf('hasWide');
    this.appended = this.frame.placeOfDouble('appended');
    this.kernels = this.compile(memory);
    this.addresses = names.map((name) => [this.frame.placeOf(name), this.addressOf(name)] as const);
    this.spans.forEach(({ after, until }, place) => {
      this.frame.setDouble(this.frame.placeOfDouble(`after${place}`), after);
      this.frame.setDouble(this.frame.placeOfDouble(`until${place}`), until);
    });
  }

  /** A kernel for a log whose time stands; undefined where there is none for it. */
  static of(log: EventLog, dimensions: readonly KeyDimension[], memory: LinearMemory | undefined): LogRecount | undefined {
    const { chains, ids, numbers, accumulators } = log.plan;
    return memory === undefined || chains.length > mostChains || ids.length + numbers.length + accumulators.length > mostColumns ? undefined : new LogRecount(log, dimensions, memory);
  }

  /** Takes the `count` events back that are written behind the newest one, in order, at most {@link recountedAtOnce}. */
  take(count: number): void {
    const { log, log: { columns }, frame, dimensions, spans } = this;
    for (const { accumulator } of spans) {
      if (accumulator instanceof Extreme) accumulator.queues.reserve(count, (dimensions[log.plan.ids[accumulator.place.idColumn]?.dimension ?? 0] as KeyDimension).interner.capacity);
    }
    for (const [place, address] of this.addresses) frame.set(place, address());
    frame.set(this.hasWide, dimensions.some(({ rows }) => rows.wide.size > 0) ? 1 : 0);
    frame.setDouble(this.appended, columns.appendedCount);
    const first = columns.next;
    this.kernels.recount(first, count);
    columns.appendedBy(count);
  }

  private compile(memory: LinearMemory): Kernels<'recount'> {
    const module = new ModuleCode<'recount'>();
    const enterByHost = module.import(['i32', 'i32'], undefined, (place, n) => this.enter(place ?? 0, n ?? 0));
    const queues = { min: writeQueueKernels(module, 'min'), max: writeQueueKernels(module, 'max'), first: writeQueueKernels(module, 'first'), latest: writeQueueKernels(module, 'latest') };
    writeRecountKernel(module, { frame: this.frame, log: this.log, spans: this.spans, queues, enterByHost });
    return module.instantiate(memory);
  }

  private enter(place: number, n: EventNumber): void {
    const { accumulator } = this.spans[place] as CountedSpan;
    accumulator.enter(n);
    if (accumulator.place.rows.wide.size > 0) this.frame.set(this.hasWide, 1);
  }

  /** Where the array of a name lies at present, or what the word holds. */
  private addressOf(name: string): () => number {
    const { log: { columns }, joins, spans } = this;
    const [, kind = '', digits = ''] = /^([a-zA-Z]+)(\d*)$/.exec(name) ?? [];
    const place = Number(digits);
    const accumulator = spans[place]?.accumulator;
    switch (kind) {
      case 'first': case 'mask': return () => columns[kind];
      case 'joins': return () => joins.byteOffset;
      case 'ts': case 'type': return () => columns[kind].byteOffset;
      case 'bits': case 'ids': case 'numbers': case 'previous': return () => columns[kind][place]?.byteOffset ?? 0;
      case 'cells': { const { rows } = this.dimensions[place] as KeyDimension; return () => rows.cells.byteOffset; }
      default: { const { queues } = accumulator as Extreme; return kind === 'queueNodes' ? () => queues.nodes.byteOffset : kind === 'queueEnds' ? () => queues.ends.byteOffset : () => queues.counters.byteOffset; } // named for those alone
    }
  }
}
