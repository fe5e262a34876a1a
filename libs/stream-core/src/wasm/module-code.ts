import { name, section, unsigned, vector } from './encoding.js';
import { FunctionCode, typeCode } from './function-code.js';
import type { Callable } from './function-code.js';
import { maxPages } from './linear-memory.js';
import type { LinearMemory } from './linear-memory.js';
import type { Kind, Value } from './value.js';
import { webAssembly } from './web-assembly.js';

interface Signature { readonly params: readonly Kind[]; readonly result: Kind | undefined }
/** A function of the host that kernels call; its numbers are JavaScript numbers. */
export type HostFunction = (...args: number[]) => number | void;
/** Exported functions by name. */
export type Kernels<Names extends string> = Readonly<Record<Names, (...args: number[]) => number>>;

/**
 * A WebAssembly module under construction: functions over one imported linear memory. The text of the module comes from
 * plans alone, never from user text.
 *
 * Imports are declared before functions, because they are numbered first.
 */
export class ModuleCode<Names extends string> {
  private readonly signatures: Signature[] = [];
  private readonly imports: { readonly signature: number; readonly host: HostFunction }[] = [];
  private readonly functions: { readonly signature: number; readonly exported: Names | undefined; readonly code: readonly number[] }[] = [];

  import(params: readonly Kind[], result: Kind | undefined, host: HostFunction): Callable {
    if (this.functions.length > 0) throw new RangeError('imports are declared before functions');
    const index = this.imports.push({ signature: this.signature({ params, result }), host }) - 1;
    return { index, params, result };
  }

  /** @param write writes the body; what it returns is the function's result. @param exported name under which the host calls it. */
  function(params: readonly Kind[], result: Kind | undefined, write: (code: FunctionCode) => Value<Kind> | void, exported?: Names): Callable {
    const code = new FunctionCode(params);
    const value = write(code) ?? undefined;
    if (value?.kind !== result) throw new RangeError(`the function ends with ${value?.kind ?? 'nothing'}, not ${result ?? 'nothing'}`);
    const index = this.imports.length + this.functions.push({ signature: this.signature({ params, result }), exported, code: code.encoded(value) }) - 1;
    return { index, params, result };
  }

  /** The module's bytes. */
  bytes(): Uint8Array {
    const { signatures, imports, functions } = this;
    const exports = functions.flatMap(({ exported }, i) => (exported === undefined ? [] : [[...name(exported), 0x00, ...unsigned(imports.length + i)]]));
    return Uint8Array.from([
      0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
      ...section(1, vector(signatures.map(({ params, result }) => [0x60, ...vector(params.map((kind) => [typeCode(kind)])), ...vector(result === undefined ? [] : [[typeCode(result)]])]))),
      ...section(2, vector([
        ...imports.map(({ signature }, i) => [...name('host'), ...name(`f${i}`), 0x00, ...unsigned(signature)]),
        [...name('host'), ...name('memory'), 0x02, 0x03, ...unsigned(1), ...unsigned(maxPages)],
      ])),
      ...section(3, vector(functions.map(({ signature }) => unsigned(signature)))),
      ...section(7, vector(exports)),
      ...section(10, vector(functions.map(({ code }) => code))),
      // Names of the exported functions: profiles and stacks tell them by these.
      ...section(0, [...name('name'), ...section(1, vector(functions.flatMap(({ exported }, i) => (exported === undefined ? [] : [[...unsigned(imports.length + i), ...name(exported)]]))))]),
    ]);
  }

  /** Compiles the module and binds it to a memory. */
  instantiate({ memory }: LinearMemory): Kernels<Names> {
    const host: Record<string, unknown> = { memory };
    this.imports.forEach((one, i) => { host[`f${i}`] = one.host; });
    const instance = new webAssembly.Instance(new webAssembly.Module(this.bytes()), { host });
    return instance.exports as Kernels<Names>; // the functions exported above, under their names
  }

  private signature(wanted: Signature): number {
    const key = JSON.stringify(wanted);
    const at = this.signatures.findIndex((one) => JSON.stringify(one) === key);
    return at >= 0 ? at : this.signatures.push(wanted) - 1;
  }
}
