import { callValue, f64, i32, i64, v128 } from '@weir/stream-core';
import type { Callable, FunctionCode, I32, Label, Local, V128 } from '@weir/stream-core';

const minus = 45;
const point = 46;
const zero = 48;
/** More digits than a double holds exactly are left to others. */
const mostDigits = 15;

/** Locals that all values of a line share, and the constants that its vectors are compared with. */
export interface ScanLocals {
  readonly at: Local<'i32'>;
  readonly to: Local<'i32'>;
  readonly found: Local<'i32'>;
  readonly size: Local<'i32'>;
  readonly whole: Local<'i32'>;
  readonly isMinus: Local<'i32'>;
  readonly value: Local<'i64'>;
  readonly bytes: Local<'v128'>;
  readonly digits: Local<'v128'>;
  readonly constants: Readonly<Record<'one' | 'thirtyThree' | 'quote' | 'backslash' | 'zero' | 'ten' | 'low' | 'tens' | 'hundreds' | 'tenThousands' | 'places', V128>>;
}

/** Declares the locals in a kernel's function. @param at the byte that is read next. @param to behind the last byte. */
export function scanLocals(code: FunctionCode, at: Local<'i32'>, to: Local<'i32'>): ScanLocals {
  const held = (bytes: readonly number[]): Local<'v128'> => code.local('v128', v128.of(repeated(bytes)));
  return {
    at, to,
    found: code.local('i32'), size: code.local('i32'), whole: code.local('i32'), isMinus: code.local('i32'),
    value: code.local('i64'), bytes: code.local('v128'), digits: code.local('v128'),
    constants: {
      one: held([1]), thirtyThree: held([33]), quote: held([34]), backslash: held([92]), zero: held([zero]), ten: held([10]),
      low: held([255, 0]), tens: held([10, 0]), hundreds: held([100, 0, 1, 0]), tenThousands: held([10_000 & 255, 10_000 >> 8, 1, 0]),
      places: held(Array.from({ length: 16 }, (_, i) => i)),
    },
  };
}

function repeated(bytes: readonly number[]): Uint8Array { return Uint8Array.from({ length: 16 }, (_, i) => bytes[i % bytes.length] ?? 0); }

/**
 * Takes a length that is mostly that of the line before: what follows then waits for a branch that the processor foresees,
 * and not for the length itself. In memory and not in locals, which each way through the tree would have to carry along.
 * @returns the length
 */
function foreseen(code: FunctionCode, length: I32, cell: number): I32 {
  const last = i32.load(i32.of(0), cell);
  code.if(i32.ne(length, last), () => code.store(i32.of(0), length, cell));
  return last;
}

/** Bit by bit: bytes that end a plain string: quote, backslash, controls, DEL and all beyond ASCII. */
function endsOf(bytes: V128, { one, thirtyThree, quote, backslash }: ScanLocals['constants'], load: V128): readonly [V128, V128] {
  return [load, v128.or(v128.or(v128.eq8(bytes, quote), v128.eq8(bytes, backslash)), v128.ltS8(v128.add8(bytes, one), thirtyThree))];
}

/** endOfText(at, to): address of the first byte from `at` on that ends a plain string; beyond `to` when there is none before. */
export function writeEndOfText(code: FunctionCode): I32 {
  const [at, to] = [code.param(0, 'i32'), code.param(1, 'i32')];
  const locals = scanLocals(code, at, to);
  code.loop((again) => {
    const [load, ends] = endsOf(locals.bytes, locals.constants, v128.load(at));
    code.set(locals.bytes, load);
    code.set(locals.found, v128.bitmask8(ends));
    code.if(locals.found, () => code.return(i32.add(at, i32.ctz(locals.found))));
    code.increase(at, i32.of(16));
    code.jumpIf(i32.leU(at, to), again);
  });
  return at;
}

/** Reads the string that begins at `at`, up to what ends it: whether that is a quote, the bytes looked for next tell. */
export function writeText(code: FunctionCode, locals: ScanLocals, endOfText: Callable, cell: number, keep: (start: I32, size: I32) => void): void {
  const { at, to, found, size, bytes, constants } = locals;
  const [load, ends] = endsOf(bytes, constants, v128.load(at));
  code.set(bytes, load);
  code.set(found, v128.bitmask8(ends));
  code.set(size, i32.ctz(found));
  code.if(i32.eqz(found), () => code.set(size, i32.sub(callValue('i32', endOfText, i32.add(at, i32.of(16)), to), at)));
  const length = foreseen(code, size, cell);
  keep(at, length);
  code.increase(at, length);
}

/** Reads `true` or `false` at `at`; 1 or 0. */
export function writeBool(code: FunctionCode, { at, found }: ScanLocals, fail: Label, keep: (value: I32) => void): void {
  const word = (text: string): I32 => i32.of(text.charCodeAt(0) | (text.charCodeAt(1) << 8) | (text.charCodeAt(2) << 16) | (text.charCodeAt(3) << 24));
  code.set(found, i32.eq(i32.load(at), word('true')));
  code.if(i32.eqz(found), () => {
    code.jumpIf(i32.ne(i32.load(at, 1), word('alse')), fail);
    code.jumpIf(i32.ne(i32.load8U(at), i32.of('f'.charCodeAt(0))), fail);
    code.increase(at, i32.of(1));
  });
  code.increase(at, i32.of(4));
  keep(found);
}

/** number(at, to, scale, target): reads any number as `writeNumber` does, digit by digit, into the double at `target`; 0: none is read. @returns its end; 0 when it is refused. */
export function writeAnyNumber(code: FunctionCode): I32 {
  const [at, to, scale, target] = [code.param(0, 'i32'), code.param(1, 'i32'), code.param(2, 'i32'), code.param(3, 'i32')];
  const [first, count, decimals, digit] = [code.local('i32'), code.local('i32'), code.local('i32'), code.local('i32')];
  const value = code.local('i64');
  const isMinus = code.local('i32', i32.eq(i32.load8U(at), i32.of(minus)));
  const refuseIf = (condition: I32): void => code.if(condition, () => code.return(i32.of(0)));
  const readDigits = (): void => code.loop((again) => {
    code.set(digit, i32.sub(i32.load8U(at), i32.of(zero)));
    code.if(i32.ltU(digit, i32.of(10)), () => {
      code.set(value, i64.add(i64.mul(value, i64.of(10n)), i64.ofI32U(digit)));
      code.increase(at, i32.of(1));
      refuseIf(i32.gtU(at, to));
      code.jump(again);
    });
  });
  code.increase(at, isMinus);
  code.set(first, at);
  readDigits();
  code.set(count, i32.sub(at, first));
  refuseIf(i32.eqz(count));
  refuseIf(i32.and(i32.gtU(count, i32.of(1)), i32.eq(i32.load8U(first), i32.of(zero))));
  code.if(i32.eq(i32.load8U(at), i32.of(point)), () => {
    code.increase(at, i32.of(1));
    code.set(first, at);
    readDigits();
    code.set(decimals, i32.sub(at, first));
    refuseIf(i32.eqz(decimals));
    code.increase(count, decimals);
  });
  code.if(i32.eqz(target), () => code.return(at));
  refuseIf(i32.gtU(i32.add(count, scale), i32.of(mostDigits)));
  // Trailing zeros past the scale are no finer value.
  code.while(i32.gtU(decimals, scale), () => {
    refuseIf(i32.eqz(i64.eq(i64.remU(value, i64.of(10n)), i64.of(0n))));
    code.set(value, i64.divU(value, i64.of(10n)));
    code.increase(decimals, i32.of(-1));
  });
  code.while(i32.ltU(decimals, scale), () => {
    code.set(value, i64.mul(value, i64.of(10n)));
    code.increase(decimals, i32.of(1));
  });
  code.if(isMinus, () => code.set(value, i64.sub(i64.of(0n), value)));
  code.storeF64(target, f64.ofI64(value));
  return at;
}

/** Where a number goes: a scaled integer in a column, or nowhere. */
export type NumberTarget = { readonly row8: I32; readonly column: number; readonly scale: number } | undefined;

/**
 * Reads a JSON number without exponent at `at` as a multiple of 10^-scale, all its digits at once; what has more than fit into
 * a vector, decimals past the scale, and what is no number, goes to `anyNumber`.
 */
export function writeNumber(code: FunctionCode, locals: ScanLocals, anyNumber: Callable, cell: number, fail: Label, target: NumberTarget): void {
  const { at, to, found, size, whole, isMinus, bytes, digits, constants } = locals;
  const scale = target?.scale ?? 0;
  code.block((done) => {
    code.block((odd) => {
      code.set(isMinus, i32.eq(i32.load8U(at), i32.of(minus)));
      code.if(isMinus, () => code.increase(at, i32.of(1)));
      if (scale > mostDigits - 1) code.jump(odd);
      code.set(bytes, v128.load(at));
      code.set(digits, v128.sub8(bytes, constants.zero));
      code.set(found, i32.or(v128.bitmask8(v128.geU8(digits, constants.ten)), i32.of(1 << 16)));
      code.set(whole, i32.ctz(found));
      const isWhole = target !== undefined && scale === 0;
      const integers = isWhole ? foreseen(code, whole, cell) : whole;
      code.jumpIf(i32.geU(i32.sub(integers, i32.of(1)), i32.of(mostDigits)), odd);
      code.if(i32.eq(i32.load8U(at), i32.of(zero)), () => code.jumpIf(i32.ne(integers, i32.of(1)), odd));
      let length: I32 = integers;
      if (isWhole) code.jumpIf(i32.eq(i32.load8U(i32.add(at, integers)), i32.of(point)), odd);
      else {
        // The point is the first byte that is no digit: without its bit the next one ends the number.
        code.set(size, integers);
        code.if(i32.eq(i32.load8U(i32.add(at, integers)), i32.of(point)), () => {
          code.set(size, i32.ctz(i32.and(found, i32.sub(found, i32.of(1)))));
          // At least one decimal, at most `scale`; seen to their end; no more digits in all than allowed.
          if (target !== undefined) code.jumpIf(i32.gtU(i32.sub(i32.sub(size, integers), i32.of(2)), i32.of(scale - 1)), odd);
          else code.jumpIf(i32.eq(i32.sub(size, integers), i32.of(1)), odd);
        });
        length = size;
        code.jumpIf(i32.gtU(length, i32.of(mostDigits - scale)), odd);
      }
      if (target !== undefined) writeDigits(code, locals, integers, length, target);
      code.increase(at, length);
      code.jump(done);
    });
    code.set(at, callValue('i32', anyNumber, i32.sub(at, isMinus), to, i32.of(scale), target === undefined ? i32.of(0) : i32.add(target.row8, i32.of(target.column))));
    code.jumpIf(i32.eqz(at), fail);
  });
}

/** Digits to their places among sixteen, by scale; then tens, hundreds, ... are added up pairwise. */
function writeDigits(code: FunctionCode, { digits, value, isMinus, constants }: ScanLocals, integers: I32, length: I32, { row8, column, scale }: Exclude<NumberTarget, undefined>): void {
  const shift = Uint8Array.from({ length: 16 }, (_, place) => place - 16 + scale + (place >= 16 - scale ? 1 : 0));
  if (scale > 0) code.set(digits, v128.and(digits, v128.ltS8(constants.places, v128.splat8(length))));
  code.set(digits, v128.swizzle8(digits, v128.add8(v128.of(shift), v128.splat8(integers))));
  code.set(digits, v128.dot16(v128.add16(v128.mul16(v128.and(digits, constants.low), constants.tens), v128.shrU16(digits, i32.of(8))), constants.hundreds));
  code.set(digits, v128.dot16(v128.narrow32(digits, digits), constants.tenThousands));
  code.set(value, i64.add(i64.mul(i64.ofI32U(v128.lane32(digits, 0)), i64.of(100_000_000n)), i64.ofI32U(v128.lane32(digits, 1))));
  code.if(isMinus, () => code.set(value, i64.sub(i64.of(0n), value)));
  code.storeF64(row8, f64.ofI64(value), column);
}
