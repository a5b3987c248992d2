import {
  codeSection,
  configsOf,
  type FirmwareImage,
  type ModuleEntry,
} from "@sof-ts/firmware-image";
import type { ModuleManifest } from "@sof-ts/module-api";
import type { IsolatedProgram } from "@sof-ts/wasm-sandbox";
import { linkProgram } from "./linking.js";

/** A module of a library whose code the sandbox can run. */
export interface LoadedModule {
  readonly manifest: ModuleManifest;
  readonly program: IsolatedProgram;
  /** Which module of its file it is. */
  readonly index: number;
}

/**
 * Compiles the WebAssembly units of an image for the sandbox, as the firmware does when it links them. What a unit
 * calls has to be in the same image.
 *
 * @returns its modules; none for an image of Xtensa code
 * @throws InputError for code that the sandbox refuses
 */
export function loadModules(image: FirmwareImage): readonly LoadedModule[] {
  const units = image.units
    .filter(({ code }) => code === "wasm")
    .map((unit) => ({
      unit,
      source: `${image.source}, code of ${unit.modules.map(({ name }) => name).join(", ")}`,
      wasm: codeSection(unit)?.bytes ?? new Uint8Array(0),
      offers: unit.exports.map(({ name }) => name),
    }));
  return units
    .filter(({ unit }) => !unit.auxiliary)
    .flatMap((linkable) => {
      const program = linkProgram(linkable, units);
      return linkable.unit.modules.map((entry, index) => ({
        manifest: manifestOf(image, entry),
        program,
        index,
      }));
    });
}

function manifestOf(image: FirmwareImage, entry: ModuleEntry): ModuleManifest {
  const { name, uuid, type, maxInstances } = entry;
  return {
    name,
    uuid,
    initConfig: type.initConfig === 1 ? "base+ext" : "base",
    maxInstances,
    domain: type.dataProcessing ? "DP" : "LL",
    configs: configsOf(image, entry).map(({ ibs, obs, cpc }) => ({ ibs, obs, cpc })),
  };
}
