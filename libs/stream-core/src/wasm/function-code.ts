import { unsigned } from './encoding.js';
import type { F64, I32, I64, Kind, Local, V128, Value } from './value.js';

/** Something that can be called: a function of the module, or one imported into it. */
export interface Callable { readonly index: number; readonly params: readonly Kind[]; readonly result: Kind | undefined }

/** A place to jump to; open while the block that it names is being written. */
export interface Label { readonly depth: number }

const typeCodes: Readonly<Record<Kind, number>> = { i32: 0x7f, i64: 0x7e, f64: 0x7c, v128: 0x7b };
export function typeCode(kind: Kind): number { return typeCodes[kind]; }

/** The body of one function, written statement by statement. Expressions come from `value.ts`. */
export class FunctionCode {
  private readonly code: number[] = [];
  private readonly locals: Kind[] = [];
  private depth = 0;

  constructor(private readonly params: readonly Kind[]) {}

  /** A parameter by place, from 0. Throws a RangeError when its kind is another. */
  param<K extends Kind>(index: number, kind: K): Local<K> {
    if (this.params[index] !== kind) throw new RangeError(`parameter ${index} is ${this.params[index] ?? 'none'}, not ${kind}`);
    return { kind, index, code: [0x20, ...unsigned(index)] };
  }

  /** A new local variable, zero at first. @param initial sets it here. */
  local<K extends Kind>(kind: K, initial?: Value<K>): Local<K> {
    const index = this.params.length + this.locals.push(kind) - 1;
    const made: Local<K> = { kind, index, code: [0x20, ...unsigned(index)] };
    if (initial !== undefined) this.set(made, initial);
    return made;
  }

  set<K extends Kind>(local: Local<K>, value: Value<K>): void { this.code.push(...value.code, 0x21, ...unsigned(local.index)); }

  /** Adds to an integer variable. */
  increase(local: Local<'i32'>, by: I32): void { this.code.push(...local.code, ...by.code, 0x6a, 0x21, ...unsigned(local.index)); }

  store(address: I32, value: I32, offset = 0): void { this.put([0x36], address, value, offset); }
  store8(address: I32, value: I32, offset = 0): void { this.put([0x3a], address, value, offset); }
  store16(address: I32, value: I32, offset = 0): void { this.put([0x3b], address, value, offset); }
  storeI64(address: I32, value: I64, offset = 0): void { this.put([0x37], address, value, offset); }
  storeF64(address: I32, value: F64, offset = 0): void { this.put([0x39], address, value, offset); }
  storeV128(address: I32, value: V128, offset = 0): void { this.put([0xfd, 11], address, value, offset); }

  if(condition: I32, then: () => void, otherwise?: () => void): void {
    this.code.push(...condition.code, 0x04, 0x40);
    this.nested(then);
    if (otherwise !== undefined) {
      this.code.push(0x05);
      this.nested(otherwise);
    }
    this.code.push(0x0b);
  }

  /** Runs `body` as long as `condition` holds. `leave` jumps behind the loop. */
  while(condition: I32, body: (leave: Label) => void): void {
    this.block((leave) => {
      this.loop((again) => {
        this.leaveUnless(condition, leave);
        body(leave);
        this.jump(again);
      });
    });
  }

  /** Runs `body` for each value of a new variable from `from` up to but without `to`, which is evaluated for each. */
  for(from: I32, to: I32, body: (index: Local<'i32'>) => void): void {
    const index = this.local('i32', from);
    this.while({ kind: 'i32', code: [...index.code, ...to.code, 0x48] }, () => {
      body(index);
      this.increase(index, { kind: 'i32', code: [0x41, 1] });
    });
  }

  /** A block: jumping to its label leaves it. */
  block(body: (leave: Label) => void): void { this.labelled(0x02, body); }

  /** A loop: jumping to its label begins it again; at its end it is left. */
  loop(body: (again: Label) => void): void { this.labelled(0x03, body); }

  jump(to: Label): void { this.code.push(0x0c, ...unsigned(this.depth - to.depth)); }
  jumpIf(condition: I32, to: Label): void { this.code.push(...condition.code, 0x0d, ...unsigned(this.depth - to.depth)); }
  leaveUnless(condition: I32, to: Label): void { this.code.push(...condition.code, 0x45, 0x0d, ...unsigned(this.depth - to.depth)); }

  /** Calls for the effect; a result is dropped. */
  call(callee: Callable, ...args: readonly Value<Kind>[]): void {
    this.code.push(...callCode(callee, args));
    if (callee.result !== undefined) this.code.push(0x1a);
  }

  return(value?: Value<Kind>): void { this.code.push(...(value?.code ?? []), 0x0f); }

  /** Evaluates an expression for nothing but the cache lines it loads. */
  touch(value: Value<Kind>): void { this.code.push(...value.code, 0x1a); }

  /** Locals and code as the code section holds them. @param result what is on the stack at the end, if the function has a result. */
  encoded(result?: Value<Kind>): number[] {
    const locals = [...unsigned(this.locals.length), ...this.locals.flatMap((kind) => [1, typeCode(kind)])];
    const body = [...locals, ...this.code, ...(result?.code ?? []), 0x0b];
    return [...unsigned(body.length), ...body];
  }

  private put(opcode: readonly number[], address: I32, value: Value<Kind>, offset: number): void {
    this.code.push(...address.code, ...value.code, ...opcode, 0, ...unsigned(offset));
  }

  private labelled(opcode: number, body: (label: Label) => void): void {
    this.code.push(opcode, 0x40);
    this.nested(() => body({ depth: this.depth }));
    this.code.push(0x0b);
  }

  private nested(body: () => void): void {
    this.depth++;
    body();
    this.depth--;
  }
}

/** A call as an expression. */
export function callValue<K extends Kind>(kind: K, callee: Callable, ...args: readonly Value<Kind>[]): Value<K> {
  if (callee.result !== kind) throw new RangeError(`the function gives ${callee.result ?? 'nothing'}, not ${kind}`);
  return { kind, code: callCode(callee, args) };
}

function callCode(callee: Callable, args: readonly Value<Kind>[]): number[] {
  if (args.map(({ kind }) => kind).join() !== callee.params.join()) throw new RangeError(`called with (${args.map(({ kind }) => kind).join()}), takes (${callee.params.join()})`);
  return [...args.flatMap(({ code }) => code), 0x10, ...unsigned(callee.index)];
}
