import { Visitor } from "oxc-parser";
import type { Violation } from "../repository.js";
import type { SourceFile } from "../source-file.js";

/** `export *` and default exports: a reader cannot see from the file what the package offers. */
export function exportViolations(file: SourceFile): readonly Violation[] {
  // The tools that read configuration files ask for a default export.
  if (file.role === "config") return [];
  return file.exports.flatMap(({ kind, line }) => {
    const where = `${file.path}:${line}`;
    if (kind === "star")
      return [{ where, message: "export * hides what is exported; list the names" }];
    if (kind === "default") return [{ where, message: "default export; export a name" }];
    return [];
  });
}

/** An index file holds re-exports and nothing else. */
export function indexViolations(file: SourceFile): readonly Violation[] {
  if (!/^(packages|apps|tools)\/[^/]+\/src\/index\.ts$/.test(file.path)) return [];
  return file.program.body
    .filter(
      (statement) => statement.type !== "ExportNamedDeclaration" || statement.declaration !== null,
    )
    .map((statement) => ({
      where: `${file.path}:${file.lineAt(statement.start)}`,
      message: "index.ts holds only export { … } from",
    }));
}

/**
 * ES private names. Firmware objects are wrapped in a Proxy in the checked build, and a Proxy has no
 * private names of its target; TypeScript's `private` is erased and works.
 */
export function privateNameViolations(file: SourceFile): readonly Violation[] {
  const violations: Violation[] = [];
  new Visitor({
    PrivateIdentifier(node) {
      const where = `${file.path}:${file.lineAt(node.start)}`;
      violations.push({ where, message: `#${node.name}: use TypeScript's private` });
    },
  }).visit(file.program);
  return violations;
}
