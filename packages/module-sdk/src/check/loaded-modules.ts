import {
  codeSection,
  configsOf,
  type FirmwareImage,
  type LibraryUnit,
  type ModuleEntry,
} from "@sof-ts/firmware-image";
import type { ModuleManifest } from "@sof-ts/module-api";
import type { IsolatedProgram } from "@sof-ts/wasm-sandbox";
import { type LinkableUnit, linkProgram } from "./linking.js";

/** A module of a library whose code the sandbox can run. */
export interface LoadedModule {
  readonly manifest: ModuleManifest;
  readonly program: IsolatedProgram;
  /** Which module of its file it is. */
  readonly index: number;
}

/** A unit of an image that others can be linked with. */
export interface ImageUnit extends LinkableUnit {
  readonly unit: LibraryUnit;
}

/** The WebAssembly units of an image; none for an image of Xtensa code. */
export function linkableUnits(image: FirmwareImage): readonly ImageUnit[] {
  return image.units
    .filter(({ code }) => code === "wasm")
    .map((unit) => ({
      unit,
      source: `${image.source}, code of ${unit.modules.map(({ name }) => name).join(", ")}`,
      wasm: codeSection(unit)?.bytes ?? new Uint8Array(0),
      offers: unit.exports.map(({ name }) => name),
    }));
}

/**
 * Compiles the WebAssembly units of an image for the sandbox, as the firmware does when it links them.
 *
 * @param others libraries that are loaded beside it, which have what its units call and it does not have itself
 * @returns its modules; none for an image of Xtensa code
 * @throws InputError for code that the sandbox refuses
 */
export function loadModules(
  image: FirmwareImage,
  others: readonly FirmwareImage[] = [],
): readonly LoadedModule[] {
  const units = linkableUnits(image);
  const libraries = [units, ...others.map(linkableUnits)];
  return units
    .filter(({ unit }) => !unit.auxiliary)
    .flatMap((linkable) => {
      const program = linkProgram(linkable, libraries);
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
