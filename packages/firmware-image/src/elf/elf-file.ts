import { ByteReader } from "@sof-ts/kit";
import { hex, type ImageCheck, ImageError } from "../image-error.js";
import {
  ELF_HEADER_BYTES,
  ELF_REL,
  ElfMachine,
  MAX_SECTIONS,
  SECTION_HEADER_BYTES,
  SectionFlag,
  SectionType,
} from "./constants.js";

/** A section of an ELF object. */
export interface ElfSection {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly align: number;
  readonly entrySize: number;
  /** Its bytes in the object; empty where it has none. */
  readonly bytes: Uint8Array;
}

/** An ELF32 relocatable object; every section lies in it. */
export interface ElfFile {
  readonly source: string;
  /** Offset of the object in its source. */
  readonly base: number;
  readonly bytes: Uint8Array;
  /** An {@link ElfMachine}. */
  readonly machine: number;
  readonly flags: number;
  readonly entry: number;
  readonly sections: readonly ElfSection[];
  /** Bytes up to the end of the last section or table: what follows is padding. */
  readonly length: number;
}

/** Longest name: many symbols may share one string, and reading them all has to end. */
const MAX_STRING_BYTES = 512;
const NO_BYTES = new Uint8Array(0);
const MAGIC = 0x464c_457f;
/** Class 32 bits, little-endian, version 1, in the bytes after the magic. */
const IDENT = 0x01_0101;

/** The error for something wrong at `offset` of an object. */
export function elfError(
  elf: Pick<ElfFile, "source" | "base">,
  check: ImageCheck,
  reason: string,
  offset: number,
): ImageError {
  return new ImageError(check, reason, elf.source, elf.base + offset);
}

/**
 * Reads header and sections of a relocatable ELF32 object and checks that all of it lies in `bytes`.
 *
 * @param base offset of `bytes` in `source`
 * @throws ImageError `elf-header`, `elf-section-table`, `elf-section-range`, `elf-strings`
 */
export function readElf(bytes: Uint8Array, source: string, base: number): ElfFile {
  const at = { source, base };
  const bad = (reason: string, offset: number) => elfError(at, "elf-header", reason, offset);
  if (bytes.length < ELF_HEADER_BYTES) throw bad(`${bytes.length} bytes are too few`, 0);
  const reader = new ByteReader(bytes, source, base);
  if (reader.u32() !== MAGIC) throw bad("no ELF magic", 0);
  const ident = reader.u32() & 0xff_ffff;
  if (ident !== IDENT) throw bad("not a 32-bit little-endian ELF, version 1", 4);
  reader.offset = 16;
  const type = reader.u16();
  if (type !== ELF_REL) throw bad(`ELF type ${type} is not a relocatable object`, 16);
  const machine = reader.u16();
  if (machine !== ElfMachine.XTENSA && machine !== ElfMachine.WASM) {
    throw bad(`machine ${machine} is neither Xtensa nor WebAssembly`, 18);
  }
  reader.u32();
  const entry = reader.u32();
  reader.u32();
  const tableOffset = reader.u32();
  const flags = reader.u32();
  reader.offset = 46;
  const entrySize = reader.u16();
  const count = reader.u16();
  const namesIndex = reader.u16();
  if (entrySize !== SECTION_HEADER_BYTES) throw bad(`section headers of ${entrySize} bytes`, 46);
  const tableEnd = tableOffset + count * SECTION_HEADER_BYTES;
  if (count === 0 || count > MAX_SECTIONS || tableEnd > bytes.length) {
    const reason = `${count} section headers at ${hex(tableOffset)} do not fit in ${hex(bytes.length)} bytes`;
    throw elfError(at, "elf-section-table", reason, 48);
  }
  const headers: Omit<ElfSection, "name">[] = [];
  let length = Math.max(tableEnd, ELF_HEADER_BYTES);
  reader.offset = tableOffset;
  for (let index = 0; index < count; index++) {
    const header = readSectionHeader(reader, index, bytes, at);
    headers.push(header);
    if (header.bytes.length > 0) length = Math.max(length, header.offset + header.size);
  }
  const names = headers[namesIndex];
  if (names === undefined || names.type !== SectionType.STRTAB) {
    throw elfError(at, "elf-strings", `section ${namesIndex} is no table of names`, 50);
  }
  const sections = headers.map((header): ElfSection => {
    const nameAt = tableOffset + header.index * SECTION_HEADER_BYTES;
    const nameIndex = new DataView(bytes.buffer, bytes.byteOffset).getUint32(nameAt, true);
    return { ...header, name: elfString(at, names, nameIndex, nameAt) };
  });
  return { source, base, bytes, machine, flags, entry, sections, length };
}

function readSectionHeader(
  reader: ByteReader,
  index: number,
  bytes: Uint8Array,
  at: Pick<ElfFile, "source" | "base">,
): Omit<ElfSection, "name"> {
  const start = reader.offset;
  reader.u32();
  const type = reader.u32();
  const flags = reader.u32();
  const address = reader.u32();
  const offset = reader.u32();
  const size = reader.u32();
  const header = {
    index,
    type,
    flags,
    address,
    offset,
    size,
    link: reader.u32(),
    info: reader.u32(),
    align: reader.u32(),
    entrySize: reader.u32(),
  };
  if (type === SectionType.NOBITS || type === SectionType.NULL)
    return { ...header, bytes: NO_BYTES };
  if (offset + size > bytes.length) {
    const reason = `section ${index} at ${hex(offset)} with ${hex(size)} bytes leaves the ELF of ${hex(bytes.length)}`;
    throw elfError(at, "elf-section-range", reason, start + 16);
  }
  return { ...header, bytes: bytes.subarray(offset, offset + size) };
}

/**
 * A string of a string table.
 *
 * @param from offset in the object of what names the string, for the error
 * @throws ImageError `elf-strings` when it is not in the table, does not end there, or is longer than 511 characters
 */
export function elfString(
  elf: Pick<ElfFile, "source" | "base">,
  table: Pick<ElfSection, "bytes" | "index">,
  index: number,
  from: number,
): string {
  const limit = Math.min(table.bytes.length, index + MAX_STRING_BYTES);
  let end = index;
  while (end < limit && table.bytes[end] !== 0) end++;
  if (end >= limit) {
    const reason = `string ${hex(index)} is not in string table ${table.index}, or is too long`;
    throw elfError(elf, "elf-strings", reason, from);
  }
  let text = "";
  for (let i = index; i < end; i++) text += String.fromCharCode(table.bytes[i] as number);
  return text;
}

/** Whether a section takes part in the running library. */
export function isAllocated(section: ElfSection): boolean {
  return (section.flags & SectionFlag.ALLOC) !== 0 && section.size > 0;
}
