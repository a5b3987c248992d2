import {
  drcElf,
  DRC_UUID,
  rawElf,
  type RawSection,
  rawModule,
  rawRela,
  rawSymbols,
} from "./hand-made-elf.js";
import { handMadeLlext, rawEntry, someUuid } from "./hand-made.js";
import type { Raw } from "./raw.js";
import { changed, ELF, P, type Refusal } from "./refusal.js";

/** An image with this object in place of drc's. */
const withElf = (elf: Uint8Array): Uint8Array => handMadeLlext(elf);

/** drc's object with some bytes changed. */
export const elfChanged = (change: (raw: Raw) => void): Uint8Array =>
  withElf(changed(change, drcElf()));

/** Offset of the header of section `index` of drc's object. */
function header(index: number): number {
  const elf = drcElf();
  return new DataView(elf.buffer).getUint32(32, true) + 40 * index;
}

/** Offset of the contents of section `index` of drc's object. */
export function contents(index: number): number {
  const elf = drcElf();
  return new DataView(elf.buffer).getUint32(header(index) + 16, true);
}

export const [TEXT, RELA_TEXT, COLD, MODULE, BUILD_INFO, SYMTAB, STRTAB] = [
  1, 2, 5, 7, 9, 18, 19,
] as const;

const module: RawSection = {
  name: ".module",
  type: 1,
  flags: 2,
  address: 0xa0691000,
  size: 120,
  fill: (raw, at) => rawModule(raw, at, "DRC", DRC_UUID),
};
const buildInfo: RawSection = {
  name: ".mod_buildinfo",
  type: 1,
  flags: 2,
  address: 0xa0691080,
  size: 8,
  fill: (raw, at) => raw.u32(at, 0x80000000, 0x00500000),
};
const section = (
  name: string,
  flags: number,
  address: number,
  size: number,
  type = 1,
): RawSection => ({
  name,
  type,
  flags,
  address,
  size,
});
const text = section(".text", 6, 0xa0690000, 0x100);

/** An object with these sections beside its module's own. */
function objectWith(...sections: RawSection[]): Uint8Array {
  const all = [text, module, buildInfo, ...sections];
  const names = all.map(({ name }) => name);
  return withElf(rawElf(94, [...all, ...rawSymbols([{ type: 3, section: ".text" }], names)]));
}

function onlyPlainRelocations(): Uint8Array {
  const names = [".text", ".module", ".mod_buildinfo"];
  const symbols = rawSymbols([{ type: 3, section: ".text" }], names);
  return rawElf(94, [text, module, buildInfo, rawRela(".text", [[0, 1, 1, 0]]), ...symbols]);
}

/** Images whose ELF is wrong. */
export const elfRefusals: readonly Refusal[] = [
  ["elf-header", "no ELF", () => elfChanged((raw) => raw.u8(0, 0)), "no ELF magic", ELF],
  ["elf-header", "a 64-bit ELF", () => elfChanged((raw) => raw.u8(4, 2)), "not a 32-bit", ELF + 4],
  [
    "elf-header",
    "an executable",
    () => elfChanged((raw) => raw.u16(16, 2)),
    "ELF type 2",
    ELF + 16,
  ],
  [
    "elf-header",
    "another machine",
    () => elfChanged((raw) => raw.u16(18, 243)),
    "machine 243",
    ELF + 18,
  ],
  [
    "elf-section-table",
    "more sections than there are",
    () => elfChanged((raw) => raw.u16(48, 0xffff)),
    "65535 section headers",
    ELF + 48,
  ],
  [
    "elf-section-range",
    "a section behind the ELF",
    () => elfChanged((raw) => raw.u32(header(TEXT) + 20, 0x7000)),
    "section 1 at 0x34 with 0x7000 bytes leaves the ELF of 0x6000",
    ELF + header(TEXT) + 16,
  ],
  [
    "elf-strings",
    "names that are not strings",
    () => elfChanged((raw) => raw.u16(50, TEXT)),
    "section 1 is no table of names",
    ELF + 50,
  ],
  [
    "elf-strings",
    "a name outside its table",
    () => elfChanged((raw) => raw.u32(header(TEXT), 0x10000)),
    "string 0x10000 is not in string table 20",
    ELF + header(TEXT),
  ],
  [
    "elf-strings",
    "a name of 512 characters, which thousands of symbols could share",
    () =>
      withElf(
        rawElf(94, [
          text,
          module,
          buildInfo,
          ...rawSymbols(
            Array.from({ length: 3 }, (_, i) => ({
              name: i === 2 ? "x".repeat(512) : `s${i}`,
              section: ".text",
            })),
            [".text"],
          ),
        ]),
      ),
    "string 0x7 is not in string table 5, or is too long",
    ELF + 52 + 0x100 + 120 + 8 + 16 * 3,
  ],
  [
    "elf-strings",
    "a table that does not end",
    () => elfChanged((raw) => raw.bytes.fill(0x41, contents(STRTAB), contents(STRTAB + 1))),
    "is not in string table 19",
    ELF + contents(SYMTAB) + 16 * 7,
  ],
  [
    "elf-symbols",
    "no symbol table",
    () => elfChanged((raw) => raw.u32(header(SYMTAB) + 4, 1)),
    "0 symbol tables, not 1",
    ELF + 32,
  ],
  [
    "elf-symbols",
    "a symbol of a section that is not there",
    () => elfChanged((raw) => raw.u16(contents(SYMTAB) + 16 + 14, 500)),
    "symbol 1 is in section 500 of 21",
    ELF + contents(SYMTAB) + 16 + 14,
  ],
  [
    "elf-symbols",
    "a first global symbol behind the last",
    () => elfChanged((raw) => raw.u32(header(SYMTAB) + 28, 49)),
    "48 symbols, the first global one is number 49",
    ELF + header(SYMTAB) + 28,
  ],
  [
    "elf-relocations",
    "an unknown type",
    () => elfChanged((raw) => raw.u8(contents(RELA_TEXT) + 4, 99)),
    ".rela.text has a relocation of unknown type 99",
    ELF + contents(RELA_TEXT) + 4,
  ],
  [
    "elf-relocations",
    "an offset outside the section",
    () => elfChanged((raw) => raw.u32(contents(RELA_TEXT), 0x234e)),
    ".rela.text changes byte 9038 of .text, which has 9039",
    ELF + contents(RELA_TEXT),
  ],
  [
    "elf-relocations",
    "a symbol that is not there",
    () => elfChanged((raw) => raw.u32(contents(RELA_TEXT) + 4, (48 << 8) | 20)),
    ".rela.text refers to symbol 48 of 48",
    ELF + contents(RELA_TEXT) + 4,
  ],
  [
    "section-address",
    "sections that overlap",
    () => objectWith(section(".rodata", 2, 0xa0691040, 0x100)),
    ".module (to 0xa0691078) and .rodata (from 0xa0691040) overlap",
    ELF + 52 + 0x100 + 120 + 8,
  ],
  [
    "section-address",
    "a section that wraps",
    () => elfChanged((raw) => raw.u32(header(TEXT) + 12, 0xfffff000)),
    ".text at 0xfffff000 with 0x234f bytes wraps",
    ELF + contents(TEXT),
  ],
  [
    "section-address",
    "cold data that can be written",
    () => elfChanged((raw) => raw.u32(header(COLD) + 8, 3)),
    ".cold at 0x60 is writable but detached",
    ELF + contents(COLD),
  ],
  [
    "section-address",
    "code that can be written",
    () => elfChanged((raw) => raw.u32(header(TEXT) + 8, 7)),
    ".text is both writable and code",
    ELF + contents(TEXT),
  ],
  [
    "section-overlap",
    "text and data in one page",
    () => objectWith(section(".data", 3, 0xa0690800, 16)),
    "data at 0xa0690000 shares pages with text at 0xa0690000",
    ELF + 52,
  ],
  [
    "bss-count",
    "a second .bss",
    () => objectWith(section(".bss", 3, 0xa0692000, 16, 8), section(".bss2", 3, 0xa0692010, 16, 8)),
    ".bss2 is a second section without contents, after .bss",
    ELF + 52 + 0x100 + 120 + 8,
  ],
  [
    "bss-placement",
    ".bss apart from .data",
    () => objectWith(section(".data", 3, 0xa0692000, 16), section(".bss", 3, 0xa0694000, 16, 8)),
    ".bss at 0xa0694000 lies apart from data at 0xa0692000 to 0xa0693000",
    ELF + 52 + 0x100 + 120 + 8 + 16,
  ],
  [
    "module-section",
    "no .module",
    () => elfChanged((raw) => raw.u32(header(MODULE), 0)),
    "there is no .module",
    ELF,
  ],
  [
    "module-section",
    "fewer entries than modules",
    () =>
      changed((raw) => {
        raw.u32(P + 0x2024, 2);
        rawEntry(raw, P, 1, { name: "DRC2", uuid: someUuid(7), type: 0x22, text: 0x8000 });
      }),
    ".module has 120 bytes for 2 modules of 120",
    ELF + contents(MODULE),
  ],
  [
    "module-name",
    "another name in the ELF",
    () => elfChanged((raw) => raw.text(contents(MODULE) + 4, "DRX")),
    '.module names "DRX", the manifest "DRC"',
    ELF + contents(MODULE) + 4,
  ],
  [
    "module-uuid",
    "another UUID in the ELF",
    () => elfChanged((raw) => raw.u8(contents(MODULE) + 12, 0xdb)),
    ".module of DRC has UUID b36ee4db-006f-47f9-a06d-fecbe2d8b6ce, the manifest b36ee4da",
    ELF + contents(MODULE) + 12,
  ],
  [
    "build-info",
    "no build information",
    () => elfChanged((raw) => raw.u32(header(BUILD_INFO), 0)),
    "there is no .mod_buildinfo",
    ELF,
  ],
  [
    "build-info",
    "build information in another format",
    () => elfChanged((raw) => raw.u32(contents(BUILD_INFO), 0x80000001)),
    "format 0x80000001 is unknown",
    ELF + contents(BUILD_INFO),
  ],
  [
    "api-version",
    "another module interface",
    () => elfChanged((raw) => raw.u32(contents(BUILD_INFO) + 4, 0x00400801)),
    "built for module interface 4.2.1, this firmware has 5.0.0, 5.0.1",
    ELF + contents(BUILD_INFO) + 4,
  ],
  [
    "exported-symbols",
    "a table that names nothing",
    () => objectWith(section(".exported_sym", 2, 0xa0691100, 8)),
    "entry 0 has no name",
    ELF + 52 + 0x100 + 120 + 8,
  ],
  [
    "exported-symbols",
    "a table of half an entry",
    () => objectWith(section(".exported_sym", 2, 0xa0691100, 4)),
    "4 bytes are no table of exported symbols",
    ELF + 52 + 0x100 + 120 + 8,
  ],
  [
    "wasm-payload",
    "an object for WebAssembly without a module in it",
    () => withElf(changed((raw) => raw.u16(18, 0x4157), onlyPlainRelocations())),
    ".text is no WebAssembly module of version 1",
    ELF + 52,
  ],
];
