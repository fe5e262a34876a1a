import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { signed, signedLong, unsigned } from './encoding.js';
import { callValue } from './function-code.js';
import { LinearMemory } from './linear-memory.js';
import { ModuleCode } from './module-code.js';
import { f64, i32, i64 } from './value.js';

describe('numbers in a module', () => {
  it('are written as the specification gives them', () => {
    // WebAssembly Core Specification 2.0, 5.2.2: 624485 and -123456 are the examples of DWARF, which it cites.
    expect(unsigned(624_485)).toEqual([0xe5, 0x8e, 0x26]);
    expect(signed(-123_456)).toEqual([0xc0, 0xbb, 0x78]);
    expect(signed(64)).toEqual([0xc0, 0x00]);
    expect(unsigned(0)).toEqual([0]);
  });

  it('come back from a function as they went in', () => {
    fc.assert(fc.property(fc.integer(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.double(), (word, long, number) => {
      const module = new ModuleCode<'word' | 'low' | 'high' | 'number'>();
      module.function([], 'i32', () => i32.of(word), 'word');
      module.function([], 'i32', () => i32.ofI64(i64.of(long)), 'low');
      module.function([], 'i32', () => i32.ofI64(i64.shrU(i64.of(long), i64.of(32n))), 'high');
      module.function([], 'f64', () => f64.of(number), 'number');
      const made = module.instantiate(new LinearMemory());
      expect(made.word()).toBe(word);
      expect(made.number()).toBe(number);
      expect(BigInt.asIntN(64, (BigInt(made.high() >>> 0) << 32n) | BigInt(made.low() >>> 0))).toBe(long);
      expect(signedLong(long).length).toBeLessThanOrEqual(10);
    }), { numRuns: 50 });
  });
});

describe('functions of a module', () => {
  it('loop, branch, call and reach the memory', () => {
    const memory = new LinearMemory();
    const values = memory.i32(10);
    values.set([5, 3, 8, 1, 9, 2, 7, 4, 6, 0]);
    const module = new ModuleCode<'sumOfLarge'>();
    const isLarge = module.function(['i32'], 'i32', (code) => i32.geS(code.param(0, 'i32'), i32.of(5)));
    module.function(['i32', 'i32'], 'i32', (code) => {
      const sum = code.local('i32');
      code.for(i32.of(0), code.param(1, 'i32'), (index) => {
        const value = code.local('i32', i32.load(i32.add(code.param(0, 'i32'), i32.shl(index, i32.of(2)))));
        code.if(callValue('i32', isLarge, value), () => code.increase(sum, value));
      });
      return sum;
    }, 'sumOfLarge');
    expect(module.instantiate(memory).sumOfLarge(values.byteOffset, 10)).toBe(35);
  });

  it('call functions of the host', () => {
    const seen: number[] = [];
    const module = new ModuleCode<'tell'>();
    const host = module.import(['i32', 'f64'], undefined, (a, b) => { seen.push(a ?? NaN, b ?? NaN); });
    module.function(['i32'], undefined, (code) => { code.call(host, code.param(0, 'i32'), f64.of(0.5)); }, 'tell');
    module.instantiate(new LinearMemory()).tell(7);
    expect(seen).toEqual([7, 0.5]);
  });

  it('leave a block from inside its loops', () => {
    const module = new ModuleCode<'firstFactor'>();
    module.function(['i32'], 'i32', (code) => {
      const n = code.param(0, 'i32');
      const factor = code.local('i32', i32.of(2));
      code.block((found) => {
        code.loop((again) => {
          code.jumpIf(i32.eq(i32.mul(i32.divU(n, factor), factor), n), found);
          code.increase(factor, i32.of(1));
          code.jump(again);
        });
      });
      return factor;
    }, 'firstFactor');
    const made = module.instantiate(new LinearMemory());
    expect([15, 49, 13].map((n) => made.firstFactor(n))).toEqual([3, 7, 13]);
  });

  it('are refused where kinds do not fit', () => {
    const module = new ModuleCode<never>();
    const takesTwo = module.function(['i32', 'f64'], 'i32', (code) => code.param(0, 'i32'));
    expect(() => module.function([], 'i32', () => callValue('i32', takesTwo, i32.of(1)))).toThrow('called with (i32), takes (i32,f64)');
    expect(() => module.function([], 'f64', () => i32.of(1))).toThrow('the function ends with i32, not f64');
    expect(() => module.function(['i32'], undefined, (code) => { code.param(0, 'f64'); })).toThrow('parameter 0 is i32, not f64');
    expect(() => module.import([], undefined, () => undefined)).toThrow('imports are declared before functions');
  });
});
