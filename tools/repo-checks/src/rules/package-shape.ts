import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { scope, type WorkspacePackage } from "@sof-ts/workspace";
import type { Violation } from "../repository.js";

const packageExports = {
  ".": {
    "@sof-ts/source": "./src/index.ts",
    types: "./dist/index.d.ts",
    import: "./dist/index.js",
  },
  "./package.json": "./package.json",
};

/** A field that every published package has, with this value. */
const publishedFields: readonly (readonly [string, unknown])[] = [
  ["private", undefined],
  ["license", "Apache-2.0"],
  ["type", "module"],
  ["engines", { node: ">=20.19" }],
  ["exports", packageExports],
];

/** Every published package has these scripts, whatever they do. */
const publishedScripts = ["build", "typecheck", "check:package"];

/** Reads a file of a package; injected so that the rule can be tested without a disk. */
export type ReadPackageFile = (pkg: WorkspacePackage, path: string) => string | undefined;

const readPackageFile: ReadPackageFile = ({ dir }, path) =>
  existsSync(join(dir, path)) ? readFileSync(join(dir, path), "utf8") : undefined;

/** What a package lacks: fields of its manifest, its README, its closed exports. */
export function shapeViolations(
  pkg: WorkspacePackage,
  read: ReadPackageFile = readPackageFile,
): readonly Violation[] {
  const { manifest, path } = pkg;
  const problems: string[] = [];
  if (pkg.name !== `${scope}${path.split("/")[1]}`)
    problems.push(`is named ${pkg.name}, not as its folder`);
  if (!manifest.description) problems.push("has no description");
  problems.push(...(pkg.group === "tools" ? toolProblems(pkg) : publishedProblems(pkg)));
  problems.push(...readmeProblems(pkg, read(pkg, "README.md")));
  return problems.map((message) => ({ where: path, message }));
}

function toolProblems({ manifest }: WorkspacePackage): string[] {
  return manifest.private === true ? [] : ["a tool is not published: set private"];
}

function publishedProblems({ manifest }: WorkspacePackage): string[] {
  const fields = manifest as unknown as Readonly<Record<string, unknown>>;
  const problems = publishedFields
    .filter(([field, value]) => !isDeepStrictEqual(fields[field], value))
    .map(([field, value]) => `package.json: ${field} must be ${JSON.stringify(value) ?? "absent"}`);
  for (const script of publishedScripts) {
    if (!manifest.scripts?.[script]) problems.push(`package.json: no script ${script}`);
  }
  for (const file of ["dist", "src", "README.md"]) {
    if (!manifest.files?.includes(file)) problems.push(`package.json: files lacks ${file}`);
  }
  if (manifest.sideEffects === undefined) problems.push("package.json: sideEffects is not stated");
  return problems;
}

function readmeProblems(
  { name, manifest, group }: WorkspacePackage,
  readme: string | undefined,
): string[] {
  if (readme === undefined) return ["has no README.md"];
  const problems: string[] = [];
  if (!readme.startsWith(`# ${name}\n`)) problems.push(`README.md does not start with "# ${name}"`);
  if (group !== "tools" && !readme.includes("```")) problems.push("README.md has no example");
  for (const dependency of Object.keys(manifest.dependencies ?? {})) {
    if (!dependency.startsWith(scope) && !readme.includes(dependency)) {
      problems.push(`README.md does not say why it needs ${dependency}`);
    }
  }
  return problems;
}
