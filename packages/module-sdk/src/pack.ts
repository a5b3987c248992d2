import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type ImageSigner, nodeImageCrypto, writeLibrary } from "@sof-ts/firmware-image";
import { InputError } from "@sof-ts/kit";
import { shown } from "./build.js";
import { describeUnit, type Project } from "./project.js";

/**
 * Reads the private key that a library is signed with.
 *
 * @throws InputError when the file holds no RSA key of 3072 bits
 */
export function readSigner(keyFile: string): ImageSigner {
  return nodeImageCrypto().signer(readFileSync(keyFile, "utf8"), keyFile);
}

/**
 * Packs what was built into one library image. The same sources and key give the same bytes.
 *
 * @param signer none leaves the library unsigned
 * @throws InputError when something is not built
 */
export function packProject(project: Project, signer?: ImageSigner): Uint8Array {
  const units = project.units.map((unit) => {
    if (!existsSync(unit.wasmFile)) {
      throw new InputError("it is not built", {
        source: shown(unit.wasmFile),
        remedy: "Run `sof-module build` first",
      });
    }
    return describeUnit(unit, new Uint8Array(readFileSync(unit.wasmFile)));
  });
  return writeLibrary({ name: project.library, version: project.version, units }, signer);
}

/** Packs a project and writes the image. @returns its path */
export function writePacked(
  project: Project,
  signer: ImageSigner | undefined,
  to?: string,
): string {
  const file = to ?? project.imageFile;
  writeFileSync(file, packProject(project, signer));
  return file;
}
