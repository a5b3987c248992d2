import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { UnitDescription } from "@sof-ts/firmware-image";
import { type LibraryProject, type ModuleProject, readManifest } from "./manifest.js";

/** Name of the file that describes a library. */
export const MANIFEST_FILE = "sof-module.json";

/** Folder of a project that everything is built into. */
export const BUILD_FOLDER = "build";

/** The modules that come from one source file: compiled, linked and loaded as one. */
export interface ProjectUnit {
  readonly source: string;
  readonly flags: readonly string[];
  /** Where its WebAssembly goes. */
  readonly wasmFile: string;
  readonly modules: readonly ModuleProject[];
}

/** A folder with a library in it. */
export interface Project extends LibraryProject {
  /** Absolute path. */
  readonly folder: string;
  readonly units: readonly ProjectUnit[];
  /** Where the library goes. */
  readonly imageFile: string;
}

/**
 * Reads the project in a folder.
 *
 * @throws InputError for a wrong manifest, or an error of the operating system when there is none
 */
export function readProject(folder: string): Project {
  const root = resolve(folder);
  const file = join(root, MANIFEST_FILE);
  const manifest = readManifest(readFileSync(file, "utf8"), join(folder, MANIFEST_FILE));
  const build = join(root, BUILD_FOLDER);
  const sources = [...new Set(manifest.modules.map(({ source }) => source))];
  const units = sources.map((source): ProjectUnit => {
    const modules = manifest.modules.filter((module) => module.source === source);
    const name = modules[0]?.name.toLowerCase() ?? "";
    return {
      source,
      flags: [...new Set(modules.flatMap(({ flags }) => flags))],
      wasmFile: join(build, `${name}.wasm`),
      modules,
    };
  });
  const imageFile = join(build, `${manifest.library.toLowerCase()}.ri`);
  return { ...manifest, folder: root, units, imageFile };
}

/** A unit as the image writer wants it. */
export function describeUnit(unit: ProjectUnit, wasm: Uint8Array): UnitDescription {
  return {
    text: wasm,
    auxiliary: unit.modules.every(({ auxiliary }) => auxiliary),
    exports: [...new Set(unit.modules.flatMap(({ offers }) => offers))],
    modules: unit.modules.map(({ name, uuid, maxInstances, domain, initConfig, configs }) => ({
      name,
      uuid,
      maxInstances,
      domain,
      initConfig,
      configs,
    })),
  };
}
