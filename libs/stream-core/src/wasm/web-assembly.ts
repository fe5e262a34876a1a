/** The memory of a module, shared between its functions and typed arrays of the host. */
export interface WasmMemory { readonly buffer: SharedArrayBuffer; grow(pages: number): number }

interface WebAssemblyOfHost {
  readonly Memory: new (shape: { readonly initial: number; readonly maximum: number; readonly shared: true }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>) => { readonly exports: object };
}

/** Every host of this library has it; the language's own declarations leave it to those of browsers. */
export const { WebAssembly: webAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyOfHost };
