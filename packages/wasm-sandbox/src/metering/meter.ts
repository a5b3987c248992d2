import { InputError } from "@sof-ts/kit";
import {
  ExternKind,
  type FunctionType,
  type ModuleParts,
  parseModule,
  type RawSection,
  SectionId,
} from "../binary/module-parts.js";
import { TYPE_I32 } from "../binary/opcodes.js";
import { WasmReader } from "../binary/wasm-reader.js";
import { WasmWriter } from "../binary/wasm-writer.js";
import {
  bulkBody,
  type Gauges,
  growBody,
  HelperCount,
  passBody,
  refuelBody,
  rewriteFunction,
} from "./rewrite.js";
import { defaultLimits, frameBytes, type SandboxLimits } from "./limits.js";
import { type ScanContext, scanFunction } from "./scan.js";

/** Names of what the pass adds; the module itself must not use them. */
export const metered = {
  /** `(budget: i32) -> i32`: fills the tank, and tells what was left in it. */
  refuel: "__sof_refuel",
  /** `(fuel: i32) -> i32`: the tank holds `fuel` from here on; tells what was in it. */
  pass: "__sof_pass",
  /** Fuel left; below 0 after the module ran out of it. */
  fuel: "__sof_fuel",
  /** Bytes of stack in use; above the limit after the module ran out of it. */
  depth: "__sof_depth",
  /** 1 when memory was refused since the last refuel. */
  denied: "__sof_denied",
  /** The module's start function, which is not run at instantiation. */
  start: "__sof_start",
} as const;

const RESERVED = "__sof_";

/** A function that the module exports. */
export interface ExportedFunction {
  readonly name: string;
  readonly params: Uint8Array;
  readonly results: Uint8Array;
}

/** A function that the module imports. */
export interface ImportedFunction extends ExportedFunction {
  readonly module: string;
}

/** A binary that cannot run for longer, deeper or larger than its host allows. */
export interface MeteredBinary {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly imports: readonly ImportedFunction[];
  readonly exports: readonly ExportedFunction[];
  /** Name under which its memory is exported, or null. */
  readonly memory: string | null;
  /** Whether it works in its caller's memory, which it imports as `env.memory`. */
  readonly memoryImported: boolean;
  readonly hasStart: boolean;
}

/**
 * Rewrites a WebAssembly binary so that it counts what it uses: fuel at each function entry and loop head
 * (bulk operations by length), stack at each call; a module that has used up either traps. Memory and
 * tables get an upper limit. What cannot be bounded is refused: threads, exceptions, tail calls, more than
 * one memory.
 *
 * @param source what the bytes are, for errors
 * @param functionsOnly whether it only has functions for others: it may do without a memory, or use its caller's
 * @throws InputError naming the offset, for a binary that is broken or has what isolated modules may not have
 */
export function meterModule(
  bytes: Uint8Array,
  source: string,
  limits: SandboxLimits = defaultLimits,
  functionsOnly = false,
): MeteredBinary {
  if (bytes.length > limits.binaryBytes) {
    throw new InputError(`${bytes.length} bytes; ${limits.binaryBytes} is the limit`, { source });
  }
  validate(bytes, source);
  const parts = parseModule(bytes, source, functionsOnly);
  checkLimits(parts, limits, source);
  const functionTypes = typesOfFunctions(parts);
  return {
    bytes: write(bytes, source, parts, functionTypes, limits),
    imports: parts.imports.map(({ module, name, type }) => {
      const { params, results } = parts.types[type] as FunctionType;
      return { module, name, params, results };
    }),
    exports: parts.exports
      .filter(({ kind }) => kind === ExternKind.FUNCTION)
      .map(({ name, index }) => ({ name, ...(functionTypes[index] as FunctionType) })),
    memory: parts.exports.find(({ kind }) => kind === ExternKind.MEMORY)?.name ?? null,
    memoryImported: parts.memoryImported,
    hasStart: parts.start !== null,
  };
}

/** The engine's own validation comes first: the pass relies on a binary that is well formed and typed. */
function validate(bytes: Uint8Array, source: string): void {
  const own = bytes as Uint8Array<ArrayBuffer>;
  if (WebAssembly.validate(own)) return;
  let reason = "not a valid WebAssembly module";
  try {
    void new WebAssembly.Module(own);
  } catch (error) {
    if (error instanceof Error) reason = error.message;
  }
  throw new InputError(reason, { source });
}

function checkLimits(parts: ModuleParts, limits: SandboxLimits, source: string): void {
  const { memory, tables } = parts;
  if (parts.memoryImported && parts.data !== null && parts.data.count > 0) {
    throw new InputError("has data of its own, which would lie over that of its caller", {
      source,
      offset: parts.data.start,
      remedy: "Compute such tables, or bring a memory of its own.",
    });
  }
  if (memory.min > limits.memoryPages) {
    throw new InputError(
      `needs ${memory.min} pages of memory at once; ${limits.memoryPages} is the limit`,
      { source },
    );
  }
  for (const { min } of tables) {
    if (min <= limits.tableEntries) continue;
    throw new InputError(`has a table of ${min} entries; ${limits.tableEntries} is the limit`, {
      source,
    });
  }
  for (const { name, offset } of parts.exports) {
    if (!name.startsWith(RESERVED)) continue;
    throw new InputError(`exports "${name}"; names that start with ${RESERVED} are the host's`, {
      source,
      offset,
    });
  }
}

function typesOfFunctions(parts: ModuleParts): FunctionType[] {
  const indices = [...parts.imports.map(({ type }) => type), ...parts.functions];
  return indices.map((index) => parts.types[index] as FunctionType);
}

function write(
  bytes: Uint8Array,
  source: string,
  parts: ModuleParts,
  functionTypes: readonly FunctionType[],
  limits: SandboxLimits,
): Uint8Array<ArrayBuffer> {
  const out = new WasmWriter(bytes.length * 2);
  out.bytes(bytes.subarray(0, 8));
  const section = (id: number, part: WasmWriter): void => {
    out.u8(id).sized(part);
  };
  const extended = (old: RawSection | null, added: number, extra: WasmWriter): WasmWriter => {
    const part = new WasmWriter().u32((old?.count ?? 0) + added);
    if (old !== null) part.bytes(bytes.subarray(old.start, old.end));
    return part.bytes(extra.view());
  };
  const same = (id: number, old: RawSection | null): void => {
    if (old !== null) section(id, extended(old, 0, new WasmWriter(0)));
  };

  // Types of the helpers, and of blocks that stand for whole function bodies with several results.
  const types = new WasmWriter();
  let typeCount = 0;
  const addType = (params: readonly number[], results: Uint8Array | readonly number[]): number => {
    types
      .u8(0x60)
      .u32(params.length)
      .u8(...params)
      .u32(results.length)
      .u8(...results);
    return parts.types.length + typeCount++;
  };
  const helperType = addType([TYPE_I32], [TYPE_I32]);
  const blockTypes = new Map<FunctionType, number>();
  for (const type of functionTypes) {
    if (type.results.length > 1 && !blockTypes.has(type)) {
      blockTypes.set(type, addType([], type.results));
    }
  }

  const firstGlobal = globalCount(parts);
  const firstHelper = functionTypes.length;
  const gauges: Gauges = {
    fuel: firstGlobal,
    depth: firstGlobal + 1,
    denied: firstGlobal + 2,
    refuel: firstHelper,
    bulk: firstHelper + 1,
    grow: firstHelper + 2,
    pass: firstHelper + 3,
    stackBytes: limits.stackBytes,
  };
  const context: ScanContext = {
    types: parts.types,
    functionTypes,
    importCount: parts.imports.length,
  };

  section(SectionId.TYPE, extended(parts.typeSection, typeCount, types));
  same(SectionId.IMPORT, parts.importSection);
  const helpers = new WasmWriter();
  for (let i = 0; i < HelperCount; i++) helpers.u32(helperType);
  section(SectionId.FUNCTION, extended(parts.functionSection, HelperCount, helpers));
  if (parts.tables.length > 0) {
    const tables = new WasmWriter().u32(parts.tables.length);
    for (const { min, max } of parts.tables) {
      tables
        .u8(0x70, 1)
        .u32(min)
        .u32(Math.min(max ?? limits.tableEntries, limits.tableEntries));
    }
    section(SectionId.TABLE, tables);
  }
  if (!parts.memoryImported) {
    const { min, max } = parts.memory;
    const mostPages = Math.min(max ?? limits.memoryPages, limits.memoryPages);
    section(SectionId.MEMORY, new WasmWriter().u32(1).u8(1).u32(min).u32(mostPages));
  }
  const globals = new WasmWriter();
  for (let i = 0; i < 3; i++) globals.u8(TYPE_I32, 1, 0x41, 0, 0x0b);
  section(SectionId.GLOBAL, extended(parts.globals, 3, globals));
  section(SectionId.EXPORT, exportsOf(parts, gauges, extended));
  same(SectionId.ELEMENT, parts.elements);
  if (parts.dataCount !== null) {
    const { start, end } = parts.dataCount;
    section(SectionId.DATA_COUNT, new WasmWriter().bytes(bytes.subarray(start, end)));
  }

  const code = new WasmWriter(bytes.length * 2).u32(parts.bodies.length + HelperCount);
  for (let i = 0; i < parts.bodies.length; i++) {
    const { start, end } = parts.bodies[i] as ModuleParts["bodies"][number];
    const type = functionTypes[parts.imports.length + i] as FunctionType;
    const scan = scanFunction(new WasmReader(bytes, source, start, end), type, context);
    const frame = frameBytes(scan.slots);
    if (frame > limits.stackBytes) {
      throw new InputError(
        `a function needs ${frame} bytes of stack; ${limits.stackBytes} is the limit`,
        { source, offset: start },
      );
    }
    const range = { start, end };
    code.sized(rewriteFunction(bytes, range, scan, frame, gauges, blockTypeOf(type, blockTypes)));
  }
  code.sized(refuelBody(gauges)).sized(bulkBody(gauges)).sized(growBody(gauges));
  code.sized(passBody(gauges));
  section(SectionId.CODE, code);
  same(SectionId.DATA, parts.data);
  return out.finish();
}

function globalCount(parts: ModuleParts): number {
  return parts.globals?.count ?? 0;
}

function exportsOf(
  parts: ModuleParts,
  gauges: Gauges,
  extended: (old: RawSection | null, added: number, extra: WasmWriter) => WasmWriter,
): WasmWriter {
  const added = new WasmWriter();
  added.name(metered.refuel).u8(ExternKind.FUNCTION).u32(gauges.refuel);
  added.name(metered.pass).u8(ExternKind.FUNCTION).u32(gauges.pass);
  added.name(metered.fuel).u8(ExternKind.GLOBAL).u32(gauges.fuel);
  added.name(metered.depth).u8(ExternKind.GLOBAL).u32(gauges.depth);
  added.name(metered.denied).u8(ExternKind.GLOBAL).u32(gauges.denied);
  if (parts.start === null) return extended(parts.exportSection, 5, added);
  added.name(metered.start).u8(ExternKind.FUNCTION).u32(parts.start);
  return extended(parts.exportSection, 6, added);
}

/** How the block around a whole function body is typed: as a byte, or as the index of a type. */
function blockTypeOf(type: FunctionType, added: ReadonlyMap<FunctionType, number>): number {
  if (type.results.length === 0) return -0x40;
  if (type.results.length === 1) return (type.results[0] as number) - 0x80;
  return added.get(type) as number;
}
