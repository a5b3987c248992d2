import { readFileSync } from "node:fs";
import { InputError } from "@sof-ts/kit";

/**
 * Reads a file that the user named.
 *
 * @throws InputError for a folder, whose own error does not say its name; an error of the file system when the
 *   file cannot be read
 */
export function readUserFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EISDIR") throw error;
    throw new InputError("is a directory", { source: path, remedy: "Name a file in it" });
  }
}
