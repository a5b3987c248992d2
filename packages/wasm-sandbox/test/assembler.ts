import { WasmWriter } from "../src/binary/wasm-writer.js";

export const I32 = 0x7f;
export const I64 = 0x7e;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;

/** A function under construction. */
export interface FunctionText {
  readonly name?: string;
  readonly params?: readonly number[];
  readonly results?: readonly number[];
  readonly locals?: readonly number[];
  /** Instructions without the final `end`. */
  readonly code: readonly number[];
}

/** A module by hand, for what no compiler emits. */
export interface ModuleText {
  readonly imports?: readonly {
    readonly module: string;
    readonly name: string;
    readonly params?: readonly number[];
    readonly results?: readonly number[];
  }[];
  readonly functions: readonly FunctionText[];
  readonly types?: readonly (readonly number[])[];
  /** Limits as bytes; one page by default, null for none. */
  readonly memory?: readonly number[] | null;
  readonly memoryName?: string;
  /** Functions in the one table, by index. */
  readonly table?: readonly number[];
  readonly tableLimits?: readonly number[];
  /** Initial values of mutable i32 globals. */
  readonly globals?: readonly number[];
  readonly start?: number;
  readonly data?: readonly { readonly offset: number; readonly bytes: readonly number[] }[];
  /** Whole sections to put in as they are, by id, in place of those made here. */
  readonly raw?: Readonly<Record<number, readonly number[]>>;
}

/** Signed LEB128 of a 32-bit number, as bytes. */
export const s32 = (value: number): number[] => [...new WasmWriter().s32(value).view()];
export const u32 = (value: number): number[] => [...new WasmWriter().u32(value).view()];

/** Puts a binary together. */
export function assemble(text: ModuleText): Uint8Array<ArrayBuffer> {
  const { imports = [], functions, globals = [], data = [], raw = {} } = text;
  const out = new WasmWriter().u8(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  const section = (id: number, part: WasmWriter): void => {
    const own = raw[id];
    const contents = own === undefined ? part : new WasmWriter().u8(...own);
    if (contents.length > 0) out.u8(id).sized(contents);
  };
  const typed = [...imports, ...functions];
  const list = (types: readonly number[] = []): number[] => [types.length, ...types];
  const types = new WasmWriter().u32(typed.length + (text.types?.length ?? 0));
  for (const { params, results } of typed) types.u8(0x60, ...list(params), ...list(results));
  for (const extra of text.types ?? []) types.u8(...extra);
  section(1, types);
  const importPart = new WasmWriter();
  if (imports.length > 0) importPart.u32(imports.length);
  imports.forEach(({ module, name }, i) => importPart.name(module).name(name).u8(0).u32(i));
  section(2, importPart);
  const declared = new WasmWriter().u32(functions.length);
  functions.forEach((_, i) => declared.u32(imports.length + i));
  section(3, declared);
  const { table } = text;
  if (table !== undefined) {
    section(4, new WasmWriter().u8(1, 0x70, ...(text.tableLimits ?? [0, table.length])));
  }
  if (text.memory !== null) section(5, new WasmWriter().u8(1, ...(text.memory ?? [0, 1])));
  const globalPart = new WasmWriter();
  if (globals.length > 0) globalPart.u32(globals.length);
  for (const value of globals) globalPart.u8(I32, 1, 0x41).s32(value).u8(0x0b);
  section(6, globalPart);
  const named = functions
    .map(({ name }, i) => ({ name, index: imports.length + i }))
    .filter(({ name }) => name !== undefined);
  const memoryExports = text.memory === null ? 0 : 1;
  const exported = new WasmWriter().u32(named.length + memoryExports);
  if (memoryExports > 0) exported.name(text.memoryName ?? "memory").u8(2, 0);
  for (const { name, index } of named)
    exported
      .name(name as string)
      .u8(0)
      .u32(index);
  section(7, exported);
  if (text.start !== undefined) section(8, new WasmWriter().u32(text.start));
  if (table !== undefined) {
    const elements = new WasmWriter().u8(1, 0, 0x41, 0, 0x0b).u32(table.length);
    for (const index of table) elements.u32(index);
    section(9, elements);
  }
  const code = new WasmWriter().u32(functions.length);
  for (const { locals = [], code: instructions } of functions) {
    const body = new WasmWriter().u32(locals.length);
    for (const type of locals) body.u8(1, type);
    for (const byte of instructions) body.u8(byte);
    code.sized(body.u8(0x0b));
  }
  section(10, code);
  const dataPart = new WasmWriter();
  if (data.length > 0) dataPart.u32(data.length);
  for (const { offset, bytes } of data) {
    dataPart
      .u8(0, 0x41)
      .s32(offset)
      .u8(0x0b)
      .u32(bytes.length)
      .u8(...bytes);
  }
  section(11, dataPart);
  return out.finish();
}

/** The exports that every module needs, as small as they can be. `sof_module_alloc` returns 64 KiB minus 8 KiB. */
export const minimalModule: readonly FunctionText[] = [
  { name: "sof_module_abi", results: [I32], code: [0x41, ...s32(0x10000)] },
  {
    name: "sof_module_alloc",
    params: [I32, I32],
    results: [I32],
    code: [0x41, ...s32(0xe000)],
  },
  { name: "sof_module_init", params: [I32], results: [I32], code: [0x41, 0] },
  { name: "sof_module_prepare", params: [I32, I32], results: [I32], code: [0x41, 0] },
  { name: "sof_module_process", params: [I32, I32], results: [I32], code: [0x41, 0] },
  { name: "sof_module_reset", results: [I32], code: [0x41, 0] },
  { name: "sof_module_free", code: [] },
];

/** {@link minimalModule} with some functions replaced or added. */
export function moduleWith(...functions: readonly FunctionText[]): FunctionText[] {
  const names = new Set(functions.map(({ name }) => name));
  return [...minimalModule.filter(({ name }) => !names.has(name)), ...functions];
}
