import { i32 } from '@weir/stream-core';
import type { F64, FunctionCode, I32, Local } from '@weir/stream-core';
import type { EventLog } from '../event-log.js';
import type { StepParts } from './step-parts.js';

/** Where a kernel finds the arrays of its parts: all addresses, and what holds for a whole call, in variables, loaded once a call. */
export class KernelPlaces {
  private readonly addresses = new Map<string, Local<'i32'>>();

  constructor(code: FunctionCode, private readonly parts: Pick<StepParts, 'frame' | 'arrays' | 'logs'>) {
    const words = parts.logs.flatMap((_, l) => [`log${l}.mask`, `log${l}.first`]);
    for (const name of [...parts.arrays, ...words]) this.addresses.set(name, code.local('i32', parts.frame.word(name)));
  }

  address(name: string): I32 {
    const known = this.addresses.get(name);
    if (known === undefined) throw new RangeError(`no address ${name}`);
    return known;
  }

  word(name: string): I32 { return this.addresses.get(name) ?? this.parts.frame.word(name); }
  double(name: string): F64 { return this.parts.frame.double(name); }
  at4(name: string, index: I32): I32 { return i32.add(this.address(name), i32.shl(index, i32.of(2))); }
  at8(name: string, index: I32): I32 { return i32.add(this.address(name), i32.shl(index, i32.of(3))); }

  /** The row of a key: its accumulators' cells. */
  keyRow(log: EventLog, dimension: number, id: I32): I32 {
    return i32.add(this.address(`dimension${dimension}.cells`), i32.mul(id, i32.of(8 * log.strideOf(dimension))));
  }
}
