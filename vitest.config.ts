import { join } from "node:path";
import { defineConfig } from "vitest/config";

// A folder for machine-readable results; .ci/run adds them up.
const results = process.env["SOF_TS_RESULTS"];

// Tests run on sources: the "@sof-ts/source" export condition points each package at its src/.
export default defineConfig({
  ssr: { resolve: { conditions: ["@sof-ts/source", "node", "import", "default"] } },
  test: {
    include: ["{packages,apps,tools}/*/{src,test}/**/*.test.ts"],
    testTimeout: 60_000,
    // No module of this repository keeps state of its own, so test files can share a worker's modules:
    // a third of the time.
    pool: "threads",
    isolate: false,
    reporters: results
      ? ["default", ["json", { outputFile: join(results, "tests.json") }]]
      : ["default"],
  },
});
