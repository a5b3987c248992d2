import { ByteReader } from "@sof-ts/kit";
import { SECTION_HEADER_BYTES, SectionType, SYMBOL_BYTES } from "./constants.js";
import { type ElfFile, elfError, type ElfSection, elfString } from "./elf-file.js";

/** A symbol of an ELF object. */
export interface ElfSymbol {
  readonly name: string;
  readonly value: number;
  readonly size: number;
  /** 0 none, 1 object, 2 function, 3 section, 4 file. */
  readonly type: number;
  /** 0 local, 1 global, 2 weak. */
  readonly binding: number;
  /** Index of its section; 0 for an undefined symbol. */
  readonly section: number;
}

const SECTION_SYMBOL = 3;
const RESERVED_SECTIONS = 0xff00;
/** Longest run of symbols that is read: shipped objects have up to 99. */
const MAX_SYMBOLS = 16384;

/** The symbols of an object, and the section that they come from. */
export interface SymbolTable {
  readonly section: ElfSection;
  readonly symbols: readonly ElfSymbol[];
}

/**
 * Reads the one symbol table of an object.
 *
 * @throws ImageError `elf-symbols`, `elf-strings`
 */
export function readSymbols(elf: ElfFile): SymbolTable {
  const tables = elf.sections.filter(({ type }) => type === SectionType.SYMTAB);
  const [section] = tables;
  const fail = (reason: string, offset: number) => elfError(elf, "elf-symbols", reason, offset);
  if (section === undefined || tables.length > 1) {
    throw fail(`${tables.length} symbol tables, not 1`, 32);
  }
  const header = headerOffset(elf, section);
  const names = elf.sections[section.link];
  if (names === undefined || names.type !== SectionType.STRTAB) {
    throw fail(
      `the symbol table's names are in section ${section.link}, which holds none`,
      header + 24,
    );
  }
  if (section.entrySize !== SYMBOL_BYTES || section.size % SYMBOL_BYTES !== 0) {
    throw fail(`symbols of ${section.entrySize} bytes in ${section.size}`, header + 36);
  }
  const count = section.size / SYMBOL_BYTES;
  if (count > MAX_SYMBOLS || section.info > count) {
    throw fail(`${count} symbols, the first global one is number ${section.info}`, header + 28);
  }
  const reader = new ByteReader(section.bytes, elf.source, elf.base + section.offset);
  const symbols: ElfSymbol[] = [];
  for (let i = 0; i < count; i++) {
    const at = section.offset + reader.offset;
    const nameIndex = reader.u32();
    const value = reader.u32();
    const size = reader.u32();
    const info = reader.u8();
    reader.u8();
    const sectionIndex = reader.u16();
    if (sectionIndex < RESERVED_SECTIONS && sectionIndex >= elf.sections.length) {
      throw fail(`symbol ${i} is in section ${sectionIndex} of ${elf.sections.length}`, at + 14);
    }
    const name = nameIndex === 0 ? "" : elfString(elf, names, nameIndex, at);
    symbols.push({ name, value, size, type: info & 15, binding: info >> 4, section: sectionIndex });
  }
  return { section, symbols };
}

/** Names that an object needs from elsewhere, each once, in their order. */
export function undefinedSymbols({ symbols }: SymbolTable): readonly string[] {
  const names = symbols
    .filter(({ section, type, name }) => section === 0 && type !== SECTION_SYMBOL && name !== "")
    .map(({ name }) => name);
  return [...new Set(names)];
}

/** Offset of a section's header in the object; 0 when the table is not known, which cannot be. */
export function headerOffset(elf: ElfFile, section: ElfSection): number {
  const view = new DataView(elf.bytes.buffer, elf.bytes.byteOffset, elf.bytes.byteLength);
  return view.getUint32(32, true) + section.index * SECTION_HEADER_BYTES;
}
