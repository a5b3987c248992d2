import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { IsolatedProgram } from "@sof-ts/wasm-sandbox";
import { compileAssemblyScript } from "./compile-assemblyscript.js";
import { compileC } from "./compile-c.js";
import type { Project, ProjectUnit } from "./project.js";

/** A unit that was compiled. */
export interface BuiltUnit {
  readonly unit: ProjectUnit;
  readonly wasm: Uint8Array;
}

/**
 * Compiles one unit and checks that the sandbox takes the result.
 *
 * @throws InputError from the compiler, or for a module that lacks a part of the interface
 */
export function compileUnit(folder: string, unit: ProjectUnit): Uint8Array {
  const { source, flags } = unit;
  const wasm = source.endsWith(".c")
    ? compileC(folder, source, flags)
    : compileAssemblyScript(folder, source, flags);
  IsolatedProgram.load(wasm, source);
  return wasm;
}

/** Compiles everything in a project and writes it into its build folder. @throws InputError */
export function buildProject(project: Project): readonly BuiltUnit[] {
  const built: BuiltUnit[] = [];
  for (const unit of project.units) {
    built.push({ unit, wasm: compileUnit(project.folder, unit) });
  }
  for (const { unit, wasm } of built) {
    mkdirSync(dirname(unit.wasmFile), { recursive: true });
    writeFileSync(unit.wasmFile, wasm);
  }
  return built;
}

/** A path as people want to see it. */
export function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short === "" ? "." : short.startsWith("..") ? path : short;
}
