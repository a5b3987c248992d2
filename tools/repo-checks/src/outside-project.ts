import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readWorkspace, repoRoot } from "@sof-ts/workspace";

/** The packages that are published, as the workspace lists them. */
export const published = readWorkspace().packages.filter(
  ({ manifest }) => manifest.private !== true,
);

/** What a command came to. */
export interface CommandResult {
  readonly ok: boolean;
  readonly text: string;
}

/** Runs a command to its end. `npx` and its like are scripts on Windows. */
export function command(cwd: string, name: string, args: readonly string[]): CommandResult {
  const run = spawnSync(name, args, { cwd, encoding: "utf8", shell: process.platform === "win32" });
  return { ok: run.status === 0, text: `${run.error?.message ?? ""}${run.stdout}${run.stderr}` };
}

/** @throws Error with what the command said when it fails */
function mustRun(cwd: string, name: string, args: readonly string[]): void {
  const { ok, text } = command(cwd, name, args);
  if (!ok) throw new Error(`${name} ${args.join(" ")}: ${text}`);
}

/**
 * A project outside the workspace that has every published package as npm would give it to anybody: packed, and
 * installed from the archives. The packages are built before.
 *
 * @param folder empty folder for it
 */
export function makeOutsideProject(folder: string): void {
  const archives = join(folder, "archives");
  mkdirSync(archives);
  const filters = published.flatMap(({ name }) => ["--filter", name]);
  const pack = ["-r", ...filters, "pack", "--pack-destination", archives];
  mustRun(repoRoot, "npx", ["--yes", "pnpm@12", ...pack]);
  const files = readdirSync(archives);
  const archiveOf = (name: string): string => {
    const stem = name.replace("@", "").replace("/", "-");
    const file = files.find((each) => each.replace(/-\d+\.\d+\.\d+.*\.tgz$/, "") === stem);
    if (file === undefined) throw new Error(`${name} was not packed`);
    return `file:archives/${file}`;
  };
  const packages = Object.fromEntries(published.map(({ name }) => [name, archiveOf(name)]));
  writeFileSync(
    join(folder, "package.json"),
    // Nothing is on the registry under these names yet: what asks for a version gets the archive, too.
    JSON.stringify({ type: "module", private: true, dependencies: packages, overrides: packages }),
  );
  mustRun(folder, "npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"]);
}

/** Where the repository's compiler is; the project checks what was installed with it. */
export const compiler = join(repoRoot, "node_modules/typescript/bin/tsc");
