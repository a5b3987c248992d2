import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** A module of the tests: `assembly/<name>.ts`. */
export interface TestModule {
  readonly name: string;
  /** The AssemblyScript runtime that it is built with. */
  readonly runtime: "stub" | "incremental";
  /** Further sources that it is made of. */
  readonly parts?: readonly string[];
  /** It works in its caller's memory. */
  readonly callersMemory?: boolean;
}

export const modules: readonly TestModule[] = [
  { name: "adjustable-gain", runtime: "incremental" },
  { name: "clipper", runtime: "stub", parts: ["curves-import"] },
  { name: "curves", runtime: "stub", callersMemory: true },
  { name: "halve", runtime: "stub" },
  { name: "hostile", runtime: "stub" },
  { name: "mid-side", runtime: "stub" },
];

const root = new URL("../", import.meta.url);

/** Flags of the AssemblyScript compiler. */
export function compilerFlags(module: TestModule): string[] {
  const memory = module.callersMemory === true ? ["--importMemory"] : [];
  return ["-O3", "--runtime", module.runtime, ...memory];
}

/** Hash over all that decides a module's binary: its source, the interface, the flags. */
export function sourceHash(module: TestModule): string {
  const hash = createHash("sha256");
  for (const name of ["sof", module.name, ...(module.parts ?? [])]) {
    hash.update(readFileSync(new URL(`assembly/${name}.ts`, root), "utf8")).update("\0");
  }
  return hash.update(compilerFlags(module).join(" ")).digest("hex");
}
