import type { ModuleDriver } from "@sof-ts/module-api";
import { builtinManifest } from "@sof-ts/modules";

/** The built-in modules by module id, as the base image's manifest lists them. */
export function defaultModules(): ReadonlyMap<number, ModuleDriver> {
  return new Map(builtinManifest.map(({ id, driver }) => [id, driver]));
}
