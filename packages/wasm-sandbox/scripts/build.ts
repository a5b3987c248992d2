/**
 * Compiles the AssemblyScript modules of the tests into `test/generated/`, each as base64 text, so that
 * tests need no compiler.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { main as compileAssembly } from "assemblyscript/asc";
import { compilerFlags, modules, sourceHash, type TestModule } from "./modules.js";

const root = new URL("../", import.meta.url);

async function compile(module: TestModule): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await compileAssembly(
    [
      `assembly/${module.name}.ts`,
      "--outFile",
      "out.wasm",
      ...compilerFlags(module),
      "--baseDir",
      root.pathname,
    ],
    {
      writeFile: (name, contents) => {
        if (name === "out.wasm" && typeof contents !== "string") binary = contents;
      },
    },
  );
  if (error !== null || binary === undefined) throw new Error(`${module.name}: ${String(stderr)}`);
  return binary;
}

mkdirSync(new URL("test/generated/", root), { recursive: true });
for (const module of modules) {
  const binary = await compile(module);
  const text = [
    `// Made from assembly/${module.name}.ts by scripts/build.ts; do not edit.`,
    `export const sourceHash = "${sourceHash(module)}";`,
    `export const wasm =`,
    `  "${Buffer.from(binary).toString("base64")}";`,
    "",
  ];
  writeFileSync(new URL(`test/generated/${module.name}.ts`, root), text.join("\n"));
  console.log(`${module.name}: ${binary.length} bytes`);
}
