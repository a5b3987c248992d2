import { fileURLToPath } from "node:url";

/** Where this package's templates, headers and examples lie; both `src` and `dist` are one level below. */
export function kitFile(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}
