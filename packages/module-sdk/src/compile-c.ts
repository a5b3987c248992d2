import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError } from "@sof-ts/kit";
import { kitFile } from "./kit-files.js";

/** Instructions that every module may use: WebAssembly's first version and what all engines have had since. */
const features: readonly string[] = [
  "-mcpu=mvp",
  "-mbulk-memory",
  "-mnontrapping-fptoint",
  "-msign-ext",
  "-mmutable-globals",
];

/** Flags for every module in C. The stack lies in the module's memory and is as large as the sandbox's. */
export const clangFlags: readonly string[] = [
  "--target=wasm32-unknown-unknown",
  ...features,
  "-std=c11",
  // For the compiler alone: told to optimise as a whole, clang runs any wasm-opt that it finds after the linker,
  // such as that of an AssemblyScript installation, which refuses the instructions above.
  "-Xclang",
  "-O3",
  "-ffreestanding",
  "-nostdlib",
  "-fvisibility=hidden",
  "-Wall",
  "-Wextra",
  "-Werror",
  "-Wl,--no-entry",
  "-Wl,--export-dynamic",
  "-Wl,--strip-all",
  "-Wl,-z,stack-size=32768",
];

const candidates = ["clang", ...[21, 20, 19, 18, 17, 16, 15, 14].map((n) => `clang-${n}`)];

/** A compiler for C that was found. */
export interface Clang {
  readonly command: string;
  /** First line of `--version`. */
  readonly version: string;
}

/**
 * Finds clang: what the environment variable CLANG names, else `clang`, else `clang-21` down to `clang-14`.
 *
 * @returns null when there is none; it is an optional tool
 */
export function findClang(env: NodeJS.ProcessEnv = process.env): Clang | null {
  const named = env["CLANG"];
  for (const command of named === undefined ? candidates : [named]) {
    const { status, stdout } = spawnSync(command, ["--version"], { encoding: "utf8" });
    if (status === 0) return { command, version: stdout.split("\n")[0] ?? "" };
  }
  return null;
}

/**
 * Compiles a module in C with clang and links it with its `wasm-ld`.
 *
 * @param source file, relative to `folder`
 * @returns WebAssembly
 * @throws InputError when there is no clang, or with what it says
 */
export function compileC(
  folder: string,
  source: string,
  flags: readonly string[],
  clang = findClang(),
): Uint8Array {
  if (clang === null) {
    throw new InputError("there is no clang to compile it", {
      source,
      remedy: "Install clang and lld (Debian: apt install clang lld), or set CLANG to its path",
    });
  }
  const scratch = mkdtempSync(join(tmpdir(), "sof-module-"));
  try {
    const out = join(scratch, "out.wasm");
    const includes = [`-I${join(folder, "include")}`, `-I${kitFile("include")}`];
    const args = [...clangFlags, ...flags, ...includes, "-o", out, source];
    const { status, stderr } = spawnSync(clang.command, args, { cwd: folder, encoding: "utf8" });
    if (status !== 0) {
      throw new InputError(`${clang.version} refuses it:\n${stderr.trim()}`, {
        source,
        remedy: stderr.includes("wasm-ld") ? "Install lld of the same version" : undefined,
      });
    }
    return new Uint8Array(readFileSync(out));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
