/** Machines whose objects a library may hold (`e_machine`). */
export const ElfMachine = {
  XTENSA: 94,
  /** A number of our own ("WA"): `.text` is a WebAssembly module. */
  WASM: 0x4157,
} as const;
export type ElfMachine = (typeof ElfMachine)[keyof typeof ElfMachine];

/** Section types (`sh_type`). */
export const SectionType = {
  NULL: 0,
  PROGBITS: 1,
  SYMTAB: 2,
  STRTAB: 3,
  RELA: 4,
  NOBITS: 8,
} as const;

/** Section flags (`sh_flags`). */
export const SectionFlag = {
  WRITE: 1,
  ALLOC: 2,
  EXEC: 4,
  MERGE: 0x10,
  STRINGS: 0x20,
  INFO_LINK: 0x40,
} as const;

/** Relocation types of Xtensa that libraries use; WebAssembly ones use the first two. */
export const Relocation = {
  NONE: 0,
  R32: 1,
  ASM_EXPAND: 11,
  SLOT0_OP: 20,
} as const;

export const ELF_HEADER_BYTES = 52;
export const SECTION_HEADER_BYTES = 40;
export const SYMBOL_BYTES = 16;
export const RELA_BYTES = 12;
export const ELF_REL = 1;
/** Most sections that an ELF may have; shipped ones have up to 24. */
export const MAX_SECTIONS = 256;
