import { isBuiltin } from "node:module";
import { posix } from "node:path";
import { type Manifest, scope, type WorkspacePackage } from "@sof-ts/workspace";
import type { Violation } from "../repository.js";
import type { ImportReference, SourceFile } from "../source-file.js";
import { direction, isBelow } from "./layers.js";

/** What the import rules look at besides the file. */
export interface ImportContext {
  readonly owner: WorkspacePackage;
  /** Its devDependencies serve tests, benches and configuration of every package. */
  readonly rootManifest: Manifest;
  /** Paths of all files, relative to the root. */
  readonly files: ReadonlySet<string>;
  /** Relative imports that may leave the package: `importing file -> imported file`. */
  readonly crossings: ReadonlySet<string>;
}

/** Resolves a relative specifier as the bundler does: `./x.js` is `./x.ts`. */
export function resolveRelative(
  from: string,
  specifier: string,
  files: ReadonlySet<string>,
): string | undefined {
  const target = posix.join(posix.dirname(from), specifier);
  const source = target.replace(/\.js$/, ".ts");
  return files.has(source) ? source : files.has(target) ? target : undefined;
}

/** The npm package that a bare specifier names. */
function packageNameOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** Imports of one file that break a rule: undeclared, sideways, out of the package, unresolvable. */
export function importViolations(file: SourceFile, context: ImportContext): readonly Violation[] {
  return file.imports.flatMap((reference) => {
    const message = reference.specifier.startsWith(".")
      ? relativeProblem(file, reference, context)
      : bareProblem(file, reference, context);
    return message === undefined ? [] : [{ where: `${file.path}:${reference.line}`, message }];
  });
}

/** The relative imports of a file that leave its package, as the allow-list writes them. */
export function crossingsOf(
  file: SourceFile,
  owner: WorkspacePackage,
  files: ReadonlySet<string>,
): readonly string[] {
  return file.imports
    .filter(({ specifier }) => specifier.startsWith("."))
    .map(({ specifier }) => resolveRelative(file.path, specifier, files))
    .filter((target) => target !== undefined && !target.startsWith(`${owner.path}/`))
    .map((target) => `${file.path} -> ${target}`);
}

function relativeProblem(
  file: SourceFile,
  { specifier }: ImportReference,
  { owner, files, crossings }: ImportContext,
): string | undefined {
  const target = resolveRelative(file.path, specifier, files);
  if (target === undefined) return `"${specifier}" does not resolve to a file (write "./name.js")`;
  if (specifier.endsWith(".ts") && file.role !== "config")
    return `"${specifier}": write .js, not .ts`;
  const inside = target.startsWith(`${owner.path}/`);
  if (!inside && file.role !== "config" && !crossings.has(`${file.path} -> ${target}`)) {
    return `"${specifier}" leaves the package; import "${scope}…" instead`;
  }
  if (file.role === "source" && inside && !target.startsWith(`${owner.path}/src/`)) {
    return `"${specifier}": sources import sources only`;
  }
  if (file.role === "source" && target.endsWith(".test.ts")) {
    return `"${specifier}": sources do not import tests`;
  }
  return undefined;
}

function bareProblem(
  file: SourceFile,
  { specifier }: ImportReference,
  { owner, rootManifest }: ImportContext,
): string | undefined {
  if (isBuiltin(specifier)) {
    return specifier.startsWith("node:") ? undefined : `"${specifier}": write "node:${specifier}"`;
  }
  const dependency = packageNameOf(specifier);
  if (dependency === owner.name) {
    // A README's example imports the package as its readers do, and a test runs it.
    if (file.role === "test" && specifier === owner.name) return undefined;
    return `"${specifier}": a package imports itself by name in tests only, and only its root`;
  }
  if (dependency.startsWith(scope)) {
    if (specifier !== dependency) return `"${specifier}": import the root of a package only`;
    if (!isBelow(dependency, owner.name)) return direction(dependency, owner.name);
  }
  const { manifest } = owner;
  const runtime = {
    ...manifest.dependencies,
    ...manifest.peerDependencies,
    ...manifest.optionalDependencies,
  };
  if (dependency in runtime) return undefined;
  if (file.role === "source") {
    return `"${dependency}" is not in dependencies of ${owner.path}/package.json`;
  }
  if (dependency in { ...manifest.devDependencies, ...rootManifest.devDependencies })
    return undefined;
  return `"${dependency}" is neither a dependency of ${owner.path} nor a devDependency of the root`;
}
