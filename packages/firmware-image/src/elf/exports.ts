import { Relocation } from "./constants.js";
import { type ElfFile, elfError, elfString } from "./elf-file.js";
import type { ElfRelocation } from "./relocations.js";

/** A symbol that an object offers to others (Zephyr's `struct llext_const_symbol`). */
export interface ExportedSymbol {
  readonly name: string;
  /** Name of the section that it lies in, and the bytes from its start. */
  readonly section: string;
  readonly offset: number;
}

const SECTION = ".exported_sym";
/** Two words: name, address. Both are filled in by relocations. */
const ENTRY_BYTES = 8;

/**
 * Reads the table of exported symbols; an object without one exports nothing.
 *
 * @throws ImageError `exported-symbols`
 */
export function readExports(
  elf: ElfFile,
  relocations: ReadonlyMap<number, readonly ElfRelocation[]>,
): readonly ExportedSymbol[] {
  const table = elf.sections.find(({ name }) => name === SECTION);
  if (table === undefined) return [];
  const fail = (reason: string, offset: number) =>
    elfError(elf, "exported-symbols", reason, table.offset + offset);
  if (table.bytes.length % ENTRY_BYTES !== 0) {
    throw fail(`${table.bytes.length} bytes are no table of exported symbols`, 0);
  }
  const view = new DataView(table.bytes.buffer, table.bytes.byteOffset, table.bytes.byteLength);
  const words = new Map<number, ElfRelocation>();
  for (const relocation of relocations.get(table.index) ?? []) {
    if (relocation.type === Relocation.R32) words.set(relocation.offset, relocation);
  }
  /** The section and offset that the word at `offset` will point to. */
  const pointee = (offset: number, what: string) => {
    const relocation = words.get(offset);
    const section = elf.sections[relocation?.symbol.section ?? 0];
    if (relocation === undefined || section === undefined || section.index === 0) {
      throw fail(`entry ${Math.floor(offset / ENTRY_BYTES)} has no ${what}`, offset);
    }
    const target = relocation.symbol.value + relocation.addend + view.getInt32(offset, true);
    return { section, target };
  };
  const found: ExportedSymbol[] = [];
  const seen = new Set<string>();
  for (let offset = 0; offset < table.bytes.length; offset += ENTRY_BYTES) {
    const text = pointee(offset, "name");
    const address = pointee(offset + 4, "address");
    const name = elfString(elf, text.section, Math.max(text.target, 0), table.offset + offset);
    if (name === "" || seen.has(name)) throw fail(`exports "${name}" more than once`, offset);
    seen.add(name);
    found.push({ name, section: address.section.name, offset: address.target });
  }
  return found;
}
