import { double, signed, signedLong, unsigned } from './encoding.js';

/** Types of WebAssembly values that kernels use. */
export type Kind = 'i32' | 'i64' | 'f64' | 'v128';

/** An expression: code that leaves one value of a kind on the stack. Evaluated where it is used, each time anew. */
export interface Value<K extends Kind> { readonly kind: K; readonly code: readonly number[] }
export type I32 = Value<'i32'>;
export type I64 = Value<'i64'>;
export type F64 = Value<'f64'>;
export type V128 = Value<'v128'>;

/** A local variable; as an expression, its value at that moment. */
export interface Local<K extends Kind> extends Value<K> { readonly index: number }

function value<K extends Kind>(kind: K, ...code: readonly (readonly number[])[]): Value<K> { return { kind, code: code.flat() }; }
function two<K extends Kind, R extends Kind>(result: R, opcode: number): (a: Value<K>, b: Value<K>) => Value<R> {
  return (a, b) => value(result, a.code, b.code, [opcode]);
}
function one<K extends Kind, R extends Kind>(result: R, ...opcode: readonly number[]): (a: Value<K>) => Value<R> {
  return (a) => value(result, a.code, opcode);
}
/** Loads say an alignment of one byte: a hint without meaning for the result. */
function load<K extends Kind>(kind: K, ...opcode: readonly number[]): (address: I32, offset?: number) => Value<K> {
  return (address, offset = 0) => value(kind, address.code, opcode, [0], unsigned(offset));
}
function vectorOp(code: number): readonly number[] { return [0xfd, ...unsigned(code)]; }
function lanes(code: number): (a: V128, b: V128) => V128 { return (a, b) => value('v128', a.code, b.code, vectorOp(code)); }

/** Instructions on 32-bit integers. Addresses are unsigned: arithmetic wraps at 2^32. */
export const i32 = {
  of: (n: number): I32 => value('i32', [0x41], signed(n)),
  add: two<'i32', 'i32'>('i32', 0x6a), sub: two<'i32', 'i32'>('i32', 0x6b), mul: two<'i32', 'i32'>('i32', 0x6c), divU: two<'i32', 'i32'>('i32', 0x6e),
  and: two<'i32', 'i32'>('i32', 0x71), or: two<'i32', 'i32'>('i32', 0x72), xor: two<'i32', 'i32'>('i32', 0x73),
  shl: two<'i32', 'i32'>('i32', 0x74), shrS: two<'i32', 'i32'>('i32', 0x75), shrU: two<'i32', 'i32'>('i32', 0x76), rotl: two<'i32', 'i32'>('i32', 0x77),
  eqz: one<'i32', 'i32'>('i32', 0x45), eq: two<'i32', 'i32'>('i32', 0x46), ne: two<'i32', 'i32'>('i32', 0x47),
  ltS: two<'i32', 'i32'>('i32', 0x48), ltU: two<'i32', 'i32'>('i32', 0x49), gtS: two<'i32', 'i32'>('i32', 0x4a), gtU: two<'i32', 'i32'>('i32', 0x4b),
  leS: two<'i32', 'i32'>('i32', 0x4c), leU: two<'i32', 'i32'>('i32', 0x4d), geS: two<'i32', 'i32'>('i32', 0x4e), geU: two<'i32', 'i32'>('i32', 0x4f),
  ctz: one<'i32', 'i32'>('i32', 0x68),
  load: load('i32', 0x28), load8U: load('i32', 0x2d), load16U: load('i32', 0x2f),
  ofI64: one<'i64', 'i32'>('i32', 0xa7),
  select: (condition: I32, yes: I32, no: I32): I32 => value('i32', yes.code, no.code, condition.code, [0x1b]),
};

export const i64 = {
  of: (n: bigint): I64 => value('i64', [0x42], signedLong(n)),
  add: two<'i64', 'i64'>('i64', 0x7c), sub: two<'i64', 'i64'>('i64', 0x7d), mul: two<'i64', 'i64'>('i64', 0x7e), divU: two<'i64', 'i64'>('i64', 0x80), remU: two<'i64', 'i64'>('i64', 0x82),
  and: two<'i64', 'i64'>('i64', 0x83), or: two<'i64', 'i64'>('i64', 0x84), xor: two<'i64', 'i64'>('i64', 0x85),
  shl: two<'i64', 'i64'>('i64', 0x86), shrU: two<'i64', 'i64'>('i64', 0x88),
  eq: two<'i64', 'i32'>('i32', 0x51), ne: two<'i64', 'i32'>('i32', 0x52), gtU: two<'i64', 'i32'>('i32', 0x56),
  ofI32U: one<'i32', 'i64'>('i64', 0xad),
  load: load('i64', 0x29),
};

export const f64 = {
  of: (x: number): F64 => value('f64', [0x44], double(x)),
  add: two<'f64', 'f64'>('f64', 0xa0), sub: two<'f64', 'f64'>('f64', 0xa1), mul: two<'f64', 'f64'>('f64', 0xa2),
  abs: one<'f64', 'f64'>('f64', 0x99), neg: one<'f64', 'f64'>('f64', 0x9a),
  eq: two<'f64', 'i32'>('i32', 0x61), ne: two<'f64', 'i32'>('i32', 0x62), lt: two<'f64', 'i32'>('i32', 0x63),
  gt: two<'f64', 'i32'>('i32', 0x64), le: two<'f64', 'i32'>('i32', 0x65), ge: two<'f64', 'i32'>('i32', 0x66),
  load: load('f64', 0x2b),
  ofI32: one<'i32', 'f64'>('f64', 0xb7), ofI64: one<'i64', 'f64'>('f64', 0xb9),
  /** Toward zero; traps outside of int32. */
  toI32: one<'f64', 'i32'>('i32', 0xaa),
  select: (condition: I32, yes: F64, no: F64): F64 => value('f64', yes.code, no.code, condition.code, [0x1b]),
};

/** Sixteen bytes at once (WebAssembly Core Specification 2.0, vector instructions). */
export const v128 = {
  load: load('v128', ...vectorOp(0)),
  splat8: one<'i32', 'v128'>('v128', ...vectorOp(15)), splat32: one<'i32', 'v128'>('v128', ...vectorOp(17)),
  eq32: lanes(55), eq8: lanes(35), ltS8: lanes(37), geU8: lanes(44),
  add8: lanes(110), sub8: lanes(113),
  and: lanes(78), or: lanes(80), xor: lanes(81),
  /** The bytes of `a` that `b` names by place; zero where it names none. */
  swizzle8: lanes(14),
  add16: lanes(142), mul16: lanes(149),
  shrU16: (a: V128, bits: I32): V128 => value('v128', a.code, bits.code, vectorOp(141)),
  /** Products of signed 16-bit lanes, neighbours added: four 32-bit lanes. */
  dot16: lanes(186),
  /** The 32-bit lanes of `a`, then those of `b`, as signed 16-bit ones; what does not fit is clamped. */
  narrow32: lanes(133),
  /** One of the four 32-bit lanes. */
  lane32: (a: V128, lane: 0 | 1 | 2 | 3): I32 => value('i32', a.code, vectorOp(27), [lane]),
  /** The highest bit of each byte, lowest byte first. */
  bitmask8: one<'v128', 'i32'>('i32', ...vectorOp(100)),
  /** The highest bit of each 32-bit lane, lowest lane first. */
  bitmask32: one<'v128', 'i32'>('i32', ...vectorOp(164)),
  /** 1 when every byte is not zero. */
  allTrue8: one<'v128', 'i32'>('i32', ...vectorOp(99)),
  anyTrue: one<'v128', 'i32'>('i32', ...vectorOp(83)),
  of: (bytes: Uint8Array): V128 => value('v128', vectorOp(12), [...bytes.subarray(0, 16), ...new Array<number>(Math.max(0, 16 - bytes.length)).fill(0)]),
};
