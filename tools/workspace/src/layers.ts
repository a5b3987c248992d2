/** A floor of the house: its packages import packages of lower floors only, never one another. */
export interface Layer {
  /** What the packages of this layer have in common; shown in the architecture picture. */
  readonly title: string;
  /** Package names without the scope; those that do not exist yet keep their place. */
  readonly packages: readonly string[];
}

/** The npm scope of every package of the workspace. */
export const scope = "@sof-ts/";

/**
 * The one table of layers, lowest first. The layer check, the import check and the architecture picture
 * read it; a package that is missing here does not pass the checks.
 */
export const layers: readonly Layer[] = [
  { title: "foundation", packages: ["kit", "golden"] },
  {
    title: "protocols, machine, kernel",
    packages: ["ipc4", "topology", "firmware-image", "soc", "kernel", "module-api", "dsp"],
  },
  { title: "what modules must do", packages: ["module-conformance"] },
  {
    title: "modules, scheduling, tools of the kernel, host driver",
    packages: ["modules", "wasm-sandbox", "trace", "ll-scheduler", "explorer", "host"],
  },
  {
    title: "streams and isolation",
    packages: ["dp-scheduler", "userspace-proxy", "pipeline", "lib-manager"],
  },
  { title: "message handlers", packages: ["ipc4-helper"] },
  { title: "composition", packages: ["firmware"] },
  { title: "command line", packages: ["testbench"] },
  { title: "kit for authors of modules", packages: ["module-sdk"] },
  { title: "shared by the tools", packages: ["workspace"] },
  {
    title: "tools",
    packages: [
      "repo-checks",
      "bench",
      "corpus",
      "generate",
      "architecture",
      "api-docs",
      "demo",
      "src-coefficients",
    ],
  },
];

/**
 * Finds the layer of a package.
 *
 * @param name with or without the scope
 * @returns the index in {@link layers}, -1 for a package that the table does not have
 */
export function layerOf(name: string): number {
  const bare = name.startsWith(scope) ? name.slice(scope.length) : name;
  return layers.findIndex((layer) => layer.packages.includes(bare));
}
