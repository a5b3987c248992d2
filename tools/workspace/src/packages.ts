import { relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { getPackagesSync } from "@manypkg/get-packages";

/** The fields of a package.json that the tools look at. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly license?: string;
  readonly type?: string;
  readonly sideEffects?: boolean | readonly string[];
  readonly engines?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly bin?: string | Readonly<Record<string, string>>;
  readonly exports?: unknown;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** A package of the workspace. */
export interface WorkspacePackage {
  readonly name: string;
  /** Absolute folder. */
  readonly dir: string;
  /** Folder relative to the root, with forward slashes: `packages/kit`. */
  readonly path: string;
  /** `packages`, `apps` or `tools`. */
  readonly group: string;
  readonly manifest: Manifest;
}

/** The whole workspace. */
export interface Workspace {
  readonly root: string;
  readonly rootManifest: Manifest;
  /** Sorted by path. */
  readonly packages: readonly WorkspacePackage[];
}

/** The root folder of this repository. */
export const repoRoot = resolve(fileURLToPath(import.meta.url), "../../../..");

/** Reads the packages that pnpm-workspace.yaml names, with their manifests. */
export function readWorkspace(root: string = repoRoot): Workspace {
  const found = getPackagesSync(root);
  const packages = found.packages
    .map(({ dir, packageJson }): WorkspacePackage => {
      const path = relative(root, dir).replaceAll("\\", "/");
      const group = path.split("/")[0] ?? "";
      return { name: packageJson.name, dir, path, group, manifest: packageJson as Manifest };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  if (!found.rootPackage) throw new Error(`${root} has no package.json`);
  return { root, rootManifest: found.rootPackage.packageJson as Manifest, packages };
}
