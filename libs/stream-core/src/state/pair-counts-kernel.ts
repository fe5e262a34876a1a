import { callValue } from '../wasm/function-code.js';
import type { Callable, FunctionCode } from '../wasm/function-code.js';
import type { ModuleCode } from '../wasm/module-code.js';
import { i32 } from '../wasm/value.js';
import type { I32, Local } from '../wasm/value.js';
import { pairCounterAt, pairWords } from './pair-counts.js';

/** Functions of a module over the arrays of a `PairCounts`; all take the addresses of its counters and its table first. */
export interface PairKernels {
  /** Counts (counters, table, key, value) once more: 1 when the pair was not held before. Room must have been reserved. */
  readonly add: Callable;
  /** Counts a held pair once less: 1 when that was the last. The table does not shrink. */
  readonly remove: Callable;
}

const slotBytes = 4 * pairWords;
const four = ['i32', 'i32', 'i32', 'i32'] as const;

/** The kernels of `PairCounts`, equal to its methods. */
export function writePairKernels(module: ModuleCode<string>): PairKernels {
  const hash = module.function(['i32', 'i32', 'i32'], 'i32', writeHash);
  const probe = module.function(four, 'i32', (code) => writeProbe(code, hash));
  return {
    add: module.function(four, 'i32', (code) => writeAdd(code, probe)),
    remove: module.function(four, 'i32', (code) => writeRemove(code, probe, hash)),
  };
}

type Parameters = readonly [counters: Local<'i32'>, table: Local<'i32'>, key: Local<'i32'>, value: Local<'i32'>];
function parameters(code: FunctionCode): Parameters { return [code.param(0, 'i32'), code.param(1, 'i32'), code.param(2, 'i32'), code.param(3, 'i32')]; }
function maskOf(counters: I32): I32 { return i32.load(counters, 4 * pairCounterAt.mask); }
function slotAt(table: I32, place: I32): I32 { return i32.add(table, i32.mul(place, i32.of(slotBytes))); }
function keyOf(slot: I32): I32 { return i32.load(slot); }
function valueOf(slot: I32): I32 { return i32.load(slot, 4); }
function countOf(slot: I32): I32 { return i32.load(slot, 8); }

/** Touches the slot where a pair belongs and the next one, written in place: the cache lines of many pairs load at once. */
export function touchPair(code: FunctionCode, counters: I32, table: I32, key: I32, value: I32): void {
  const slot = code.local('i32', slotAt(table, i32.and(hashOf(code, counters, key, value), maskOf(counters))));
  code.touch(keyOf(slot));
  code.touch(i32.load(slot, slotBytes + 8)); // slots lie across lines, and who removes a pair looks at the next one
}

/** hash(counters, key, value) */
function writeHash(code: FunctionCode): I32 { return hashOf(code, code.param(0, 'i32'), code.param(1, 'i32'), code.param(2, 'i32')); }

/** The same as in `PairCounts`. */
function hashOf(code: FunctionCode, counters: I32, key: I32, value: I32): I32 {
  const multiplier = code.local('i32', i32.load(counters, 4 * pairCounterAt.multiplier));
  const h = code.local('i32', i32.mul(i32.xor(key, i32.of(0x85ebca6b)), multiplier));
  code.set(h, i32.mul(i32.xor(i32.xor(h, i32.shrU(h, i32.of(15))), value), i32.xor(i32.of(0xc2b2ae35), i32.shl(multiplier, i32.of(1)))));
  code.set(h, i32.xor(h, i32.shrU(h, i32.of(13))));
  code.set(h, i32.mul(h, multiplier));
  return i32.xor(h, i32.shrU(h, i32.of(16)));
}

/** Address of the pair's slot, or of the free one where it belongs. */
function writeProbe(code: FunctionCode, hash: Callable): I32 {
  const [counters, table, key, value] = parameters(code);
  const mask = code.local('i32', maskOf(counters));
  const place = code.local('i32', i32.and(callValue('i32', hash, counters, key, value), mask));
  const slot = code.local('i32', slotAt(table, place));
  code.while(i32.and(i32.ne(countOf(slot), i32.of(0)), i32.or(i32.ne(keyOf(slot), key), i32.ne(valueOf(slot), value))), () => {
    code.set(place, i32.and(i32.add(place, i32.of(1)), mask));
    code.set(slot, slotAt(table, place));
  });
  return slot;
}

function writeAdd(code: FunctionCode, probe: Callable): I32 {
  const [counters, table, key, value] = parameters(code);
  const slot = code.local('i32', callValue('i32', probe, counters, table, key, value));
  const count = code.local('i32', countOf(slot));
  code.store(slot, i32.add(count, i32.of(1)), 8);
  code.if(count, () => code.return(i32.of(0)));
  code.store(slot, key);
  code.store(slot, value, 4);
  code.store(counters, i32.add(i32.load(counters, 4 * pairCounterAt.live), i32.of(1)), 4 * pairCounterAt.live);
  return i32.of(1);
}

/** With backward shift (Knuth 6.4, algorithm R), as `PairCounts` does. */
function writeRemove(code: FunctionCode, probe: Callable, hash: Callable): I32 {
  const [counters, table, key, value] = parameters(code);
  const hole = code.local('i32', callValue('i32', probe, counters, table, key, value));
  const left = code.local('i32', i32.sub(countOf(hole), i32.of(1)));
  code.store(hole, left, 8);
  code.if(left, () => code.return(i32.of(0)));
  code.store(counters, i32.sub(i32.load(counters, 4 * pairCounterAt.live), i32.of(1)), 4 * pairCounterAt.live);
  const mask = code.local('i32', maskOf(counters));
  const holePlace = code.local('i32', i32.divU(i32.sub(hole, table), i32.of(slotBytes)));
  const next = code.local('i32', i32.and(i32.add(holePlace, i32.of(1)), mask));
  const slot = code.local('i32', slotAt(table, next));
  code.while(countOf(slot), () => {
    const home = i32.and(callValue('i32', hash, counters, keyOf(slot), valueOf(slot)), mask);
    code.if(i32.geU(i32.and(i32.sub(next, home), mask), i32.and(i32.sub(next, holePlace), mask)), () => {
      code.store(hole, keyOf(slot));
      code.store(hole, valueOf(slot), 4);
      code.store(hole, countOf(slot), 8);
      code.set(hole, slot);
      code.set(holePlace, next);
    });
    code.set(next, i32.and(i32.add(next, i32.of(1)), mask));
    code.set(slot, slotAt(table, next));
  });
  for (const offset of [0, 4, 8]) code.store(hole, i32.of(0), offset);
  return i32.of(1);
}
