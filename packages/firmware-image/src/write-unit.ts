import { ByteWriter } from "@sof-ts/kit";
import { roundUp } from "./bytes.js";
import type { UnitDescription } from "./description.js";
import { ElfMachine, SectionFlag } from "./elf/constants.js";
import { type SectionInput, type WordPointer, writeElf } from "./elf/elf-writer.js";
import { BUILD_INFO_FORMAT, defaultApiVersions, PAGE_BYTES } from "./layout.js";
import { type ModuleEntry, writeModuleEntry } from "./module-entry.js";
import { readWasmInterface } from "./wasm-interface.js";

/** Where the first unit of a library goes unless it is told otherwise: in the range that ACE images use. */
export const DEFAULT_ADDRESS = 0xa068_8000;

const READ = SectionFlag.ALLOC;
const CODE = SectionFlag.ALLOC | SectionFlag.EXEC;
const DATA = SectionFlag.ALLOC | SectionFlag.WRITE;
const STRINGS = ".rodata.str1.1";

/** An ELF object and the first page behind its addresses. */
export interface WrittenUnit {
  readonly elf: Uint8Array;
  readonly end: number;
}

/**
 * Writes the ELF object of a unit: text, read-only data and data on pages of their own, cold sections
 * detached.
 *
 * @param entries manifest entries of its modules
 * @param address first page unless the description gives one
 */
export function writeUnit(
  unit: UnitDescription,
  entries: readonly ModuleEntry[],
  address: number,
): WrittenUnit {
  const sections: SectionInput[] = [];
  let next = unit.address ?? address;
  const text = next;
  const place = (name: string, flags: number, contents: Uint8Array | number) => {
    sections.push({ name, flags, address: next, contents });
    next = roundUp(next + (typeof contents === "number" ? contents : contents.length), 16);
  };
  place(".text", CODE, unit.text);
  next = roundUp(next, PAGE_BYTES);
  place(".module", READ, moduleTable(entries));
  place(".mod_buildinfo", READ, buildInfo(unit));
  if (unit.rodata !== undefined) place(".rodata", READ, unit.rodata);
  for (const section of exportTable(unit.exports ?? [], next)) {
    sections.push(section);
    next = section.address + (section.contents as Uint8Array).length;
  }
  next = roundUp(next, PAGE_BYTES);
  if (unit.data !== undefined) place(".data", DATA, unit.data);
  if (unit.bssBytes !== undefined) place(".bss", DATA, unit.bssBytes);
  const end = roundUp(next, PAGE_BYTES);
  next = 0;
  if (unit.cold !== undefined) place(".cold", CODE, unit.cold);
  next = roundUp(next, PAGE_BYTES);
  if (unit.coldRodata !== undefined) place(".coldrodata", READ, unit.coldRodata);
  const wasm = (unit.code ?? "wasm") === "wasm";
  const elf = writeElf({
    machine: wasm ? ElfMachine.WASM : ElfMachine.XTENSA,
    entry: text,
    sections,
    undefinedSymbols: unit.imports ?? (wasm ? functionImports(unit.text) : []),
  });
  return { elf, end };
}

function functionImports(text: Uint8Array): readonly string[] {
  const { imports } = readWasmInterface(text, ".text");
  return [...new Set(imports.filter(({ kind }) => kind === "function").map(({ name }) => name))];
}

function moduleTable(entries: readonly ModuleEntry[]): Uint8Array {
  const out = new ByteWriter();
  for (const entry of entries) {
    writeModuleEntry(out, { ...entry, magic: 0 });
    out.u32(0);
  }
  return out.finish();
}

function buildInfo(unit: UnitDescription): Uint8Array {
  const version = unit.apiVersion ?? (defaultApiVersions.at(-1) as number);
  return new ByteWriter().u32(BUILD_INFO_FORMAT).u32(version).finish();
}

/** The names of what is exported, and the table of pointers to them and to their code. */
function exportTable(exports: readonly string[], address: number): readonly SectionInput[] {
  if (exports.length === 0) return [];
  const strings = new ByteWriter();
  const pointers: WordPointer[] = [];
  for (const [index, name] of exports.entries()) {
    pointers.push({ offset: 8 * index, section: STRINGS, target: strings.length });
    // WebAssembly functions have no address: their number stands for it.
    pointers.push({ offset: 8 * index + 4, section: ".text", target: index });
    for (let i = 0; i < name.length; i++) strings.u8(name.charCodeAt(i));
    strings.u8(0);
  }
  const flags = READ | SectionFlag.MERGE | SectionFlag.STRINGS;
  const tableAt = roundUp(address + strings.length, 16);
  return [
    { name: STRINGS, flags, address, contents: strings.finish() },
    {
      name: ".exported_sym",
      flags: READ,
      address: tableAt,
      contents: new Uint8Array(8 * exports.length),
      pointers,
    },
  ];
}
