import type { SourceFile } from "../source-file.js";
import type { Violation } from "../repository.js";
import { resolveRelative } from "./imports.js";

/**
 * Import cycles between files. Type-only imports do not count: they are erased, so they cannot make the
 * order of evaluation matter.
 *
 * @returns one violation for each strongly connected group of files
 */
export function cycleViolations(files: readonly SourceFile[]): readonly Violation[] {
  const paths = new Set(files.map((file) => file.path));
  const edges = new Map(
    files.map((file) => [
      file.path,
      file.imports
        .filter((reference) => reference.specifier.startsWith(".") && !reference.typeOnly)
        .map((reference) => resolveRelative(file.path, reference.specifier, paths))
        .filter((target) => target !== undefined),
    ]),
  );
  return components(edges)
    .filter((group) => group.length > 1 || edges.get(group[0] ?? "")?.includes(group[0] ?? ""))
    .map((group) => ({
      where: group[0] ?? "",
      message: `import cycle: ${[...group, group[0]].join(" -> ")}`,
    }));
}

/** Strongly connected components (Tarjan 1972), each in the order of its edges as far as they form a ring. */
function components(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];

  const visit = (node: string): void => {
    const own = index.size;
    index.set(node, own);
    low.set(node, own);
    stack.push(node);
    for (const next of edges.get(node) ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) {
        low.set(node, Math.min(low.get(node) ?? own, low.get(next) ?? own));
      }
    }
    if (low.get(node) === own) found.push(stack.splice(stack.indexOf(node)));
  };
  for (const node of edges.keys()) if (!index.has(node)) visit(node);
  return found;
}
