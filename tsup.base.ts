import type { Options } from "tsup";

/** One bundle per entry, ESM only; declarations come from `tsc -p tsconfig.build.json`. */
export const base: Options = {
  entry: ["src/index.ts"],
  format: ["esm"],
  target: "node20",
  sourcemap: true,
  clean: true,
  splitting: true,
};
