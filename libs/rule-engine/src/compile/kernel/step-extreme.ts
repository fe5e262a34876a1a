import { callValue, f64, i32, nodeAt } from '@weir/stream-core';
import type { Extreme, F64, FunctionCode, I32 } from '@weir/stream-core';
import type { KernelPlaces } from './kernel-places.js';
import type { StepParts } from './step-parts.js';

/** An event that is stepped: its key's row and id, its place in the log's columns, its number. */
export interface Where { readonly row: I32; readonly id: I32; readonly at: I32; readonly n: I32 }

/** An extreme and the event that it takes or loses. */
export interface ExtremeStep {
  readonly accumulator: Extreme;
  /** Place of the log, and of the accumulator among those with arrays: they name them. */
  readonly l: number;
  readonly index: number;
  readonly where: Where;
  /** The host steps it, which does again what has been done without harm: the event makes its own node superfluous; of `first` both nodes leave at once. */
  readonly byHost: () => void;
}

/** Writes the steps of extremes whose values are finite; others are left to the host. Room for a queue node must have been reserved. */
export class ExtremeWriter {
  constructor(private readonly code: FunctionCode, private readonly places: KernelPlaces, private readonly queues: StepParts['queues']) {}

  enter(step: ExtremeStep): void {
    const { code, places, queues } = this;
    const { accumulator: { kind, picked }, l, where: { at, n }, byHost } = step;
    const value = code.local('f64', kind === 'min' || kind === 'max' ? f64.load(places.at8(`log${l}.numbers${picked.column}`, at)) : f64.of(0));
    code.if(isFiniteValue(value), () => {
      const oldest = code.local('i32', callValue('i32', queues[kind].enter, ...this.arrays(step), n, value, f64.load(places.at8(`log${l}.ts`, at))));
      code.if(oldest, () => { this.show(step, oldest); });
    }, byHost);
  }

  /** What is dated at or before `bound` leaves. */
  leave(step: ExtremeStep, bound: F64): void {
    const { code, places, queues } = this;
    const { accumulator: { kind, place: { offset } }, index, where: { row } } = step;
    const oldest = code.local('i32', callValue('i32', queues[kind].leave, ...this.arrays(step), bound));
    code.if(oldest, () => code.if(i32.eq(oldest, places.address(`queue${index}.nodes`)), () => code.storeF64(row, f64.of(NaN), 8 * offset), () => this.show(step, oldest)));
  }

  private arrays({ index, where: { id } }: ExtremeStep): readonly [I32, I32, I32, I32] {
    const { places } = this;
    return [places.address(`queue${index}.counters`), places.address(`queue${index}.nodes`), places.address(`queue${index}.ends`), id];
  }

  /** What the oldest node stands for goes to the key's row. */
  private show({ accumulator: { kind, picked, place: { offset } }, l, where: { row }, byHost }: ExtremeStep, oldest: I32): void {
    const { code, places } = this;
    const at = code.local('i32', i32.and(i32.load(oldest, 4 * nodeAt.event), places.word(`log${l}.mask`)));
    if (picked.kind === 'id') {
      code.storeF64(row, f64.ofI32(i32.load(places.at4(`log${l}.ids${picked.column}`, at))), 8 * offset);
      return;
    }
    const shown = code.local('f64', kind === 'min' || kind === 'max' ? f64.load(oldest, 4 * nodeAt.value) : f64.load(places.at8(`log${l}.numbers${picked.column}`, at)));
    code.if(isFiniteValue(shown), () => code.storeF64(row, shown, 8 * offset), byHost);
  }
}

function isFiniteValue(value: F64): I32 { return f64.eq(f64.sub(value, value), f64.of(0)); }
