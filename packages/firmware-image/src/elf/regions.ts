import { roundDown, roundUp } from "../bytes.js";
import { hex } from "../image-error.js";
import { DETACHED_LIMIT, PAGE_BYTES } from "../layout.js";
import { SectionFlag, SectionType } from "./constants.js";
import { type ElfFile, elfError, type ElfSection, isAllocated } from "./elf-file.js";

/** What a part of a library may be used for; it decides the rights of its pages. */
export type RegionKind = "text" | "rodata" | "data" | "cold" | "cold-rodata";

/** Sections that share their rights and lie in pages of their own. */
export interface Region {
  readonly kind: RegionKind;
  /** First page, as the object was located. Detached regions count from 0. */
  readonly address: number;
  /** Whole pages. For data this includes .bss, in front of, in or behind the initialised part. */
  readonly size: number;
  /** Detached: stays in DRAM. */
  readonly detached: boolean;
  readonly sections: readonly ElfSection[];
}

const ADDRESS_END = 0x1_0000_0000;

/** Whether a section stays in DRAM (SOF: `sh_addr` below the addresses of SRAM). */
function isDetached(section: ElfSection): boolean {
  return section.address < DETACHED_LIMIT;
}

function kindOf(elf: ElfFile, section: ElfSection): RegionKind {
  const writable = (section.flags & SectionFlag.WRITE) !== 0;
  const code = (section.flags & SectionFlag.EXEC) !== 0;
  const refuse = (reason: string) => elfError(elf, "section-address", reason, section.offset);
  if (writable && code) throw refuse(`${section.name} is both writable and code`);
  if (isDetached(section)) {
    if (writable)
      throw refuse(`${section.name} at ${hex(section.address)} is writable but detached`);
    return code ? "cold" : "cold-rodata";
  }
  if (code) return "text";
  return writable ? "data" : "rodata";
}

/**
 * Sorts the allocated sections of an object into regions (Zephyr's llext regions, with detached ones
 * apart).
 *
 * @throws ImageError `section-address`, `bss-count`, `bss-placement`, `section-overlap`
 */
export function findRegions(elf: ElfFile): readonly Region[] {
  const sections = elf.sections.filter(isAllocated);
  const kinds = new Map<RegionKind, ElfSection[]>();
  for (const section of sections) {
    const end = section.address + section.size;
    if (end > ADDRESS_END) {
      const reason = `${section.name} at ${hex(section.address)} with ${hex(section.size)} bytes wraps`;
      throw elfError(elf, "section-address", reason, section.offset);
    }
    const kind = kindOf(elf, section);
    kinds.set(kind, [...(kinds.get(kind) ?? []), section]);
  }
  checkOverlap(elf, sections);
  checkBss(elf, kinds.get("data") ?? []);
  const regions = [...kinds].map(([kind, members]): Region => {
    const address = roundDown(Math.min(...members.map((section) => section.address)), PAGE_BYTES);
    const end = Math.max(...members.map((section) => section.address + section.size));
    const detached = kind === "cold" || kind === "cold-rodata";
    const size = roundUp(end, PAGE_BYTES) - address;
    return { kind, address, size, detached, sections: members };
  });
  checkRegionPages(elf, regions);
  return regions;
}

function checkOverlap(elf: ElfFile, sections: readonly ElfSection[]): void {
  const sorted = [...sections].sort((a, b) => a.address - b.address || a.index - b.index);
  for (let i = 1; i < sorted.length; i++) {
    const [low, high] = [sorted[i - 1] as ElfSection, sorted[i] as ElfSection];
    const end = low.address + low.size;
    if (end <= high.address) continue;
    const reason = `${low.name} (to ${hex(end)}) and ${high.name} (from ${hex(high.address)}) overlap`;
    throw elfError(elf, "section-address", reason, high.offset);
  }
}

/** .bss has to touch the pages of .data, or the range that is mapped would have a hole. */
function checkBss(elf: ElfFile, data: readonly ElfSection[]): void {
  const empty = data.filter(({ type }) => type === SectionType.NOBITS);
  const [bss, second] = empty;
  if (second !== undefined) {
    const reason = `${second.name} is a second section without contents, after ${bss?.name ?? ""}`;
    throw elfError(elf, "bss-count", reason, second.offset);
  }
  const filled = data.filter(({ type }) => type !== SectionType.NOBITS);
  if (bss === undefined || filled.length === 0) return;
  const start = roundDown(Math.min(...filled.map((section) => section.address)), PAGE_BYTES);
  const end = roundUp(
    Math.max(...filled.map((section) => section.address + section.size)),
    PAGE_BYTES,
  );
  if (bss.address > end || bss.address + bss.size < start) {
    const reason = `${bss.name} at ${hex(bss.address)} lies apart from data at ${hex(start)} to ${hex(end)}`;
    throw elfError(elf, "bss-placement", reason, bss.offset);
  }
}

function checkRegionPages(elf: ElfFile, regions: readonly Region[]): void {
  for (const region of regions) {
    for (const other of regions) {
      if (other.kind <= region.kind || other.detached !== region.detached) continue;
      if (region.address >= other.address + other.size) continue;
      if (other.address >= region.address + region.size) continue;
      const reason = `${region.kind} at ${hex(region.address)} shares pages with ${other.kind} at ${hex(other.address)}`;
      throw elfError(elf, "section-overlap", reason, other.sections[0]?.offset ?? 0);
    }
  }
}
