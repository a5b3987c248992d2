import { InputError } from "@sof-ts/kit";
import type { PlatformDescription, PlatformName } from "./platform.js";
import { lnl } from "./platforms/lnl.js";
import { mtl } from "./platforms/mtl.js";
import { ptl } from "./platforms/ptl.js";
import { tgl } from "./platforms/tgl.js";

const platforms: Readonly<Record<PlatformName, PlatformDescription>> = { tgl, mtl, lnl, ptl };

/** Names that {@link describePlatform} knows, oldest first. */
export const platformNames: readonly PlatformName[] = ["tgl", "mtl", "lnl", "ptl"];

/** The platform that programs model when they are not told: the first of ACE. */
export const defaultPlatform: PlatformName = "mtl";

/**
 * Looks a platform up by the name that SOF's build system gives it.
 *
 * @throws InputError for an unknown name, listing those that are known
 */
export function describePlatform(name: string): PlatformDescription {
  const known = platformNames.find((candidate) => candidate === name);
  if (known === undefined) {
    throw new InputError(`no platform "${name}"`, {
      remedy: `Known platforms: ${platformNames.join(", ")}`,
    });
  }
  return platforms[known];
}
