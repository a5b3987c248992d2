import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ImageSigner, nodeImageCrypto } from "@sof-ts/firmware-image";
import { buildProject, type Project, readProject } from "../src/index.js";
import { compileInProcess } from "./compile-in-process.js";
import { prebuiltExample } from "../scripts/prebuilt.js";

const scratch: string[] = [];

/** A folder that {@link removeScratch} takes away. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "module-sdk-"));
  scratch.push(folder);
  return folder;
}

export function removeScratch(): void {
  for (const folder of scratch.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** An example, built in a folder of its own: AssemblyScript is compiled, C is there already. */
export async function builtExample(name: string): Promise<Project> {
  const folder = join(scratchFolder(), name);
  cpSync(prebuiltExample(name), folder, { recursive: true });
  const prebuilt = join(folder, "prebuilt");
  if (existsSync(prebuilt)) {
    mkdirSync(join(folder, "build"), { recursive: true });
    cpSync(prebuilt, join(folder, "build"), { recursive: true });
    return readProject(folder);
  }
  const project = readProject(folder);
  await buildProject(project, compileInProcess);
  return project;
}

const rsa = nodeImageCrypto();
let made: ImageSigner | undefined;

/** One key for all tests of a file: making one takes long. */
export function signer(): ImageSigner {
  made ??= rsa.signer(rsa.generateKey(), "development");
  return made;
}
