import { callValue } from '../wasm/function-code.js';
import type { Callable, FunctionCode } from '../wasm/function-code.js';
import type { ModuleCode } from '../wasm/module-code.js';
import { i32, v128 } from '../wasm/value.js';
import type { I32, Local } from '../wasm/value.js';
import { bucketAt, bucketPairs, bucketWords, pairCounterAt } from './pair-counts.js';

/** Functions of a module over the arrays of a `PairCounts`; all take the addresses of its counters and its table first. */
export interface PairKernels {
  /** Counts (counters, table, key, value) once more: 1 when the pair was not held before. Room must have been reserved. */
  readonly add: Callable;
  /** Counts a held pair once less: 1 when that was the last. The table does not shrink. */
  readonly remove: Callable;
}

const bucketBytes = 4 * bucketWords;
const toValue = 4 * (bucketAt.values - bucketAt.keys);
const toCount = 4 * (bucketAt.counts - bucketAt.keys);
const keysAt = 4 * bucketAt.keys;
/** Places of a bucket that are looked at at once; the fifth is looked at by itself. */
const lanes = bucketPairs - 1;
const four = ['i32', 'i32', 'i32', 'i32'] as const;

/** The kernels of `PairCounts`, equal to its methods. */
export function writePairKernels(module: ModuleCode<string>): PairKernels {
  const find = module.function([...four, 'i32'], 'i32', writeFind);
  return {
    add: module.function(four, 'i32', (code) => writeAdd(code, find)),
    remove: module.function(four, 'i32', (code) => writeRemove(code, find)),
  };
}

/**
 * Loads, before they are needed, the buckets of many pairs, written in place: first their hashes, in a loop of their own, then the
 * buckets by those. A loop that does nothing but load has the most loads under way.
 */
export const pairTouches = {
  hash: (code: FunctionCode, counters: I32, key: I32, value: I32): I32 => hashOf(code, counters, key, value),
  bucket: (code: FunctionCode, counters: I32, table: I32, hash: I32): void => code.touch(i32.load(bucketOf(counters, table, hash))),
};

type Parameters = readonly [counters: Local<'i32'>, table: Local<'i32'>, key: Local<'i32'>, value: Local<'i32'>];
function parameters(code: FunctionCode): Parameters { return [code.param(0, 'i32'), code.param(1, 'i32'), code.param(2, 'i32'), code.param(3, 'i32')]; }
function maskOf(counters: I32): I32 { return i32.load(counters, 4 * pairCounterAt.mask); }
function bucketOf(counters: I32, table: I32, hash: I32): I32 { return i32.add(table, i32.shl(i32.and(hash, maskOf(counters)), i32.of(Math.log2(bucketBytes)))); }

/** The same as in `PairCounts`. */
function hashOf(code: FunctionCode, counters: I32, key: I32, value: I32): I32 {
  const multiplier = code.local('i32', i32.load(counters, 4 * pairCounterAt.multiplier));
  const h = code.local('i32', i32.mul(i32.xor(key, i32.of(0x85ebca6b)), multiplier));
  code.set(h, i32.mul(i32.xor(i32.xor(h, i32.shrU(h, i32.of(15))), value), i32.xor(i32.of(0xc2b2ae35), i32.shl(multiplier, i32.of(1)))));
  code.set(h, i32.xor(h, i32.shrU(h, i32.of(13))));
  code.set(h, i32.mul(h, multiplier));
  return i32.xor(h, i32.shrU(h, i32.of(16)));
}

/** Runs `body` for the bucket of the hash and those after it, round and round; `bucket` is its address. */
function eachBucket(code: FunctionCode, [counters, table]: Parameters, hash: I32, body: (bucket: Local<'i32'>) => void): void {
  const bucket = code.local('i32', bucketOf(counters, table, hash));
  const end = code.local('i32', i32.add(table, i32.shl(i32.add(maskOf(counters), i32.of(1)), i32.of(Math.log2(bucketBytes)))));
  code.loop((again) => {
    body(bucket);
    code.increase(bucket, i32.of(bucketBytes));
    code.if(i32.eq(bucket, end), () => code.set(bucket, table));
    code.jump(again);
  });
}

/** find(counters, table, key, value, hash): address of a held pair's key; 0: it is not held. */
function writeFind(code: FunctionCode): I32 {
  const all = parameters(code);
  const [counters, table, key, value] = all;
  const hash = code.param(4, 'i32');
  const home = code.local('i32', bucketOf(counters, table, hash));
  const isOnWay = code.local('i32');
  const [keys, values] = [code.local('v128', v128.splat32(key)), code.local('v128', v128.splat32(value))];
  eachBucket(code, all, hash, (bucket) => {
    code.if(i32.and(isOnWay, i32.eq(bucket, home)), () => code.return(i32.of(0)));
    code.set(isOnWay, i32.of(1));
    const places = code.local('i32', i32.or(
      v128.bitmask32(v128.and(v128.eq32(v128.load(bucket, keysAt), keys), v128.eq32(v128.load(bucket, keysAt + toValue), values))),
      i32.shl(i32.and(i32.eq(i32.load(bucket, keysAt + 4 * lanes), key), i32.eq(i32.load(bucket, keysAt + toValue + 4 * lanes), value)), i32.of(lanes)),
    ));
    code.if(places, () => code.return(firstOf(bucket, places)));
    code.if(i32.eqz(i32.load(bucket, 4 * bucketAt.passed)), () => code.return(i32.of(0)));
  });
  return i32.of(0);
}

/** Address of the key at the first of some places of a bucket, a bit each. */
function firstOf(bucket: I32, places: I32): I32 { return i32.add(bucket, i32.add(i32.of(keysAt), i32.shl(i32.ctz(places), i32.of(2)))); }

/** The pair that a function is called for: its hash, and where its key lies, 0: nowhere. */
function located(code: FunctionCode, [counters, table, key, value]: Parameters, find: Callable): { readonly hash: Local<'i32'>; readonly found: Local<'i32'> } {
  const hash = code.local('i32', hashOf(code, counters, key, value));
  return { hash, found: code.local('i32', callValue('i32', find, counters, table, key, value, hash)) };
}

function countPairs(code: FunctionCode, counters: I32, by: 1 | -1): void { code.store(counters, i32.add(i32.load(counters, 4 * pairCounterAt.live), i32.of(by)), 4 * pairCounterAt.live); }

function writeAdd(code: FunctionCode, find: Callable): I32 {
  const all = parameters(code);
  const [counters, , key, value] = all;
  const { hash, found } = located(code, all, find);
  code.if(found, () => {
    code.store(found, i32.add(i32.load(found, toCount), i32.of(1)), toCount);
    code.return(i32.of(0));
  });
  countPairs(code, counters, 1);
  const none = code.local('v128', v128.splat32(i32.of(0)));
  eachBucket(code, all, hash, (bucket) => {
    const free = code.local('i32', i32.or(v128.bitmask32(v128.eq32(v128.load(bucket, keysAt), none)), i32.shl(i32.eqz(i32.load(bucket, keysAt + 4 * lanes)), i32.of(lanes))));
    code.if(free, () => {
      const at = code.local('i32', firstOf(bucket, free));
      code.store(at, key);
      code.store(at, value, toValue);
      code.store(at, i32.of(1), toCount);
      code.return(i32.of(1));
    });
    pass(code, bucket, 1);
  });
  return i32.of(1);
}

function writeRemove(code: FunctionCode, find: Callable): I32 {
  const all = parameters(code);
  const { hash, found } = located(code, all, find);
  const left = code.local('i32', i32.sub(i32.load(found, toCount), i32.of(1)));
  code.store(found, left, toCount);
  code.if(left, () => code.return(i32.of(0)));
  code.store(found, i32.of(0));
  countPairs(code, all[0], -1);
  const own = code.local('i32', i32.and(found, i32.of(-bucketBytes))); // buckets lie on cache lines of their own
  eachBucket(code, all, hash, (bucket) => {
    code.if(i32.eq(bucket, own), () => code.return(i32.of(1)));
    pass(code, bucket, -1);
  });
  return i32.of(1);
}

function pass(code: FunctionCode, bucket: I32, by: 1 | -1): void { code.store(bucket, i32.add(i32.load(bucket, 4 * bucketAt.passed), i32.of(by)), 4 * bucketAt.passed); }
