import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { clangFlags } from "../src/compile-c.js";
import { kitFile } from "../src/kit-files.js";

/** What decides a binary that is checked in. */
export interface BuiltWith {
  readonly compiler: string;
  readonly flags: readonly string[];
  /** SHA-256 over the source and the header. */
  readonly sources: string;
}

export function builtWith(compiler: string, source: string): BuiltWith {
  const header = readFileSync(kitFile("include/sof_module.h"), "utf8");
  const sources = createHash("sha256").update(source).update(header).digest("hex");
  return { compiler, flags: clangFlags, sources };
}

/** Folder of an example. */
export const prebuiltExample = (name: string): string => kitFile(`examples/${name}`);
