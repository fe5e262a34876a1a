import { callValue } from '../wasm/function-code.js';
import type { Callable, FunctionCode } from '../wasm/function-code.js';
import type { ModuleCode } from '../wasm/module-code.js';
import { i32 } from '../wasm/value.js';
import type { I32, Local } from '../wasm/value.js';
import { counterAt, emptyKey, headWords, inlineBytes, recordWords, unknownKey } from './key-interner.js';

/** What the host does for keys longer than a record holds; `which` tells the interner apart. */
export interface LongKeys {
  /** Is the key of `id` the bytes at an address? Their length and beginning are. */
  same(which: number, id: number, at: number, length: number): number;
  /** Takes the whole bytes of a new key. */
  add(which: number, id: number, at: number, length: number): void;
}
export type InternKernelName = 'intern' | 'find';

const recordBytes = 4 * recordWords;
/** Keys whose lines load at once: they stay in the first cache until they are compared. */
const rowsAtOnce = 64;
const shiftOfRecord = Math.log2(recordBytes);

/**
 * The kernels of `KeyInterner`, on the arrays of the same object: look-ups of whole columns of byte ranges. Each column is
 * gone through four times, so that the cache lines of many look-ups load at once: hashes, slots, records, then the look-ups
 * one by one. What touches does nothing else: the fewer instructions a touch, the more of them a core has under way.
 *
 * `intern(which, counters, table, records, freed, start, size, wanted, count, hashes, ids)`: for each of
 * `count` rows whose `wanted` is not 0 the id of the key `size[i]` bytes at address `start[i]`, with a reference taken, to
 * `ids`; {@link emptyKey} for the other rows and where `start` is -1 or -2, which are no addresses. Room for `count` new keys must have been reserved.
 *
 * `find(which, counters, table, records, start, size, count, ids)`: the ids of keys held, or `emptyKey`; {@link unknownKey}
 * where `start` is -1 or -2. Addresses, negative from 2^31 on as int32 shows them, and lengths in bytes.
 */
export function writeInternKernels(module: ModuleCode<string>, host: { readonly same: Callable; readonly add: Callable }): void {
  const hash = module.function(['i32', 'i32', 'i32'], 'i32', writeHash);
  const same = module.function(['i32', 'i32', 'i32', 'i32', 'i32'], 'i32', (code) => writeSame(code, host.same));
  const probe = module.function(['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'], 'i32', (code) => writeProbe(code, same));
  const add = module.function(['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'], 'i32', (code) => writeAdd(code, host.add));
  module.function(Array.from({ length: 11 }, () => 'i32' as const), undefined, (code) => writeIntern(code, { hash, probe, add }), 'intern');
  module.function(Array.from({ length: 8 }, () => 'i32' as const), undefined, (code) => writeFind(code, { hash, probe }), 'find');
}

function counter(counters: I32, name: keyof typeof counterAt): I32 { return i32.load(counters, 4 * counterAt[name]); }
function times4(index: I32): I32 { return i32.shl(index, i32.of(2)); }
/** Bytes of a word beyond `length % 4` masked out. The word is read whole: memory does not end there. */
function tailWord(at: I32, rest: I32): I32 { return i32.and(i32.load(at), i32.sub(i32.shl(i32.of(1), i32.shl(rest, i32.of(3))), i32.of(1))); }

/** hash(counters, at, length), the same as in `KeyInterner`. */
function writeHash(code: FunctionCode): I32 {
  const [counters, at, length] = [code.param(0, 'i32'), code.param(1, 'i32'), code.param(2, 'i32')];
  const h = code.local('i32', i32.xor(counter(counters, 'start'), length));
  const multiplier = code.local('i32', i32.add(counters, i32.of(4 * counterAt.multipliers)));
  const second = code.local('i32', counter(counters, 'second'));
  const last = code.local('i32', i32.add(multiplier, i32.of(4 * 16)));
  const whole = code.local('i32', i32.add(at, i32.and(length, i32.of(~3))));
  const mix = (word: I32): void => {
    code.set(h, i32.xor(h, word));
    code.set(h, i32.xor(i32.mul(h, i32.load(multiplier)), i32.mul(i32.rotl(h, i32.of(16)), second)));
    code.set(h, i32.xor(h, i32.shrU(h, i32.of(15))));
  };
  code.while(i32.ltU(at, whole), () => {
    mix(i32.load(at));
    code.increase(at, i32.of(4));
    code.increase(multiplier, i32.of(4));
    code.if(i32.eq(multiplier, last), () => code.increase(multiplier, i32.of(-4 * 16)));
  });
  const rest = code.local('i32', i32.and(length, i32.of(3)));
  code.if(rest, () => mix(tailWord(at, rest)));
  code.set(h, i32.mul(i32.xor(h, i32.shrU(h, i32.of(16))), i32.load(counters, 4 * (counterAt.multipliers + 15))));
  return i32.xor(h, i32.shrU(h, i32.of(13)));
}

/** same(which, records, id, at, length): is that the key of the id? */
function writeSame(code: FunctionCode, sameLong: Callable): I32 {
  const [which, records, id, at, length] = [code.param(0, 'i32'), code.param(1, 'i32'), code.param(2, 'i32'), code.param(3, 'i32'), code.param(4, 'i32')];
  const record = code.local('i32', i32.add(records, i32.shl(id, i32.of(shiftOfRecord))));
  code.if(i32.ne(i32.load(record), length), () => code.return(i32.of(0)));
  const inline = code.local('i32', i32.select(i32.gtU(length, i32.of(inlineBytes)), i32.of(inlineBytes), length));
  const from = code.local('i32', at);
  const whole = code.local('i32', i32.add(at, i32.and(inline, i32.of(~3))));
  code.while(i32.ltU(from, whole), () => {
    code.if(i32.ne(i32.load(record, 4 * headWords), i32.load(from)), () => code.return(i32.of(0)));
    code.increase(record, i32.of(4));
    code.increase(from, i32.of(4));
  });
  const rest = code.local('i32', i32.and(inline, i32.of(3)));
  code.if(rest, () => code.if(i32.ne(i32.load(record, 4 * headWords), tailWord(from, rest)), () => code.return(i32.of(0))));
  code.if(i32.gtU(length, i32.of(inlineBytes)), () => code.return(callValue('i32', sameLong, which, id, at, length)));
  return i32.of(1);
}

/** probe(which, counters, table, records, hash, at, length): address of the key's slot, or of the free one where it belongs. */
function writeProbe(code: FunctionCode, same: Callable): I32 {
  const [which, counters, table, records, hash, at, length] = [code.param(0, 'i32'), code.param(1, 'i32'), code.param(2, 'i32'), code.param(3, 'i32'), code.param(4, 'i32'), code.param(5, 'i32'), code.param(6, 'i32')];
  const mask = code.local('i32', counter(counters, 'mask'));
  const place = code.local('i32', i32.and(hash, mask));
  const slot = code.local('i32');
  code.loop((again) => {
    code.set(slot, i32.add(table, i32.shl(place, i32.of(3))));
    code.if(i32.eqz(i32.load(slot, 4)), () => code.return(slot));
    code.if(i32.eq(i32.load(slot), hash), () => code.if(callValue('i32', same, which, records, i32.load(slot, 4), at, length), () => code.return(slot)));
    code.set(place, i32.and(i32.add(place, i32.of(1)), mask));
    code.jump(again);
  });
  return slot;
}

/** add(which, counters, records, freed, slot, hash, at, length): the id of a new key, with one reference. */
function writeAdd(code: FunctionCode, addLong: Callable): I32 {
  const [which, counters, records, freed, slot, hash, at, length] = [code.param(0, 'i32'), code.param(1, 'i32'), code.param(2, 'i32'), code.param(3, 'i32'), code.param(4, 'i32'), code.param(5, 'i32'), code.param(6, 'i32'), code.param(7, 'i32')];
  const id = code.local('i32');
  const left = code.local('i32', counter(counters, 'freed'));
  code.if(left, () => {
    code.set(left, i32.sub(left, i32.of(1)));
    code.set(id, i32.load(i32.add(freed, times4(left))));
    code.store(counters, left, 4 * counterAt.freed);
  }, () => {
    code.set(id, counter(counters, 'nextId'));
    code.store(counters, i32.add(id, i32.of(1)), 4 * counterAt.nextId);
  });
  const record = code.local('i32', i32.add(records, i32.shl(id, i32.of(shiftOfRecord))));
  code.store(record, length);
  code.store(record, i32.of(1), 4);
  const from = code.local('i32', at);
  const inline = code.local('i32', i32.select(i32.gtU(length, i32.of(inlineBytes)), i32.of(inlineBytes), length));
  const whole = code.local('i32', i32.add(at, i32.and(inline, i32.of(~3))));
  code.while(i32.ltU(from, whole), () => {
    code.store(record, i32.load(from), 4 * headWords);
    code.increase(record, i32.of(4));
    code.increase(from, i32.of(4));
  });
  const rest = code.local('i32', i32.and(inline, i32.of(3)));
  code.if(rest, () => code.store(record, tailWord(from, rest), 4 * headWords));
  code.if(i32.gtU(length, i32.of(inlineBytes)), () => code.call(addLong, which, id, at, length));
  code.store(slot, hash);
  code.store(slot, id, 4);
  code.store(counters, i32.add(counter(counters, 'live'), i32.of(1)), 4 * counterAt.live);
  return id;
}

interface Parts { readonly hash: Callable; readonly probe: Callable; readonly add: Callable }

function writeIntern(code: FunctionCode, { hash, probe, add }: Parts): void {
  const names = ['which', 'counters', 'table', 'records', 'freed', 'start', 'size', 'wanted', 'count', 'hashes', 'ids'] as const;
  const p = Object.fromEntries(names.map((name, i) => [name, code.param(i, 'i32')])) as Record<(typeof names)[number], Local<'i32'>>;
  const mask = code.local('i32', counter(p.counters, 'mask'));
  const end = code.local('i32', times4(p.count));
  const [from, to, offset] = [code.local('i32'), code.local('i32'), code.local('i32')];
  const [at, h, slot, id] = [code.local('i32'), code.local('i32'), code.local('i32'), code.local('i32')];
  const eachRow = (body: () => void): void => {
    code.set(offset, from);
    code.while(i32.ltU(offset, to), () => {
      body();
      code.increase(offset, i32.of(4));
    });
  };
  /** Runs `body` for rows that are wanted and have the key, whose address is then in `at`. */
  const eachKey = (body: () => void, otherwise?: () => void): void => eachRow(() => {
    code.set(at, i32.load(i32.add(p.start, offset)));
    code.if(i32.and(i32.ne(i32.load(i32.add(p.wanted, offset)), i32.of(0)), i32.ne(i32.and(i32.ne(at, i32.of(-1)), i32.ne(at, i32.of(-2))), i32.of(0))), body, otherwise);
  });
  const slotOfRow = (): I32 => i32.add(p.table, i32.shl(i32.and(i32.load(i32.add(p.hashes, offset)), mask), i32.of(3)));
  code.while(i32.ltU(from, end), () => {
    code.set(to, i32.add(from, i32.of(4 * rowsAtOnce)));
    code.if(i32.gtU(to, end), () => code.set(to, end));
    eachKey(() => code.store(i32.add(p.hashes, offset), callValue('i32', hash, p.counters, at, i32.load(i32.add(p.size, offset)))), () => code.store(i32.add(p.hashes, offset), i32.of(0)));
    eachRow(() => code.touch(i32.load(slotOfRow())));
    eachRow(() => code.touch(i32.load(i32.add(p.records, i32.shl(i32.load(slotOfRow(), 4), i32.of(shiftOfRecord))))));
    eachKey(() => {
      code.set(h, i32.load(i32.add(p.hashes, offset)));
      code.set(slot, callValue('i32', probe, p.which, p.counters, p.table, p.records, h, at, i32.load(i32.add(p.size, offset))));
      code.set(id, i32.load(slot, 4));
      code.if(id, () => {
        code.set(slot, i32.add(p.records, i32.shl(id, i32.of(shiftOfRecord))));
        code.store(slot, i32.add(i32.load(slot, 4), i32.of(1)), 4);
      }, () => code.set(id, callValue('i32', add, p.which, p.counters, p.records, p.freed, slot, h, at, i32.load(i32.add(p.size, offset)))));
      code.store(i32.add(p.ids, offset), id);
    }, () => code.store(i32.add(p.ids, offset), i32.of(emptyKey)));
    code.set(from, to);
  });
}

function writeFind(code: FunctionCode, { hash, probe }: Pick<Parts, 'hash' | 'probe'>): void {
  const names = ['which', 'counters', 'table', 'records', 'start', 'size', 'count', 'ids'] as const;
  const p = Object.fromEntries(names.map((name, i) => [name, code.param(i, 'i32')])) as Record<(typeof names)[number], Local<'i32'>>;
  const end = code.local('i32', times4(p.count));
  const offset = code.local('i32');
  const [at, size] = [code.local('i32'), code.local('i32')];
  code.while(i32.ltU(offset, end), () => {
    code.set(at, i32.load(i32.add(p.start, offset)));
    code.set(size, i32.load(i32.add(p.size, offset)));
    code.if(i32.and(i32.ne(at, i32.of(-1)), i32.ne(at, i32.of(-2))), () => {
      const slot = callValue('i32', probe, p.which, p.counters, p.table, p.records, callValue('i32', hash, p.counters, at, size), at, size);
      code.store(i32.add(p.ids, offset), i32.load(slot, 4));
    }, () => code.store(i32.add(p.ids, offset), i32.of(unknownKey)));
    code.increase(offset, i32.of(4));
  });
}

/**
 * `release(records, ids, mask, from, count, freed)`: gives back a reference to each id of the events `from` to
 * `from + count` of a ring of ids; {@link emptyKey} is passed over. Those whose last it was are listed at `freed`.
 * @returns how many they are: the host removes them from the table.
 */
export function writeReleaseKernel(module: ModuleCode<string>, name: string): void {
  module.function(['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], 'i32', (code) => {
    const [records, ids, mask, from, count, freed] = [code.param(0, 'i32'), code.param(1, 'i32'), code.param(2, 'i32'), code.param(3, 'i32'), code.param(4, 'i32'), code.param(5, 'i32')];
    const to = code.local('i32', i32.add(from, count));
    const recordOf = (n: I32): I32 => i32.add(records, i32.shl(i32.load(i32.add(ids, times4(i32.and(n, mask)))), i32.of(shiftOfRecord)));
    const n = code.local('i32', from);
    code.while(i32.ne(n, to), () => {
      code.touch(i32.load(recordOf(n)));
      code.increase(n, i32.of(1));
    });
    const [record, left, found] = [code.local('i32'), code.local('i32'), code.local('i32')];
    code.set(n, from);
    code.while(i32.ne(n, to), () => {
      code.set(record, recordOf(n));
      code.if(i32.ne(record, records), () => {
        code.set(left, i32.sub(i32.load(record, 4), i32.of(1)));
        code.store(record, left, 4);
        code.if(i32.eqz(left), () => {
          code.store(i32.add(freed, times4(found)), i32.load(i32.add(ids, times4(i32.and(n, mask)))));
          code.increase(found, i32.of(1));
        });
      });
      code.increase(n, i32.of(1));
    });
    return found;
  }, name);
}
