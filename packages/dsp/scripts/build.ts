/**
 * Compiles the AssemblyScript kernels into `src/generated/`, one module of base64 text per family, so that
 * tests, builds and users need no compiler. Arguments name families; none means all.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { main as compileAssembly } from "assemblyscript/asc";
import { compilerFlags, families, type Family, slotBytes, sourceHash } from "./families.js";
import { dataSegments } from "./wasm-sections.js";

const root = new URL("../", import.meta.url);

async function compile(family: Family): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await compileAssembly(
    [
      `assembly/${family.name}.ts`,
      "--outFile",
      "out.wasm",
      ...compilerFlags(family),
      "--baseDir",
      root.pathname,
    ],
    {
      writeFile: (name, contents) => {
        if (name === "out.wasm" && typeof contents !== "string") binary = contents;
      },
    },
  );
  if (error !== null || binary === undefined) throw new Error(`${family.name}: ${String(stderr)}`);
  for (const { offset, bytes } of dataSegments(binary)) {
    if (offset < family.memoryBase || offset + bytes > family.memoryBase + slotBytes(family)) {
      throw new Error(`${family.name}: constants at ${offset}..${offset + bytes} leave their slot`);
    }
  }
  return binary;
}

function generated(family: Family, binary: Uint8Array): string {
  return [
    `// Made from assembly/${family.name}.ts by scripts/build.ts; do not edit.`,
    `export const sourceHash = "${sourceHash(family)}";`,
    `export const wasm =`,
    `  "${Buffer.from(binary).toString("base64")}";`,
    "",
  ].join("\n");
}

const names = process.argv.slice(2);
mkdirSync(new URL("src/generated/", root), { recursive: true });
for (const family of families) {
  if (names.length > 0 && !names.includes(family.name)) continue;
  const binary = await compile(family);
  writeFileSync(new URL(`src/generated/${family.name}.ts`, root), generated(family, binary));
  console.log(`${family.name}: ${binary.length} bytes`);
}
