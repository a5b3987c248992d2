import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type BuildOptions, type Plugin } from "esbuild";

const child = fileURLToPath(new URL("child.ts", import.meta.url));

/** A bundle would answer import.meta.url with its own address; files that are read beside a source need its. */
const keepModuleAddress: Plugin = {
  name: "keep-module-address",
  setup(setup) {
    setup.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      const address = JSON.stringify(pathToFileURL(path).href);
      return { contents: text.replaceAll("import.meta.url", address), loader: "ts" };
    });
  },
};

/**
 * Bundles a benchmark file with the sources it uses into one plain JavaScript file, as users get them: what
 * runs has been through the same compiler as a release, and no loader stands between.
 *
 * @param path the benchmark file
 * @param outDir folder for the bundle
 * @returns the bundle's path, or undefined when the file does not export `benches`
 */
export async function bundle(
  path: string,
  outDir: string,
  name: string,
): Promise<string | undefined> {
  const outfile = join(outDir, `${name}.mjs`);
  const options: BuildOptions = {
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["@sof-ts/source"],
    logLevel: "error",
    plugins: [keepModuleAddress],
    outfile,
  };
  const probe = await build({ ...options, entryPoints: [path], write: false, metafile: true });
  const exported = Object.values(probe.metafile.outputs).flatMap((output) => output.exports);
  if (!exported.includes("benches")) return undefined;
  const contents = [
    `import * as exported from ${JSON.stringify(path)};`,
    `import { runChild } from ${JSON.stringify(child)};`,
    `runChild(exported);`,
  ].join("\n");
  await build({ ...options, stdin: { contents, resolveDir: outDir, loader: "ts" } });
  return outfile;
}
