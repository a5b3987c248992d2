/** The smallest WebAssembly module: nothing in it. */
export function wasmModule(): Uint8Array {
  return Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
}

const name = (text: string): number[] => [text.length, ...new TextEncoder().encode(text)];

/** A WebAssembly module that imports these functions of no argument, and exports one as `run`. */
export function importingWasm(imports: readonly (readonly [string, string])[]): Uint8Array {
  const types = [1, 0x60, 0, 0];
  const entries = imports.flatMap(([module, field]) => [...name(module), ...name(field), 0, 0]);
  const section = (id: number, body: readonly number[]) => [id, body.length, ...body];
  return Uint8Array.from([
    ...wasmModule(),
    ...section(1, types),
    ...section(2, [imports.length, ...entries]),
    ...section(7, [1, ...name("run"), 0, 0]),
  ]);
}
