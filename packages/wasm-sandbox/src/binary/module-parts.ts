import { WasmReader } from "./wasm-reader.js";

/** Parameters and results of a function, as value type bytes. */
export interface FunctionType {
  readonly params: Uint8Array;
  readonly results: Uint8Array;
}

/** Size limits of a memory or table; `max` is undefined where the module sets none. */
export interface Limits {
  readonly min: number;
  readonly max: number | undefined;
}

export interface Import {
  readonly module: string;
  readonly name: string;
  /** Index of the function's type. */
  readonly type: number;
  readonly offset: number;
}

export interface Export {
  readonly name: string;
  readonly kind: number;
  readonly index: number;
  readonly offset: number;
}

/** Kinds of imports and exports. */
export const ExternKind = { FUNCTION: 0, TABLE: 1, MEMORY: 2, GLOBAL: 3, TAG: 4 } as const;

/** One function's locals and code, as a range of the binary. */
export interface Body {
  readonly start: number;
  readonly end: number;
}

/** A section that is taken over as it is. */
export interface RawSection {
  /** Number of its entries. */
  readonly count: number;
  /** Offset of the first entry. */
  readonly start: number;
  readonly end: number;
}

/** The parts of a binary that the metering pass looks at; the rest is kept as ranges. */
export interface ModuleParts {
  readonly types: FunctionType[];
  readonly typeSection: RawSection | null;
  readonly imports: Import[];
  readonly importSection: RawSection | null;
  /** Type index of each function of the module's own. */
  readonly functions: number[];
  readonly functionSection: RawSection | null;
  readonly tables: Limits[];
  readonly memory: Limits;
  /** Whether the memory is that of whoever instantiates it. */
  readonly memoryImported: boolean;
  readonly globals: RawSection | null;
  readonly exports: Export[];
  readonly exportSection: RawSection | null;
  /** Function that runs at instantiation. */
  readonly start: number | null;
  readonly elements: RawSection | null;
  readonly dataCount: RawSection | null;
  readonly bodies: Body[];
  readonly data: RawSection | null;
}

export const SectionId = {
  CUSTOM: 0,
  TYPE: 1,
  IMPORT: 2,
  FUNCTION: 3,
  TABLE: 4,
  MEMORY: 5,
  GLOBAL: 6,
  EXPORT: 7,
  START: 8,
  ELEMENT: 9,
  CODE: 10,
  DATA: 11,
  DATA_COUNT: 12,
} as const;

const HEADER_BYTES = 8;
const FUNCTION_TYPE = 0x60;
const FUNCREF = 0x70;
const HAS_MAX = 1;
const SHARED = 2;

/**
 * Takes a binary apart. It must have passed `WebAssembly.validate`; what is refused here is valid, but more
 * than an isolated module may have.
 *
 * @param source what the bytes are, for errors
 * @param functionsOnly whether it may do without a memory, or work in its caller's, imported as `env.memory`
 * @throws InputError naming the offset of what is refused
 */
export function parseModule(bytes: Uint8Array, source: string, functionsOnly = false): ModuleParts {
  const reader = new WasmReader(bytes, source, HEADER_BYTES);
  const parts: { -readonly [K in keyof ModuleParts]: ModuleParts[K] } = {
    types: [],
    typeSection: null,
    imports: [],
    importSection: null,
    functions: [],
    functionSection: null,
    tables: [],
    memory: { min: 0, max: undefined },
    memoryImported: false,
    globals: null,
    exports: [],
    exportSection: null,
    start: null,
    elements: null,
    dataCount: null,
    bodies: [],
    data: null,
  };
  let memories = 0;
  while (!reader.done) {
    const offset = reader.at;
    const id = reader.u8();
    const section = reader.sub(reader.u32());
    switch (id) {
      case SectionId.CUSTOM:
        break;
      case SectionId.TYPE:
        parts.typeSection = each(section, "types", (r) => parts.types.push(functionType(r)));
        break;
      case SectionId.IMPORT:
        parts.importSection = each(section, "imports", (r) => {
          const found = importOf(r, functionsOnly);
          if (!("min" in found)) parts.imports.push(found);
          else {
            memories++;
            parts.memory = found;
            parts.memoryImported = true;
          }
        });
        break;
      case SectionId.FUNCTION:
        parts.functionSection = each(section, "functions", (r) => parts.functions.push(r.u32()));
        break;
      case SectionId.TABLE:
        each(section, "tables", (r) => parts.tables.push(tableOf(r)));
        break;
      case SectionId.MEMORY:
        each(section, "memories", (r) => {
          if (++memories > 1) throw r.error("more than one memory");
          parts.memory = limitsOf(r, "memory");
        });
        break;
      case SectionId.GLOBAL:
        parts.globals = raw(section, "globals");
        break;
      case SectionId.EXPORT:
        parts.exportSection = each(section, "exports", (r) => parts.exports.push(exportOf(r)));
        break;
      case SectionId.START:
        parts.start = section.u32();
        break;
      case SectionId.ELEMENT:
        parts.elements = raw(section, "element segments");
        break;
      case SectionId.DATA_COUNT:
        parts.dataCount = { count: 0, start: section.at, end: section.end };
        break;
      case SectionId.CODE:
        each(section, "function bodies", (r) => {
          const body = r.sub(r.u32());
          parts.bodies.push({ start: body.at, end: body.end });
        });
        break;
      case SectionId.DATA:
        parts.data = raw(section, "data segments");
        break;
      default:
        throw reader.error(`section ${id} is not supported`, offset);
    }
  }
  if (memories === 0 && !functionsOnly) throw reader.error("no memory", bytes.length);
  return parts;
}

function raw(section: WasmReader, what: string): RawSection {
  const count = section.count(what);
  return { count, start: section.at, end: section.end };
}

function each(section: WasmReader, what: string, read: (r: WasmReader) => void): RawSection {
  const range = raw(section, what);
  for (let i = 0; i < range.count; i++) read(section);
  return range;
}

function functionType(r: WasmReader): FunctionType {
  const offset = r.at;
  if (r.u8() !== FUNCTION_TYPE) throw r.error("a type that is no function's", offset);
  const list = (what: string): Uint8Array => {
    const types = new Uint8Array(r.count(what));
    for (let i = 0; i < types.length; i++) types[i] = r.valueType();
    return types;
  };
  return { params: list("parameters"), results: list("results") };
}

/** @returns the function that is imported, or the limits of the caller's memory where that is allowed */
function importOf(r: WasmReader, mayHaveMemory: boolean): Import | Limits {
  const offset = r.at;
  const module = r.name();
  const name = r.name();
  const kind = r.u8();
  if (kind === ExternKind.FUNCTION) return { module, name, type: r.u32(), offset };
  if (mayHaveMemory && kind === ExternKind.MEMORY && module === "env" && name === "memory")
    return limitsOf(r, "memory");
  throw r.error(
    `imports "${module}.${name}", which is no function`,
    offset,
    "A module brings its own memory, tables and globals.",
  );
}

function exportOf(r: WasmReader): Export {
  const offset = r.at;
  return { name: r.name(), kind: r.u8(), index: r.u32(), offset };
}

function tableOf(r: WasmReader): Limits {
  const offset = r.at;
  if (r.u8() !== FUNCREF) throw r.error("a table that holds other than functions", offset);
  return limitsOf(r, "table");
}

function limitsOf(r: WasmReader, what: string): Limits {
  const offset = r.at;
  const flags = r.u8();
  if ((flags & SHARED) !== 0) throw r.error(`${what} is shared between threads`, offset);
  if (flags > HAS_MAX) throw r.error(`${what} has unknown limits (flags ${flags})`, offset);
  return { min: r.u32(), max: flags === HAS_MAX ? r.u32() : undefined };
}
