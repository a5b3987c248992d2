import { parseSync, type Program, Visitor } from "oxc-parser";

/** What a file is for; the rules differ by it. */
export type Role = "source" | "test" | "bench" | "config";

/** One module specifier in a file. */
export interface ImportReference {
  readonly specifier: string;
  readonly line: number;
  /** Erased by the compiler: `import type`, `export type … from`, `import("x").T`. */
  readonly typeOnly: boolean;
}

/** One thing that a file exports, as far as the rules need it. */
export interface ExportReference {
  readonly kind: "named" | "default" | "star";
  /** Re-exported from another module. */
  readonly from: string | undefined;
  readonly line: number;
}

/** A parsed TypeScript file of the workspace. */
export interface SourceFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly role: Role;
  readonly text: string;
  readonly program: Program;
  readonly imports: readonly ImportReference[];
  readonly exports: readonly ExportReference[];
  /** @returns the 1-based line of an offset in `text` */
  lineAt(offset: number): number;
}

/** Tells the role of a file from its path in its package. */
function roleOf(path: string): Role {
  if (path.endsWith(".test.ts")) return "test";
  const folder = path.split("/")[2] ?? "";
  if (folder === "test") return "test";
  if (folder === "bench") return "bench";
  return folder === "src" ? "source" : "config";
}

/**
 * Parses a file. A dynamic import counts when its specifier is a literal.
 *
 * @throws Error for text that is not TypeScript
 */
export function parseSource(path: string, text: string): SourceFile {
  const { program, module, errors } = parseSync(path, text);
  const [first] = errors;
  if (first) throw new Error(`${path}: ${first.message}`);
  const lineAt = lineFinder(text);
  const imports: ImportReference[] = [];
  const exports: ExportReference[] = [];

  for (const statement of module.staticImports) {
    const typeOnly =
      statement.entries.length > 0 && statement.entries.every((entry) => entry.isType);
    imports.push({
      specifier: statement.moduleRequest.value,
      line: lineAt(statement.start),
      typeOnly,
    });
  }
  for (const statement of module.staticExports) {
    const line = lineAt(statement.start);
    for (const entry of statement.entries) {
      const star = entry.importName.kind === "All" || entry.importName.kind === "AllButDefault";
      const isDefault = entry.exportName.kind === "Default" || entry.exportName.name === "default";
      const kind = star ? "star" : isDefault ? "default" : "named";
      exports.push({ kind, from: entry.moduleRequest?.value, line });
    }
    const request = statement.entries[0]?.moduleRequest;
    if (request) {
      const typeOnly = statement.entries.every((entry) => entry.isType);
      imports.push({ specifier: request.value, line, typeOnly });
    }
  }
  new Visitor({
    ImportExpression(node) {
      if (node.source.type === "Literal" && typeof node.source.value === "string") {
        imports.push({ specifier: node.source.value, line: lineAt(node.start), typeOnly: false });
      }
    },
    TSImportType(node) {
      imports.push({ specifier: node.source.value, line: lineAt(node.start), typeOnly: true });
    },
  }).visit(program);
  return { path, role: roleOf(path), text, program, imports, exports, lineAt };
}

function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    const next = starts.findIndex((start) => start > offset);
    return next < 0 ? starts.length : next;
  };
}
