import type { Violation } from "../repository.js";

/** Past this many lines a file needs a reason in the allow-list. */
const softLimit = 400;
/** No file is longer than this. */
const hardLimit = 600;

/** A file and its length in lines. */
export interface FileSize {
  readonly path: string;
  readonly lines: number;
}

/** Files that are too long, and reasons that no file needs any more. */
export function sizeViolations(
  files: readonly FileSize[],
  reasons: Readonly<Record<string, string>>,
): readonly Violation[] {
  // An index file is a list of names; another check holds it to that.
  const long = files.filter(
    ({ path, lines }) => lines > (path.endsWith("/src/index.ts") ? hardLimit : softLimit),
  );
  const tooLong = long.flatMap(({ path, lines }) => {
    if (lines > hardLimit)
      return [{ where: path, message: `${lines} lines; ${hardLimit} is the limit` }];
    if (path in reasons) return [];
    return [{ where: path, message: `${lines} lines; split it, or say why not in allow-lists.ts` }];
  });
  const stale = Object.keys(reasons)
    .filter((path) => !long.some((file) => file.path === path))
    .map((path) => ({ where: path, message: `not over ${softLimit} lines; remove its reason` }));
  return [...tooLong, ...stale];
}
