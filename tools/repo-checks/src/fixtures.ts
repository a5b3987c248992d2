import type { Manifest, WorkspacePackage } from "@sof-ts/workspace";

/** Makes a package for a rule's own test. */
export function packageFixture(path: string, manifest: Partial<Manifest> = {}): WorkspacePackage {
  const [group = "", folder = ""] = path.split("/");
  const name = manifest.name ?? `@sof-ts/${folder}`;
  return {
    name,
    path,
    group,
    dir: `/nowhere/${path}`,
    manifest: { version: "0.0.0", ...manifest, name },
  };
}
