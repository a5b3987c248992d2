/**
 * Compiles the limiter of tests and benches into `test/generated/`, as base64 text, so that they need no
 * compiler.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { main as compileAssembly } from "assemblyscript/asc";
import { compilerFlags, sourceHash } from "./limiter.js";

const root = new URL("../", import.meta.url);
let binary: Uint8Array | undefined;
const { error, stderr } = await compileAssembly(
  ["assembly/limiter.ts", "--outFile", "out.wasm", ...compilerFlags, "--baseDir", root.pathname],
  {
    writeFile: (name, contents) => {
      if (name === "out.wasm" && typeof contents !== "string") binary = contents;
    },
  },
);
if (error !== null || binary === undefined) throw new Error(String(stderr));
mkdirSync(new URL("test/generated/", root), { recursive: true });
const text = [
  "// Made from assembly/limiter.ts by scripts/build.ts; do not edit.",
  `export const sourceHash = "${sourceHash()}";`,
  "export const wasm =",
  `  "${Buffer.from(binary).toString("base64")}";`,
  "",
];
writeFileSync(new URL("test/generated/limiter.ts", root), text.join("\n"));
console.log(`limiter: ${binary.length} bytes`);
