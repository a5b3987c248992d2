import { ByteReader } from "@sof-ts/kit";
import { ElfMachine, SectionFlag } from "./elf/constants.js";
import { type ElfFile, elfError, type ElfSection, readElf } from "./elf/elf-file.js";
import { type ExportedSymbol, readExports } from "./elf/exports.js";
import { type ElfRelocation, readRelocations } from "./elf/relocations.js";
import { findRegions, type Region } from "./elf/regions.js";
import { readSymbols, undefinedSymbols } from "./elf/symbols.js";
import { hex } from "./image-error.js";
import { BUILD_INFO_FORMAT, Size } from "./layout.js";
import { type ModuleEntry, readModuleEntry } from "./module-entry.js";
import { isWasmBinary } from "./wasm-interface.js";

/** Code of a unit: what the loader tells apart. */
export type UnitCode = "xtensa" | "wasm";

/**
 * One ELF object of a library with the modules that it implements: what is linked, mapped and counted as
 * one.
 */
export interface LibraryUnit {
  /** Index of its first module in the image's manifest; the others follow. */
  readonly firstModule: number;
  readonly modules: readonly ModuleEntry[];
  /** Serves other units and has no instances. */
  readonly auxiliary: boolean;
  readonly code: UnitCode;
  readonly elf: ElfFile;
  readonly regions: readonly Region[];
  /** Symbols that it needs from the firmware or from other units. */
  readonly imports: readonly string[];
  readonly exports: readonly ExportedSymbol[];
  readonly relocations: ReadonlyMap<number, readonly ElfRelocation[]>;
  /** The module interface that it was built for. */
  readonly apiVersion: number;
}

/** Where a unit lies in an image. */
export interface UnitPlace {
  readonly bytes: Uint8Array;
  readonly source: string;
  readonly base: number;
  readonly firstModule: number;
  readonly modules: readonly ModuleEntry[];
  readonly auxiliary: boolean;
}

/**
 * Reads a unit and checks it: as an ELF, as a library of the firmware, and against its manifest entries.
 *
 * @param apiVersions module interfaces that are accepted
 * @throws ImageError any of the checks from `elf-header` on
 */
export function readUnit(place: UnitPlace, apiVersions: readonly number[]): LibraryUnit {
  const { firstModule, modules, auxiliary } = place;
  const elf = readElf(place.bytes, place.source, place.base);
  const table = readSymbols(elf);
  const relocations = readRelocations(elf, table);
  const regions = findRegions(elf);
  checkModules(elf, modules);
  const apiVersion = readApiVersion(elf, apiVersions);
  const exports = readExports(elf, relocations);
  const code = elf.machine === ElfMachine.WASM ? "wasm" : "xtensa";
  if (code === "wasm") checkWasm(elf);
  const imports = undefinedSymbols(table);
  return {
    firstModule,
    modules,
    auxiliary,
    code,
    elf,
    regions,
    imports,
    exports,
    relocations,
    apiVersion,
  };
}

/** The section of a unit that holds its code, `.text`. */
export function codeSection(unit: LibraryUnit): ElfSection | null {
  return unit.elf.sections.find(({ name }) => name === ".text") ?? null;
}

/** The `.module` section has an entry for each module, in their order, with the same name and UUID. */
function checkModules(elf: ElfFile, modules: readonly ModuleEntry[]): void {
  const section = elf.sections.find(({ name }) => name === ".module");
  const fail = (
    check: "module-section" | "module-name" | "module-uuid",
    reason: string,
    at: number,
  ) => elfError(elf, check, reason, at);
  if (section === undefined) throw fail("module-section", "there is no .module", 0);
  // Its tables are read in every domain that the module runs in: they must not be in one's data.
  if ((section.flags & SectionFlag.WRITE) !== 0) {
    throw fail("module-section", ".module is writable", section.offset);
  }
  const count = section.bytes.length / Size.ELF_MODULE;
  if (!Number.isInteger(count) || count < modules.length) {
    const reason = `.module has ${section.bytes.length} bytes for ${modules.length} modules of ${Size.ELF_MODULE}`;
    throw fail("module-section", reason, section.offset);
  }
  for (const [index, module] of modules.entries()) {
    const at = index * Size.ELF_MODULE;
    const own = readModuleEntry(
      new ByteReader(section.bytes.subarray(at, at + Size.ELF_MODULE), elf.source),
    );
    if (own.name !== module.name) {
      const reason = `.module names "${own.name}", the manifest "${module.name}"`;
      throw fail("module-name", reason, section.offset + at + 4);
    }
    if (own.uuid !== module.uuid) {
      const reason = `.module of ${own.name} has UUID ${own.uuid}, the manifest ${module.uuid}`;
      throw fail("module-uuid", reason, section.offset + at + 12);
    }
  }
}

/** A version of the module interface as text. */
export function apiVersionText(version: number): string {
  return `${version >>> 20}.${(version >>> 10) & 0x3ff}.${version & 0x3ff}`;
}

function readApiVersion(elf: ElfFile, accepted: readonly number[]): number {
  const section = elf.sections.find(({ name }) => name === ".mod_buildinfo");
  if (section === undefined || section.bytes.length < 8) {
    throw elfError(elf, "build-info", "there is no .mod_buildinfo", section?.offset ?? 0);
  }
  const reader = new ByteReader(section.bytes, elf.source, elf.base + section.offset);
  const format = reader.u32();
  if (format !== BUILD_INFO_FORMAT) {
    throw elfError(elf, "build-info", `format ${hex(format)} is unknown`, section.offset);
  }
  const version = reader.u32();
  if (!accepted.includes(version)) {
    const known = accepted.map(apiVersionText).join(", ");
    const reason = `built for module interface ${apiVersionText(version)}, this firmware has ${known}`;
    throw elfError(elf, "api-version", reason, section.offset + 4);
  }
  return version;
}

function checkWasm(elf: ElfFile): void {
  const text = elf.sections.find(({ name }) => name === ".text");
  if (text !== undefined && isWasmBinary(text.bytes)) return;
  const offset = text?.offset ?? 0;
  throw elfError(elf, "wasm-payload", ".text is no WebAssembly module of version 1", offset);
}
