import { Raw } from "./raw.js";

/** A section as a section header states it; `size` without `fill` for one without contents. */
export interface RawSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly size: number;
  readonly align?: number;
  readonly link?: string | number;
  readonly info?: string | number;
  readonly entrySize?: number;
  fill?(raw: Raw, at: number): void;
}

const PROGBITS = 1;
const SYMTAB = 2;
const STRTAB = 3;
const RELA = 4;
const NOBITS = 8;

/** Lays an ELF32 object out: header, contents, section headers. */
export function rawElf(machine: number, sections: readonly RawSection[], entry = 0): Uint8Array {
  const names = ["", ...sections.map(({ name }) => name), ".shstrtab"];
  const strings = `${names.join("\0")}\0`;
  const nameAt = (index: number) => names.slice(0, index).join("\0").length + (index > 0 ? 1 : 0);
  const all: RawSection[] = [
    ...sections,
    {
      name: ".shstrtab",
      type: STRTAB,
      flags: 0,
      address: 0,
      size: strings.length,
      fill: (raw, at) => raw.text(at, strings),
    },
  ];
  const indexOf = (ref: string | number | undefined): number =>
    typeof ref === "string" ? 1 + all.findIndex(({ name }) => name === ref) : (ref ?? 0);
  let end = 52;
  const offsets = all.map(({ type, size }) => {
    end = Math.ceil(end / 4) * 4;
    const offset = end;
    if (type !== NOBITS) end += size;
    return offset;
  });
  const table = Math.ceil(end / 4) * 4;
  const raw = new Raw(table + 40 * (all.length + 1));
  raw.u8(0, 0x7f, 0x45, 0x4c, 0x46, 1, 1, 1);
  raw.u16(16, 1, machine).u32(20, 1, entry, 0, table, 0x300);
  raw.u16(40, 52, 0, 0, 40, all.length + 1, all.length);
  for (const [i, section] of all.entries()) {
    const offset = offsets[i] as number;
    raw.u32(
      table + 40 * (i + 1),
      nameAt(i + 1),
      section.type,
      section.flags,
      section.address,
      offset,
      section.size,
      indexOf(section.link),
      indexOf(section.info),
      section.align ?? 4,
      section.entrySize ?? 0,
    );
    section.fill?.(raw, offset);
  }
  return raw.bytes;
}

/** The 120 bytes of one driver in `.module`. */
export function rawModule(raw: Raw, at: number, name: string, uuid: readonly number[]): void {
  raw
    .text(at + 4, name)
    .put(at + 12, uuid)
    .u32(at + 28, 0x22);
  raw.u32(at + 72, 1).u16(at + 76, 40);
}

/** What a symbol table says of one symbol. */
export interface RawSymbol {
  readonly name?: string;
  readonly value?: number;
  /** 3 for a section, 2 for a function, 1 for an object. */
  readonly type?: number;
  readonly global?: boolean;
  readonly section: string | number;
}

/** `.symtab` and `.strtab` of these symbols, the null symbol included. */
export function rawSymbols(
  symbols: readonly RawSymbol[],
  sections: readonly string[],
): readonly RawSection[] {
  const strings = `\0${symbols.map(({ name }) => `${name ?? ""}\0`).join("")}`;
  const firstGlobal = symbols.findIndex(({ global }) => global === true);
  return [
    {
      name: ".symtab",
      type: SYMTAB,
      flags: 0,
      address: 0,
      size: 16 * (symbols.length + 1),
      link: ".strtab",
      info: 1 + (firstGlobal < 0 ? symbols.length : firstGlobal),
      entrySize: 16,
      fill(raw, at) {
        let nameAt = 1;
        for (const [i, symbol] of symbols.entries()) {
          const { name = "", value = 0, type = 0, global = false, section } = symbol;
          const index = typeof section === "number" ? section : 1 + sections.indexOf(section);
          const entry = at + 16 * (i + 1);
          raw.u32(entry, name === "" ? 0 : nameAt, value, 0);
          raw.u8(entry + 12, (global ? 0x10 : 0) | type, 0).u16(entry + 14, index);
          nameAt += name.length + 1;
        }
      },
    },
    {
      name: ".strtab",
      type: STRTAB,
      flags: 0,
      address: 0,
      size: strings.length,
      fill: (raw, at) => raw.text(at, strings),
    },
  ];
}

/** Relocations of a section: `[offset, symbol number, type, addend]`. */
export function rawRela(
  target: string,
  entries: readonly (readonly [number, number, number, number])[],
): RawSection {
  return {
    name: `.rela${target}`,
    type: RELA,
    flags: 0x40,
    address: 0,
    size: 12 * entries.length,
    link: ".symtab",
    info: target,
    entrySize: 12,
    fill(raw, at) {
      for (const [i, [offset, symbol, type, addend]] of entries.entries()) {
        raw.u32(at + 12 * i, offset, (symbol << 8) | type, addend);
      }
    },
  };
}

/** The UUID of drc, b36ee4da-006f-47f9-a06d-fecbe2d8b6ce, as images store it. */
export const DRC_UUID = [
  0xda, 0xe4, 0x6e, 0xb3, 0x6f, 0x00, 0xf9, 0x47, 0xa0, 0x6d, 0xfe, 0xcb, 0xe2, 0xd8, 0xb6, 0xce,
];

/** Symbols that drc needs from the base firmware. */
export const DRC_UNDEFINED = [
  "comp_data_blob_handler_new_ext",
  "comp_data_blob_get_cmd",
  "comp_init_data_blob",
  "comp_data_blob_handler_free",
  "comp_is_new_data_blob_available",
  "comp_data_blob_set",
  "comp_get_data_blob",
  "audio_stream_copy",
  "rzalloc",
  "rfree",
  "rballoc_align",
  "memset",
  "__udivdi3",
  "sofm_lut_sin_fixed_16b",
  "sofm_exp_fixed",
  "sofm_db2lin_fixed",
  "ipc4_update_buffer_format",
  "ipc4_base_module_cfg_to_stream_params",
  "z_impl_z_log_msg_static_create",
  "module_update_buffer_position",
  "log_const_drc",
];

/**
 * An object shaped as the one in drc.llext of SOF 2.13 for Lunar Lake: 21 sections at the addresses and with
 * the sizes and counts of relocations and symbols that it has.
 */
export function drcElf(): Uint8Array {
  const text = 0x234f;
  const progbits = (name: string, flags: number, address: number, size: number, align = 4) => ({
    name,
    type: PROGBITS,
    flags,
    address,
    size,
    align,
  });
  const sections: RawSection[] = [
    progbits(".text", 6, 0xa0688000, text),
    rawRela(
      ".text",
      Array.from({ length: 442 }, (_, i) => {
        const type = i < 317 ? 20 : i < 349 ? 1 : i < 406 ? 0 : 11;
        return [type === 1 ? 4 * i : 3 * i, i < 108 ? 13 + (i % 21) : 1, type, 0] as const;
      }),
    ),
    progbits(".cold.literal", 6, 0, 0x54),
    rawRela(
      ".cold.literal",
      Array.from({ length: 44 }, (_, i) => [i, 3, 0, 0] as const),
    ),
    progbits(".cold", 6, 0x60, 0x316),
    rawRela(
      ".cold",
      Array.from({ length: 74 }, (_, i) => [2 * i, 3, 20, 0] as const),
    ),
    {
      ...progbits(".module", 2, 0xa068b000, 0x78, 8),
      fill: (raw, at) => rawModule(raw, at, "DRC", DRC_UUID),
    },
    rawRela(".module", [[64, 1, 1, 0x1cc]]),
    {
      ...progbits(".mod_buildinfo", 2, 0xa068b078, 8),
      fill: (raw, at) => raw.u32(at, 0x80000000, 0x00500000),
    },
    progbits(".rodata", 2, 0xa068b080, 0x98, 8),
    rawRela(
      ".rodata",
      Array.from({ length: 10 }, (_, i) => [8 * i, 1, 1, 16 * i] as const),
    ),
    progbits(".rodata.str1.1", 0x32, 0xa068b118, 0x34b, 1),
    progbits(".data", 3, 0xa068c000, 0),
    { ...progbits(".bss", 3, 0xa068c000, 0), type: NOBITS },
    { ...progbits(".xtensa.info", 0, 0, 0x38, 1), type: 7 },
    progbits(".comment", 0x30, 0, 0x20, 1),
    progbits(".note.GNU-stack", 0, 0, 0, 1),
  ];
  const names = sections.map(({ name }) => name);
  const symbols: RawSymbol[] = [
    ...[".text", ".cold.literal", ".cold", ".module", ".rodata", ".rodata.str1.1"].map(
      (section) => ({ type: 3, section }),
    ),
    ...Array.from({ length: 6 }, (_, i) => ({
      name: `local_${i}`,
      type: 2,
      value: 16 * i,
      section: ".text",
    })),
    ...DRC_UNDEFINED.map((name) => ({ name, global: true, section: 0 })),
    ...Array.from({ length: 14 }, (_, i) => ({
      name: `drc_${i}`,
      type: 2,
      global: true,
      value: 32 * i,
      section: ".text",
    })),
  ];
  return rawElf(94, [...sections, ...rawSymbols(symbols, names)], 0xa0688000);
}
