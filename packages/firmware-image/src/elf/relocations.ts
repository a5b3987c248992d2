import { ByteReader } from "@sof-ts/kit";
import { RELA_BYTES, Relocation, SectionType } from "./constants.js";
import { type ElfFile, elfError, type ElfSection } from "./elf-file.js";
import { type ElfSymbol, headerOffset, type SymbolTable } from "./symbols.js";

/** A relocation of one section. */
export interface ElfRelocation {
  /** Bytes from the start of the section that is relocated. */
  readonly offset: number;
  readonly type: number;
  readonly symbol: ElfSymbol;
  readonly addend: number;
}

const known = new Set<number>(Object.values(Relocation));
/** Bytes that a relocation of each type changes; a type that is not here changes an instruction. */
const widths = new Map<number, number>([
  [Relocation.NONE, 0],
  [Relocation.R32, 4],
]);
const INSTRUCTION_BYTES = 2;

/**
 * Reads every relocation of an object.
 *
 * @returns the relocations by index of the section that they change
 * @throws ImageError `elf-relocations`
 */
export function readRelocations(
  elf: ElfFile,
  table: SymbolTable,
): ReadonlyMap<number, readonly ElfRelocation[]> {
  const bySection = new Map<number, ElfRelocation[]>();
  for (const section of elf.sections) {
    if (section.type !== SectionType.RELA) continue;
    const target = targetOf(elf, section, table);
    const relocations = bySection.get(target.index) ?? [];
    bySection.set(target.index, relocations);
    const reader = new ByteReader(section.bytes, elf.source, elf.base + section.offset);
    while (reader.remaining > 0) relocations.push(readOne(elf, section, target, table, reader));
  }
  return bySection;
}

function targetOf(elf: ElfFile, section: ElfSection, table: SymbolTable): ElfSection {
  const header = headerOffset(elf, section);
  const fail = (reason: string, offset: number) => elfError(elf, "elf-relocations", reason, offset);
  if (section.entrySize !== RELA_BYTES || section.size % RELA_BYTES !== 0) {
    throw fail(`relocations of ${section.entrySize} bytes in ${section.size}`, header + 36);
  }
  if (section.link !== table.section.index) {
    throw fail(`${section.name} refers to symbols in section ${section.link}`, header + 24);
  }
  const target = elf.sections[section.info];
  if (target === undefined || section.info === 0) {
    throw fail(`${section.name} changes section ${section.info}, which is not there`, header + 28);
  }
  return target;
}

function readOne(
  elf: ElfFile,
  section: ElfSection,
  target: ElfSection,
  { symbols }: SymbolTable,
  reader: ByteReader,
): ElfRelocation {
  const at = section.offset + reader.offset;
  const fail = (reason: string, offset: number) => elfError(elf, "elf-relocations", reason, offset);
  const offset = reader.u32();
  const info = reader.u32();
  const addend = reader.i32();
  const type = info & 0xff;
  if (!known.has(type))
    throw fail(`${section.name} has a relocation of unknown type ${type}`, at + 4);
  const symbol = symbols[info >>> 8];
  if (symbol === undefined) {
    throw fail(`${section.name} refers to symbol ${info >>> 8} of ${symbols.length}`, at + 4);
  }
  const width = widths.get(type) ?? INSTRUCTION_BYTES;
  if (offset + width > target.bytes.length) {
    const reason = `${section.name} changes byte ${offset} of ${target.name}, which has ${target.bytes.length}`;
    throw fail(reason, at);
  }
  return { offset, type, symbol, addend };
}
