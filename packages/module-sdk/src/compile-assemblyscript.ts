import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { InputError } from "@sof-ts/kit";

/** Flags for every module; `stub` is the runtime that never frees, which is all that a module needs. */
export const assemblyScriptFlags: readonly string[] = ["-O3", "--noAssert", "--runtime", "stub"];

/**
 * Compiles an AssemblyScript module.
 *
 * @param source file, relative to `folder`
 * @param flags besides {@link assemblyScriptFlags}
 * @throws InputError with what the compiler says
 */
export type AssemblyScriptCompiler = (
  folder: string,
  source: string,
  flags: readonly string[],
) => Uint8Array | Promise<Uint8Array>;

const require = createRequire(import.meta.url);

/** The compiler's program; it is a dependency of this package. */
function compiler(): string {
  return join(dirname(require.resolve("assemblyscript/package.json")), "bin", "asc.js");
}

/**
 * Compiles an AssemblyScript module, in a process of its own: the compiler takes a while to load.
 *
 * @param source file, relative to `folder`
 * @returns WebAssembly
 * @throws InputError with what the compiler says
 */
export function compileAssemblyScript(
  folder: string,
  source: string,
  flags: readonly string[],
): Uint8Array {
  const scratch = mkdtempSync(join(tmpdir(), "sof-module-"));
  try {
    const out = join(scratch, "out.wasm");
    const args = [source, "--outFile", out, ...assemblyScriptFlags, ...flags];
    const { status, stderr, stdout } = spawnSync(process.execPath, [compiler(), ...args], {
      cwd: folder,
      encoding: "utf8",
    });
    if (status !== 0) {
      throw new InputError(`AssemblyScript refuses it:\n${(stderr || stdout).trim()}`, { source });
    }
    return new Uint8Array(readFileSync(out));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
