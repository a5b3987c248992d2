import { ByteWriter } from "@sof-ts/kit";
import { roundUp } from "../bytes.js";
import {
  ELF_HEADER_BYTES,
  ELF_REL,
  RELA_BYTES,
  Relocation,
  SECTION_HEADER_BYTES,
  SectionFlag,
  SectionType,
  SYMBOL_BYTES,
} from "./constants.js";

/** A word of a section that shall point into another one. */
export interface WordPointer {
  /** Bytes from the start of the section. */
  readonly offset: number;
  /** Name of the section that it points into, and where. */
  readonly section: string;
  readonly target: number;
}

/** A section with contents, or of a size without. */
export interface SectionInput {
  readonly name: string;
  /** `SectionFlag` bits. */
  readonly flags: number;
  readonly address: number;
  /** Contents; a number is the size of a section without. */
  readonly contents: Uint8Array | number;
  readonly pointers?: readonly WordPointer[];
}

export interface ElfInput {
  readonly machine: number;
  readonly entry: number;
  readonly sections: readonly SectionInput[];
  /** Names that others have to define. */
  readonly undefinedSymbols: readonly string[];
}

interface Placed {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly entrySize: number;
}

const GLOBAL = 1 << 4;
const SECTION_SYMBOL = 3;
const NO_BYTES = new Uint8Array(0);

/** Writes a relocatable ELF32 object: sections, their relocations, symbols and names. */
export function writeElf(input: ElfInput): Uint8Array {
  const { sections, undefinedSymbols } = input;
  const relocated = sections.filter(({ pointers }) => (pointers ?? []).length > 0);
  // Null section, the sections, their relocations, then symbols and both string tables.
  const symtabIndex = 1 + sections.length + relocated.length;
  const indexOf = (name: string) => 1 + sections.findIndex((section) => section.name === name);
  const strings = new StringTable();
  const placed: Placed[] = sections.map((section) => placeSection(section));
  for (const section of relocated) {
    const out = new ByteWriter();
    for (const { offset, section: name, target } of section.pointers ?? []) {
      // The symbol of section n has number n.
      out
        .u32(offset)
        .u32((indexOf(name) << 8) | Relocation.R32)
        .i32(target);
    }
    placed.push({
      name: `.rela${section.name}`,
      type: SectionType.RELA,
      flags: SectionFlag.INFO_LINK,
      address: 0,
      bytes: out.finish(),
      size: out.length,
      link: symtabIndex,
      info: indexOf(section.name),
      entrySize: RELA_BYTES,
    });
  }
  const symbols = new ByteWriter().zeros(SYMBOL_BYTES);
  for (let index = 1; index <= sections.length; index++) {
    symbols.u32(0).u32(0).u32(0).u8(SECTION_SYMBOL).u8(0).u16(index);
  }
  for (const name of undefinedSymbols) {
    symbols.u32(strings.add(name)).u32(0).u32(0).u8(GLOBAL).u8(0).u16(0);
  }
  placed.push({
    ...table(".symtab", SectionType.SYMTAB, symbols.finish()),
    link: symtabIndex + 1,
    info: 1 + sections.length,
    entrySize: SYMBOL_BYTES,
  });
  placed.push(table(".strtab", SectionType.STRTAB, strings.bytes()));
  const names = new StringTable();
  for (const { name } of placed) names.add(name);
  names.add(".shstrtab");
  placed.push(table(".shstrtab", SectionType.STRTAB, names.bytes()));
  return layOut(input, placed, names);
}

function placeSection({ name, flags, address, contents }: SectionInput): Placed {
  const empty = typeof contents === "number";
  return {
    ...table(name, empty ? SectionType.NOBITS : SectionType.PROGBITS, empty ? NO_BYTES : contents),
    flags,
    address,
    size: empty ? contents : contents.length,
  };
}

function table(name: string, type: number, bytes: Uint8Array): Placed {
  return {
    name,
    type,
    flags: 0,
    address: 0,
    bytes,
    size: bytes.length,
    link: 0,
    info: 0,
    entrySize: 0,
  };
}

function layOut(input: ElfInput, placed: readonly Placed[], names: StringTable): Uint8Array {
  const body = new ByteWriter();
  const headers = new ByteWriter().zeros(SECTION_HEADER_BYTES);
  for (const section of placed) {
    body.zeros(roundUp(body.length, 4) - body.length);
    headers.u32(names.add(section.name)).u32(section.type).u32(section.flags).u32(section.address);
    headers
      .u32(ELF_HEADER_BYTES + body.length)
      .u32(section.size)
      .u32(section.link);
    headers.u32(section.info).u32(4).u32(section.entrySize);
    body.bytes(section.bytes);
  }
  body.zeros(roundUp(body.length, 4) - body.length);
  const count = placed.length + 1;
  return new ByteWriter(ELF_HEADER_BYTES + body.length + headers.length)
    .bytes(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    .u16(ELF_REL)
    .u16(input.machine)
    .u32(1)
    .u32(input.entry)
    .u32(0)
    .u32(ELF_HEADER_BYTES + body.length)
    .u32(0)
    .u16(ELF_HEADER_BYTES)
    .u16(0)
    .u16(0)
    .u16(SECTION_HEADER_BYTES)
    .u16(count)
    .u16(count - 1)
    .bytes(body.finish())
    .bytes(headers.finish())
    .finish();
}

/** Names that end in zero bytes; equal ones are stored once. */
class StringTable {
  private readonly out = new ByteWriter().u8(0);
  private readonly known = new Map<string, number>();

  add(name: string): number {
    const before = this.known.get(name);
    if (before !== undefined) return before;
    const at = this.out.length;
    for (let i = 0; i < name.length; i++) this.out.u8(name.charCodeAt(i));
    this.out.u8(0);
    this.known.set(name, at);
    return at;
  }

  bytes(): Uint8Array {
    return this.out.finish();
  }
}
