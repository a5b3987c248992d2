/**
 * The part of an audio memory that kernels need: a WebAssembly memory of fixed size and views on it.
 * `AudioMemory` of `@sof-ts/module-api` is one.
 */
export interface KernelMemory {
  readonly wasm: WebAssembly.Memory;
  readonly u8: Uint8Array;
  readonly i16: Int16Array;
  readonly i32: Int32Array;
}

/**
 * Makes the loader of a kernel family: the binary is decoded and compiled once, at first use, and
 * instantiated once for each memory. Kernels have no state but what the caller keeps in that memory.
 *
 * @param base64 the binary
 * @returns a function from a memory to the exports, the same object for the same memory
 */
export function wasmFamily<Exports>(base64: string): (memory: KernelMemory) => Exports {
  let module: WebAssembly.Module | undefined;
  const instances = new WeakMap<WebAssembly.Memory, Exports>();
  return (memory) => {
    const known = instances.get(memory.wasm);
    if (known !== undefined) return known;
    module ??= new WebAssembly.Module(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
    const instance = new WebAssembly.Instance(module, { env: { memory: memory.wasm } });
    const exports = instance.exports as Exports;
    instances.set(memory.wasm, exports);
    return exports;
  };
}
