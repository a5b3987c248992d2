import { ByteReader, InputError } from "@sof-ts/kit";

/** Whether bytes begin as a WebAssembly module of version 1. */
export function isWasmBinary(bytes: Uint8Array): boolean {
  const start = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  return bytes.length >= start.length && start.every((byte, index) => bytes[index] === byte);
}

/** A thing that a WebAssembly module imports. */
export interface WasmImport {
  readonly module: string;
  readonly name: string;
  readonly kind: WasmKind;
}

/** A thing that it exports. */
export interface WasmExport {
  readonly name: string;
  readonly kind: WasmKind;
}

export type WasmKind = "function" | "table" | "memory" | "global";

/** What a WebAssembly module needs and offers. */
export interface WasmInterface {
  readonly imports: readonly WasmImport[];
  readonly exports: readonly WasmExport[];
}

const IMPORT_SECTION = 2;
const EXPORT_SECTION = 7;
const kinds: readonly WasmKind[] = ["function", "table", "memory", "global"];

/**
 * Reads the import and export sections of a WebAssembly module. The code itself is not looked at: compiling
 * it is what checks it.
 *
 * @throws InputError for what is no WebAssembly module, or one that is cut off
 */
export function readWasmInterface(bytes: Uint8Array, source: string): WasmInterface {
  const reader = new ByteReader(bytes, source);
  if (!isWasmBinary(bytes)) throw reader.error("no WebAssembly module of version 1", 0);
  reader.offset = 8;
  let imports: readonly WasmImport[] = [];
  let exports: readonly WasmExport[] = [];
  while (reader.remaining > 0) {
    const id = reader.u8("section id");
    const section = reader.sub(leb(reader), `section ${id}`);
    if (id === IMPORT_SECTION) imports = list(section, readImport);
    else if (id === EXPORT_SECTION) exports = list(section, readExport);
  }
  return { imports, exports };
}

/** An unsigned LEB128 number of at most 32 bits. */
function leb(reader: ByteReader): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = reader.u8("LEB128 number");
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
  throw reader.error("a LEB128 number has more than 32 bits");
}

function list<T>(reader: ByteReader, readItem: (reader: ByteReader) => T): readonly T[] {
  const count = leb(reader);
  const items: T[] = [];
  for (let i = 0; i < count; i++) items.push(readItem(reader));
  return items;
}

function name(reader: ByteReader): string {
  return new TextDecoder().decode(reader.take(leb(reader), "name"));
}

function kindAt(reader: ByteReader): WasmKind {
  const number = reader.u8("kind");
  const kind = kinds[number];
  if (kind === undefined) throw reader.error(`unknown kind ${number}`, reader.offset - 1);
  return kind;
}

function readImport(reader: ByteReader): WasmImport {
  const imported = { module: name(reader), name: name(reader), kind: kindAt(reader) };
  switch (imported.kind) {
    case "function":
      leb(reader);
      break;
    case "table":
      reader.u8("element type");
      limits(reader);
      break;
    case "memory":
      limits(reader);
      break;
    case "global":
      reader.take(2, "global type");
      break;
  }
  return imported;
}

function limits(reader: ByteReader): void {
  const flags = reader.u8("limits");
  if (flags > 3)
    throw new InputError(`limits of kind ${flags} are not supported`, { source: reader.source });
  leb(reader);
  if ((flags & 1) !== 0) leb(reader);
}

function readExport(reader: ByteReader): WasmExport {
  const exported = { name: name(reader), kind: kindAt(reader) };
  leb(reader);
  return exported;
}
