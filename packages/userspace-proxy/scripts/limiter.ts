import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** Flags of the AssemblyScript compiler. */
export const compilerFlags: readonly string[] = ["-O3", "--noAssert", "--runtime", "stub"];

/** Hash over all that decides the binary of the limiter. */
export function sourceHash(): string {
  const text = readFileSync(new URL("../assembly/limiter.ts", import.meta.url), "utf8");
  return createHash("sha256").update(text).update(compilerFlags.join(" ")).digest("hex");
}
