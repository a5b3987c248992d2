import { join } from "node:path";
import { defineConfig } from "vitest/config";

// A folder for machine-readable results; .ci/run adds them up.
const results = process.env["SOF_TS_RESULTS"];

// How many times as many runs as usual each property makes; seeds are in vitest.setup.ts.
const propertyRuns = process.env["SOF_TS_PROPERTY_RUNS"] ?? "1";
if (!(Number(propertyRuns) > 0)) {
  throw new Error(`SOF_TS_PROPERTY_RUNS is "${propertyRuns}"; it must be a number above 0`);
}
const longerFastCheck = join(import.meta.dirname, "vitest.property-runs.ts");

// Tests run on sources: the "@sof-ts/source" export condition points each package at its src/.
export default defineConfig({
  plugins: [
    {
      name: "property-runs",
      enforce: "pre",
      resolveId: (id, importer) =>
        propertyRuns !== "1" && id === "fast-check" && importer !== longerFastCheck
          ? longerFastCheck
          : null,
    },
  ],
  ssr: { resolve: { conditions: ["@sof-ts/source", "node", "import", "default"] } },
  test: {
    include: ["{packages,apps,tools}/*/{src,test}/**/*.test.ts"],
    setupFiles: ["./vitest.setup.ts"],
    testTimeout: 60_000 * Math.max(1, Number(propertyRuns)),
    // No module of this repository keeps state of its own, so test files can share a worker's modules:
    // a third of the time.
    pool: "threads",
    isolate: false,
    reporters: results
      ? ["default", ["json", { outputFile: join(results, "tests.json") }]]
      : ["default"],
  },
});
