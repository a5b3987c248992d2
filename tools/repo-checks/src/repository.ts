import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repoRoot, type WorkspacePackage } from "@sof-ts/workspace";
import { parseSource, type SourceFile } from "./source-file.js";

/** A broken rule: where, and what to do about it. */
export interface Violation {
  /** `path` or `path:line`. */
  readonly where: string;
  readonly message: string;
}

/** Makes the one line per violation that a failing check shows. */
export function report(violations: readonly Violation[]): readonly string[] {
  return violations.map(({ where, message }) => `${where}: ${message}`).sort();
}

/** Every file that is committed or would be: what git knows plus what it does not ignore. */
export function committedFiles(root: string = repoRoot): readonly string[] {
  const listed = execFileSync(
    "git",
    ["ls-files", "--cached", "--others", "--exclude-standard", "-z"],
    {
      cwd: root,
      encoding: "utf8",
      maxBuffer: 1 << 26,
    },
  );
  const files = new Set(
    listed.split("\0").filter((path) => path !== "" && existsSync(join(root, path))),
  );
  return [...files].sort();
}

/** The text of a committed file, or undefined for a binary one. */
export function readText(path: string, root: string = repoRoot): string | undefined {
  const bytes = readFileSync(join(root, path));
  return bytes.includes(0) ? undefined : bytes.toString("utf8");
}

let parsed: readonly SourceFile[] | undefined;

/** Every TypeScript file of the workspace's packages, parsed once per test process. */
export function sourceFiles(): readonly SourceFile[] {
  parsed ??= committedFiles()
    .filter(
      (path) => /^(packages|apps|tools)\/[^/]+\/.+\.ts$/.test(path) && !path.endsWith(".d.ts"),
    )
    // AssemblyScript is another language: it only looks like TypeScript.
    .filter((path) => !/^packages\/[^/]+\/(.+\/)?assembly\//.test(path))
    .map((path) => parseSource(path, readText(path) ?? ""));
  return parsed;
}

/** The package that a path lies in. */
export function packageOf(
  path: string,
  packages: readonly WorkspacePackage[],
): WorkspacePackage | undefined {
  return packages.find((candidate) => path.startsWith(`${candidate.path}/`));
}
