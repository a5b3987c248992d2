import { readFileSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "@sof-ts/kit";
import { type AssemblyScriptCompiler, assemblyScriptFlags } from "../src/index.js";

/** The compiler that users have, without a process for each time: a second for all in place of two for each. */
export const compileInProcess: AssemblyScriptCompiler = async (folder, source, flags) => {
  const { main: compile } = await import("assemblyscript/asc");
  let binary: Uint8Array | undefined;
  const { error, stderr } = await compile(
    [source, "--outFile", "out.wasm", ...assemblyScriptFlags, ...flags],
    {
      readFile(name) {
        try {
          return readFileSync(join(folder, name), "utf8");
        } catch {
          return null;
        }
      },
      writeFile(name, contents) {
        if (name === "out.wasm" && typeof contents !== "string") binary = contents;
      },
    },
  );
  if (error === null && binary !== undefined) return binary;
  throw new InputError(`AssemblyScript refuses it:\n${String(stderr).trim()}`, { source });
};
