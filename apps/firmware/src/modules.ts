import type { ModuleDriver } from "@sof-ts/module-api";
import { builtinModules } from "@sof-ts/modules";

/** The built-in modules by module id, as the base image's manifest lists them. */
export function defaultModules(): ReadonlyMap<number, ModuleDriver> {
  return new Map(builtinModules.map(({ moduleId, driver }) => [moduleId, driver]));
}
