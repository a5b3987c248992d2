/**
 * Compiles the example in C into its folder `prebuilt/`, so that tests need no clang: WebAssembly, and a
 * record of compiler, flags and sources that a test compares.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compileUnit } from "../src/build.js";
import { findClang } from "../src/compile-c.js";
import { readProject } from "../src/project.js";
import { builtWith, prebuiltExample } from "./prebuilt.js";

const folder = prebuiltExample("stereo-widener");
const clang = findClang();
const [unit] = readProject(folder).units;
if (clang === null || unit === undefined) throw new Error("there is no clang to compile with");
const wasm = await compileUnit(folder, unit);
const prebuilt = join(folder, "prebuilt");
mkdirSync(prebuilt, { recursive: true });
writeFileSync(join(prebuilt, "widener.wasm"), wasm);
const source = readFileSync(join(folder, unit.source), "utf8");
const record = builtWith(clang.version, source);
writeFileSync(join(prebuilt, "built-with.json"), `${JSON.stringify(record, null, 2)}\n`);
console.log(`widener.wasm: ${wasm.length} bytes by ${clang.version}`);
