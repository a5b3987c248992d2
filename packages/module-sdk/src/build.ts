import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import type { FirmwareImage } from "@sof-ts/firmware-image";
import { linkFunctions, linkProgram } from "./check/linking.js";
import { linkableUnits } from "./check/loaded-modules.js";
import { type AssemblyScriptCompiler, compileAssemblyScript } from "./compile-assemblyscript.js";
import { compileC } from "./compile-c.js";
import type { Project, ProjectUnit } from "./project.js";

/** A unit that was compiled. */
export interface BuiltUnit {
  readonly unit: ProjectUnit;
  readonly wasm: Uint8Array;
}

/**
 * Compiles one unit.
 *
 * @param compile in place of a compiler in a process of its own, which takes seconds to start
 * @throws InputError from the compiler
 */
export async function compileUnit(
  folder: string,
  unit: ProjectUnit,
  compile: AssemblyScriptCompiler = compileAssemblyScript,
): Promise<Uint8Array> {
  const { source, flags } = unit;
  return source.endsWith(".c")
    ? compileC(folder, source, flags)
    : await compile(folder, source, flags);
}

/**
 * Compiles everything in a project, checks that the sandbox takes it and writes it into its build folder.
 *
 * @param others libraries whose functions its modules may call, beside those of the project
 * @throws InputError from the compiler, or for a module that lacks a part of the interface or what it calls
 */
export async function buildProject(
  project: Project,
  compile: AssemblyScriptCompiler = compileAssemblyScript,
  others: readonly FirmwareImage[] = [],
): Promise<readonly BuiltUnit[]> {
  const built: BuiltUnit[] = [];
  for (const unit of project.units) {
    built.push({ unit, wasm: await compileUnit(project.folder, unit, compile) });
  }
  const linkable = built.map(({ unit: { source, modules }, wasm }) => ({
    source,
    wasm,
    offers: modules.flatMap(({ offers }) => offers),
    auxiliary: modules.every(({ auxiliary }) => auxiliary),
  }));
  const libraries = [linkable, ...others.map(linkableUnits)];
  for (const unit of linkable) {
    if (unit.auxiliary) linkFunctions(unit, libraries);
    else linkProgram(unit, libraries);
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
