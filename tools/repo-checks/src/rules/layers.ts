import {
  type Layer,
  layerOf,
  layers as table,
  scope,
  type WorkspacePackage,
} from "@sof-ts/workspace";
import type { Violation } from "../repository.js";

/** The groups of dependencies of a package.json. */
const dependencyFields = [
  "dependencies",
  "devDependencies",
  "peerDependencies",
  "optionalDependencies",
] as const;

/** Packages that the table lacks, or has twice. */
export function tableViolations(
  packages: readonly WorkspacePackage[],
  layers: readonly Layer[] = table,
): readonly Violation[] {
  const named = layers.flatMap((layer) => layer.packages);
  const where = "tools/workspace/src/layers.ts";
  const twice = named
    .filter((name, index) => named.indexOf(name) !== index)
    .map((name) => ({ where, message: `${name} is in two layers` }));
  const missing = packages
    .filter(({ name }) => !named.includes(name.slice(scope.length)))
    .map(({ name }) => ({ where, message: `${name} has no layer` }));
  return [...twice, ...missing];
}

/** Dependencies between packages of the workspace that do not go down. */
export function dependencyViolations(packages: readonly WorkspacePackage[]): readonly Violation[] {
  return packages.flatMap(({ name, path, manifest }) =>
    dependencyFields.flatMap((field) =>
      Object.keys(manifest[field] ?? {})
        .filter((dependency) => dependency.startsWith(scope) && !isBelow(dependency, name))
        .map((dependency) => ({
          where: `${path}/package.json`,
          message: `${field}: ${direction(dependency, name)}`,
        })),
    ),
  );
}

/** @returns whether `name` may import `dependency` */
export function isBelow(dependency: string, name: string): boolean {
  const layer = layerOf(dependency);
  return layer >= 0 && layer < layerOf(name);
}

/** Says why an import is not allowed. */
export function direction(dependency: string, name: string): string {
  const [from, to] = [layerOf(name), layerOf(dependency)];
  if (to < 0) return `${dependency} has no layer`;
  return `${name} (layer ${from}) imports ${dependency} (layer ${to}); imports go to a lower layer only`;
}
