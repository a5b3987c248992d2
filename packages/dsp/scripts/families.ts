import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** One WebAssembly binary: `assembly/<name>.ts`, its constant tables at a fixed place. */
export interface Family {
  readonly name: string;
  /** Address of the family's constants; its slot ends where the next one starts. */
  readonly memoryBase: number;
}

/**
 * The low 128 KiB of an audio memory, which no allocator hands out, divided among the families. All families
 * may be instantiated on one memory, so slots never overlap. A new family takes the next free slot.
 */
export const families: readonly Family[] = [
  { name: "pcm", memoryBase: 0x0400 },
  { name: "gain", memoryBase: 0x0800 },
  { name: "mix", memoryBase: 0x0c00 },
  { name: "biquad", memoryBase: 0x1000 },
  { name: "fir", memoryBase: 0x1400 },
  { name: "dcblock", memoryBase: 0x1800 },
  { name: "matrix", memoryBase: 0x1c00 },
  { name: "aria", memoryBase: 0x2000 },
  { name: "tone", memoryBase: 0x2400 },
  // 0x2800..0x3fff: filters and small modules. 0x4000 and up: dynamics, rate converters, beamformer.
  { name: "drc", memoryBase: 0x4000 },
  { name: "crossover", memoryBase: 0x5000 },
  { name: "multiband-drc", memoryBase: 0x6000 },
  { name: "tdfb", memoryBase: 0x8000 },
  { name: "src", memoryBase: 0x9000 },
  { name: "asrc", memoryBase: 0xa000 },
];

/** End of the table area; equals the audio memory's reserved bytes. */
export const TABLE_BYTES = 0x20000;

const root = new URL("../", import.meta.url);

/** Flags of the AssemblyScript compiler: no runtime, no heap, the memory comes from outside. */
export function compilerFlags(family: Family): string[] {
  return [
    "-O3",
    "--noAssert",
    "--runtime",
    "stub",
    "--importMemory",
    "--noExportMemory",
    "--initialMemory",
    "2",
    "--enable",
    "simd",
    "--memoryBase",
    String(family.memoryBase),
  ];
}

/** Bytes that a family may fill with constants. */
export function slotBytes(family: Family): number {
  const later = families.map((each) => each.memoryBase).filter((base) => base > family.memoryBase);
  return Math.min(TABLE_BYTES, ...later) - family.memoryBase;
}

/** Hash over all that decides a family's binary: its source and what that imports, and the compiler's flags. */
export function sourceHash(family: Family): string {
  const hash = createHash("sha256");
  const seen = new Set<string>();
  const add = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    const text = readFileSync(new URL(`assembly/${path}.ts`, root), "utf8");
    hash.update(path).update("\0").update(text).update("\0");
    for (const [, imported] of text.matchAll(/from "(\.[^"]+)"/g)) {
      add(new URL(imported as string, `file:///${path}`).pathname.slice(1));
    }
  };
  add(family.name);
  return hash.update(compilerFlags(family).join(" ")).digest("hex");
}
