import { describe, expect, it } from "vitest";
import { families, sourceHash, TABLE_BYTES } from "../scripts/families.js";
import { dataSegments } from "../scripts/wasm-sections.js";

describe.each(families)("generated kernels: $name", (family) => {
  const file = `../src/generated/${family.name}.ts`;

  it("are made from the sources that are checked in", async () => {
    const generated = (await import(file)) as { sourceHash: string };
    expect(generated.sourceHash, "run pnpm --filter @sof-ts/dsp generate").toBe(sourceHash(family));
  });

  it("import nothing but the memory", async () => {
    const { wasm } = (await import(file)) as { wasm: string };
    const binary = Buffer.from(wasm, "base64");
    expect(WebAssembly.Module.imports(new WebAssembly.Module(binary))).toEqual([
      { module: "env", name: "memory", kind: "memory" },
    ]);
  });

  it("keep their constants inside the table area", async () => {
    const { wasm } = (await import(file)) as { wasm: string };
    for (const { offset, bytes } of dataSegments(Buffer.from(wasm, "base64"))) {
      expect(offset).toBeGreaterThanOrEqual(family.memoryBase);
      expect(offset + bytes).toBeLessThanOrEqual(TABLE_BYTES);
    }
  });
});

describe("kernel slots", () => {
  it("start above the null page and do not overlap", () => {
    const bases = families.map((family) => family.memoryBase);
    expect(new Set(bases).size).toBe(bases.length);
    expect(Math.min(...bases)).toBeGreaterThanOrEqual(0x400);
    expect(Math.max(...bases)).toBeLessThan(0x20000);
  });
});
