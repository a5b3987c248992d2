import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { InputError } from "@sof-ts/kit";

/**
 * Checks that a file can be written before work goes into what it shall hold.
 *
 * @throws InputError when its folder does not exist or it is a folder itself
 */
export function checkWritable(path: string): void {
  const folder = dirname(path);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new InputError(`${folder} is not a folder`, { source: path, remedy: "Make it first" });
  }
  if (existsSync(path) && statSync(path).isDirectory()) {
    throw new InputError("is a folder", { source: path, remedy: "Name a file" });
  }
}

/**
 * Writes a file whole or not at all: the bytes go to a file beside it, which takes its name when they are
 * complete.
 */
export function writeWhole(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  const partial = join(dirname(path), `.${basename(path)}.part`);
  try {
    writeFileSync(partial, bytes);
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}
